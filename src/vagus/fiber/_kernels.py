"""The one loop over time. Arrays and scalars in, arrays out; no checks.

Unknowns are potentials against the outside at the same place: ``w`` inside the axon (minus the resting voltage), ``u``
in the periaxonal space. A field then enters only through its second differences, as currents that are constant while a
phase lasts. Interior compartments are linear: they are condensed onto the nodes (`cable.py`), which leaves a
tridiagonal system with an active diagonal. Compartment positions stand before internodes in each array, so that the
inner loop runs over internodes and vectorizes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

SILENT, FIRED, ELSEWHERE = 0, 1, 2


@njit(cache=True, nogil=True, fastmath={"contract"})
def march(  # noqa: PLR0917  a kernel takes arrays, not nouns
    w_node, gates, w_in, u_in, wave, source_node, source_w, source_u, c_step, d_node, off_node, g_passive, g_active,
    e_active, powers, forward, backward, left, right, c_axo, c_mye, ga_left, ga_right, table, v_low, per_mv, v_rest,
    v_spike, watch, quiet_from, quiet_every, quiet_mv, crossed, record, stride, stop,
):  # fmt: skip
    """Run one fiber through `wave`; state arrays are changed in place; returns SILENT, FIRED or ELSEWHERE."""
    n_node = w_node.size
    n_gate = gates.shape[0]
    n_current = g_active.shape[0]
    depth, n_inter = w_in.shape
    top = table.shape[0] - 2
    diag = np.empty(n_node)
    rhs = np.empty(n_node)
    g = np.empty(n_node)
    y_w = np.empty((depth, n_inter))
    y_u = np.empty((depth, n_inter))
    quiet = 0
    anywhere = False
    for step in range(wave.size):
        current = wave[step]
        # conductances and driving currents of the nodes, from gates half a step old (staggered)
        for i in range(n_node):
            diag[i] = d_node[i] + g_passive[i]
            rhs[i] = c_step[i] * w_node[i] + current * source_node[i]
        for c in range(n_current):
            for i in range(n_node):
                g[i] = g_active[c, i]
            for q in range(n_gate):
                for _ in range(powers[c, q]):
                    for i in range(n_node):
                        g[i] *= gates[q, i]
            e = e_active[c]
            for i in range(n_node):
                diag[i] += g[i]
                rhs[i] += g[i] * e
        # interior: right-hand side and forward elimination
        for p in range(depth):
            f00, f01, f10, f11 = forward[p, 0], forward[p, 1], forward[p, 2], forward[p, 3]
            for k in range(n_inter):
                axolemma = c_axo[p, k] * (w_in[p, k] - u_in[p, k])
                a = axolemma + current * source_w[p, k]
                b = c_mye[p, k] * u_in[p, k] - axolemma + current * source_u[p, k]
                if p > 0:
                    a -= f00[k] * y_w[p - 1, k] + f01[k] * y_u[p - 1, k]
                    b -= f10[k] * y_w[p - 1, k] + f11[k] * y_u[p - 1, k]
                y_w[p, k] = a
                y_u[p, k] = b
        # back substitution with the nodes at zero; their share follows once they are known
        for p in range(depth - 1, -1, -1):
            b00, b01, b10, b11 = backward[p, 0], backward[p, 1], backward[p, 2], backward[p, 3]
            if p == depth - 1:
                for k in range(n_inter):
                    a = y_w[p, k]
                    b = y_u[p, k]
                    y_w[p, k] = b00[k] * a + b01[k] * b
                    y_u[p, k] = b10[k] * a + b11[k] * b
            else:
                n00, n01, n10, n11 = forward[p + 1, 0], forward[p + 1, 1], forward[p + 1, 2], forward[p + 1, 3]
                for k in range(n_inter):
                    a = y_w[p, k]
                    b = y_u[p, k]
                    # the block that comes back is the forward one transposed: the system is symmetric
                    y_w[p, k] = b00[k] * a + b01[k] * b - n00[k] * y_w[p + 1, k] - n10[k] * y_u[p + 1, k]
                    y_u[p, k] = b10[k] * a + b11[k] * b - n01[k] * y_w[p + 1, k] - n11[k] * y_u[p + 1, k]
        if depth > 0:
            for k in range(n_inter):
                rhs[k] += ga_left[k] * y_w[0, k]
                rhs[k + 1] += ga_right[k] * y_w[depth - 1, k]
        # nodes: tridiagonal
        for i in range(1, n_node):
            ratio = off_node[i - 1] / diag[i - 1]
            diag[i] -= ratio * off_node[i - 1]
            rhs[i] -= ratio * rhs[i - 1]
        previous = w_node[n_node - 1]
        w_node[n_node - 1] = rhs[n_node - 1] / diag[n_node - 1]
        if previous + v_rest < v_spike <= w_node[n_node - 1] + v_rest and crossed[n_node - 1] < 0:
            crossed[n_node - 1] = step
        for i in range(n_node - 2, -1, -1):
            previous = w_node[i]
            w_node[i] = (rhs[i] - off_node[i] * w_node[i + 1]) / diag[i]
            if previous + v_rest < v_spike <= w_node[i] + v_rest and crossed[i] < 0:
                crossed[i] = step
                anywhere = True
        for p in range(depth):
            l_w, l_u, r_w, r_u = left[p, 0], left[p, 1], right[p, 0], right[p, 1]
            for k in range(n_inter):
                w_in[p, k] = y_w[p, k] + l_w[k] * w_node[k] + r_w[k] * w_node[k + 1]
                u_in[p, k] = y_u[p, k] + l_u[k] * w_node[k] + r_u[k] * w_node[k + 1]
        # gates: exact for a voltage held over the step, from a table
        if n_gate > 0:
            for i in range(n_node):
                at = min(max((w_node[i] + v_rest - v_low) * per_mv, 0.0), float(top))
                row = min(int(at), top - 1)
                share = at - row
                for q in range(n_gate):
                    steady = table[row, q, 0] + share * (table[row + 1, q, 0] - table[row, q, 0])
                    decay = table[row, q, 1] + share * (table[row + 1, q, 1] - table[row, q, 1])
                    gates[q, i] = steady + (gates[q, i] - steady) * decay
        if stride > 0 and (step + 1) % stride == 0:
            for i in range(n_node):
                record[(step + 1) // stride - 1, i] = w_node[i] + v_rest
        if stop:
            if crossed[watch] >= 0:
                return FIRED
            if step > quiet_from and step % quiet_every == 0:
                largest = 0.0
                for i in range(n_node):
                    largest = max(largest, abs(w_node[i]))
                quiet = quiet + 1 if largest < quiet_mv else 0
                if quiet > 2:
                    break
    if crossed[watch] >= 0:
        return FIRED
    return ELSEWHERE if anywhere or crossed[n_node - 1] >= 0 else SILENT
