"""The loops over time. Arrays and scalars in, arrays out; no checks.

Unknowns are potentials against the outside at the same place, minus rest: a field then enters only through its second
differences along the fiber, as currents. An internode is linear: it stands as real modes (room `internode`), held
against the static answer to the present stimulus, so that a constant stimulus costs nothing. What is left is a
tridiagonal system over nodes. Fibers stand in lanes side by side in the innermost axis; a lane that is decided takes
the next job.
"""

from __future__ import annotations

from numba import njit

from vagus.fiber._kernels import CLAMP_MV, PLAIN, currents, gates, pools, reversals
from vagus.fiber.engine.arrays import BLOCK
from vagus.fiber.engine.internode._kernels import between, finish, shift, stop_halfway

SILENT, FIRED, ELSEWHERE, BROKEN = 0, 1, 2, 3
LARGEST_MV = 1e9  # beyond it, and for what is no number, a run is broken


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
def stimulus(a, s, job, job_fiber, job_scale, tick, wave, stage, theta, first, level, halfway):
    """Set each source's current for a stage; a change moves the static answer of the internodes."""
    for lane in range(job.size):
        if job[lane] < 0:
            continue
        fiber = job_fiber[job[lane]]
        for k in range(level.shape[0]):
            now = job_scale[job[lane], k] * wave[k, tick[lane], stage]
            if now != level[k, lane]:
                if s.mode.shape[2] > 0:
                    if stage == 1 and not halfway[lane]:
                        stop_halfway(a, fiber, lane, theta, first, s)
                        halfway[lane] = 1
                    shift(a, fiber, lane, k, now - level[k, lane], theta, first, s)
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
    job, tick, calm, anywhere, halfway = work.job, work.tick, work.calm, work.anywhere, work.halfway
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
                    shift(a, job_fiber[job[lane]], lane, 0, 0.0, m.theta, s.w, s)
        if running == 0:
            break
        stimulus(a, s, job, job_fiber, job_scale, tick, wave, 0, m.theta, stage, level, halfway)
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
                between(a, job, job_fiber, m.theta, stage, s)
            stimulus(a, s, job, job_fiber, job_scale, tick, wave, 1, m.theta, stage, level, halfway)
            for i in range(flat):
                start = flat_w[i] + m.theta * (flat_stage[i] - flat_w[i])
                flat_rhs[i] = flat_base[i] + flat_c[i] * start + flat_inter[i]
            inject(level, s.source, rhs)
            solve(False, diag, s.off_node, rhs, inverse, s.w)
        else:
            solve(True, diag, s.off_node, rhs, inverse, s.w)
        if has_mode:
            finish(a, job, job_fiber, m.theta, halfway, stage, s.w, s)
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
