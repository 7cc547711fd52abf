"""`vagus signal plot`: pictures of recordings, as one SVG file or one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vagus.cli import DONE, FINDINGS
from vagus.cli.output import check_targets, seed_option, write_files
from vagus.cli.signal.inputs import Done, Read, bounds, each, expanded, flags_of, read
from vagus.cli.signal.options import (
    Named,
    channel_option,
    end_option,
    every_option,
    files_argument,
    fs_option,
    preset_option,
    resp_option,
    start_option,
    window_option,
)
from vagus.cli.signal.windows import Window, along, spans_of, whole
from vagus.errors import Abstained, InputError, Problem, nearest

if TYPE_CHECKING:
    from vagus.report.figures.reactivity import Arm
    from vagus.report.figures.rhythm import Windows
    from vagus.report.recording import Seen

# as `vagus.report.recording.KINDS`, whose room loads numpy (a test compares them)
KINDS = {
    "tachogram": "intervals between beats, corrections marked",
    "spectrum": "spectral density with bands, breathing and settings",
    "quality": "ECG excerpts with R peaks, quality of each beat",
    "sliding": "vagal tone in a sliding window",
    "reactivity": "before, during and after; active beside sham",
}
SUFFIXES = (".html", ".svg")
_WINDOWS = 20  # windows along a recording where none were asked for: the shortest is a minute
_SHORTEST_S = 60.0
_RESAMPLES = 200
_PHASES = ("before", "during", "after")
_phase = click.FloatRange(min=0)


@click.command()
@files_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write: .html (a page, light and dark, any width, any number of recordings) or .svg (one recording).",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=Named("kind of picture", {**KINDS, "all": "all that the recording can tell"}),
    default=("all",),
    show_default=True,
    help="What to draw, more than one allowed. " + "; ".join(f"{key}: {text}" for key, text in KINDS.items()) + ".",
)
@start_option
@end_option
@window_option
@every_option
@click.option("--before-s", type=(_phase, _phase), help="Baseline, two times in seconds; for reactivity.")
@click.option("--during-s", type=(_phase, _phase), help="Stimulation or stressor, two times in seconds.")
@click.option("--after-s", type=(_phase, _phase), help="Recovery, two times in seconds.")
@click.option("--sham", type=click.Path(path_type=Path), help="Recording of the sham, same phases: drawn beside.")
@click.option(
    "--width-px", type=click.IntRange(300, 2000), default=720, show_default=True, help="Width of an SVG file."
)
@preset_option
@channel_option
@resp_option
@fs_option
@seed_option
def plot(
    *,
    files: tuple[str, ...],
    output: Path,
    kinds: tuple[str, ...],
    start_s: float | None,
    end_s: float | None,
    window_s: float | None,
    every_s: float | None,
    before_s: tuple[float, float] | None,
    during_s: tuple[float, float] | None,
    after_s: tuple[float, float] | None,
    sham: Path | None,
    width_px: int,
    preset: str,
    channel: str | None,
    resp_channel: str | None,
    fs_hz: float | None,
    seed: int,
) -> int:
    """Draw recordings: tachogram with corrections, spectrum with its settings, quality, tone over time, reactivity.

    Exit code 1: written, and a file could not be read or a flag was raised; 2: nothing could be drawn, nothing written.

    \b
    Example:  vagus signal plot examples/tavns-depression/recordings/bidmc02.csv --resp-channel RESP -o rest.html
              vagus signal plot active.edf --sham sham.edf --kind reactivity --before-s 0 300
                  --during-s 300 900 --after-s 900 1200 -o reactivity.svg
    """
    phases = {name: span for name, span in zip(_PHASES, (before_s, during_s, after_s), strict=True) if span}
    chosen = _chosen(kinds, phases, sham)
    paths = expanded(files)
    _check(output, paths, sham, every_s if window_s is None else None)

    def work(file: Path) -> tuple[Read, Seen]:
        options = {"channel": channel, "fs_hz": fs_hz, "resp_channel": resp_channel}
        one = read(file, **options)
        start, end = bounds(one, start_s, end_s)
        other = read(sham, **options) if sham is not None else None
        arms = _arms(one, other, phases, preset=preset, seed=seed) if "reactivity" in chosen else ()
        windows = None
        if "sliding" in chosen:
            windows = _windows(one, start, end, window_s=window_s, every_s=every_s, preset=preset, seed=seed)
        return one, _seen(one, start, end, preset=preset, seed=seed, windows=windows, arms=arms)

    done = each(paths, work)
    write_files({output: _drawn(output, done, chosen, width_px, seed)})
    click.echo(f"Pictures: {output}")
    done.say()
    for file, (one, seen) in done.results:
        for flag in (*flags_of(one), *seen.not_told):
            click.echo(f"note: {flag}" if file.name in flag else f"note: {file}: {flag}", err=True)
    heed = any(flags_of(one) or seen.not_told for _, (one, seen) in done.results)
    return FINDINGS if done.failures or heed else DONE


def _chosen(kinds: Sequence[str], phases: dict[str, tuple[float, float]], sham: Path | None) -> tuple[str, ...]:
    """Kinds to draw; what reactivity needs is asked for where it was named."""
    problems: list[Problem] = []
    if "reactivity" in kinds and len(phases) < 2:
        problems.append(
            Problem(
                what="reactivity needs two phases or three",
                where="--kind reactivity",
                found=", ".join(phases) or "none",
                allowed="--before-s 0 300 --during-s 300 900 --after-s 900 1200",
            )
        )
    if sham is not None and len(phases) < 2:
        problems.append(Problem(what="a sham is drawn for reactivity, which needs phases", where="--sham"))
    for name, (first, last) in phases.items():
        if first >= last:
            problems.append(
                Problem(what="phase ends before it starts", where=f"--{name}-s", found=f"{first:g} to {last:g} s")
            )
    if problems:
        raise InputError(problems)
    if "all" in kinds:
        return tuple(kind for kind in KINDS if kind != "reactivity" or phases)
    return tuple(dict.fromkeys(kinds))


def _check(output: Path, paths: Sequence[Path], sham: Path | None, lone_every_s: float | None) -> None:
    problems: list[Problem] = []
    suffix = output.suffix.lower()
    if suffix not in SUFFIXES:
        problems.append(
            Problem(
                what="no picture can be written with this suffix",
                where=f"-o {output}",
                found=f'"{output.suffix}"' if output.suffix else "none",
                allowed=nearest(suffix, SUFFIXES),
            )
        )
    elif suffix == ".svg" and len(paths) > 1:
        problems.append(
            Problem(
                what="an SVG file holds one recording",
                where=f"-o {output}",
                found=f"{len(paths)} recordings",
                allowed="a file that ends in .html, or one recording at a time",
            )
        )
    if lone_every_s is not None:
        problems.append(Problem(what="--every-s needs --window-s", where="--every-s", found=f"{lone_every_s:g} s"))
    if problems:
        raise InputError(problems)
    check_targets([output], also=[*paths, *([sham] if sham else [])])


def _windows(
    one: Read,
    start: float,
    end: float,
    *,
    window_s: float | None,
    every_s: float | None,
    preset: str,
    seed: int,
) -> Windows | None:
    """Tone in windows: those that were asked for, or minutes and more along the recording where two of them fit."""
    import numpy as np

    from vagus.report.figures.rhythm import Windows

    asked = window_s is not None
    length = window_s if window_s is not None else max(_SHORTEST_S, (end - start) / _WINDOWS)
    if not asked and end - start < 2 * length:
        return None
    spans = spans_of(one, start, end, window_s=length, every_s=every_s if asked else length / 2)
    found = along(one, spans, preset=preset, seed=seed, resamples=0)
    names = list(dict.fromkeys(name for window in found for name in window.indices))
    if not names:
        return None

    def column(name: str, part: str) -> np.ndarray:
        return np.array([getattr(w.indices[name], part) if name in w.indices else np.nan for w in found])

    return Windows(
        start_s=np.array([w.start_s for w in found]),
        end_s=np.array([w.end_s for w in found]),
        indices={name: (column(name, "estimate"), column(name, "low"), column(name, "high")) for name in names},
    )


def _seen(
    one: Read, start: float, end: float, *, preset: str, seed: int, windows: Windows | None, arms: tuple[Arm, ...]
) -> Seen:
    from vagus.report.recording import Seen
    from vagus.signal import PRESETS, rr_density

    told: Window | None = None
    density = None
    not_told: list[str] = []
    try:
        told = whole(one, start, end, preset=preset, seed=seed, resamples=_RESAMPLES)
        density = rr_density(one.result.beats, start_s=start, end_s=end, settings=PRESETS[preset])
    except (Abstained, InputError) as reason:
        not_told.append(str(reason))
    return Seen(
        name=f"{one.file.name}, channel {one.recording.channel}",
        beats=one.result.beats,
        start_s=start,
        end_s=end,
        recording=one.recording,
        raw=one.raw,
        tone=told.tone if told else None,
        density=density,
        windows=windows,
        arms=arms,
        not_told=tuple(not_told),
    )


def _arms(
    one: Read, sham: Read | None, phases: dict[str, tuple[float, float]], *, preset: str, seed: int
) -> tuple[Arm, ...]:
    from vagus.report.figures.reactivity import Arm

    found: list[Arm] = []
    for name, arm in (("active", one), ("sham", sham)):
        if arm is None:
            continue
        effects = [
            (phase, whole(arm, *bounds(arm, *span), preset=preset, seed=seed, resamples=_RESAMPLES))
            for phase, span in phases.items()
        ]
        found.append(Arm(name=name, phases=tuple((phase, window.indices["rmssd_ms"]) for phase, window in effects)))
    return tuple(found)


def _drawn(output: Path, done: Done[tuple[Read, Seen]], kinds: Sequence[str], width_px: int, seed: int) -> bytes:
    from vagus.cli.report import versions
    from vagus.report.recording import pictures, write_recordings, write_svg

    seen = [one for _, (_, one) in done.results]
    if output.suffix.lower() == ".svg":
        text = write_svg(seen[0], kinds, width_px=float(width_px))
    else:
        drawn = any(pictures(one, kinds, key="k", width_px=720.0) for one in seen)
        text = write_recordings(seen, kinds, made=datetime.now().astimezone(), versions=versions(seed)) if drawn else ""
    if not text:
        why = "; ".join(reason for one in seen for reason in one.not_told)
        raise Abstained(f"nothing to draw of {', '.join(kinds)}{f': {why}' if why else ''}")
    return text.encode()
