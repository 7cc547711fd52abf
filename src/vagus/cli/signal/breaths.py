"""`vagus signal breaths`: onsets of inspiration and expiration."""

from __future__ import annotations

import bisect
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.cli import DONE, FINDINGS
from vagus.cli.output import check_targets, emit_json, emit_table, json_option, write_files
from vagus.cli.rows import Row, check_table, table_bytes, table_option
from vagus.cli.signal.inputs import each, expanded
from vagus.cli.signal.options import files_argument, fs_option

if TYPE_CHECKING:
    from vagus.signal import Breaths, Recording

COLUMNS = ("file", "inhale_s", "exhale_s", "inhale_length_s", "exhale_length_s", "rate_per_min", "quality")
Found = tuple["Recording", "Breaths"]


@click.command(short_help="Find breaths.")
@files_argument
@click.option("--channel", help="Channel of the respiration; without it the one that is one by its name.")
@fs_option
@table_option
@json_option
def breaths(
    *, files: tuple[str, ...], channel: str | None, fs_hz: float | None, output: Path | None, as_json: bool
) -> int:
    """Find breaths in a belt, impedance or flow channel: when each inspiration and expiration starts.

    The table of -o has a row a breath, from one inspiration to the next. Exit code 1: a file could not be read; 2: no
    file could be read.

    \b
    Example:  vagus signal breaths examples/tavns-depression/recordings/bidmc02.csv -o breaths.csv
    """
    paths = expanded(files)
    check_targets(check_table(output), also=paths)
    done = each(paths, lambda file: _read(file, channel, fs_hz))
    if output is not None:
        rows = [row for file, found in done.results for row in _rows(file, found[1])]
        write_files({output: table_bytes(output, COLUMNS, rows)})
    if as_json:
        emit_json([*(_document(file, found) for file, found in done.results), *done.as_records()])
    else:
        header = ("file", "channel", "length (s)", "breaths", "rate (per min)", "inspiration (s)", "expiration (s)")
        emit_table(header, [_line(file, found) for file, found in done.results])
    done.say()
    return FINDINGS if done.failures else DONE


def _read(file: Path, channel: str | None, fs_hz: float | None) -> Found:
    from vagus.files import read_recording
    from vagus.signal import find_breaths

    recording = read_recording(file, kind="resp", channel=channel, fs_hz=fs_hz)
    return recording, find_breaths(recording)


def _rows(file: Path, found: Breaths) -> list[Row]:
    rows: list[Row] = []
    starts, turns = found.inhale_s.tolist(), found.exhale_s.tolist()
    for start, stop, good in zip(starts[:-1], starts[1:], found.quality.tolist()[:-1], strict=True):
        place = bisect.bisect_right(turns, start)
        turn = turns[place] if place < len(turns) and turns[place] < stop else None
        rows.append(
            {
                "file": str(file),
                "inhale_s": round(start, 4),
                "exhale_s": None if turn is None else round(turn, 4),
                "inhale_length_s": None if turn is None else round(turn - start, 4),
                "exhale_length_s": None if turn is None else round(stop - turn, 4),
                "rate_per_min": round(60 / (stop - start), 4),
                "quality": round(good, 3),
            }
        )
    return rows


def _line(file: Path, found: Found) -> tuple[object, ...]:
    recording, breaths = found
    rows = _rows(file, breaths)
    rate = f"{breaths.rate_per_min:.1f}" if breaths.inhale_s.size > 1 else "-"
    lengths = [_median([row[name] for row in rows]) for name in ("inhale_length_s", "exhale_length_s")]
    return file, recording.channel, f"{recording.duration_s:.1f}", breaths.inhale_s.size, rate, *lengths


def _median(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{statistics.median(known):.2f}" if known else "-"


def _document(file: Path, found: Found) -> dict[str, Any]:
    recording, breaths = found
    return {
        "file": str(file),
        "channel": recording.channel,
        "fs_hz": recording.fs_hz,
        "duration_s": recording.duration_s,
        "n_breaths": int(breaths.inhale_s.size),
        "rate_per_min": breaths.rate_per_min,
        "inhale_s": breaths.inhale_s,
        "exhale_s": breaths.exhale_s,
        "quality": breaths.quality,
        "notes": recording.notes,
    }
