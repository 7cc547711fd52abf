"""States of the brain: NTS, LC and norepinephrine over a sitting; LC, DRN and serotonin over the weeks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from vagus.dose import site_of
from vagus.errors import ModelRange
from vagus.response import brain
from vagus.response.constants import Constant, constant, draw
from vagus.response.drive import mean_shape, shapes
from vagus.response.inputs import Inputs, state_of
from vagus.response.state import State
from vagus.source import Source, read_source
from vagus.tables import raw_rows

UNIT = "relative to full recruitment"
_DRIVE = ("follow_limit_a_hz", "follow_limit_c_hz", "weight_c", "reference_rate_hz")
_NTS = ("nts_adaptation", "nts_tau_s")
_LC = (*_NTS, "lc_tau_s", "lc_buildup_ratio", "lc_buildup_cycles")
_DRN = (*_LC, "lc_slow_tau_d", "alpha1_tau_d", "drn_tau_d", "drn_duty_half", "drn_duty_power")


def fast_brain(inputs: Inputs, *, rng: np.random.Generator) -> tuple[State, ...]:
    """NTS, LC and NE over the first sitting."""
    form = shapes(inputs.recruitment, inputs.protocol, inputs.start_s, width_s=inputs.width_s)
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
        state_of(inputs, lc * scale, key="lc", label="Locus coeruleus", unit=UNIT, used=_used(inputs, _LC),
                 calibrated_on=f"Farrand 2023 (build-up over cycles); {rested}"),
    ]  # fmt: skip
    if inputs.species == "rat":
        return (*states, *_rat_ne(inputs, ne, rng=rng))
    released = state_of(
        inputs, ne * scale, key="ne", label="Norepinephrine release (drive)", unit=UNIT,
        used=_used(inputs, (*_LC, "ne_tau_s")),
        calibrated_on=f"Devoto 2005, Roosevelt 2006 (back to baseline); {rested}",
    )  # fmt: skip
    return (*states, released)


def slow_brain(inputs: Inputs) -> tuple[State, ...]:
    """LC, DRN and 5-HT over the weeks."""
    protocol = inputs.protocol
    draws = dataclasses.replace(inputs.draws, drn_duty_half=inputs.draws.drn_duty_half * inputs.duty_scale)
    sitting_s = protocol.sitting_min * 60
    per_day = sitting_s * protocol.sittings_per_day / 86400 * protocol.days_per_week / 7
    mean = [mean_shape(c, inputs.recruitment, protocol, span_s=sitting_s) for c in inputs.recruitment.classes]
    gain = brain.mean_gain(sitting_s, protocol.on_s + protocol.off_s, draws)
    mean_drive = brain.steady_fast(inputs.afferent @ np.array(mean), draws) * gain * per_day * inputs.translation
    standard = brain.standard_drive(inputs.afferent.sum(axis=1), draws) * inputs.translation
    horizon_d = protocol.weeks * 7
    days = np.linspace(0.0, horizon_d, int(np.clip(np.ceil(horizon_d), 1, 730)) + 1)
    lc, drn, serotonin = brain.slow_states(mean_drive, days, standard=standard, draws=draws, lesion=inputs.lesion)
    rested = "rat, order and time only" + ("" if inputs.species == "rat" else "; size in people unknown")
    parts = (
        (lc, "lc", "Locus coeruleus, daily mean", (*_LC, "lc_slow_tau_d")),
        (drn, "drn", "Dorsal raphe, daily mean", _DRN),
        (serotonin, "serotonin", "Serotonin release (drive), daily mean", (*_DRN, "serotonin_tau_d")),
    )
    return tuple(
        state_of(inputs, values, key=key, label=label, unit=UNIT, used=_used(inputs, keys), days=days,
                 more=_duty_sources(),
                 calibrated_on=f"Dorr & Debonnel 2006, Manta 2009; {rested}")
        for values, key, label, keys in parts
    )  # fmt: skip


def rat_ne_pct(current_ma: float, region: str) -> tuple[float, tuple[Source, ...]]:
    """Published rise of NE in a rat (%) at a current, linear between the currents measured, and its sources.

    Parameters
    ----------
    current_ma : float
    region : {"hpc", "ctx"}

    Raises
    ------
    ModelRange
        The current lies outside those measured (0 to 1 mA).

    Examples
    --------
    >>> rat_ne_pct(0.5, "hpc")[0], rat_ne_pct(0.25, "ctx")[0], rat_ne_pct(1.0, "ctx")[0]
    (23.0, 0.0, 39.0)
    """
    found = [row for row in raw_rows("neuro") if row["id"].startswith(f"roosevelt_{region}_")]
    points = sorted((float(row["current_ma"]), float(row["percent_change"])) for row in found)
    sources = tuple(dict.fromkeys(read_source(row["source"], verified=row["verified"] == "yes") for row in found))
    currents_ma, rises_pct = (np.array(column) for column in zip(*points, strict=True))
    if not currents_ma[0] <= current_ma <= currents_ma[-1]:
        raise ModelRange(
            f"norepinephrine of rats was measured at {currents_ma[0]:g} to {currents_ma[-1]:g} mA; "
            f"found {current_ma:g} mA"
        )
    return float(np.interp(current_ma, currents_ma, rises_pct)), sources


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
    """NE in % of baseline: its peak in the sitting is the published rise at this current."""
    peak = ne.max(axis=1, keepdims=True)
    form = np.divide(ne, peak, out=np.zeros_like(ne), where=peak > 0)
    spread = np.clip(draw(constant("rat_ne_spread"), rng=rng, n_draws=inputs.n_draws), 0.0, None)
    states: list[State] = []
    for region, key, label in (("hpc", "ne_hippocampus", "hippocampus"), ("ctx", "ne_cortex", "cortex")):
        rise, sources = rat_ne_pct(inputs.recruitment.dose_ma, region)
        states.append(
            state_of(
                inputs,
                rise * spread[:, None] * form,
                key=key,
                label=f"Norepinephrine, {label}",
                unit="% above baseline",
                used=_used(inputs, (*_LC, "ne_tau_s", "rat_ne_spread")),
                calibrated_on="rat, Roosevelt 2006 (0 to 1 mA)",
                more=sources,
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
