"""The loop over samples of respiration. Arrays and scalars in, the number of events out; no checks.

Samples are averaged in blocks, so that the rest runs at a rate of its own. `s` holds one number a name below; `ring`
the last blocks in four rows (averaged, smoothed, slow, delay of the slow one in seconds); `past` swings, times from
half way up to the peak and periods of the last breaths, newest first. Parameters stand in the order of
`state.PARAMETERS`.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit

PLAIN: dict[str, Any] = {"cache": True, "nogil": True}
# state
IN_BLOCK, SUM, BLOCK, INTEGRAL, LAST_X, LOST_AT, STILL_FROM, STILL_AT = 0, 1, 2, 3, 4, 5, 6, 7
MODE, LOW, LOW_AT, HIGH, HIGH_AT, TURN_AT, SWING, WIDTH, WIGGLE = 8, 9, 10, 11, 12, 13, 14, 15, 16
FAST_LOW, FAST_HIGH, STEEP, HALF_AT, STILL, TOLD, TOLD_IN, LAST_TOLD = 17, 18, 19, 20, 21, 22, 23, 24
N_PAST, N_OFFSET, N_PERIOD, LAST_PEAK, PERIOD, PHASE = 25, 26, 27, 28, 29, 30
N_STATE = 31
RAW, FAST, SLOW, DELAY = 0, 1, 2, 3  # rows of `ring`
SWINGS, OFFSETS, PERIODS = 0, 1, 2  # rows of `past`
EXHALE_NOW, INHALE_NOW, EXHALE, INHALE = 0, 1, 2, 3  # kinds of event
TINY = 1e-12


@njit(**PLAIN)
def ordered(values, n):
    """Value at each rank of the first `n`: a sorted copy (by insertion: few values, and it compiles in no time)."""
    copy = values[: int(n)].copy()
    for i in range(1, copy.size):
        value, j = copy[i], i
        while j > 0 and copy[j - 1] > value:
            copy[j] = copy[j - 1]
            j -= 1
        copy[j] = value
    return copy


@njit(**PLAIN)
def middle(values, n):
    """Median of the first `n` values."""
    copy = ordered(values, n)
    return copy[copy.size // 2] if copy.size % 2 else 0.5 * (copy[copy.size // 2 - 1] + copy[copy.size // 2])


@njit(**PLAIN)
def push(values, new):
    """Put a value in front; the oldest falls out."""
    for j in range(values.size - 1, 0, -1):
        values[j] = values[j - 1]
    values[0] = new


@njit(**PLAIN)
def smooth(k, ring, taps, s):
    """Fill the smoothed and the slow row of block `k`; both filters are symmetric, so their delay is known."""
    size = ring.shape[1]
    total = 0.0
    for j in range(taps.size):
        total += taps[j] * ring[RAW, (k - j if k >= j else 0) % size]
    ring[FAST, k % size] = total
    width = int(s[WIDTH])
    slow = 0.0
    for j in range(width):
        slow += ring[FAST, (k - j if k >= j else 0) % size]
    ring[SLOW, k % size] = slow / width
    return total, slow / width


@njit(**PLAIN)
def usual_swing(k, slow, rate, ring, past, s, range_s, range_share, fade, least_period_s):
    """How far the signal goes from trough to peak as a rule; it fades where no breath comes for long."""
    size = ring.shape[1]
    lowest = highest = slow
    step = max(1, int(rate / 10))
    for i in range(max(0, k - int(range_s * rate)), k, step):
        value = ring[SLOW, i % size]
        lowest = min(lowest, value)
        highest = max(highest, value)
    n = int(s[N_PAST])
    if n == 0:
        return max(highest - lowest, TINY)
    ranked = ordered(past[SWINGS], n)
    swing = ranked[round(0.6 * (n - 1))] if n >= 4 else ranked[n - 1]
    period = max(s[PERIOD], least_period_s) if s[N_PERIOD] > 1 else 2.0 * least_period_s
    quiet = (k - s[TURN_AT]) / rate - 1.5 * period
    if quiet > 0.0:
        swing *= max(fade, 0.5 ** (quiet / period))
    return max(swing, range_share * (highest - lowest), TINY)


@njit(**PLAIN)
def near_top(k, level, ring, s):
    """First and last block around the highest one that stand above a level."""
    size = ring.shape[1]
    oldest = max(int(s[LOW_AT]), k - size + 1)
    first = last = int(s[HIGH_AT])
    while first > oldest and ring[SLOW, (first - 1) % size] >= level:
        first -= 1
    while last < k and ring[SLOW, (last + 1) % size] >= level:
        last += 1
    return first, last


@njit(**PLAIN)
def top_of(k, rate, ring, s, zone, within, flat):
    """Time of the peak: the middle of its tip; of a clipped one (wide tip) a share of the way through the top."""
    rise = s[HIGH] - s[LOW]
    first, last = near_top(k, s[HIGH] - zone * rise, ring, s)
    tip_first, tip_last = near_top(k, s[HIGH] - 0.1 * zone * rise, ring, s)
    at = 0.5 * (tip_first + tip_last)
    if tip_last - tip_first > flat * (last - first):
        at = first + within * (last - first)
    return at / rate - ring[DELAY, int(s[HIGH_AT]) % ring.shape[1]]


@njit(**PLAIN)
def foot_of(k, rate, ring, s):
    """Time of the trough: where a parabola through a tenth and three tenths of the rise stands upright."""
    size = ring.shape[1]
    rise = ring[SLOW, k % size] - s[LOW]
    first = max(int(s[LOW_AT]), k - size + 1)
    tenth = third = first
    for i in range(k, first - 1, -1):
        above = ring[SLOW, i % size] - s[LOW]
        if above >= 0.3 * rise:
            third = i
        if above < 0.1 * rise:
            tenth = i + 1
            break
    back = 0.316 / (0.548 - 0.316) * (third - tenth)  # square roots of 0.1 and 0.3
    return (tenth - back) / rate - ring[DELAY, tenth % size]


@njit(**PLAIN)
def half_way(k, ring, s):
    """First block since the trough that stands half the usual swing above it; -1 where none does."""
    size = ring.shape[1]
    for i in range(max(int(s[LOW_AT]), k - size + 1), k + 1):
        if ring[SLOW, i % size] - s[LOW] >= 0.5 * s[SWING]:
            return i
    return -1


@njit(**PLAIN)
def tell(events, n, kind, at, now, swing, usual):
    """Write one event; its quality is how near the swing is to the usual one."""
    quality = min(swing / usual, usual / max(swing, TINY)) if swing > 0.0 else 0.0
    events[n, 0], events[n, 1], events[n, 2], events[n, 3] = kind, at, now, quality
    return n + 1


@njit(**PLAIN)
def peak_confirmed(k, fast, slow, rate, ring, past, s, p, events, n):
    """The signal has come back from a peak: learn from it, tell it, begin to fall."""
    zone, within, refractory, least_s, slow_share, slow_max_s = p[7], p[8], p[9], p[10], p[12], p[13]
    if s[MODE] > 0.0:
        now, at = k / rate, top_of(k, rate, ring, s, zone, within, p[20])
        if s[TOLD] == 0.0 and now - s[LAST_TOLD] > max(least_s, refractory * s[PERIOD]):
            n = tell(events, n, EXHALE_NOW, at, now, s[HIGH] - s[LOW], s[SWING])
            s[LAST_TOLD], s[PHASE] = now, -1.0
        n = tell(events, n, EXHALE, at, now, s[HIGH] - s[LOW], s[SWING])
        push(past[SWINGS], s[HIGH] - s[LOW])
        s[N_PAST] = min(s[N_PAST] + 1.0, past.shape[1])
        half = half_way(k, ring, s)
        if half >= 0:
            push(past[OFFSETS], at - (half / rate - ring[DELAY, half % ring.shape[1]]))
            s[N_OFFSET] = min(s[N_OFFSET] + 1.0, past.shape[1])
        if s[LAST_PEAK] > -1e8:
            push(past[PERIODS], at - s[LAST_PEAK])
            s[N_PERIOD] = min(s[N_PERIOD] + 1.0, past.shape[1])
            s[PERIOD] = middle(past[PERIODS], s[N_PERIOD])
            s[WIDTH] = max(3.0, round(min(slow_max_s, max(0.2, slow_share * s[PERIOD])) * rate))
        s[LAST_PEAK] = at
    s[MODE], s[LOW], s[LOW_AT], s[TURN_AT], s[FAST_LOW], s[TOLD_IN] = -1.0, slow, k, k, fast, 0.0
    return n


@njit(**PLAIN)
def trough_confirmed(k, fast, slow, rate, ring, past, s, events, n, span):
    """The signal has risen from a trough: tell it, begin to rise, look back for what the rise has shown already."""
    size = ring.shape[1]
    now = k / rate
    if s[MODE] < 0.0:
        at = foot_of(k, rate, ring, s)
        if s[TOLD_IN] == 0.0:
            n = tell(events, n, INHALE_NOW, at, now, past[SWINGS, 0], s[SWING])
        n = tell(events, n, INHALE, at, now, past[SWINGS, 0], s[SWING])
    s[MODE], s[PHASE], s[HIGH], s[HIGH_AT], s[TURN_AT] = 1.0, 1.0, slow, k, k
    s[STEEP], s[HALF_AT], s[TOLD], s[FAST_HIGH], s[STILL] = 0.0, half_way(k, ring, s), 0.0, fast, 0.0
    for i in range(max(int(s[LOW_AT]), span, k - size + 1 + span), k + 1):
        s[STEEP] = max(s[STEEP], ring[FAST, i % size] - ring[FAST, (i - span) % size])
        s[FAST_HIGH] = max(s[FAST_HIGH], ring[FAST, i % size])
    return n


@njit(**PLAIN)
def exhales_now(k, fast, slope, rate, ring, past, s, p):
    """Is the peak here? By the usual time from half way up, by a slope gone flat, or because the signal falls."""
    drop, steep_share, flat_share, early, wiggles, first_hold_s = p[2], p[3], p[4], p[5], p[6], p[11]
    rise = s[FAST_HIGH] - s[FAST_LOW]
    s[STILL] = s[STILL] + 1.0 if slope <= flat_share * s[STEEP] else 0.0
    big = rise >= 0.6 * s[SWING]
    n = int(s[N_OFFSET])
    if n == 0:
        if big and s[STILL] / rate >= first_hold_s:
            return True
    elif s[HALF_AT] >= 0.0:
        half = int(s[HALF_AT])
        usual = middle(past[OFFSETS], n)
        spread = 0.0
        if n >= 3:
            far = past[OFFSETS, :n].copy()
            for j in range(n):
                far[j] = abs(far[j] - usual)
            spread = 1.4826 * middle(far, n)
        due = half / rate - ring[DELAY, half % ring.shape[1]] + usual
        # breath after breath alike: the time alone is enough; else a rise that goes on is waited for
        sure = max(0.0, 1.0 - spread / p[21]) if n >= 3 else 0.0
        if k / rate >= due and slope <= (steep_share + (1.0 - steep_share) * sure) * s[STEEP]:
            return True
        if big and s[STILL] > 0.0 and k / rate >= due - early * spread:
            return True
    return s[FAST_HIGH] - fast >= max(drop * rise, wiggles * s[WIGGLE])


@njit(**PLAIN)
def one_block(x, rate, taps, p, s, ring, past, events, n):
    """Take one averaged block in; returns how many events there are now."""
    k = int(s[BLOCK])
    size = ring.shape[1]
    if k == 0:
        s[STILL_AT] = x
    ring[RAW, k % size] = x
    fast, slow = smooth(k, ring, taps, s)
    delay = 0.5 * (s[WIDTH] - 1.0)
    ring[DELAY, k % size] = (delay + 0.5 * (taps.size - 1)) / rate
    if k == 0:
        s[LOW] = s[HIGH] = slow
        s[FAST_LOW] = s[FAST_HIGH] = fast
    if k > rate:
        s[WIGGLE] += (abs(ring[FAST, (k - int(delay)) % size] - slow) - s[WIGGLE]) / (3.0 * rate)
    s[SWING] = usual_swing(k, slow, rate, ring, past, s, p[14], p[15], p[16], p[17])
    if abs(x - s[STILL_AT]) > p[18] * (past[SWINGS, 0] if s[N_PAST] > 0.0 else s[SWING]):
        s[STILL_AT], s[STILL_FROM] = x, k
    s[BLOCK] = k + 1
    if k < 0.5 * rate:
        return n
    span = max(1, round(0.1 * rate))
    slope = fast - ring[FAST, (k - span if k >= span else 0) % size]
    if slow < s[LOW]:
        s[LOW], s[LOW_AT] = slow, k
    if slow > s[HIGH]:
        s[HIGH], s[HIGH_AT] = slow, k
    s[FAST_LOW], s[FAST_HIGH] = min(s[FAST_LOW], fast), max(s[FAST_HIGH], fast)
    if s[MODE] >= 0.0 and s[HIGH] - slow >= p[1] * s[SWING]:
        n = peak_confirmed(k, fast, slow, rate, ring, past, s, p, events, n)
    elif s[MODE] <= 0.0 and slow - s[LOW] >= p[1] * s[SWING]:
        n = trough_confirmed(k, fast, slow, rate, ring, past, s, events, n, span)
    now = k / rate
    if s[MODE] > 0.0:
        s[STEEP] = max(s[STEEP], slope)
        if s[HALF_AT] < 0.0 and slow - s[LOW] >= 0.5 * s[SWING]:
            s[HALF_AT] = k
        free = now >= p[0] and now - s[LAST_TOLD] > max(p[10], p[9] * s[PERIOD])
        if s[TOLD] == 0.0 and free and exhales_now(k, fast, slope, rate, ring, past, s, p):
            s[TOLD], s[LAST_TOLD], s[PHASE] = 1.0, now, -1.0
            n = tell(events, n, EXHALE_NOW, now, now, s[FAST_HIGH] - s[FAST_LOW], s[SWING])
    elif (
        s[MODE] < 0.0
        and s[TOLD_IN] == 0.0
        and slope > 0.0
        and fast - s[FAST_LOW] >= max(p[19] * s[SWING], p[6] * s[WIGGLE])
    ):
        s[TOLD_IN], s[PHASE] = 1.0, 1.0
        n = tell(events, n, INHALE_NOW, now, now, past[SWINGS, 0], s[SWING])
    return n


@njit(**PLAIN)
def run(samples, per_block, leak, sign, rate, taps, p, s, ring, past, events):
    """Take samples in one after the other; returns the number of events."""
    n = 0
    for j in range(samples.size):
        x = sign * samples[j]
        if math.isnan(x):  # lost: the last value is held
            x = s[LAST_X]
            s[LOST_AT] = s[BLOCK]
        s[LAST_X] = x
        if leak > 0.0:  # flow: its leaky sum is the volume
            s[INTEGRAL] = leak * s[INTEGRAL] + x
            x = s[INTEGRAL]
        s[SUM] += x
        s[IN_BLOCK] += 1.0
        if s[IN_BLOCK] >= per_block:
            mean = s[SUM] / per_block
            s[SUM] = s[IN_BLOCK] = 0.0
            n = one_block(mean, rate, taps, p, s, ring, past, events, n)
    return n
