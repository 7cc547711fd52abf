"""`vagus signal validate`: beats and breaths against what people marked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.cli import DONE, FINDINGS
from vagus.cli.output import emit_json, emit_table, json_option
from vagus.cli.signal.inputs import each
from vagus.errors import InputError, MissingFile, Problem

if TYPE_CHECKING:
    from vagus.signal import Agreement, BeatAgreement

# aims; below them there are findings
_F1, _F1_NEAR, _F1_WORST, _JITTER_MS, _LIVE_F1 = 99.75, 98.7, 97.0, 3.0, 99.3
_SE, _PPV = 95.0, 95.0
_LIVE_LAG_S = 0.2


@click.command(short_help="Detectors against annotations.")
@click.option("--records", "folder", type=click.Path(path_type=Path), help="Folder of records; searched in depth.")
@click.option(
    "--lag-s", type=float, default=2.0, show_default=True, help="How far the detector looks ahead; 0.12 live."
)
@json_option
def validate(*, folder: Path | None, lag_s: float, as_json: bool) -> int:
    """Beats against WFDB annotations (.atr), live exhalations against BIDMC marks; exit code 1 if an aim is missed.

    \b
    Example:  vagus signal validate --records mitdb --json
    """
    beats, breaths = _records(folder)
    done = each([*beats, *breaths], lambda path: _beats(path, lag_s) if path in beats else _breaths(path))
    names = _names([path for path, _ in done.results], folder)
    found = {names[path]: one for path, one in done.results if not isinstance(one, dict)}
    marks = {names[path]: one for path, one in done.results if isinstance(one, dict)}
    if as_json:
        emit_json(_as_json(found, marks) | ({"failed": done.as_records()} if done.failures else {}))
    else:
        _show(found, marks)
    done.say()
    missed = _missed(found, marks, live=lag_s < _LIVE_LAG_S)
    for line in missed:
        click.echo(f"aim missed: {line}", err=True)
    return FINDINGS if missed or done.failures else DONE


def _names(paths: list[Path], folder: Path | None) -> dict[Path, str]:
    """Names of records; where two share one, with the folder before it."""
    plain = {path: path.name.removesuffix("_Breaths.csv").removesuffix(".atr") for path in paths}
    shared = [name for name in plain.values() if list(plain.values()).count(name) > 1]
    return {
        path: name if name not in shared or folder is None else str(path.relative_to(folder).with_name(name))
        for path, name in plain.items()
    }


def _records(folder: Path | None) -> tuple[list[Path], list[Path]]:
    wanted = "a folder of WFDB records with .atr, or of BIDMC files *_Signals.csv with *_Breaths.csv"
    if folder is None:
        raise InputError(Problem(what="no records are named", where="--records", allowed=wanted))
    if not folder.is_dir():
        raise MissingFile(Problem(what="folder is not there", where="--records", found=str(folder), allowed=wanted))
    beats, breaths = sorted(folder.rglob("*.atr")), sorted(folder.rglob("*_Breaths.csv"))
    if not beats and not breaths:
        raise InputError(Problem(what="no annotated records in it", where=str(folder), allowed=wanted))
    return beats, breaths


def _beats(path: Path, lag_s: float) -> BeatAgreement:
    from vagus.files import read_annotations, read_recording
    from vagus.signal import beat_agreement, find_beats

    recording = read_recording(path.with_suffix(".hea"), kind="ecg")
    beats = find_beats(recording, lag_s=lag_s)
    marks = read_annotations(path)
    return beat_agreement(beats.time_s, marks.time_s[marks.is_beat])


def _breaths(path: Path) -> dict[str, Agreement]:
    """Exhalations decided live beside the marks of both people."""
    from vagus.files import read_breath_marks, read_recording
    from vagus.signal import exhalation_agreement, live_exhalations

    signals = path.with_name(path.name.replace("_Breaths.csv", "_Signals.csv"))
    recording = read_recording(signals, kind="resp")
    decided_s = live_exhalations(recording)
    marks = read_breath_marks(path)
    return {
        name: exhalation_agreement(decided_s, marked / recording.fs_hz)
        for name, marked in (("ann1", marks.ann1), ("ann2", marks.ann2))
    }


def _beats_json(found: BeatAgreement) -> dict[str, float]:
    return {
        "n": found.n, "se": found.se_pct, "ppv": found.ppv_pct, "f1_150": found.f1_pct, "f1_50": found.f1_near_pct,
        "offset_ms": found.offset_ms, "jitter_ms": found.jitter_ms,
    }  # fmt: skip


def _breaths_json(found: Agreement) -> dict[str, float]:
    return {
        "n": found.n_marked, "se": found.se_pct, "ppv": found.ppv_pct, "f1": found.f1_pct,
        "delay_ms": found.delay_ms, "delay_p5_ms": found.delay_p5_ms, "delay_p95_ms": found.delay_p95_ms,
    }  # fmt: skip


def _as_json(found: dict[str, BeatAgreement], marks: dict[str, dict[str, Agreement]]) -> dict[str, Any]:
    from vagus.signal import pooled_agreement

    return {
        "beats": {name: _beats_json(part) for name, part in found.items()},
        "pooled": _beats_json(pooled_agreement(list(found.values()))) if found else None,
        "breaths": {
            name: {**_breaths_json(part["ann1"]), "annotator": "ann1", "ann2": _breaths_json(part["ann2"])}
            for name, part in marks.items()
        },
    }


def _show(found: dict[str, BeatAgreement], marks: dict[str, dict[str, Agreement]]) -> None:
    from vagus.signal import pooled_agreement

    if found:
        header = ("record", "beats", "Se (%)", "PPV (%)", "F1 150 ms", "F1 50 ms", "offset (ms)", "jitter (ms)")
        rows = [*found.items(), ("pooled", pooled_agreement(list(found.values())))]
        emit_table(header, [
            (name, part.n, f"{part.se_pct:.2f}", f"{part.ppv_pct:.2f}", f"{part.f1_pct:.2f}", f"{part.f1_near_pct:.2f}",
             f"{part.offset_ms:.1f}", f"{part.jitter_ms:.1f}")
            for name, part in rows
        ])  # fmt: skip
    if marks:
        if found:
            click.echo()
        emit_table(("record", "annotator", "breaths", "Se (%)", "PPV (%)", "F1 500 ms", "delay (5 to 95 %, ms)"), [
            (name, who, part.n_marked, f"{part.se_pct:.1f}", f"{part.ppv_pct:.1f}", f"{part.f1_pct:.1f}",
             f"{part.delay_ms:.0f} ({part.delay_p5_ms:.0f} to {part.delay_p95_ms:.0f})")
            for name, both in marks.items() for who, part in both.items()
        ])  # fmt: skip


def _missed(found: dict[str, BeatAgreement], marks: dict[str, dict[str, Agreement]], *, live: bool) -> list[str]:
    """What stays below the aims, in words; breaths are judged against the first annotator."""
    from vagus.signal import pooled_agreement

    lines: list[str] = []
    if found:
        whole = pooled_agreement(list(found.values()))
        least = _LIVE_F1 if live else _F1
        if not whole.f1_pct >= least:
            lines.append(f"F1 at 150 ms over all records {whole.f1_pct:.2f} %, aim {least:g} %")
        if not live and not whole.f1_near_pct >= _F1_NEAR:
            lines.append(f"F1 at 50 ms over all records {whole.f1_near_pct:.2f} %, aim {_F1_NEAR:g} %")
        if not live and not whole.jitter_ms <= _JITTER_MS:
            lines.append(f"jitter over all records {whole.jitter_ms:.1f} ms, aim {_JITTER_MS:g} ms")
        lines.extend(
            f"{name}: F1 at 150 ms {part.f1_pct:.2f} %, aim {_F1_WORST:g} %"
            for name, part in found.items() if not part.f1_pct >= _F1_WORST
        )  # fmt: skip
    for name, both in marks.items():
        part = both["ann1"]
        if not (part.se_pct >= _SE and part.ppv_pct >= _PPV):
            lines.append(f"{name}: breaths Se {part.se_pct:.1f}, PPV {part.ppv_pct:.1f} %, aim {_SE:g} and {_PPV:g} %")
    return lines
