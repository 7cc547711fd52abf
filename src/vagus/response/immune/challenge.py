"""Cytokines after an endotoxin challenge that follows a sitting, as a `Response`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np

from vagus.dose import Protocol
from vagus.dose.ranges import demand
from vagus.errors import InputError, Problem, nearest
from vagus.fiber import Recruitment
from vagus.response.brain_states import check_covered
from vagus.response.constants import constant, draw
from vagus.response.drive import drive_weights
from vagus.response.immune.cascade import HORIZON_MIN, IL6, IL10, KEYS, STEP_MIN, TNF, cascade, draw_cascade
from vagus.response.inputs import bands
from vagus.response.state import INNER_LEVEL, LEVEL, Response, Species, State, few_draws
from vagus.source import Effect, Source

_LABELS = ((TNF, "tnf", "TNF"), (IL6, "il6", "IL-6"), (IL10, "il10", "IL-10"))
_CAVEATS = {
    "rat": "Rodents: TNF falls once B fibers fire, whatever the dose; the size is that of one study, recalled.",
    "human": (
        "People: trials found no consistent effect of vagus nerve stimulation on cytokines; the median is no change, "
        "the width is declared. Nothing measured in rodents is carried over but the time course."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Runs:
    """The cascade with and without the vagal arm, (n_draws, n, 6) each, and what it rests on."""

    found: np.ndarray
    alone: np.ndarray
    sources: tuple[Source, ...]
    of_animals: bool


def challenge(
    recruitment: Recruitment,
    protocol: Protocol,
    *,
    species: Species,
    rng: np.random.Generator,
    n_draws: int = 200,
) -> Response:
    """TNF, IL-6 and IL-10 over 8 h after endotoxin, in % of each one's peak without stimulation.

    Parameters
    ----------
    recruitment : fiber.Recruitment
    protocol : dose.Protocol
        A sitting of it ends as the endotoxin is given; neither its length nor its current matters once fibers fire.
    species : {"human", "rat"}
        No default.
    rng : numpy.random.Generator
    n_draws : int
        20 or more.

    Returns
    -------
    Response
        Fast states tnf, il6, il10; times in min from the endotoxin.

    Raises
    ------
    InputError
        Species is unknown, or there are too few draws.
    ModelRange
        A rat at a site or current at which no rat was measured.

    Examples
    --------
    >>> import datetime
    >>> from vagus.dose import Pulse, Train, device_of, montage
    >>> from vagus.fiber import recruit
    >>> rng = np.random.default_rng(1)
    >>> pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric")
    >>> plan = Protocol(
    ...     train=Train(pulse=pulse, rate_hz=25), on_s=28, off_s=32, sitting_min=60, start=datetime.date(2026, 1, 12),
    ...     weeks=8,
    ... )
    >>> fibers = recruit(
    ...     montage(device_of("tvnsr"), "cymba_left"), pulse, rng=rng, n_draws=20, n_anatomies=1, n_per_class=2
    ... )
    >>> tnf = challenge(fibers, plan, species="human", rng=rng).state("tnf")
    >>> float(tnf.t[tnf.median.argmax()]), tnf.t_unit
    (94.0, 'min')

    Sources
    -------
    Copeland 2005, doi:10.1128/CDLI.12.1.60-67.2005; van der Poll 1994, doi:10.1084/jem.180.5.1985; table `immune`.
    """
    runs = _run(recruitment, protocol, species=species, rng=rng, n_draws=n_draws)
    t = np.arange(runs.found.shape[1]) * STEP_MIN
    states: list[State] = []
    for at, key, label in _LABELS:
        levels = 100 * runs.found[:, :, at] / runs.alone[:, :, at].max(axis=1, keepdims=True)
        states.append(
            State(
                key=key, label=f"{label} after endotoxin", unit="% of its peak without stimulation", t=t, t_unit="min",
                **bands(levels), species=species, sources=runs.sources, beyond="",
                carried_over=species == "human" and runs.of_animals,
                calibrated_on="time course: people and mice, endotoxemia; "
                + ("rat, size recalled" if species == "rat" else "people, declared width, unverified"),
            )
        )  # fmt: skip
    return Response(
        states=tuple(states), species=species, level=LEVEL,
        caveat=f"{_CAVEATS[species]} For research; not a medical device.",
        method=f"{n_draws} seeded draws of recruitment and of every constant; a linear cascade, solved exactly over "
        f"{HORIZON_MIN:g} min; median, {100 * INNER_LEVEL:g} and {100 * LEVEL:g} % interval.",
    )  # fmt: skip


def challenge_peaks(
    recruitment: Recruitment, protocol: Protocol, *, species: Species, rng: np.random.Generator, n_draws: int = 200
) -> Mapping[str, Effect]:
    """Peak of TNF, IL-6 and IL-10 after endotoxin in % of what it is without stimulation, draw by draw.

    100 is no change. The peak of the medians of `challenge` lies a little below: draws peak at different times.

    Parameters
    ----------
    recruitment, protocol, species, rng, n_draws
        As of `challenge`.

    Raises
    ------
    InputError, ModelRange
        As `challenge`.

    Returns
    -------
    mapping of str to Effect
        "tnf", "il6", "il10"; median and 90 % interval, %.
    """
    runs = _run(recruitment, protocol, species=species, rng=rng, n_draws=n_draws)
    tail = (1.0 - LEVEL) / 2.0
    found: dict[str, Effect] = {}
    for at, key, _ in _LABELS:
        ratio = 100 * runs.found[:, :, at].max(axis=1) / runs.alone[:, :, at].max(axis=1)
        low, median, high = np.quantile(ratio, [tail, 0.5, 1.0 - tail])
        found[key] = Effect(
            estimate=float(median), low=float(low), high=float(high), unit="% of its peak without stimulation", n=0,
            method=f"{n_draws} draws, the peak of each against its own", level=LEVEL, sources=runs.sources,
        )  # fmt: skip
    return found


def _run(
    recruitment: Recruitment, protocol: Protocol, *, species: Species, rng: np.random.Generator, n_draws: int
) -> _Runs:
    if species not in get_args(Species):
        allowed = nearest(str(species), get_args(Species))
        raise InputError(Problem(what="unknown species", found=f'"{species}"', allowed=allowed))
    demand([few_draws(n_draws)])
    check_covered(species, site=recruitment.site, current_ma=recruitment.dose_ma)
    _, afferent, efferent_hz, _ = drive_weights(recruitment, protocol, rng=rng, n_draws=n_draws)
    cut = -draw(constant(f"tnf_change_{species}"), rng=rng, n_draws=n_draws) / 100
    draws = draw_cascade(rng=rng, n_draws=n_draws)
    used = [constant(key) for key in (f"tnf_change_{species}", *KEYS)]
    return _Runs(
        found=cascade(cut * fires(species, afferent=afferent, efferent_hz=efferent_hz), draws),
        alone=cascade(np.zeros(n_draws), draws),
        sources=tuple(dict.fromkeys((*(one.origin for one in used), *recruitment.sources))),
        of_animals=any(one.of_animals for one in used),
    )


def fires(species: Species, *, afferent: np.ndarray, efferent_hz: np.ndarray) -> np.ndarray:
    """Where the vagal arm acts, (n_draws,) of bool: in rats once B efferents fire, in people once any afferent does."""
    return efferent_hz > 0 if species == "rat" else afferent.sum(axis=1) > 0
