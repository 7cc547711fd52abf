"""From a fiber's membrane to `Packed`: tables, products of gates, programs, balance at rest.

Nothing here knows a model by name.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.membrane import Current, Gate, Membrane, Pool, reversal_mv
from vagus.fiber.model.formula import DIV, EXP, Node, Programs, evaluate, name, names_in, node, number, parse
from vagus.fiber.model.ion import Ion
from vagus.fiber.model.packed import (
    BUFFERED,
    EXACT,
    FIXED,
    IMPLICIT,
    LEAST_MM,
    SLOPE_MV,
    TABLE_HIGH_MV,
    TABLE_LOW_MV,
    TABLE_PER_MV,
    Packed,
    Scheme,
)
from vagus.fiber.model.rate import voltage_only

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SHARE_SLACK = 0.1  # published fits overshoot 1 far below rest (tigerholm, na17_h: 1.02 and a little more in the cold)


def pack(fiber: Fiber, *, dt_ms: float, temperature_degc: float | None = None, scheme: Scheme = "parity") -> Packed:
    """Arrays of a fiber's membrane at a time step.

    Parameters
    ----------
    fiber : Fiber
    dt_ms : float
        Step over which the gates' decay holds.
    temperature_degc : float, optional
        Without it, that of the model.
    scheme : "parity" or "second_order"
        Parity samples gates where the peer's own table does; otherwise rates are taken as they are.

    Raises
    ------
    InputError
        A gate or current that is not finite, or a time constant that is not positive, at this temperature.

    Examples
    --------
    >>> packed = pack(Fiber.of("sundt", diameter_um=0.8, n_node=11), dt_ms=0.01)
    >>> packed.gate_keys, packed.table.shape
    (('m', 'h', 'n', 'l'), (12001, 4, 2))
    """
    degc = fiber.membrane.temperature_degc if temperature_degc is None else float(temperature_degc)
    return _pack(fiber.membrane, fiber.diameter_um if fiber.membrane.ions else 0.0, float(dt_ms), degc, scheme)


def forget() -> None:
    """Drop what was packed: for tests that change the table's grid."""
    _pack.cache_clear()
    _shared.cache_clear()


@lru_cache(maxsize=256)
def _pack(data: Membrane, diameter_um: float, dt_ms: float, degc: float, scheme: Scheme) -> Packed:
    shared = _shared(data, dt_ms, degc, scheme)
    if not shared.ion_keys:
        return shared
    a, b = _pool_rates(data, degc, diameter_um)
    return dataclasses.replace(shared, pool_a=a, pool_b=b)


@lru_cache(maxsize=64)
def _shared(data: Membrane, dt_ms: float, degc: float, scheme: Scheme) -> Packed:
    """All that does not depend on the diameter (pool rates at one diameter, to be replaced)."""
    known = data.scope(temperature_degc=degc)
    running = data.running_scope(known, temperature_degc=degc)
    moving = [ion for ion in data.ions if ion.moves]
    gates = _Gates.of(data, running, degc)
    pool_keys = tuple(f"{ion.key}{side}" for ion in moving for side in "io")
    slots = {key: i for i, key in enumerate(("v", *gates.keys, *pool_keys, *(f"e_{ion.key}" for ion in moving)))}
    programs = Programs(slots)
    start = _start(data, gates, degc)
    currents = _balanced(data, known, running, start, degc)
    ions = [ion.key for ion in moving]
    flows = _Flows.of(
        data, currents, programs=programs, known=known, running=running, gates=gates.keys, ions=ions, degc=degc
    )
    gate_program = gates.programs(programs, dt_ms)
    code, const, span = programs.arrays()
    a, b = _pool_rates(data, degc, data.diameter_low_um)
    pools = _Pools.of(moving)
    return Packed(
        dt_ms=dt_ms,
        temperature_degc=degc,
        v_rest_mv=data.v_rest_mv,
        gate_keys=gates.keys,
        gate_start=np.array([start[key] for key in gates.keys]),
        v_low_mv=TABLE_LOW_MV,
        per_mv=TABLE_PER_MV,
        table=gates.table(dt_ms, sampled=scheme == "parity"),
        gate_program=gate_program,
        current_keys=flows.keys,
        g_s_per_cm2=flows.g_s_per_cm2,
        e_mv=flows.e_mv,
        e_ion=flows.e_ion,
        factor=flows.factor,
        term_current=flows.term_current,
        term_share=flows.term_share,
        term_power=flows.term_power,
        current_program=flows.program,
        current_of_v=flows.of_v,
        net=flows.net,
        share=flows.share,
        ion_keys=tuple(ions),
        nernst_mv=np.array([ion.nernst_mv(degc) for ion in moving]),
        offset_mv=np.array([ion.offset_mv for ion in moving]),
        ion_inside=2 * np.arange(len(moving), dtype=np.int64),
        ion_outside=2 * np.arange(len(moving), dtype=np.int64) + 1,
        e_start_mv=np.array([reversal_mv(ion, temperature_degc=degc) for ion in moving]),
        pool_keys=pool_keys,
        pool_start=np.array([c for ion in moving for c in (ion.inside_mm, ion.outside_mm)]),
        pool_kind=pools.kind,
        pool_ion=pools.ion,
        pool_a=a,
        pool_b=b,
        pool_bath=pools.bath_mm,
        pool_buffer=pools.buffer,
        code=code,
        const=const,
        span=span,
        stack_depth=programs.stack_depth,
        n_register=programs.n_register,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pools:
    """Where concentrations live, inside then outside of each ion that moves."""

    kind: np.ndarray
    ion: np.ndarray
    bath_mm: np.ndarray
    buffer: np.ndarray

    @staticmethod
    def of(moving: Sequence[Ion]) -> _Pools:
        pools = [(i, pool) for i, ion in enumerate(moving) for pool in (ion.inside, ion.outside)]
        buffers = [pool.buffer if pool else None for _, pool in pools]
        return _Pools(
            kind=np.array([_kind(pool) for _, pool in pools], dtype=np.int64),
            ion=np.array([i for i, _ in pools], dtype=np.int64),
            bath_mm=np.array([pool.bath_mm if pool else 0.0 for _, pool in pools]),
            buffer=np.array(
                [(b.on_per_mm_ms, b.off_per_ms, b.bound_mm, b.occupied) if b else (0.0,) * 4 for b in buffers]
            ).reshape(-1, 4),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gates:
    """Gates sorted: those of voltage only, then the others."""

    where: str
    keys: tuple[str, ...]
    tabled: tuple[tuple[Gate, Node, Node], ...]
    running: tuple[tuple[Node, Node], ...]

    def programs(self, programs: Programs, dt_ms: float) -> np.ndarray:
        """Programs of steady state and decay of each gate that is not of voltage only, (n, 2)."""
        rows = [
            [programs.add(steady), programs.add(node(EXP, node(DIV, number(-dt_ms), tau)))]
            for steady, tau in self.running
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, 2)

    @staticmethod
    def of(data: Membrane, running: Mapping[str, Node], degc: float) -> _Gates:
        known = {key: tree for key, tree in running.items() if key not in {gate.key for gate in data.gates}}
        used = _used(data, running)
        tabled: list[tuple[Gate, Node, Node]] = []
        others: list[tuple[Gate, Node, Node]] = []
        for gate in data.gates:
            if gate.key not in used:
                continue
            trees = gate.trees(known, temperature_degc=degc, where=f"membrane {data.key}, gate {gate.key}")
            (tabled if voltage_only(*trees) else others).append((gate, *trees))
        return _Gates(
            where=f"membrane {data.key}",
            keys=tuple(gate.key for gate, _, _ in (*tabled, *others)),
            tabled=tuple(tabled),
            running=tuple((steady, tau) for _, steady, tau in others),
        )

    def table(self, dt_ms: float, *, sampled: bool) -> FloatArray:
        v_mv = np.linspace(TABLE_LOW_MV, TABLE_HIGH_MV, round((TABLE_HIGH_MV - TABLE_LOW_MV) * TABLE_PER_MV) + 1)
        table = np.zeros((v_mv.size, len(self.tabled), 2))
        for q in range(len(self.tabled)):
            steady, tau = self.at(q, v_mv, sampled=sampled)
            table[:, q, 0], table[:, q, 1] = steady, np.exp(-dt_ms / tau)
        return table

    def at(self, q: int, v_mv: FloatArray, *, sampled: bool) -> tuple[FloatArray, FloatArray]:
        """Steady share and time constant of a gate of voltage only."""
        gate, *trees = self.tabled[q]
        points = v_mv
        if sampled and gate.sampled is not None:
            s = gate.sampled
            n = round((s.high_mv - s.low_mv) / s.step_mv) + 1
            points = np.asarray(s.low_mv + s.step_mv * np.arange(n), dtype=np.float64)
        steady, tau = (np.broadcast_to(evaluate(tree, {"v": points}), points.shape) for tree in trees)
        bad = ~(np.isfinite(steady) & np.isfinite(tau) & (tau > 0))
        if np.any(bad):
            i = int(np.flatnonzero(bad)[0])
            raise InputError(
                Problem(
                    what="gate is not finite or its time constant not above 0", where=f"{self.where}, gate {gate.key}",
                    found=f"steady {steady[i]:g}, tau {tau[i]:g} ms at {points[i]:g} mV",
                    allowed=f"finite values, tau above 0, from {TABLE_LOW_MV:g} to {TABLE_HIGH_MV:g} mV",
                    why="`a if v < b else c` bounds a formula",
                )
            )  # fmt: skip
        out = (steady < -SHARE_SLACK) | (steady > 1.0 + SHARE_SLACK)
        if np.any(out):
            i = int(np.flatnonzero(out)[0])
            raise InputError(
                Problem(what="open share of a gate is out of range", where=f"{self.where}, gate {gate.key}",
                        found=f"{steady[i]:g} at {points[i]:g} mV", allowed="0 to 1")
            )  # fmt: skip
        if points is not v_mv:
            return np.interp(v_mv, points, steady), np.interp(v_mv, points, tau)
        return steady, tau


def _used(data: Membrane, running: Mapping[str, Node]) -> frozenset[str]:
    """Gates that a current asks for: a model that starts from another one may leave some behind."""
    by_power = {gate for current in data.currents for term in current.products for gate, _ in term.powers}
    formulas = [names_in(parse(c.formula, where=c.key, known=running)) for c in data.currents if c.formula]
    return frozenset(by_power).union(*formulas)


def _start(data: Membrane, gates: _Gates, degc: float) -> dict[str, float]:
    """Values of all names at rest, in the peer's way: gates steady at the resting voltage and start concentrations."""
    values: dict[str, float] = {"v": data.v_rest_mv}
    for ion in data.ions:
        values |= {f"{ion.key}i": ion.inside_mm, f"{ion.key}o": ion.outside_mm}
        values[f"e_{ion.key}"] = reversal_mv(ion, temperature_degc=degc)
    v = np.array([data.v_rest_mv])
    arrays: dict[str, FloatArray] = {key: np.array([value]) for key, value in values.items()}
    n_table = len(gates.tabled)
    for q, key in enumerate(gates.keys):
        if q < n_table:
            values[key] = float(gates.at(q, v, sampled=True)[0][0])
        else:
            values[key] = float(np.ravel(evaluate(gates.running[q - n_table][0], arrays))[0])
        _finite(values[key], what="gate is not finite at rest", where=f"{gates.where}, gate {key}")
    return values


def _finite(value: float, *, what: str, where: str, allowed: str = "a finite number") -> float:
    if not math.isfinite(value):
        raise InputError(Problem(what=what, where=where, found=f"{value:g}", allowed=allowed))
    return value


def _conductance(current: Current, known: Mapping[str, Node], degc: float, where: str) -> float:
    tree = parse(current.g_s_per_cm2, where=f"{where}, g_s_per_cm2", known=known)
    found = tree.value * current.q10 ** ((degc - current.q10_at_degc) / 10.0)
    if found < 0:
        raise InputError(
            Problem(what="conductance is negative", where=f"{where}, g_s_per_cm2", found=f"{found:g}",
                    allowed="0 S/cm2 or more")
        )  # fmt: skip
    return _finite(found, what="conductance is not finite", where=f"{where}, g_s_per_cm2")


def _balanced(
    data: Membrane, known: Mapping[str, Node], running: Mapping[str, Node], start: Mapping[str, float], degc: float
) -> tuple[Current, ...]:
    """All currents, and for each balanced ion the leak or constant pump that makes its total zero at rest.

    Each current is worked out at rest either way: one that is not finite shows here.
    """
    values: dict[str, FloatArray] = {key: np.array([value]) for key, value in start.items()}
    total = dict.fromkeys(data.balanced, 0.0)
    for current in data.currents:
        where = f"membrane {data.key}, current {current.key}"
        if current.formula:
            flow = evaluate(parse(current.formula, where=where, known=running), values)
        else:
            factor = evaluate(parse(current.factor or 1.0, where=where, known=running), values)
            opened = sum(
                term.share * math.prod(start[gate] ** power for gate, power in term.powers) for term in current.products
            )
            e_mv = _reversal(current, known, start, where)
            flow = _conductance(current, known, degc, where) * factor * opened * (data.v_rest_mv - e_mv)
        amount = _finite(float(np.ravel(flow)[0]), what="current is not finite at rest", where=where)
        for key, share in current.shares:
            if key in total:
                total[key] += share * amount
    added: list[Current] = []
    for key, flow in total.items():
        leak = -flow / (data.v_rest_mv - start[f"e_{key}"])
        if leak >= 0:
            added.append(Current(key=f"balancing leak {key}", g_s_per_cm2=leak, e=key))
        else:
            added.append(Current(key=f"balancing pump {key}", formula=repr(-flow), ions=((key, 1.0),)))
    return (*data.currents, *added)


def _reversal(current: Current, known: Mapping[str, Node], start: Mapping[str, float], where: str) -> float:
    if current.e_mv is None:
        return start[f"e_{current.e}"]
    return parse(current.e_mv, where=f"{where}, e_mv", known=known).value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flows:
    """Currents as arrays: ohmic ones first, then those with programs."""

    keys: tuple[str, ...]
    g_s_per_cm2: FloatArray
    e_mv: FloatArray
    e_ion: IntArray
    factor: IntArray
    term_current: IntArray
    term_share: FloatArray
    term_power: IntArray
    program: IntArray
    of_v: IntArray
    net: FloatArray
    share: FloatArray

    @staticmethod
    def of(
        data: Membrane, currents: tuple[Current, ...], *, programs: Programs, known: Mapping[str, Node],
        running: Mapping[str, Node], gates: tuple[str, ...], ions: list[str], degc: float,
    ) -> _Flows:  # fmt: skip
        ohmic = [current for current in currents if not current.formula]
        driven = [current for current in currents if current.formula]
        ordered = (*ohmic, *driven)
        fixed = {f"e_{ion.key}": reversal_mv(ion, temperature_degc=degc) for ion in data.ions}
        where = {current.key: f"membrane {data.key}, current {current.key}" for current in currents}
        terms = [(c, term) for c, current in enumerate(ohmic) for term in current.products]
        power = np.zeros((len(terms), len(gates)), dtype=np.int64)
        for t, (_, term) in enumerate(terms):
            for gate, exponent in term.powers:
                power[t, gates.index(gate)] += exponent
        share = np.zeros((len(ordered), len(ions)))
        for c, current in enumerate(ordered):
            for key, part in current.shares:
                if key in ions:
                    share[c, ions.index(key)] += part

        def program(current: Current, text: str) -> int:
            return programs.add(parse(text, where=where[current.key], known=running)) if text else -1

        return _Flows(
            keys=tuple(current.key for current in ordered),
            g_s_per_cm2=np.array([_conductance(c, known, degc, where[c.key]) for c in ohmic]),
            e_mv=np.array([_reversal(c, known, fixed, where[c.key]) for c in ohmic]),
            e_ion=np.array([ions.index(c.e) if c.e in ions else -1 for c in ohmic], dtype=np.int64),
            factor=np.array([program(c, c.factor) for c in ohmic], dtype=np.int64),
            term_current=np.array([c for c, _ in terms], dtype=np.int64),
            term_share=np.array([term.share for _, term in terms]),
            term_power=power,
            program=np.array([program(c, c.formula) for c in driven], dtype=np.int64),
            of_v=np.array(
                ["v" in names_in(parse(c.formula, where=where[c.key], known=running)) for c in driven], dtype=np.int64
            ),
            net=np.array([sum(part for _, part in c.shares) if c.shares else 1.0 for c in ordered]),
            share=share,
        )


@lru_cache(maxsize=64)
def _pool_trees(data: Membrane, degc: float) -> tuple[tuple[Node, Node], ...]:
    """Of each pool what a current and the bath do to it, as formulas of the diameter."""
    known = {**data.scope(temperature_degc=degc), "diameter_um": name("diameter_um")}
    where = f"membrane {data.key}, ions"
    return tuple(
        (parse(p.per_current, where=where, known=known), parse(p.per_ms, where=where, known=known))
        if p
        else (number(0.0), number(0.0))
        for ion in data.ions
        if ion.moves
        for p in (ion.inside, ion.outside)
    )


def _pool_rates(data: Membrane, degc: float, diameter_um: float) -> tuple[FloatArray, FloatArray]:
    values = {"diameter_um": np.array(diameter_um)}
    trees = _pool_trees(data, degc)
    a, b = (np.array([float(evaluate(pair[k], values)) for pair in trees]) for k in (0, 1))
    return a, b


def _kind(pool: Pool | None) -> int:
    if pool is None:
        return FIXED
    if pool.buffer is not None:
        return BUFFERED
    return EXACT if pool.step == "exact" else IMPLICIT


__all__ = [
    "BUFFERED", "EXACT", "FIXED", "IMPLICIT", "LEAST_MM", "SLOPE_MV", "TABLE_HIGH_MV", "TABLE_LOW_MV", "TABLE_PER_MV",
    "Packed", "Scheme", "pack",
]  # fmt: skip
