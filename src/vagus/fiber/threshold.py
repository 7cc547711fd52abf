"""Thresholds of many fibers at once, and one fiber over time."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from vagus.dose import Pulse
from vagus.dose.ranges import demand, outside
from vagus.errors import Caution, InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.engine.batch import Batch, Task, field_problems, in_parts, pulse_task, stride_of, time_problems
from vagus.fiber.engine.cable import FIRED, refuse_broken
from vagus.fiber.engine.onset import find_onset
from vagus.fiber.engine.search import upper_edge
from vagus.fiber.model.packed import Scheme
from vagus.store import Store

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


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
        When each node first rose through -30 mV (interpolated); nan where it did not.
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Activation:
    """The interval of currents in which each fiber fires, and what was simulated on both sides of its edges.

    Parameters
    ----------
    onset_ma : (n,) array
        Smallest current that was seen to fire; infinite with the pulse's sign where none up to the limit.
    below_ma : (n,) array
        The next current below, seen to stay silent.
    upper_ma : (n,) array
        Largest current of the interval that was seen to fire; above it a virtual anode blocks the spike.
    above_ma : (n,) array
        The next current above, seen not to arrive; infinite where the fiber fires up to the largest current tried, or
        to one at which the equations leave the range of numbers.
    """

    onset_ma: FloatArray
    below_ma: FloatArray
    upper_ma: FloatArray
    above_ma: FloatArray

    def __post_init__(self) -> None:
        for name in ("onset_ma", "below_ma", "upper_ma", "above_ma"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)


def threshold_ma(
    fibers: Sequence[Fiber],
    field: Sequence[FloatArray],
    pulse: Pulse,
    *,
    dt_us: float | None = None,
    scheme: Scheme = "second_order",
    rel_tol: float = 1e-3,
    limit_ma: float | None = None,
    delay_us: float = 100.0,
    duration_us: float | None = None,
    temperature_degc: float | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
    store: Store | None = None,
) -> FloatArray:
    """Smallest current of the pulse's first phase that fires each fiber, with the pulse's sign, in mA.

    Firing means that the node at 90 % of the fiber rises through -30 mV: the spike started and traveled. Currents that
    are tried lie on a grid of ratio ``1 - rel_tol`` that all fibers share, so that neither the order of a batch nor its
    splitting changes an answer. The search starts low, so that it does not land on the far side of a
    virtual-anode block; of a fiber that fires in fragments of current it gives the lowest that was found.

    Parameters
    ----------
    fibers : sequence of Fiber
    field : sequence of (n,) array
        For each fiber the potential in mV per mA of pulse amplitude at its compartments (`Fiber.z_um`).
    pulse : Pulse
        Its amplitude gives the sign only.
    dt_us : float, optional
        Time step. Without it 2.5 us in a myelinated and 8 us in an unmyelinated fiber, less for phases below 100 us
        (as the root of the width, and as its power 3/2): thresholds are then within 0.3 % of their limit at dt -> 0 (C
        fibers and phases below 50 us: 1 %).
    scheme : "second_order" or "parity"
        Second order in time; or backward Euler with the steps of NEURON, which at 5 us reads 1.3 to 1.5 % above its own
        limit at dt -> 0 in a myelinated fiber.
    rel_tol : float
        The bracket's width over its upper end, at which the search ends; the upper end is returned.
    limit_ma : float, optional
        Largest current that matters. A fiber in which one run at this current makes no node fire is above it.
    delay_us : float
        Time before the pulse.
    duration_us : float, optional
        Length of a run; without it, the delay, the pulse, and the time that the model's slowest spike may take.
    temperature_degc : float, optional
        Without it, that of the model.
    threads : int, optional
        Without it, as many as there are cores.
    progress : callable, optional
        Told the share of fibers that are done.
    store : Store, optional
        Keeps each part that is done, so that a call after an interrupt goes on from there (`vagus.files.FolderStore`).

    Returns
    -------
    (n_fiber,) array
        Never nan. Infinite with the pulse's sign: no firing up to `limit_ma`, or, without a limit, up to ten million
        times the first current tried.

    Raises
    ------
    InputError
        A field of the wrong length or not finite, a step too large for the pulse, or a number out of range.

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
    array([-0.067])
    """
    task = _checked(
        fibers,
        field,
        pulse,
        dt_us=dt_us,
        rel_tol=rel_tol,
        limit_ma=limit_ma,
        delay_us=delay_us,
        duration_us=duration_us,
        threads=threads,
    )
    _warn_of_ends(fibers, field)

    def work(index: IntArray) -> FloatArray:
        batch = Batch.of(task.part(index), dt_us=dt_us, scheme=scheme, temperature_degc=temperature_degc)
        return find_onset(batch, rel_tol=rel_tol, limit=limit_ma or math.inf)[:1]

    found = in_parts(
        task, work, rows=1, threads=threads, progress=progress, store=store,
        made_from=(dt_us, scheme, temperature_degc, rel_tol, limit_ma),
    )  # fmt: skip
    return math.copysign(1.0, pulse.amplitude_ma) * found[0]


def activation_interval(
    fibers: Sequence[Fiber],
    field: Sequence[FloatArray],
    pulse: Pulse,
    *,
    dt_us: float | None = None,
    scheme: Scheme = "second_order",
    rel_tol: float = 1e-3,
    limit_ma: float | None = None,
    delay_us: float = 100.0,
    duration_us: float | None = None,
    temperature_degc: float | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
    store: Store | None = None,
) -> Activation:
    """Onset of firing, and the upper edge where a virtual anode blocks the spike, each with its simulated bracket.

    Parameters
    ----------
    limit_ma : float, optional
        Largest current tried; without it, a thousand times the onset.

    Raises
    ------
    InputError
        As `threshold_ma`, which explains the other parameters.

    Examples
    --------
    >>> from vagus.dose import Pulse
    >>> from vagus.field import point_mv_per_ma
    >>> fiber = Fiber.of("mrg", diameter_um=16.0, n_node=31)
    >>> field = point_mv_per_ma(500.0, 0.0, fiber.z_um - fiber.z_um[165], sigma_s_per_m=0.3)
    >>> pulse = Pulse(amplitude_ma=-1.0, width_us=100.0, shape="monophasic")
    >>> found = activation_interval([fiber], [field], pulse, rel_tol=0.01)
    >>> found.onset_ma.round(3), bool(abs(found.upper_ma[0]) < 1.0)
    (array([-0.061]), True)
    """
    task = _checked(
        fibers,
        field,
        pulse,
        dt_us=dt_us,
        rel_tol=rel_tol,
        limit_ma=limit_ma,
        delay_us=delay_us,
        duration_us=duration_us,
        threads=threads,
    )
    _warn_of_ends(fibers, field)
    limit = limit_ma or math.inf

    def work(index: IntArray) -> FloatArray:
        batch = Batch.of(task.part(index), dt_us=dt_us, scheme=scheme, temperature_degc=temperature_degc)
        both = find_onset(batch, rel_tol=rel_tol, limit=limit)

        def whole(owner: IntArray, factors: FloatArray) -> IntArray:
            return batch.status(owner, factors, whole=True)

        return np.vstack([both, upper_edge(whole, both[0], rel_tol=rel_tol, limit=limit)])

    edges = in_parts(
        task, work, rows=4, threads=threads, progress=progress, store=store,
        made_from=(dt_us, scheme, temperature_degc, rel_tol, limit_ma),
    )  # fmt: skip
    edges *= math.copysign(1.0, pulse.amplitude_ma)
    return Activation(onset_ma=edges[0], below_ma=edges[1], upper_ma=edges[2], above_ma=edges[3])


def simulate(
    fiber: Fiber,
    field: FloatArray,
    pulse: Pulse,
    *,
    dt_us: float | None = None,
    scheme: Scheme = "second_order",
    delay_us: float = 100.0,
    duration_us: float | None = None,
    every_us: float | None = None,
    temperature_degc: float | None = None,
) -> Trace:
    """One fiber under one pulse at its own amplitude: membrane voltage of each node over time.

    Parameters
    ----------
    field : (n,) array
        Potential in mV per mA at the fiber's compartments.
    dt_us : float, optional
        As in `threshold_ma`. With "second_order" points lie half a step off the grid, where the voltages stand.
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
    task = _checked([fiber], [field], pulse, dt_us=dt_us, delay_us=delay_us, duration_us=duration_us)
    batch = Batch.of(task, dt_us=dt_us, scheme=scheme, temperature_degc=temperature_degc)
    dt_us = batch.dt_us
    stride = stride_of(batch, every_us)
    seen = batch.bundle.run(
        np.zeros(1, dtype=np.int64), np.array([[abs(pulse.amplitude_ma)]]), batch.wave, n_step=batch.n_step,
        stride=stride, voltages=True, max_spikes=1,
    )  # fmt: skip
    refuse_broken(seen)
    v_mv = seen.voltage[0]
    return Trace(
        t_us=dt_us * stride * np.arange(1, v_mv.shape[0] + 1, dtype=np.float64) - batch.early_us,
        z_um=fiber.z_um[fiber.node_index], v_mv=v_mv, spike_us=1e3 * seen.spike_ms[0, :, 0] - batch.early_us,
        fired=bool(seen.status[0] == FIRED),
    )  # fmt: skip


def _checked(
    fibers: Sequence[Fiber], field: Sequence[FloatArray], pulse: Pulse, *, dt_us: float | None, delay_us: float,
    duration_us: float | None, rel_tol: float = 1e-3, limit_ma: float | None = None, threads: int | None = None,
) -> Task:  # fmt: skip
    if not isinstance(pulse, Pulse):
        raise InputError(Problem(what="no pulse", where="pulse", found=f"{pulse!r:.60}", allowed="a vagus.dose.Pulse"))
    options = {
        "dt_us": dt_us, "duration_us": duration_us, "limit_ma": limit_ma, "threads": threads, "delay_us": delay_us,
        "rel_tol": rel_tol,
    }  # fmt: skip
    demand(outside(name, value) for name, value in options.items() if not isinstance(value, Real | None))
    problems = field_problems(fibers, field)
    if pulse.amplitude_ma == 0:
        problems.append(Problem(what="the pulse has no sign", found="amplitude_ma = 0", allowed="any other number"))
    problems += time_problems(
        min(phase.width_us for phase in pulse.phases), delay_us + pulse.duration_us, dt_us=dt_us, delay_us=delay_us,
        duration_us=duration_us, threads=threads,
    )  # fmt: skip
    if not 0 < rel_tol < 0.5:
        problems.append(Problem(what="rel_tol out of range", found=f"{rel_tol}", allowed="above 0, below 0.5"))
    if limit_ma is not None and not (math.isfinite(limit_ma) and limit_ma > 0):
        problems.append(Problem(what="limit_ma is no current", found=f"{limit_ma}", allowed="above 0 mA"))
    if problems:
        raise InputError(problems)
    return pulse_task(fibers, field, pulse, delay_us=delay_us, duration_us=duration_us)


def _warn_of_ends(fibers: Sequence[Fiber], field: Sequence[FloatArray]) -> None:
    driven = [i for i, (fiber, own) in enumerate(zip(fibers, field, strict=True)) if fiber.ends_matter(own)]
    if driven:
        more = f" and {len(driven) - 1} more" if len(driven) > 1 else ""
        warnings.warn(
            f"field[{driven[0]}]{more}: the field drives the fiber's sealed end, so the threshold may be that of a cut "
            "end; take a longer fiber (`length_for_um` tells how long)",
            Caution,
            stacklevel=3,
        )


__all__ = ["Activation", "Trace", "activation_interval", "simulate", "threshold_ma"]
