"""The units that names carry, and quantities written as text.

A name ends in its unit: ``amplitude_ma``, ``width_us``, ``fs_hz``. The same name stands in code, TOML, JSON, CSV
headers and flags. Text such as ``"250 us"`` is read only at the edges, by `parse`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from types import MappingProxyType

from vagus.errors import InputError, Problem

__all__ = ["SUFFIXES", "Unit", "parse", "suffix_of", "symbol"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit: its symbol for people, its dimension, and how many base units it is."""

    symbol: str
    dimension: str
    factor: float


def _table() -> dict[str, Unit]:
    rows = """
    ma     mA      current         1e-3
    ua     µA      current         1e-6
    a      A       current         1
    us     µs      time            1e-6
    ms     ms      time            1e-3
    s      s       time            1
    min    min     time            60
    h      h       time            3600
    d      d       time            86400
    weeks  weeks   time            604800
    hz     Hz      frequency       1
    khz    kHz     frequency       1e3
    per_min 1/min  frequency       0.016666666666666666
    bpm    bpm     frequency       0.016666666666666666
    um     µm      length          1e-6
    mm     mm      length          1e-3
    cm     cm      length          1e-2
    m      m       length          1
    mm2    mm²     area            1e-6
    cm2    cm²     area            1e-4
    mv     mV      voltage         1e-3
    uv     µV      voltage         1e-6
    v      V       voltage         1
    nc     nC      charge          1e-9
    uc     µC      charge          1e-6
    mc     mC      charge          1e-3
    ohm    Ω       resistance      1
    kohm   kΩ      resistance      1e3
    mj     mJ      energy          1e-3
    uj     µJ      energy          1e-6
    mw     mW      power           1e-3
    degc   °C      temperature     1
    deg    °       angle           1
    pct    %       ratio           1e-2
    ms2    ms²     time squared    1e-6
    mmhg   mmHg    pressure        133.322387415
    ml     mL      volume          1e-6
    s_per_m S/m    conductivity    1
    ohm_m  Ω·m     resistivity     1
    ohm_m2 Ω·m²    sheet resistance 1
    m_per_s m/s    speed           1
    ma_per_cm2 mA/cm² current density 10
    uc_per_cm2 µC/cm² charge density 1e-2
    mv_per_ma  mV/mA  transfer resistance 1
    bpm_per_hz bpm/Hz chronotropic gain 1
    ms_per_hz  ms/Hz  chronotropic gain 1
    points  points  score           1
    points_per_week points/week score rate 1
    """
    table: dict[str, Unit] = {}
    for line in rows.strip().splitlines():
        suffix, symbol, *dimension, factor = line.split()
        table[suffix] = Unit(symbol=symbol, dimension=" ".join(dimension), factor=float(factor))
    return table


SUFFIXES: MappingProxyType[str, Unit] = MappingProxyType(_table())
"""Suffix of a name -> `Unit`."""

_ALIASES = {
    "µs": "us", "μs": "us", "usec": "us", "µa": "ua", "μa": "ua", "µm": "um", "μm": "um", "sec": "s", "second": "s",
    "seconds": "s", "minute": "min", "minutes": "min", "hour": "h", "hours": "h", "day": "d", "days": "d",
    "week": "weeks", "%": "pct", "percent": "pct", "mm²": "mm2", "cm²": "cm2", "mm^2": "mm2", "cm^2": "cm2",
    "°c": "degc", "µv": "uv", "μv": "uv", "µc": "uc", "μc": "uc", "pps": "hz", "ω": "ohm", "kω": "kohm",
}  # fmt: skip
_QUANTITY = re.compile(r"^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\d\s].*?)?\s*$")


def suffix_of(name: str) -> str | None:
    """Unit suffix that a name ends in, or None.

    Examples
    --------
    >>> suffix_of("amplitude_ma"), suffix_of("density_uc_per_cm2"), suffix_of("n_node")
    ('ma', 'uc_per_cm2', None)
    """
    parts = name.split("_")
    for start in range(len(parts)):
        if "_".join(parts[start:]) in SUFFIXES and (start > 0 or name in SUFFIXES):
            return "_".join(parts[start:])
    return None


def parse(text: str, suffix: str) -> float:
    """Value of a quantity written as text, in the unit of `suffix`.

    Raises
    ------
    InputError
        The text is no quantity, or its unit is of another dimension.

    Examples
    --------
    >>> parse("250 us", "us"), parse("0.25 ms", "us"), parse("1500 uA", "ma")
    (250.0, 250.0, 1.5)
    """
    want = SUFFIXES[suffix]
    same = ", ".join(u.symbol for u in SUFFIXES.values() if u.dimension == want.dimension)
    match = _QUANTITY.match(text)
    if match is None:
        raise InputError(
            Problem(what="not a quantity", found=f'"{text}"', allowed=f"a number, or a number with a unit ({same})")
        )
    value, unit_text = float(match[1]), match[2]
    if not math.isfinite(value):
        raise InputError(Problem(what="not a finite number", found=f'"{text}"', allowed="a finite number"))
    if unit_text is None:
        return value
    key = unit_text.lower().replace(" ", "")
    key = _ALIASES.get(key, key).replace("/", "_per_")
    unit = SUFFIXES.get(key)
    if unit is None or unit.dimension != want.dimension:
        raise InputError(
            Problem(what=f"wrong unit for a {want.dimension}", found=f'"{text}"', allowed=f"a number in {same}")
        )
    if unit is want:
        return value
    # rounding removes what the two factors add in the 16th digit: "0.25 ms" is 250 us, not 250.00000000000003
    return float(f"{value * unit.factor / want.factor:.15g}")


def symbol(name: str) -> str:
    """Symbol of the unit that a name carries, "" where it has none.

    Examples
    --------
    >>> symbol("width_us"), symbol("n_beats")
    ('µs', '')
    """
    suffix = suffix_of(name)
    return SUFFIXES[suffix].symbol if suffix else ""
