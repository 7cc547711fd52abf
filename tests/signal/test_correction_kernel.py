"""The dynamic programming against its plain twin: every way through a few beats, written out."""

import itertools
import math

import numpy as np
import pytest

from vagus.signal.correction._kernels import MOST_INSIDE, MOST_INTERVALS, Law, cheapest_way

COSTS = -np.log(np.array([0.01, 0.01, 0.01, 0.01, 0.001, 0.05]))
LAW = Law(
    nu=4.0,
    early=0.08,
    late=0.15,
    plain=5.0,
    room_long=0.3,
    room_short=0.12,
    most_off=0.5,
    pause=1.5,
    reset_early=0.37,
    reset_first=0.87,
    reset_last=0.9,
    reset_most=1.8,
    reset_spread=0.1,
)


def step_cost(time, i, j, k, *, usual, scale):
    """Cost of `k` true intervals between good beats i and j, phi = 0: each interval stands for itself."""
    m, whole = j - i - 1, time[j] - time[i]
    t_const = math.lgamma(2.5) - math.lgamma(2.0) - 0.5 * math.log(4 * math.pi)
    normal = -math.log(1 - sum(math.exp(-c) for c in COSTS[:3]))
    if k == 0 and m == 0:
        return COSTS[4] + math.log(3 * usual) if whole >= 1.5 * usual else math.inf
    if k == 0:
        first, last = time[i + 1] - time[i], time[j] - time[j - 1]
        if not 0.37 * usual <= first <= 0.87 * usual or last < 0.9 * usual or last > 1.8 * usual:
            return math.inf
        wide = math.hypot(0.1 * usual, scale)
        tail = 2.5 * math.log1p(((last - usual) / wide) ** 2 / 4.0) + math.log(wide) - t_const
        return COSTS[3] + (m - 1) * COSTS[5] + math.log(0.5) + m * math.log(usual) + tail
    mean = whole / k
    if (m > 0 or k > 1) and abs(mean - usual) > 0.5 * usual:
        return math.inf
    if m > 0 and k > 1:
        for beat in (i + 1, j - 1):
            at = (time[beat] - time[i]) / mean
            off = min(max(round(at), 1), k - 1) - at
            if not (off * mean > LAW.early * usual or -off * mean > LAW.late * usual):
                return math.inf
    moved = min(m, k - 1)
    cost = COSTS[2] * min(moved, 1) + COSTS[5] * max(0, moved - 1) + (m - moved) * COSTS[1] + (k - 1 - moved) * COSTS[0]
    cost += m * math.log(usual) + math.log(k) + normal
    cost += 0.5 * ((mean / usual - 1) / (LAW.room_long if mean > usual else LAW.room_short)) ** 2
    spread = scale / math.sqrt(k)
    return cost + 2.5 * math.log1p(((mean - usual) / spread) ** 2 / 4.0) + math.log(spread) - t_const


def cheapest_twin(time, usual, scale):
    n, found = time.size, (math.inf, ())
    for kept in itertools.chain.from_iterable(itertools.combinations(range(n), r) for r in range(2, n + 1)):
        if any(b - a - 1 > MOST_INSIDE for a, b in itertools.pairwise(kept)) or kept[0] > 3 or n - 1 - kept[-1] > 3:
            continue
        edge = (kept[0] + n - 1 - kept[-1]) * (COSTS[1] + math.log(usual))
        steps = [
            min((step_cost(time, a, b, k, usual=usual, scale=scale), k) for k in range(MOST_INTERVALS + 1))
            for a, b in itertools.pairwise(kept)
        ]
        total = edge + sum(cost for cost, _ in steps)
        if total < found[0]:
            found = total, tuple(zip(kept[1:], (k for _, k in steps), strict=True))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_kernel_is_its_twin(seed):
    rng = np.random.default_rng(seed)
    rr = rng.normal(800, 20, 9)
    time = np.concatenate([[0.0], np.cumsum(rr)])
    if seed % 4 == 1:
        time = np.delete(time, 4)
    if seed % 4 == 2:
        time[5] -= 250
    if seed % 4 == 3:
        time = np.sort(np.append(time, time[4] + 300))
    n = time.size
    none = np.zeros(n, dtype=bool)
    rests, _, n_true = cheapest_way(time, np.full(n, 800.0), np.full(n, 20.0), np.zeros(n), none, none, COSTS, LAW)
    _, steps = cheapest_twin(time, 800.0, 20.0)
    assert [(int(b), int(n_true[b])) for b in np.flatnonzero(rests)[1:]] == list(steps)


def test_kept_beats_are_rested_on_and_barred_ones_never():
    time = np.arange(12) * 800.0
    time[5] -= 300
    n = time.size
    kept, barred = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    kept[5], barred[8] = True, True
    rests, n_bad, _ = cheapest_way(time, np.full(n, 800.0), np.full(n, 20.0), np.zeros(n), kept, barred, COSTS, LAW)
    assert rests[5] == 1
    assert rests[8] == 0
    assert n_bad[9] == 1
