"""Sleep and wake from wrist activity, one count a minute."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from vagus.errors import InputError, Problem
from vagus.signal.known import value
from vagus.signal.sleep.stages import ASLEEP, WAKE, Stages
from vagus.signal.vector import Array, vector

_MINUTE_S = 60.0
_COLE_KRIPKE = ("before4", "before3", "before2", "before1", "now", "after1", "after2")


def sleep_of_activity(
    counts: ArrayLike,
    *,
    method: Literal["cole_kripke", "sadeh"],
    start_s: float = 0.0,
    source_name: str = "",
) -> Stages:
    """W and S, one an epoch of a minute, from an actigraph's counts.

    Parameters
    ----------
    counts : (n,) array
        Activity counts of each minute, one axis, 0 or more; 11 minutes or more.
    method : "cole_kripke" or "sadeh"
        Cole & Kripke 1992 (adults of 35 to 65 years): a weighted sum of the minute, four before and two after, counts
        over 100 and cut at 300, below 1 asleep. Sadeh 1994 (10 to 25 years): mean of 11 minutes, minutes of 50 to
        under 100 counts, spread of six, logarithm of one, counts cut at 300.
    start_s : float
        Start of the first minute.
    source_name : str

    Returns
    -------
    Stages
        Codes 0 W and 5 S: asleep, in a stage that is not known.

    Raises
    ------
    InputError
        Counts that are no numbers, negative, or too few; an unknown method.

    Notes
    -----
    Both as ActiGraph's software has them for its counts of one axis; another device counts otherwise, and the numbers
    were not read in the papers (table ``sleep``). Webster's rules, which turn short sleep after long wake into wake,
    are not applied. Minutes before the first and after the last count as still.

    Sources
    -------
    Cole 1992, doi:10.1093/sleep/15.5.461; Sadeh 1994, doi:10.1093/sleep/17.3.201.

    Examples
    --------
    >>> sleep_of_activity([900, 800, 700] + [0] * 12, method="cole_kripke").stage.tolist()
    [0, 0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 5]
    """
    given = vector(counts, name="activity counts", where=source_name)
    if given.size < 11 or given.min() < 0:
        found = f"{given.size} min" if given.size < 11 else f"{given.min():g} in minute {int(given.argmin()) + 1}"
        raise InputError(
            Problem(what="activity counts", where=source_name, found=found, allowed="11 min or more, each 0 or more")
        )
    if method not in ("cole_kripke", "sadeh"):
        allowed = "cole_kripke, sadeh"
        raise InputError(Problem(what="no such method", where=source_name, found=f'"{method}"', allowed=allowed))
    asleep = _cole_kripke(given) if method == "cole_kripke" else _sadeh(given)
    name = f"{source_name} ({method})".strip()
    return Stages(stage=np.where(asleep, ASLEEP, WAKE), epoch_s=_MINUTE_S, start_s=start_s, source_name=name)


def _cole_kripke(counts: Array) -> np.ndarray:
    scaled = np.minimum(counts / 100, value("most_counts"))
    weights = value("cole_kripke_scale") * np.array([value(f"cole_kripke_{when}") for when in _COLE_KRIPKE])
    return sliding_window_view(np.pad(scaled, (4, 2)), weights.size) @ weights < 1


def _sadeh(counts: Array) -> np.ndarray:
    cut = np.minimum(counts, value("most_counts"))
    around = sliding_window_view(np.pad(cut, 5), 11)
    index = (
        value("sadeh_offset")
        + value("sadeh_mean") * around.mean(axis=1)
        + value("sadeh_moderate") * ((around >= 50) & (around < 100)).sum(axis=1)
        + value("sadeh_spread") * sliding_window_view(np.pad(cut, (5, 0)), 6).std(axis=1, ddof=1)
        + value("sadeh_log") * np.log(cut + 1)
    )
    return index > value("sadeh_asleep_above")
