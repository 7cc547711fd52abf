"""Heart under vagal drive, first order, and heartbeats made from a heart rate.

Rat: bpm = gain · f low-passed at a corner frequency, after a lag (f: spikes/s of vagal efferents).
Its sympathetic branch is a second-order low-pass. People: no such measurement at therapeutic current exists. An
interval around "no or little change", as reported, takes its place; its width is declared.

Beats come from integral pulse frequency modulation: a beat falls each time the integral of the heart rate, modulated by
breath and by a slow rhythm, has grown by one.
"""

from __future__ import annotations

import numpy as np

from vagus.dose import site_of
from vagus.errors import InputError, Problem
from vagus.response.constants import Constant, constant, draw
from vagus.response.exact import transition
from vagus.response.state import State
from vagus.signal import Beats

_STEP_S = 0.005
_SECONDS = {"s": 1.0, "min": 60.0, "d": 86400.0}


def low_pass(
    drive: np.ndarray, *, width_s: float, corner_hz: np.ndarray | float, lag_s: np.ndarray | float = 0.0
) -> np.ndarray:
    """First-order low-pass of `drive` (n_draws, n), constant within cells, after a lag; at the cells' ends.

    Examples
    --------
    After one time constant, 1/(2π corner), a step has reached 63 %.

    >>> tau_s = 1 / (2 * np.pi * 0.12)
    >>> low_pass(np.ones((1, 100)), width_s=tau_s / 10, corner_hz=0.12)[0, 9].round(3)
    np.float64(0.632)
    """
    n_draws, n = drive.shape
    corner = np.broadcast_to(np.asarray(corner_hz, dtype=np.float64), (n_draws,))
    lag = np.broadcast_to(np.asarray(lag_s, dtype=np.float64), (n_draws,))
    fade = np.exp(-2 * np.pi * corner * width_s)
    out, state = np.empty((n_draws, n)), np.zeros(n_draws)
    for i in range(n):
        state = drive[:, i] + (state - drive[:, i]) * fade
        out[:, i] = state
    return _later(out, width_s=width_s, lag_s=lag)


def second_order(
    drive: np.ndarray, *, width_s: float, natural_hz: np.ndarray, damping: np.ndarray, lag_s: np.ndarray
) -> np.ndarray:
    """Second-order low-pass of `drive` (n_draws, n), constant within cells, after a lag; at the cells' ends.

    x'' = w^2 (drive - x) - 2 d w x', with w = 2 pi natural_hz and damping d; each step is exact.

    Examples
    --------
    >>> one = np.ones(1)
    >>> x = second_order(np.ones((1, 600)), width_s=0.1, natural_hz=0.07 * one, damping=1.96 * one, lag_s=0.0 * one)
    >>> x[0, [99, 599]].round(3).tolist()
    [0.676, 0.999]
    """
    n_draws, n = drive.shape
    omega = 2 * np.pi * natural_hz
    system = np.zeros((n_draws, 3, 3))
    system[:, 0, 1] = 1.0
    system[:, 1, 0], system[:, 1, 1], system[:, 1, 2] = -(omega**2), -2 * damping * omega, omega**2
    advance = transition(system * width_s)
    state, out = np.zeros((n_draws, 3)), np.empty((n_draws, n))
    for i in range(n):
        state[:, 2] = drive[:, i]
        state = np.matmul(advance, state[:, :, None])[:, :, 0]
        out[:, i] = state[:, 0]
    return _later(out, width_s=width_s, lag_s=lag_s)


def _later(values: np.ndarray, *, width_s: float, lag_s: np.ndarray) -> np.ndarray:
    """Values at the cells' ends, after each draw's lag."""
    end_s = (np.arange(values.shape[1]) + 1) * width_s
    padded_s = np.append(0.0, end_s)
    padded = np.concatenate([np.zeros((values.shape[0], 1)), values], axis=1)
    return np.stack([np.interp(end_s - lag_s[i], padded_s, padded[i]) for i in range(values.shape[0])])


def rat_heart_rate(
    efferent_hz: np.ndarray, *, width_s: float, rng: np.random.Generator
) -> tuple[np.ndarray, tuple[Constant, ...]]:
    """Change of heart rate of a rat, bpm, (n_draws, n), for vagal efferents firing at `efferent_hz`.

    Draws outside what the words mean are cut off: a gain above 0, a corner below 0.01 Hz, a negative lag.
    """
    n_draws = efferent_hz.shape[0]
    used = tuple(constant(f"rat_vagal_tf_{part}") for part in ("gain", "corner", "lag"))
    gain, corner, lag = (draw(one, rng=rng, n_draws=n_draws) for one in used)
    slow = low_pass(efferent_hz, width_s=width_s, corner_hz=np.maximum(corner, 0.01), lag_s=np.clip(lag, 0.0, None))
    return np.minimum(gain, 0.0)[:, None] * slow, used


def rat_sympathetic_rate(
    sympathetic_hz: np.ndarray, *, width_s: float, rng: np.random.Generator
) -> tuple[np.ndarray, tuple[Constant, ...]]:
    """Change of heart rate of a rat, bpm, (n_draws, n), for cardiac sympathetic nerves firing at `sympathetic_hz`.

    Vagus stimulation does not drive this branch; it is there for closed loops. Draws outside what the words mean are
    cut off: a gain below 0, a frequency below 0.01 Hz, a damping below 0.5, a negative lag.
    """
    n_draws = sympathetic_hz.shape[0]
    used = tuple(constant(key) for key in ("rat_symp_tf_gain", "rat_symp_tf_fn", "rat_symp_damping", "rat_symp_tf_lag"))
    gain, natural, damping, lag = (draw(one, rng=rng, n_draws=n_draws) for one in used)
    slow = second_order(
        sympathetic_hz, width_s=width_s, natural_hz=np.maximum(natural, 0.01), damping=np.maximum(damping, 0.5),
        lag_s=np.clip(lag, 0.0, None),
    )  # fmt: skip
    return np.maximum(gain, 0.0)[:, None] * slow, used


def human_effect(
    site: str, what: str, *, rng: np.random.Generator, n_draws: int
) -> tuple[np.ndarray, tuple[Constant, ...]]:
    """Draws of the expected change in people at a site, and the constants they rest on.

    Parameters
    ----------
    site : str
    what : {"hr", "hrv"}
        Heart rate (bpm), or ln RMSSD (SD units, Hedges g).
    """
    found = site_of(site)
    region = {"cervical": f"cervical_{found.side}", "neck": "neck"}.get(found.place, "ear")
    if what == "hr" and region == "ear":
        used = (constant("hr_change_ear"), constant("hr_change_ear_review"))
    else:
        used = (constant(f"{what}_change_{region}"),)
    return draw(used[0], rng=rng, n_draws=n_draws), used


def predict_beats(
    mean_rr_ms: float,
    *,
    duration_s: float,
    breath_rate_per_min: float,
    rsa_ms: float,
    lf_ms: float = 0.0,
    hr_change: State | None = None,
    rng: np.random.Generator,
) -> Beats:
    """Predicted heartbeats: the same type as detected ones.

    Parameters
    ----------
    mean_rr_ms : float
        Mean RR interval at rest, ms.
    duration_s : float
        Duration, s.
    breath_rate_per_min : float
        Breaths per minute; each breath's length varies by 5 % (SD).
    rsa_ms : float
        Respiratory sinus arrhythmia, ms from trough to peak of RR.
    lf_ms : float
        Slow rhythm near 0.1 Hz, SD of RR in ms.
    hr_change : State, optional
        Change of heart rate in bpm over time (its median is used), such as `Response.state("hr_change")`.
    rng : numpy.random.Generator

    Raises
    ------
    InputError
        A number is out of range, or the modulation would stop the heart.

    Examples
    --------
    >>> beats = predict_beats(
    ...     850.0, duration_s=300, breath_rate_per_min=15, rsa_ms=60.0, rng=np.random.default_rng(1)
    ... )
    >>> round(float(beats.rr_ms.mean())), beats.origin
    (850, 'predicted')
    """
    _check(mean_rr_ms, duration_s, breath_rate_per_min, rsa_ms, lf_ms)
    t_s = np.arange(0.0, duration_s + _STEP_S, _STEP_S)
    phase = _breath_phase(t_s, breath_rate_per_min, rng=rng)
    # heart rate rises while breathing in: RR is shortest where the sine of the phase is highest
    swing = rsa_ms / 2 * np.sin(phase) + lf_ms * _slow_rhythm(t_s, rng=rng)
    rate_hz = (1 + swing / mean_rr_ms) * 1000 / mean_rr_ms
    if hr_change is not None:
        at_s = hr_change.t * _SECONDS[hr_change.t_unit]
        rate_hz = rate_hz + np.interp(t_s, at_s, hr_change.median) / 60
    if rate_hz.min() <= 0:
        raise InputError(
            Problem(
                what="the modulation would stop the heart",
                found=f"lowest heart rate {60 * rate_hz.min():.3g} bpm",
                allowed="a heart rate above 0 throughout: smaller rsa_ms, lf_ms or hr_change",
            )
        )
    count = np.concatenate([[0.0], np.cumsum((rate_hz[1:] + rate_hz[:-1]) / 2 * _STEP_S)])
    first = rng.uniform(0.0, 1.0)
    time_s = np.interp(np.arange(first, count[-1], 1.0), count, t_s)
    return Beats(time_s=time_s, quality=np.ones(time_s.size), origin="predicted", source_name="vagus.response.heart")


def _check(mean_rr_ms: float, duration_s: float, breath_rate_per_min: float, rsa_ms: float, lf_ms: float) -> None:
    bounds = (
        ("mean_rr_ms", mean_rr_ms, 100.0, 3000.0),
        ("duration_s", duration_s, 2.0, 172800.0),
        ("breath_rate_per_min", breath_rate_per_min, 2.0, 200.0),
        ("rsa_ms", rsa_ms, 0.0, mean_rr_ms),
        ("lf_ms", lf_ms, 0.0, mean_rr_ms / 4),
    )
    problems = [
        Problem(what=f"{name} is out of range", found=f"{value:g}", allowed=f"{low:g} to {high:g}")
        for name, value, low, high in bounds
        if not low <= value <= high
    ]
    if problems:
        raise InputError(problems)


def _breath_phase(t_s: np.ndarray, rate_per_min: float, *, rng: np.random.Generator) -> np.ndarray:
    """Phase of breathing, rad: breaths of unequal length, phase linear within each."""
    n = int(np.ceil(t_s[-1] * rate_per_min / 60 * 1.3)) + 8
    length_s = 60 / rate_per_min * np.clip(1 + 0.05 * rng.standard_normal(n), 0.8, 1.2)
    begin_s = np.concatenate([[0.0], np.cumsum(length_s)])
    return 2 * np.pi * (np.interp(t_s, begin_s, np.arange(n + 1)) + rng.uniform())


def _slow_rhythm(t_s: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Sum of sines around 0.1 Hz with random phases, SD 1."""
    hz = np.linspace(0.08, 0.12, 9)
    weight = np.exp(-0.5 * ((hz - 0.1) / 0.01) ** 2)
    phases = rng.uniform(0, 2 * np.pi, hz.size)
    wave = (weight[:, None] * np.sin(2 * np.pi * hz[:, None] * t_s[None, :] + phases[:, None])).sum(axis=0)
    return wave / np.sqrt((weight**2).sum() / 2)
