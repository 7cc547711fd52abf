"""A total of one depression scale on another: the published link of QIDS-SR16, IDS-SR30 and the HAM-D versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from vagus import tables
from vagus.errors import InputError, Problem, nearest
from vagus.outcome.answers import points
from vagus.source import Source

_COLUMNS: Mapping[str, str] = {
    "qids_sr16": "QIDS-SR16", "ids_sr30": "IDS-SR30", "hamd17": "HAM-D17", "hamd21": "HAM-D21", "hamd24": "HAM-D24",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Where a total of one scale lies on another.

    Parameters
    ----------
    scale, to : str
        Keys of the scales.
    total : float
        On `scale`.
    low, high : float
        Range on `to`.
    severity : tuple of str
        Severity classes of the link that the total may belong to.
    source : Source
    text : str
    """

    scale: str
    total: float
    to: str
    low: float
    high: float
    severity: tuple[str, ...]
    source: Source
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One total of the QIDS-SR16 and the range of each other scale that goes with it."""

    spans: Mapping[str, tuple[float, float]]
    severity: str
    source: Source


@cache
def _steps() -> tuple[_Step, ...]:
    found: list[_Step] = []
    for row in tables.raw_rows("crosswalk"):
        spans = {"qids_sr16": (float(row["qids_sr16"]), float(row["qids_sr16"]))}
        for key in _COLUMNS:
            column = key.replace("hamd", "hrsd")
            if key != "qids_sr16":
                spans[key] = (float(row[f"{column}_min"]), float(row[f"{column}_max"]))
        source = Source(text=row["source"], verified=row["verified"] == "yes")
        found.append(_Step(spans=spans, severity=row["severity_label"], source=source))
    return tuple(found)


def link_total(total: float, *, scale: str, to: str) -> Linked:
    """Range on `to` that goes with a total on `scale`.

    The link is ordinal (item response theory, in groups): for pooling and for reading across trials. One person's class
    can differ between scales even so (Cameron 2013); no single number comes out, and changes are not to be linked.

    Parameters
    ----------
    total : float
        Whole points.
    scale, to : str
        "qids_sr16", "ids_sr30", "hamd17", "hamd21" or "hamd24".

    Raises
    ------
    InputError
        Unknown scale, or a total that the scale cannot have.

    Examples
    --------
    >>> found = link_total(16, scale="qids_sr16", to="hamd17")
    >>> found.low, found.high, found.severity
    (20.0, 20.0, ('severe',))
    >>> link_total(18, scale="hamd17", to="qids_sr16").text
    'HAM-D17 18 points: about 14 to 15 points on the QIDS-SR16 (moderate).'
    """
    for key in (scale, to):
        if key not in _COLUMNS:
            raise InputError(Problem(what="no link for this scale", found=f'"{key}"', allowed=nearest(key, _COLUMNS)))
    rows = [step for step in _steps() if step.spans[scale][0] <= total <= step.spans[scale][1]]
    if not rows or total != int(total):
        allowed = f"whole points, 0 to {_steps()[-1].spans[scale][1]:g}"
        raise InputError(Problem(what="no such total", where=scale, found=f"{total:g}", allowed=allowed))
    low, high = (total, total) if scale == to else (rows[0].spans[to][0], rows[-1].spans[to][1])
    severity = tuple(dict.fromkeys(row.severity for row in rows))
    span = points(low) if low == high else f"{low:g} to {points(high)}"
    text = f"{_COLUMNS[scale]} {points(total)}: about {span} on the {_COLUMNS[to]} ({' or '.join(severity)})."
    return Linked(
        scale=scale,
        total=float(total),
        to=to,
        low=float(low),
        high=float(high),
        severity=severity,
        source=rows[0].source,
        text=text,
    )
