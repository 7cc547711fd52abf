"""`vagus signal beats`: heartbeats, corrected, every change listed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from vagus.cli import DONE, FINDINGS
from vagus.cli.output import check_targets, emit_json, emit_note, emit_table, json_option, write_files
from vagus.cli.rows import Row, check_table, table_bytes, table_option
from vagus.cli.signal.inputs import Options, Read, each, expanded, flags_of, good_pct, read
from vagus.cli.signal.options import (
    artefact_option,
    channel_option,
    files_argument,
    fs_option,
    read_as_option,
    unit_option,
)
from vagus.cli.signal.piped import named

if TYPE_CHECKING:
    from vagus.signal import Cleaned

COLUMNS = ("file", "time_s", "rr_ms", "quality", "changed")
_MOST_LISTED = 40


@click.command(short_help="Find and correct heartbeats.")
@files_argument
@read_as_option
@channel_option
@fs_option
@unit_option
@artefact_option
@click.option("--raw", is_flag=True, help="Leave the beats as detected: no artefact correction.")
@table_option
@json_option
def beats(
    *,
    files: tuple[str, ...],
    read_as: str | None,
    channel: str | None,
    fs_hz: float | None,
    unit: Literal["ms", "s"] | None,
    artefact: str | None,
    raw: bool,
    output: Path | None,
    as_json: bool,
) -> int:
    """Find heartbeats, correct artefacts, list every change.

    The table of -o has a row a beat: file, time_s, rr_ms (empty across a gap), quality (0 to 1), changed (what
    correction did there). Exit code 1: a file could not be read, or a flag was raised; 2: no file could be read.

    \b
    Example:  vagus signal beats examples/ivns-trd/recordings/bidmc01.hea -o beats.csv
              vagus signal beats "night/*.edf" --channel "ECG II" -o beats.parquet
              vagus signal beats sitting.edf --artefact find
    """
    paths = expanded(files)
    check_targets(check_table(output), also=paths)
    options = Options(read_as=read_as, channel=channel, fs_hz=fs_hz, unit=unit, artefact=artefact)
    done = each(paths, lambda file: read(file, options, as_detected=raw))
    found = [one for _, one in done.results]
    if output is not None:
        write_files({output: table_bytes(output, COLUMNS, [row for one in found for row in _rows(one)])})
    if as_json:
        emit_json([*(_document(one) for one in found), *done.as_records()])
    else:
        header = ("file", "channel", "length (s)", "beats", "heart rate (bpm)", "good (%)", "corrected (%)")
        emit_table(header, [_line(one) for one in found])
        _list_changes(found)
        for one in found:
            for flag in (*one.notes, *flags_of(one)):
                emit_note(f"{one.file.name}: {flag}")
    done.say()
    return FINDINGS if done.failures or any(flags_of(one) for one in found) else DONE


def _line(one: Read) -> tuple[object, ...]:
    beats = one.result.beats
    rr = beats.rr_ms[~beats.across]
    rate = f"{60000 / float(rr.mean()):.1f}" if rr.size else "-"
    return (
        one.file, one.channel or "-", f"{one.duration_s:.1f}", beats.time_s.size, rate,
        f"{good_pct(one):.0f}", f"{one.result.corrected_pct:.1f}",
    )  # fmt: skip


def _list_changes(found: Sequence[Read]) -> None:
    rows = [
        (one.file.name, f"{change.time_s:.3f}", change.kind, change.action)
        for one in found
        for change in one.result.changes
    ]
    if not rows:
        return
    click.echo()
    if len(rows) <= _MOST_LISTED:
        emit_table(("file", "changed at (s)", "beat was", "what was done"), rows)
        return
    kinds = sorted({row[2] for row in rows})
    counts = ((one.file.name, *(sum(c.kind == k for c in one.result.changes) for k in kinds)) for one in found)
    emit_table(("beats changed", *kinds), counts)
    click.echo("each change stands in --json, and each changed beat in the table of -o")


def _document(one: Read) -> dict[str, Any]:
    beats = one.result.beats
    return {
        "file": named(one.file),
        "channel": one.channel,
        "fs_hz": one.raw.fs_hz,
        "duration_s": one.duration_s,
        "n_beats": int(beats.time_s.size),
        "jitter_ms": beats.jitter_ms,
        "time_s": beats.time_s,
        "quality": beats.quality,
        "share_good_pct": good_pct(one),
        "changes": one.result.changes,
        "corrected_pct": one.result.corrected_pct,
        "notes": one.notes,
        "artefact": None if one.cleaned is None else _artefact(one.cleaned, one),
        "gaps": beats.gaps,
        "flags": flags_of(one),
    }


def _artefact(cleaned: Cleaned, one: Read) -> dict[str, Any]:
    return {
        "found": cleaned.found,
        "n_pulses": int(cleaned.pulse_time_s.size),
        "trains": cleaned.trains,
        "height": cleaned.height,
        "blanked_pct": cleaned.blanked_pct,
        "hidden_beats_s": one.result.beats.time_s[cleaned.hidden(one.result.beats.time_s)],
        "flags": cleaned.flags,
    }


def _rows(one: Read) -> list[Row]:
    beats = one.result.beats
    labels = beats.label if beats.origin == "corrected" and beats.label else ("",) * beats.time_s.size
    read_ms = (None if lost else round(rr, 3) for rr, lost in zip(beats.rr_ms.tolist(), beats.across, strict=True))
    intervals = [None, *read_ms]
    return [
        {
            "file": named(one.file),
            "time_s": round(time, 6),
            "rr_ms": rr,
            "quality": round(good, 3),
            "changed": word or None,
        }
        for time, rr, good, word in zip(beats.time_s.tolist(), intervals, beats.quality.tolist(), labels, strict=True)
    ]
