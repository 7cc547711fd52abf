"""Fibers of one membrane as one batch of equations at one time step, and their run.

Two schemes. "parity": backward Euler with gates staggered by half a step, as NEURON's fixed step, first order.
"second_order": gates truly half a step away from the voltage, and the voltage step in two implicit stages of one matrix
(SDIRK2 with gamma = 1 - 1/sqrt 2, L-stable), so that stiff modes die instead of ringing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.engine.arrays import Axons, Gear, Lanes, Seen, lanes_for, work_for
from vagus.fiber.engine.internode.modes import Modes, divergence, end_modes, interior_modes, links
from vagus.fiber.model.packed import Scheme
from vagus.fiber.pack import Packed, pack
from vagus.fiber.stimulus import Wave

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SILENT, FIRED, ELSEWHERE, BROKEN = 0, 1, 2, 3  # as in the kernel
SPIKE_MV = -30.0
WIDTH = 8  # lanes: one vector register of doubles
SETTLE_STEPS, SETTLE_DT_MS = 40, 5.0
QUIET_MV, QUIET_SHARE, QUIET_EVERY_MS = 3.0, 0.05, 0.1
GAMMA = 1.0 - math.sqrt(0.5)
GROUP = 5  # modes that the kernel moves together
PAD = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bundle:
    """Fibers of one membrane, ready to run at one time step.

    Parameters
    ----------
    fibers : tuple of Fiber
    gear : Gear
    axons : Axons
    n_source : int
    modes : tuple of Modes or None
        Even, odd, first, last.
    """

    fibers: tuple[Fiber, ...]
    gear: Gear
    axons: Axons
    n_source: int
    modes: tuple[Modes, Modes, Modes, Modes] | None

    @staticmethod
    def of(
        fibers: Sequence[Fiber],
        fields: Sequence[FloatArray],
        *,
        dt_ms: float,
        scheme: Scheme = "second_order",
        temperature_degc: float | None = None,
        injected: Sequence[FloatArray] | None = None,
    ) -> Bundle:
        """Equations of fibers under sources.

        Parameters
        ----------
        fields : sequence of (n_source, n) array
            For each fiber, potential at its compartments in mV per unit of each source.
        injected : sequence of (n_source, n_node) array, optional
            Current into each node in nA per unit of each source.
        """
        modes = (*interior_modes(fibers), *end_modes(fibers)) if fibers[0].per_internode else None
        packs = [pack(f, dt_ms=dt_ms, temperature_degc=temperature_degc, scheme=scheme) for f in fibers]
        half = pack(fibers[0], dt_ms=dt_ms / 2.0, temperature_degc=temperature_degc, scheme=scheme)
        slow = [pack(f, dt_ms=SETTLE_DT_MS, temperature_degc=temperature_degc, scheme=scheme) for f in fibers]
        x_start, bound, mode_start, end_start = _settle(fibers, modes, slow, half if scheme == "second_order" else None)
        axons = _axons(
            fibers, modes, packs, dt_ms * (GAMMA if scheme == "second_order" else 1.0), fields=fields, injected=injected
        )
        axons = axons._replace(x_start=x_start, bound_start=bound, mode_start=mode_start, end_start=end_start)
        theta = (1.0 - GAMMA) / GAMMA if scheme == "second_order" else 0.0
        return Bundle(
            fibers=tuple(fibers), gear=gear_of(packs[0], theta=theta), axons=axons, n_source=axons.source.shape[1],
            modes=modes,
        )  # fmt: skip

    def run(
        self,
        job_fiber: IntArray,
        job_scale: FloatArray,
        wave: FloatArray,
        *,
        n_step: IntArray,
        quiet_from: IntArray | None = None,
        watch: IntArray | None = None,
        stride: int = 0,
        voltages: bool = False,
        max_spikes: int = 0,
        probe: tuple[FloatArray, FloatArray, FloatArray] | None = None,
        width: int = WIDTH,
    ) -> Seen:
        """Run jobs, each a fiber with a factor for each source.

        Parameters
        ----------
        job_fiber : (n_job,) array of int
        job_scale : (n_job, n_source) array
        wave : (n_source, n, 2) array
            Current of each source in each stage of each step (see `stages`).
        n_step : (n_fiber,) array of int
            Steps of a run.
        quiet_from : (n_fiber,) array of int, optional
            A run stops once its answer is sure: the watched node fired, or, after this step, for 0.2 ms every active
            node has stayed within 3 mV of rest, and no gate further than 0.05 from its share at rest toward a spike
            (such a gate may fire the node on the rebound). Without it, all steps are run.
        watch : (n_fiber,) array of int, optional
            Node where a spike counts; without it, that at 90 % of the fiber.
        """
        # Numba loads here, so that `import vagus.fiber` stays light
        from vagus.fiber.engine._kernels import march

        n_job, n_node = job_fiber.size, self.axons.c_step.shape[1]
        stop = quiet_from is not None
        axons = self.axons._replace(
            watch=self.axons.watch if watch is None else watch, n_step=n_step,
            quiet_from=np.zeros(len(self.fibers), dtype=np.int64) if quiet_from is None else quiet_from,
        )  # fmt: skip
        n_point = int(n_step.max()) // stride if stride else 0
        nothing = probe or (np.zeros((0, n_node)), np.zeros((0, 2, 0, 0)), np.zeros((0, 2, 0)))
        seen = Seen(
            status=np.zeros(n_job, dtype=np.int64), crossed_ms=np.full(n_job, np.nan),
            voltage=np.full((n_job, n_point if voltages else 0, n_node), np.nan),
            probe=np.zeros((n_job, n_point if probe else 0, nothing[0].shape[0])),
            spike_ms=np.full((n_job, n_node, max_spikes), np.nan),
            n_spike=np.zeros((n_job, n_node if max_spikes else 0), dtype=np.int64),
        )  # fmt: skip
        wave = np.ascontiguousarray(wave, dtype=np.float64)
        lanes = lanes_for(axons, self.gear, width)
        every = max(1, round(QUIET_EVERY_MS / self.gear.dt_ms))
        march(
            self.gear, axons, lanes, work_for(axons, self.gear, width), job_fiber, np.ascontiguousarray(job_scale),
            wave, seen, stop, QUIET_MV, QUIET_SHARE, every, SPIKE_MV, stride, *nothing,
        )  # fmt: skip
        return seen


def watched(fiber: Fiber) -> int:
    """Node at 90 % of the fiber, where a spike counts.

    Examples
    --------
    >>> watched(Fiber.of("mrg", diameter_um=10.0, n_node=31))
    27
    """
    return int(0.9 * (fiber.n_node - 1))


def refuse_broken(seen: Seen) -> None:
    """Raise where a run left the range of numbers.

    Raises
    ------
    InputError
        It did.
    """
    if np.any(seen.status == BROKEN):
        raise InputError(
            Problem(what="the current is too strong for the equations", found="a membrane voltage that is no number",
                    allowed="a weaker current or potential", why="are mV per mA right?")
        )  # fmt: skip


def stages(waves: Sequence[Wave], n_step: int, *, dt_us: float, scheme: Scheme) -> FloatArray:
    """Current of each source in each stage of each step, (n_source, n_step, 2).

    Parity: what holds at the step's begin. Second order: steps begin half a step early, so that edges on the grid of
    `dt_us` fall where gates move from one voltage to the next; the last stage takes the current at the step's end,
    which the fast modes follow, and the first one what is left of the step's charge.
    """
    both = np.empty((len(waves), n_step, 2))
    for k, wave in enumerate(waves):
        if scheme == "parity":
            both[k] = wave.held(dt_us, n_step)[:, None]
            continue
        mean = wave.held(dt_us, n_step, offset_us=-0.5 * dt_us)
        last = wave.at(dt_us * (np.arange(n_step, dtype=np.float64) + 0.5))
        both[k, :, 0], both[k, :, 1] = (mean - GAMMA * last) / (1.0 - GAMMA), last
    return both


def gear_of(packed: Packed, *, theta: float = 0.0) -> Gear:
    """A packed membrane as the kernel wants it."""
    table = np.zeros((packed.table.shape[1], packed.table.shape[0], 4))
    for part in range(2):
        table[:, :, 2 * part] = packed.table[:, :, part].T
        table[:, :-1, 2 * part + 1] = np.diff(packed.table[:, :, part].T, axis=1)
    n_ohmic = packed.g_s_per_cm2.size
    order = np.argsort(packed.term_current, kind="stable")
    factors: list[int] = []
    factor_span = np.zeros((order.size, 2), dtype=np.int64)
    for row, term in enumerate(order):
        begin = len(factors)
        for gate, power in enumerate(packed.term_power[term]):
            factors += [1 + gate] * int(power)
        factor_span[row] = begin, len(factors)
    term_span = np.array(
        [[np.searchsorted(packed.term_current[order], c, side=s) for s in ("left", "right")] for c in range(n_ohmic)]
    )
    slope = [
        bool(np.any(np.all(packed.code[slice(*packed.span[p])] == (1, 0), axis=1))) for p in packed.current_program
    ]  # an instruction (LOAD, 0) reads the voltage
    ratio = packed.pool_start[packed.ion_outside] / packed.pool_start[packed.ion_inside]
    return Gear(
        table=table, v_low_mv=packed.v_low_mv, per_mv=packed.per_mv, v_rest_mv=packed.v_rest_mv,
        gate_program=packed.gate_program, g=packed.g_s_per_cm2, e_mv=packed.e_mv, e_ion=packed.e_ion,
        factor=packed.factor, term_span=term_span.reshape(-1, 2).astype(np.int64), term_share=packed.term_share[order],
        factor_span=factor_span, factors=np.array(factors, dtype=np.int64), current_program=packed.current_program,
        sloped=np.array(slope, dtype=np.int64), net=packed.net, share=packed.share.reshape(packed.net.size, -1),
        nernst_mv=packed.nernst_mv, offset_mv=packed.offset_mv, ratio_start=ratio, ion_inside=packed.ion_inside,
        ion_outside=packed.ion_outside, pool_kind=packed.pool_kind, pool_ion=packed.pool_ion,
        pool_bath=packed.pool_bath, pool_buffer=packed.pool_buffer, code=packed.code, const=packed.const,
        span=packed.span, urge=_urge(packed), n_gate=len(packed.gate_keys), n_ion=len(packed.ion_keys),
        n_pool=len(packed.pool_keys), stack_depth=packed.stack_depth, n_register=packed.n_register,
        dt_ms=packed.dt_ms, theta=theta,
    )  # fmt: skip


def _urge(packed: Packed) -> IntArray:
    """Which way each gate moves a node at rest: see `Gear`."""
    e_mv = np.where(packed.e_ion < 0, packed.e_mv, 0.0)
    if packed.e_start_mv.size:
        e_mv = np.where(packed.e_ion < 0, e_mv, packed.e_start_mv[np.maximum(packed.e_ion, 0)])
    inward = np.sign(e_mv - packed.v_rest_mv)[packed.term_current]
    read = {int(slot) for p in packed.current_program for op, slot in packed.code[slice(*packed.span[p])] if op == 1}
    found = np.zeros(len(packed.gate_keys), dtype=np.int64)
    for gate in range(found.size):
        ways = set(inward[packed.term_power[:, gate] > 0].tolist())
        if len(ways) == 1 and packed.slot_gate + gate not in read:
            found[gate] = int(ways.pop())
    return found


def _settle(
    fibers: Sequence[Fiber], modes: tuple[Modes, ...] | None, packs: Sequence[Packed], half: Packed | None
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """State after 200 ms without a field, in steps of 5 ms from the model's resting voltage (as the reference)."""
    from vagus.fiber._kernels import prime
    from vagus.fiber.engine._kernels import march

    first = packs[0]
    n, n_node = len(fibers), max(fiber.n_node for fiber in fibers)
    start = np.concatenate([[first.v_rest_mv], first.gate_start, first.pool_start, first.e_start_mv])
    axons = _axons(fibers, modes, packs, SETTLE_DT_MS, fields=None)
    x, bound, mode, end = axons.x_start, axons.bound_start, axons.mode_start, axons.end_start
    x[:] = start[None, :, None]
    bound[:] = first.pool_buffer[None, :, 3, None]
    gear, half_gear = gear_of(first), gear_of(half or first)
    steps = axons._replace(n_step=np.full(n, SETTLE_STEPS, dtype=np.int64))
    for begin in range(0, n, WIDTH):
        jobs = np.arange(begin, min(begin + WIDTH, n))
        seen = Seen(
            status=np.zeros(jobs.size, dtype=np.int64), crossed_ms=np.zeros(jobs.size),
            voltage=np.zeros((jobs.size, 0, n_node)), probe=np.zeros((jobs.size, 0, 0)),
            spike_ms=np.zeros((jobs.size, n_node, 0)), n_spike=np.zeros((jobs.size, 0), dtype=np.int64),
        )  # fmt: skip
        lanes, work = lanes_for(axons, gear, WIDTH), work_for(axons, gear, WIDTH)
        march(
            gear, steps, lanes, work, jobs, np.zeros((jobs.size, 1)), np.zeros((1, SETTLE_STEPS, 2)), seen, False,
            QUIET_MV, QUIET_SHARE, SETTLE_STEPS, SPIKE_MV, 0, np.zeros((0, n_node)), np.zeros((0, 2, 0, 0)),
            np.zeros((0, 2, 0)),
        )  # fmt: skip
        if half is not None:
            prime(half_gear, lanes.x, work_for(axons, half_gear, WIDTH))
        by_lane = lanes.x.reshape(lanes.x.shape[0], n_node, WIDTH)
        x[jobs] = by_lane[:, :, : jobs.size].transpose(2, 0, 1)
        x[jobs, 0] = (lanes.w + first.v_rest_mv)[:, : jobs.size].T
        bound[jobs] = lanes.bound.reshape(-1, n_node, WIDTH)[:, :, : jobs.size].transpose(2, 0, 1)
        mode[jobs], end[jobs] = lanes.mode[: jobs.size], lanes.end[: jobs.size]
    return x, bound, mode, end


def _axons(
    fibers: Sequence[Fiber], modes: tuple[Modes, ...] | None, packs: Sequence[Packed], h_ms: float, *,
    fields: Sequence[FloatArray] | None, injected: Sequence[FloatArray] | None = None,
) -> Axons:  # fmt: skip
    """Arrays of the kernel for stages of `h_ms`."""
    n, n_node = len(fibers), max(fiber.n_node for fiber in fibers)
    n_source, n_pool = 1 if fields is None else fields[0].shape[0], len(packs[0].pool_keys)
    n_mode, n_end = ((len(modes[0].rate[0]) + GROUP - 1) // GROUP * GROUP, modes[2].rate.shape[1]) if modes else (0, 0)
    n_inter = (max(n_node - 3, 1) + PAD - 1) // PAD * PAD if modes else 0
    n_slot = 1 + len(packs[0].gate_keys) + n_pool + len(packs[0].ion_keys)
    axons = Axons(
        n_node=np.array([f.n_node for f in fibers], dtype=np.int64),
        watch=np.array([watched(f) for f in fibers], dtype=np.int64), n_step=np.zeros(n, dtype=np.int64),
        quiet_from=np.zeros(n, dtype=np.int64), c_step=np.ones((n, n_node)), d_node=np.ones((n, n_node)),
        off_node=np.zeros((n, n_node)), area=np.zeros((n, n_node)), source=np.zeros((n, n_source, n_node)),
        x_start=np.zeros((n, n_slot, n_node)), bound_start=np.zeros((n, n_pool, n_node)),
        pool_a=np.array([p.pool_a for p in packs]).reshape(n, n_pool),
        pool_b=np.array([p.pool_b for p in packs]).reshape(n, n_pool), mode_d=np.zeros((n, 2, n_mode)),
        mode_e=np.zeros((n, 2, n_mode)), mode_p=np.zeros((n, 2, n_mode)), mode_gain=np.zeros((n, 2)),
        mode_shift=np.zeros((n, n_source, 2, n_mode, n_inter)), mode_start=np.zeros((n, 2, n_mode, n_inter)),
        end_d=np.zeros((n, 2, n_end)), end_e=np.zeros((n, 2, 2, n_end)), end_p=np.zeros((n, 2, 2, n_end)),
        end_gain=np.zeros((n, 2, 2, 2)), end_shift=np.zeros((n, n_source, 2, n_end)), end_start=np.zeros((n, 2, n_end)),
    )  # fmt: skip
    if modes:
        _place_modes(axons, modes, h_ms)
    for f, fiber in enumerate(fibers):
        _place_nodes(axons, f, fiber, h_ms)
        if fields is not None:
            _place_sources(axons, modes, f, fiber, np.asarray(fields[f], dtype=np.float64))
        if injected is not None:
            axons.source[f, :, : fiber.n_node] += injected[f]
    return axons


def _place_modes(axons: Axons, modes: tuple[Modes, ...], h_ms: float) -> None:
    for side in range(2):
        inner, end = modes[side], modes[2 + side]
        k = inner.rate.shape[1]
        stay = 1.0 / (1.0 + h_ms * inner.rate)
        axons.mode_d[:, side, :k], axons.mode_e[:, side, :k] = stay, h_ms * stay * inner.left
        axons.mode_p[:, side, :k] = stay * inner.left
        stay = 1.0 / (1.0 + h_ms * end.rate)
        axons.end_d[:, side] = stay
        for at, couple in enumerate((end.left, end.right)):
            axons.end_e[:, side, at], axons.end_p[:, side, at] = h_ms * stay * couple, stay * couple
    axons.mode_gain[:] = (axons.mode_p * axons.mode_e).sum(axis=2)
    axons.end_gain[:] = axons.end_p @ axons.end_e.transpose(0, 1, 3, 2)


def _place_nodes(axons: Axons, f: int, fiber: Fiber, h_ms: float) -> None:
    n, nodes = fiber.n_node, fiber.node_index
    axial, _ = links(fiber)
    c_step = fiber.c_nf[nodes] / h_ms
    diagonal, off = c_step + fiber.g_us[nodes], np.zeros(n - 1)
    # what a node loses to its neighbors, less what comes back through internodes within a stage
    diagonal[:-1] += axial[nodes[:-1]]
    diagonal[1:] += axial[nodes[1:] - 1]
    if fiber.per_internode:
        even, odd = (float(axons.mode_e[f, s] @ (axons.mode_p[f, s] / np.maximum(axons.mode_d[f, s], 1e-300)))
                     for s in range(2))  # fmt: skip
        diagonal[1:-2] -= even + odd
        diagonal[2:-1] -= even + odd
        off[1:-1] = -(even - odd)
        for side, left in ((0, 0), (1, n - 2)):
            couple = axons.end_p[f, side] / axons.end_d[f, side]
            back = couple @ axons.end_e[f, side].T
            diagonal[left] -= back[0, 0]
            diagonal[left + 1] -= back[1, 1]
            off[left] = -back[0, 1]
    else:
        off -= axial
    axons.c_step[f, :n], axons.d_node[f, :n], axons.off_node[f, : n - 1] = c_step, diagonal, off
    axons.area[f, :n] = fiber.area_node_um2


def _place_sources(axons: Axons, modes: tuple[Modes, ...] | None, f: int, fiber: Fiber, field: FloatArray) -> None:
    """Sources at nodes, with what internodes at rest would pass on, and the static answer of the modes."""
    n, n_inter = fiber.n_node, fiber.n_node - 3
    node, inner, ends = project(fiber, modes, f, field)
    axons.source[f, :, :n] = node
    if modes is None:
        return
    for side in range(2):
        static = inner[side] / modes[side].rate[f][None, :, None]
        axons.mode_shift[f, :, side, : static.shape[1], :n_inter] = static
        toward = np.einsum("m,smj->sj", modes[side].left[f], static)
        axons.source[f, :, 1 : n - 2] += toward
        axons.source[f, :, 2 : n - 1] += toward if side == 0 else -toward
        static = ends[side] / modes[2 + side].rate[f]
        axons.end_shift[f, :, side] = static
        left = 0 if side == 0 else n - 2
        axons.source[f, :, left] += static @ modes[2 + side].left[f]
        axons.source[f, :, left + 1] += static @ modes[2 + side].right[f]


def project(
    fiber: Fiber, modes: tuple[Modes, ...] | None, f: int, field: FloatArray
) -> tuple[FloatArray, tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """Currents (nA) by which fields (n_source, n) drive nodes, interior modes, and end modes.

    They are the second differences of the potential along the fiber, weighted by the links. By reciprocity they are
    also what a contact with this lead field records of each unknown.
    """
    axial, periaxial = links(fiber)
    along = divergence(axial, field)
    node = along[:, fiber.node_index]
    if modes is None:
        empty = np.zeros((field.shape[0], 0, 1))
        return node, (empty, empty), (empty[:, :, 0], empty[:, :, 0])
    depth = fiber.per_internode
    split = np.concatenate(
        [
            part[:, :-1].reshape(field.shape[0], fiber.n_node - 1, depth + 1)[:, :, 1:]
            for part in (along, divergence(periaxial, field))
        ],
        axis=2,
    )
    near = np.concatenate([np.arange(depth // 2), depth + np.arange(depth // 2)])
    far = np.concatenate([depth - 1 - np.arange(depth // 2), 2 * depth - 1 - np.arange(depth // 2)])
    inside = split[:, 1:-1]
    inner = [
        np.einsum("cm,sjc->smj", modes[side].shape[f], inside[:, :, near] + sign * inside[:, :, far])
        for side, sign in ((0, 1.0), (1, -1.0))
    ]
    ends = [split[:, at] @ modes[2 + side].shape[f] for side, at in ((0, 0), (1, -1))]
    return node, (inner[0], inner[1]), (ends[0], ends[1])


__all__ = [
    "BROKEN",
    "ELSEWHERE",
    "FIRED",
    "SILENT",
    "SPIKE_MV",
    "Bundle",
    "Lanes",
    "gear_of",
    "project",
    "refuse_broken",
    "watched",
]
