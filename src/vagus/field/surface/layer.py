"""Layers of tissue under skin as a noun, and numbers of a table drawn over their range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from vagus.errors import InputError, Problem
from vagus.field.medium.space import Layers, demand_positive
from vagus.source import Known, Source, read_source
from vagus.tables import rows

# air behind a plate of tissue: 300,000 times less than fat; less would cost digits
AIR_S_PER_M = 1e-7
AIR = "air"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of tissue.

    Parameters
    ----------
    name : str
    thickness_um : float
        Infinite for the last.
    sigma_s_per_m : float
    """

    name: str
    thickness_um: float
    sigma_s_per_m: float

    def __post_init__(self) -> None:
        demand_positive(sigma_s_per_m=self.sigma_s_per_m)
        if not self.thickness_um > 0.0:
            raise InputError(
                Problem(
                    what="thickness_um is out of range", where=self.name, found=f"{self.thickness_um}",
                    allowed="above 0, infinite for the last layer",
                )
            )  # fmt: skip


def medium_of(layers: tuple[Layer, ...]) -> Layers:
    """Layers as a medium whose potential is known, from the surface down.

    Raises
    ------
    InputError
        No layer, or one without end that is not the last.

    Examples
    --------
    >>> skin = Layer(name="skin", thickness_um=800.0, sigma_s_per_m=0.27)
    >>> medium_of((skin, Layer(name="cartilage", thickness_um=np.inf, sigma_s_per_m=0.18))).tops_um
    (0.0, 800.0)
    """
    if not layers or any(math.isinf(one.thickness_um) != (one is layers[-1]) for one in layers):
        raise InputError(
            Problem(
                what="layers do not fit", found=", ".join(f"{one.name} {one.thickness_um:g} µm" for one in layers),
                allowed="the last layer, and no other, without end",
            )
        )  # fmt: skip
    return Layers(
        thickness_um=tuple(one.thickness_um for one in layers[:-1]),
        sigma_s_per_m=tuple(one.sigma_s_per_m for one in layers),
    )


def plate(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Layers with air behind them."""
    return (*layers, Layer(name=AIR, thickness_um=math.inf, sigma_s_per_m=AIR_S_PER_M))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    key: str
    value: float
    low: float
    high: float
    unit: str
    draw: str
    source: str
    verified: bool
    note: str


@cache
def _table(name: str) -> dict[str, _Row]:
    return {row.key: row for row in rows(name, _Row)}


def known(table: str, key: str) -> Known:
    """A number of the tables `ear` and `neck` with its range and source.

    Examples
    --------
    >>> known("ear", "skin_thickness").value, known("ear", "skin_thickness").source.verified
    (800.0, True)
    """
    row = _table(table)[key]
    return Known(
        value=row.value, unit=row.unit, low=row.low, high=row.high, note=row.note,
        source=read_source(row.source, verified=row.verified),
    )  # fmt: skip


def draw(table: str, key: str, rng: np.random.Generator) -> float:
    """A draw from the range of a number, evenly or evenly in its logarithm, as its row says."""
    row = _table(table)[key]
    if row.low == row.high:
        return row.value
    if row.draw == "log":
        return float(math.exp(rng.uniform(math.log(row.low), math.log(row.high))))
    return float(rng.uniform(row.low, row.high))


def sources(table: str) -> tuple[Source, ...]:
    """Every source of a table, each once."""
    return tuple(dict.fromkeys(read_source(row.source, verified=row.verified) for row in _table(table).values()))
