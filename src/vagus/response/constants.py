"""Constants of the response models: median, range and source from the tables, and seeded draws of them.

A constant that data were fitted to is drawn from its posterior, the table `response_draws`; any other from what the
tables declare.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

import numpy as np
from scipy.special import ndtri

from vagus.errors import InputError, Problem, nearest
from vagus.source import Source, read_source
from vagus.tables import raw_rows, rows

# quantile 0.95 of the standard normal distribution
Z95 = 1.6448536269514722


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """One constant of a model: a row of the tables `brain`, `heart`, `immune`, `pupil` and `sleep_switch`.

    Parameters
    ----------
    key, unit, note : str
    value, low, high : float
        Median, and the 5 % and 95 % quantiles of the draws.
    spread : {"fixed", "normal", "log", "posterior"}
        How it is drawn between them; "posterior": the draws are a column of the table `response_draws`.
    source : str
        As in the table; `origin` is the same as a `Source`.
    verified : bool
        The number itself was read in that source.
    species : str
    """

    key: str
    value: float
    low: float
    high: float
    unit: str
    spread: Literal["fixed", "normal", "log", "posterior"]
    source: str
    verified: bool
    species: str
    note: str = ""

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high or (self.spread == "log" and self.low <= 0):
            raise InputError(
                Problem(
                    what="range of a constant does not hold its value",
                    where=f"constant {self.key}",
                    found=f"{self.low:g}, {self.value:g}, {self.high:g}",
                    allowed="low <= value <= high, above 0 where the spread is log",
                )
            )

    @property
    def of_animals(self) -> bool:
        """Whether the number is of animals only."""
        return "human" not in self.species and self.species != "any"

    @property
    def origin(self) -> Source:
        """Where the number comes from."""
        return read_source(self.source, verified=self.verified)


_TABLES = ("brain", "heart", "immune", "pupil", "sleep_switch")


@cache
def constants() -> Mapping[str, Constant]:
    """Constants of all response models by key.

    One that has a posterior stands there with the quantiles of its draws.

    Examples
    --------
    >>> constants()["lc_buildup_ratio"].spread, constants()["weight_c"].spread
    ('posterior', 'log')
    """
    found = {c.key: c for name in _TABLES for c in rows(name, Constant)}
    for row in raw_rows("body"):
        if row["id"].startswith(("rat_vagal_tf_", "rat_symp_tf_")):
            found[row["id"]] = _of_body(row)
    for key, column in posterior().items():
        low, value, high = (float(q) for q in np.quantile(column, [0.05, 0.5, 0.95]))
        found[key] = dataclasses.replace(found[key], value=value, low=low, high=high, spread="posterior")
    return MappingProxyType(found)


@cache
def posterior() -> Mapping[str, np.ndarray]:
    """Draws of the calibrated constants, by key, (n,) each; the same place in all columns is one draw.

    Examples
    --------
    >>> len(posterior()["drn_tau_d"])
    500
    """
    table = raw_rows("response_draws")
    return MappingProxyType({key: np.array([float(row[key]) for row in table]) for key in table[0]})


def _of_body(row: Mapping[str, str]) -> Constant:
    """Constant from a row of the table `body`, whose error is an SD."""
    value, half = float(row["value"]), Z95 * float(row["error"])
    return Constant(
        key=row["id"],
        value=value,
        low=value - half,
        high=value + half,
        unit=row["unit"],
        spread="normal",
        source=row["source"],
        verified=row["verified"] == "yes",
        species=row["species"],
        note=row["model_use"] or "",
    )


def constant(key: str) -> Constant:
    """Constant of that key.

    Raises
    ------
    InputError
        There is none.
    """
    table = constants()
    if key not in table:
        raise InputError(Problem(what="no such constant", found=f'"{key}"', allowed=nearest(key, table)))
    return table[key]


def draw(one: Constant, *, rng: np.random.Generator, n_draws: int) -> np.ndarray:
    """Draws of a constant, (n_draws,): median `value`, 5 % and 95 % quantiles `low` and `high`.

    Each side of the median has its own width (two half-normal halves; of the logarithm where the spread is log), so
    that all three numbers of the table hold. One with a posterior gives a column of it, in random order;
    `draw_together` keeps several together.
    """
    if one.spread == "posterior":
        return draw_together([one.key], rng=rng, n_draws=n_draws)[one.key]
    z = scores(rng=rng, n_draws=n_draws)  # fixed ones too: fixing one constant leaves the others' draws alone
    return two_sided(z, value=one.value, low=one.low, high=one.high, log=one.spread == "log")


def draw_together(keys: Iterable[str], *, rng: np.random.Generator, n_draws: int) -> dict[str, np.ndarray]:
    """Draws of several constants at once, (n_draws,) each: those with a posterior from the same rows of it.

    Rows come in random order, none twice before all came once.

    Examples
    --------
    >>> both = draw_together(["alpha1_tau_d", "drn_tau_d"], rng=np.random.default_rng(1), n_draws=200)
    >>> bool(np.corrcoef(np.log(both["alpha1_tau_d"]), np.log(both["drn_tau_d"]))[0, 1] < 0)
    True
    """
    table = posterior()
    n_rows = next(iter(table.values())).size
    order = np.concatenate([rng.permutation(n_rows) for _ in range(-(-n_draws // n_rows))])[:n_draws]
    return {key: table[key][order] if key in table else draw(constant(key), rng=rng, n_draws=n_draws) for key in keys}


def scores(*, rng: np.random.Generator, n_draws: int) -> np.ndarray:
    """Normal scores (n_draws,) in random order, one from each of `n_draws` equally likely strata.

    Latin hypercube draws; of an even number, the two in the middle are both 0. So the median of a null is 0, exactly.
    """
    rank = rng.permutation(n_draws)
    if n_draws % 2 == 0:
        return np.where(np.isin(rank, (n_draws // 2 - 1, n_draws // 2)), 0.0, ndtri((rank + 0.5) / n_draws))
    return ndtri((rank + 0.5) / n_draws)


def two_sided(z: np.ndarray, *, value: float, low: float, high: float, log: bool = False) -> np.ndarray:
    """Normal scores `z` turned into draws with the quantiles low (5 %), value (50 %) and high (95 %).

    Examples
    --------
    >>> two_sided(np.array([-1.6448536, 0.0, 1.6448536]), value=2.0, low=1.0, high=5.0).round(6).tolist()
    [1.0, 2.0, 5.0]
    """
    if log:
        return value * np.exp(np.where(z > 0, z * np.log(high / value), z * np.log(value / low)) / Z95)
    return value + np.where(z > 0, z * (high - value), z * (value - low)) / Z95
