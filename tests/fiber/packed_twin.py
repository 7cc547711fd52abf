"""Plain NumPy twin: a packed membrane on its cable, banded backward Euler. Never shipped."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_banded

from vagus.fiber import Fiber
from vagus.fiber.model import formula as f
from vagus.fiber.pack import BUFFERED, EXACT, IMPLICIT, LEAST_MM, Packed, pack

TWO = {f.ADD, f.SUB, f.MUL, f.DIV, f.POW, f.MIN, f.MAX, f.LESS, f.LESS_EQUAL}


def run(code, const, span, program: int, slots: np.ndarray, *, depth: int) -> np.ndarray:
    """The stack machine, one opcode over all nodes at a time; slots are (n_slot, n_node)."""
    stack: list = []
    registers: dict[int, np.ndarray] = {}
    begin, end = span[program]
    with np.errstate(all="ignore"):
        for op, operand in code[begin:end]:
            if op == f.PUSH:
                stack.append(np.float64(const[operand]))
            elif op == f.LOAD:
                stack.append(slots[operand])
            elif op == f.STORE:
                registers[operand] = stack[-1]
            elif op == f.FETCH:
                stack.append(registers[operand])
            else:
                count = 3 if op == f.SELECT else 2 if op in TWO else 1
                args = stack[-count:]
                del stack[-count:]
                stack.append(f.operate(op, args))
            assert len(stack) <= depth
    assert len(stack) == 1
    return stack[0] * np.ones(slots.shape[1])


def run_program(packed: Packed, program: int, slots: np.ndarray) -> np.ndarray:
    return run(packed.code, packed.const, packed.span, program, slots, depth=packed.stack_depth)


class Twin:
    """State of one fiber: membrane voltage of nodes, internodes (inside, periaxon), gates, pools, buffers."""

    def __init__(self, fiber: Fiber, *, dt_ms: float, temperature_degc: float | None = None, scheme="parity"):
        self.fiber, self.dt_ms = fiber, dt_ms
        self.kind = {"temperature_degc": temperature_degc, "scheme": scheme}
        self.packed = pack(fiber, dt_ms=dt_ms, **self.kind)
        p, n = self.packed, fiber.n_node
        self.v_m = np.full(fiber.z_um.size, p.v_rest_mv)
        self.v_p = np.zeros(fiber.z_um.size)
        self.outside = np.zeros(fiber.z_um.size)
        self.gates = np.repeat(p.gate_start[:, None], n, axis=1)
        self.pools = np.repeat(p.pool_start[:, None], n, axis=1).reshape(-1, n)
        self.occupied = np.repeat(p.pool_buffer[:, 3:], n, axis=1).reshape(-1, n)

    def settle(self):
        fast, self.packed = self.packed, pack(self.fiber, dt_ms=5.0, **self.kind)
        for _ in range(40):
            self.step(np.zeros(self.fiber.z_um.size), 5.0)
        self.packed = fast

    def slots(self, v):
        p = self.packed
        e = np.array(
            [
                p.nernst_mv[i]
                * np.log(
                    np.maximum(self.pools[p.ion_outside[i]], LEAST_MM)
                    / np.maximum(self.pools[p.ion_inside[i]], LEAST_MM)
                )
                + p.offset_mv[i]
                for i in range(len(p.ion_keys))
            ]
        ).reshape(-1, v.size)
        return np.concatenate([v[None], self.gates, self.pools, e])

    def currents(self, v):
        """Membrane current and slope per cm2, and each ion's total."""
        p = self.packed
        slots = self.slots(v)
        total, slope, ions = np.zeros(v.size), np.zeros(v.size), np.zeros((len(p.ion_keys), v.size))
        n_ohmic = p.g_s_per_cm2.size
        for c in range(n_ohmic):
            opened = np.zeros(v.size)
            for t in np.flatnonzero(p.term_current == c):
                opened += p.term_share[t] * np.prod(self.gates ** p.term_power[t][:, None], axis=0)
            g = p.g_s_per_cm2[c] * opened
            if p.factor[c] >= 0:
                g = g * run_program(p, p.factor[c], slots)
            e = p.e_mv[c] if p.e_ion[c] < 0 else slots[p.slot_e + p.e_ion[c]]
            flow = g * (v - e)
            total, slope = total + p.net[c] * flow, slope + p.net[c] * g
            ions += p.share[c][:, None] * flow
        for k, program in enumerate(p.current_program):
            flow = run_program(p, program, slots)
            moved = slots.copy()
            moved[0] += 0.001
            change = (run_program(p, program, moved) - flow) / 0.001
            total, slope = total + p.net[n_ohmic + k] * flow, slope + p.net[n_ohmic + k] * change
            ions += p.share[n_ohmic + k][:, None] * flow
        return total, slope, ions

    def step(self, outside, dt):
        """One backward Euler step to potentials `outside` (mV at each compartment)."""
        fiber, p = self.fiber, self.packed
        nodes = fiber.node_index
        v = self.v_m[nodes]
        total, slope, ions = self.currents(v)
        area = fiber.area_node_um2 * 1e-2
        g, flow = fiber.g_us.copy(), fiber.g_us * (self.v_m - p.v_rest_mv)
        g[nodes] += area * slope
        flow[nodes] += area * total
        if fiber.per_internode:
            self._double(outside, dt, g, flow)
        else:
            self._tridiagonal(outside, dt, g, flow)
        self._states(self.v_m[nodes], ions, dt)

    def _tridiagonal(self, outside, dt, g, flow):
        half = self.fiber.half_axial_mohm
        link = 1.0 / (half[1:] + half[:-1])
        c = self.fiber.c_nf / dt
        inside = self.v_m + outside
        along = np.append(link * np.diff(inside), 0.0) - np.insert(link * np.diff(inside), 0, 0.0)
        bands = np.zeros((3, c.size))
        bands[1] = c + g
        bands[1, :-1] += link
        bands[1, 1:] += link
        bands[0, 1:], bands[2, :-1] = -link, -link
        self.v_m = self.v_m + solve_banded((1, 1), bands, along - flow)

    def _double(self, outside, dt, g, flow):
        """Unknowns: change of the inside's and the periaxon's potential, in turn; a node's periaxon is the outside."""
        fiber = self.fiber
        n = fiber.z_um.size
        node = np.zeros(n, dtype=bool)
        node[fiber.node_index] = True
        ga = 1.0 / (fiber.half_axial_mohm[1:] + fiber.half_axial_mohm[:-1])
        gp = 1.0 / (fiber.half_periaxial_mohm[1:] + fiber.half_periaxial_mohm[:-1])
        across = fiber.c_nf / dt + g
        myelin = fiber.c_myelin_nf / dt + fiber.g_myelin_us
        # bands[2 + row - column, column]
        bands = np.zeros((5, 2 * n))
        bands[2, ::2] = across + np.append(ga, 0.0) + np.insert(ga, 0, 0.0)
        bands[2, 1::2] = np.where(node, 1.0, across + myelin + np.append(gp, 0.0) + np.insert(gp, 0, 0.0))
        bands[1, 1::2] = -across  # row inside, column periaxon
        bands[3, ::2] = np.where(node, 0.0, -across)
        bands[0, 2::2] = bands[4, :-2:2] = -ga
        bands[0, 3::2] = np.where(node[:-1], 0.0, -gp)
        bands[4, 1:-2:2] = np.where(node[1:], 0.0, -gp)

        def divergence(link, v):
            return np.append(link * np.diff(v), 0.0) - np.insert(link * np.diff(v), 0, 0.0)

        b = np.empty(2 * n)
        b[::2] = divergence(ga, self.v_m + self.v_p) - flow
        b[1::2] = flow + divergence(gp, self.v_p) - fiber.g_myelin_us * (self.v_p - outside)
        b[1::2] += fiber.c_myelin_nf / dt * (outside - self.outside)
        b[1::2][node] = (outside - self.v_p)[node]
        change = solve_banded((2, 2), bands, b)
        self.v_m = self.v_m + change[::2] - change[1::2]
        self.v_p = self.v_p + change[1::2]
        self.outside = outside.copy()

    def _states(self, v, ions, dt):
        p = self.packed
        for k, kind in enumerate(p.pool_kind):
            current, c = ions[p.pool_ion[k]], self.pools[k]
            a, b, bath = p.pool_a[k], p.pool_b[k], p.pool_bath[k]
            if kind == EXACT and b == 0.0:
                self.pools[k] = c + dt * a * current
            elif kind == EXACT:
                goal = bath + a * current / b
                self.pools[k] = goal + (c - goal) * np.exp(-dt * b)
            elif kind == IMPLICIT:
                self.pools[k] = (c + dt * (a * current + b * bath)) / (1.0 + dt * b)
            elif kind == BUFFERED:
                on, off, bound, _ = p.pool_buffer[k]
                o = self.occupied[k]
                # c' = s - bound (o' - o), o' (1 + dt off + dt on c') = o + dt on c'
                s = c + dt * a * current
                square, line = dt * on, 1.0 + dt * off + dt * on * (bound - bound * o - s)
                rest = -(s * (1.0 + dt * off) + bound * o * dt * off)
                new = (-line + np.sqrt(line**2 - 4.0 * square * rest)) / (2.0 * square)
                self.pools[k] = new
                self.occupied[k] = (o + dt * on * new) / (1.0 + dt * off + dt * on * new)
        slots = self.slots(v)
        n_table = p.table.shape[1]
        at = np.clip((v - p.v_low_mv) * p.per_mv, 0.0, p.table.shape[0] - 1.000001)
        row = at.astype(int)
        share = (at - row)[:, None, None]
        both = p.table[row] + share * (p.table[row + 1] - p.table[row])
        for q in range(self.gates.shape[0]):
            if q < n_table:
                steady, decay = both[:, q, 0], both[:, q, 1]
            else:
                steady, decay = (run_program(p, program, slots) for program in p.gate_program[q - n_table])
            self.gates[q] = steady + (self.gates[q] - steady) * decay
