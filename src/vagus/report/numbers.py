"""Numbers as people read them, and where their texts find room: what charts and tables share."""

from __future__ import annotations

import math
from collections.abc import Sequence

TEXT_PX = 12.0
TICK_PX = 11.5
LINE_PX = 15.0  # height of one row of labels
_NARROW = frozenset("ijltfrI.,:;'|!()[]{} -·/")
_BROAD = frozenset("mwMW%@—")


def text_px(text: str, *, size_px: float = TEXT_PX) -> float:
    """Width of a text in pixels, slightly over-estimated for the common sans-serif faces.

    Examples
    --------
    >>> 30 < text_px("0.375 µC") < 60
    True
    """
    em = 0.0
    for sign in text:
        em += 0.33 if sign in _NARROW else 0.92 if sign in _BROAD else 0.72 if sign.isupper() else 0.58
    return em * size_px


def number(value: float | None, *, digits: int = 3) -> str:
    """A number as people read it: three significant digits, a true minus, no exponent where none is needed.

    Counts are written whole elsewhere: here 1234 becomes 1230.

    Examples
    --------
    >>> number(0.375), number(1234.56), number(-2), number(0.00001234), number(None)
    ('0.375', '1230', '−2', '1.23·10⁻⁵', '–')
    """
    if value is None or not math.isfinite(value):
        return "–" if value is None or math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e-4 or size >= 1e7:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa}·10{raised}".replace("-", "−")
    places = digits - 1 - math.floor(math.log10(size))
    text = f"{round(value, places):.{max(0, places)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


_SMALLER = {"mJ": "µJ", "mA": "µA", "mC": "µC", "µC": "nC"}


def quantity(value: float | None, unit: str, *, digits: int = 3) -> str:
    """Number and unit, kept on one line.

    Examples
    --------
    >>> quantity(0.375, "µC"), quantity(46.67, "%"), quantity(0.0005625, "mJ")
    ('0.375\\xa0µC', '46.7\\xa0%', '0.562\\xa0µJ')
    """
    if value is not None and unit in _SMALLER and 0 < abs(value) < 0.01:
        value, unit = 1000 * value, _SMALLER[unit]
    if value is not None and unit == "µJ" and abs(value) >= 1e4:
        value, unit = value / 1000, "mJ"
    text = number(value, digits=digits)
    return text if text == "–" or not unit else f"{text}\xa0{unit}"


def nice_ticks(low: float, high: float, *, count: int = 5) -> tuple[float, ...]:
    """Round numbers that lie within [low, high], about `count` of them.

    Examples
    --------
    >>> nice_ticks(0, 27)
    (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
    >>> nice_ticks(0.3, 3.1, count=3)
    (1.0, 2.0, 3.0)
    """
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return (low,) if math.isfinite(low) else ()
    raw = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = min((m * power for m in (1, 2, 2.5, 5, 10)), key=lambda s: abs(math.log(s / raw)))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(float(f"{k * step:.12g}") for k in range(first, last + 1))


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, each at least `gap` from the next, within [low, high] where that is possible.

    Examples
    --------
    >>> spread([10, 11, 40], gap=5, low=0, high=50)
    [8.0, 13.0, 40.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[list[float]] = []  # [sum of (wanted - offset), n]: labels that touch move as one
    for i in order:
        blocks.append([wanted[i], 1])
        while len(blocks) > 1 and _end(blocks[-2], gap) > blocks[-1][0] / blocks[-1][1]:
            later = blocks.pop()
            before = blocks[-1]
            before[0] += later[0] - later[1] * before[1] * gap
            before[1] += later[1]
    placed: list[float] = []
    for total, n in blocks:
        placed += [total / n + k * gap for k in range(int(n))]
    for k in range(len(placed)):  # into the range from above, then from below
        placed[k] = max(placed[k], low + k * gap)
    for k in range(len(placed)):
        j = len(placed) - 1 - k
        placed[j] = min(placed[j], high - k * gap)
    found = [0.0] * len(wanted)
    for place, i in zip(placed, order, strict=True):
        found[i] = place
    return found


def _end(block: list[float], gap: float) -> float:
    return block[0] / block[1] + block[1] * gap
