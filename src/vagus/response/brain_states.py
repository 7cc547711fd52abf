"""States of the brain: NTS, LC and norepinephrine over a sitting; LC, DRN and serotonin over the weeks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from vagus.dose import Protocol, site_of
from vagus.errors import ModelRange
from vagus.fiber import ClassRecruitment, Recruitment
from vagus.response import brain
from vagus.response.constants import Constant, constant, draw, draw_together
from vagus.response.drive import mean_shape, shapes
from vagus.response.gate import share_open
from vagus.response.inputs import Inputs, state_of
from vagus.response.state import State
from vagus.source import Source, read_source
from vagus.tables import raw_rows

UNIT = "relative to full recruitment"
_DRIVE = ("follow_limit_a_hz", "follow_limit_c_hz", "weight_c", "reference_rate_hz")
_NTS = ("nts_adaptation", "nts_tau_s")
LC_KEYS = (*_NTS, "lc_tau_s", "lc_alpha2", "ne_tau_s", "lc_buildup_ratio", "lc_buildup_cycles")
"""Constants that the fast LC rests on; all of rats."""
_NE = ("ne_threshold_hpc_ma", "ne_threshold_ctx_ma", "ne_top_hpc_pct", "ne_top_ctx_pct", "ne_scale_ma")
_MOST_DAYS = 730
_DRN = (*LC_KEYS, "lc_slow_tau_d", "alpha1_tau_d", "drn_tau_d", "drn_duty_half", "drn_duty_power")


def fast_brain(inputs: Inputs, *, rng: np.random.Generator) -> tuple[tuple[State, ...], np.ndarray]:
    """NTS, LC and NE over the first sitting; and the LC's drive (n_draws, n), without the factor from rat to people."""
    form = shapes(
        inputs.recruitment, inputs.protocol, inputs.start_s, width_s=inputs.width_s, opens_s=inputs.opens_s
    )  # fmt: skip
    u = inputs.afferent @ np.stack([form[key] for key in inputs.keys])
    cycle_s = inputs.protocol.on_s + inputs.protocol.off_s
    gain = brain.buildup(np.floor((inputs.start_s + inputs.width_s / 2) / cycle_s), inputs.draws)
    nts, lc, ne = brain.fast_states(u, gain, width_s=inputs.width_s, draws=inputs.draws)
    if inputs.lesion == "ne":
        lc, ne = np.zeros_like(lc), np.zeros_like(ne)
    scale = inputs.translation[:, None]
    rested = "rat; no size" if inputs.species == "rat" else "rat, order and time course only; size in people unknown"
    states = [
        state_of(inputs, nts * scale, key="nts", label="NTS relay", unit=UNIT, used=_used(inputs, _NTS),
                 calibrated_on=f"declared; {rested}"),
        state_of(inputs, lc * scale, key="lc", label="Locus coeruleus", unit=UNIT, used=_used(inputs, LC_KEYS),
                 calibrated_on=f"Farrand 2023 (build-up over cycles); {rested}"),
    ]  # fmt: skip
    if inputs.species == "rat":
        return (*states, *_rat_ne(inputs, ne, rng=rng)), lc
    released = state_of(
        inputs, ne * scale, key="ne", label="Norepinephrine release (drive)", unit=UNIT,
        used=_used(inputs, LC_KEYS),
        calibrated_on=f"Devoto 2005, Roosevelt 2006 (back to baseline); {rested}",
    )  # fmt: skip
    return (*states, released), lc


def slow_brain(inputs: Inputs) -> tuple[State, ...]:
    """LC, DRN and 5-HT over the weeks."""
    protocol = inputs.protocol
    draws = dataclasses.replace(inputs.draws, drn_duty_half=inputs.draws.drn_duty_half * inputs.duty_scale)
    mean = [sitting_shape(c, inputs.recruitment, protocol) for c in inputs.recruitment.classes]
    open_share = 1.0 if inputs.opens_s is None else share_open(protocol, inputs.opens_s)
    # a gate's silences lower the rate, as of a slower train; they are not the duty cycle's
    scale = inputs.translation * open_share
    level = brain.steady_fast(inputs.afferent @ np.array(mean), draws) * scale
    standard = brain.standard_drive(inputs.afferent.sum(axis=1), draws) * scale
    days = course_days(protocol)
    lc, drn, serotonin = brain.slow_states(
        level, days, standard=standard, draws=draws, steps=in_sittings(protocol, brain.step_edges_d(days)),
        mean_d=1.0, lesion=inputs.lesion,
    )  # fmt: skip
    rested = "rat, order and time only" + ("" if inputs.species == "rat" else "; size in people unknown")
    parts = (
        (lc, "lc", "Locus coeruleus, daily mean", (*LC_KEYS, "lc_slow_tau_d")),
        (drn, "drn", "Dorsal raphe, daily mean", _DRN),
        (serotonin, "serotonin", "Serotonin release (drive), daily mean", (*_DRN, "serotonin_tau_d")),
    )
    return tuple(
        state_of(inputs, values, key=key, label=label, unit=UNIT, used=_used(inputs, keys), days=days,
                 more=_duty_sources(),
                 calibrated_on=f"Dorr & Debonnel 2006, Manta 2009; {rested}")
        for values, key, label, keys in parts
        if key not in not_told(protocol)
    )  # fmt: skip


def not_told(protocol: Protocol) -> dict[str, str]:
    """Slow states that are left out for a protocol, by key, with the reason: the raphe under slow bursts.

    Examples
    --------
    >>> import datetime
    >>> from vagus.dose import Pulse, Train
    >>> pulse = Pulse(amplitude_ma=0.25, width_us=500, shape="biphasic_symmetric")
    >>> plan = Protocol(
    ...     train=Train(pulse=pulse, rate_hz=100, pulses_per_burst=4, burst_rate_hz=2.0), on_s=30, off_s=300,
    ...     sitting_min=1440, start=datetime.date(2026, 1, 12), weeks=2,
    ... )
    >>> sorted(not_told(plan))
    ['drn', 'serotonin']
    """
    bursts_hz, evenly_hz = protocol.train.burst_rate_hz, constant("burst_evenly_hz").value
    if bursts_hz is None or bursts_hz >= evenly_hz:
        return {}
    reason = (
        f"Dorsal raphe and serotonin are not told for {bursts_hz:g} bursts a second: in rats bursts raised the raphe "
        "(Manta 2012), and the model counts spikes, by which they would do too little. They are told for even trains "
        f"and for {evenly_hz:g} bursts a second or more."
    )
    return {"drn": reason, "serotonin": reason}


def course_days(protocol: Protocol) -> np.ndarray:
    """Days (n,) at whose ends slow states are told, from 0 to the last day of the course, at most 731 of them."""
    last = max(1, (protocol.end - protocol.start).days + 1)
    stride = -(-last // _MOST_DAYS)
    return np.arange(0, -(-last // stride) + 1) * float(stride)


def runs_always(protocol: Protocol) -> bool:
    """Whether output goes on day and night without a break."""
    return protocol.sittings_per_day * protocol.sitting_min >= 1440 - 1e-6 and protocol.days_per_week >= 7 - 1e-9


def sitting_shape(one: ClassRecruitment, recruitment: Recruitment, protocol: Protocol) -> float:
    """Mean of a class's envelope over a sitting; over a cycle where output goes on day and night."""
    span_s = protocol.on_s + protocol.off_s if runs_always(protocol) else protocol.sitting_min * 60
    return mean_shape(one, recruitment, protocol, span_s=span_s)


def in_sittings(protocol: Protocol, edges_d: np.ndarray) -> brain.Steps:
    """How the stretches between `edges_d` (n + 1,) lie in sittings.

    Sittings are spread evenly over the day and days of treatment evenly over the week, both from the start: no clock
    time is prescribed. Day and night without a break is one sitting.

    Examples
    --------
    >>> import datetime
    >>> from vagus.dose import Pulse, Train
    >>> pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric")
    >>> plan = Protocol(
    ...     train=Train(pulse=pulse, rate_hz=25), on_s=28, off_s=32, sitting_min=180, sittings_per_day=2,
    ...     start=datetime.date(2026, 1, 12), weeks=8,
    ... )
    >>> found = in_sittings(plan, np.linspace(0, 1, 9))
    >>> found.share.round(2).tolist(), found.end_cycle.tolist()
    ([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [180.0, 0.0, 0.0, 0.0, 180.0, 0.0, 0.0, 0.0])
    """
    per_day, days_share = protocol.sittings_per_day, protocol.days_per_week / 7
    length_d, cycle_d = protocol.sitting_min / 1440, (protocol.on_s + protocol.off_s) / 86400

    # a cycle's output comes at its begin: half of the silence earlier than its mean would
    lead_d = max(protocol.off_s / 2 - protocol.ramp_s, 0.0) / 86400
    always = runs_always(protocol)

    def spent_d(t_d: np.ndarray) -> np.ndarray:
        if always:
            return np.where(t_d > 0, t_d + lead_d, 0.0)
        day = np.floor(t_d + 1e-9)
        into = np.clip(t_d - day, 0.0, 1.0) * per_day
        done = np.floor(into + 1e-9)
        since_d = (into - done) / per_day
        today = done * length_d + np.where(since_d > 1e-9, np.minimum(since_d + lead_d, length_d), 0.0)
        before = np.ceil(day * days_share - 1e-9)
        treated = np.ceil((day + 1) * days_share - 1e-9) - before
        return before * per_day * length_d + treated * today

    share = np.diff(spent_d(edges_d)) / np.diff(edges_d)
    slot_d = np.zeros(edges_d.size - 1) if always else np.floor(edges_d[1:] * per_day - 1e-9) / per_day
    # the cycles whose output these are: as much earlier as the output is; the first of a sitting from its begin
    since_d = edges_d[:-1] - slot_d
    begin_d = np.where(since_d > 1e-9, since_d + lead_d, 0.0)
    end_d = edges_d[1:] - slot_d + lead_d
    end_d = end_d if always else np.minimum(end_d, length_d)
    none = end_d <= begin_d
    return brain.Steps(
        share=share, begin_cycle=np.where(none, 0.0, begin_d / cycle_d), end_cycle=np.where(none, 0.0, end_d / cycle_d)
    )


def check_covered(species: str, *, site: str, current_ma: float) -> None:
    """Refuse a rat where no rat was measured: other nerves than the cervical vagus, other currents than in the study.

    Parameters
    ----------
    species : {"human", "rat"}
        For people nothing is refused here: they get relative drive only.
    site : str
        Key of `dose.SITES`.
    current_ma : float
        Magnitude of the pulse.

    Raises
    ------
    ModelRange
        The site or the current is outside the data; the message says what they cover.

    Examples
    --------
    >>> check_covered("rat", site="cervical_left", current_ma=1.0)
    >>> check_covered("rat", site="cymba_left", current_ma=1.0)
    Traceback (most recent call last):
    vagus.errors.ModelRange: species "rat" does not cover this dose: site cymba_left is not the cervical vagus. The ...
    """
    if species != "rat":
        return
    top_ma = max(float(row["current_ma"]) for row in raw_rows("neuro") if row["id"].startswith("roosevelt_"))
    outside: list[str] = []
    if site_of(site).place != "cervical":
        outside.append(f"site {site} is not the cervical vagus")
    if not 0 <= current_ma <= top_ma:
        outside.append(f"{current_ma:g} mA is outside 0 to {top_ma:g} mA")
    if outside:
        raise ModelRange(
            f'species "rat" does not cover this dose: {"; ".join(outside)}. The data are norepinephrine of rats with a '
            f"cuff on the cervical vagus at 0 to {top_ma:g} mA (Roosevelt 2006, microdialysis). For a person ask "
            f'species "human"; for a rat give site cervical_left or cervical_right and at most {top_ma:g} mA.'
        )


def _rat_ne(inputs: Inputs, ne: np.ndarray, *, rng: np.random.Generator) -> tuple[State, ...]:
    """NE in % of baseline: its peak in the sitting is what the fitted dose-response gives at this current."""
    peak = ne.max(axis=1, keepdims=True)
    form = np.divide(ne, peak, out=np.zeros_like(ne), where=peak > 0)
    spread = np.clip(draw(constant("rat_ne_spread"), rng=rng, n_draws=inputs.n_draws), 0.0, None)
    fitted = draw_together(_NE, rng=rng, n_draws=inputs.n_draws)
    states: list[State] = []
    for region, key, label in (("hpc", "ne_hippocampus", "hippocampus"), ("ctx", "ne_cortex", "cortex")):
        rise = brain.ne_rise_pct(
            inputs.recruitment.dose_ma, threshold_ma=fitted[f"ne_threshold_{region}_ma"],
            top_pct=fitted[f"ne_top_{region}_pct"], scale_ma=fitted["ne_scale_ma"],
        )  # fmt: skip
        states.append(
            state_of(
                inputs,
                (rise * spread)[:, None] * form,
                key=key,
                label=f"Norepinephrine, {label}",
                unit="% above baseline",
                used=_used(inputs, (*LC_KEYS, *(k for k in _NE if region in k), "ne_scale_ma", "rat_ne_spread")),
                calibrated_on="rat, Roosevelt 2006 (0 to 1 mA)",
                own={**fitted, "rat_ne_spread": spread},
            )
        )
    return tuple(states)


def _duty_sources() -> tuple[Source, ...]:
    """The duty cycles in rats that what passes on to the DRN was fitted to."""
    found = [row for row in raw_rows("neuro") if row["id"].startswith("manta12_duty")]
    return tuple(dict.fromkeys(read_source(row["source"], verified=row["verified"] == "yes") for row in found))


def _used(inputs: Inputs, keys: Iterable[str]) -> tuple[Constant, ...]:
    names = [*_DRIVE, f"vagal_share_{site_of(inputs.recruitment.site).place}", *keys]
    return tuple(constant(name) for name in (*names, *(("animal_to_human",) if inputs.species == "human" else ())))
