"""Stages of sleep, one code an epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from vagus.errors import InputError, Problem

Codes = np.ndarray[tuple[int, ...], np.dtype[np.int8]]

UNKNOWN, WAKE, N1, N2, N3, REM, ASLEEP = -1, 0, 1, 2, 3, 4, 5
STAGE_NAMES: MappingProxyType[int, str] = MappingProxyType(
    {UNKNOWN: "?", WAKE: "W", N1: "N1", N2: "N2", N3: "N3", REM: "R", ASLEEP: "S"}
)
"""Code of a stage -> its name in the AASM manual; "?" not scored, "S" asleep in a stage that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """A hypnogram: the stage of sleep in each epoch.

    Parameters
    ----------
    stage : (n,) array of int
        -1 not scored, 0 W, 1 N1, 2 N2, 3 N3, 4 R; 5 asleep in a stage that is not known (wrist activity tells no more).
    epoch_s : float
        Length of an epoch: 30 by the AASM manual, 20 in some old files, 60 of an actigraph; has no default.
    start_s : float
        Start of the first epoch on the clock of the recording that it belongs to.
    start : datetime or None
        Wall clock at the first epoch, where the file says it.
    source_name : str
        File, or what made it.

    Raises
    ------
    InputError
        An unknown code, no epochs, an epoch of no length.

    Examples
    --------
    >>> night = Stages(stage=[0, 0, 1, 2, 2, 3], epoch_s=30)
    >>> night.duration_s, night.stage.tolist()
    (180.0, [0, 0, 1, 2, 2, 3])
    """

    stage: Codes
    epoch_s: float
    start_s: float = 0.0
    start: datetime | None = None
    source_name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stage", _codes(self.stage, self.source_name))
        for name, allowed, fits in (("epoch_s", "a number > 0", self.epoch_s > 0), ("start_s", "a number", True)):
            number = getattr(self, name)
            if not (math.isfinite(number) and fits):
                raise InputError(
                    Problem(what=f"{name} does not fit", where=self.source_name, found=f"{number}", allowed=allowed)
                )
            object.__setattr__(self, name, float(number))

    @classmethod
    def of_names(cls, names: list[str] | tuple[str, ...], *, epoch_s: float, source_name: str = "") -> Stages:
        """Stages from the names of `STAGE_NAMES`: "W", "N1", "N2", "N3", "R", "S", "?".

        Examples
        --------
        >>> Stages.of_names(["W", "N1", "R"], epoch_s=30).stage.tolist()
        [0, 1, 4]
        """
        codes = {name: code for code, name in STAGE_NAMES.items()}
        wrong = [(row, name) for row, name in enumerate(names, start=1) if name not in codes]
        if wrong:
            raise InputError(
                Problem(
                    what="no stage of sleep",
                    where=f"{source_name or 'stages'}, epoch {wrong[0][0]}",
                    found=f'"{wrong[0][1]}"' + (f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""),
                    allowed=", ".join(codes),
                )
            )
        return cls(stage=np.array([codes[name] for name in names]), epoch_s=epoch_s, source_name=source_name)

    @property
    def duration_s(self) -> float:
        """Length in seconds: epochs times their length."""
        return self.stage.size * self.epoch_s

    @property
    def asleep(self) -> np.ndarray:
        """True at epochs of sleep of whatever stage, (n,) of bool."""
        return self.stage > WAKE

    def window(self, start_s: float, end_s: float) -> Stages:
        """Epochs that lie wholly from `start_s` to `end_s` on the recording's clock; the clock stays.

        Raises
        ------
        InputError
            No whole epoch lies there.
        """
        # a billionth of an epoch of room: 0.1 s times 300 is not 30 s to the last digit
        first = max(0, math.ceil((start_s - self.start_s) / self.epoch_s - 1e-9))
        last = min(self.stage.size, math.floor((end_s - self.start_s) / self.epoch_s + 1e-9))
        if last <= first:
            raise InputError(
                Problem(
                    what="no whole epoch of sleep in the window",
                    where=self.source_name,
                    found=f"{start_s:g} to {end_s:g} s",
                    allowed=f"{self.start_s:g} to {self.start_s + self.duration_s:g} s, an epoch ({self.epoch_s:g} s) "
                    "or more",
                )
            )
        moved = first * self.epoch_s
        start = self.start + timedelta(seconds=moved) if self.start else None
        return replace(self, stage=self.stage[first:last], start_s=self.start_s + moved, start=start)


def _codes(values: ArrayLike, where: str) -> Codes:
    """Codes as a read-only vector, each one known."""
    try:
        given = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(Problem(what="stages are not numbers", where=where, allowed=_allowed())) from error
    if given.ndim != 1 or not given.size:
        raise InputError(
            Problem(
                what="stages have the wrong shape", where=where, found=str(given.shape), allowed="one row, 1 or more"
            )
        )
    wrong = np.flatnonzero(~np.isin(given, list(STAGE_NAMES)))
    if wrong.size:
        raise InputError(
            Problem(
                what="no code of a stage of sleep",
                where=f"{where or 'stages'}, epoch {wrong[0] + 1}",
                found=f"{given[wrong[0]]:g}" + (f" and {wrong.size - 1} more" if wrong.size > 1 else ""),
                allowed=_allowed(),
            )
        )
    codes = given.astype(np.int8)
    codes.setflags(write=False)
    return codes


def _allowed() -> str:
    return ", ".join(f"{code} {name}" for code, name in STAGE_NAMES.items())
