"""The detector's loop over samples. Arrays and scalars in, arrays changed in place; no checks.

A wave is a peak of the summed slope of the smoothed ECG. Waves wait `lag_s`; then the most likely sequence of beats
through all that wait is taken (dynamic programming over sizes and intervals), and the oldest is a beat if it is on it.
"""

# ruff: noqa: I001 - one name a line would be 80 lines of imports
from __future__ import annotations

from math import isnan, log

import numpy as np
from numba import njit

# fmt: off
from vagus.signal.beat.layout import (
    ARM, ARM_WIDTH, AT, BEAT, BEAT_Q, BOX1, BOX2, DOWN, E_AT, E_DECIDED, E_QUALITY, E_REASON, E_UP, FALL, FIELDS, FIRST,
    FIRST_RR_S, FLAT_SHARE, FLOOR, FORGET_CAP, FORGET_RATE, FORGET_SHARE, GOOD, HELD, HOLD, IS_FALLING, IS_PULSE,
    KEPT, LAG_S, LARGE, LAST_AT, LAST_SIZE, LAST_STEEP, LAST_UP, LEARNED, LEARN_S, LEAST_HOLD, LEAST_MARGIN, LEVEL_CAP,
    LONG_CAP, LONG_RING, LONG_SHARE, LONG_WEIGHT, LOST_NOW, LOST_RUN, LOST_S, MARGIN, MERGE_S, MOST, NOISE_Q, NOW,
    N_BEAT, N_NOISE, N_RR, N_SHAPE, N_WAIT, OVERTAKE, PEAK, PEAK_NOW, POINTS_UP, POLARITY, QUIET, QUIET_RUN, REACH,
    REFRACTORY_S, RING, RISE, RISE_BY, SCALARS, SEARCH, SHAPE, SHORT_SHARE, SHORT_WEIGHT, SIZE, SLOPE, SMALL, STEEP,
    STEP, STEP_RATIO, STEP_SHARP, SUM1, SUM2, TALL_S, TALL_SHARE, TALL_WEIGHT, TILT_RATIO, UNLIKE, UP, USUAL, VALLEY,
    WAITING, WIDTH, WINDOW,
)
# fmt: on

NEVER, FAR = -1e300, 1e300
TINY = 1e-300
SIMILAR, HALF = 0.8, 0.5
FULL = WAITING - 2  # so many waves wait at most
QUICK, SLOW = 0.125, 0.03125
W_S, W_STEEP, W_SCORE, W_REACHED = range(4)  # of a wave that may be a beat: the best score up to it, and before it


@njit(cache=True, error_model="numpy")
def step(chunk, fs_hz, lengths, p, numbers, counts, events):
    """Take samples in; beats that are decided go to `events`. Returns their number."""
    ring, long_ring = lengths[RING], lengths[LONG_RING]
    n_shape = 2 * lengths[SHAPE] + 1
    a = SCALARS
    f = numbers[:a]
    level = numbers[a : a + KEPT]
    rr = numbers[a + KEPT : a + 2 * KEPT]
    noise = numbers[a + 2 * KEPT : a + 3 * KEPT]
    a += 3 * KEPT
    shape = numbers[a : a + n_shape]
    a += n_shape
    wait = numbers[a : a + WAITING * FIELDS].reshape(WAITING, FIELDS)
    a += WAITING * FIELDS
    raw = numbers[a : a + ring]
    once = numbers[a + ring : a + 2 * ring]
    slope = numbers[a + 2 * ring : a + 3 * ring]
    ecg = numbers[a + 3 * ring : a + 3 * ring + long_ring]
    box1, box2, reach, window = lengths[BOX1], lengths[BOX2], 2 * lengths[REACH], lengths[WINDOW]
    # places in a ring are without sign: no test for negative ones, and one less a length wraps around
    mask, long_mask = np.uint64(ring - 1), np.uint64(long_ring - 1)
    u_box1, u_box2, u_reach, u_window = np.uint64(box1), np.uint64(box2), np.uint64(reach), np.uint64(window)
    hold, least_hold = lengths[HOLD], lengths[LEAST_HOLD]
    by1, by2, rise_by = 1.0 / box1, 1.0 / box2, p[RISE_BY]
    lag, learn, lost = p[LAG_S] * fs_hz, p[LEARN_S] * fs_hz, p[LOST_S] * fs_hz
    pulse = p[IS_PULSE] > 0.0
    found = 0
    sum1, sum2, total, peak, valley, held = f[SUM1], f[SUM2], f[SLOPE], f[PEAK], f[VALLEY], f[HELD]
    n, peak_now, falling, lost_run = counts[NOW], counts[PEAK_NOW], counts[IS_FALLING], counts[LOST_RUN]
    quiet_run, floor, due = counts[QUIET_RUN], f[FLOOR], _due(counts, wait, lag)
    way, before = np.empty((WAITING, 4)), np.empty(WAITING, dtype=np.int64)
    if n == 0 and chunk.size > 0:
        held = 0.0 if isnan(chunk[0]) else chunk[0]
        raw[:] = held
        once[:] = held
        ecg[:] = held
        sum1, sum2 = box1 * held, box2 * held
    for i in range(chunk.size):
        v = chunk[i]
        if isnan(v):
            v = held
            counts[LOST_NOW] = n
            lost_run += 1
        else:
            lost_run = 0
        held = v
        u = np.uint64(n)
        at = u & mask
        raw[at] = v
        sum1 += v - raw[(u - u_box1) & mask]
        first = sum1 * by1
        once[at] = first
        sum2 += first - once[(u - u_box2) & mask]
        smooth = sum2 * by2
        ecg[u & long_mask] = smooth
        change = smooth - ecg[(u - u_reach) & long_mask]
        if change < 0.0:
            change = 0.0 if pulse else -change
        slope[at] = change
        total += change - slope[(u - u_window) & mask]
        if at == 0:  # sums made anew, so that rounding does not gather
            sum1 = sum2 = total = 0.0
            for j in range(box1):
                sum1 += raw[(n - j) & (ring - 1)]
            for j in range(box2):
                sum2 += once[(n - j) & (ring - 1)]
            for j in range(window):
                total += slope[(n - j) & (ring - 1)]
        quiet_run = quiet_run + 1 if total <= floor else 0
        if falling:
            if total < valley:
                valley = total
            elif total > valley * rise_by:
                falling = 0
                peak = total
                peak_now = n
        elif total > peak:
            peak = total
            peak_now = n
        elif n - peak_now >= hold or (n - peak_now >= least_hold and total < HALF * peak):
            f[PEAK] = peak
            counts[PEAK_NOW], counts[LOST_RUN] = peak_now, lost_run
            _wave(fs_hz, lengths, p, f, counts, ecg, slope, wait, n)
            due = _due(counts, wait, lag)
            falling = 1
            valley = total
        n += 1
        if n > due:
            counts[LOST_RUN] = lost_run
            while n > _due(counts, wait, lag):
                if counts[LEARNED] == 0:
                    if n - 1 < learn and counts[N_WAIT] <= FULL:
                        break
                    _learn(fs_hz, f, counts, wait, level, n - 1)
                is_beat = _decide(fs_hz, lengths, p, f, counts, wait, level, rr, noise, n - 1, way, before)
                if is_beat:
                    events[found, E_AT], events[found, E_DECIDED], events[found, E_UP] = f[LAST_AT], n - 1, f[LAST_UP]
                    _judge(lengths, counts, ecg, shape, f[LAST_AT], n - 1, events[found])
                    found += 1
            floor, due = f[FLOOR], _due(counts, wait, lag)
        if lost_run > lost and counts[N_WAIT] == 0:
            f[LAST_AT] = NEVER  # after this long the heart is met anew
    f[SUM1], f[SUM2], f[SLOPE], f[PEAK], f[VALLEY], f[HELD] = sum1, sum2, total, peak, valley, held
    counts[NOW], counts[PEAK_NOW], counts[IS_FALLING], counts[LOST_RUN] = n, peak_now, falling, lost_run
    counts[QUIET_RUN] = quiet_run
    return found


@njit(cache=True, error_model="numpy")
def _due(counts, wait, lag):
    """Samples after which the oldest wave is decided: the next comes after `lag`. At once where the list is full."""
    if counts[N_WAIT] > FULL:
        return NEVER
    return wait[0, AT] + lag if counts[N_WAIT] > 0 else FAR


@njit(cache=True, error_model="numpy")
def _peak(lengths, p, f, ecg, middle, n):
    """Extreme of a wave against the line between its feet: place, height up and down, step of that line, if up."""
    mask, arm, width, search = lengths[LONG_RING] - 1, lengths[ARM], lengths[ARM_WIDTH], lengths[SEARCH]
    left = right = 0.0
    ahead = min(arm, n - middle - width)
    for j in range(width):
        left += ecg[(middle - arm - j) & mask]
        right += ecg[(middle + ahead + j) & mask]
    left, right = left / width, right / width
    start = middle - arm - 0.5 * (width - 1)
    tilt = (right - left) / (middle + ahead + 0.5 * (width - 1) - start)
    rise = fall = NEVER
    top = low = middle
    for j in range(middle - search, min(middle + search, n - 1) + 1):
        d = ecg[j & mask] - (left + tilt * (j - start))
        if d > rise:
            rise, top = d, j
        if -d > fall:
            fall, low = -d, j
    # the usual direction, unless the other is clearly larger
    up = rise * p[POLARITY] >= fall if f[UP] >= f[DOWN] else rise >= fall * p[POLARITY]
    sign, peak = (1.0, top) if up else (-1.0, low)
    a = sign * (ecg[(peak - 1) & mask] + tilt)
    b, c = sign * ecg[peak & mask], sign * (ecg[(peak + 1) & mask] - tilt)
    bend = a - 2.0 * b + c
    shift = 0.5 * (a - c) / bend if bend < 0 and b >= a and b >= c else 0.0
    return peak + min(max(shift, -0.5), 0.5), rise, fall, abs(right - left), up


@njit(cache=True, error_model="numpy")
def _rise(lengths, counts, ecg, middle):
    """Steepest rise of a pulse: place, height; a pulse has no fall, and is no step, since it comes back later."""
    mask, reach, search = lengths[LONG_RING] - 1, lengths[REACH], lengths[SEARCH]
    most, top = NEVER, middle
    for j in range(middle - search, min(middle + search, counts[PEAK_NOW] - reach) + 1):
        d = ecg[(j + reach) & mask] - ecg[(j - reach) & mask]
        if d > most:
            most, top = d, j
    a = ecg[(top - 1 + reach) & mask] - ecg[(top - 1 - reach) & mask]
    c = ecg[(top + 1 + reach) & mask] - ecg[(top + 1 - reach) & mask]
    bend = a - 2.0 * most + c
    shift = 0.5 * (a - c) / bend if bend < 0 and most >= a and most >= c else 0.0
    return top + min(max(shift, -0.5), 0.5), most, 0.0, 0.0, True


@njit(cache=True, error_model="numpy")
def _wave(fs_hz, lengths, p, f, counts, ecg, slope, wait, n):
    """Put the wave just passed on the waiting list, with the place of its peak."""
    smask, arm, window = lengths[RING] - 1, lengths[ARM], lengths[WINDOW]
    middle = counts[PEAK_NOW] - lengths[REACH] - (window - 1) // 2
    if counts[LOST_NOW] > 0 and middle - arm <= counts[LOST_NOW] and counts[LOST_RUN] == 0:
        return  # its onset was lost
    if p[IS_PULSE] > 0.0:
        place, rise, fall, jump, up = _rise(lengths, counts, ecg, middle)
    else:
        place, rise, fall, jump, up = _peak(lengths, p, f, ecg, middle, n)
    at = place - 0.5 * (lengths[BOX1] + lengths[BOX2] - 2)
    steep = other = 0.0  # two at a time: neither waits for the other
    for j in range(0, window, 2):
        steep = max(steep, slope[(counts[PEAK_NOW] - j) & smask])
        other = max(other, slope[(counts[PEAK_NOW] - min(j + 1, window - 1)) & smask])
    steep = max(steep, other)
    # mean of summed and steepest slope, in logarithms: a wide smooth wave has little of the second
    size = 0.5 * log(max(f[PEAK], 0.0) + TINY) + 0.5 * log(steep + TINY)
    m = counts[N_WAIT]
    if m > 0 and at - wait[m - 1, AT] < p[MERGE_S] * fs_hz:
        if size <= wait[m - 1, SIZE]:
            return
        m -= 1
    while m > 0 and wait[m - 1, AT] > at:
        m -= 1
    wait[m, AT], wait[m, SIZE], wait[m, STEEP] = at, size, log(steep + TINY)
    wait[m, RISE], wait[m, FALL], wait[m, STEP] = rise, fall, jump
    wait[m, POINTS_UP] = 1.0 if up else 0.0
    counts[N_WAIT] = m + 1


@njit(cache=True, error_model="numpy")
def _learn(fs_hz, f, counts, wait, level, n):
    """First level of beats: median of the largest wave of each second."""
    largest = np.empty(WAITING)
    seconds = 0
    begin = wait[0, AT] - 1.0
    while begin < n and seconds < WAITING:
        most = NEVER
        for j in range(counts[N_WAIT]):
            if begin <= wait[j, AT] < begin + fs_hz:
                most = max(most, wait[j, SIZE])
        if most > NEVER:
            largest[seconds] = most
            seconds += 1
        begin += fs_hz
    f[BEAT] = level[:] = _quantile(largest, seconds, 0.5)
    counts[N_BEAT] = KEPT
    f[LAST_AT] = NEVER
    counts[LEARNED] = 1


@njit(cache=True, error_model="numpy")
def _quantile(values, n, q):
    """Quantile of the first `n` values, linear between them; by rank, which takes no memory."""
    place = q * (n - 1)
    low = int(place)
    lower = upper = 0.0
    for i in range(n):
        v, rank = values[i], 0
        for j in range(i):
            rank += values[j] <= v
        for j in range(i + 1, n):
            rank += values[j] < v
        if rank == low:
            lower = v
        if rank == min(low + 1, n - 1):
            upper = v
    return lower + (place - low) * (upper - lower)


@njit(cache=True, error_model="numpy")
def _short_cost(seconds, less_steep, refractory, tall, tall_weight, short, short_weight):
    """How unlikely an interval is for being short, with the second beat's steepness against the first's."""
    if seconds < refractory:
        return 1e6
    cost = 0.0
    if less_steep < 0.0 and seconds < tall:
        cost -= tall_weight * less_steep  # here lies the T wave
    if seconds < short:
        cost += short_weight * log(short / seconds)
    return cost


@njit(cache=True, error_model="numpy")
def _long_cost(times, share, weight, cap):
    """Grows with the interval (usual intervals): two never cost more than one of their sum, nor that much less.

    The most that a wave saves which parts an interval is `weight * share`.
    """
    return weight * min(max(times - share, 0.0), cap)


@njit(cache=True, error_model="numpy")
def _decide(fs_hz, lengths, p, f, counts, wait, level, rr, noise, n, way, before):
    """Decide the oldest wave: a beat if the most likely sequence goes through it. Returns whether it is one."""
    usual, beat = f[USUAL] if counts[N_RR] > 0 else p[FIRST_RR_S], f[BEAT]
    quiet = f[QUIET] if counts[N_NOISE] > 0 else NEVER
    # numbers, not `p`: a function that takes an array counts who holds it, which costs more than the rest
    refractory, tall, tall_weight = p[REFRACTORY_S], min(p[TALL_S], p[TALL_SHARE] * usual), p[TALL_WEIGHT]
    short, short_weight = p[SHORT_SHARE] * usual, p[SHORT_WEIGHT]
    share, weight, cap = p[LONG_SHARE], p[LONG_WEIGHT], p[LONG_CAP]
    margin = min(max(0.5 * (beat - quiet), p[LEAST_MARGIN]), p[MARGIN])
    met = f[LAST_AT] > NEVER
    drop = 0.0
    if met:  # nothing for long: the level may have fallen
        alone = (wait[0, AT] - f[LAST_AT]) / fs_hz / usual - p[FORGET_SHARE]
        drop = min(max(alone * p[FORGET_RATE], 0.0), p[FORGET_CAP])
        beat -= drop
    sharp = log(p[STEP_SHARP] * 2.0 * lengths[REACH])
    by_fs, by_usual, by_width = 1.0 / fs_hz, 1.0 / usual, 1.0 / p[WIDTH]
    last, last_steep = f[LAST_AT] * by_fs, f[LAST_STEEP]
    heard = (n - counts[LOST_RUN]) * by_fs  # what was lost may have held a beat
    score, end = -_long_cost((heard - last) * by_usual, share, weight, cap) if met else 0.0, -1
    k = 0  # waves that may be beats
    for i in range(counts[N_WAIT]):
        own = min(max((wait[i, SIZE] - beat + margin) * by_width, -p[MOST]), p[MOST])
        whole = wait[i, RISE] + wait[i, FALL]
        if wait[i, STEP] > p[STEP_RATIO] * whole and 2.0 * (wait[i, SIZE] - wait[i, STEEP]) < sharp:
            own = min(own, -1.0)  # a step of the baseline: all at once, and stays
        elif wait[i, STEP] > p[TILT_RATIO] * max(wait[i, RISE], wait[i, FALL]):
            own = min(own - 2.0, p[MOST] - 2.0)  # more a drift of the baseline than a wave
        if own < -weight * share:  # no interval that it parts can make up for this: it is on no likely sequence
            if i == 0:
                break
            continue
        seconds, steep = wait[i, AT] * by_fs, wait[i, STEEP]
        top, from_ = 0.0, -1
        if met:
            top = -_long_cost((seconds - last) * by_usual, share, weight, cap)
            top -= _short_cost(seconds - last, steep - last_steep, refractory, tall, tall_weight, short, short_weight)
        for j in range(k - 1, -1, -1):
            since = seconds - way[j, W_S]
            long = _long_cost(since * by_usual, share, weight, cap)
            if way[j, W_REACHED] - long < top:
                break  # the best so far is better than any through a wave further back, as the interval only grows
            other = way[j, W_SCORE] - long
            other -= _short_cost(since, steep - way[j, W_STEEP], refractory, tall, tall_weight, short, short_weight)
            if other > top or (other == top and from_ >= 0):
                top, from_ = other, j
        own += top
        way[k, W_S], way[k, W_STEEP], way[k, W_SCORE], before[k] = seconds, steep, own, from_
        way[k, W_REACHED] = max(own, way[k - 1, W_REACHED]) if k > 0 else own
        total = own - _long_cost((heard - seconds) * by_usual, share, weight, cap)
        if total > score:
            score, end = total, k
        k += 1
    while end > 0:
        end = before[end]
    at, size = wait[0, AT], wait[0, SIZE]
    if end == 0:
        seconds = (at - f[LAST_AT]) / fs_hz
        if met and seconds < p[LOST_S]:
            rr[counts[N_RR] % KEPT] = seconds
            counts[N_RR] += 1
            f[USUAL] = _quantile(rr, min(counts[N_RR], KEPT), 0.5)
        for i in range(KEPT):
            level[i] -= drop
        level[counts[N_BEAT] % KEPT] = min(max(size, beat - p[LEVEL_CAP]), beat + p[LEVEL_CAP])
        counts[N_BEAT] += 1
        f[BEAT] = _quantile(level, KEPT, p[BEAT_Q])
        f[LAST_AT], f[LAST_SIZE], f[LAST_STEEP] = at, size, wait[0, STEEP]
        f[FLOOR] = p[FLAT_SHARE] * np.exp(beat)
        f[UP] += QUICK * (wait[0, RISE] - f[UP])
        f[DOWN] += QUICK * (wait[0, FALL] - f[DOWN])
        f[LAST_UP] = wait[0, POINTS_UP]
    elif met and (at - f[LAST_AT]) / fs_hz < p[REFRACTORY_S]:
        if size > f[LAST_SIZE] + p[OVERTAKE]:  # what was taken for the beat was a wave before it: learn from it
            noise[counts[N_NOISE] % KEPT] = f[LAST_SIZE]
            counts[N_NOISE] += 1
            level[(counts[N_BEAT] - 1) % KEPT] = size
            f[BEAT] = _quantile(level, KEPT, p[BEAT_Q])
            f[QUIET] = _quantile(noise, min(counts[N_NOISE], KEPT), p[NOISE_Q])
            f[LAST_AT], f[LAST_SIZE], f[LAST_STEEP] = at, size, wait[0, STEEP]
    else:
        noise[counts[N_NOISE] % KEPT] = size
        counts[N_NOISE] += 1
        f[QUIET] = _quantile(noise, min(counts[N_NOISE], KEPT), p[NOISE_Q])
    flat = wait.reshape(WAITING * FIELDS)
    counts[N_WAIT] -= 1
    for i in range(counts[N_WAIT] * FIELDS):
        flat[i] = flat[i + FIELDS]
    return end == 0


@njit(cache=True, error_model="numpy")
def _judge(lengths, counts, ecg, shape, at, n, event):
    """Likeness of a beat to the beats before it, then let it into their mean shape."""
    mask, half = lengths[LONG_RING] - 1, lengths[SHAPE]
    middle = int(at + 0.5 * (lengths[BOX1] + lengths[BOX2] - 2) + 0.5)
    size = 2 * half + 1
    event[E_QUALITY], event[E_REASON] = HALF, FIRST
    if n - (middle - half) > mask:
        return  # one of the first, decided late: its samples are no longer held
    piece = np.empty(size)
    mean = 0.0
    for j in range(size):
        piece[j] = ecg[min(middle - half + j, n) & mask]
        mean += piece[j]
    mean /= size
    own = both = theirs = 0.0
    for j in range(size):
        v = piece[j] - mean
        own += v * v
        both += v * shape[j]
        theirs += shape[j] * shape[j]
    alike = 1.0
    if counts[N_SHAPE] > 0 and own > 0.0 and theirs > 0.0:
        alike = max(both / np.sqrt(own * theirs), 0.0)
        ratio = np.sqrt(own / theirs)
        event[E_QUALITY] = alike * min(1.0, 2.0 * min(ratio, 1.0 / ratio))
        event[E_REASON] = GOOD
        if event[E_QUALITY] < SIMILAR:
            event[E_REASON] = UNLIKE if alike < SIMILAR else (SMALL if ratio < 1.0 else LARGE)
    counts[N_SHAPE] += 1
    weight = max(QUICK if alike > HALF else SLOW, 1.0 / counts[N_SHAPE])
    for j in range(size):
        shape[j] += weight * (piece[j] - mean - shape[j])
