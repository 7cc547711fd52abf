"""Files that were named, patterns and folders; each read on its own, so that a broken one does not lose the others."""

from __future__ import annotations

import glob
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

import click

from vagus.cli.output import counted
from vagus.cli.signal.piped import STDIN, named, piped
from vagus.errors import InputError, MissingFile, Problem, VagusError

if TYPE_CHECKING:
    from vagus.signal import Beats, Breaths, Cleaned, Correction, Recording

T = TypeVar("T")
# what a folder or a pattern may stand for; a file that is named in full is read whatever its suffix
SUFFIXES = (
    ".hea", ".edf", ".bdf", ".csv", ".tsv", ".txt", ".xdf", ".parquet", ".npy", ".npz", ".hrm", ".fit",
)  # fmt: skip
_PATTERN = "*?["
FIND = "find"  # pulses are looked for, not given
_MOST_TOLD = 5
EDITS = ".edits.csv"  # edits by hand beside a recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How files are to be read: as ECG, PPG or intervals, which channels, rate and unit where a file lacks them."""

    read_as: str | None = None
    channel: str | None = None
    fs_hz: float | None = None
    resp_channel: str | None = None
    unit: Literal["ms", "s"] | None = None
    artefact: str | None = None  # "find", or a file of pulse times


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One file as it was read: the recording where there is one, its beats, and what correction made of them."""

    file: Path
    recording: Recording | None
    raw: Beats
    result: Correction
    breaths: Breaths | None = None
    cleaned: Cleaned | None = None

    @property
    def duration_s(self) -> float:
        """Length of the recording, or time of the last beat."""
        if self.recording is not None:
            return self.recording.duration_s
        # windows leave out what lies at their end: the last beat belongs to the whole
        return math.nextafter(float(self.raw.time_s[-1]), math.inf) if self.raw.time_s.size else 0.0

    @property
    def channel(self) -> str:
        """Name of the channel; "" for intervals."""
        return self.recording.channel if self.recording is not None else ""

    @property
    def name(self) -> str:
        """File and channel."""
        return f"{self.file.name}, channel {self.channel}" if self.channel else self.file.name

    @property
    def title(self) -> str:
        """Path and channel."""
        return f"{named(self.file)}, channel {self.channel}" if self.channel else named(self.file)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader has to say about the file."""
        return self.recording.notes if self.recording is not None else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A file that could not be read, and why."""

    file: Path
    error: VagusError

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was wrong, one by one."""
        if isinstance(self.error, InputError):
            return self.error.problems
        return (Problem(what=str(self.error)),)

    def lines(self) -> Iterator[str]:
        """One sentence a problem, each with the file."""
        for problem in self.problems:
            text = str(problem)
            yield text if self.file.name in text else f"{self.file}: {text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[T]):
    """What was made of the files that could be read, and those that could not."""

    results: tuple[tuple[Path, T], ...]
    failures: tuple[Failure, ...]

    def say(self) -> None:
        """Tell on stderr what could not be read."""
        for failure in self.failures:
            for line in failure.lines():
                click.echo(f"error: {line}", err=True)

    def as_records(self) -> list[dict[str, object]]:
        """Failures for JSON."""
        return [{"file": named(f.file), "error": str(f.error)} for f in self.failures]


def expanded(named: Sequence[str]) -> tuple[Path, ...]:
    """Files that were named, once each, patterns and folders taken apart.

    A record that was named by its header and by its samples (``*.hea *.dat``), and a file named in two ways, is read
    once; that is said on stderr.

    Raises
    ------
    InputError
        A pattern fits no recording, or a folder holds none.
    """
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for name in dict.fromkeys(named):
        path = piped() if name == STDIN else Path(name)
        inside: list[Path] = [path]
        if path.is_dir():
            inside = _inside(path)
            if not inside:
                problems.append(_empty(path, "no recordings in this folder", sorted(path.iterdir())))
        elif any(sign in name for sign in _PATTERN) and not path.exists():
            matched = [Path(one) for one in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 (absolute ones, too)
            named_in_full = path.suffix and not any(sign in path.suffix for sign in _PATTERN)
            inside = [one for one in matched if one.is_file()] if named_in_full else _recordings(matched)
            if not inside:
                problems.append(_empty(path, "this pattern fits no recording", matched))
        found |= dict.fromkeys(inside)
    if problems:
        raise InputError(problems)
    return _once(tuple(found))


def _once(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Without samples whose header is there as well, and without other names of the same file."""
    headers = {path.resolve() for path in paths if path.suffix == ".hea"}
    kept: dict[Path, Path] = {}
    twice: list[tuple[Path, Path]] = []
    for path in paths:
        whole, header = path.resolve(), path.resolve().with_suffix(".hea")
        if path.suffix == ".dat" and header in headers:
            twice.append((path, path.with_suffix(".hea")))
        elif whole in kept:
            twice.append((path, kept[whole]))
        else:
            kept[whole] = path
    for path, same in twice[:_MOST_TOLD]:
        click.echo(f"note: {path} is {same}, which is read once", err=True)
    if len(twice) > _MOST_TOLD:
        click.echo(f"note: {len(twice) - _MOST_TOLD} more files that were named twice are read once", err=True)
    return tuple(kept.values())


def _inside(folder: Path) -> list[Path]:
    """Recordings and files of intervals in a folder; a folder of Empatica E4 is one recording."""
    from vagus.files import list_recordings

    beside = _recordings(sorted(folder.iterdir()))
    try:
        listed = list(list_recordings(folder))
    except MissingFile:
        return beside
    return listed if listed == [folder] else sorted({*listed, *beside})


def _recordings(paths: Sequence[Path]) -> list[Path]:
    fits = (path for path in paths if path.is_file() and path.suffix.lower() in SUFFIXES)
    return [path for path in fits if not path.name.endswith(EDITS)]


def _empty(path: Path, what: str, there: Sequence[Path]) -> Problem:
    names = [one.name for one in there]
    found = f"{', '.join(names[:4])}{', ...' if len(names) > 4 else ''}" if names else "nothing"
    return Problem(what=what, where=str(path), found=found, allowed=f"files that end in {', '.join(SUFFIXES)}")


def each(files: Sequence[Path], work: Callable[[Path], T]) -> Done[T]:
    """Work done on every file; one that cannot be read is kept aside.

    Raises
    ------
    VagusError
        No file at all could be read: the error itself where there is one file, else all of them together.
    """
    results: list[tuple[Path, T]] = []
    failures: list[Failure] = []
    for file in counted(files, lambda path: path.name):
        try:
            results.append((file, work(file)))
        except VagusError as error:
            failures.append(Failure(file=file, error=error))
        except OSError as error:
            told = Problem(what="cannot be read", where=str(file), found=error.strerror or str(error))
            failures.append(Failure(file=file, error=InputError(told)))
    if failures and not results:
        if len(failures) == 1:
            raise failures[0].error
        missing = all(isinstance(failure.error, MissingFile) for failure in failures)
        raise (MissingFile if missing else InputError)(line for failure in failures for line in _told(failure))
    return Done(results=tuple(results), failures=tuple(failures))


def _told(failure: Failure) -> Iterator[Problem]:
    return (Problem(what=line) for line in failure.lines())


def read(file: Path, options: Options, *, as_detected: bool = False) -> Read:
    """Recording, beats and correction of one file; or beats alone, of a file that holds intervals or annotations.

    Edits by hand that stand beside the file (``<file>.edits.csv``) are heeded.

    Raises
    ------
    InputError
        The file holds neither: told as of a recording.
    """
    from vagus.files import edits_path, read_edits, read_recording
    from vagus.signal import Beats, Correction, correct, find_breaths

    opened = _opened(file, options)
    cleaned = _without_artefact(opened, file, options.artefact) if options.artefact is not None else None
    if cleaned is not None:
        opened = cleaned.recording
    recording = None if isinstance(opened, Beats) else opened
    raw = opened if isinstance(opened, Beats) else _found(opened)
    breaths = None
    if options.resp_channel is not None:
        breaths = find_breaths(read_recording(file, kind="resp", channel=options.resp_channel, fs_hz=options.fs_hz))
    if as_detected:
        result = Correction(beats=raw, changes=(), corrected_pct=0.0)
    else:
        by_hand = edits_path(file)
        result = correct(raw, edits=read_edits(by_hand) if by_hand.is_file() else ())
    return Read(file=file, recording=recording, raw=raw, result=result, breaths=breaths, cleaned=cleaned)


def _without_artefact(opened: Recording | Beats, file: Path, artefact: str) -> Cleaned:
    from vagus.signal import Beats, remove_artefact

    if isinstance(opened, Beats) or opened.kind != "ecg":
        found = "intervals" if isinstance(opened, Beats) else f"a {opened.kind.upper()}"
        what = "stimulation artefact is removed from an ECG alone"
        raise InputError(Problem(what=what, where=f"{file}", found=found, allowed="an ECG, or no --artefact"))
    return remove_artefact(opened, pulse_times_s=None if artefact == FIND else _pulse_times(Path(artefact)))


def _pulse_times(path: Path) -> list[float]:
    """Times in s, one a line; of a table the first column; a first line without a number is its header."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        allowed = f'"{FIND}", or a text file with the time of each pulse in s, one a line'
        raise MissingFile(Problem(what="no such file of pulse times", where=str(path), allowed=allowed)) from None
    except UnicodeDecodeError:
        found = "bytes that are no text"
        raise InputError(Problem(what="not a file of pulse times", where=str(path), found=found)) from None
    times: list[float] = []
    for number, line in enumerate(lines, start=1):
        cell = re.split(r"[,;\t ]", line.strip(), maxsplit=1)[0]
        if not cell or cell.startswith("#"):
            continue
        try:
            times.append(float(cell))
        except ValueError:
            if number > 1:
                where, allowed = f"{path}, line {number}", "a time in s from the start of the recording"
                raise InputError(Problem(what="not a pulse time", where=where, found=cell, allowed=allowed)) from None
    if not times:
        raise InputError(Problem(what="no pulse times in the file", where=str(path), allowed="one a line, in s"))
    return times


def _found(recording: Recording) -> Beats:
    from vagus.signal import find_beats, find_pulses

    return find_pulses(recording) if recording.kind == "ppg" else find_beats(recording)


def _opened(file: Path, options: Options) -> Recording | Beats:
    """The ECG (or PPG) of a file, or its beats where it holds intervals; asked for samples, intervals are an error."""
    from vagus.files import read_beats, read_recording
    from vagus.files.readers.channels import is_pulse_wave

    if options.read_as == "rr":
        return read_beats(file, fs_hz=options.fs_hz, unit=options.unit)
    if options.read_as == "ppg":
        return read_recording(file, kind="ppg", channel=options.channel, fs_hz=options.fs_hz)
    try:
        opened = read_recording(file, kind="ecg", channel=options.channel, fs_hz=options.fs_hz)
        if options.read_as is None and is_pulse_wave(opened.channel):
            return read_recording(file, kind="ppg", channel=options.channel, fs_hz=options.fs_hz)
        return opened
    except MissingFile:
        raise
    except InputError:
        if options.read_as == "ecg" or options.channel is not None:
            raise
        try:
            return read_beats(file, fs_hz=options.fs_hz, unit=options.unit)
        except InputError:
            pass  # neither: what it lacks as a recording is told
        raise


def bounds(one: Read, start_s: float | None, end_s: float | None) -> tuple[float, float]:
    """Window that was asked for, within the recording.

    Raises
    ------
    InputError
        It does not lie within.
    """
    room = 1.5 / (one.raw.fs_hz or 1000.0)
    for flag, value in (("--start-s", start_s), ("--end-s", end_s)):
        if value is not None and not 0 <= value <= one.duration_s + room:
            allowed = f"0 to {one.duration_s:g} s, the length of {one.file.name}"
            raise InputError(
                Problem(what="window outside the recording", where=flag, found=f"{value:g} s", allowed=allowed)
            )
    start, end = start_s or 0.0, one.duration_s if end_s is None else end_s
    if start >= end:
        raise InputError(
            Problem(
                what="window ends before it starts", where="--start-s, --end-s", found=f"{start:g} to {end:g} s",
                allowed="a start before the end",
            )
        )  # fmt: skip
    return start, end


def flags_of(one: Read) -> tuple[str, ...]:
    """What to heed: too much corrected, rhythm, stretches without a heartbeat, beats that hardly look like beats."""
    from vagus.signal import long_gaps, rhythm
    from vagus.signal.known import value

    flags = [*one.result.flags, *rhythm(one.raw).flags]
    if one.cleaned is not None:
        flags += [*one.cleaned.flags, *_hidden_beats(one.cleaned, one.result.beats)]
    if gaps := long_gaps(one.result.beats.gaps):
        spans = ", ".join(f"{gap.start_s:.1f} to {gap.stop_s:.1f} s" for gap in gaps[:3])
        flags.append(f"no heartbeat can be read from {spans}{' and later' if len(gaps) > 3 else ''}")
    good = good_pct(one)
    if good < value("least_beats_read_pct"):
        flags.append(f"no heartbeat could be read with confidence: {good:.0f} % of beats are of good quality")
    elif good < (least := value("least_good_pct")):
        flags.append(f"only {good:.0f} % of beats are of good quality, fewer than {least:g} %")
    return tuple(flags)


def _hidden_beats(cleaned: Cleaned, beats: Beats) -> tuple[str, ...]:
    n = int(cleaned.hidden(beats.time_s).sum())
    return (f"{n} of {beats.time_s.size} beats lie where the ECG was blanked under stimulation",) if n else ()


def good_pct(one: Read) -> float:
    """Share of beats of good quality."""
    from vagus.signal import quality
    from vagus.signal.reading.window import good_pct as of_beats

    if one.recording is None or one.recording.kind != "ecg":
        return of_beats(one.result.beats)
    return quality(one.recording, one.result.beats).share_good_pct
