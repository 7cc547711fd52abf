"""The brain's steps over time, fast and slow, draw by draw. Arrays in, arrays filled; no checks."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def fast_steps(u, gain, kappa, fade, step, push, nts, lc, ne):
    """Relay, LC and NE at the end of each cell, from rest; drive `u` and `gain` (n_draws, n) hold within a cell."""
    n_draws, n = u.shape
    for d in range(n_draws):
        relay, a, x, y = 0.0, 0.0, 0.0, 0.0
        m, p = step[d], push[d]
        for i in range(n):
            now = u[d, i]
            forced = gain[d, i] * now
            relay = now + (relay - now) * fade[d]
            a_next = m[0, 0] * a + m[0, 1] * x + m[0, 2] * y + p[0] * forced
            x_next = m[1, 0] * a + m[1, 1] * x + m[1, 2] * y + p[1] * forced
            y = m[2, 0] * a + m[2, 1] * x + m[2, 2] * y + p[2] * forced
            a, x = a_next, x_next
            nts[d, i], lc[d, i], ne[d, i] = now - kappa[d] * relay, x, y


@njit(cache=True, nogil=True)
def slow_steps(share, begin, end, level, top, fade, standard, half, power, early, late, every, window, out):
    """Slow LC, alpha1 tone, DRN and 5-HT, from rest, each `every` steps: (4, n_draws, n_out).

    `share` (n_step,) of each step lies in a sitting, from cycle `begin` to cycle `end` of it; the LC is then driven by
    `level` times the build-up's mean over these cycles, 1 + top (1 − mean of fade^cycle). `early` (n_draws, 3, 3)
    advances LC, alpha1 tone and their input by half a step, `late` DRN, 5-HT and theirs by a whole one. With `window`
    0 values are those at the end of a step, else means over so many steps before it (trapezoids).
    """
    n_draws, n_out = out.shape[1], out.shape[2]
    for d in range(n_draws):
        e, f = early[d], late[d]
        lc, tone, drn, serotonin = 0.0, 0.0, 0.0, 0.0
        at = standard[d] * half[d]
        for k in range(n_out):
            sums = (0.0, 0.0, 0.0, 0.0)
            for j in range(every):
                i_step = k * every + j
                given = level[d] * share[i_step]
                cycles = end[i_step] - begin[i_step]
                if given > 0.0 and cycles > 0.0:
                    left = (fade[d] ** begin[i_step] - fade[d] ** end[i_step]) / (cycles * (1.0 - fade[d]))
                    given *= 1.0 + top[d] * (1.0 - min(left, 1.0))
                before = (lc, tone, drn, serotonin)
                mid = e[1, 0] * lc + e[1, 1] * tone + e[1, 2] * given
                lc_mid = e[0, 0] * lc + e[0, 2] * given
                lc = e[0, 0] * lc_mid + e[0, 2] * given
                tone = e[1, 0] * lc_mid + e[1, 1] * mid + e[1, 2] * given
                passed = 0.0
                if at > 0.0 and mid > 0.0:
                    passed = standard[d] / (1.0 + (at / mid) ** power[d])
                drn_next = f[0, 0] * drn + f[0, 2] * passed
                serotonin = f[1, 0] * drn + f[1, 1] * serotonin + f[1, 2] * passed
                drn = drn_next
                if j >= every - window:
                    sums = (
                        sums[0] + (before[0] + lc) / 2,
                        sums[1] + (before[1] + tone) / 2,
                        sums[2] + (before[2] + drn) / 2,
                        sums[3] + (before[3] + serotonin) / 2,
                    )
            if window == 0:
                out[0, d, k], out[1, d, k], out[2, d, k], out[3, d, k] = lc, tone, drn, serotonin
            else:
                for i in range(4):
                    out[i, d, k] = sums[i] / window
