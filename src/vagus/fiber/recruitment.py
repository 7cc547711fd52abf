"""What recruiting a population answers: share of each fiber class against current, with its spread over anatomy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.source import Effect, Known, Source

FloatArray = NDArray[np.float64]


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

    def __post_init__(self) -> None:
        shape = np.shape(self.share_pct)
        for name in ("share_pct", "low_pct", "high_pct"):
            array = _frozen(getattr(self, name))
            if array.shape != shape or array.ndim != 1 or not np.all(np.isfinite(array)):
                raise InputError(
                    Problem(what=f"{name} is not one finite value a current", found=f"shape {array.shape}")
                )
            object.__setattr__(self, name, array)


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
