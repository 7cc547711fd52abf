"""Potentials along a path from text, as field solvers write them (COMSOL, ASCENT, Sim4Life exports)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from vagus.errors import InputError, Problem

FloatArray = NDArray[np.float64]
LENGTH_UM = {"um": 1.0, "mm": 1e3, "m": 1e6}
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
    path: Path | str, *, length_unit: Literal["um", "mm", "m"], potential_unit: Literal["mV/mA", "V/A", "V/mA"]
) -> Potentials:
    """Potentials from a text file: columns x, y, z, potential, or length along the path, potential.

    Columns are separated by spaces, tabs, commas or semicolons; lines that begin with ``%``, ``#`` or a letter, and a
    first line with only a count, are passed over. Units have no default: a wrong one would be silent.

    Raises
    ------
    InputError
        The file is not there, a line holds what is no number, the columns are neither two nor four, fewer than four
        points, or points that stand still or go back.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(Problem(what="file is not there", where=str(file)))
    rows, problems = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        text = line.strip()
        if not text or text[0] in "%#" or text[0].isalpha() or text[0] == '"':
            continue
        try:
            values = [float(part) for part in re.split(r"[\s,;]+", text.strip(",; \t"))]
        except ValueError:
            problems.append(
                Problem(what="line holds what is no number", where=f"{file.name}, line {number}", found=text)
            )
            continue
        if not rows and len(values) == 1:
            continue
        if len(values) not in {2, 4} or (rows and len(values) != len(rows[0])) or not np.all(np.isfinite(values)):
            problems.append(
                Problem(
                    what="line does not fit", where=f"{file.name}, line {number}", found=text,
                    allowed="finite x, y, z, potential, or length, potential, the same in every line",
                )
            )  # fmt: skip
            continue
        rows.append(values)
    if problems:
        raise InputError(problems[:20])
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
