"""The internodes' part of a step: modes move by the voltages of their nodes and give currents back.

A mode moves from the start of a step to its end in one pass, by both stages at once; the second stage needs only a sum
over modes, which the pass before left in `toward`. Where a stimulus changes between the stages, modes stop there.
Arrays and scalars in, arrays out; no checks.
"""

from __future__ import annotations

from numba import njit

from vagus.fiber._kernels import PLAIN

REORDERED = {**PLAIN, "fastmath": {"contract", "reassoc"}}
TINY = 1e-200  # numbers that decay to nothing would be slow: it keeps them normal and adds nothing


@njit(**PLAIN)
def finish(a, job, job_fiber, theta, halfway, first, second, s):
    """Move the modes of all lanes to the end of the step, from its start or from halfway."""
    for lane in range(job.size):
        if job[lane] >= 0:
            fiber = job_fiber[job[lane]]
            _neighbors(a.n_node[fiber], lane, second, s.near[1, lane])
            _move(a, fiber, lane, theta, 0.0 if halfway[lane] else theta, 1.0, first, second, s)
            _give(a, fiber, lane, 0, 0.0, second, s)
            halfway[lane] = 0


@njit(**PLAIN)
def between(a, job, job_fiber, theta, first, s):
    """What the modes will give to the second stage, once the voltages of the first are known."""
    for lane in range(job.size):
        if job[lane] >= 0:
            fiber = job_fiber[job[lane]]
            _neighbors(a.n_node[fiber], lane, first, s.near[0, lane])
            _give(a, fiber, lane, 1, theta, first, s)


@njit(**PLAIN)
def stop_halfway(a, fiber, lane, theta, first, s):
    """Move the modes of a lane to where the second stage starts."""
    _move(a, fiber, lane, theta, theta, 0.0, first, first, s)


@njit(**PLAIN)
def _neighbors(n_node, lane, w, near):
    """Sums and differences of the voltages on both sides of each interior internode."""
    n_inter = max(n_node - 3, 0)
    even, odd = near[0], near[1]
    for j in range(n_inter):
        left, right = w[j + 1, lane], w[j + 2, lane]
        even[j] = left + right + TINY
        odd[j] = left - right + TINY
    for j in range(n_inter, even.size):
        even[j] = 0.0
        odd[j] = 0.0


@njit(**PLAIN)
def _move(a, fiber, lane, theta, ahead, go, first, second, s):
    """Move the modes of a lane, and leave what they will give to nodes.

    `ahead`: how far beyond the first stage, whose voltages are `first`; then `go`, 1 or 0, through the second stage
    to the end of the step, with the voltages `second`. `s.near` holds the neighbors of both.
    """
    toward, n_node = s.toward[lane], a.n_node[fiber]
    for side in range(2):
        d, e, p = a.mode_d[fiber, side], a.mode_e[fiber, side], a.mode_p[fiber, side]
        if theta == 0.0:
            _one_stage(d, e, p, s.mode[lane, side], s.near[1, lane, side], toward[0, side])
        else:
            _two_stages(
                d, e, p, theta, ahead, go, s.mode[lane, side], s.near[0, lane, side], s.near[1, lane, side],
                toward[0, side], toward[1, side],
            )  # fmt: skip
        left = 0 if side == 0 else n_node - 2
        _end(
            a.end_d[fiber, side], a.end_e[fiber, side], a.end_p[fiber, side], theta, ahead, go, first[left, lane],
            first[left + 1, lane], second[left, lane], second[left + 1, lane], s.end[lane, side], s.ends[lane, side],
        )  # fmt: skip


@njit(**PLAIN)
def _one_stage(d, e, p, mode, w, total):
    """Modes in groups of five, so that the voltages and sums are read once a group."""
    n = mode.shape[1]
    for j in range(n):
        total[j] = 0.0
    for k in range(0, mode.shape[0], 5):
        d0, d1, d2, d3, d4 = d[k], d[k + 1], d[k + 2], d[k + 3], d[k + 4]
        e0, e1, e2, e3, e4 = e[k], e[k + 1], e[k + 2], e[k + 3], e[k + 4]
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
def _through(d, e, ahead, go):
    """What is left of a mode after both stages, and what each stage's voltage adds to it."""
    stay = 1.0 - go + go * d
    return (1.0 - ahead + ahead * d) * stay, ahead * e * stay, go * e


@njit(**PLAIN)
def _two_stages(d, e, p, theta, ahead, go, mode, first, second, total, later):
    n, back = mode.shape[1], 1.0 - theta
    for j in range(n):
        total[j] = 0.0
        later[j] = 0.0
    for k in range(0, mode.shape[0], 5):
        d0, a0, b0 = _through(d[k], e[k], ahead, go)
        d1, a1, b1 = _through(d[k + 1], e[k + 1], ahead, go)
        d2, a2, b2 = _through(d[k + 2], e[k + 2], ahead, go)
        d3, a3, b3 = _through(d[k + 3], e[k + 3], ahead, go)
        d4, a4, b4 = _through(d[k + 4], e[k + 4], ahead, go)
        p0, p1, p2, p3, p4 = p[k], p[k + 1], p[k + 2], p[k + 3], p[k + 4]
        q0, q1, q2, q3, q4 = (p0 * (back + theta * d[k]), p1 * (back + theta * d[k + 1]),
                              p2 * (back + theta * d[k + 2]), p3 * (back + theta * d[k + 3]),
                              p4 * (back + theta * d[k + 4]))  # fmt: skip
        for j in range(n):
            v, u = first[j], second[j]
            x0 = d0 * mode[k, j] + (a0 * v + b0 * u)
            x1 = d1 * mode[k + 1, j] + (a1 * v + b1 * u)
            x2 = d2 * mode[k + 2, j] + (a2 * v + b2 * u)
            x3 = d3 * mode[k + 3, j] + (a3 * v + b3 * u)
            x4 = d4 * mode[k + 4, j] + (a4 * v + b4 * u)
            mode[k, j] = x0
            mode[k + 1, j] = x1
            mode[k + 2, j] = x2
            mode[k + 3, j] = x3
            mode[k + 4, j] = x4
            total[j] += p0 * x0 + p1 * x1 + p2 * x2 + p3 * x3 + p4 * x4
            later[j] += q0 * x0 + q1 * x1 + q2 * x2 + q3 * x3 + q4 * x4


@njit(**REORDERED)
def _end(d, e, p, theta, ahead, go, left, right, left_end, right_end, end, gives):
    """Modes of an end internode; `gives` is (stage, node)."""
    now_left, now_right, later_left, later_right = 0.0, 0.0, 0.0, 0.0
    left, right = ahead * left + TINY, ahead * right + TINY
    for k in range(end.size):
        x = (1.0 - ahead + ahead * d[k]) * end[k] + e[0, k] * left + e[1, k] * right
        x = (1.0 - go + go * d[k]) * x + go * (e[0, k] * left_end + e[1, k] * right_end)
        end[k] = x
        later = (1.0 - theta + theta * d[k]) * x
        now_left += p[0, k] * x
        now_right += p[1, k] * x
        later_left += p[0, k] * later
        later_right += p[1, k] * later
    gives[0, 0], gives[0, 1], gives[1, 0], gives[1, 1] = now_left, now_right, later_left, later_right


@njit(**PLAIN)
def _give(a, fiber, lane, at, reach, w, s):
    """What the modes give to nodes in stage `at`; with `reach`, also what the first stage's voltages `w` add to it."""
    n_node, ends = a.n_node[fiber], s.ends[lane]
    _interior(
        n_node, s.toward[lane, at], reach * a.mode_gain[fiber, 0], reach * a.mode_gain[fiber, 1], s.near[0, lane], lane,
        s.inter,
    )  # fmt: skip
    for side in range(2):
        left = 0 if side == 0 else n_node - 2
        gain = a.end_gain[fiber, side]
        for to in range(2):
            by = gain[to, 0] * w[left, lane] + gain[to, 1] * w[left + 1, lane]
            s.inter[left + to, lane] += ends[side, at, to] + reach * by


@njit(**PLAIN)
def _interior(n_node, toward, even_by, odd_by, near, lane, inter):
    before = 0.0
    inter[0, lane] = 0.0
    for j in range(n_node - 3):
        even = toward[0, j] + even_by * near[0, j]
        odd = toward[1, j] + odd_by * near[1, j]
        inter[j + 1, lane] = before + even + odd
        before = even - odd
    inter[n_node - 2, lane] = before
    inter[n_node - 1, lane] = 0.0


@njit(**PLAIN)
def shift(a, fiber, lane, source, change, theta, w, s):
    """A source's current changed: the static answer that the modes are held against moves with it."""
    toward, ends, back = s.toward[lane], s.ends[lane], 1.0 - theta
    toward[:] = 0.0
    ends[:] = 0.0
    for side in range(2):
        now, later = toward[0, side], toward[1, side]
        for k in range(s.mode.shape[2]):
            p, state, by = a.mode_p[fiber, side, k], s.mode[lane, side, k], a.mode_shift[fiber, source, side, k]
            q = p * (back + theta * a.mode_d[fiber, side, k])
            for j in range(state.size):
                x = state[j] - change * by[j]
                state[j] = x
                now[j] += p * x
                later[j] += q * x
        for k in range(s.end.shape[2]):
            x = s.end[lane, side, k] - change * a.end_shift[fiber, source, side, k]
            s.end[lane, side, k] = x
            for to in range(2):
                ends[side, 0, to] += a.end_p[fiber, side, to, k] * x
                ends[side, 1, to] += a.end_p[fiber, side, to, k] * (back + theta * a.end_d[fiber, side, k]) * x
    _give(a, fiber, lane, 0, 0.0, w, s)
