"""The current at the ear that is felt: first Aβ fibers whose endings lie in the skin under the contacts.

Fibers come along the subcutis, climb and end in the skin; they may fire at the ending, at the bend or on the way. The
criterion is a share of the fibers that end under a contact, declared in the table `ear` before the first run.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import cast

import numpy as np
from numpy.typing import NDArray

from vagus.dose import Montage, Pulse, site_of
from vagus.errors import Caution, InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.membrane import Membrane, membrane, read_membrane
from vagus.fiber.threshold import threshold_ma
from vagus.field.surface import layer
from vagus.field.surface.ear import Ear, EarPlace, draw_ear
from vagus.field.surface.pad import LEAST_DEPTH_UM, SkinField
from vagus.source import Effect, Source

FloatArray = NDArray[np.float64]

LEVEL = 0.90
MODEL = "mrg"
# endings up to that far from a contact's edge count as under it
MARGIN_UM = 1000.0
# beyond the climb; over its last part the field levels off, as that end is a cut
COURSE_UM, LEVEL_UM = 8_000.0, 1_500.0
# internodes come in so many lengths, as fibers of one membrane run together; paranodes take at most a share of one
LENGTHS, PARANODE = 6, 0.15
# short internodes are slow (65 µm: 7.4 m/s at 3.3 µm): how long a run waits for the spike
SPEED_LOW = 1.2
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


CAVEAT = (
    "Touch fibers only, as MRG axons that end in a sealed node; no summation over pulses, no attention, no pain. "
    "Layers are flat and isotropic; their ranges, the endings' depth and the criterion are declared, not fitted. "
    "Contacts of most products are assumed."
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
    1 mm of its edge. The current is the one at which a tenth of them fire: criterion and all ranges stand in the table
    `ear` and were fixed before anything was run.

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
        A montage that is not at the ear, a pulse without amplitude, or numbers too small.

    Notes
    -----
    Steps of 5 µs and thresholds to 1 %. A fiber's own node pitch sets where its nodes lie, its first one at the ending.

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
        some = [_fiber(ear, field, rng) for _ in range(n_fibers)]
        fibers.extend(some)
        fields.extend(_along(field, montage, some))
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
    if site_of(montage.site).route != "taVNS":
        problems.append(Problem(what="the montage is not at the ear", found=montage.site, allowed="a site of the ear"))
    if problems:
        raise InputError(problems)


def _fiber(ear: Ear, field: SkinField, rng: np.random.Generator) -> Fiber:
    """One Aβ fiber: from its ending in the skin down to its course in the subcutis, and along it."""
    areas = np.array([(one.radius_um + MARGIN_UM) ** 2 for one in field.contacts])
    pad = field.contacts[int(rng.choice(len(areas), p=areas / areas.sum()))]
    away, around = (pad.radius_um + MARGIN_UM) * math.sqrt(rng.uniform()), rng.uniform(0.0, 2.0 * math.pi)
    x, y = pad.x_um + away * math.cos(around), pad.y_um + away * math.sin(around)
    ending = LEAST_DEPTH_UM + (ear.skin_um - LEAST_DEPTH_UM) * layer.draw("ear", "ending_depth", rng)
    course = ear.skin_um + ear.layers[1].thickness_um * layer.draw("ear", "course_depth", rng)
    rise, turn = layer.draw("ear", "rise", rng), rng.uniform(0.0, 2.0 * math.pi)
    depth = np.array([ending, course, course])
    if pad.face == "back":
        depth = field.height_um - depth
    run = np.array([0.0, rise, rise + COURSE_UM])
    points = np.column_stack([x + run * math.cos(turn), y + run * math.sin(turn), depth])
    known = layer.known("ear", "internode")
    return Fiber.of(
        ending_model(_step(ear.internode_um, known.low or known.value, known.high or known.value)),
        diameter_um=_diameter(ear, rng), path_um=points, ends="active",
    )  # fmt: skip


def _step(value: float, low: float, high: float) -> float:
    """Nearest of a few lengths, even in their logarithm."""
    share = math.log(value / low) / math.log(high / low)
    return float(low * (high / low) ** (round(share * (LENGTHS - 1)) / (LENGTHS - 1)))


@cache
def ending_model(internode_um: float) -> Membrane:
    """The axon model with one length of internode for all diameters, as myelinated fibers have where they end.

    Raises
    ------
    InputError
        A length that leaves no room between the paranodes.

    Examples
    --------
    >>> round(ending_model(79.1).myelin.size(3.3).internode_um, 1)
    79.1
    """
    own = membrane(MODEL).myelin
    assert own is not None
    flut = f"min({own.flut_um}, {PARANODE * internode_um:.4f})"
    text = (
        f'like = "{MODEL}"\nkey = "{MODEL}_ending"\nname = "{MODEL}, internodes of {internode_um:.1f} um"\n'
        f"speed_low_m_per_s_per_um = {SPEED_LOW}\n"
        f'[myelin]\ninternode_um = "{internode_um:.4f}"\nflut_um = "{flut}"\n'
    )
    return read_membrane(text, name="ending")


def _diameter(ear: Ear, rng: np.random.Generator) -> float:
    data = membrane(MODEL)
    spread = NormalDist(ear.a_beta_um, layer.known("ear", "a_beta_spread").value)
    low, high = spread.cdf(data.diameter_low_um), spread.cdf(data.diameter_high_um)
    drawn = spread.inv_cdf(low + (high - low) * float(rng.uniform()))
    return min(max(drawn, data.diameter_low_um), data.diameter_high_um)


def _along(field: SkinField, montage: Montage, fibers: list[Fiber]) -> list[FloatArray]:
    """Potential of the montage along each fiber: all of a person in one call."""
    places = np.concatenate([one.xyz_um for one in fibers])
    basis = field.mv_per_ma(x_um=places[:, 0], y_um=places[:, 1], z_um=places[:, 2])
    total = np.asarray(montage.weights) @ basis
    apart = np.split(total, np.cumsum([one.z_um.size for one in fibers])[:-1])
    return [_levelled(own, one.z_um) for own, one in zip(apart, fibers, strict=True)]


def _levelled(potential: FloatArray, z_um: FloatArray) -> FloatArray:
    """Potential that levels off toward the far end, where the fiber is cut and a slope would drive it."""
    left = (z_um[-1] - 0.5 * (z_um[1:] + z_um[:-1])) / LEVEL_UM
    window = np.where(left < 1.0, 0.5 - 0.5 * np.cos(math.pi * np.clip(left, 0.0, 1.0)), 1.0)
    return np.concatenate([[0.0], np.cumsum(window * np.diff(potential))])
