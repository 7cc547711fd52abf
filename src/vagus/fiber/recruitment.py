"""What recruiting a population answers: share of each fiber class against current, with its spread over anatomy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.source import Effect, Known, Source

FloatArray = NDArray[np.float64]

# an interval wider than this share of all that is possible tells nothing
WIDEST_TOLD_PCT = 80.0


def plain(value: float, *, digits: int = 2) -> str:
    """A number in figures, rounded to `digits`, without a power of ten.

    Examples
    --------
    >>> [plain(x) for x in (0.3333, 52.4, 99.7, 253.1, 0.00042)]
    ['0.33', '52', '100', '250', '0.00042']
    """
    return np.format_float_positional(float(f"{value:.{digits}g}"), trim="-")


def _frozen(values: object) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRecruitment:
    """Share of one fiber class that fires, against current.

    Parameters
    ----------
    key, label, role : str
        "a_beta", "Aβ touch", what these fibers do.
    n_simulated : int
        Fibers simulated for this class, over all draws.
    count : Known or None
        Fibers of this class in one person; None where no count may be printed.
    share_pct, low_pct, high_pct : (n_i,) array
        Median over draws of anatomy, and the interval's edges, at each current.
    at_dose : Effect
        Share in % at the dose, with its interval.
    half_ma : Effect or None
        Current in mA at which half of the class fires, with its interval: from thresholds, the same for every dose.
        Infinite above `half_top_ma`; None where a curve was made without thresholds.
    half_top_ma : float
        Highest current at which half of the class was looked for.
    """

    key: str
    label: str
    role: str
    n_simulated: int
    count: Known | None
    share_pct: FloatArray
    low_pct: FloatArray
    high_pct: FloatArray
    at_dose: Effect
    half_ma: Effect | None = None
    half_top_ma: float = math.inf

    def __post_init__(self) -> None:
        shape = np.shape(self.share_pct)
        for name in ("share_pct", "low_pct", "high_pct"):
            array = _frozen(getattr(self, name))
            if array.shape != shape or array.ndim != 1 or not np.all(np.isfinite(array)):
                raise InputError(
                    Problem(what=f"{name} is not one finite value a current", found=f"shape {array.shape}")
                )
            object.__setattr__(self, name, array)

    @property
    def told(self) -> bool:
        """The share at the dose can be told: its interval covers no more than 80 points."""
        return self.at_dose.high - self.at_dose.low <= WIDEST_TOLD_PCT

    @property
    def text(self) -> str:
        """Share at the dose for people: with interval, as a bound where no or every fiber fired, or "cannot be told".

        Examples
        --------
        >>> def touch(estimate, low, high):
        ...     at_dose = Effect(estimate=estimate, low=low, high=high, unit="%", n=300, method="by hand", level=0.90)
        ...     return ClassRecruitment(
        ...         key="a_beta", label="Aβ touch", role="afferent", n_simulated=60, count=None, at_dose=at_dose,
        ...         share_pct=np.array([estimate]), low_pct=np.array([low]), high_pct=np.array([high]),
        ...     )
        >>> [touch(*x).text for x in ((52.4, 31.0, 74.0), (0.0, 0.0, 3.1), (100.0, 48.0, 100.0), (60.0, 2.0, 99.0))]
        ['52 % (31 to 74 %)', 'below 3.1 %', 'above 48 %', 'cannot be told']
        """
        share = self.at_dose
        if not self.told:
            return "cannot be told"
        if share.estimate <= 0.0:
            return f"below {plain(share.high)} %"
        if share.estimate >= 100.0:
            return f"above {plain(share.low)} %"
        return f"{plain(share.estimate)} % ({plain(share.low)} to {plain(share.high)} %)"

    @property
    def half_text(self) -> str:
        """Current at which half of the class fires, for people.

        Examples
        --------
        >>> def touch(estimate, low, high):
        ...     half = Effect(estimate=estimate, low=low, high=high, unit="mA", n=60, method="by hand", level=0.90)
        ...     none = Effect(estimate=0.0, low=0.0, high=1.0, unit="%", n=60, method="by hand", level=0.90)
        ...     return ClassRecruitment(
        ...         key="a_beta", label="Aβ touch", role="afferent", n_simulated=60, count=None, at_dose=none,
        ...         share_pct=np.zeros(1), low_pct=np.zeros(1), high_pct=np.ones(1), half_ma=half, half_top_ma=10.0,
        ...     )
        >>> [touch(*x).half_text for x in ((0.33, 0.05, 2.2), (1.7, 0.3, np.inf), (np.inf, 6.0, np.inf))]
        ['0.33 mA (0.05 to 2.2 mA)', '1.7 mA (0.3 mA to above 10 mA)', 'above 10 mA (from 6 mA)']
        """
        if self.half_ma is None:
            return "not worked out"
        middle, low, high = self.half_ma.estimate, self.half_ma.low, self.half_ma.high
        beyond = f"above {plain(self.half_top_ma)} mA"
        if math.isinf(middle):
            return beyond if math.isinf(low) else f"{beyond} (from {plain(low)} mA)"
        upper = f"mA to {beyond}" if math.isinf(high) else f"to {plain(high)} mA"
        return f"{plain(middle)} mA ({plain(low)} {upper})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recruitment:
    """Share of each fiber class of a site that fires, against current.

    Parameters
    ----------
    site : str
        Key of `dose.SITES`.
    amplitude_ma : (n_i,) array
        Magnitudes of the current, rising.
    dose_ma : float
        Magnitude of the current that is given.
    classes : tuple of ClassRecruitment
        Thickest fibers first.
    n_draws : int
        Draws of anatomy behind the interval.
    method, caveat : str
        How it was made, and what keeps it from being a measurement.
    level : float
        Of the intervals.
    """

    site: str
    amplitude_ma: FloatArray
    dose_ma: float
    classes: tuple[ClassRecruitment, ...]
    n_draws: int
    method: str
    caveat: str
    sources: tuple[Source, ...]
    level: float = 0.90

    def __post_init__(self) -> None:
        array = _frozen(self.amplitude_ma)
        if array.ndim != 1 or array.size == 0 or not np.all(np.isfinite(array)) or np.any(np.diff(array) <= 0):
            raise InputError(Problem(what="amplitude_ma is not a rising row of finite currents"))
        if any(c.share_pct.shape != array.shape for c in self.classes):
            raise InputError(Problem(what="a class has another number of shares than there are currents"))
        object.__setattr__(self, "amplitude_ma", array)
