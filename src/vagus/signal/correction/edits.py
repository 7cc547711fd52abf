"""Edits by hand, found among the beats they mean and turned into changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.beats import Beats
from vagus.signal.correction.changes import NOT_MOVED, BeatChange, BeatEdit
from vagus.signal.known import value


def edit_changes(beats: Beats, edits: Sequence[BeatEdit]) -> list[BeatChange]:
    """Changes that the edits ask for.

    Raises
    ------
    InputError
        No beat, or more than one edit, where an edit points; a beat is added on another or moved past another. All
        of these are told together.
    """
    reach = value("edit_reach_ms") / 1000
    within = f"within {1000 * reach:g} ms"
    problems: list[Problem] = []
    taken: dict[int, int] = {}
    found: list[BeatChange] = []
    for number, edit in enumerate(edits, start=1):
        where = f"{beats.source_name or 'beats'}, edit {number} ({edit})"
        beat = int(np.argmin(np.abs(beats.time_s - edit.time_s))) if beats.time_s.size else -1
        near = beat >= 0 and abs(float(beats.time_s[beat]) - edit.time_s) <= reach
        said = f"the nearest at {float(beats.time_s[beat]):.3f} s" if beat >= 0 else "no beats"
        if edit.what == "add":
            if near:
                wrong = Problem(what="there is a beat already", where=where, found=said, allowed=f"none {within}")
                problems.append(wrong)
            else:
                found.append(_change(edit, None))
        elif not near:
            problems.append(Problem(what="no beat is there", where=where, found=said, allowed=f"a beat {within}"))
        elif beat in taken:
            found_too = f"edit {taken[beat]}, too"
            problems.append(Problem(what="two edits of one beat", where=where, found=found_too, allowed="one a beat"))
        else:
            taken[beat] = number
            found.append(_change(edit, float(beats.time_s[beat])))
    problems += _order_problems(beats, found)
    if problems:
        raise InputError(problems)
    return found


def _change(edit: BeatEdit, at_s: float | None) -> BeatChange:
    why = "; ".join(part for part in (edit.note, f"by {edit.who}" if edit.who else "") if part) or "by hand"
    if at_s is None:
        return BeatChange(time_s=edit.time_s, kind="by hand", action="added", to_s=edit.time_s, why=why)
    if edit.what == "delete":
        return BeatChange(time_s=at_s, kind="by hand", action="removed", from_s=at_s, why=why)
    if edit.what == "move" and edit.to_s is not None:
        action = f"moved {1000 * (edit.to_s - at_s):+.0f} ms"
        return BeatChange(time_s=at_s, kind="by hand", action=action, from_s=at_s, to_s=edit.to_s, why=why)
    if edit.what == "bad":
        return BeatChange(time_s=at_s, kind="bad", action=NOT_MOVED, from_s=at_s, to_s=at_s, why=why)
    return BeatChange(time_s=at_s, kind="by hand", action="kept", from_s=at_s, to_s=at_s, why=why)


def _order_problems(beats: Beats, found: list[BeatChange]) -> list[Problem]:
    """Beats that would lie on another, or past the next one, after the edits."""
    place = {float(time): float(time) for time in beats.time_s}
    for change in found:
        if change.from_s is not None:
            place.pop(change.from_s)
            if change.to_s is not None:
                place[change.from_s] = change.to_s
    times = np.array(list(dict(sorted(place.items())).values()))
    problems = [
        Problem(what="a moved beat passes or meets another", where=beats.source_name or "beats",
                found=f"{times[i]:.3f} s then {times[i + 1]:.3f} s", allowed="a place between its neighbors")
        for i in np.flatnonzero(np.diff(times) <= 0).tolist()
    ]  # fmt: skip
    put = np.sort([change.to_s for change in found if change.from_s is None and change.to_s is not None])
    twice = put[1:][np.diff(put) <= 0].tolist() + [time for time in put.tolist() if time in times]
    return problems + [
        Problem(what="two beats in one place", where=beats.source_name or "beats", found=f"{time:.3f} s")
        for time in twice
    ]
