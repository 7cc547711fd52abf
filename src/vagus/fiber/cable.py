"""The cable equation of one fiber at one time step, ready to run.

Backward Euler, first order, with gates staggered by half a step (as NEURON's fixed step): the voltage step sees the
gates of the last step, the gates then move exactly for the new voltage. Between two nodes everything is linear, so
each internode is eliminated once, when the time step is known: block LU of its compartments (two unknowns each), and
its answer to the node on its left and on its right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vagus.fiber.axon import US_PER_S_CM2_UM2, Fiber
from vagus.fiber.membrane import Membrane

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SILENT, FIRED, ELSEWHERE = 0, 1, 2  # as in the kernel
SPIKE_MV = -30.0
TABLE_LOW_MV, TABLE_HIGH_MV, TABLE_PER_MV = -300.0, 300.0, 10.0
SETTLE_STEPS, SETTLE_DT_MS = 40, 5.0
QUIET_MV, QUIET_EVERY_MS = 3.0, 0.1


@lru_cache(maxsize=32)
def gate_table(membrane: Membrane, dt_ms: float) -> FloatArray:
    """Open share and decay over one step of each gate, every 0.1 mV: shape (n_v, n_gate, 2).

    Linear interpolation in it is right to 2e-5 of a gate's range for the steepest rate in use (1 mV).
    """
    v_mv = np.linspace(TABLE_LOW_MV, TABLE_HIGH_MV, round((TABLE_HIGH_MV - TABLE_LOW_MV) * TABLE_PER_MV) + 1)
    table = np.zeros((v_mv.size, len(membrane.gates), 2))
    for q, gate in enumerate(membrane.gates):
        steady, tau_ms = gate.steady_and_tau_ms(v_mv, temperature_degc=membrane.temperature_degc)
        table[:, q, 0], table[:, q, 1] = steady, np.exp(-dt_ms / tau_ms)
    table.setflags(write=False)
    return table


@dataclass(slots=True, kw_only=True, eq=False)
class State:
    """Where a fiber stands: potentials against the outside (mV, the axon's minus rest) and open shares of gates."""

    w_node: FloatArray
    gates: FloatArray
    w_in: FloatArray
    u_in: FloatArray

    def copy(self) -> State:
        """A copy that can run on its own."""
        return State(w_node=self.w_node.copy(), gates=self.gates.copy(), w_in=self.w_in.copy(), u_in=self.u_in.copy())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cable:
    """One fiber's equations at one time step.

    Parameters
    ----------
    fiber : Fiber
    dt_ms : float
    constants : tuple
        Arrays of the kernel that do not depend on the field, in its order.
    links : tuple of array
        Axial and periaxonal conductance (uS) between neighbors, shape (n - 1,) each.
    """

    fiber: Fiber
    dt_ms: float
    constants: tuple[FloatArray | IntArray, ...]
    links: tuple[FloatArray, FloatArray]

    @staticmethod
    def of(fiber: Fiber, *, dt_ms: float) -> Cable:
        """Equations of a fiber at a time step."""
        axial, periaxial = _links(fiber)
        interior = _Interior.of(fiber, axial, periaxial, dt_ms)
        nodes = fiber.node_index
        c_step = fiber.c_nf[nodes] / dt_ms
        d_node, off_node = interior.on_nodes(c_step.copy(), axial)
        g_active, e_active, powers = _currents(fiber)
        constants = (
            c_step, d_node, off_node, np.ascontiguousarray(fiber.g_us[nodes]), g_active, e_active, powers,
            interior.forward, interior.backward, interior.left, interior.right, interior.c_axo, interior.c_mye,
            interior.ga_left, interior.ga_right,
        )  # fmt: skip
        return Cable(fiber=fiber, dt_ms=dt_ms, constants=constants, links=(axial, periaxial))

    def sources(self, field_mv_per_ma: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Currents (nA per mA) by which a field drives nodes, and axon and periaxon of the interior.

        They are the second differences of the potential along the fiber, weighted by the links.
        """
        axial, periaxial = self.links
        node, depth = self.fiber.node_index, self.fiber.per_internode
        along, beside = _divergence(axial, field_mv_per_ma), _divergence(periaxial, field_mv_per_ma)
        if depth == 0:
            return along, np.zeros((0, node.size - 1)), np.zeros((0, node.size - 1))
        return along[node].copy(), _by_position(along, depth), _by_position(beside, depth)

    def rest(self) -> State:
        """State after 200 ms without a field, in steps of 5 ms from the model's resting voltage (as the reference)."""
        fiber, data = self.fiber, self.fiber.membrane
        n_inter, depth = fiber.n_node - 1, fiber.per_internode
        steady = [
            float(g.steady_and_tau_ms(np.array([data.v_rest_mv]), temperature_degc=data.temperature_degc)[0][0])
            for g in data.gates
        ]
        state = State(
            w_node=np.zeros(fiber.n_node),
            gates=np.repeat(np.array(steady)[:, None], fiber.n_node, axis=1).reshape(len(steady), fiber.n_node),
            w_in=np.zeros((depth, n_inter)),
            u_in=np.zeros((depth, n_inter)),
        )
        slow = Cable.of(fiber, dt_ms=SETTLE_DT_MS)
        slow.run(state, np.zeros(SETTLE_STEPS), slow.sources(np.zeros(fiber.z_um.size)), watch=0)
        return state

    def run(
        self, state: State, wave_ma: FloatArray, sources: tuple[FloatArray, FloatArray, FloatArray], *, watch: int,
        quiet_from: int | None = None, record: FloatArray | None = None, stride: int = 0,
        crossed: IntArray | None = None,
    ) -> int:  # fmt: skip
        """Run through a current and say whether the watched node fired: FIRED, SILENT, or ELSEWHERE only.

        `state` is changed. With `quiet_from` (a step) the run stops as soon as its answer is sure: the watched node
        fired, or, after that step, every node has stayed within 3 mV of rest for 0.2 ms.
        """
        # Numba loads here, so that `import vagus.fiber` stays light
        from vagus.fiber._kernels import march  # noqa: PLC0415

        fiber = self.fiber
        arguments: tuple[Any, ...] = (
            state.w_node, state.gates, state.w_in, state.u_in, wave_ma, *sources, *self.constants,
            gate_table(fiber.membrane, self.dt_ms), TABLE_LOW_MV, TABLE_PER_MV, fiber.membrane.v_rest_mv, SPIKE_MV,
            watch, quiet_from or 0, max(1, round(QUIET_EVERY_MS / self.dt_ms)), QUIET_MV,
            np.full(fiber.n_node, -1, dtype=np.int64) if crossed is None else crossed,
            np.empty((0, fiber.n_node)) if record is None else record, stride, quiet_from is not None,
        )  # fmt: skip
        return march(*arguments)


def _links(fiber: Fiber) -> tuple[FloatArray, FloatArray]:
    axial = 1.0 / (fiber.half_axial_mohm[:-1] + fiber.half_axial_mohm[1:])
    gaps = fiber.half_periaxial_mohm[:-1] + fiber.half_periaxial_mohm[1:]
    return axial, np.divide(1.0, gaps, out=np.zeros_like(gaps), where=gaps > 0)


def _divergence(link: FloatArray, potential: FloatArray) -> FloatArray:
    flow = link * np.diff(potential)
    return np.append(flow, 0.0) - np.insert(flow, 0, 0.0)


def _by_position(values: FloatArray, depth: int) -> FloatArray:
    """Interior compartments as (position, internode)."""
    return np.ascontiguousarray(values[:-1].reshape(-1, depth + 1)[:, 1:].T)


def _currents(fiber: Fiber) -> tuple[FloatArray, FloatArray, IntArray]:
    data = fiber.membrane
    order = [gate.key for gate in data.gates]
    powers = np.zeros((len(data.currents), len(order)), dtype=np.int64)
    for row, current in enumerate(data.currents):
        for gate, power in current.powers:
            powers[row, order.index(gate)] = power
    g = np.array([c.g_s_per_cm2 for c in data.currents])[:, None] * US_PER_S_CM2_UM2 * fiber.area_node_um2
    return g, np.array([c.e_mv - data.v_rest_mv for c in data.currents]), powers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Interior:
    """Internodes eliminated: (position, 2x2 block as 4, internode)."""

    forward: FloatArray
    backward: FloatArray
    left: FloatArray
    right: FloatArray
    c_axo: FloatArray
    c_mye: FloatArray
    ga_left: FloatArray
    ga_right: FloatArray

    @staticmethod
    def of(fiber: Fiber, axial: FloatArray, periaxial: FloatArray, dt_ms: float) -> _Interior:
        depth, n = fiber.per_internode, fiber.n_node - 1
        if depth == 0:
            empty4, empty2, empty = np.zeros((0, 4, n)), np.zeros((0, 2, n)), np.zeros((0, n))
            return _Interior(
                forward=empty4, backward=empty4, left=empty2, right=empty2, c_axo=empty, c_mye=empty,
                ga_left=np.zeros(n), ga_right=np.zeros(n),
            )  # fmt: skip
        ga, gp = axial.reshape(n, depth + 1), periaxial.reshape(n, depth + 1)
        c_axo, c_mye = _by_position(fiber.c_nf, depth) / dt_ms, _by_position(fiber.c_myelin_nf, depth) / dt_ms
        across = c_axo + _by_position(fiber.g_us, depth)
        block = np.empty((depth, n, 2, 2))
        block[:, :, 0, 0] = across + (ga[:, :-1] + ga[:, 1:]).T
        block[:, :, 1, 1] = across + c_mye + _by_position(fiber.g_myelin_us, depth) + (gp[:, :-1] + gp[:, 1:]).T
        block[:, :, 0, 1] = block[:, :, 1, 0] = -across
        forward, inverse = np.zeros((depth, n, 2, 2)), np.empty((depth, n, 2, 2))
        inverse[0] = np.linalg.inv(block[0])
        for p in range(1, depth):
            link = -np.stack([ga[:, p], gp[:, p]], axis=-1)
            forward[p] = link[:, :, None] * inverse[p - 1]
            inverse[p] = np.linalg.inv(block[p] - forward[p] * link[:, None, :])
        ends = np.zeros((2, depth, n, 2))
        ends[0, 0, :, 0], ends[1, -1, :, 0] = ga[:, 0], ga[:, -1]
        left, right = (np.ascontiguousarray(_solve(forward, inverse, e).transpose(0, 2, 1)) for e in ends)
        return _Interior(
            forward=_rows(forward), backward=_rows(inverse), left=left, right=right, c_axo=c_axo, c_mye=c_mye,
            ga_left=ga[:, 0].copy(), ga_right=ga[:, -1].copy(),
        )  # fmt: skip

    def on_nodes(self, diagonal: FloatArray, axial: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Diagonal and off-diagonal of the nodes' system, interior included."""
        if self.left.shape[0] == 0:
            diagonal[:-1] += axial
            diagonal[1:] += axial
            return diagonal, -axial
        diagonal[:-1] += self.ga_left * (1.0 - self.left[0, 0])
        diagonal[1:] += self.ga_right * (1.0 - self.right[-1, 0])
        return diagonal, -self.ga_left * self.right[0, 0]


def _rows(blocks: FloatArray) -> FloatArray:
    depth, n = blocks.shape[:2]
    return np.ascontiguousarray(blocks.reshape(depth, n, 4).transpose(0, 2, 1))


def _solve(forward: FloatArray, inverse: FloatArray, rhs: FloatArray) -> FloatArray:
    y = rhs.copy()
    for p in range(1, y.shape[0]):
        y[p] -= np.einsum("nij,nj->ni", forward[p], y[p - 1])
    y[-1] = np.einsum("nij,nj->ni", inverse[-1], y[-1])
    for p in range(y.shape[0] - 2, -1, -1):
        y[p] = np.einsum("nij,nj->ni", inverse[p], y[p]) - np.einsum("nji,nj->ni", forward[p + 1], y[p + 1])
    return y
