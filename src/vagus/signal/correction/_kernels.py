"""Which beats belong to the rhythm: the cheapest way through the beats, by dynamic programming."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

MOST_INSIDE = 3  # bad beats between two good ones
MOST_INTERVALS = 4  # intervals that may truly lie between two good beats
_WIDTH = MOST_INTERVALS + 1
_N_HYPOTHESES = (MOST_INSIDE + 1) * _WIDTH
_FAR = 1e30
_HOPELESS = 40.0  # a way this much dearer than the best to the same beat is not followed


class Law(NamedTuple):
    """What is taken to be likely (tables/data/signal.toml); all but `nu` and `plain` in shares of an interval."""

    nu: float
    early: float
    late: float
    plain: float
    room_long: float
    room_short: float
    most_off: float
    pause: float
    reset_early: float
    reset_first: float
    reset_last: float
    reset_most: float
    reset_spread: float


@njit(cache=True)
def _t_cost(z, nu):
    """Minus log density of Student's t, its constant left out."""
    return 0.5 * (nu + 1.0) * math.log1p(z * z / nu)


@njit(cache=True)
def _are_off(time, first, last, n_true, early, late):
    """Are the outer beats between `first` and `last` earlier, or later, than the nearest even place by that much?"""
    step = (time[last] - time[first]) / n_true
    for beat in (first + 1, last - 1):
        at = (time[beat] - time[first]) / step
        place = min(max(round(at), 1.0), n_true - 1.0)
        if (place - at) * step <= early and (at - place) * step <= late:
            return False
    return True


@njit(cache=True)
def cheapest_way(time, usual, scale, phi, kept, barred, costs, law):
    """For each beat 1 where the way rests on it, with the bad beats and the true intervals before it.

    `time` in ms; of each beat the usual interval before it, the scale of what is new in it (ms) and how far the
    deviation of the one before goes over into it (`phi`); `kept` beats are never bad, `barred` ones always; `law` says
    what is likely.
    `costs`: minus log odds of a missed, an extra, a displaced beat, of a premature beat that resets the rhythm, of a
    pause, and of one more displaced or premature beat after one. Returns (way, n_bad, n_true), each (n,); n_true 0:
    the intervals tell nothing of the rhythm.
    """
    n, nu = time.size, law.nu
    cost = np.full((n, _N_HYPOTHESES), _FAR)
    back = np.full((n, _N_HYPOTHESES), -1, dtype=np.int64)
    level = np.zeros((n, _N_HYPOTHESES))
    doubt = np.zeros((n, _N_HYPOTHESES))
    best = np.full(n, _FAR)
    const = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu) - 0.5 * math.log(nu * math.pi)
    odds_kept = math.exp(-costs[0]) + math.exp(-costs[1]) + math.exp(-costs[2])
    normal = -math.log1p(-odds_kept)
    reset = costs[3] + math.log(law.reset_first - law.reset_early) - const
    for j in range(n):
        if barred[j]:
            continue
        if j <= MOST_INSIDE:  # beats before the first good one
            begun = not np.any(kept[:j])
            if begun:
                cost[j, 1] = j * (costs[1] + math.log(usual[j]))
                doubt[j, 1] = 4.0 * scale[j] ** 2
                best[j] = cost[j, 1]
        c, s, f = usual[j], scale[j], phi[j]
        for m in range(min(MOST_INSIDE, j - 1) + 1):
            i = j - 1 - m
            if best[i] >= _FAR or (m > 0 and np.any(kept[i + 1 : j])):
                continue
            whole = time[j] - time[i]
            first, last = time[i + 1] - time[i], time[j] - time[j - 1]
            wide = math.hypot(law.reset_spread * c, s)
            for k in range(_WIDTH):
                mean = whole / max(k, 1)
                if k == 0:
                    if m == 0:
                        if whole < law.pause * c:
                            continue
                        ahead = costs[4] + math.log(3.0 * c)
                    else:
                        ahead = reset + (m - 1) * costs[5] + m * math.log(c) + math.log(wide)
                else:
                    if m > 0 or k > 1:
                        if abs(mean - c) > law.most_off * c:
                            continue
                        fits = m == 0 or k == 1 or np.any(barred[i + 1 : j])
                        if not fits and not _are_off(
                            time, i, j, k, min(law.early * c, law.plain * s), min(law.late * c, 2.0 * law.plain * s)
                        ):
                            continue
                    n_moved = min(m, k - 1)
                    ahead = (
                        costs[2] * min(n_moved, 1) + costs[5] * max(0, n_moved - 1)
                        + (m - n_moved) * costs[1] + (k - 1 - n_moved) * costs[0]
                        + m * math.log(c) + math.log(k) + normal
                        + 0.5 * ((mean / c - 1.0) / (law.room_long if mean > c else law.room_short)) ** 2
                    )  # fmt: skip
                h_new = m * _WIDTH + k
                steps = k if k > 0 else m + 1
                # sums over what is new in each interval: its share in the mean, in the last one, in both
                share, kin, own, power, run, carried = 0.0, 0.0, 0.0, 1.0, 0.0, 0.0
                for _ in range(steps):
                    run += power
                    share += run * run
                    kin += power * run
                    own += power * power
                    power *= f
                    carried += power
                share, kin, carried = share / steps**2, kin / steps, carried / steps
                for h in range(_N_HYPOTHESES):
                    before = cost[i, h]
                    if before > best[i] + _HOPELESS:
                        continue
                    x, p = level[i, h], doubt[i, h]
                    last_x, last_p = power * x, power * power * p + s * s * own
                    total = before + ahead
                    if k == 0 and m > 0:
                        near = c + f * x  # what was to be expected after beat i
                        if not law.reset_early * near <= first <= law.reset_first * near:
                            continue
                        if not law.reset_last * near <= last <= law.reset_most * near:
                            continue
                        total += _t_cost((last - near) / wide, nu)
                    elif k > 0:
                        spread = p * carried * carried + s * s * share
                        off = mean - c - carried * x
                        total += _t_cost(off / math.sqrt(spread), nu) + 0.5 * math.log(spread) - const
                        joint = p * carried * power + s * s * kin
                        last_x += joint / spread * off
                        last_p = max(0.0, last_p - joint * joint / spread)
                    if total < cost[j, h_new]:
                        cost[j, h_new] = total
                        back[j, h_new] = h
                        level[j, h_new] = last_x
                        doubt[j, h_new] = last_p
                        best[j] = min(best[j], total)
    way = np.zeros(n, dtype=np.int8)
    n_bad = np.zeros(n, dtype=np.int64)
    n_true = np.zeros(n, dtype=np.int64)
    j, least = n - 1, _FAR
    for beat in range(max(0, n - 1 - MOST_INSIDE), n):  # beats after the last good one
        if np.any(kept[beat + 1 :]):
            continue
        total = best[beat] + (n - 1 - beat) * (costs[1] + math.log(usual[beat]))
        if total < least:
            j, least = beat, total
    h = int(np.argmin(cost[j]))
    while True:
        way[j] = 1
        before = back[j, h]
        if before < 0:
            break
        n_bad[j], n_true[j] = h // _WIDTH, h % _WIDTH
        j = j - 1 - h // _WIDTH
        h = before
    return way, n_bad, n_true
