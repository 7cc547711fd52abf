"""Read hypnograms: text, tables and EDF+ annotations."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem
from vagus.files.readers.content import not_there, text_of
from vagus.files.readers.edf import edf_marks, edf_start
from vagus.files.readers.marks import Mark
from vagus.files.readers.text import column, is_clock, split
from vagus.signal.sleep.stages import Stages

# names that scorers and programs write, in lower case
_NAMES = {
    "w": 0, "wake": 0, "awake": 0, "n1": 1, "s1": 1, "stage 1": 1, "n2": 2, "s2": 2, "stage 2": 2, "n3": 3, "s3": 3,
    "n4": 3, "s4": 3, "stage 3": 3, "stage 4": 3, "r": 4, "rem": 4, "stage r": 4, "stage w": 0, "?": -1, "uns": -1,
    "unscored": -1, "art": -1, "artefact": -1, "artifact": -1, "mt": -1, "m": -1, "movement": -1,
    "movement time": -1, "unknown": -1, "a": -1, "u": -1,
}  # fmt: skip
_NUMBERS = {-2: -1, -1: -1, 0: 0, 1: 1, 2: 2, 3: 3, 6: -1, 7: -1, 9: -1}
_EPOCH = re.compile(r"(?:per|every|epoch\w*\s*[:=]?)\s*(\d+(?:\.\d+)?)\s*(?:s\b|sec)", re.IGNORECASE)
_STAGE_WORDS = ("stage", "stages", "hypno", "hypnogram", "sleep_stage", "description", "trial_type", "label", "score")
_SCORED = re.compile(r"^sleep stage\s+(\S+)$|^(movement time)$", re.IGNORECASE)
_LARGEST_BYTES = 64 * 1024**2
_MOST_EPOCHS = 10_000_000


def read_stages(path: str | Path, *, epoch_s: float | None = None) -> Stages:
    """Stages of sleep, one an epoch, from a hypnogram.

    Parameters
    ----------
    path : str or Path
        Text with a stage a line (numbers as yasa writes them, or W N1 N2 N3 R and their older names), a table with a
        column "stage", or EDF+ annotations ("Sleep stage W"), as in Sleep-EDF.
    epoch_s : float or None
        Length of an epoch; None takes it from the file ("# 1 value per 30 seconds", times, durations).

    Returns
    -------
    Stages
        Stages 3 and 4 of the older rules are N3. Numbers: where 5 occurs, 5 is R and 4 is N3; else 4 is R. What is
        movement, artefact or not scored is -1, and so is what lies between annotations.

    Raises
    ------
    MissingFile
        The file is not there.
    InputError
        A stage is unknown, nothing tells the length of an epoch, or annotations do not fit into epochs.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "night.txt"
    >>> _ = path.write_text("# 1 value per 30 seconds\\nW\\nN1\\nN2\\nR\\n")
    >>> night = read_stages(path)
    >>> night.stage.tolist(), night.epoch_s
    ([0, 1, 2, 4], 30.0)
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFile(not_there(path))
    if path.stat().st_size > _LARGEST_BYTES:
        found = f"{path.stat().st_size} bytes"
        raise InputError(Problem(what="hypnogram is too large", where=str(path), found=found, allowed="64 MiB"))
    if epoch_s is not None and not 0 < epoch_s < 1e5:
        found = f"{epoch_s}"
        raise InputError(Problem(what="epoch_s is no length", where=str(path), found=found, allowed="a number > 0"))
    with path.open("rb") as stream:
        head = stream.read(8)
    if head in {b"0       ", b"\xffBIOSEMI"}:
        return _of_marks(path, edf_marks(path), epoch_s)
    return _of_text(path, epoch_s)


def _of_marks(path: Path, marks: tuple[Mark, ...], epoch_s: float | None) -> Stages:
    """Epochs out of scored stretches; seconds between them are not scored."""
    scored = [(mark, match[1] or match[2]) for mark in marks if (match := _SCORED.match(mark.text))]
    if not scored:
        raise InputError(
            Problem(
                what="no stage of sleep is annotated",
                where=str(path),
                found=f"{len(marks)} annotations",
                allowed='annotations such as "Sleep stage W"',
            )
        )
    if epoch_s is None:
        spans = [mark.duration_s for mark, _ in scored]
        epoch_s = min(30.0, *spans) if min(spans) > 0 else 30.0
        if any(abs(span / epoch_s - round(span / epoch_s)) > 1e-3 for span in spans):
            raise InputError(
                Problem(
                    what="length of an epoch cannot be told: give epoch_s",
                    where=str(path),
                    found=f"stretches of {min(spans):g} to {max(spans):g} s",
                    allowed="epoch_s, of which each stretch is a multiple",
                )
            )
    zero = scored[0][0].time_s
    last = max(mark.time_s + mark.duration_s for mark, _ in scored)
    n = max(round((last - zero) / epoch_s), 1) if last - zero < _MOST_EPOCHS * epoch_s else _MOST_EPOCHS + 1
    if n > _MOST_EPOCHS or n > 1000 * len(scored) + 100_000:
        found = f"{last - zero:g} s"
        raise InputError(Problem(what="annotations span too long", where=str(path), found=found, allowed="a night"))
    stage = np.full(n, -1, dtype=np.int8)
    codes = _codes([f"stage {name}" if name.isdecimal() else name for _, name in scored], f"{path}, annotation")
    for (mark, _), code in zip(scored, codes, strict=True):
        first = round((mark.time_s - zero) / epoch_s)
        stage[first : max(round((mark.time_s + mark.duration_s - zero) / epoch_s), first + 1)] = code
    start = edf_start(path)
    return Stages(
        stage=stage,
        epoch_s=epoch_s,
        start_s=zero,
        start=start + timedelta(seconds=zero) if start and abs(zero) < 1e8 else None,
        source_name=path.name,
    )


def _of_text(path: Path, epoch_s: float | None) -> Stages:
    lines = text_of(path).splitlines()
    told = next((match for line in lines if line.startswith("#") and (match := _EPOCH.search(line))), None)
    if epoch_s is None and told:
        epoch_s = float(told[1])
    rows = [(i, line.strip()) for i, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]
    if not rows:
        raise InputError(Problem(what="file is empty", where=str(path), found="no row", allowed="a stage a row"))
    sign = next((s for s in ("\t", ";", ",") if s in rows[0][1]), None)
    if sign is None:
        if rows[0][1].casefold() in _STAGE_WORDS:
            rows = rows[1:]
        names, start_s, step = [text for _, text in rows], 0.0, None
    else:
        names, start_s, step = _table(path, rows, sign)
        rows = rows[1:]
    epoch_s = epoch_s or step
    if not epoch_s or not 0 < epoch_s < 1e5:
        raise InputError(
            Problem(
                what="length of an epoch is not in the file: give epoch_s",
                where=str(path),
                allowed='epoch_s, such as 30; or a first line "# 1 value per 30 seconds"',
            )
        )
    codes = _codes(names, f"{path}, row", [i for i, _ in rows])
    return Stages(stage=codes, epoch_s=epoch_s, start_s=start_s, source_name=path.name)


def _table(path: Path, rows: list[tuple[int, str]], sign: str) -> tuple[list[str], float, float | None]:
    """Names of stages, start of the first, and length of an epoch where times or durations tell it."""
    header = [column(cell) for cell in split(rows[0][1], sign)]
    names = [c.name.casefold().replace(" ", "_") for c in header]
    which = next((names.index(word) for word in _STAGE_WORDS if word in names), None)
    if which is None:
        found = ", ".join(names)[:80]
        raise InputError(
            Problem(what='no column "stage"', where=str(path), found=found, allowed='such as "onset,stage"')
        )
    clock = next((i for i, c in enumerate(header) if is_clock(c) or names[i] == "onset"), None)
    cells = [[cell.strip().strip('"') for cell in split(line, sign)] for _, line in rows[1:]]
    for (i, _), row in zip(rows[1:], cells, strict=True):
        if len(row) != len(header):
            found, allowed = f"{len(row)} cells", f"{len(header)}"
            raise InputError(Problem(what="row is broken", where=f"{path}, row {i}", found=found, allowed=allowed))
    if not cells:
        raise InputError(Problem(what="file has a header and no rows", where=str(path), allowed="a stage a row"))
    lasts = (
        [_number(row[names.index("duration")], path, i) for (i, _), row in zip(rows[1:], cells, strict=True)]
        if ("duration" in names)
        else []
    )
    times = (
        [_number(row[clock], path, i) for (i, _), row in zip(rows[1:], cells, strict=True)] if clock is not None else []
    )
    steps = np.diff(times) if len(times) > 1 else np.array(lasts[:1])
    step = float(steps[0]) if steps.size else None
    if step is not None and (np.abs(steps - step) > 1e-3 * max(step, 1e-9)).any():
        row = int(np.argmax(np.abs(steps - step) > 1e-3 * max(step, 1e-9)))
        raise InputError(
            Problem(
                what="epochs are not of one length",
                where=f"{path}, row {rows[1:][row][0]}",
                found=f"{steps[row]:g} s after epochs of {step:g} s",
                allowed="a row an epoch, one after the other",
            )
        )
    return [row[which] for row in cells], times[0] if times else 0.0, step


def _number(text: str, path: Path, row: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value) or abs(value) > 1e12:
        raise InputError(
            Problem(what="time is no number", where=f"{path}, row {row}", found=f'"{text[:40]}"', allowed="seconds")
        )
    return value


def _codes(names: list[str], where: str, rows: list[int] | None = None) -> np.ndarray:
    """Code of each name; numbers are read by whether 5 (R of the older coding) is among them."""
    number = [int(float(name)) if re.fullmatch(r"-?\d{1,2}(?:\.0*)?", name) else None for name in names]
    old = 5 in number
    known = {**_NUMBERS, 4: 3, 5: 4} if old else {**_NUMBERS, 4: 4}
    found = np.empty(len(names), dtype=np.int8)
    for i, (name, value) in enumerate(zip(names, number, strict=True)):
        word = name.casefold().removeprefix("sleep stage ").strip()
        code = known.get(value) if value is not None else _NAMES.get(word)
        if code is None:
            raise InputError(
                Problem(
                    what="no stage of sleep",
                    where=f"{where} {rows[i] if rows else i + 1}",
                    found=f'"{name[:40]}"',
                    allowed="W, N1, N2, N3, R, ? or 0 to 5, -1",
                )
            )
        found[i] = code
    return found
