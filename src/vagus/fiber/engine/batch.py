"""Many fibers: sorted into batches of like layout, prepared, run in threads."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from vagus.dose import Pulse
from vagus.dose.ranges import demand, outside
from vagus.errors import InputError, Problem, nearest
from vagus.fiber.axon import Fiber
from vagus.fiber.engine.cable import BROKEN, WIDTH, Bundle, stages, watched
from vagus.fiber.membrane import Membrane, membrane, membrane_keys
from vagus.fiber.model.packed import Scheme
from vagus.fiber.stimulus import Wave
from vagus.store import Store, digest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BATCH, LEAST, PARTS = 256, 48, 4  # fibers of a batch, at most and at least; batches for each thread
ENGINE = "fiber engine 1"  # raise when answers change: what a store keeps is then computed again
LIKE = 1.15  # fibers of one batch differ in nodes by no more than this
SHORTEST_STEP_US, LONGEST_STEP_US = 0.01, 25.0
# thresholds of 100 us pulses at these steps lie within 0.3 % of their limit at dt -> 0 (tests/laws/test_step_order.py)
STEP_MYELINATED_US, STEP_UNMYELINATED_US = 2.5, 8.0
# the first current tried bends the potential by this much over BEND_UM (or a node, where nodes lie further apart):
# about half of what fires a fiber, and far below a virtual-anode block
FIRST_BEND_MV, BEND_UM = 20.0, 300.0
# for shorter phases steps shrink: as the root of the width, in C fibers as its power 3/2 (phases without a gap cancel)
WIDTH_US = 100.0
LOW_DEGC, HIGH_DEGC = 0.0, 50.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """Fibers under sources that are scaled together, or not.

    Parameters
    ----------
    fibers : tuple of Fiber
    fields : tuple of (n_source, n) array
        For each fiber, potential in mV per unit of each source.
    injected : tuple of (n_source, n_node) array, optional
        Current into each node in nA per unit of each source.
    waves : tuple of Wave
    scaled : (n_source,) array of bool
        Whether a search scales the source; else it runs as it is.
    duration_us : (n_fiber,) array
    watch : (n_fiber,) array of int
        Node where a spike counts.
    """

    fibers: tuple[Fiber, ...]
    fields: tuple[FloatArray, ...]
    waves: tuple[Wave, ...]
    scaled: NDArray[np.bool_]
    duration_us: FloatArray
    watch: IntArray
    injected: tuple[FloatArray, ...] | None = None

    def part(self, index: IntArray) -> Task:
        """Some of the fibers."""
        return Task(
            fibers=tuple(self.fibers[i] for i in index), fields=tuple(self.fields[i] for i in index),
            waves=self.waves, scaled=self.scaled, duration_us=self.duration_us[index], watch=self.watch[index],
            injected=None if self.injected is None else tuple(self.injected[i] for i in index),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """A task's equations at one step, ready to be run at many currents."""

    task: Task
    bundle: Bundle
    wave: FloatArray
    n_step: IntArray
    quiet_from: IntArray
    dt_us: float
    early_us: float
    known_to_rest: bool

    @staticmethod
    def of(task: Task, *, dt_us: float | None, scheme: Scheme, temperature_degc: float | None) -> Batch:
        """Prepare a task; without a step, that of the model.

        Raises
        ------
        InputError
            No such scheme, or a temperature at which no model holds.
        """
        if scheme not in get_args(Scheme):
            raise InputError(
                Problem(what="no such scheme", found=f'"{scheme}"', allowed=nearest(str(scheme), get_args(Scheme)))
            )
        if temperature_degc is not None:
            demand([outside("temperature_degc", temperature_degc, low=LOW_DEGC, high=HIGH_DEGC)])
        dt_us = step_us(task.fibers[0], dt_us, min(wave.shortest_us for wave in task.waves))
        n_step = np.ceil(task.duration_us / dt_us - 1e-9).astype(np.int64)
        wave = stages(task.waves, int(n_step.max()), dt_us=dt_us, scheme=scheme)
        on = np.flatnonzero(np.any(wave != 0.0, axis=(0, 2)))
        last = int(on[-1]) + 1 if on.size else 0
        bundle = Bundle.of(
            task.fibers, task.fields, dt_ms=dt_us / 1e3, scheme=scheme, temperature_degc=temperature_degc,
            injected=task.injected,
        )  # fmt: skip
        # with two stages steps begin half a step early (see `stages`)
        early_us = 0.0 if scheme == "parity" else 0.5 * dt_us
        return Batch(
            task=task, bundle=bundle, wave=wave, n_step=n_step, quiet_from=np.minimum(last, n_step), dt_us=dt_us,
            early_us=early_us, known_to_rest=_known_to_rest(task.fibers[0].membrane, temperature_degc),
        )  # fmt: skip

    def seen(self, fibers: IntArray, factors: FloatArray, *, max_spikes: int) -> tuple[FloatArray, IntArray]:
        """Times (us) of spikes at the watched node, (n_job, max_spikes), and their number; runs are not cut short.

        The number is -1 where a run left the range of numbers.
        """
        jobs = np.asarray(fibers, dtype=np.int64)
        scale = np.where(self.task.scaled[None, :], factors[:, None], 1.0)
        seen = self.bundle.run(jobs, scale, self.wave, n_step=self.n_step, watch=self.task.watch, max_spikes=max_spikes)
        at = self.task.watch[jobs]
        rows = np.arange(jobs.size)
        count = np.where(seen.status == BROKEN, -1, seen.n_spike[rows, at])
        return 1e3 * seen.spike_ms[rows, at] - self.early_us, count

    def status(self, fibers: IntArray, factors: FloatArray, *, whole: bool = False) -> IntArray:
        """Whether the watched node fires, for some fibers at some factors; `whole`: runs are not cut short."""
        scale = np.where(self.task.scaled[None, :], factors[:, None], 1.0)
        return self.bundle.run(
            np.asarray(fibers, dtype=np.int64), scale, self.wave, n_step=self.n_step,
            quiet_from=None if whole else self.quiet_from, watch=self.task.watch,
        ).status  # fmt: skip

    def guess(self) -> FloatArray:
        """Factor at which a search begins: far enough from nothing, far below a block."""
        found = np.empty(len(self.task.fibers))
        for f, (fiber, field) in enumerate(zip(self.task.fibers, self.task.fields, strict=True)):
            bend = max(
                (bend_mv(fiber, field[s]) * float(np.max(np.abs(self.wave[s, :, 1]), initial=0.0))
                 for s in np.flatnonzero(self.task.scaled)),
                default=0.0,
            )  # fmt: skip
            found[f] = FIRST_BEND_MV / bend if bend > 0 else math.inf
            if self.task.injected is not None and np.any(self.task.injected[f]):
                found[f] = min(found[f], 1.0)
        return found


def _known_to_rest(own: Membrane, temperature_degc: float | None) -> bool:
    """A model of the package at its own temperature (tests see that these rest)."""
    shipped = own.key in membrane_keys() and membrane(own.key) is own
    return shipped and temperature_degc in {None, own.temperature_degc}


def batches(task: Task, *, size: int = BATCH) -> Iterator[IntArray]:
    """Indices of fibers that can run together: one membrane, about as many nodes."""
    kinds: dict[tuple[object, ...], list[int]] = {}
    for i, fiber in enumerate(task.fibers):
        kinds.setdefault((fiber.model, id(fiber.membrane), fiber.per_internode), []).append(i)
    for members in kinds.values():
        order = sorted(members, key=lambda i: (task.fibers[i].n_node, task.fibers[i].diameter_um))
        begin = 0
        for stop in range(1, len(order) + 1):
            full = stop - begin >= size
            unlike = stop < len(order) and task.fibers[order[stop]].n_node > LIKE * task.fibers[order[begin]].n_node
            if stop == len(order) or full or unlike:
                yield np.array(order[begin:stop], dtype=np.int64)
                begin = stop


def in_threads(
    work: Callable[[IntArray], None], parts: Sequence[IntArray], *, threads: int | None,
    progress: Callable[[float], None] | None,
) -> None:  # fmt: skip
    """Work through parts, in as many threads as there are cores; kernels run without the interpreter's lock."""
    total, done = max(1, sum(part.size for part in parts)), 0
    count = max(1, min(threads or cores(), len(parts)))

    def told(part: IntArray) -> None:
        nonlocal done
        done += part.size
        if progress is not None:
            progress(done / total)

    if count == 1:
        for part in parts:
            work(part)
            told(part)
        return
    with ThreadPoolExecutor(count) as pool:
        # largest first, so that no thread ends on one
        ordered = sorted(parts, key=lambda part: -part.size)
        for part, _ in zip(ordered, pool.map(work, ordered), strict=True):
            told(part)


def in_parts(
    task: Task, work: Callable[[IntArray], FloatArray], *, rows: int, threads: int | None,
    progress: Callable[[float], None] | None, store: Store | None = None, made_from: Sequence[object] = (),
) -> FloatArray:  # fmt: skip
    """Answers (rows, n_fiber) of `work` for parts of a task; with a store, parts that it keeps are not run again.

    Answers do not depend on how a task is split, so parts that are kept are of one size on every machine.
    """
    found = np.empty((rows, len(task.fibers)))
    size = BATCH if store is not None else part_size(len(task.fibers), threads)

    def one(index: IntArray) -> None:
        if store is None:
            found[:, index] = work(index)
            return
        key = digest([rows, *made_from, *_content(task, index)])
        kept = store.load(key)
        if kept is None or kept.shape != (rows, index.size):
            kept = work(index)
            store.save(key, kept)
        found[:, index] = kept

    in_threads(one, list(batches(task, size=size)), threads=threads, progress=progress)
    return found


def _content(task: Task, index: IntArray) -> Iterator[object]:
    """All that the answers of some fibers depend on."""
    yield from (ENGINE, repr(task.fibers[index[0]].membrane))
    yield from (array for wave in task.waves for array in (wave.steps, wave.sines))
    yield from (task.scaled, task.duration_us[index], task.watch[index])
    for i in index:
        fiber = task.fibers[i]
        yield from (fiber.diameter_um, fiber.ends, fiber.length_um, task.fields[i])
        if task.injected is not None:
            yield task.injected[i]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def part_size(n: int, threads: int | None) -> int:
    """Fibers of a batch: each thread has several, so that none waits long for the last."""
    count = max(1, threads or cores())
    share = n if count == 1 else math.ceil(n / (PARTS * count))
    return min(BATCH, max(math.ceil(share / WIDTH) * WIDTH, min(LEAST, math.ceil(n / count / WIDTH) * WIDTH)))


def step_us(fiber: Fiber, dt_us: float | None, shortest_us: float) -> float:
    """Time step: as given, or the model's own, of which the shortest stretch of the stimulus is a whole number.

    Examples
    --------
    >>> step_us(Fiber.of("mrg", diameter_um=10.0, n_node=21), None, 100.0)
    2.5
    >>> step_us(Fiber.of("mrg", diameter_um=10.0, n_node=21), None, 25.0)
    1.25
    """
    if dt_us is not None:
        return dt_us
    myelinated = fiber.membrane.kind == "myelinated"
    own = STEP_MYELINATED_US if myelinated else STEP_UNMYELINATED_US
    if not math.isfinite(shortest_us):
        return own
    own *= (min(shortest_us, WIDTH_US) / WIDTH_US) ** (0.5 if myelinated else 1.5)
    return shortest_us / max(4, math.ceil(shortest_us / own - 1e-9))


def stride_of(batch: Batch, every_us: float | None) -> int:
    """Steps between recorded points.

    Raises
    ------
    InputError
        `every_us` is no time between a step and the run's length.
    """
    whole_us = batch.dt_us * float(batch.n_step.max())
    if every_us is not None and not 0 < every_us <= whole_us:
        raise InputError(
            Problem(what="every_us out of range", found=f"{every_us}", allowed=f"{batch.dt_us:g} to {whole_us:g} us")
        )
    return max(1, round((every_us or batch.dt_us) / batch.dt_us))


def run_us(fiber: Fiber, end_us: float) -> float:
    """Time of a run whose stimulus ends at `end_us`: the model's slowest spike then still reaches the fiber's end."""
    data = fiber.membrane
    length_um = float(fiber.z_um[-1] - fiber.z_um[0])
    return end_us + 1e3 * data.latency_ms + length_um / (data.speed_low_m_per_s_per_um * fiber.diameter_um)


def bend_mv(fiber: Fiber, potential: FloatArray) -> float:
    """How much the potential bends over `BEND_UM`: inside by its second difference, at the sealed ends by its slope."""
    at_nodes = potential[fiber.node_index]
    pitch_um = float(fiber.z_um[-1] - fiber.z_um[0]) / (fiber.n_node - 1)
    apart = min(max(1, round(BEND_UM / pitch_um)), (fiber.n_node - 1) // 2)
    inside = at_nodes[2 * apart :] - 2.0 * at_nodes[apart:-apart] + at_nodes[: -2 * apart]
    ends = (at_nodes[apart] - at_nodes[0], at_nodes[-1] - at_nodes[-1 - apart])
    bend = float(max(np.max(np.abs(inside)), *np.abs(ends)))
    # what is left of an even potential is rounding
    return bend if bend > 1e-12 * float(np.max(np.abs(potential))) else 0.0


def field_problems(fibers: Sequence[Fiber], field: Sequence[FloatArray]) -> list[Problem]:
    """What is wrong with the fields of fibers."""
    problems: list[Problem] = []
    for name, given in (("fibers", fibers), ("field", field)):
        if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str):
            problems.append(Problem(what=f"{name} is no sequence", found=f"{given!r:.60}", allowed="one entry a fiber"))
    if problems:
        return problems
    problems = [
        Problem(what="no fiber", where=f"fibers[{i}]", found=f"{fiber!r:.60}", allowed="a Fiber (`Fiber.of`)")
        for i, fiber in enumerate(fibers) if not isinstance(fiber, Fiber)
    ]  # fmt: skip
    if problems:
        return problems
    if len(fibers) != len(field):
        problems.append(Problem(what="one field a fiber", found=f"{len(fibers)} fibers, {len(field)} fields"))
    for i, (fiber, potential) in enumerate(zip(fibers, field, strict=False)):
        array, where = np.asarray(potential), f"field[{i}]"
        if array.dtype.kind not in "fiu":
            problems.append(
                Problem(what="field holds no real numbers", where=where, found=f"dtype {array.dtype}",
                        allowed="floats, in mV per mA")
            )  # fmt: skip
        elif array.shape != fiber.z_um.shape:
            problems.append(
                Problem(
                    what="field has another length than the fiber has compartments", where=where,
                    found=f"shape {array.shape}", allowed=f"shape {fiber.z_um.shape}: one value at each of Fiber.z_um",
                )
            )  # fmt: skip
        elif not np.all(np.isfinite(array)):
            at = int(np.flatnonzero(~np.isfinite(array))[0])
            problems.append(
                Problem(what="field is not finite", where=where, found=f"{array[at]} at compartment {at}",
                        allowed="finite mV per mA", why="a source may lie on the fiber")
            )  # fmt: skip
    return problems


def time_problems(
    shortest_us: float, end_us: float, *, dt_us: float | None, delay_us: float = 0.0,
    duration_us: float | None = None, threads: int | None = None,
) -> list[Problem]:  # fmt: skip
    """What is wrong with the times of a run."""
    problems: list[Problem] = []
    largest = min(shortest_us / 2.0, LONGEST_STEP_US)
    if dt_us is not None and not (math.isfinite(dt_us) and SHORTEST_STEP_US <= dt_us <= largest):
        problems.append(
            Problem(
                what="dt_us does not resolve the pulse or the membrane", found=f"{dt_us:g} us",
                allowed=f"{SHORTEST_STEP_US:g} to {largest:g} us (half the shortest phase, at most "
                f"{LONGEST_STEP_US:g} us)",
            )
        )  # fmt: skip
    if threads is not None and threads < 1:
        problems.append(Problem(what="threads out of range", found=f"{threads}", allowed="1 or more, or none"))
    if not (math.isfinite(delay_us) and delay_us >= 0):
        problems.append(Problem(what="delay_us is no time", found=f"{delay_us}", allowed="0 us or more"))
    if duration_us is not None and not (math.isfinite(duration_us) and duration_us > end_us):
        problems.append(
            Problem(
                what="duration_us ends before the pulse", found=f"{duration_us:g} us",
                allowed=f"above {end_us:g} us (delay and pulse)",
            )
        )  # fmt: skip
    return problems


def pulse_task(
    fibers: Sequence[Fiber], field: Sequence[FloatArray], pulse: Pulse, *, delay_us: float, duration_us: float | None
) -> Task:
    """One source, a pulse whose first phase is 1 with the pulse's sign."""
    wave = Wave.of_pulse(pulse.scaled(math.copysign(1.0, pulse.amplitude_ma)), at_us=(delay_us,))
    return Task(
        fibers=tuple(fibers), waves=(wave,),
        fields=tuple(np.asarray(v, dtype=np.float64).reshape(1, -1) for v in field),
        scaled=np.array([True]), duration_us=np.array([duration_us or run_us(f, wave.end_us) for f in fibers]),
        watch=np.array([watched(f) for f in fibers], dtype=np.int64),
    )  # fmt: skip
