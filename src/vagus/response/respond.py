"""A dose's expected response: medians and intervals from seeded draws of recruitment and constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np

from vagus.dose import Protocol, site_of
from vagus.dose.ranges import demand
from vagus.errors import ModelRange, Problem, nearest
from vagus.fiber import Recruitment
from vagus.response import brain
from vagus.response.brain_states import check_covered, fast_brain, not_told, slow_brain
from vagus.response.constants import constant, draw
from vagus.response.draws.sensitivity import Sensitivity, shares_of
from vagus.response.draws.weigh import Measured, weigh, weighing
from vagus.response.drive import cells, drive_weights
from vagus.response.gate import openings, rates_of_rest
from vagus.response.heart.states import human_heart, rat_heart
from vagus.response.immune.states import cytokine
from vagus.response.inputs import Inputs
from vagus.response.pupil import pupil
from vagus.response.state import INNER_LEVEL, LEVEL, Response, Species, State, few_draws

_LEAST_SENSITIVITY = 1000
_GATED_S = 300.0  # of a sitting whose gate's openings are given, in tenths of a second
_CAVEATS = {
    "human": (
        "Relative drive: 0 is none, 1 is all afferent A fibers of this site firing at 20 Hz; sites are not comparable "
        "by it. Order and time course come from rats and are carried to people by one declared factor (×/÷ 3 at one "
        "SD, unverified); size in people unknown. No amount of norepinephrine or serotonin is predicted. Heart rate: "
        "studies of left cervical and ear stimulation reported no or little change, without sizes; the widths of the "
        "intervals are declared, unverified, and do not scale with current. Change of ln RMSSD is a mean over a group: "
        "what one person's RMSSD does is not predicted. Pupil: an effect against sham in a group, widths declared. "
        "TNF: no consistent effect in people; the width is declared."
    ),
    "rat": (
        "Norepinephrine follows published microdialysis of rats at 0 to 1 mA of a cervical cuff (Roosevelt 2006) and "
        "depends on the current; other sites and currents are refused; other states are relative drive (1 is all "
        "afferent A fibers firing at 20 Hz), right in order and "
        "sign only. Recruitment of a person's nerve stands in for the rat's."
    ),
}
_DUTY = (
    "Dorsal raphe: in rats its rise is equal for 30 s of stimulation every 5, 10 and 15 min and absent for every "
    "30 min (Manta 2012, at one current, all day or 12 h); a step between them is all that is known. Whether it holds "
    "for short daily sittings was never tried, and where the step lies in people is drawn widely."
)
_SITTINGS = "States are those as if the prescribed dose were given every day; sittings missed are not in them."
_PLACES = {
    "earlobe": "The earlobe's nerve (great auricular) is not vagal: no vagal drive.",
    "tragus": "The tragus is shared with nerves that are not vagal; how much of its drive is vagal is drawn widely.",
    "cavum": "The cavum is shared with a nerve that is not vagal; how much of its drive is vagal is drawn widely.",
}


def respond(
    recruitment: Recruitment,
    protocol: Protocol,
    *,
    species: Species,
    rng: np.random.Generator,
    n_draws: int = 200,
    rest_hr_bpm: float | None = None,
    breath_rate_per_min: float | None = None,
    lesion: brain.Lesion = "none",
    measured: Sequence[Measured] = (),
    opens_s: np.ndarray | None = None,
) -> Response:
    """What brain and heart are expected to do: states over the first sitting and over the weeks.

    Parameters
    ----------
    recruitment : fiber.Recruitment
        Which fibers fire at the dose, with interval.
    protocol : dose.Protocol
    species : {"human", "rat"}
        No default. For people: relative drive, never an amount of norepinephrine or serotonin. For a rat: a cervical
        site and 0 to 1 mA only, as in the data.
    rng : numpy.random.Generator
    n_draws : int
        Draws of recruitment and constants; 20 or more.
    rest_hr_bpm, breath_rate_per_min : float, optional
        What a heart-gated and a breath-gated train follow; usual resting rates where not given.
    lesion : {"none", "ne"}
        "ne": as if norepinephrine neurons were destroyed (a test of the model's signs, not a treatment).
    measured : sequence of Measured
        Changes measured in earlier sittings of this person: draws count by how well they foretold them, unless too few
        would be left (`Response.weighing` says so).
    opens_s : (m,) array, optional
        When the gate of a gated train opened, as in `drive`: the first five minutes are shown in tenths of a second,
        and the weeks take the part of the time in which the gate was open. Without it a usual or the person's rate.

    Returns
    -------
    Response
        Fast: nts, lc, ne (rat: ne_hippocampus, ne_cortex in %), hr_change, ln_rmssd_change (people), tnf_change,
        pupil.
        Slow: lc, drn, serotonin, as means over duty cycle and day.

    Raises
    ------
    InputError
        Species, lesion or site is unknown, or there are too few draws.
    ModelRange
        Species is "rat", but the site is not cervical or the current not one of 0 to 1 mA: no rat was measured there.

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
    >>> response = respond(fibers, plan, species="human", rng=rng)
    >>> lc = response.state("lc", slow=True)
    >>> lc.unit, float(lc.t[-1]), lc.t_unit
    ('relative to full recruitment', 56.0, 'd')

    Sources
    -------
    Tables `brain`, `response_draws`, `heart`, `pupil` and `immune`; ``docs/rooms/response/calibration.md``.
    """
    inputs, states = drawn_states(
        recruitment, protocol, species=species, rng=rng, n_draws=n_draws, rest_hr_bpm=rest_hr_bpm,
        breath_rate_per_min=breath_rate_per_min, lesion=lesion, opens_s=opens_s,
    )  # fmt: skip
    found = None
    if measured:
        weights, told = weigh(inputs.drawn, measured, protocol=protocol)
        found = weighing(weights, told) if told else None
        if found is not None and found.done:
            states = tuple(inputs.drawn[one.key, one.t_unit == "d"].weighed(weights) for one in states)
    place = _PLACES.get(site_of(recruitment.site).place)
    left_out = not_told(protocol)
    aside = dict.fromkeys([*(f"{one.label}: {one.beyond}." for one in states if one.beyond), *left_out.values()])
    duty = None if left_out else _DUTY
    parts = (*aside, _CAVEATS[species], place, duty, _SITTINGS, "For research; not a medical device.")
    bound = float(np.median(brain.ripple(protocol.on_s / (protocol.on_s + protocol.off_s),
                                         protocol.on_s + protocol.off_s, inputs.draws)))  # fmt: skip
    return Response(
        states=states,
        species=species,
        level=LEVEL,
        caveat=" ".join(part for part in parts if part),
        method=(
            f"{n_draws} seeded draws of recruitment and of every constant, those of the brain from their posterior; "
            f"median, {100 * INNER_LEVEL:g} % and {100 * LEVEL:g} % interval. Seconds are solved exactly; weeks are "
            "driven by sittings of the dose as prescribed, each averaged over its duty cycles, which leaves out a "
            f"ripple of at most {100 * bound:.2g} % (at the median constants) of the slow locus coeruleus."
        ),
        weighing=found,
        not_told=left_out,
    )


def sensitivity(
    recruitment: Recruitment,
    protocol: Protocol,
    *,
    species: Species,
    rng: np.random.Generator,
    state: str = "drn",
    slow: bool = True,
    n_draws: int = 2000,
) -> Sensitivity:
    """Which constant makes the width of a state's interval: shares of its variance, the largest first.

    Parameters
    ----------
    recruitment : fiber.Recruitment
    protocol : dose.Protocol
    species : {"human", "rat"}
    rng : numpy.random.Generator
    state : str
        Key of a state of `respond`.
    slow : bool
        The state over the weeks (read at their end), or over the first sitting (read where the interval is widest).
    n_draws : int
        1000 or more.

    Raises
    ------
    InputError
        There is no such state, or there are too few draws.
    ModelRange
        The state is not told for this dose.

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
    >>> found = sensitivity(fibers, plan, species="human", rng=rng, state="lc")
    >>> found.shares[0].key
    'animal_to_human'
    """
    demand([few_draws(n_draws, least=_LEAST_SENSITIVITY)])
    left_out = not_told(protocol)
    if slow and state in left_out:
        raise ModelRange(left_out[state])
    inputs, _ = drawn_states(recruitment, protocol, species=species, rng=rng, n_draws=n_draws)
    return shares_of(inputs, state, slow=slow)


def drawn_states(
    recruitment: Recruitment,
    protocol: Protocol,
    *,
    species: Species,
    rng: np.random.Generator,
    n_draws: int,
    rest_hr_bpm: float | None = None,
    breath_rate_per_min: float | None = None,
    lesion: brain.Lesion = "none",
    opens_s: np.ndarray | None = None,
) -> tuple[Inputs, tuple[State, ...]]:
    """All states, and the draws that they were made from."""
    _check(species, lesion, n_draws, rest_hr_bpm=rest_hr_bpm, breath_rate_per_min=breath_rate_per_min)
    check_covered(species, site=recruitment.site, current_ma=recruitment.dose_ma)
    start_s, width_s = cells(protocol)
    if opens_s is not None:
        opens_s = openings(protocol.train, opens_s)
        start_s, width_s = cells(protocol, duration_s=_GATED_S, n_max=round(10 * _GATED_S))
    keys, afferent, efferent_hz, parameters = drive_weights(
        recruitment,
        protocol,
        rng=rng,
        n_draws=n_draws,
        breath_rate_per_min=breath_rate_per_min,
        heart_rate_bpm=rest_hr_bpm,
        is_gate_known=opens_s is not None,
    )
    draws = brain.draw_brain(rng=rng, n_draws=n_draws)
    parameters |= {key: getattr(draws, key) for key in brain.KEYS}
    one = np.ones(n_draws)
    translation = duty_scale = one
    if species == "human":
        translation, duty_scale = (draw(constant("animal_to_human"), rng=rng, n_draws=n_draws) for _ in range(2))
        parameters |= {"animal_to_human": translation, "animal_to_human, of the duty cycle": duty_scale}
    inputs = Inputs(
        recruitment=recruitment,
        protocol=protocol,
        species=species,
        n_draws=n_draws,
        start_s=start_s,
        width_s=width_s,
        afferent=afferent,
        efferent_hz=efferent_hz,
        keys=keys,
        draws=draws,
        translation=translation,
        lesion=lesion,
        duty_scale=duty_scale,
        opens_s=opens_s,
        parameters=parameters,
    )
    fast, lc = fast_brain(inputs, rng=rng)
    cardiac = rat_heart(inputs, rng=rng) if species == "rat" else human_heart(inputs, rng=rng)
    return inputs, (*fast, *cardiac, cytokine(inputs, rng=rng), pupil(inputs, lc=lc, rng=rng), *slow_brain(inputs))


def _check(
    species: str, lesion: str, n_draws: int, *, rest_hr_bpm: float | None, breath_rate_per_min: float | None
) -> None:
    problems: list[Problem | None] = []
    for name, value, known in (("species", species, get_args(Species)), ("lesion", lesion, get_args(brain.Lesion))):
        if value not in known:
            problems.append(Problem(what=f"unknown {name}", found=f'"{value}"', allowed=nearest(str(value), known)))
    demand([*problems, few_draws(n_draws), *rates_of_rest(rest_hr_bpm, breath_rate_per_min, heart_name="rest_hr_bpm")])
