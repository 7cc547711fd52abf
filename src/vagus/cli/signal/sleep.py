"""`vagus signal sleep`: the numbers of a night, and vagal tone by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from vagus.cli import DONE, FINDINGS
from vagus.cli.output import check_targets, emit_json, emit_note, emit_table, json_option, write_files
from vagus.cli.rows import Row, check_table, table_bytes, table_option
from vagus.cli.signal.inputs import each, expanded
from vagus.cli.signal.options import files_argument
from vagus.cli.signal.piped import named
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.signal import Beats, SleepStatistics, Stages, StageTone

STAGED = ("N1", "N2", "N3", "R")
NUMBERS = (
    "time_in_bed_min", "sleep_period_min", "total_sleep_min", "wake_in_sleep_min", "wake_after_onset_min",
    "onset_latency_min", "persistent_latency_min", "rem_latency_min", "efficiency_pct", "maintenance_pct",
    "n_awakening", "fragmentation_per_h", "unscored_min",
)  # fmt: skip
_OF_STAGE, _OF_TONE = ("total_min", "share_pct", "latency_min"), ("ln_rmssd", "heart_rate_bpm")
COLUMNS = (
    "file", *NUMBERS,
    *(f"{stage.lower()}_{name}" for stage in STAGED for name in _OF_STAGE),
    *(f"{stage.lower()}_{name}" for stage in ("W", *STAGED, "S") for name in _OF_TONE),
    "notes",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One night: its file, its numbers, and vagal tone by stage where heartbeats were given."""

    file: Path
    statistics: SleepStatistics
    tone: tuple[StageTone, ...] = ()
    notes: tuple[str, ...] = ()


@click.command(short_help="Nights, and vagal tone by stage.")
@files_argument
@click.option("--epoch-s", type=float, help="Length of an epoch, for hypnograms that do not tell it.")
@click.option("--lights-off-s", type=float, help="Lights off, in seconds from the start of the hypnogram.")
@click.option("--lights-on-s", type=float, help="Lights on, in seconds from the start of the hypnogram.")
@click.option(
    "--counts",
    type=click.Choice(["cole_kripke", "sadeh"]),
    help="FILE holds wrist activity, one count a minute, to be scored by this method.",
)
@click.option(
    "--beats",
    "beats_file",
    type=click.Path(path_type=Path),
    help="Heartbeats of the same night (ECG, RR intervals or annotations): gives vagal tone by stage.",
)
@click.option(
    "--beats-start-s",
    type=float,
    help="Start of the heartbeats in seconds after that of the hypnogram; without it the files' clocks, or together.",
)
@table_option
@json_option
def sleep(
    *,
    files: tuple[str, ...],
    epoch_s: float | None,
    lights_off_s: float | None,
    lights_on_s: float | None,
    counts: Literal["cole_kripke", "sadeh"] | None,
    beats_file: Path | None,
    beats_start_s: float | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Statistics of nights from their hypnograms, or from wrist activity; vagal tone by stage.

    The table of -o has a row a night, with minutes, share and latency of each stage, and ln RMSSD and heart rate of
    each with --beats. With --json one object for one file, a list for many. Exit code 1: a file could not be read, or
    there is a note; 2: no file could be read.

    \b
    Example:  vagus signal sleep night.txt --epoch-s 30
              vagus signal sleep night.edf --lights-off-s 27000 --lights-on-s 57600 --beats night-ecg.edf
              vagus signal sleep wrist.csv --counts cole_kripke
              vagus signal sleep "nights/*.txt" --epoch-s 30 -o nights.csv
    """
    paths = expanded(files)
    if beats_file is not None and len(paths) > 1:
        raise InputError(
            Problem(
                what="heartbeats belong to one night", where=f"--beats {beats_file}", found=f"{len(paths)} hypnograms",
                allowed="one FILE with --beats",
            )
        )  # fmt: skip
    check_targets(check_table(output), also=[*paths, *([beats_file] if beats_file else [])])

    def night(file: Path) -> Night:
        from vagus.files import read_counts, read_stages
        from vagus.signal import night_of, sleep_of_activity, sleep_statistics, tone_by_stage

        if counts:
            stages = sleep_of_activity(read_counts(file), method=counts, source_name=file.name)
        else:
            stages = read_stages(file, epoch_s=epoch_s)
        stages = night_of(stages, lights_off_s=lights_off_s, lights_on_s=lights_on_s)
        found = sleep_statistics(stages)
        if beats_file is None:
            return Night(file=file, statistics=found, notes=found.flags)
        beats, note = _beats_of(beats_file, stages, beats_start_s)
        notes = (*found.flags, note) if note else found.flags
        return Night(file=file, statistics=found, tone=tone_by_stage(beats, stages), notes=notes)

    done = each(paths, night)
    nights = [one for _, one in done.results]
    if output is not None:
        write_files({output: table_bytes(output, COLUMNS, [_row(one) for one in nights])})
    if as_json:
        documents = [_document(one) for one in nights]
        emit_json(documents[0] if len(paths) == 1 else [*documents, *done.as_records()])
    elif len(paths) == 1:
        _show(nights[0].statistics, nights[0].tone, nights[0].notes)
    else:
        _show_many(nights)
    done.say()
    return FINDINGS if done.failures or any(one.notes for one in nights) else DONE


def _document(one: Night) -> dict[str, object]:
    return {"file": named(one.file), "statistics": one.statistics, "tone": one.tone, "notes": one.notes}


def _row(one: Night) -> Row:
    row: Row = {"file": named(one.file), "notes": "; ".join(one.notes) or None}
    row |= {name: getattr(one.statistics, name) for name in NUMBERS}
    for share in one.statistics.stages:
        for name in _OF_STAGE:
            row[f"{share.stage.lower()}_{name}"] = getattr(share, name)
    for tone in one.tone:
        for name in _OF_TONE:
            row[f"{tone.stage.lower()}_{name}"] = getattr(tone, name)
    return row


def _show_many(nights: Sequence[Night]) -> None:
    header = ("file", "in bed (min)", "asleep (min)", "efficiency (%)", "onset (min)", *(f"{s} (%)" for s in STAGED))
    rows = []
    for one in nights:
        found = one.statistics
        numbers = (found.time_in_bed_min, found.total_sleep_min, found.efficiency_pct, found.onset_latency_min)
        shares = {share.stage: share.share_pct for share in found.stages}
        rows.append((one.file, *map(_number, numbers), *(_number(shares.get(stage)) for stage in STAGED)))
    emit_table(header, rows)
    for one in nights:
        for note in one.notes:
            emit_note(f"{one.file.name}: {note}")


def _beats_of(file: Path, stages: Stages, start_s: float | None) -> tuple[Beats, str]:
    """Corrected beats on the hypnogram's clock, and what was assumed about it."""
    import dataclasses

    from vagus.files import read_beats, read_recording
    from vagus.signal import correct, find_beats

    begun = None
    try:
        detected = read_beats(file)
    except InputError as no_beats:
        try:
            recording = read_recording(file, kind="ecg")
        except InputError as no_ecg:
            raise InputError((*no_beats.problems, *no_ecg.problems)) from no_ecg
        detected, begun = find_beats(recording), recording.start
    beats = correct(detected).beats
    note = ""
    if start_s is None and begun and stages.start and (begun.tzinfo is None) == (stages.start.tzinfo is None):
        start_s = stages.start_s + (begun - stages.start).total_seconds()
    elif start_s is None:
        start_s, note = 0.0, "no clock tells when the heartbeats start: they are taken to start with the hypnogram"
    if start_s == 0:
        return beats, note
    gaps = tuple(
        dataclasses.replace(gap, start_s=gap.start_s + start_s, stop_s=gap.stop_s + start_s) for gap in beats.gaps
    )
    paced_s = beats.paced_s + start_s
    return dataclasses.replace(beats, time_s=beats.time_s + start_s, gaps=gaps, paced_s=paced_s), note


def _show(found: SleepStatistics, tones: tuple[StageTone, ...], notes: Sequence[str]) -> None:
    rows = [
        ("time in bed", found.time_in_bed_min, "min"),
        ("sleep period", found.sleep_period_min, "min"),
        ("total sleep time", found.total_sleep_min, "min"),
        ("wake within the sleep period", found.wake_in_sleep_min, "min"),
        ("wake after sleep onset, to lights on", found.wake_after_onset_min, "min"),
        ("sleep onset latency", found.onset_latency_min, "min"),
        ("latency to 10 min of sleep", found.persistent_latency_min, "min"),
        ("REM latency from sleep onset", found.rem_latency_min, "min"),
        ("sleep efficiency", found.efficiency_pct, "%"),
        ("sleep maintenance efficiency", found.maintenance_pct, "%"),
        ("awakenings", found.n_awakening, ""),
        ("shifts to W or N1", found.fragmentation_per_h, "an hour of sleep"),
    ]
    emit_table(("", "value", "unit"), [(name, _number(value), unit) for name, value, unit in rows])
    if found.stages:
        click.echo()
        header = ("stage", "min", "% of sleep", "latency (min)")
        shares = [(s.stage, _number(s.total_min), _number(s.share_pct), _number(s.latency_min)) for s in found.stages]
        emit_table(header, shares)
    if tones:
        click.echo()
        header = ("stage", "windows of 5 min", "ln RMSSD", "heart rate (bpm)", "left out")
        emit_table(
            header,
            [(t.stage, len(t.windows), _number(t.ln_rmssd), _number(t.heart_rate_bpm), len(t.left_out)) for t in tones],
        )
    for note in notes:
        emit_note(note)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
