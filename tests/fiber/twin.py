"""Plain NumPy twin of the kernel: absolute potentials, dense solve, gate rates without tables. Never shipped."""

from __future__ import annotations

import numpy as np

from vagus.fiber import Fiber


def march_plain(fiber: Fiber, v_e: np.ndarray, *, dt_ms: float, settle: bool = True) -> np.ndarray:
    """Membrane voltage of the nodes after each step under outside potentials `v_e` (n_step, n)."""
    n, data, nodes = fiber.z_um.size, fiber.membrane, fiber.node_index
    node = np.zeros(n, dtype=bool)
    node[nodes] = True
    half_a, half_p = fiber.half_axial_mohm, fiber.half_periaxial_mohm
    ga = 1 / (half_a[1:] + half_a[:-1])
    gp = 1 / (half_p[1:] + half_p[:-1]) if data.myelin else np.zeros(n - 1)
    area = np.zeros(n)
    area[nodes] = fiber.area_node_um2
    v_i, v_p = np.full(n, data.v_rest_mv), np.zeros(n)
    open_share = {
        g.key: g.steady_and_tau_ms(v_i - v_p, temperature_degc=data.temperature_degc)[0].copy() for g in data.gates
    }
    runs = [(np.zeros((40, n)), 5.0)] if settle else []
    out = []
    before = np.zeros(n)
    for outside, dt in [*runs, (v_e, dt_ms)]:
        for row in outside:
            v_m = v_i - v_p
            g, source = fiber.g_us.copy(), fiber.g_us * data.v_rest_mv
            for current in data.currents:
                conductance = float(current.g_s_per_cm2) * 1e-2 * area
                for key, power in current.powers:
                    conductance = conductance * open_share[key] ** power
                g, source = g + conductance, source + conductance * float(current.e_mv or 0.0)
            a, b = np.zeros((2 * n, 2 * n)), np.zeros(2 * n)
            for j in range(n):
                i, p = j, n + j
                c = fiber.c_nf[j] / dt
                a[i, i] += c + g[j]
                a[i, p] -= c + g[j]
                b[i] += c * v_m[j] + source[j]
                if node[j]:
                    a[p, p], b[p] = 1.0, row[j]
                else:
                    c_y, g_y = fiber.c_myelin_nf[j] / dt, fiber.g_myelin_us[j]
                    a[p, p] += c + g[j] + c_y + g_y
                    a[p, i] -= c + g[j]
                    b[p] += -c * v_m[j] - source[j] + c_y * (v_p[j] - before[j]) + (c_y + g_y) * row[j]
                for k, edge in ((j - 1, j - 1), (j + 1, j)):
                    if 0 <= k < n:
                        a[i, i] += ga[edge]
                        a[i, k] -= ga[edge]
                        if not node[j]:
                            a[p, p] += gp[edge]
                            a[p, n + k] -= gp[edge]
            solved = np.linalg.solve(a, b)
            v_i, v_p, before = solved[:n], solved[n:], row
            v_m = v_i - v_p
            for gate in data.gates:
                steady, tau = gate.steady_and_tau_ms(v_m, temperature_degc=data.temperature_degc)
                share = open_share[gate.key]
                open_share[gate.key] = steady + (share - steady) * np.exp(-dt / tau)
            if dt == dt_ms:
                out.append(v_m[nodes].copy())
    return np.array(out)
