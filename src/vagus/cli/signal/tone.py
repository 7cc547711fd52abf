"""`vagus signal tone`: indices of vagal tone over a window, or in windows along a recording."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from vagus.cli import DONE, FINDINGS
from vagus.cli.output import check_targets, emit_json, emit_note, emit_table, json_option, seed_option, write_files
from vagus.cli.rows import Row, check_table, table_bytes, table_option
from vagus.cli.signal.inputs import Options, Read, bounds, each, expanded, read
from vagus.cli.signal.options import (
    artefact_option,
    channel_option,
    end_option,
    every_option,
    files_argument,
    fs_option,
    preset_option,
    read_as_option,
    resamples_option,
    resp_option,
    start_option,
    unit_option,
    window_option,
)
from vagus.cli.signal.piped import named
from vagus.cli.signal.windows import Window, along, whole
from vagus.errors import InputError, Problem
from vagus.source import Effect
from vagus.units import suffix_of

if TYPE_CHECKING:
    from vagus.signal import Tone

_SHOWN = ("heart_rate_bpm", "rmssd_ms", "sdnn_ms", "pnn50_pct", "hf_ms2", "rsa_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Toned:
    one: Read
    windows: tuple[Window, ...]


@click.command(short_help="Vagal tone over a window.")
@files_argument
@start_option
@end_option
@window_option
@every_option
@preset_option
@read_as_option
@channel_option
@resp_option
@fs_option
@unit_option
@artefact_option
@seed_option
@resamples_option
@click.option("--nonlinear", is_flag=True, help="Also DFA α1 and sample entropy.")
@table_option
@json_option
def tone(
    *,
    files: tuple[str, ...],
    start_s: float | None,
    end_s: float | None,
    window_s: float | None,
    every_s: float | None,
    preset: str,
    read_as: str | None,
    channel: str | None,
    resp_channel: str | None,
    fs_hz: float | None,
    unit: Literal["ms", "s"] | None,
    artefact: str | None,
    seed: int,
    resamples: int | None,
    nonlinear: bool,
    output: Path | None,
    as_json: bool,
) -> int:
    """RMSSD, SDNN, pNN50, HF power, RSA and more over a window, each with a 95 % interval.

    The table of -o has a row a file and window: each index with its bounds (rmssd_ms, rmssd_low_ms, rmssd_high_ms),
    preset, quality and flags; a window that cannot be told keeps its row, and not_told says why. With --json one object
    for one file, a list for many or with --window-s. Exit code 1: a file or window could not be read, or a flag was
    raised; 2: no file could be read.

    \b
    Example:  vagus signal tone examples/tavns-depression/recordings/bidmc02.csv --start-s 0 --end-s 300
                  --resp-channel RESP --preset vagus --seed 1
              vagus signal tone "night/*.edf" --window-s 300 --every-s 30 -o tone.csv
    """
    paths = expanded(files)
    check_targets(check_table(output), also=paths)
    options = Options(
        read_as=read_as, channel=channel, fs_hz=fs_hz, resp_channel=resp_channel, unit=unit, artefact=artefact
    )

    def work(file: Path) -> _Toned:
        one = read(file, options)
        start, end = bounds(one, start_s, end_s)
        if window_s is None:
            n = 200 if resamples is None else resamples
            windows = (whole(one, start, end, preset=preset, seed=seed, resamples=n, nonlinear=nonlinear),)
        else:
            windows = along(
                one,
                start,
                end,
                window_s=window_s,
                every_s=every_s,
                preset=preset,
                seed=seed,
                resamples=resamples or 0,
                nonlinear=nonlinear,
            )
        return _Toned(one=one, windows=windows)

    if every_s is not None and window_s is None:
        raise InputError(Problem(what="--every-s needs --window-s", where="--every-s", found=f"{every_s:g} s"))
    done = each(paths, work)
    found = [toned for _, toned in done.results]
    if output is not None:
        rows = [_row(toned.one, window, seed) for toned in found for window in toned.windows]
        write_files({output: table_bytes(output, _columns(rows), rows)})
    if as_json:
        documents = [_document(t.one, w, seed) for t in found for w in t.windows]
        alone = len(paths) == 1 and window_s is None
        emit_json(documents[0] if alone else [*documents, *done.as_records()])
    elif len(found) == 1 and len(found[0].windows) == 1 and found[0].windows[0].tone is not None:
        _show(found[0].windows[0].tone, found[0].one)
    else:
        _show_many(found)
    done.say()
    heed = any(w.not_told or w.flags for toned in found for w in toned.windows)
    return FINDINGS if done.failures or heed else DONE


def _bound(name: str, which: str) -> str:
    """Column of a bound: the unit stays last.

    >>> _bound("rmssd_ms", "low"), _bound("ln_rmssd", "high")
    ('rmssd_low_ms', 'ln_rmssd_high')
    """
    unit = suffix_of(name)
    return f"{name.removesuffix(f'_{unit}')}_{which}_{unit}" if unit else f"{name}_{which}"


def _row(one: Read, window: Window, seed: int) -> Row:
    row: Row = {
        "file": named(one.file), "channel": one.channel, "start_s": window.start_s, "end_s": window.end_s,
    }  # fmt: skip
    row |= {"n_beats": window.facts.get("n_beats")}
    for name, effect in window.indices.items():
        row |= {name: effect.estimate, _bound(name, "low"): effect.low, _bound(name, "high"): effect.high}
    row |= {name: fact for name, fact in window.facts.items() if name != "n_beats"}
    row |= {"preset": window.preset, "seed": seed, "flags": "; ".join(window.flags) or None}
    return {**row, "not_told": window.not_told or None}


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    """Columns of all rows in their order; what only some rows have stands where those have it."""
    fullest = max(rows, key=len, default={})
    return tuple(dict.fromkeys([*fullest, *(name for row in rows for name in row)]))


def _document(one: Read, window: Window, seed: int) -> dict[str, Any]:
    return {
        "file": named(one.file),
        "channel": one.channel,
        "seed": seed,
        "start_s": window.start_s,
        "end_s": window.end_s,
        "tone": window.tone or ({**window.facts, **window.indices, "flags": window.flags} if window.indices else None),
        "not_told": window.not_told or None,
    }


def _show(found: Tone, one: Read) -> None:
    settings = found.settings
    click.echo(f"{one.title}: {found.start_s:g} to {found.end_s:g} s, {found.n_beats} beats")
    click.echo(
        f"preset {settings.name}: HF {settings.band_low_hz:g}-{settings.band_high_hz:g} Hz absolute, "
        f"{settings.words}; intervals that touch a mended beat are "
        f"{'left out' if settings.mended == 'leave_out' else 'kept'}"
    )
    click.echo()
    lines = [_line(name, effect) for name, effect in Window.of(found).indices.items()]
    emit_table(("index", "unit", "estimate", "95 % interval"), lines)
    click.echo()
    if found.readable_pct < 100:
        click.echo(f"heartbeats can be read in {found.readable_pct:.0f} % of the window")
    click.echo(f"good beats {found.quality_pct:.0f} %, corrected {found.corrected_pct:.1f} %")
    if found.rmssd_floor_ms is not None:
        click.echo(f"RMSSD that errors of the R times alone would give: {found.rmssd_floor_ms:.2f} ms")
    if found.breath_rate_per_min is not None:
        click.echo(f"breathing {found.breath_rate_per_min:.1f} per min")
    for flag in (*one.notes, *found.flags):
        emit_note(flag)


def _line(name: str, effect: Effect) -> tuple[str, str, str, str]:
    if math.isnan(effect.estimate):
        return name, effect.unit, "-", "-"
    interval = "-" if math.isnan(effect.low) else f"{effect.low:.4g} to {effect.high:.4g}"
    return name, effect.unit, f"{effect.estimate:.4g}", interval


def _show_many(found: Sequence[_Toned]) -> None:
    """A line a window; flags after that, each once a file."""
    names = [name for name in _SHOWN if any(name in w.indices for toned in found for w in toned.windows)]
    lines: list[tuple[object, ...]] = []
    notes: dict[str, tuple[str, int]] = {}
    for toned in found:
        for window in toned.windows:
            effects = [window.indices.get(name) for name in names]
            cells = [f"{e.estimate:.4g}" if e and not math.isnan(e.estimate) else "-" for e in effects]
            span = f"{window.start_s:g}", f"{window.end_s:g}"
            beats = window.facts.get("n_beats", "-")
            lines.append((toned.one.file.name, *span, beats, *cells, "not told" if window.not_told else ""))
            for flag in (window.not_told,) if window.not_told else window.flags:
                text = flag if toned.one.file.name in flag else f"{toned.one.file.name}: {flag}"
                kind = re.sub(r"[\d.]+", "", text)  # the same words with other numbers are told once
                first, n = notes.get(kind, (text, 0))
                notes[kind] = first, n + 1
    emit_table(("file", "start_s", "end_s", "beats", *names, ""), lines)
    if notes:
        click.echo()
    for text, n in notes.values():
        emit_note(f"{text}{f' ({n} windows)' if n > 1 else ''}")
