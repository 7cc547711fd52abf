"""`Packed`: a membrane as plain arrays, what kernels run."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Scheme = Literal["parity", "second_order"]

TABLE_LOW_MV, TABLE_HIGH_MV, TABLE_PER_MV = -300.0, 300.0, 20.0
FIXED, EXACT, IMPLICIT, BUFFERED = 0, 1, 2, 3  # how a pool moves
LEAST_MM = 1e-9  # a concentration below it counts as this where its logarithm is taken
SLOPE_MV = 1e-3  # over which the slope of a current's program is taken


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packed:
    """One membrane at one diameter, temperature and time step.

    Gates stand in the order of `gate_keys`: first those of `table`, then those with programs. Currents stand in the
    order of `current_keys`: first the ohmic ones, then those with programs. Conductances and currents are densities
    (S/cm2, mA/cm2).

    Slots of programs: ``0`` voltage (mV); then gates, pools (mM) and reversals (mV) in their order, from `slot_gate`,
    `slot_pool`, `slot_e` on.

    Parameters
    ----------
    table : (n_row, n_table, 2) array
        Steady open share and decay over `dt_ms` of each gate of voltage only, at ``v_low_mv + row / per_mv``; between
        rows linear, outside the last value.
    gate_program : (n_gate - n_table, 2) array of int
        Programs for steady share and decay of the other gates; they see the new voltage and new pools.
    gate_start : (n_gate,) array
        Open shares at rest.
    g_s_per_cm2 : (n_ohmic,) array
    e_mv, e_ion : (n_ohmic,) array
        Reversal where it is constant; else index of the ion whose reversal it is (-1: constant).
    factor : (n_ohmic,) array of int
        Program by which the conductance is multiplied (of pools and reversals only), or -1.
    term_current, term_share, term_power : (n_term,), (n_term,), (n_term, n_gate)
        Conductance of a current: ``g * factor * sum over its terms of share * product(gate ** power)``.
    current_program : (n_current - n_ohmic,) array of int
        Currents in mA/cm2, outward positive; their slope over voltage is numerical, as (i(v + 0.001) - i(v)) / 0.001.
    current_of_v : (n_current - n_ohmic,) array of int
        1 where such a current depends on the voltage; 0: its slope is zero.
    net : (n_current,) array
        What the membrane sees of a current (1, but for pumps: 3 - 2).
    share : (n_current, n_ion) array
        What part of it each moving ion carries.
    ion_keys : tuple of str
        Ions of which at least one pool moves.
    nernst_mv, offset_mv : (n_ion,) array
        ``e = nernst * log(max(outside, 1e-9) / max(inside, 1e-9)) + offset`` from pools at the step's start.
    ion_inside, ion_outside : (n_ion,) array of int
        Their pools.
    pool_kind : (n_pool,) array of int
        FIXED, EXACT (``dc/dt = a i + b (bath - c)`` with i held: exponential, Euler where b is 0), IMPLICIT (backward
        Euler), BUFFERED (backward Euler together with the buffer: see `pool_buffer`).
    pool_ion : (n_pool,) array of int
        Whose total current moves it.
    pool_a, pool_b, pool_bath : (n_pool,) array
        mM/ms per mA/cm2; 1/ms; mM.
    pool_buffer : (n_pool, 4) array
        on (1/(mM ms)), off (1/ms), bound (mM), occupied share at the start: ``do/dt = on c (1 - o) - off o``,
        ``dc/dt = a i - bound do/dt``.
    code, const, span, stack_depth, n_register
        Programs: (opcode, operand) a row, constants, begin and end of each program, what an interpreter needs.
    """

    dt_ms: float
    temperature_degc: float
    v_rest_mv: float
    gate_keys: tuple[str, ...]
    gate_start: FloatArray
    v_low_mv: float
    per_mv: float
    table: FloatArray
    gate_program: IntArray
    current_keys: tuple[str, ...]
    g_s_per_cm2: FloatArray
    e_mv: FloatArray
    e_ion: IntArray
    factor: IntArray
    term_current: IntArray
    term_share: FloatArray
    term_power: IntArray
    current_program: IntArray
    current_of_v: IntArray
    net: FloatArray
    share: FloatArray
    ion_keys: tuple[str, ...]
    nernst_mv: FloatArray
    offset_mv: FloatArray
    ion_inside: IntArray
    ion_outside: IntArray
    e_start_mv: FloatArray
    pool_keys: tuple[str, ...]
    pool_start: FloatArray
    pool_kind: IntArray
    pool_ion: IntArray
    pool_a: FloatArray
    pool_b: FloatArray
    pool_bath: FloatArray
    pool_buffer: FloatArray
    code: IntArray
    const: FloatArray
    span: IntArray
    stack_depth: int
    n_register: int

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def slot_gate(self) -> int:
        """First slot of the gates."""
        return 1

    @property
    def slot_pool(self) -> int:
        """First slot of the pools."""
        return 1 + len(self.gate_keys)

    @property
    def slot_e(self) -> int:
        """First slot of the reversals."""
        return self.slot_pool + len(self.pool_keys)

    @property
    def n_slot(self) -> int:
        """Slots in all."""
        return self.slot_e + len(self.ion_keys)
