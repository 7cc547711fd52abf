"""Trains that breath or heart gates: how fast they pulse, and when the gate was open."""

from __future__ import annotations

import numpy as np

from vagus.dose import Protocol, Train
from vagus.dose.ranges import outside
from vagus.errors import InputError, Problem
from vagus.response.constants import constant

_N_SHARE = 36_000  # a tenth of a second and finer, in a sitting of an hour


def pulse_rate_hz(
    protocol: Protocol, *, breath_rate_per_min: float | None = None, heart_rate_bpm: float | None = None
) -> float:
    """Mean pulses per second while ON; a gated train takes a usual resting rate where the person's is not given."""
    breath = constant("rest_breath_rate_per_min").value if breath_rate_per_min is None else breath_rate_per_min
    heart = constant("rest_heart_rate_bpm").value if heart_rate_bpm is None else heart_rate_bpm
    return protocol.train.mean_rate_hz(breath, heart)


def rates_of_rest(
    heart_bpm: float | None, breath_per_min: float | None, *, heart_name: str = "heart_rate_bpm"
) -> tuple[Problem | None, ...]:
    """Problems of a person's rates, none of a rate that is not given."""
    return (
        None if heart_bpm is None else outside(heart_name, heart_bpm, low=20, high=400),
        None if breath_per_min is None else outside("breath_rate_per_min", breath_per_min, low=1, high=200),
    )


def is_open(t_s: np.ndarray, opens_s: np.ndarray, *, open_s: float) -> np.ndarray:
    """1 while a gate is open, else 0, at the times `t_s` (any shape): for `open_s` from each of `opens_s` (rising).

    A gate that opens again before it closed stays open: two bursts do not add up.

    Examples
    --------
    >>> is_open(np.array([0.5, 1.2, 2.4, 3.9]), np.array([1.0, 2.0]), open_s=0.5).tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    last = np.searchsorted(opens_s, t_s, side="right") - 1
    since_s = t_s - np.append(opens_s, -np.inf)[last]
    return ((last >= 0) & (since_s < open_s)).astype(np.float64)


def share_open(protocol: Protocol, opens_s: np.ndarray) -> float:
    """Part of the output's time, as far as the openings reach, in which a gate that opened at `opens_s` was open.

    They reach as far after the last opening as openings lie apart.

    Examples
    --------
    >>> import datetime
    >>> from vagus.dose import Pulse
    >>> pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric")
    >>> plan = Protocol(
    ...     train=Train(pulse=pulse, rate_hz=25, gate="exhalation", gated_burst_s=1.0), on_s=60, off_s=0,
    ...     sitting_min=60, start=datetime.date(2026, 1, 12), weeks=8,
    ... )
    >>> round(share_open(plan, np.arange(0.0, 100.0, 4.0)), 2)
    0.25
    """
    if opens_s.size == 0:
        return 0.0
    apart_s = float(np.median(np.diff(opens_s))) if opens_s.size > 1 else protocol.sitting_min * 60
    end_s = min(float(opens_s[-1]) + apart_s, protocol.sitting_min * 60)
    t_s = (np.arange(_N_SHARE) + 0.5) * end_s / _N_SHARE
    on, gate = protocol.is_on(t_s), is_open(t_s, opens_s, open_s=protocol.train.gated_burst_s or 0.0)
    total = float(on.sum())
    return float((on * gate).sum()) / total if total else 0.0


def openings(train: Train, opens_s: np.ndarray) -> np.ndarray:
    """Times at which a gate opened, checked."""
    found = np.asarray(opens_s, dtype=np.float64)
    problems: list[Problem] = []
    if train.gate == "none":
        problems.append(Problem(what="opens_s without a gate", found='gate "none"', allowed="a gated train"))
    if found.ndim != 1 or not np.isfinite(found).all() or np.any(np.diff(found) <= 0):
        problems.append(Problem(what="opens_s does not rise", allowed="finite times, each after the one before"))
    if problems:
        raise InputError(problems)
    return found
