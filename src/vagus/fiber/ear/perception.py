"""The current at the ear that is first felt: Aβ fibers whose endings lie in the skin under the contacts.

The criterion, a share of the fibers that end there, stands in the table `ear`; it was fixed before the first run.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from vagus.dose import Montage, Pulse, site_of
from vagus.errors import Caution, InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.ear.ending import along, draw_ending
from vagus.fiber.threshold import threshold_ma
from vagus.field.surface import layer
from vagus.field.surface.ear import EarPlace, draw_ear
from vagus.source import Effect, Source

FloatArray = NDArray[np.float64]

LEVEL = 0.90
STEP_US, REL_TOL, LIMIT_MA = 5.0, 0.01, 100.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Perception:
    """The current that is felt, over people.

    Parameters
    ----------
    site : str
    current_ma : Effect
        Median over draws with its 90 % interval; magnitudes of the pulse's first phase.
    draws_ma : (n_draws,) array
        One current a drawn person, rising; infinite where it is above 100 mA.
    criterion_pct : float
        Share of the fibers that must fire.
    n_fibers : int
        Fibers simulated in each person.
    caveat : str
    """

    site: str
    current_ma: Effect
    draws_ma: FloatArray
    criterion_pct: float
    n_fibers: int
    caveat: str

    def __post_init__(self) -> None:
        array = np.sort(np.array(self.draws_ma, dtype=np.float64))
        array.setflags(write=False)
        object.__setattr__(self, "draws_ma", array)

    @property
    def spread(self) -> float:
        """95th percentile of the draws over their 5th."""
        return self.current_ma.high / self.current_ma.low

    @property
    def sources(self) -> tuple[Source, ...]:
        """Sources of anatomy and contacts."""
        return self.current_ma.sources


NARROWEST_US, WIDEST_US = 10.0, 5000.0

CAVEAT = (
    "Touch fibers only, as small myelinated axons (Peña 2024) that end in a sealed node; no summation over pulses, no "
    "attention, no pain. "
    "Layers are flat and isotropic; their ranges, the endings' depth and the criterion are declared, not fitted. "
    "Contacts of most products are assumed. Against published currents it reads low, by a fifth to two thirds."
)


def perceive(
    montage: Montage,
    pulse: Pulse,
    *,
    rng: np.random.Generator,
    n_draws: int = 200,
    n_fibers: int = 20,
    progress: Callable[[float], None] | None = None,
) -> Perception:
    """The current at which a pulse at the ear is first felt, with its 90 % interval over people.

    A draw is one ear (`draw_ear`) with `n_fibers` Aβ fibers that end, evenly over the area, under a contact or within
    1 mm of its edge; they may fire at the ending, at the bend or on the way. The current is the one at which a tenth of
    them fire. Criterion and ranges stand in the table `ear`. The criterion was fixed before the first run; how thick
    endings are, how long their internodes and which membrane they have was corrected after it, from other sources.

    Parameters
    ----------
    montage : Montage
        At the ear.
    pulse : Pulse
        Its amplitude gives the sign only.
    rng : numpy.random.Generator
    n_draws : int
        At least 20.
    n_fibers : int
        At least 10, so that a tenth is one.
    progress : callable, optional
        Told the share that is done, 0 to 1.

    Raises
    ------
    InputError
        A montage that is not at the ear, a pulse without amplitude, of a width that no stimulator gives, or numbers too
        small; contacts that overlap.

    Notes
    -----
    Steps of 5 µs and thresholds to 1 %. The first node lies at the ending and is sealed. Beside published currents the
    model reads low: 0.38 mA where 0.3 to 0.8 mA were felt (cymba, 250 µs); docs/rooms/field/ear.md has all of them.

    Examples
    --------
    >>> from vagus.dose import device_of, montage
    >>> pulse = Pulse(amplitude_ma=1.0, width_us=250.0, shape="biphasic_symmetric")
    >>> cymba = montage(device_of("tvnsr"), "cymba_left")
    >>> felt = perceive(cymba, pulse, rng=np.random.default_rng(1), n_draws=20, n_fibers=10)
    >>> bool(0.0 < felt.current_ma.low < felt.current_ma.estimate < felt.current_ma.high)
    True
    """
    place = cast("EarPlace", site_of(montage.site).place)
    _check(montage, pulse, n_draws=n_draws, n_fibers=n_fibers)
    share = layer.known("ear", "criterion").value / 100.0
    rank = max(1, math.ceil(share * n_fibers - 1e-9)) - 1
    fibers: list[Fiber] = []
    fields: list[FloatArray] = []
    for number in range(n_draws):
        ear = draw_ear(place, rng=rng)
        field = ear.field(montage)
        some = [draw_ending(ear, field, rng) for _ in range(n_fibers)]
        fibers.extend(some)
        fields.extend(along(field, montage, some))
        if progress is not None:
            progress(0.5 * (number + 1) / n_draws)
    with warnings.catch_warnings():
        # the ending is an end of the fiber, not a cut
        warnings.simplefilter("ignore", Caution)
        found = threshold_ma(
            fibers, fields, pulse, dt_us=min(STEP_US, min(one.width_us for one in pulse.phases) / 10.0),
            rel_tol=REL_TOL, limit_ma=LIMIT_MA, progress=None if progress is None else lambda s: progress(0.5 + s / 2),
        )  # fmt: skip
    draws = np.sort(np.abs(found).reshape(n_draws, n_fibers), axis=1)[:, rank]
    tail = (1.0 - LEVEL) / 2.0
    low, middle, high = np.quantile(draws, [tail, 0.5, 1.0 - tail], method="inverted_cdf")
    effect = Effect(
        estimate=float(middle), low=float(low), high=float(high), unit="mA", n=n_draws, level=LEVEL,
        method=f"median and quantiles of {n_draws} drawn ears; {100 * share:g} % of {n_fibers} Aβ fibers each",
        sources=(*layer.sources("ear"), montage.source),
    )  # fmt: skip
    return Perception(
        site=montage.site, current_ma=effect, draws_ma=draws, criterion_pct=100.0 * share, n_fibers=n_fibers,
        caveat=CAVEAT,
    )  # fmt: skip


def _check(montage: Montage, pulse: Pulse, *, n_draws: int, n_fibers: int) -> None:
    problems = [
        Problem(what=f"{name} is too small", found=f"{value}", allowed=f"{least} or more")
        for name, value, least in (("n_draws", n_draws, 20), ("n_fibers", n_fibers, 10))
        if value < least
    ]
    if pulse.amplitude_ma == 0:
        problems.append(Problem(what="the pulse has no sign", found="0 mA", allowed="any other current"))
    if not NARROWEST_US <= (width_us := min(phase.width_us for phase in pulse.phases)) <= WIDEST_US:
        problems.append(
            Problem(what="width_us is out of range", found=f"{width_us:g} µs",
                    allowed=f"{NARROWEST_US:g} to {WIDEST_US:g} µs", why="no such pulse is given at the ear")
        )  # fmt: skip
    if site_of(montage.site).route != "taVNS":
        problems.append(Problem(what="the montage is not at the ear", found=montage.site, allowed="a site of the ear"))
    if problems:
        raise InputError(problems)
