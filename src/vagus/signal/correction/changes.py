"""Changes of beats, by rule or by hand: listed, applied, undone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from vagus.errors import InputError, Problem
from vagus.signal.beats import TRUSTED, Beats
from vagus.signal.known import value

Kind = Literal["missed", "extra", "ectopic", "misaligned", "pause", "bad", "by hand"]
What = Literal["add", "delete", "move", "bad", "good"]
NOT_MOVED = "not moved; the intervals beside it are left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatChange:
    """One change of one beat: when, what was wrong, what was done, and why.

    Parameters
    ----------
    time_s : float
        Where the beat was; of an added beat, where it was put.
    kind : "missed", "extra", "ectopic", "misaligned", "pause", "bad" or "by hand"
    action : str
        What was done: "added", "removed", "moved +120 ms", "kept", or that the intervals beside it are left out.
    from_s, to_s : float or None
        Place before (None: there was no beat) and after (None: there is none); the same where nothing moved.
    why : str
        What spoke for it; of an edit by hand the note, and who made it.

    Examples
    --------
    >>> change = BeatChange(time_s=12.4, kind="ectopic", action="moved +210 ms", from_s=12.4, to_s=12.61)
    >>> round((change.to_s - change.from_s) * 1000)
    210
    """

    time_s: float
    kind: Kind
    action: str
    from_s: float | None = None
    to_s: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Beats after correction, with every change listed, and the beats as they came in.

    Parameters
    ----------
    beats : Beats
        Corrected beats; `label` names the mend at each beat, "" where there was none.
    changes : tuple of BeatChange
        In order of time.
    corrected_pct : float
        Changes in percent of the beats that came in.
    flags : tuple of str
        Sentences to heed ("7.1 % of beats were corrected, more than 5 %").
    given : Beats or None
        The beats that came in, untouched; None where nothing was looked for.
    """

    beats: Beats
    changes: tuple[BeatChange, ...]
    corrected_pct: float
    flags: tuple[str, ...] = ()
    given: Beats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatEdit:
    """One edit by hand: what to do with the beat at a time.

    Parameters
    ----------
    what : "add", "delete", "move", "bad" or "good"
        "bad": the beat stays, and no interval beside it counts. "good": the rule leaves it where it is.
    time_s : float
        Where the beat is, to 50 ms; of an added one, where it is to be.
    to_s : float or None
        Where it is moved to; only with "move".
    note, who : str
        Why, and by whom.

    Raises
    ------
    InputError
        Unknown word, a time that is none, or `to_s` missing or in the wrong place.

    Examples
    --------
    >>> BeatEdit(what="move", time_s=31.2, to_s=31.42, note="T wave", who="MB").to_s
    31.42
    """

    what: What
    time_s: float
    to_s: float | None = None
    note: str = ""
    who: str = ""

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        if self.what not in get_args(What):
            allowed = ", ".join(get_args(What))
            problems.append(Problem(what="edit is unknown", where="what", found=f'"{self.what}"', allowed=allowed))
        times = [("time_s", self.time_s), *([("to_s", self.to_s)] if self.to_s is not None else [])]
        for name, time in times:
            if not (math.isfinite(time) and time >= 0):
                allowed = "seconds from the start of the recording"
                problems.append(Problem(what="is no time", where=name, found=f"{time:g}", allowed=allowed))
        if (self.what == "move") != (self.to_s is not None):
            allowed = "a time where the beat is moved to" if self.what == "move" else "empty: only a move has one"
            found = "nothing" if self.to_s is None else f"{self.to_s:g}"
            problems.append(
                Problem(what="to_s does not fit the edit", where=f'to_s of "{self.what}"', found=found, allowed=allowed)
            )
        if problems:
            raise InputError(problems)

    def __str__(self) -> str:
        return f"{self.what} at {self.time_s:.3f} s"


def changed(given: Beats, changes: Iterable[BeatChange], *, flags: tuple[str, ...] = ()) -> Correction:
    """Beats with changes applied; the order of the changes does not matter. Without any they are the given ones."""
    listed = tuple(sorted(changes, key=lambda change: (change.time_s, change.kind)))
    time_s, quality = given.time_s.copy(), given.quality.copy()
    label = np.full(time_s.size, "", dtype=object)
    gone, added = np.zeros(time_s.size, dtype=bool), []
    for change in listed:
        if change.from_s is None:
            added.append(change)
            continue
        beat = int(np.searchsorted(given.time_s, change.from_s))
        gone[beat] = change.to_s is None
        if change.to_s is not None:
            time_s[beat] = change.to_s
            label[beat] = "" if change.action == "kept" else change.kind
    after = _labels_after(gone, label, listed, given)
    put = np.array([change.to_s for change in added], dtype=np.float64)
    time_s = np.concatenate([time_s[~gone], put])
    order = np.argsort(time_s, kind="stable")
    word = "corrected" if listed or given.origin == "detected" else given.origin
    pct = 100.0 * sum(change.action != "kept" for change in listed) / max(1, given.time_s.size)
    if pct > (most := value("most_corrected_pct")):
        flags = (*flags, f"{pct:.1f} % of beats were corrected, more than {most:g} %")
    beats = replace(
        given,
        time_s=time_s[order],
        quality=np.concatenate([quality[~gone], np.zeros(put.size) if put.size else put])[order],
        label=tuple(np.concatenate([after[~gone], np.array([change.kind for change in added], dtype=object)])[order]),
        origin=word,
    )
    return Correction(beats=beats, changes=listed, corrected_pct=pct, flags=flags, given=given)


def _labels_after(gone: np.ndarray, label: np.ndarray, listed: tuple[BeatChange, ...], given: Beats) -> np.ndarray:
    """Labels, with that of each removed beat on the next one that stays, where that has none."""
    words = {change.from_s: change.kind for change in listed if change.to_s is None}
    for beat in np.flatnonzero(gone).tolist():
        stays = beat + int(np.argmin(gone[beat:]))
        if not gone[stays] and label[stays] == "":
            word = words[float(given.time_s[beat])]
            label[stays] = word if word in TRUSTED else ""
    return label


def undo(result: Correction, changes: Iterable[BeatChange] | None = None) -> Correction:
    """Correction without some of its changes; without all of them its beats are the ones that came in.

    Parameters
    ----------
    result : Correction
    changes : iterable of BeatChange or None
        Out of `result.changes`; None: all.

    Raises
    ------
    InputError
        A change that is none of this correction.

    Examples
    --------
    >>> import numpy as np
    >>> from vagus.signal import correct
    >>> beats = Beats.of_rr([800.0] * 20 + [1600.0] + [800.0] * 20)
    >>> result = correct(beats)
    >>> result.beats.time_s.size, undo(result).beats is beats
    (43, True)
    """
    if result.given is None:
        return result
    drop = result.changes if changes is None else tuple(changes)
    unknown = [change for change in drop if change not in result.changes]
    if unknown:
        found = ", ".join(
            f"{change.action} at {change.time_s:.3f} s" if isinstance(change, BeatChange) else repr(change)[:40]
            for change in unknown[:3]
        )
        raise InputError(
            Problem(what="change is none of this correction", where=result.given.source_name, found=found,
                    allowed="changes out of its own list")
        )  # fmt: skip
    rest = [change for change in result.changes if change not in drop]
    if not rest:
        return Correction(beats=result.given, changes=(), corrected_pct=0.0, given=result.given)
    return changed(result.given, rest)
