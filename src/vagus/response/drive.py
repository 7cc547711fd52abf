"""Spikes per second by fiber class over time: share recruited × pulse rate × envelope.

    rate(t) = share(envelope(t) · dose) · min(pulse rate, follow limit)         spikes/s per fiber of a class
    u(t)    = vagal share · (mean rate of A afferents + weight_c · rate of C afferents) / 20 Hz

`u` is the relative drive of the brain: 0 is none, 1 is all afferent A fibers of the site firing at 20 Hz. Efferent
classes never enter it; the B efferents drive the heart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from vagus.dose import Protocol, Train, site_of
from vagus.dose.ranges import demand, outside
from vagus.errors import InputError, Problem
from vagus.fiber import ClassRecruitment, Recruitment
from vagus.response.constants import constant, draw, scores, two_sided
from vagus.response.gate import is_open, openings, pulse_rate_hz, rates_of_rest

Arm = Literal["afferent", "efferent"]
Group = Literal["a", "b", "c"]
MOST_SPIKES_HZ = 1000.0
"""No axon fires faster: its spikes last about 1 ms."""
FAST_S = 1800.0
"""Longest stretch of a sitting that is shown in fast states, s."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volley:
    """Mean spikes per second of each fiber class over time, recruitment included.

    Parameters
    ----------
    t_s : (n,) array
        Times from the start of the sitting, s, rising.
    rate_hz : mapping of str to (n,) array
        Class key -> spikes/s evoked per fiber of the class, averaged over its fibers (those that do not fire count
        as 0), pulses averaged over about a second.
    side : {"left", "right"}
    site : str
        Key of the site ("cymba_left").
    arm : mapping of str to {"afferent", "efferent"}
        Class key -> the way its spikes are used.

    Raises
    ------
    InputError
        Times do not rise, lengths differ, a rate is not within 0 to 1000 spikes/s, or an arm is missing.
    """

    t_s: np.ndarray
    rate_hz: Mapping[str, np.ndarray]
    side: Literal["left", "right"]
    site: str
    arm: Mapping[str, Arm]

    def __post_init__(self) -> None:
        t_s = np.array(self.t_s, dtype=np.float64)
        t_s.setflags(write=False)
        object.__setattr__(self, "t_s", t_s)
        if t_s.ndim != 1 or not np.isfinite(t_s).all() or np.any(np.diff(t_s) <= 0):
            raise InputError(
                Problem(
                    what="times do not rise", where="Volley, t_s", allowed="finite times, each after the one before"
                )
            )
        rates: dict[str, np.ndarray] = {}
        for key, values in self.rate_hz.items():
            rate = np.array(values, dtype=np.float64)
            if rate.shape != t_s.shape or not np.all((rate >= 0) & (rate <= MOST_SPIKES_HZ)):
                raise InputError(
                    Problem(
                        what="rate does not fit",
                        where=f"Volley, class {key}",
                        found=f"shape {rate.shape}" + (f", {rate.min():g} to {rate.max():g} Hz" if rate.size else ""),
                        allowed=f"0 to {MOST_SPIKES_HZ:g} Hz, of shape {t_s.shape}",
                        why="no axon fires faster",
                    )
                )
            rate.setflags(write=False)
            rates[key] = rate
        if missing := [key for key in rates if key not in self.arm]:
            raise InputError(
                Problem(what="class without an arm", found=", ".join(missing), allowed="afferent or efferent for each")
            )
        object.__setattr__(self, "rate_hz", MappingProxyType(rates))
        object.__setattr__(self, "arm", MappingProxyType(dict(self.arm)))


def kind(one: ClassRecruitment) -> tuple[Group, Arm]:
    """Group (A, B or C) and arm of a fiber class, from its key and its role.

    B fibers of the vagus are preganglionic efferents; any other class is afferent unless its key or role says
    efferent or motor.

    Raises
    ------
    InputError
        The key names no group.
    """
    group, told = group_of(one.key), f"{one.key} {one.role}".lower()
    outward = group == "b" or any(word in told for word in ("efferent", "motor"))
    return group, "efferent" if outward else "afferent"


def group_of(key: str) -> Group:
    """Group (A, B or C) of a fiber class by its key.

    Raises
    ------
    InputError
        The key names no group.

    Examples
    --------
    >>> group_of("a_beta"), group_of("cardiac_b")
    ('a', 'b')
    """
    found: Group | None = next((_GROUP_WORDS[word] for word in key.lower().split("_") if word in _GROUP_WORDS), None)
    if found is None:
        raise InputError(
            Problem(what="fiber class of no known group", found=f'"{key}"', allowed="a key with a, b or c in it")
        )
    return found


_GROUP_WORDS: Mapping[str, Group] = {
    "a": "a", "aalpha": "a", "abeta": "a", "agamma": "a", "adelta": "a", "b": "b", "c": "c",
}  # fmt: skip


def follow(train: Train, *, limit_hz: np.ndarray | float) -> np.ndarray:
    """Spikes per pulse, 0 to 1, of a fiber that follows at most `limit_hz` (any shape).

    The first pulse of a microburst always counts; those after it count as far as the limit allows.

    Examples
    --------
    >>> from vagus.dose import Pulse
    >>> pulse = Pulse(amplitude_ma=1.0, width_us=250, shape="biphasic_symmetric")
    >>> float(follow(Train(pulse=pulse, rate_hz=25), limit_hz=10.0))
    0.4
    """
    share = np.minimum(np.asarray(limit_hz, dtype=np.float64) / train.rate_hz, 1.0)
    if train.pulses_per_burst is None or train.burst_rate_hz is None:
        return share
    n = train.pulses_per_burst
    within = (1 + (n - 1) * share) / n
    # a fiber's limit also holds across bursts
    return np.minimum(within, np.asarray(limit_hz) / (n * train.burst_rate_hz))


def ramp_share(one: ClassRecruitment, recruitment: Recruitment, envelope: np.ndarray) -> np.ndarray:
    """Share recruited at `envelope` × dose over the share at the dose, same shape as `envelope`.

    Where the curve gives no share at the dose the envelope itself stands in: the factor then multiplies 0, or the
    edge of an interval whose curve is not known.
    """
    grid = np.concatenate([[0.0], recruitment.amplitude_ma])
    curve = np.concatenate([[0.0], one.share_pct])
    top = float(np.interp(recruitment.dose_ma, grid, curve))
    if top <= 0:
        return envelope
    return np.interp(envelope * recruitment.dose_ma, grid, curve) / top


def cells(protocol: Protocol, *, duration_s: float = FAST_S, n_max: int = 1800) -> tuple[np.ndarray, float]:
    """Starts (n,) and width of equal time cells over the first sitting, at most `duration_s` of it; s."""
    horizon_s = min(protocol.sitting_min * 60, duration_s)
    n = int(np.clip(np.ceil(horizon_s / 0.05), 2, n_max))
    return np.arange(n) * (horizon_s / n), horizon_s / n


def shapes(
    recruitment: Recruitment,
    protocol: Protocol,
    start_s: np.ndarray,
    *,
    width_s: float,
    opens_s: np.ndarray | None = None,
) -> Mapping[str, np.ndarray]:
    """Envelope of each class averaged over cells that begin at `start_s` (n,) and last `width_s`: 1 = at the dose.

    With `opens_s` (m,) nothing flows but while a gate that opened then is open.
    """
    n_sub = 8 if opens_s is None else 32
    t_s = start_s[:, None] + (np.arange(n_sub) + 0.5)[None, :] * (width_s / n_sub)
    envelope = protocol.is_on(t_s)
    gate = 1.0 if opens_s is None else is_open(t_s, opens_s, open_s=protocol.train.gated_burst_s or 0.0)
    return {c.key: (ramp_share(c, recruitment, envelope) * gate).mean(axis=1) for c in recruitment.classes}


def drive(
    recruitment: Recruitment,
    protocol: Protocol,
    *,
    duration_s: float = FAST_S,
    breath_rate_per_min: float | None = None,
    heart_rate_bpm: float | None = None,
    opens_s: np.ndarray | None = None,
) -> Volley:
    """Volley of the first sitting: spikes/s by fiber class over time, at the medians of all constants.

    Parameters
    ----------
    recruitment : fiber.Recruitment
    protocol : dose.Protocol
    duration_s : float
        How much of the sitting, s; a shorter sitting ends it.
    breath_rate_per_min, heart_rate_bpm : float, optional
        What a gated train follows; a usual resting rate where not given.
    opens_s : (m,) array, optional
        When the gate of a gated train opened, s from the start of the sitting, rising: onsets of breathing out or in
        (`signal.Breaths`), or heartbeats (`signal.Beats`). Bursts then stand where they fell, in cells of a tenth of a
        second; without it they are spread evenly.

    Raises
    ------
    InputError
        A duration or a rate is out of range; `opens_s` does not rise, or is given for a train without a gate.

    Examples
    --------
    Half of the fibers at 25 Hz are 12.5 spikes/s per fiber while ON.

    >>> import datetime
    >>> from vagus.dose import Pulse
    >>> from vagus.source import Effect
    >>> half = Effect(estimate=50.0, low=40.0, high=60.0, unit="%", n=1, method="by hand", level=0.90)
    >>> touch = ClassRecruitment(
    ...     key="a_beta", label="Aβ touch", role="afferent", n_simulated=1, count=None, share_pct=np.array([50.0]),
    ...     low_pct=np.array([40.0]), high_pct=np.array([60.0]), at_dose=half,
    ... )
    >>> found = Recruitment(
    ...     site="cymba_left", amplitude_ma=np.array([1.5]), dose_ma=1.5, classes=(touch,), n_draws=1,
    ...     method="by hand", caveat="", sources=(),
    ... )
    >>> pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric")
    >>> plan = Protocol(
    ...     train=Train(pulse=pulse, rate_hz=25), on_s=28, off_s=32, sitting_min=60, start=datetime.date(2026, 1, 12),
    ...     weeks=8,
    ... )
    >>> drive(found, plan).rate_hz["a_beta"][[0, 20, 40]].tolist()
    [12.5, 12.5, 0.0]
    """
    demand([outside("duration_s", duration_s, above=0), *rates_of_rest(heart_rate_bpm, breath_rate_per_min)])
    start_s, width_s = cells(protocol, duration_s=duration_s, n_max=1800 if opens_s is None else 18_000)
    if opens_s is None:
        rate_hz = pulse_rate_hz(protocol, breath_rate_per_min=breath_rate_per_min, heart_rate_bpm=heart_rate_bpm)
    else:
        opens_s = openings(protocol.train, opens_s)
        rate_hz = protocol.train.open_rate_hz
    form = shapes(recruitment, protocol, start_s, width_s=width_s, opens_s=opens_s)
    rates: dict[str, np.ndarray] = {}
    arms: dict[str, Arm] = {}
    for one in recruitment.classes:
        group, arms[one.key] = kind(one)
        limit_hz = constant(f"follow_limit_{group}_hz").value
        spikes_hz = rate_hz * float(follow(protocol.train, limit_hz=limit_hz))
        rates[one.key] = one.at_dose.estimate / 100 * spikes_hz * form[one.key]
    site = site_of(recruitment.site)
    return Volley(t_s=start_s + width_s / 2, rate_hz=rates, side=site.side, site=recruitment.site, arm=arms)


def mean_shape(one: ClassRecruitment, recruitment: Recruitment, protocol: Protocol, *, span_s: float) -> float:
    """Mean of a class's envelope over the first `span_s` of a sitting: whole cycles in closed form, then the rest."""
    cycle_s = protocol.on_s + protocol.off_s
    edge = np.linspace(0.0, 1.0, 513)
    ramp = ramp_share(one, recruitment, edge)
    cumulative = np.concatenate([[0.0], np.cumsum((ramp[1:] + ramp[:-1]) / 2 * np.diff(edge))])
    whole_ramp = float(cumulative[-1])

    def until(t_s: float) -> float:
        """Integral of the envelope from the start of a cycle to `t_s` in it, s."""
        up = protocol.ramp_s * float(np.interp(t_s / protocol.ramp_s, edge, cumulative)) if protocol.ramp_s > 0 else 0.0
        full = min(max(t_s - protocol.ramp_s, 0.0), protocol.on_s)
        down_s = min(max(t_s - protocol.ramp_s - protocol.on_s, 0.0), protocol.ramp_s)
        if protocol.ramp_s == 0 or down_s == 0:
            return up + full
        left = 1.0 - down_s / protocol.ramp_s
        return up + full + protocol.ramp_s * (whole_ramp - float(np.interp(left, edge, cumulative)))

    n_whole = int(np.floor(span_s / cycle_s + 1e-9))
    rest_s = max(span_s - n_whole * cycle_s, 0.0)
    return (n_whole * until(cycle_s) + until(rest_s)) / span_s


def drive_weights(
    recruitment: Recruitment,
    protocol: Protocol,
    *,
    rng: np.random.Generator,
    n_draws: int,
    breath_rate_per_min: float | None = None,
    heart_rate_bpm: float | None = None,
    is_gate_known: bool = False,
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Draws of what each class adds at full output; with `is_gate_known`, while the gate of a gated train is open.

    Returns
    -------
    keys : tuple of str
        Class keys (k,).
    afferent : (n_draws, k) array
        Relative drive of the brain; 0 for efferents.
    efferent_hz : (n_draws,) array
        Spikes/s per B efferent fiber, the heart's input.
    parameters : dict of str to (n_draws,) array
        What was drawn, by the constant's key; "recruitment" is the place in the interval of fibers that fire.
    """
    train = protocol.train
    rate_hz = train.open_rate_hz
    if not is_gate_known:
        rate_hz = pulse_rate_hz(protocol, breath_rate_per_min=breath_rate_per_min, heart_rate_bpm=heart_rate_bpm)
    limit = {g: draw(constant(f"follow_limit_{g}_hz"), rng=rng, n_draws=n_draws) for g in ("a", "b", "c")}
    weight_c = draw(constant("weight_c"), rng=rng, n_draws=n_draws)
    place = site_of(recruitment.site).place
    vagal = np.clip(draw(constant(f"vagal_share_{place}"), rng=rng, n_draws=n_draws), 0.0, 1.0)
    z = scores(rng=rng, n_draws=n_draws)  # anatomy is one person's: one score for all classes
    kinds = [kind(one) for one in recruitment.classes]
    afferent = np.zeros((n_draws, len(kinds)))
    efferent_hz = np.zeros(n_draws)
    part = _parts(recruitment.classes, kinds)
    for i, (one, (group, arm)) in enumerate(zip(recruitment.classes, kinds, strict=True)):
        spikes_hz = _share(one, z) * rate_hz * follow(train, limit_hz=limit[group])
        if arm == "afferent":
            weight = weight_c if group == "c" else 1.0
            afferent[:, i] = vagal * weight * part[i] * spikes_hz / constant("reference_rate_hz").value
        elif group == "b":
            efferent_hz += part[i] * spikes_hz
    drawn = {f"follow_limit_{g}_hz": values for g, values in limit.items()}
    drawn |= {"weight_c": weight_c, f"vagal_share_{place}": vagal, "recruitment": z}
    return tuple(one.key for one in recruitment.classes), afferent, efferent_hz, drawn


def _share(one: ClassRecruitment, z: np.ndarray) -> np.ndarray:
    at_dose = one.at_dose
    low, high = min(at_dose.low, at_dose.estimate), max(at_dose.high, at_dose.estimate)
    return np.clip(two_sided(z, value=at_dose.estimate, low=low, high=high), 0.0, 100.0) / 100


def _parts(classes: tuple[ClassRecruitment, ...], kinds: list[tuple[Group, Arm]]) -> np.ndarray:
    """Part of each class in its group and arm, (k,): by count where all counts are known, else equal."""
    part = np.zeros(len(kinds))
    for own in set(kinds):
        members = [i for i, other in enumerate(kinds) if other == own]
        counts = [classes[i].count for i in members]
        known = [count.value for count in counts if count is not None]
        weights = np.array(known if len(known) == len(members) and sum(known) > 0 else [1.0] * len(members))
        part[members] = weights / weights.sum()
    return part
