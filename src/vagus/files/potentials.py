"""Potentials along a path from text, as field solvers write them (COMSOL, ASCENT, Sim4Life exports)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from vagus.errors import InputError, MissingFile, Problem, nearest

FloatArray = NDArray[np.float64]
LENGTH_UM = {"um": 1.0, "mm": 1e3, "m": 1e6}
DECIMAL_COMMA = re.compile(r"[-+]?\d+(,\d+)?([eE][-+]?\d+)?")
NOT_FINITE = re.compile(r"(nan|inf)", re.IGNORECASE)
TOLD_UNIT = re.compile(r"length unit:?\s*(\S+)", re.IGNORECASE)
POTENTIAL_MV_PER_MA = {"mV/mA": 1.0, "V/A": 1.0, "V/mA": 1e3}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Potentials:
    """Potential along a path, for a current of 1 mA.

    Parameters
    ----------
    arc_um : (n,) array
        Length along the path, rising.
    mv_per_ma : (n,) array
    xyz_um : (n, 3) array or None
        The path, where the file has it; `Fiber.of(..., path_um=...)` follows it.
    """

    arc_um: FloatArray
    mv_per_ma: FloatArray
    xyz_um: FloatArray | None = None

    def at(self, arc_um: FloatArray) -> FloatArray:
        """Potential at places along the path, by a cubic spline: its second differences are what drives a fiber.

        Raises
        ------
        InputError
            A place beyond the path.

        Examples
        --------
        >>> line = Potentials(arc_um=np.arange(5.0), mv_per_ma=np.arange(5.0) ** 2)
        >>> line.at(np.array([0.5, 2.5])).round(3).tolist()
        [0.25, 6.25]
        """
        places = np.asarray(arc_um, dtype=np.float64)
        low, high = float(self.arc_um[0]), float(self.arc_um[-1])
        slack = 1e-6 * (high - low)
        if np.any(places < low - slack) or np.any(places > high + slack):
            raise InputError(
                Problem(
                    what="the fiber reaches beyond its potentials",
                    found=f"{places.min():g} to {places.max():g} um",
                    allowed=f"{low:g} to {high:g} um",
                    why="a potential is never extrapolated; export a longer path, or shorten or shift the fiber",
                )
            )
        return np.asarray(CubicSpline(self.arc_um, self.mv_per_ma)(np.clip(places, low, high)), dtype=np.float64)


def read_potentials(
    path: Path | str,
    *,
    length_unit: Literal["um", "mm", "m"],
    potential_unit: Literal["mV/mA", "V/A", "V/mA"],
    coordinates: Path | str | None = None,
) -> Potentials:
    """Potentials from a text file: columns x, y, z, potential, or length along the path, potential.

    Columns are separated by spaces, tabs, commas or semicolons; with semicolons, tabs or spaces a comma within a number
    is a decimal comma. Lines that begin with ``%`` or ``#`` are passed over, and above the first row also those that
    begin with a letter or a quote, and a count. Units have no default: a wrong one would be silent.

    Parameters
    ----------
    coordinates : path, optional
        Where the places stand in a file of their own, as ASCENT writes them: x, y, z a line; the other file then holds
        one potential a line. Both may begin with a count.

    Raises
    ------
    InputError
        The file is not there, a line holds what is no number, the columns are neither two nor four, fewer than four
        points, or points that stand still or go back.
    """
    _check_units(length_unit, potential_unit)
    file = Path(path)
    if coordinates is None:
        rows = _rows(
            file, {2, 4}, "finite x, y, z, potential, or length, potential, the same in every line", length_unit
        )
    else:
        values = _rows(file, {1}, "one finite potential a line", length_unit)
        places = _rows(Path(coordinates), {3}, "finite x, y, z a line", length_unit)
        if len(values) == len(places) + 1 and values[0][0] == len(places):
            values = values[1:]  # a count
        if len(values) != len(places):
            raise InputError(
                Problem(what="potentials and coordinates do not fit", where=file.name,
                        found=f"{len(values)} potentials, {len(places)} places", allowed="as many as places")
            )  # fmt: skip
        rows = [place + value for place, value in zip(places, values, strict=True)]
    if len(rows) < 4:
        raise InputError(Problem(what="too few points", where=file.name, found=f"{len(rows)}", allowed="4 or more"))
    table = np.array(rows)
    mv, places = table[:, -1] * POTENTIAL_MV_PER_MA[potential_unit], table[:, :-1] * LENGTH_UM[length_unit]
    steps = np.diff(places[:, 0]) if places.shape[1] == 1 else np.linalg.norm(np.diff(places, axis=0), axis=1)
    if np.any(steps <= 0):
        at = int(np.flatnonzero(steps <= 0)[0])
        raise InputError(
            Problem(
                what="points stand still or go back", where=f"{file.name}, point {at + 2}", allowed="a path in order"
            )
        )
    start = places[0, 0] if places.shape[1] == 1 else 0.0
    arc = start + np.concatenate([[0.0], np.cumsum(steps)])
    return Potentials(arc_um=arc, mv_per_ma=mv, xyz_um=places if places.shape[1] == 3 else None)


def _check_units(length_unit: str, potential_unit: str) -> None:
    problems = [
        Problem(what=f"no such {name}", found=f'"{unit}"', allowed=nearest(str(unit), known))
        for name, unit, known in (
            ("length_unit", length_unit, LENGTH_UM), ("potential_unit", potential_unit, POTENTIAL_MV_PER_MA)
        )
        if unit not in known
    ]  # fmt: skip
    if problems:
        raise InputError(problems)


def _rows(file: Path, columns: set[int], allowed: str, length_unit: str) -> list[list[float]]:
    """Numbers of the lines below the header."""
    name = file.name
    rows: list[list[float]] = []
    problems: list[Problem] = []
    for number, line in enumerate(_lines(file), start=1):
        text = line.strip()
        if text.startswith(("%", "#")):
            _check_told_unit(text, length_unit, f"{name}, line {number}")
            continue
        if not text or (not rows and (text[0] in "\"'" or (text[0].isalpha() and not NOT_FINITE.match(text)))):
            continue
        try:
            values = [float(part) for part in _cells(text)]
        except ValueError:
            problems.append(
                Problem(what="line holds what is no number", where=f"{name}, line {number}", found=text[:80],
                        allowed="numbers; a comment begins with % or #")
            )  # fmt: skip
            continue
        if not rows and len(values) == 1 and 1 not in columns:
            continue
        if len(values) not in columns or (rows and len(values) != len(rows[0])) or not np.all(np.isfinite(values)):
            problems.append(
                Problem(what="line does not fit", where=f"{name}, line {number}", found=text[:80], allowed=allowed)
            )
            continue
        rows.append(values)
    if problems:
        raise InputError(problems[:20])
    return rows


def _check_told_unit(text: str, length_unit: str, where: str) -> None:
    """COMSOL writes the unit of length above its columns: another one than was asked for would be silent."""
    told = TOLD_UNIT.search(text)
    if told is None:
        return
    unit = told[1].replace("µ", "u").replace("μ", "u")
    if unit in LENGTH_UM and unit != length_unit:
        raise InputError(
            Problem(what="file tells another unit of length", where=where, found=unit, allowed=f'length_unit="{unit}"')
        )


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise MissingFile(
            Problem(what="file is not there", where=str(file), found="no such file", allowed="a text file")
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(what="file cannot be read", where=str(file), found=str(error), allowed="UTF-8 text")
        ) from error


def _cells(text: str) -> list[str]:
    """Cells of a line.

    Examples
    --------
    >>> _cells("0,5; 1,25"), _cells("0.5, 1.25"), _cells("0,5 1,25"), _cells("1,2")
    (['0.5', '1.25'], ['0.5', '1.25'], ['0.5', '1.25'], ['1', '2'])
    """
    apart = re.split(r"\s*;\s*|\s+", text.strip("; \t"))
    if len(apart) > 1 and all(DECIMAL_COMMA.fullmatch(cell) for cell in apart):
        return [cell.replace(",", ".") for cell in apart]
    return re.split(r"\s*[,;]\s*|\s+", text.strip(",; \t"))
