"""Where each number of a detector's state stands: one vector of floats and one of whole numbers."""

from __future__ import annotations

# scalars of the state, floats; the last three are quantiles of what is kept: usual interval, levels of beats and others
SUM1, SUM2, SLOPE, PEAK, VALLEY, LAST_AT, LAST_SIZE, LAST_STEEP, UP, DOWN, HELD, FLOOR, LAST_UP = range(13)
USUAL, BEAT, QUIET = range(13, 16)
SCALARS = 16
# levels of beats, of waves between beats, and intervals: the last eight of each
KEPT = 8
# waves that wait for a decision: time, size, steepness, deflection up and down, step of the baseline, 1 if it points up
AT, SIZE, STEEP, RISE, FALL, STEP, POINTS_UP = range(7)
FIELDS, WAITING = 7, 96
# whole numbers of the state
NOW, PEAK_NOW, IS_FALLING, N_WAIT, N_BEAT, N_RR, N_NOISE, LEARNED, N_SHAPE, LOST_NOW, LOST_RUN, QUIET_RUN = range(12)
COUNTS = 12
# lengths in samples
BOX1, BOX2, REACH, WINDOW, HOLD, SEARCH, ARM, ARM_WIDTH, SHAPE, LEAST_HOLD, RING, LONG_RING = range(12)
LENGTHS = 12
# columns of an event
E_AT, E_DECIDED, E_QUALITY, E_REASON, E_UP = range(5)
EVENT = 5
GOOD, UNLIKE, SMALL, LARGE, FIRST = range(5)

# the constants that the kernel takes, in the order of its vector (names of the table ``beats``)
CONSTANTS = (
    "lag_s", "rise", "learn_s", "merge_s", "size_margin", "size_width", "least_margin", "step_ratio", "refractory_s",
    "polarity_ratio", "most_score", "tall_t_s", "tall_t_share", "tall_t_weight", "short_share", "short_weight",
    "long_share", "long_weight", "long_cap", "level_cap", "overtake", "beat_quantile", "noise_quantile",
    "forget_share", "forget_rate", "forget_cap", "flat_share", "first_rr_s", "lost_s",
    "step_sharp", "tilt_ratio", "is_pulse",
)  # fmt: skip
(
    LAG_S, RISE_BY, LEARN_S, MERGE_S, MARGIN, WIDTH, LEAST_MARGIN, STEP_RATIO, REFRACTORY_S, POLARITY, MOST, TALL_S,
    TALL_SHARE, TALL_WEIGHT, SHORT_SHARE, SHORT_WEIGHT, LONG_SHARE, LONG_WEIGHT, LONG_CAP, LEVEL_CAP, OVERTAKE,
    BEAT_Q, NOISE_Q, FORGET_SHARE, FORGET_RATE, FORGET_CAP, FLAT_SHARE, FIRST_RR_S, LOST_S,
    STEP_SHARP, TILT_RATIO, IS_PULSE,
) = range(32)  # fmt: skip
