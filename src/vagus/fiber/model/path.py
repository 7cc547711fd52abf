"""The way that a fiber takes through space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A polygon in space by its arc length."""

    points_um: FloatArray
    arc_um: FloatArray

    @property
    def length_um(self) -> float:
        """Arc length from begin to end."""
        return float(self.arc_um[-1])

    @staticmethod
    def of(points: FloatArray) -> Path:
        """Path through points (n, 3) in um.

        Raises
        ------
        InputError
            Another shape, points that are not finite, or two of them in one place.
        """
        array = np.array(points, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != 3 or array.shape[0] < 2:
            raise InputError(
                Problem(what="path is no path", where="path_um", found=f"shape {array.shape}", allowed="(n, 3), n >= 2")
            )
        if not np.all(np.isfinite(array)):
            at = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
            raise InputError(
                Problem(what="path is not finite", where=f"path_um[{at}]", found=f"{array[at]}", allowed="finite um")
            )
        steps = np.linalg.norm(np.diff(array, axis=0), axis=1)
        if np.any(steps == 0):
            at = int(np.flatnonzero(steps == 0)[0]) + 1
            raise InputError(
                Problem(
                    what="path stands still", where=f"path_um[{at}]", found="the point before", allowed="another point"
                )
            )
        return Path(points_um=array, arc_um=np.insert(np.cumsum(steps), 0, 0.0))

    def at(self, arc_um: FloatArray) -> FloatArray:
        """Places (n, 3) at arc lengths.

        Examples
        --------
        >>> Path.of(np.array([[0.0, 0.0, 0.0], [0.0, 3.0, 4.0]])).at(np.array([2.5])).tolist()
        [[0.0, 1.5, 2.0]]
        """
        return np.column_stack([np.interp(arc_um, self.arc_um, self.points_um[:, k]) for k in range(3)])
