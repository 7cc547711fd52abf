"""The membrane's loops over nodes: programs, reversals, currents, pools, gates. Arrays in, arrays out; no checks.

Rows of ``x`` are voltage (mV), gates, pools (mM) and reversals (mV); columns are nodes of several fibers side by side.
"""

from __future__ import annotations

import math

from numba import njit

from vagus.fiber.engine.arrays import BLOCK

# nothing is allocated below, so references are not counted: counting them would cost more than the work
PLAIN = {"cache": True, "nogil": True, "fastmath": {"contract"}, "error_model": "numpy", "_nrt": False}
CLAMP_MV = 1000.0
PUSH, LOAD, STORE, FETCH = 0, 1, 2, 3
ADD, SUB, MUL, DIV, POW, NEG = 4, 5, 6, 7, 8, 9
EXP, LOG, LOG10, SQRT, ABS, FLOOR, LINOID, SIGMOID = 10, 11, 12, 13, 14, 15, 16, 17
MIN, MAX, LESS, LESS_EQUAL, SELECT = 18, 19, 20, 21, 22
FIXED, EXACT, IMPLICIT, BUFFERED = 0, 1, 2, 3
LEAST_MM = 1e-9
SLOPE_MV = 1e-3


@njit(**PLAIN)
def interpret(m, program, x, shift_mv, begin, end, stack, register):
    """Run a program over nodes `begin` to `end` at the voltage plus `shift_mv`; the result is ``stack[0]``."""
    n = end - begin
    top = -1
    for at in range(m.span[program, 0], m.span[program, 1]):
        op, arg = m.code[at, 0], m.code[at, 1]
        if op == PUSH:
            top += 1
            for i in range(n):
                stack[top, i] = m.const[arg]
        elif op == LOAD:
            top += 1
            extra = shift_mv if arg == 0 else 0.0
            value = x[arg, begin:end]
            for i in range(n):
                stack[top, i] = value[i] + extra
        elif op == STORE:
            for i in range(n):
                register[arg, i] = stack[top, i]
        elif op == FETCH:
            top += 1
            for i in range(n):
                stack[top, i] = register[arg, i]
        elif op == ADD:
            top -= 1
            for i in range(n):
                stack[top, i] += stack[top + 1, i]
        elif op == SUB:
            top -= 1
            for i in range(n):
                stack[top, i] -= stack[top + 1, i]
        elif op == MUL:
            top -= 1
            for i in range(n):
                stack[top, i] *= stack[top + 1, i]
        elif op == DIV:
            top -= 1
            for i in range(n):
                stack[top, i] /= stack[top + 1, i]
        elif op == POW:
            top -= 1
            twice = 2.0 * stack[top + 1, 0]
            if m.code[at - 1, 0] == PUSH and twice == math.floor(twice) and 0.0 < twice <= 16.0:
                whole, half = int(twice) // 2, int(twice) % 2
                for i in range(n):
                    base = stack[top, i]
                    product = math.sqrt(base) if half == 1 else 1.0
                    for _ in range(whole):
                        product *= base
                    stack[top, i] = product
            else:
                for i in range(n):
                    stack[top, i] = stack[top, i] ** stack[top + 1, i]
        elif op == NEG:
            for i in range(n):
                stack[top, i] = -stack[top, i]
        elif op == EXP:
            for i in range(n):
                stack[top, i] = math.exp(stack[top, i])
        elif op == LOG:
            for i in range(n):
                stack[top, i] = math.log(stack[top, i])
        elif op == LOG10:
            for i in range(n):
                stack[top, i] = math.log10(stack[top, i])
        elif op == SQRT:
            for i in range(n):
                stack[top, i] = math.sqrt(stack[top, i])
        elif op == ABS:
            for i in range(n):
                stack[top, i] = abs(stack[top, i])
        elif op == FLOOR:
            for i in range(n):
                stack[top, i] = math.floor(stack[top, i])
        elif op == LINOID:
            for i in range(n):
                a = stack[top, i]
                stack[top, i] = 1.0 + 0.5 * a if abs(a) < 1e-6 else a / -math.expm1(-a)
        elif op == SIGMOID:
            for i in range(n):
                stack[top, i] = 1.0 / (1.0 + math.exp(-stack[top, i]))
        elif op == MIN:
            top -= 1
            for i in range(n):
                stack[top, i] = min(stack[top, i], stack[top + 1, i])
        elif op == MAX:
            top -= 1
            for i in range(n):
                stack[top, i] = max(stack[top, i], stack[top + 1, i])
        elif op == LESS:
            top -= 1
            for i in range(n):
                stack[top, i] = 1.0 if stack[top, i] < stack[top + 1, i] else 0.0
        elif op == LESS_EQUAL:
            top -= 1
            for i in range(n):
                stack[top, i] = 1.0 if stack[top, i] <= stack[top + 1, i] else 0.0
        elif op == SELECT:
            top -= 2
            for i in range(n):
                stack[top, i] = stack[top + 1, i] if stack[top, i] != 0.0 else stack[top + 2, i]


@njit(**PLAIN)
def reversals(m, x, e_last, begin, end):
    """Nernst potentials from the pools; with two stages, extrapolated by half a step."""
    first, n = 1 + m.n_gate + m.n_pool, end - begin
    for ion in range(m.n_ion):
        inside, outside = (
            x[1 + m.n_gate + m.ion_inside[ion], begin:end],
            x[1 + m.n_gate + m.ion_outside[ion], begin:end],
        )
        start, kt, extra = m.ratio_start[ion], m.nernst_mv[ion], m.offset_mv[ion]
        e, last = x[first + ion, begin:end], e_last[ion, begin:end]
        base = kt * math.log(start) + extra
        far = 0.0
        for i in range(n):
            # near the start's ratio the logarithm is a short series, which vectorizes
            o, c = max(outside[i], LEAST_MM), start * max(inside[i], LEAST_MM)
            z = (o - c) / (o + c)
            far = max(far, abs(z))
            q = z * z
            e[i] = base + kt * 2.0 * z * (1.0 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q / 11)))))
        if far > 0.06:
            for i in range(n):
                e[i] = kt * math.log(max(outside[i], LEAST_MM) / max(inside[i], LEAST_MM)) + extra
        if m.theta > 0.0:
            for i in range(n):
                now = e[i]
                e[i] = now + 0.5 * (now - last[i])
                last[i] = now


@njit(**PLAIN)
def _multiply(factors, first, last, scale, x, begin, end, into):
    """A product of gates, four of them at once: most currents have no more."""
    n = end - begin
    count = min(last - first, 4)
    if count == 0:
        for i in range(n):
            into[i] = scale
    elif count == 1:
        p = x[factors[first], begin:end]
        for i in range(n):
            into[i] = scale * p[i]
    elif count == 2:
        p, q = x[factors[first], begin:end], x[factors[first + 1], begin:end]
        for i in range(n):
            into[i] = scale * p[i] * q[i]
    elif count == 3:
        p, q, r = x[factors[first], begin:end], x[factors[first + 1], begin:end], x[factors[first + 2], begin:end]
        for i in range(n):
            into[i] = scale * p[i] * q[i] * r[i]
    else:
        p, q, r, s = (x[factors[first], begin:end], x[factors[first + 1], begin:end], x[factors[first + 2], begin:end],
                      x[factors[first + 3], begin:end])  # fmt: skip
        for i in range(n):
            into[i] = scale * p[i] * q[i] * r[i] * s[i]
    for f in range(first + 4, last):
        p = x[factors[f], begin:end]
        for i in range(n):
            into[i] *= p[i]


@njit(**PLAIN)
def currents(m, x, begin, end, g, drive, ion_i, ion_g, part, product, stack, register):
    """Conductance (S/cm2) and driving current (g (e - rest), mA/cm2) of nodes, and what each ion carries."""
    n = end - begin
    first_e = 1 + m.n_gate + m.n_pool
    v = x[0, begin:end]
    for i in range(n):
        g[i] = 0.0
        drive[i] = 0.0
    for ion in range(m.n_ion):
        flow, slope = ion_i[ion, begin:end], ion_g[ion, begin:end]
        for i in range(n):
            flow[i] = 0.0
            slope[i] = 0.0
    for c in range(m.g.size):
        for t in range(m.term_span[c, 0], m.term_span[c, 1]):
            scale = m.g[c] * m.term_share[t]
            into = part if t == m.term_span[c, 0] else product
            _multiply(m.factors, m.factor_span[t, 0], m.factor_span[t, 1], scale, x, begin, end, into)
            if t > m.term_span[c, 0]:
                for i in range(n):
                    part[i] += product[i]
        if m.factor[c] >= 0:
            interpret(m, m.factor[c], x, 0.0, begin, end, stack, register)
            for i in range(n):
                part[i] *= stack[0, i]
        constant = m.e_ion[c] < 0
        e = x[first_e + max(m.e_ion[c], 0), begin:end] if m.n_ion > 0 else v
        if constant:
            ahead = m.e_mv[c] - m.v_rest_mv
            for i in range(n):
                g[i] += part[i]
                drive[i] += part[i] * ahead
        else:
            for i in range(n):
                g[i] += part[i]
                drive[i] += part[i] * (e[i] - m.v_rest_mv)
        for ion in range(m.n_ion):
            share = m.share[c, ion]
            if share != 0.0:
                flow, slope = ion_i[ion, begin:end], ion_g[ion, begin:end]
                if constant:
                    for i in range(n):
                        flow[i] += share * part[i] * (v[i] - m.e_mv[c])
                        slope[i] += share * part[i]
                else:
                    for i in range(n):
                        flow[i] += share * part[i] * (v[i] - e[i])
                        slope[i] += share * part[i]
    for k in range(m.current_program.size):
        c = m.g.size + k
        interpret(m, m.current_program[k], x, 0.0, begin, end, stack, register)
        for i in range(n):
            part[i] = stack[0, i]
            product[i] = 0.0
        if m.sloped[k]:
            interpret(m, m.current_program[k], x, SLOPE_MV, begin, end, stack, register)
            for i in range(n):
                product[i] = (stack[0, i] - part[i]) / SLOPE_MV
        for i in range(n):
            g[i] += m.net[c] * product[i]
            drive[i] += m.net[c] * (product[i] * (v[i] - m.v_rest_mv) - part[i])
        for ion in range(m.n_ion):
            share = m.share[c, ion]
            if share != 0.0:
                flow, slope = ion_i[ion, begin:end], ion_g[ion, begin:end]
                for i in range(n):
                    flow[i] += share * part[i]
                    slope[i] += share * product[i]


@njit(**PLAIN)
def pools(m, x, bound, pool_a, pool_b, ion_i, ion_g, w, begin, end, flow):
    """Move concentrations over a step; `w`: new voltage against rest (from `begin` on); ``x[0]``: still the old one."""
    dt, n = m.dt_ms, end - begin
    half = 0.5 if m.theta > 0.0 else 0.0
    v = x[0, begin:end]
    for p in range(m.n_pool):
        kind, ion, bath = m.pool_kind[p], m.pool_ion[p], m.pool_bath[p]
        if kind == FIXED:
            continue
        pool, rate, back = x[1 + m.n_gate + p, begin:end], pool_a[p, begin:end], pool_b[p, begin:end]
        current, slope = ion_i[ion, begin:end], ion_g[ion, begin:end]
        # the ion's current: of the old voltage, or with two stages of the middle of the step
        for i in range(n):
            flow[i] = current[i] + half * slope[i] * (w[i] + m.v_rest_mv - v[i])
        if kind == IMPLICIT and half == 0.0:
            for i in range(n):
                b = dt * back[i]
                pool[i] = (pool[i] + dt * rate[i] * flow[i] + b * bath) / (1.0 + b)
        elif kind != BUFFERED:
            fastest = 0.0
            for i in range(n):
                fastest = max(fastest, dt * back[i])
            if fastest < 0.05:
                for i in range(n):
                    # (1 - exp(-b dt)) / b by its series: concentrations are slow against a step
                    b = dt * back[i]
                    over = dt * (1.0 - b / 2.0 * (1.0 - b / 3.0 * (1.0 - b / 4.0 * (1.0 - b / 5.0 * (1.0 - b / 6.0)))))
                    pool[i] += over * (rate[i] * flow[i] + back[i] * (bath - pool[i]))
            else:
                for i in range(n):
                    b = dt * back[i]
                    over = -dt * math.expm1(-b) / b if b > 0.0 else dt
                    pool[i] += over * (rate[i] * flow[i] + back[i] * (bath - pool[i]))
        else:
            on, off, total = m.pool_buffer[p, 0], m.pool_buffer[p, 1], m.pool_buffer[p, 2]
            held = bound[p, begin:end]
            # backward Euler in closed form; with two stages over half a step, then as far again (midpoint)
            step = dt if half == 0.0 else 0.5 * dt
            k, q = 1.0 + step * off, step * on
            for i in range(n):
                c, o = pool[i], held[i]
                r = c + step * rate[i] * flow[i] + total * o
                lin, const = k + q * (total - r), total * o - r * k
                root = math.sqrt(lin * lin - 4.0 * q * const)
                new = -2.0 * const / (lin + root) if lin > 0.0 else (root - lin) / (2.0 * q)
                new_o = (o + q * new) / (k + q * new)
                pool[i] = new if half == 0.0 else 2.0 * new - c
                held[i] = new_o if half == 0.0 else 2.0 * new_o - o


@njit(**PLAIN)
def gates(m, x, begin, end, row, share, stack, register):
    """Move gates over a step at the voltage in ``x[0]``: exact for a voltage that is held."""
    n = end - begin
    v = x[0, begin:end]
    top = float(m.table.shape[1] - 1)
    for i in range(n):
        at = min(max((v[i] - m.v_low_mv) * m.per_mv, 0.0), top)
        row[i] = int(at)
        share[i] = at - row[i]
    n_table = m.table.shape[0]
    for q in range(n_table):
        gate, table = x[1 + q, begin:end], m.table[q]
        for i in range(n):
            r, s = row[i], share[i]
            steady = table[r, 0] + s * table[r, 1]
            decay = table[r, 2] + s * table[r, 3]
            gate[i] = steady + (gate[i] - steady) * decay
    for k in range(m.gate_program.shape[0]):
        gate = x[1 + n_table + k, begin:end]
        interpret(m, m.gate_program[k, 0], x, 0.0, begin, end, stack, register)
        for i in range(n):
            share[i] = stack[0, i]
        interpret(m, m.gate_program[k, 1], x, 0.0, begin, end, stack, register)
        for i in range(n):
            gate[i] = share[i] + (gate[i] - share[i]) * stack[0, i]


@njit(**PLAIN)
def prime(m, x, work):
    """Reversals of the pools as they are, and gates moved by the gear's step: half a step, before a staggered run."""
    flat = x.shape[1]
    for begin in range(0, flat, BLOCK):
        end = min(begin + BLOCK, flat)
        reversals(m, x, work.ion_i, begin, end)
        gates(m, x, begin, end, work.row, work.block[0], work.stack, work.register)
