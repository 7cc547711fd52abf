"""One fiber under several sources at once: any waveform in any potential, current into a node; its spikes over time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.engine.batch import Batch, Task, field_problems, in_parts, run_us, time_problems
from vagus.fiber.engine.cable import refuse_broken, watched
from vagus.fiber.engine.onset import find_onset
from vagus.fiber.engine.search import onset
from vagus.fiber.model.packed import Scheme
from vagus.fiber.stimulus import Wave
from vagus.store import Store, digest

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MOST_SPIKES = 512


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """One source: its current over time, and where it acts.

    Parameters
    ----------
    wave : Wave
        In mA for a contact, in nA for a clamp.
    field_mv_per_ma : (n,) array, optional
        Potential of a contact at the fiber's compartments.
    node : int, optional
        Instead: the node into which an intracellular clamp injects.
    """

    wave: Wave
    field_mv_per_ma: FloatArray | None = None
    node: int | None = None

    def __post_init__(self) -> None:
        if (self.field_mv_per_ma is None) == (self.node is None):
            raise InputError(
                Problem(what="a drive acts outside or inside", allowed="field_mv_per_ma or node, not both")
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spikes:
    """When each node of a fiber spiked.

    Parameters
    ----------
    z_um : (n_node,) array
    count : (n_node,) array of int
    time_us : (n_node, n) array
        Interpolated rises through -30 mV; nan beyond a node's count.
    """

    z_um: FloatArray
    count: IntArray
    time_us: FloatArray

    def at(self, node: int) -> FloatArray:
        """Times at one node (us)."""
        return self.time_us[node, : min(int(self.count[node]), self.time_us.shape[1])]


def drive_task(
    fibers: Sequence[Fiber], drives: Sequence[Sequence[Drive]], *, scaled: Sequence[bool], duration_us: float | None,
    dt_us: float | None, watch: int | None = None, threads: int | None = None,
) -> Task:  # fmt: skip
    """Fibers under their drives, checked. The task's waves are those of the first fiber: group fibers by waves."""
    if not len(fibers) or len(fibers) != len(drives) or not all(len(own) for own in drives):
        raise InputError(
            Problem(what="one or more drives for each of one or more fibers",
                    found=f"{len(fibers)} fibers, {len(drives)} lists of drives")
        )  # fmt: skip
    strays = [type(one).__name__ for own in drives for one in own if not isinstance(one, Drive)]
    if strays:
        raise InputError(Problem(what="no drive", found=strays[0], allowed="for each fiber a list of Drive"))
    if any(len(own) != len(scaled) for own in drives):
        raise InputError(
            Problem(what="drives do not fit", found=f"{[len(own) for own in drives][:8]} drives, {len(scaled)} scaled",
                    allowed="as many drives for each fiber as there are entries of scaled")
        )  # fmt: skip
    problems: list[Problem] = []
    fields, injected = [], []
    for f, (fiber, own) in enumerate(zip(fibers, drives, strict=True)):
        field, inject = np.zeros((len(own), fiber.z_um.size)), np.zeros((len(own), fiber.n_node))
        for k, drive in enumerate(own):
            where = f"drives[{f}][{k}]"
            if drive.node is not None:
                if not 0 <= drive.node < fiber.n_node:
                    problems.append(
                        Problem(what="no such node", where=where, found=f"{drive.node}",
                                allowed=f"0 to {fiber.n_node - 1}")
                    )  # fmt: skip
                else:
                    inject[k, drive.node] = 1.0
            elif drive.field_mv_per_ma is not None:
                wrong = field_problems([fiber], [drive.field_mv_per_ma])
                problems += [dataclasses.replace(one, where=f"{where}.field_mv_per_ma") for one in wrong]
                if not wrong:
                    field[k] = drive.field_mv_per_ma
        fields.append(field)
        injected.append(inject)
    shortest_us = min(drive.wave.shortest_us for own in drives for drive in own)
    problems += time_problems(shortest_us, 0.0, dt_us=dt_us, duration_us=duration_us, threads=threads)
    if watch is not None and not all(0 <= watch < fiber.n_node for fiber in fibers):
        problems.append(Problem(what="no such node to watch", found=f"{watch}", allowed="a node of each fiber"))
    if problems:
        raise InputError(problems)
    return Task(
        fibers=tuple(fibers), fields=tuple(fields), waves=tuple(drive.wave for drive in drives[0]),
        scaled=np.array(scaled, dtype=bool),
        duration_us=np.array(
            [duration_us or run_us(f, max(d.wave.end_us for d in own)) for f, own in zip(fibers, drives, strict=True)]
        ),
        watch=np.array([watched(f) if watch is None else watch for f in fibers], dtype=np.int64),
        injected=tuple(injected),
    )  # fmt: skip


def drive_batch(
    fiber: Fiber, drives: Sequence[Drive], *, scaled: Sequence[bool] | None = None, duration_us: float | None,
    dt_us: float | None, scheme: Scheme, temperature_degc: float | None, watch: int | None = None,
) -> Batch:  # fmt: skip
    """One fiber under its drives, checked and prepared; without `scaled` none is scaled."""
    which = [False] * len(drives) if scaled is None else scaled
    task = drive_task([fiber], [drives], scaled=which, duration_us=duration_us, dt_us=dt_us, watch=watch)
    return Batch.of(task, dt_us=dt_us, scheme=scheme, temperature_degc=temperature_degc)


def spikes(
    fiber: Fiber,
    drives: Sequence[Drive],
    *,
    duration_us: float | None = None,
    dt_us: float | None = None,
    scheme: Scheme = "second_order",
    temperature_degc: float | None = None,
    max_spikes: int = MOST_SPIKES,
) -> Spikes:
    """All spikes of a fiber under its drives, with its own refractoriness.

    Raises
    ------
    InputError
        A field that does not fit the fiber, a node that is not there, or a step too large.

    Examples
    --------
    >>> from vagus.dose import Pulse
    >>> fiber = Fiber.of("mrg", diameter_um=10.0, n_node=21)
    >>> kick = Pulse(amplitude_ma=2.0, width_us=100.0, shape="monophasic")  # in a clamp: nA
    >>> found = spikes(fiber, [Drive(wave=Wave.of_pulse(kick, at_us=[0.0, 5000.0]), node=3)])
    >>> found.at(18).size
    2
    """
    if max_spikes < 1:
        raise InputError(Problem(what="max_spikes out of range", found=f"{max_spikes}", allowed="1 or more"))
    batch = drive_batch(
        fiber, drives, duration_us=duration_us, dt_us=dt_us, scheme=scheme, temperature_degc=temperature_degc
    )
    seen = batch.bundle.run(
        np.zeros(1, dtype=np.int64), np.ones((1, len(drives))), batch.wave, n_step=batch.n_step, max_spikes=max_spikes
    )
    refuse_broken(seen)
    return Spikes(
        z_um=fiber.z_um[fiber.node_index], count=seen.n_spike[0], time_us=1e3 * seen.spike_ms[0] - batch.early_us
    )


def threshold_factor(
    fibers: Sequence[Fiber],
    drives: Sequence[Sequence[Drive]],
    *,
    scaled: Sequence[bool] | None = None,
    after_us: float = 0.0,
    least_spikes: int = 1,
    rel_tol: float = 1e-3,
    limit: float = math.inf,
    duration_us: float | None = None,
    dt_us: float | None = None,
    scheme: Scheme = "second_order",
    temperature_degc: float | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
    store: Store | None = None,
) -> FloatArray:
    """Smallest factor of the scaled drives at which a spike arrives at 90 % of each fiber.

    Parameters
    ----------
    drives : sequence of sequences of Drive
        For each fiber its drives, as many for one as for another; fibers that share their waves run together.
    scaled : sequence of bool, optional
        Which drives the factor scales; the others run as they are. Without it, all.
    after_us : float
        Only spikes that arrive later count.
    least_spikes : int
        How many must arrive.
    limit : float
        Largest factor that is tried.
    threads, progress, store
        As in `threshold_ma`.

    Returns
    -------
    (n_fiber,) array
        Infinite where no factor up to `limit` does.

    Raises
    ------
    InputError
        Drives that do not fit the fibers, or a number out of range.
    ModelRange
        A fiber that fires without the scaled drives.
    """
    _check_search(rel_tol, limit, after_us, least_spikes)
    if any(isinstance(own, Drive) for own in drives):
        raise InputError(Problem(what="no list of drives", found="a Drive", allowed="for each fiber a list of Drive"))
    which = list(scaled) if scaled is not None else [True] * (len(drives[0]) if len(drives) else 0)
    task = drive_task(fibers, drives, scaled=which, duration_us=duration_us, dt_us=dt_us, threads=threads)
    groups: dict[str, list[int]] = {}
    for f, own in enumerate(drives):
        groups.setdefault(digest([x for d in own for x in (d.wave.steps, d.wave.sines)]), []).append(f)
    found = np.empty(len(fibers))
    plain = all(which) and after_us == 0.0 and least_spikes == 1
    for members in groups.values():
        part = dataclasses.replace(
            task.part(np.array(members)), waves=tuple(drive.wave for drive in drives[members[0]])
        )

        def work(index: IntArray, part: Task = part) -> FloatArray:
            batch = Batch.of(part.part(index), dt_us=dt_us, scheme=scheme, temperature_degc=temperature_degc)

            def run(owner: IntArray, factors: FloatArray) -> IntArray:
                times, count = batch.seen(owner, factors, max_spikes=MOST_SPIKES)
                late = count if after_us == 0.0 else np.sum(times > after_us, axis=1)
                return (late >= least_spikes).astype(np.int64)

            return find_onset(batch, rel_tol=rel_tol, limit=limit, run=None if plain else run)[:1]

        found[members] = in_parts(
            part, work, rows=1, threads=threads, progress=progress, store=store,
            made_from=(dt_us, scheme, temperature_degc, rel_tol, limit, after_us, least_spikes),
        )[0]  # fmt: skip
    return found


def _check_search(rel_tol: float, limit: float, after_us: float, least_spikes: int) -> None:
    problems = [
        Problem(what=f"{name} out of range", found=f"{value}", allowed=allowed)
        for name, value, fits, allowed in (
            ("rel_tol", rel_tol, 0 < rel_tol < 0.5, "above 0, below 0.5"),
            ("limit", limit, limit > 0, "above 0"),
            ("after_us", after_us, math.isfinite(after_us) and after_us >= 0, "0 us or more"),
            ("least_spikes", least_spikes, least_spikes >= 1, "1 or more"),
        )
        if not fits
    ]
    if problems:
        raise InputError(problems)


def block_threshold_ma(
    fiber: Fiber,
    block: Drive,
    test: Drive,
    *,
    test_us: float,
    rel_tol: float = 0.01,
    limit_ma: float = 100.0,
    duration_us: float | None = None,
    dt_us: float | None = None,
    scheme: Scheme = "second_order",
    temperature_degc: float | None = None,
) -> float:
    """Smallest factor of the blocking drive at which no spike of the test drive arrives at 90 % of the fiber.

    Only spikes after `test_us` count, so that the onset response of a kHz current does not; the test must fire alone.

    Parameters
    ----------
    block : Drive
        kHz or DC, with a wave of amplitude 1.
    test : Drive
        A pulse at `test_us`, strong enough to fire the fiber.

    Returns
    -------
    float
        Infinite: no block up to `limit_ma`.

    Raises
    ------
    InputError
        The test does not fire without the block.
    """
    _check_search(rel_tol, limit_ma, test_us, 1)
    batch = drive_batch(
        fiber, [block, test], scaled=[True, False], duration_us=duration_us, dt_us=dt_us, scheme=scheme,
        temperature_degc=temperature_degc,
    )  # fmt: skip

    def blocked(owner: IntArray, factors: FloatArray) -> IntArray:
        times, count = batch.seen(owner, factors, max_spikes=MOST_SPIKES)
        # a run that left the range of numbers blocks nothing; one with more spikes than are kept is no block either
        told = (count >= 0) & (count <= MOST_SPIKES)
        return (told & ~np.any(times > test_us, axis=1)).astype(np.int64)

    if blocked(np.zeros(1, dtype=np.int64), np.zeros(1))[0]:
        raise InputError(
            Problem(what="the test pulse does not fire the fiber without a block", allowed="a stronger test")
        )
    guess = np.minimum(batch.guess(), limit_ma / 2.0)
    return float(onset(blocked, guess, rel_tol=rel_tol, limit=limit_ma, per_round=8)[0][0])
