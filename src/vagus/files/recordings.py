"""Read one channel of a recording, whatever the format."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem, nearest
from vagus.files.channels import Contents, pick
from vagus.files.readers.edf import read_edf
from vagus.files.readers.text import read_text
from vagus.files.readers.wfdb import header_of, read_wfdb
from vagus.signal.recording import Gap, Kind, Recording
from vagus.signal.vector import Array

LARGEST_BYTES = 2 * 1024**3
LARGEST_GAP_S = 5.0
LARGEST_MISSING_SHARE = 0.05
RATE_TOLERANCE = 0.005
FORMATS = "WFDB (.hea with .dat), EDF, EDF+ or BDF (.edf, .bdf), CSV or TSV (.csv, .tsv, .txt)"


def read_recording(
    path: str | Path,
    *,
    kind: Kind,
    fs_hz: float | None = None,
    channel: str | None = None,
    unit: str | None = None,
) -> Recording:
    """One channel of a recording: WFDB, EDF/EDF+/BDF, CSV or TSV.

    Parameters
    ----------
    path : str or Path
        A WFDB record may be named by its header, its samples, or without extension.
    kind : "ecg", "ppg" or "resp"
    fs_hz : float or None
        Sampling rate, for files that do not tell it; must agree with the file within 0.5 % where it does.
    channel : str or None
        Name of the channel; None takes the one that is of this kind by its name.
    unit : str or None
        Unit of the samples, for files that do not tell it.

    Returns
    -------
    Recording
        Missing samples of up to 5 s (and 5 % of the whole) are filled with straight lines and listed in `gaps`.

    Raises
    ------
    MissingFile
        The file is not there.
    InputError
        The format is not known, the file is damaged or truncated, the channel is not in it, `fs_hz` or `unit`
        contradicts it, or too many samples are missing.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "rest.csv").write_text("time_s,ecg_mV\\n0,0.1\\n0.004,0.2\\n0.008,0.1\\n")
    >>> recording = read_recording(folder / "rest.csv", kind="ecg")
    >>> recording.fs_hz, recording.unit, recording.samples.tolist()
    (250.0, 'mV', [0.1, 0.2, 0.1])
    """
    path = Path(path)
    contents = _reader(path)(path, fs_hz)
    index = pick(contents, path, kind=kind, channel=channel)
    rate = _rate(contents.fs_hz[index], fs_hz, path)
    name = contents.names[index]
    samples, gaps = _filled(contents.read(index), rate, f"{path}, channel {name}")
    notes = contents.notes
    if gaps:
        total_s = sum(gap.stop_s - gap.start_s for gap in gaps)
        notes += (f"{total_s:.3g} s without samples in {len(gaps)} gaps, filled with straight lines",)
    return Recording(
        kind=kind,
        fs_hz=rate,
        samples=samples,
        unit=_unit(contents.units[index], unit, path),
        channel=name,
        start=contents.start,
        name=path.name,
        gaps=gaps,
        notes=notes,
    )


def _reader(path: Path) -> Callable[[Path, float | None], Contents]:
    suffix = path.suffix.lower()
    if path.is_dir():
        raise InputError(_folder(path))
    header = header_of(path)
    wfdb = suffix in {".hea", ".dat"} or (not path.is_file() and header.is_file())
    if not path.is_file() and not (wfdb and header.is_file()):
        raise MissingFile(_not_there(path))
    # WFDB may declare what it does not hold; its reader measures each file against the header before it reads
    for part in [path, *header.parent.glob(header.stem + ".dat")] if wfdb else [path]:
        if part.is_file() and part.stat().st_size > LARGEST_BYTES:
            size = f"{part.stat().st_size / 1024**3:.1f} GiB"
            raise InputError(Problem(what="file is too large", where=str(part), found=size, allowed="up to 2 GiB"))
    if wfdb:
        return lambda file, _: read_wfdb(file)
    if suffix in {".edf", ".bdf"}:
        return lambda file, _: read_edf(file)
    if suffix in {".csv", ".tsv", ".txt"}:
        return lambda file, fs_hz: read_text(file, fs_hz=fs_hz)
    found = f'"{path.suffix}"' if suffix else "no extension"
    raise InputError(Problem(what="recording format is unknown", where=str(path), found=found, allowed=FORMATS))


def _folder(path: Path) -> Problem:
    """A folder was named; a record of WFDB may have a folder of its name beside it, but is then named by its header."""
    inside = sorted(entry.name for entry in path.iterdir())
    what = f"{len(inside)} entries ({', '.join(inside[:4])}{', ...' if len(inside) > 4 else ''})" if inside else "empty"
    why = "folders of Empatica E4 are not read yet" if {"IBI.csv", "BVP.csv"} & set(inside) else ""
    return Problem(
        what="is a folder, not a recording",
        where=str(path),
        found=f"a folder: {what}",
        allowed=f"one file: {FORMATS}",
        why=why,
    )


def _not_there(path: Path) -> Problem:
    if not path.parent.is_dir():
        return Problem(what="recording file is not there", where=str(path), found="its folder is not there either")
    there = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    return Problem(
        what="recording file is not there",
        where=str(path),
        allowed=nearest(path.name, there) if there else "a file that exists; the folder is empty",
    )


def _rate(of_file: float | None, given: float | None, path: Path) -> float:
    if given is not None and not (math.isfinite(given) and given > 0):
        raise InputError(
            Problem(what="fs_hz is no sampling rate", where=str(path), found=f"{given}", allowed="a number > 0")
        )
    if of_file is None:
        if given is None:
            raise InputError(Problem(what="sampling rate is not in the file: give fs_hz", where=str(path)))
        return given
    if given is not None and abs(given / of_file - 1) > RATE_TOLERANCE:
        raise InputError(
            Problem(
                what="fs_hz contradicts the file",
                where=str(path),
                found=f"fs_hz = {given:g}",
                allowed=f"{of_file:g} Hz, the rate in the file (within 0.5 %), or leave fs_hz out",
            )
        )
    return of_file


def _unit(of_file: str, given: str | None, path: Path) -> str:
    if given is None or given.casefold() == of_file.casefold():
        return of_file
    if of_file.casefold() not in {"", "adu", "au", "nu"}:
        raise InputError(
            Problem(what="unit contradicts the file", where=str(path), found=f'"{given}"', allowed=f'"{of_file}"')
        )
    return given


def _filled(samples: Array, rate: float, where: str) -> tuple[Array, tuple[Gap, ...]]:
    """Samples with short gaps filled by straight lines, and the gaps."""
    if samples.size == 0:
        raise InputError(Problem(what="no samples", where=where))
    if np.isinf(samples).any():
        first = int(np.argmax(np.isinf(samples)))
        raise InputError(
            Problem(what="sample is infinite", where=where, found=f"sample {first}", allowed="finite numbers")
        )
    missing = np.isnan(samples)
    if not missing.any():
        return samples, ()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(np.int8)))
    gaps = tuple(Gap(start_s=float(a) / rate, stop_s=float(b) / rate) for a, b in edges.reshape(-1, 2))
    longest = max(gaps, key=lambda gap: gap.stop_s - gap.start_s)
    if longest.stop_s - longest.start_s > LARGEST_GAP_S or missing.mean() > LARGEST_MISSING_SHARE:
        raise InputError(
            Problem(
                what="too many samples are missing",
                where=where,
                found=f"{100 * missing.mean():.1f} % missing, the longest gap {longest.start_s:.1f} to "
                f"{longest.stop_s:.1f} s",
                allowed=f"gaps up to {LARGEST_GAP_S:g} s and {100 * LARGEST_MISSING_SHARE:g} % in all",
            )
        )
    filled = samples.copy()
    filled[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), samples[~missing])
    return filled, gaps
