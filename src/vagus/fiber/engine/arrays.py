"""Plain arrays that the kernels read: one membrane for a batch, and the fibers of the batch.

Named tuples, so that a kernel takes three things instead of seventy. Nothing is checked here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BLOCK = 256  # nodes times lanes that the membrane's loops take at once: their arrays stay in the nearest cache


class Gear(NamedTuple):
    """A membrane at one time step, as the kernel wants it (see `pack.Packed` for the meaning).

    `table` is (gate, row, 4): steady share and its step to the next row, decay and its step. Products of gates are
    lists: term t multiplies the gates ``factors[factor_span[t, 0]:factor_span[t, 1]]``; current c adds up the terms of
    its span. `urge` of a gate: 1 where more of it drives a resting node toward a spike (inward current), -1 where less
    of it does, 0 where either may.
    """

    table: FloatArray
    v_low_mv: float
    per_mv: float
    v_rest_mv: float
    gate_program: IntArray
    g: FloatArray
    e_mv: FloatArray
    e_ion: IntArray
    factor: IntArray
    term_span: IntArray
    term_share: FloatArray
    factor_span: IntArray
    factors: IntArray
    current_program: IntArray
    sloped: IntArray
    net: FloatArray
    share: FloatArray
    nernst_mv: FloatArray
    offset_mv: FloatArray
    ratio_start: FloatArray
    ion_inside: IntArray
    ion_outside: IntArray
    pool_kind: IntArray
    pool_ion: IntArray
    pool_bath: FloatArray
    pool_buffer: FloatArray
    code: IntArray
    const: FloatArray
    span: IntArray
    urge: IntArray
    n_gate: int
    n_ion: int
    n_pool: int
    stack_depth: int
    n_register: int
    dt_ms: float
    theta: float  # 0: one stage (backward Euler); else how far the second stage starts beyond the first


class Axons(NamedTuple):
    """The fibers of a batch; shorter ones are padded to the longest with nodes that are cut off.

    Conductances in uS, capacitances over the step of a stage in uS, currents in nA. Modes stand as (fiber, even or odd,
    mode, internode); those of the two end internodes on their own. `mode_gain` and `end_gain`: what a stage's voltage
    gives back through the modes within the stage.
    """

    n_node: IntArray
    watch: IntArray
    n_step: IntArray
    quiet_from: IntArray
    c_step: FloatArray
    d_node: FloatArray
    off_node: FloatArray
    area: FloatArray
    source: FloatArray
    x_start: FloatArray
    bound_start: FloatArray
    pool_a: FloatArray
    pool_b: FloatArray
    mode_d: FloatArray
    mode_e: FloatArray
    mode_p: FloatArray
    mode_gain: FloatArray
    mode_shift: FloatArray
    mode_start: FloatArray
    end_d: FloatArray
    end_e: FloatArray
    end_p: FloatArray
    end_gain: FloatArray
    end_shift: FloatArray
    end_start: FloatArray


class Seen(NamedTuple):
    """What a run leaves behind: one row a job; arrays of length 0 are not filled.

    `voltage` (job, point, node), `probe` (job, point, probe), `spike_ms` (job, node, spike) and how many there were.
    """

    status: IntArray
    crossed_ms: FloatArray
    voltage: FloatArray
    probe: FloatArray
    spike_ms: FloatArray
    n_spike: IntArray


class Lanes(NamedTuple):
    """Working state: nodes as (node, lane), or flat in that order; modes a lane at a time.

    `inter`: what internodes give to nodes in the next solve. `near` (stage, lane, even or odd, internode): sums and
    differences of the voltages beside an internode. `toward` (lane, stage, even or odd, internode) and `ends` (lane,
    side, stage, node): what modes as they stand give to each stage.
    """

    w: FloatArray
    x: FloatArray
    bound: FloatArray
    c_step: FloatArray
    d_node: FloatArray
    off_node: FloatArray
    area: FloatArray
    source: FloatArray
    rest: FloatArray
    pool_a: FloatArray
    pool_b: FloatArray
    e_last: FloatArray
    mode: FloatArray
    end: FloatArray
    inter: FloatArray
    near: FloatArray
    toward: FloatArray
    ends: FloatArray


class Work(NamedTuple):
    """Space that a run needs, and nothing that outlives it."""

    job: IntArray
    tick: IntArray
    calm: IntArray
    anywhere: IntArray
    halfway: IntArray
    level: FloatArray
    largest: FloatArray
    highest: FloatArray
    block: FloatArray
    row: IntArray
    stack: FloatArray
    register: FloatArray
    ion_i: FloatArray
    ion_g: FloatArray
    grid: FloatArray


def lanes_for(axons: Axons, gear: Gear, width: int) -> Lanes:
    """Empty working state of some lanes."""
    n_node, n_slot = axons.c_step.shape[1], axons.x_start.shape[1]
    flat, grid = n_node * width, (n_node, width)
    return Lanes(
        w=np.zeros(grid), x=np.zeros((n_slot, flat)), bound=np.zeros((gear.n_pool, flat)), c_step=np.ones(grid),
        d_node=np.ones(grid), off_node=np.zeros(grid), area=np.zeros(grid),
        source=np.zeros((axons.source.shape[1], *grid)), rest=np.zeros(grid), pool_a=np.zeros((gear.n_pool, flat)),
        pool_b=np.zeros((gear.n_pool, flat)), e_last=np.zeros((gear.n_ion, flat)),
        mode=np.zeros((width, *axons.mode_start.shape[1:])), end=np.zeros((width, *axons.end_start.shape[1:])),
        inter=np.zeros(grid), near=np.zeros((2, width, 2, axons.mode_start.shape[3])),
        toward=np.zeros((width, 2, 2, axons.mode_start.shape[3])), ends=np.zeros((width, 2, 2, 2)),
    )  # fmt: skip


def work_for(axons: Axons, gear: Gear, width: int) -> Work:
    """Space for a run."""
    n_node = axons.c_step.shape[1]
    flat = n_node * width
    counts = np.zeros((5, width), dtype=np.int64)
    counts[0] = -1
    return Work(
        job=counts[0].copy(), tick=counts[1].copy(), calm=counts[2].copy(), anywhere=counts[3].copy(),
        halfway=counts[4].copy(),
        level=np.zeros((axons.source.shape[1], width)), largest=np.zeros(width), highest=np.zeros(width),
        block=np.zeros((5, BLOCK)), row=np.zeros(BLOCK, dtype=np.int64), stack=np.zeros((gear.stack_depth + 1, BLOCK)),
        register=np.zeros((gear.n_register + 1, BLOCK)), ion_i=np.zeros((gear.n_ion, flat)),
        ion_g=np.zeros((gear.n_ion, flat)), grid=np.ones((5, n_node, width)),
    )  # fmt: skip
