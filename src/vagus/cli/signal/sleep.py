"""`vagus signal sleep`: the numbers of a night, and vagal tone by stage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from vagus.cli import DONE, FINDINGS
from vagus.cli.output import emit_json, emit_table, json_option
from vagus.errors import InputError

if TYPE_CHECKING:
    from vagus.signal import Beats, SleepStatistics, Stages, StageTone


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
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
@json_option
def sleep(
    *,
    file: Path,
    epoch_s: float | None,
    lights_off_s: float | None,
    lights_on_s: float | None,
    counts: Literal["cole_kripke", "sadeh"] | None,
    beats_file: Path | None,
    beats_start_s: float | None,
    as_json: bool,
) -> int:
    """Statistics of a night from its hypnogram, or from wrist activity; vagal tone by stage.

    \b
    Example:  vagus signal sleep night.txt --epoch-s 30
              vagus signal sleep night.edf --lights-off-s 27000 --lights-on-s 57600 --beats night-ecg.edf
              vagus signal sleep wrist.csv --counts cole_kripke
    """
    from vagus.files import read_counts, read_stages
    from vagus.signal import night_of, sleep_of_activity, sleep_statistics, tone_by_stage

    if counts:
        stages = sleep_of_activity(read_counts(file), method=counts, source_name=file.name)
    else:
        stages = read_stages(file, epoch_s=epoch_s)
    stages = night_of(stages, lights_off_s=lights_off_s, lights_on_s=lights_on_s)
    found = sleep_statistics(stages)
    notes, tones = [*found.flags], ()
    if beats_file is not None:
        beats, note = _beats_of(beats_file, stages, beats_start_s)
        notes += [note] if note else []
        tones = tone_by_stage(beats, stages)
    if as_json:
        emit_json({"file": str(file), "statistics": found, "tone": tones, "notes": notes})
    else:
        _show(found, tones, notes)
    return FINDINGS if notes else DONE


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


def _show(found: SleepStatistics, tones: tuple[StageTone, ...], notes: list[str]) -> None:
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
        click.echo(f"note: {note}")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
