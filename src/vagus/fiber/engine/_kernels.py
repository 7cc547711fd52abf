"""The loops over time. Arrays and scalars in, arrays out; no checks.

Unknowns are potentials against the outside at the same place, minus rest: a field then enters only through its second
differences along the fiber, as currents. An internode is linear: it stands as real modes (`modes.py`), held against the
static answer to the present stimulus, so that a constant stimulus costs nothing. What is left is a tridiagonal system
over nodes. Fibers stand in lanes side by side in the innermost axis; a lane that is decided takes the next job.
"""

from __future__ import annotations

from numba import njit

from vagus.fiber._kernels import CLAMP_MV, PLAIN, currents, gates, pools, reversals
from vagus.fiber.engine.arrays import BLOCK

REORDERED = {**PLAIN, "fastmath": {"contract", "reassoc"}}
SILENT, FIRED, ELSEWHERE, BROKEN = 0, 1, 2, 3
LARGEST_MV = 1e9  # beyond it, and for what is no number, a run is broken
TINY = 1e-200


@njit(**PLAIN)
def internodes(a, fiber, lane, ahead, w, mode, end, inter, even, odd, sums):
    """Move the modes of a lane by the new node voltages `w`; leaves in `inter` what they give to the next solve.

    `ahead` 0: to the end of the stage; else beyond it, to where the next stage starts.
    """
    n_inter, n_node = mode.shape[3], a.n_node[fiber]
    stay = 1.0 - ahead if ahead > 0.0 else 0.0
    go = ahead if ahead > 0.0 else 1.0
    for j in range(n_node - 3):
        left, right = w[j + 1, lane], w[j + 2, lane]
        # numbers that decay to nothing would be slow: TINY keeps them normal and adds nothing
        even[j] = left + right + TINY
        odd[j] = left - right + TINY
    for j in range(max(n_node - 3, 0), n_inter):
        even[j] = 0.0
        odd[j] = 0.0
    for j in range(sums.shape[1]):
        sums[0, j] = 0.0
        sums[1, j] = 0.0
    _five(a.mode_d[fiber, 0], a.mode_e[fiber, 0], a.mode_p[fiber, 0], stay, go, mode[lane, 0], even, sums[0])
    _five(a.mode_d[fiber, 1], a.mode_e[fiber, 1], a.mode_p[fiber, 1], stay, go, mode[lane, 1], odd, sums[1])
    _give(a, fiber, lane, stay, go, w, end, inter, sums)


@njit(**PLAIN)
def _five(d, e, p, stay, go, mode, w, total):
    """Move modes in groups of five, so that the voltages and sums are read once a group."""
    n = mode.shape[1]
    for k in range(0, mode.shape[0], 5):
        d0, d1, d2, d3, d4 = (stay + go * d[k], stay + go * d[k + 1], stay + go * d[k + 2], stay + go * d[k + 3],
                              stay + go * d[k + 4])  # fmt: skip
        e0, e1, e2, e3, e4 = go * e[k], go * e[k + 1], go * e[k + 2], go * e[k + 3], go * e[k + 4]
        p0, p1, p2, p3, p4 = p[k], p[k + 1], p[k + 2], p[k + 3], p[k + 4]
        for j in range(n):
            v = w[j]
            x0 = d0 * mode[k, j] + e0 * v
            x1 = d1 * mode[k + 1, j] + e1 * v
            x2 = d2 * mode[k + 2, j] + e2 * v
            x3 = d3 * mode[k + 3, j] + e3 * v
            x4 = d4 * mode[k + 4, j] + e4 * v
            mode[k, j] = x0
            mode[k + 1, j] = x1
            mode[k + 2, j] = x2
            mode[k + 3, j] = x3
            mode[k + 4, j] = x4
            total[j] += p0 * x0 + p1 * x1 + p2 * x2 + p3 * x3 + p4 * x4


@njit(**PLAIN)
def _give(a, fiber, lane, stay, go, w, end, inter, sums):
    """What the modes give to the nodes; the end internodes are moved on the way (`go` 0: they stay)."""
    n_node = a.n_node[fiber]
    before = 0.0
    inter[0, lane] = 0.0
    for j in range(n_node - 3):
        inter[j + 1, lane] = before + sums[0, j] + sums[1, j]
        before = sums[0, j] - sums[1, j]
    inter[n_node - 2, lane] = before
    inter[n_node - 1, lane] = 0.0
    for side in range(2):
        left = 0 if side == 0 else n_node - 2
        to_left, to_right = _end(
            a.end_d[fiber, side], a.end_e[fiber, side], a.end_p[fiber, side], stay, go, w[left, lane],
            w[left + 1, lane], end[lane, side],
        )  # fmt: skip
        inter[left, lane] += to_left
        inter[left + 1, lane] += to_right


@njit(**REORDERED)
def _end(d, e, p, stay, go, w_left, w_right, end):
    to_left, to_right = 0.0, 0.0
    for k in range(end.size):
        x = (stay + go * d[k]) * end[k] + go * (e[0, k] * w_left + e[1, k] * w_right + TINY)
        end[k] = x
        to_left += p[0, k] * x
        to_right += p[1, k] * x
    return to_left, to_right


@njit(**PLAIN)
def shift(a, fiber, lane, source, change, w, mode, end, inter, sums):
    """A source's current changed: the static answer that the modes are held against moves with it."""
    for j in range(sums.shape[1]):
        sums[0, j] = 0.0
        sums[1, j] = 0.0
    for side in range(2):
        total = sums[side]
        for k in range(mode.shape[2]):
            p, state, by = a.mode_p[fiber, side, k], mode[lane, side, k], a.mode_shift[fiber, source, side, k]
            for j in range(state.size):
                x = state[j] - change * by[j]
                state[j] = x
                total[j] += p * x
        for k in range(end.shape[2]):
            end[lane, side, k] -= change * a.end_shift[fiber, source, side, k]
    _give(a, fiber, lane, 1.0, 0.0, w, end, inter, sums)


@njit(**PLAIN)
def solve(factor, diag, off, rhs, inverse, w):
    """Tridiagonal systems of all lanes; with `factor` 0 the inverses of the last call are used again."""
    n_node, width = w.shape
    if factor:
        for lane in range(width):
            inverse[0, lane] = 1.0 / diag[0, lane]
        for i in range(1, n_node):
            for lane in range(width):
                ratio = off[i - 1, lane] * inverse[i - 1, lane]
                inverse[i, lane] = 1.0 / (diag[i, lane] - ratio * off[i - 1, lane])
                rhs[i, lane] -= ratio * rhs[i - 1, lane]
    else:
        for i in range(1, n_node):
            for lane in range(width):
                rhs[i, lane] -= off[i - 1, lane] * inverse[i - 1, lane] * rhs[i - 1, lane]
    for lane in range(width):
        w[n_node - 1, lane] = rhs[n_node - 1, lane] * inverse[n_node - 1, lane]
    for i in range(n_node - 2, -1, -1):
        for lane in range(width):
            w[i, lane] = (rhs[i, lane] - off[i, lane] * w[i + 1, lane]) * inverse[i, lane]


@njit(**PLAIN)
def load(m, a, fiber, lane, s):
    """Put a fiber at rest into a lane."""
    n_node, width = s.w.shape
    first_e = 1 + m.n_gate + m.n_pool
    for i in range(n_node):
        s.c_step[i, lane] = a.c_step[fiber, i]
        s.d_node[i, lane] = a.d_node[fiber, i]
        s.off_node[i, lane] = a.off_node[fiber, i]
        s.area[i, lane] = a.area[fiber, i]
        s.w[i, lane] = a.x_start[fiber, 0, i] - m.v_rest_mv
        s.rest[i, lane] = s.w[i, lane]
    for q in range(s.x.shape[0]):
        row = s.x[q].reshape(n_node, width)
        for i in range(n_node):
            row[i, lane] = a.x_start[fiber, q, i]
    for k in range(s.source.shape[0]):
        for i in range(n_node):
            s.source[k, i, lane] = a.source[fiber, k, i]
    for p in range(m.n_pool):
        bound, rate, back = (s.bound[p].reshape(n_node, width), s.pool_a[p].reshape(n_node, width),
                             s.pool_b[p].reshape(n_node, width))  # fmt: skip
        for i in range(n_node):
            bound[i, lane] = a.bound_start[fiber, p, i]
            rate[i, lane] = a.pool_a[fiber, p]
            back[i, lane] = a.pool_b[fiber, p]
    for ion in range(m.n_ion):
        last = s.e_last[ion].reshape(n_node, width)
        for i in range(n_node):
            last[i, lane] = a.x_start[fiber, first_e + ion, i]
    for side in range(2):
        for k in range(s.mode.shape[2]):
            for j in range(s.mode.shape[3]):
                s.mode[lane, side, k, j] = a.mode_start[fiber, side, k, j]
        for k in range(s.end.shape[2]):
            s.end[lane, side, k] = a.end_start[fiber, side, k]


@njit(**PLAIN)
def stimulus(a, s, job, job_fiber, job_scale, tick, wave, stage, level, sums):
    """Set each source's current for a stage; a change moves the static answer of the internodes."""
    for lane in range(job.size):
        if job[lane] >= 0:
            for k in range(level.shape[0]):
                now = job_scale[job[lane], k] * wave[k, tick[lane], stage]
                if now != level[k, lane]:
                    if s.mode.shape[2] > 0:
                        change = now - level[k, lane]
                        shift(a, job_fiber[job[lane]], lane, k, change, s.w, s.mode, s.end, s.inter, sums)
                    level[k, lane] = now


@njit(**PLAIN)
def inject(level, source, rhs):
    """Add the sources' currents into nodes."""
    for k in range(level.shape[0]):
        on = False
        for lane in range(level.shape[1]):
            on = on or level[k, lane] != 0.0
        if on:
            for i in range(rhs.shape[0]):
                for lane in range(level.shape[1]):
                    rhs[i, lane] += level[k, lane] * source[k, i, lane]


@njit(**PLAIN)
def _probe(a, s, fiber, lane, node, mode, end):
    """What a contact sees of a fiber: a weighted sum over all that has moved since rest."""
    total = 0.0
    for i in range(a.n_node[fiber]):
        total += node[i] * (s.w[i, lane] - s.rest[i, lane])
    for side in range(2):
        for k in range(mode.shape[1]):
            for j in range(mode.shape[2]):
                total += mode[side, k, j] * (s.mode[lane, side, k, j] - a.mode_start[fiber, side, k, j])
        for k in range(end.shape[1]):
            total += end[side, k] * (s.end[lane, side, k] - a.end_start[fiber, side, k])
    return total


@njit(**PLAIN)
def _at_rest(m, a, s, fiber, lane, quiet_share):
    """Whether no gate of an active node is further than this from its share at rest, toward a spike."""
    width = s.w.shape[1]
    for q in range(m.n_gate):
        gate, rest, urge = s.x[1 + q], a.x_start[fiber, 1 + q], m.urge[q]
        for i in range(a.n_node[fiber]):
            if s.area[i, lane] > 0.0:
                away = gate[i * width + lane] - rest[i]
                if (away > quiet_share and urge >= 0) or (away < -quiet_share and urge <= 0):
                    return False
    return True


@njit(**PLAIN)
def march(
    m, a, s, work, job_fiber, job_scale, wave, seen, stop, quiet_mv, quiet_share, quiet_every, v_spike, stride,
    probe_node, probe_mode, probe_end,
):  # fmt: skip
    """Run jobs (a fiber and a factor for each source) through lanes until none is left; fills `seen`."""
    n_job, n_source = job_scale.shape
    n_node, width = s.w.shape
    flat = n_node * width
    has_mode = s.mode.shape[2] > 0
    job, tick, calm, anywhere = work.job, work.tick, work.calm, work.anywhere
    level, largest, highest = work.level, work.largest, work.highest
    g, drive, part, product, share = work.block[0], work.block[1], work.block[2], work.block[3], work.block[4]
    row, stack, register, ion_i, ion_g = work.row, work.stack, work.register, work.ion_i, work.ion_g
    diag, base, rhs, inverse, stage = work.grid[0], work.grid[1], work.grid[2], work.grid[3], work.grid[4]
    flat_diag, flat_base, flat_rhs, flat_stage = (
        diag.reshape(flat),
        base.reshape(flat),
        rhs.reshape(flat),
        stage.reshape(flat),
    )
    flat_w, flat_area, flat_d = s.w.reshape(flat), s.area.reshape(flat), s.d_node.reshape(flat)
    flat_c, flat_inter = s.c_step.reshape(flat), s.inter.reshape(flat)
    even, odd, sums = work.even, work.odd, work.sums
    waiting, running, clock = 0, 0, 0
    while True:
        for lane in range(width):
            if job[lane] < 0 and waiting < n_job:
                job[lane] = waiting
                waiting += 1
                running += 1
                tick[lane], calm[lane], anywhere[lane] = 0, 0, 0
                load(m, a, job_fiber[job[lane]], lane, s)
                for k in range(n_source):
                    level[k, lane] = 0.0
                if has_mode:
                    shift(a, job_fiber[job[lane]], lane, 0, 0.0, s.w, s.mode, s.end, s.inter, sums)
        if running == 0:
            break
        stimulus(a, s, job, job_fiber, job_scale, tick, wave, 0, level, sums)
        # membrane
        for begin in range(0, flat, BLOCK):
            end = min(begin + BLOCK, flat)
            reversals(m, s.x, s.e_last, begin, end)
            currents(m, s.x, begin, end, g, drive, ion_i, ion_g, part, product, stack, register)
            area, total, driven, fixed = (flat_area[begin:end], flat_diag[begin:end], flat_base[begin:end],
                                          flat_d[begin:end])  # fmt: skip
            for i in range(end - begin):
                # S/cm2 on um2 to uS
                total[i] = fixed[i] + 1e-2 * area[i] * g[i]
                driven[i] = 1e-2 * area[i] * drive[i]
        for i in range(flat):
            flat_rhs[i] = flat_base[i] + flat_c[i] * flat_w[i] + flat_inter[i]
        inject(level, s.source, rhs)
        if m.theta > 0.0:
            solve(True, diag, s.off_node, rhs, inverse, stage)
            if has_mode:
                for lane in range(width):
                    if job[lane] >= 0:
                        internodes(
                            a, job_fiber[job[lane]], lane, m.theta, stage, s.mode, s.end, s.inter, even, odd, sums
                        )
            stimulus(a, s, job, job_fiber, job_scale, tick, wave, 1, level, sums)
            for i in range(flat):
                start = flat_w[i] + m.theta * (flat_stage[i] - flat_w[i])
                flat_rhs[i] = flat_base[i] + flat_c[i] * start + flat_inter[i]
            inject(level, s.source, rhs)
            solve(False, diag, s.off_node, rhs, inverse, s.w)
        else:
            solve(True, diag, s.off_node, rhs, inverse, s.w)
        if has_mode:
            for lane in range(width):
                if job[lane] >= 0:
                    internodes(a, job_fiber[job[lane]], lane, 0.0, s.w, s.mode, s.end, s.inter, even, odd, sums)
        # spikes: x[0] is still the voltage before the step
        old_v = s.x[0].reshape(n_node, width)
        for lane in range(width):
            if job[lane] >= 0:
                at = a.watch[job_fiber[job[lane]]]
                old, new = old_v[at, lane], s.w[at, lane] + m.v_rest_mv
                if old < v_spike <= new and seen.status[job[lane]] != FIRED:
                    seen.status[job[lane]] = FIRED
                    seen.crossed_ms[job[lane]] = m.dt_ms * (tick[lane] + (v_spike - old) / (new - old))
        if seen.spike_ms.shape[2] > 0:
            for lane in range(width):
                if job[lane] >= 0:
                    for i in range(a.n_node[job_fiber[job[lane]]]):
                        old, new = old_v[i, lane], s.w[i, lane] + m.v_rest_mv
                        if old < v_spike <= new:
                            count = seen.n_spike[job[lane], i]
                            if count < seen.spike_ms.shape[2]:
                                time = m.dt_ms * (tick[lane] + (v_spike - old) / (new - old))
                                seen.spike_ms[job[lane], i, count] = time
                            seen.n_spike[job[lane], i] += 1
        for begin in range(0, flat, BLOCK):
            end = min(begin + BLOCK, flat)
            new_w, v = flat_w[begin:end], s.x[0, begin:end]
            if m.n_pool > 0:
                pools(m, s.x, s.bound, s.pool_a, s.pool_b, ion_i, ion_g, new_w, begin, end, share)
            for i in range(end - begin):
                v[i] = min(max(new_w[i] + m.v_rest_mv, -CLAMP_MV), CLAMP_MV)
            gates(m, s.x, begin, end, row, share, stack, register)
        clock += 1
        look = clock % quiet_every == 0
        if look:
            for lane in range(width):
                largest[lane], highest[lane] = 0.0, -1e9
            for i in range(n_node):
                for lane in range(width):
                    if s.area[i, lane] > 0.0:
                        away = abs(s.w[i, lane] - s.rest[i, lane])
                        largest[lane] = max(largest[lane], away if away < LARGEST_MV else LARGEST_MV)
                        highest[lane] = max(highest[lane], old_v[i, lane])
        for lane in range(width):
            if job[lane] < 0:
                continue
            fiber = job_fiber[job[lane]]
            tick[lane] += 1
            if stride > 0 and tick[lane] % stride == 0:
                point = tick[lane] // stride - 1
                if seen.voltage.shape[1] > 0:
                    for i in range(a.n_node[fiber]):
                        seen.voltage[job[lane], point, i] = s.w[i, lane] + m.v_rest_mv
                for r in range(probe_node.shape[0]):
                    seen.probe[job[lane], point, r] = _probe(
                        a, s, fiber, lane, probe_node[r], probe_mode[r], probe_end[r]
                    )
            done = tick[lane] >= a.n_step[fiber]
            if look:
                if highest[lane] >= v_spike:
                    anywhere[lane] = 1
                if stop and tick[lane] > a.quiet_from[fiber]:
                    quiet = largest[lane] < quiet_mv and _at_rest(m, a, s, fiber, lane, quiet_share)
                    calm[lane] = calm[lane] + 1 if quiet else 0
                    done = done or calm[lane] > 2
                if largest[lane] >= LARGEST_MV:
                    seen.status[job[lane]] = BROKEN
                    done = True
            if stop and seen.status[job[lane]] == FIRED:
                done = True
            if done:
                if seen.status[job[lane]] == SILENT and anywhere[lane]:
                    seen.status[job[lane]] = ELSEWHERE
                job[lane] = -1
                running -= 1
