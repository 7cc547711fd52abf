"""`vagus signal plot`: pictures of recordings, as one SVG or PNG file or one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from vagus.cli import DONE, FINDINGS
from vagus.cli.output import check_targets, seed_option, write_files
from vagus.cli.rows import PICTURES, check_pictures, picture_bytes
from vagus.cli.signal.inputs import Done, Options, Read, bounds, each, expanded, flags_of, read
from vagus.cli.signal.options import (
    Named,
    channel_option,
    end_option,
    every_option,
    files_argument,
    fs_option,
    preset_option,
    read_as_option,
    resp_option,
    start_option,
    unit_option,
    window_option,
)
from vagus.cli.signal.windows import Window, along, whole
from vagus.errors import Abstained, InputError, Problem, nearest

if TYPE_CHECKING:
    from vagus.report.figures.rhythm import Windows
    from vagus.report.recording import Seen
    from vagus.signal import Reactivity
    from vagus.signal.reaction.design import Condition

# as `vagus.report.recording.KINDS`, whose room loads numpy (a test compares them)
KINDS = {
    "tachogram": "intervals between beats, corrections marked",
    "spectrum": "spectral density with bands, breathing and settings",
    "quality": "ECG excerpts with R peaks, quality of each beat",
    "sliding": "vagal tone in a sliding window",
    "reactivity": "before, during and after; active beside sham",
}
SUFFIXES = (".html", *PICTURES)
_WINDOWS = 20  # windows along a recording where none were asked for: the shortest is a minute
_SHORTEST_S = 60.0
_RESAMPLES = 200
PHASES = ("baseline", "during", "recovery")  # as `vagus.signal.reaction.design.PHASES`
_phase = click.FloatRange(min=0)
Span = tuple[float, float]


@click.command(short_help="Draw recordings.")
@files_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write: .html (a page, light and dark, any number of recordings), .svg or .png (one recording).",
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
@click.option("--baseline-s", type=(_phase, _phase), help="Baseline, start and end in seconds; for reactivity.")
@click.option("--during-s", type=(_phase, _phase), help="Stimulation or stressor, start and end in seconds.")
@click.option("--recovery-s", type=(_phase, _phase), help="Recovery, start and end in seconds.")
@click.option("--sham", type=click.Path(path_type=Path), help="Recording of the sham, same phases: drawn beside.")
@click.option(
    "--width-px",
    type=click.IntRange(300, 2000),
    default=720,
    show_default=True,
    help="Width of a picture; a PNG has three pixels for each.",
)
@preset_option
@read_as_option
@channel_option
@resp_option
@fs_option
@unit_option
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
    baseline_s: tuple[float, float] | None,
    during_s: tuple[float, float] | None,
    recovery_s: tuple[float, float] | None,
    sham: Path | None,
    width_px: int,
    preset: str,
    read_as: str | None,
    channel: str | None,
    resp_channel: str | None,
    fs_hz: float | None,
    unit: Literal["ms", "s"] | None,
    seed: int,
) -> int:
    """Draw recordings: tachogram with corrections, spectrum with its settings, quality, tone over time, reactivity.

    Exit code 1: written, and a file could not be read or a flag was raised; 2: nothing could be drawn, nothing written.

    \b
    Example:  vagus signal plot examples/tavns-depression/recordings/bidmc02.csv --resp-channel RESP -o rest.html
              vagus signal plot active.edf --sham sham.edf --kind reactivity --baseline-s 0 300
                  --during-s 300 900 --recovery-s 900 1200 -o reactivity.svg
    """
    spans = zip(PHASES, (baseline_s, during_s, recovery_s), strict=True)
    phases = {name: span for name, span in spans if span is not None}
    chosen = _chosen(kinds, phases, sham)
    paths = expanded(files)
    _check(output, paths, sham, every_s if window_s is None else None)

    def work(file: Path) -> tuple[Read, Seen]:
        options = Options(read_as=read_as, channel=channel, fs_hz=fs_hz, resp_channel=resp_channel, unit=unit)
        one = read(file, options)
        start, end = bounds(one, start_s, end_s)
        other = read(sham, options) if sham is not None else None
        around = "reactivity" in chosen
        reactions = _reactions(one, other, phases, preset=preset, seed=seed) if around else ()
        windows = None
        if "sliding" in chosen:
            windows = _windows(one, start, end, window_s=window_s, every_s=every_s, preset=preset, seed=seed)
        return one, _seen(one, start, end, preset=preset, seed=seed, windows=windows, reactions=reactions, sham=sham)

    done = each(paths, work)
    write_files({output: _drawn(output, done, chosen, width_px, seed)})
    click.echo(f"Pictures: {output}")
    done.say()
    for file, (one, seen) in done.results:
        for flag in (*flags_of(one), *seen.not_told):
            click.echo(f"note: {flag}" if file.name in flag else f"note: {file}: {flag}", err=True)
    heed = any(flags_of(one) or seen.not_told for _, (one, seen) in done.results)
    return FINDINGS if done.failures or heed else DONE


def _chosen(kinds: Sequence[str], phases: dict[str, Span], sham: Path | None) -> tuple[str, ...]:
    """Kinds to draw; what reactivity needs is asked for where it was named."""
    problems: list[Problem] = []
    asked = "--kind reactivity" if "reactivity" in kinds else "--sham" if sham is not None else ""
    missing = [f"--{name}-s" for name in PHASES[:2] if name not in phases]
    if missing and (asked or phases):
        problems.append(
            Problem(
                what=f"reactivity needs {' and '.join(missing)}",
                where=asked or ", ".join(f"--{name}-s" for name in phases),
                allowed="start and end of each phase, such as --baseline-s 0 300 --during-s 300 900",
            )
        )
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
    elif suffix in PICTURES and len(paths) > 1:
        problems.append(
            Problem(
                what="a picture holds one recording",
                where=f"-o {output}",
                found=f"{len(paths)} recordings",
                allowed="a file that ends in .html, or one recording at a time",
            )
        )
    elif suffix in PICTURES:
        check_pictures({"-o": output})
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
    every = every_s if asked else length / 2
    found = along(one, start, end, window_s=length, every_s=every, preset=preset, seed=seed, resamples=0)
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
    one: Read,
    start: float,
    end: float,
    *,
    preset: str,
    seed: int,
    windows: Windows | None,
    reactions: tuple[Reactivity, ...],
    sham: Path | None,
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
    not_told += [f"{r.source_name}, {w.phase}: {w.why}" for r in reactions for w in r.withheld]
    return Seen(
        name=f"{one.name}; sham {sham.name}" if sham is not None else one.name,
        beats=one.result.beats,
        start_s=start,
        end_s=end,
        recording=one.recording,
        raw=one.raw,
        tone=told.tone if told else None,
        density=density,
        windows=windows,
        reactions=reactions,
        not_told=tuple(not_told),
    )


def _reactions(
    one: Read, sham: Read | None, phases: dict[str, Span], *, preset: str, seed: int
) -> tuple[Reactivity, ...]:
    """Vagal tone around the event: of the recording, and of its sham where there is one."""
    import numpy as np

    from vagus.signal import PRESETS, Design, react

    found: list[Reactivity] = []
    arms: tuple[tuple[Condition, Read | None], ...] = (("active" if sham is not None else "none", one), ("sham", sham))
    for condition, arm in arms:
        if arm is None:
            continue
        for span in phases.values():
            bounds(arm, *span)
        design = Design(
            baseline_s=phases["baseline"],
            during_s=phases["during"],
            recovery_s=phases.get("recovery"),
            condition=condition,
            person=arm.file.stem,
        )
        rng = np.random.default_rng(seed)
        found.append(react(arm.result.beats, design, settings=PRESETS[preset], breaths=arm.breaths, rng=rng))
    return tuple(found)


def _drawn(output: Path, done: Done[tuple[Read, Seen]], kinds: Sequence[str], width_px: int, seed: int) -> bytes:
    from vagus.cli.report import versions
    from vagus.report.recording import pictures, write_recordings, write_svg

    seen = [one for _, (_, one) in done.results]
    picture = output.suffix.lower() in PICTURES
    if picture:
        text = write_svg(seen[0], kinds, width_px=float(width_px))
    else:
        drawn = any(pictures(one, kinds, key="k", width_px=720.0) for one in seen)
        text = write_recordings(seen, kinds, made=datetime.now().astimezone(), versions=versions(seed)) if drawn else ""
    if not text:
        why = "; ".join(reason for one in seen for reason in one.not_told)
        raise Abstained(f"nothing to draw of {', '.join(kinds)}{f': {why}' if why else ''}")
    return picture_bytes(output, text) if picture else text.encode()
