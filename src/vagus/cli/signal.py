"""`vagus signal`: beats and vagal tone of recordings."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.shell_completion import CompletionItem

from vagus.cli import DONE, FINDINGS
from vagus.cli.output import emit_json, emit_table, json_option, seed_option
from vagus.cli.signal_validate import validate
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.signal import Correction, Recording, Tone
    from vagus.source import Effect


@click.group()
def signal() -> None:
    """Recordings: beats and vagal tone. WFDB, EDF, BDF, CSV, TSV.

    \b
    Example:  vagus signal beats examples/ivns-trd/recordings/bidmc01.hea
              vagus signal tone examples/tavns-depression/recordings/bidmc02.csv --resp-channel RESP --seed 1
    """


signal.add_command(validate)
_channel = click.option("--channel", help="Channel of the ECG; without it the one that is an ECG by its name.")
# as `vagus.signal.PRESETS`, whose room loads numpy (a test compares them)
_PRESETS = {"vagus": "ours", "neurokit2": "numbers of NeuroKit2 0.2.13"}


def _complete_preset(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(key, help=text) for key, text in _PRESETS.items() if key.startswith(incomplete)]


_fs_hz = click.option("--fs-hz", type=float, help="Sampling rate, for files that do not tell it.")


@signal.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(["ecg"]), default="ecg", show_default=True, help="What the channel is.")
@_channel
@_fs_hz
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write every beat to this CSV file; rr_ms is empty across a gap.",
)
@click.option("--raw", is_flag=True, help="Leave the beats as detected: no artefact correction.")
@json_option
def beats(
    *,
    files: tuple[Path, ...],
    kind: Literal["ecg"],
    channel: str | None,
    fs_hz: float | None,
    output: Path | None,
    raw: bool,
    as_json: bool,
) -> int:
    """Find heartbeats, correct artefacts, list every change.

    \b
    Example:  vagus signal beats examples/ivns-trd/recordings/bidmc01.hea -o beats.csv
    """
    if output is not None:
        _check_output(output)
    results = [(file, *_beats_of(file, kind=kind, channel=channel, fs_hz=fs_hz, raw=raw)) for file in files]
    if output is not None:
        _write_beats(output, results)
    if as_json:
        emit_json([_beats_json(file, recording, result) for file, recording, result in results])
    else:
        header = ("file", "channel", "length (s)", "beats", "heart rate (bpm)", "good (%)", "corrected (%)", "flags")
        emit_table(header, [_beats_row(file, recording, result) for file, recording, result in results])
        _list_changes(results)
    return FINDINGS if any(_flags_of(recording, result) for _, recording, result in results) else DONE


@signal.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--start-s", type=float, help="Start of the window in seconds.")
@click.option("--end-s", type=float, help="End of the window in seconds.")
@click.option(
    "--preset",
    default="vagus",
    show_default=True,
    shell_complete=_complete_preset,
    help="Settings: vagus or neurokit2.",
)
@_channel
@click.option("--resp-channel", help="Channel of the respiration in the same file: gives RSA and breathing rate.")
@_fs_hz
@seed_option
@click.option("--resamples", type=click.IntRange(0), default=200, show_default=True, help="Bootstrap samples.")
@json_option
def tone(
    *,
    file: Path,
    start_s: float | None,
    end_s: float | None,
    preset: str,
    channel: str | None,
    resp_channel: str | None,
    fs_hz: float | None,
    seed: int,
    resamples: int,
    as_json: bool,
) -> int:
    """RMSSD, SDNN, pNN50, HF power and RSA over a window, each with a 95 % interval.

    \b
    Example:  vagus signal tone examples/tavns-depression/recordings/bidmc02.csv --start-s 0 --end-s 300
                  --resp-channel RESP --preset vagus --seed 1
    """
    from vagus.errors import nearest
    from vagus.files import read_recording
    from vagus.signal import PRESETS, find_breaths, vagal_tone

    if preset not in PRESETS:
        raise InputError(
            Problem(what="no such preset", where="--preset", found=f'"{preset}"', allowed=nearest(preset, PRESETS))
        )
    recording, result = _beats_of(file, kind="ecg", channel=channel, fs_hz=fs_hz, raw=False)
    _check_window(recording, start_s, end_s)
    breaths = None
    if resp_channel is not None:
        breaths = find_breaths(read_recording(file, kind="resp", channel=resp_channel, fs_hz=fs_hz))
    import numpy as np

    found = vagal_tone(
        result.beats,
        start_s=0.0 if start_s is None else start_s,
        end_s=recording.duration_s if end_s is None else end_s,
        settings=PRESETS[preset],
        breaths=breaths,
        rng=np.random.default_rng(seed),
        n_resample=resamples,
    )
    if as_json:
        emit_json({"file": str(file), "channel": recording.channel, "seed": seed, "tone": found})
    else:
        _show_tone(found, file, recording)
    return FINDINGS if found.flags else DONE


def _beats_of(
    file: Path, *, kind: Literal["ecg"], channel: str | None, fs_hz: float | None, raw: bool
) -> tuple[Recording, Correction]:
    from vagus.files import read_recording
    from vagus.signal import Correction, correct, find_beats

    recording = read_recording(file, kind=kind, channel=channel, fs_hz=fs_hz)
    detected = find_beats(recording)
    return recording, Correction(beats=detected, changes=(), corrected_pct=0.0) if raw else correct(detected)


def _check_output(path: Path) -> None:
    """Refuse before any work what could not be written after it."""
    if path.is_dir():
        raise InputError(
            Problem(what="is a folder", where=f"-o {path}", found="a folder", allowed="a file to write to")
        )
    if not path.parent.is_dir():
        raise InputError(
            Problem(
                what="the folder to write into is not there",
                where=f"-o {path}",
                found=f"{path.parent}, which is no folder",
                allowed=f"a folder that exists; make it with: mkdir -p {path.parent}",
            )
        )


def _flags_of(recording: Recording, result: Correction) -> tuple[str, ...]:
    """What to heed: too much corrected, stretches without a heartbeat, beats that hardly look like beats."""
    from vagus.signal import long_gaps, quality
    from vagus.signal.known import value

    flags = list(result.flags)
    if gaps := long_gaps(result.beats.gaps):
        spans = ", ".join(f"{gap.start_s:.1f} to {gap.stop_s:.1f} s" for gap in gaps[:3])
        flags.append(f"no heartbeat can be read from {spans}{' and later' if len(gaps) > 3 else ''}")
    good = quality(recording, result.beats).share_good_pct
    if good < value("least_beats_read_pct"):
        flags.append(f"no heartbeat could be read with confidence: {good:.0f} % of beats are of good quality")
    elif good < (least := value("least_good_pct")):
        flags.append(f"only {good:.0f} % of beats are of good quality, fewer than {least:g} %")
    return tuple(flags)


def _check_window(recording: Recording, start_s: float | None, end_s: float | None) -> None:
    for flag, value in (("--start-s", start_s), ("--end-s", end_s)):
        if value is not None and not 0 <= value <= recording.duration_s + 1.5 / recording.fs_hz:
            allowed = f"0 to {recording.duration_s:g} s, the length of {recording.name}"
            raise InputError(
                Problem(what="window outside the recording", where=flag, found=f"{value:g} s", allowed=allowed)
            )


def _beats_row(file: Path, recording: Recording, result: Correction) -> tuple[object, ...]:
    from vagus.signal import quality

    read = result.beats.rr_ms[~result.beats.across]
    rate = f"{60000 / float(read.mean()):.1f}" if read.size else "-"
    good = quality(recording, result.beats).share_good_pct
    flags = "; ".join([*recording.notes, *_flags_of(recording, result)])
    return (
        file, recording.channel, f"{recording.duration_s:.1f}", result.beats.time_s.size, rate,
        f"{good:.0f}", f"{result.corrected_pct:.1f}", flags or "-",
    )  # fmt: skip


def _list_changes(results: list[tuple[Path, Recording, Correction]]) -> None:
    rows = [
        (file.name, f"{change.time_s:.3f}", change.kind, change.action)
        for file, _, result in results
        for change in result.changes
    ]
    if rows:
        click.echo()
        emit_table(("file", "changed at (s)", "beat was", "what was done"), rows)


def _beats_json(file: Path, recording: Recording, result: Correction) -> dict[str, Any]:
    from vagus.signal import quality

    return {
        "file": str(file),
        "channel": recording.channel,
        "fs_hz": recording.fs_hz,
        "duration_s": recording.duration_s,
        "n_beats": int(result.beats.time_s.size),
        "jitter_ms": result.beats.jitter_ms,
        "time_s": result.beats.time_s,
        "quality": result.beats.quality,
        "share_good_pct": quality(recording, result.beats).share_good_pct,
        "changes": result.changes,
        "corrected_pct": result.corrected_pct,
        "notes": recording.notes,
        "gaps": result.beats.gaps,
        "flags": _flags_of(recording, result),
    }


def _write_beats(output: Path, results: list[tuple[Path, Recording, Correction]]) -> None:
    with output.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(("file", "time_s", "rr_ms", "quality", "changed"))
        for file, _, result in results:
            beats = result.beats
            label = beats.label or ("",) * beats.time_s.size
            intervals = ["", *("" if lost else f"{rr:.3f}" for rr, lost in zip(beats.rr_ms, beats.across, strict=True))]
            for time, rr, good, word in zip(beats.time_s, intervals, beats.quality, label, strict=True):
                rows.writerow((file, f"{time:.6f}", rr, f"{good:.3f}", word))


def _show_tone(found: Tone, file: Path, recording: Recording) -> None:
    settings = found.settings
    click.echo(f"{file}, channel {recording.channel}: {found.start_s:g} to {found.end_s:g} s, {found.n_beats} beats")
    click.echo(
        f"preset {settings.name}: HF {settings.band_low_hz:g}-{settings.band_high_hz:g} Hz absolute, "
        f"{settings.words}; intervals that touch a mended beat are "
        f"{'left out' if settings.mended == 'leave_out' else 'kept'}"
    )
    click.echo()
    names = ("mean_rr_ms", "heart_rate_bpm", "rmssd_ms", "ln_rmssd", "sdnn_ms", "pnn50_pct", "hf_ms2", "rsa_ms")
    emit_table(
        ("index", "unit", "estimate", "95 % interval"),
        [_tone_row(name, effect) for name in names if (effect := getattr(found, name)) is not None],
    )
    click.echo()
    if found.readable_pct < 100:
        click.echo(f"heartbeats can be read in {found.readable_pct:.0f} % of the window")
    click.echo(f"good beats {found.quality_pct:.0f} %, corrected {found.corrected_pct:.1f} %")
    if found.rmssd_floor_ms is not None:
        click.echo(f"RMSSD that errors of the R times alone would give: {found.rmssd_floor_ms:.2f} ms")
    if found.breath_rate_per_min is not None:
        click.echo(f"breathing {found.breath_rate_per_min:.1f} per min")
    for flag in (*recording.notes, *found.flags):
        click.echo(f"note: {flag}")


def _tone_row(name: str, effect: Effect) -> tuple[str, str, str, str]:
    interval = "-" if math.isnan(effect.low) else f"{effect.low:.4g} to {effect.high:.4g}"
    return name, effect.unit, f"{effect.estimate:.4g}", interval
