"""Thresholds of many fibers at once, and one fiber over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.dose import Pulse
from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.cable import FIRED, SILENT, Cable

FloatArray = NDArray[np.float64]

# the first current tried bends the potential by this much over BEND_UM (or a node, where nodes lie further apart):
# about a tenth of what fires a fiber, and far below a virtual-anode block
FIRST_BEND_MV, BEND_UM = 4.0, 300.0
GROWTH = 1.5
MOST_GROWTH_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """One fiber over time.

    Parameters
    ----------
    t_us : (n_t,) array
        Times; 0 is when the run starts, the pulse follows after the delay.
    z_um : (n_node,) array
        Places of the nodes.
    v_mv : (n_t, n_node) array
        Voltage across the membrane of each node.
    spike_us : (n_node,) array
        When each node first rose through -30 mV; nan where it did not.
    fired : bool
        The node at 90 % of the fiber did: the spike started and traveled.
    """

    t_us: FloatArray
    z_um: FloatArray
    v_mv: FloatArray
    spike_us: FloatArray
    fired: bool

    def __post_init__(self) -> None:
        for name in ("t_us", "z_um", "v_mv", "spike_us"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)


def threshold_ma(
    fibers: Sequence[Fiber],
    field: Sequence[FloatArray],
    pulse: Pulse,
    *,
    dt_us: float = 5.0,
    rel_tol: float = 1e-3,
    limit_ma: float | None = None,
    delay_us: float = 100.0,
    duration_us: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> FloatArray:
    """Smallest current of the pulse's first phase that fires each fiber, with the pulse's sign, in mA.

    Firing means that the node at 90 % of the fiber rises through -30 mV: the spike started and traveled. The search
    starts from a current far too small and grows by half until the fiber fires, then halves the bracket; so it finds
    the lowest threshold, never the far side of a virtual-anode block.

    Parameters
    ----------
    fibers : sequence of Fiber
    field : sequence of (n,) array
        For each fiber the potential in mV per mA of pulse amplitude at its compartments (`Fiber.z_um`).
    pulse : Pulse
        Its amplitude gives the sign only.
    dt_us : float
        Time step. Backward Euler: at 5 us thresholds lie 1.3 to 1.5 % above their own limit at dt -> 0.
    rel_tol : float
        The bracket's width over its upper end, at which the search ends; the upper end is returned.
    limit_ma : float, optional
        Largest current that matters. A fiber in which one run at this current makes no node fire is above it.
    delay_us : float
        Time before the pulse.
    duration_us : float, optional
        Length of a run; without it, the delay, the pulse, and the time that the model's slowest spike may take.
    progress : callable, optional
        Told the share of fibers that are done.

    Returns
    -------
    (n_fiber,) array
        Never nan. Infinite with the pulse's sign: no firing up to `limit_ma`, or, without a limit, up to a current
        40 growth steps (10 million times) above the first one.

    Raises
    ------
    InputError
        A field of the wrong length or not finite, a step too large for the pulse, or a number out of range.

    Notes
    -----
    Against PyFibers 0.13.0 at the same step and geometry: within 0.2 % on all 69 MRG and Sundt rows of the reference.

    Examples
    --------
    >>> import numpy as np
    >>> from vagus.dose import Pulse
    >>> from vagus.field import point_mv_per_ma
    >>> fiber = Fiber.of("mrg", diameter_um=10.0, n_node=31)
    >>> middle_um = fiber.z_um[fiber.node_index[15]]
    >>> field = point_mv_per_ma(500.0, 0.0, fiber.z_um - middle_um, sigma_s_per_m=0.3)
    >>> pulse = Pulse(amplitude_ma=-1.0, width_us=100.0, shape="monophasic")
    >>> threshold_ma([fiber], [field], pulse).round(3)
    array([-0.068])
    """
    problems = _problems(fibers, field, pulse, dt_us=dt_us, delay_us=delay_us, duration_us=duration_us)
    if not 0 < rel_tol < 0.5:
        problems.append(Problem(what="rel_tol out of range", found=f"{rel_tol}", allowed="above 0, below 0.5"))
    if limit_ma is not None and not (math.isfinite(limit_ma) and limit_ma > 0):
        problems.append(Problem(what="limit_ma is no current", found=f"{limit_ma}", allowed="above 0 mA"))
    if problems:
        raise InputError(problems)
    found = np.empty(len(fibers))
    sign = math.copysign(1.0, pulse.amplitude_ma)
    for i, (fiber, potential) in enumerate(zip(fibers, field, strict=True)):
        cable = Cable.of(fiber, dt_ms=dt_us / 1e3)
        total_us = duration_us or _run_us(fiber, pulse, delay_us)
        wave = sign * unit_wave(pulse, dt_us=dt_us, delay_us=delay_us, duration_us=total_us)
        found[i] = sign * _search(cable, np.asarray(potential, dtype=np.float64), wave, rel_tol, limit_ma)
        if progress is not None:
            progress((i + 1) / len(fibers))
    return found


def simulate(
    fiber: Fiber,
    field: FloatArray,
    pulse: Pulse,
    *,
    dt_us: float = 5.0,
    delay_us: float = 100.0,
    duration_us: float | None = None,
    every_us: float | None = None,
) -> Trace:
    """One fiber under one pulse at its own amplitude: membrane voltage of each node over time.

    Parameters
    ----------
    field : (n,) array
        Potential in mV per mA at the fiber's compartments.
    every_us : float, optional
        Time between recorded points; without it, every step.

    Raises
    ------
    InputError
        As `threshold_ma`.

    Examples
    --------
    >>> from vagus.dose import Pulse
    >>> from vagus.field import point_mv_per_ma
    >>> fiber = Fiber.of("mrg", diameter_um=10.0, n_node=31)
    >>> field = point_mv_per_ma(500.0, 0.0, fiber.z_um - fiber.z_um[165], sigma_s_per_m=0.3)
    >>> trace = simulate(fiber, field, Pulse(amplitude_ma=-0.08, width_us=100.0, shape="monophasic"))
    >>> trace.fired, trace.v_mv.shape[1]
    (True, 31)
    """
    problems = _problems([fiber], [field], pulse, dt_us=dt_us, delay_us=delay_us, duration_us=duration_us)
    if problems:
        raise InputError(problems)
    cable = Cable.of(fiber, dt_ms=dt_us / 1e3)
    total_us = duration_us or _run_us(fiber, pulse, delay_us)
    wave = pulse.amplitude_ma * unit_wave(pulse, dt_us=dt_us, delay_us=delay_us, duration_us=total_us)
    stride = max(1, round((every_us or dt_us) / dt_us))
    record = np.empty((wave.size // stride, fiber.n_node))
    crossed = np.full(fiber.n_node, -1, dtype=np.int64)
    sources = cable.sources(np.asarray(field, dtype=np.float64))
    answer = cable.run(cable.rest(), wave, sources, watch=watched(fiber), record=record, stride=stride, crossed=crossed)
    return Trace(
        t_us=dt_us * stride * np.arange(1, record.shape[0] + 1, dtype=np.float64),
        z_um=fiber.z_um[fiber.node_index],
        v_mv=record,
        spike_us=np.where(crossed >= 0, dt_us * (crossed + 1.0), np.nan),
        fired=answer == FIRED,
    )


def watched(fiber: Fiber) -> int:
    """Node at 90 % of the fiber, where a spike counts.

    Examples
    --------
    >>> watched(Fiber.of("mrg", diameter_um=10.0, n_node=31))
    27
    """
    return int(0.9 * (fiber.n_node - 1))


def unit_wave(pulse: Pulse, *, dt_us: float, delay_us: float, duration_us: float) -> FloatArray:
    """Current of each step for a pulse whose first phase is +1: its mean over the step, so charge is kept.

    Where delay and widths are whole numbers of steps, this is the current at the begin of the step.

    Examples
    --------
    >>> from vagus.dose import Pulse
    >>> pulse = Pulse(amplitude_ma=-2.0, width_us=12.5, shape="monophasic")
    >>> unit_wave(pulse, dt_us=5.0, delay_us=5.0, duration_us=25.0).tolist()
    [0.0, 1.0, 1.0, 0.5, 0.0]
    """
    wave = np.zeros(math.ceil(duration_us / dt_us - 1e-9))
    edges = dt_us * np.arange(wave.size + 1)
    first = pulse.phases[0].amplitude_ma
    for phase in pulse.phases:
        start = delay_us + phase.start_us
        overlap = np.clip(edges[1:], start, start + phase.width_us) - np.clip(edges[:-1], start, start + phase.width_us)
        share = overlap / dt_us
        # a step that is covered but for rounding counts as covered: parity asks for the same samples
        wave += np.where(share > 1 - 1e-9, 1.0, np.where(share < 1e-9, 0.0, share)) * (phase.amplitude_ma / first)
    return wave


def _run_us(fiber: Fiber, pulse: Pulse, delay_us: float) -> float:
    data = fiber.membrane
    speed_um_per_us = data.speed_low_m_per_s_per_um * fiber.diameter_um
    travel_us = float(fiber.z_um[-1]) / speed_um_per_us
    return delay_us + pulse.duration_us + 1e3 * data.latency_ms + travel_us


def _search(cable: Cable, potential: FloatArray, wave: FloatArray, rel_tol: float, limit_ma: float | None) -> float:
    """Magnitude of the threshold, or inf."""
    fiber, rest, sources = cable.fiber, cable.rest(), cable.sources(potential)
    watch, last = watched(fiber), int(np.flatnonzero(wave)[-1]) + 1

    def run(current_ma: float) -> int:
        return cable.run(rest.copy(), wave * current_ma, sources, watch=watch, quiet_from=last)

    bend = _bend_mv_per_ma(fiber, potential)
    if bend == 0.0 or (limit_ma is not None and run(limit_ma) == SILENT):
        return math.inf
    low, high = 0.0, FIRST_BEND_MV / bend
    if limit_ma is not None:
        high = min(high, limit_ma)
    for _ in range(MOST_GROWTH_STEPS):
        if run(high) == FIRED:
            break
        if limit_ma is not None and high >= limit_ma:
            return math.inf
        low, high = high, high * GROWTH if limit_ma is None else min(high * GROWTH, limit_ma)
    else:
        return math.inf
    while high - low > rel_tol * high:
        middle = math.sqrt(low * high) if low > 0 else high / GROWTH
        if middle < 1e-12 * high:
            return high
        if run(middle) == FIRED:
            high = middle
        else:
            low = middle
    return high


def _bend_mv_per_ma(fiber: Fiber, potential: FloatArray) -> float:
    """How much the potential bends over `BEND_UM`: inside by its second difference, at the sealed ends by its slope."""
    at_nodes = potential[fiber.node_index]
    apart = min(max(1, round(BEND_UM / (float(fiber.z_um[-1]) / (fiber.n_node - 1)))), (fiber.n_node - 1) // 2)
    inside = at_nodes[2 * apart :] - 2.0 * at_nodes[apart:-apart] + at_nodes[: -2 * apart]
    ends = (at_nodes[apart] - at_nodes[0], at_nodes[-1] - at_nodes[-1 - apart])
    bend = float(max(np.max(np.abs(inside)), *np.abs(ends)))
    # what is left of an even potential is rounding
    return bend if bend > 1e-12 * float(np.max(np.abs(potential))) else 0.0


def _problems(
    fibers: Sequence[Fiber], field: Sequence[FloatArray], pulse: Pulse, *, dt_us: float, delay_us: float,
    duration_us: float | None,
) -> list[Problem]:  # fmt: skip
    problems: list[Problem] = []
    if len(fibers) != len(field):
        problems.append(Problem(what="one field a fiber", found=f"{len(fibers)} fibers, {len(field)} fields"))
    for i, (fiber, potential) in enumerate(zip(fibers, field, strict=False)):
        array = np.asarray(potential, dtype=np.float64)
        if array.shape != fiber.z_um.shape:
            problems.append(
                Problem(
                    what="field has another length than the fiber has compartments", where=f"field[{i}]",
                    found=f"shape {array.shape}", allowed=f"shape {fiber.z_um.shape}: one value at each of Fiber.z_um",
                )
            )  # fmt: skip
        elif not np.all(np.isfinite(array)):
            at = int(np.flatnonzero(~np.isfinite(array))[0])
            problems.append(
                Problem(
                    what="field is not finite", where=f"field[{i}]", found=f"{array[at]} at compartment {at}",
                    allowed="finite mV per mA", why="a source may lie on the fiber",
                )
            )  # fmt: skip
    if pulse.amplitude_ma == 0:
        problems.append(Problem(what="the pulse has no sign", found="amplitude_ma = 0", allowed="any other number"))
    shortest = min(phase.width_us for phase in pulse.phases)
    if not (math.isfinite(dt_us) and 0 < dt_us <= min(shortest / 2.0, 25.0)):
        problems.append(
            Problem(
                what="dt_us does not resolve the pulse or the membrane", found=f"{dt_us:g} us",
                allowed=f"above 0, up to {min(shortest / 2.0, 25.0):g} us (half the shortest phase, at most 25 us)",
            )
        )  # fmt: skip
    if not (math.isfinite(delay_us) and delay_us >= 0):
        problems.append(Problem(what="delay_us is no time", found=f"{delay_us}", allowed="0 us or more"))
    if duration_us is not None and not (math.isfinite(duration_us) and duration_us > delay_us + pulse.duration_us):
        problems.append(
            Problem(
                what="duration_us ends before the pulse", found=f"{duration_us:g} us",
                allowed=f"above {delay_us + pulse.duration_us:g} us (delay and pulse)",
            )
        )  # fmt: skip
    return problems


__all__ = ["Trace", "simulate", "threshold_ma", "unit_wave", "watched"]
