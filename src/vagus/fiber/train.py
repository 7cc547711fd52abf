"""One fiber under several sources at once: any waveform in any potential, current into a node; its spikes over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.engine.batch import Batch, Task, field_problems, run_us, time_problems
from vagus.fiber.engine.cable import watched
from vagus.fiber.engine.search import onset
from vagus.fiber.model.packed import Scheme
from vagus.fiber.stimulus import Wave

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


def drive_batch(
    fibers: Sequence[Fiber], drives: Sequence[Sequence[Drive]], *, scaled: Sequence[bool], duration_us: float | None,
    dt_us: float | None, scheme: Scheme, temperature_degc: float | None, watch: int | None = None,
) -> Batch:  # fmt: skip
    """Fibers under their drives, checked and prepared; the waves are those of the first fiber's drives."""
    waves = tuple(drive.wave for drive in drives[0])
    fields, injected = [], []
    for fiber, own in zip(fibers, drives, strict=True):
        field, inject = np.zeros((len(own), fiber.z_um.size)), np.zeros((len(own), fiber.n_node))
        for k, drive in enumerate(own):
            if drive.node is not None:
                if not 0 <= drive.node < fiber.n_node:
                    raise InputError(
                        Problem(what="no such node", found=f"{drive.node}", allowed=f"0 to {fiber.n_node - 1}")
                    )
                inject[k, drive.node] = 1.0
            elif drive.field_mv_per_ma is not None:
                problems = field_problems([fiber], [drive.field_mv_per_ma])
                if problems:
                    raise InputError(problems)
                field[k] = drive.field_mv_per_ma
        fields.append(field)
        injected.append(inject)
    end_us = max(wave.end_us for wave in waves)
    problems = time_problems(min(w.shortest_us for w in waves), 0.0, dt_us=dt_us, duration_us=duration_us)
    if problems:
        raise InputError(problems)
    task = Task(
        fibers=tuple(fibers), fields=tuple(fields), waves=waves, scaled=np.array(scaled, dtype=bool),
        duration_us=np.array([duration_us or run_us(f, end_us) for f in fibers]),
        watch=np.array([watched(f) if watch is None else watch for f in fibers], dtype=np.int64),
        injected=tuple(injected),
    )  # fmt: skip
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
    batch = drive_batch(
        [fiber], [drives], scaled=[False] * len(drives), duration_us=duration_us, dt_us=dt_us, scheme=scheme,
        temperature_degc=temperature_degc,
    )  # fmt: skip
    seen = batch.bundle.run(
        np.zeros(1, dtype=np.int64), np.ones((1, len(drives))), batch.wave, n_step=batch.n_step, max_spikes=max_spikes
    )
    return Spikes(
        z_um=fiber.z_um[fiber.node_index], count=seen.n_spike[0], time_us=1e3 * seen.spike_ms[0] - batch.early_us
    )


def threshold_factor(
    fibers: Sequence[Fiber],
    drives: Sequence[Sequence[Drive]],
    *,
    scaled: Sequence[bool] | None = None,
    after_us: float = 0.0,
    rel_tol: float = 1e-3,
    limit: float = math.inf,
    duration_us: float | None = None,
    dt_us: float | None = None,
    scheme: Scheme = "second_order",
    temperature_degc: float | None = None,
) -> FloatArray:
    """Smallest factor of the scaled drives at which a spike arrives at 90 % of each fiber after `after_us`.

    Parameters
    ----------
    drives : sequence of sequences of Drive
        For each fiber its drives; all fibers have the same waves.
    scaled : sequence of bool, optional
        Which drives the factor scales; the others run as they are. Without it, all.
    """
    which = [True] * len(drives[0]) if scaled is None else list(scaled)
    batch = drive_batch(
        fibers, drives, scaled=which, duration_us=duration_us, dt_us=dt_us, scheme=scheme,
        temperature_degc=temperature_degc,
    )  # fmt: skip

    def run(owner: IntArray, factors: FloatArray) -> IntArray:
        if all(which) and after_us == 0.0:
            return batch.status(owner, factors)
        times, _ = batch.seen(owner, factors, max_spikes=MOST_SPIKES)
        return np.any(times > after_us, axis=1).astype(np.int64)

    return onset(run, batch.guess(), rel_tol=rel_tol, limit=limit, per_round=max(1, 8 // len(fibers)))[0]


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
    batch = drive_batch(
        [fiber], [[block, test]], scaled=[True, False], duration_us=duration_us, dt_us=dt_us, scheme=scheme,
        temperature_degc=temperature_degc,
    )  # fmt: skip

    def blocked(owner: IntArray, factors: FloatArray) -> IntArray:
        times, _ = batch.seen(owner, factors, max_spikes=MOST_SPIKES)
        return (~np.any(times > test_us, axis=1)).astype(np.int64)

    if blocked(np.zeros(1, dtype=np.int64), np.zeros(1))[0]:
        raise InputError(
            Problem(what="the test pulse does not fire the fiber without a block", allowed="a stronger test")
        )
    guess = np.minimum(batch.guess(), limit_ma / 2.0)
    return float(onset(blocked, guess, rel_tol=rel_tol, limit=limit_ma, per_round=8)[0][0])
