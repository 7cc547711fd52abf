"""Read one channel of a recording, whatever the format."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem
from vagus.files.readers.arrays import read_npy, read_npz, read_parquet
from vagus.files.readers.bids import read_bids, sidecar_of
from vagus.files.readers.channels import Contents, pick
from vagus.files.readers.content import READ, format_of, is_empatica
from vagus.files.readers.edf import read_edf
from vagus.files.readers.empatica import read_empatica
from vagus.files.readers.grid import LARGEST_MISSING_SHARE
from vagus.files.readers.text import read_text
from vagus.files.readers.wfdb.record import read_wfdb
from vagus.files.readers.xdf import read_xdf
from vagus.signal.recording import Gap, Kind, Recording
from vagus.signal.vector import Array

RATE_TOLERANCE = 0.005
_MOST_GAPS = 100_000
_LEAST_HZ, _MOST_HZ = 1e-3, 1e7
# of a voltage in each unit: recordings hold mV
_IN_MV = {"v": 1e3, "mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "microvolt": 1e-3, "volt": 1e3, "nv": 1e-6}


def read_recording(
    path: str | Path,
    *,
    kind: Kind,
    fs_hz: float | None = None,
    channel: str | None = None,
    unit: str | None = None,
) -> Recording:
    """One channel of a recording: WFDB, EDF, BDF, CSV, TSV, BIDS, XDF, Parquet, NumPy, Empatica E4.

    What the file is is told by its content. Voltages come in mV.

    Parameters
    ----------
    path : str or Path
        A WFDB record may be named by its header, its samples, or without extension; Empatica E4 by its folder.
    kind : "ecg", "ppg", "resp" or "other"
        What the channel is; "other" (temperature, skin conductance, acceleration) needs `channel`.
    fs_hz : float or None
        Sampling rate, for files that do not tell it; must agree with the file within 0.5 % where it does.
    channel : str or None
        Name of the channel; None takes the one that is of this kind by its name.
    unit : str or None
        Unit of the samples, for files that do not tell it.

    Returns
    -------
    Recording
        Missing samples (up to half of the whole) are filled with straight lines and listed in `gaps`; a clock that
        strays, a checksum that does not fit and the like stand in `notes`.

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
    contents = _contents(path, fs_hz)
    index = pick(contents, path, kind=kind, channel=channel)
    rate = _rate(contents.fs_hz[index], fs_hz, path)
    name = contents.names[index]
    samples, said = contents.read(index)
    samples, gaps = _filled(samples, rate, f"{path}, channel {name}")
    unit = _unit(contents.units[index], unit, path)
    factor = _IN_MV.get(unit.casefold())
    if factor is not None:
        samples, unit = samples if factor == 1 else samples * factor, "mV"
    notes = contents.notes + said
    if gaps:
        total_s = sum(gap.stop_s - gap.start_s for gap in gaps)
        notes += (f"{total_s:.3g} s without samples in {len(gaps)} gaps, filled with straight lines",)
    return Recording(
        kind=kind,
        fs_hz=rate,
        samples=samples,
        unit=unit,
        channel=name,
        start=contents.starts[index] if contents.starts else contents.start,
        name=path.name,
        gaps=gaps,
        notes=notes,
    )


def list_recordings(where: str | Path) -> tuple[Path, ...]:
    """Recordings in a folder or that a glob names, in order of name; each is what `read_recording` takes.

    Parameters
    ----------
    where : str or Path
        A folder ("study"), a pattern ("study/**/*.edf") or one recording. A WFDB record is listed once, by its
        header; a folder of Empatica E4 is one recording.

    Raises
    ------
    MissingFile
        Nothing is there.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for name in ("a.csv", "b.csv", "notes.md"):
    ...     _ = (folder / name).write_text("time_s,ecg_mV\\n0,0.1\\n0.004,0.2\\n0.008,0.1\\n")
    >>> [path.name for path in list_recordings(folder)]
    ['a.csv', 'b.csv']
    """
    path = Path(where)
    if path.is_dir():
        if is_empatica(path):
            return (path,)
        found = [entry for entry in path.iterdir() if is_empatica(entry) or _is_recording(entry)]
    elif any(sign in str(where) for sign in "*?["):
        anchor = Path(path.anchor or ".")
        found = [entry for entry in anchor.glob(str(path.relative_to(anchor))) if _is_recording(entry)]
    else:
        format_of(path)
        found = [path]
    if not found:
        raise MissingFile(Problem(what="no recording is there", where=str(where), allowed=READ))
    return tuple(sorted(found))


def _is_recording(path: Path) -> bool:
    """Whether a file among others is one by its name; what it is is told by its content when it is read."""
    if path.is_dir():
        return is_empatica(path)
    name = path.name.casefold()
    if name.endswith(("_events.tsv", ".edits.csv")):
        return False
    return name.endswith((".hea", ".edf", ".bdf", ".csv", ".tsv", ".tsv.gz", ".xdf", ".parquet", ".npy", ".npz"))


def _contents(path: Path, fs_hz: float | None) -> Contents:
    form = format_of(path)
    if form in {"text", "gzip"} and (form == "gzip" or sidecar_of(path).is_file()):
        return read_bids(path)
    if form == "text":
        return read_text(path, fs_hz=fs_hz)
    if form == "parquet":
        return read_parquet(path, fs_hz)
    if form == "npy":
        return read_npy(path, fs_hz)
    if form == "npz":
        return read_npz(path, fs_hz)
    readers = {"wfdb": read_wfdb, "edf": read_edf, "xdf": read_xdf, "empatica": read_empatica}
    if form in readers:
        return readers[form](path)
    raise InputError(
        Problem(
            what="file holds intervals between beats, no samples",
            where=str(path),
            found=f"{form}",
            allowed="read_beats(path) for its beats; or a recording: " + READ,
        )
    )


def _rate(of_file: float | None, given: float | None, path: Path) -> float:
    if given is not None and not _LEAST_HZ <= given < _MOST_HZ:
        raise InputError(
            Problem(what="fs_hz is no sampling rate", where=str(path), found=f"{given}", allowed="a number > 0")
        )
    if of_file is None:
        if given is None:
            raise InputError(Problem(what="sampling rate is not in the file: give fs_hz (--fs-hz)", where=str(path)))
        return given
    if not _LEAST_HZ <= of_file < _MOST_HZ:
        found, allowed = f"{of_file:g} Hz", f"{_LEAST_HZ:g} to {_MOST_HZ:g} Hz"
        raise InputError(Problem(what="sampling rate is no rate", where=str(path), found=found, allowed=allowed))
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
    """Samples with gaps filled by straight lines, and the gaps."""
    if samples.size == 0:
        raise InputError(Problem(what="no samples", where=where, found="0", allowed="1 or more"))
    if np.isinf(samples).any():
        first = int(np.argmax(np.isinf(samples)))
        raise InputError(
            Problem(what="sample is infinite", where=where, found=f"sample {first}", allowed="finite numbers")
        )
    missing = np.isnan(samples)
    if not missing.any():
        return samples, ()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(np.int8))).reshape(-1, 2)
    if missing.mean() > LARGEST_MISSING_SHARE or len(edges) > _MOST_GAPS:
        a, b = edges[np.argmax(edges[:, 1] - edges[:, 0])] / rate
        raise InputError(
            Problem(
                what="too many samples are missing",
                where=where,
                found=f"{100 * missing.mean():.1f} % missing in {len(edges)} gaps, the longest {a:.1f} to {b:.1f} s",
                allowed=f"{100 * LARGEST_MISSING_SHARE:g} % in all, {_MOST_GAPS} gaps",
            )
        )
    gaps = tuple(Gap(start_s=float(a) / rate, stop_s=float(b) / rate) for a, b in edges)
    filled = samples.copy()
    filled[missing] = np.interp(np.flatnonzero(missing), np.flatnonzero(~missing), samples[~missing])
    return filled, gaps
