"""Read beats: RR intervals, beat times and annotations, whatever the format."""

from __future__ import annotations

import codecs
import dataclasses
from pathlib import Path

import numpy as np

from vagus.errors import InputError, Problem
from vagus.files.readers.arrays import read_npy
from vagus.files.readers.content import by_magic, first_bytes, format_of
from vagus.files.readers.empatica import empatica_intervals, empatica_start
from vagus.files.readers.fit import read_fit
from vagus.files.readers.rr import beats_of_hrm, beats_of_series, beats_of_text, checked, timed_beats
from vagus.files.readers.wfdb.annotations import read_annotations
from vagus.signal.beats import Beats
from vagus.signal.recording import Gap

PACED = frozenset("/f")  # annotations of WFDB: paced, fusion of paced and normal
_NOT_BEATS = {"wfdb", "edf", "xdf", "parquet", "npz", "gzip"}


def read_beats(path: str | Path, *, fs_hz: float | None = None, unit: str | None = None) -> Beats:
    """Beats of a file of RR intervals, beat times or annotations.

    Parameters
    ----------
    path : str or Path
        RR intervals as text (one a line, or a table with a column such as "rr_ms", with or without a clock), Polar
        .hrm, FIT, IBI.csv of Empatica E4 or its folder, a NumPy array, or annotations of WFDB (.atr, .ecg, .qrs).
    fs_hz : float or None
        Sampling rate, for sample numbers and annotations that do not tell it.
    unit : "ms", "s" or None
        Unit of the intervals, for files that do not tell it; without it the median tells ms from s.

    Returns
    -------
    Beats
        Where a clock beside the intervals shows that some were lost there is a gap, and no interval across it.
        Beats of annotations carry their sign as `label`; ventricular flutter ("[" to "]") is a gap.

    Raises
    ------
    MissingFile
        The file is not there.
    InputError
        It holds no intervals, a row is damaged, or unit or rate cannot be told.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "rest.txt"
    >>> _ = path.write_text("800\\n820\\n810\\n")
    >>> read_beats(path).time_s.round(3).tolist()
    [0.0, 0.8, 1.62, 2.43]
    """
    path = Path(path)
    form = _form(path)
    if form == "annotations":
        return _annotated(path, fs_hz)
    if form == "empatica":
        path = path / "IBI.csv" if path.is_dir() else path
        if not path.is_file():
            raise InputError(Problem(what="folder holds no intervals", where=str(path.parent), allowed="IBI.csv"))
        start_s, table = empatica_intervals(path)
        if not (table.size and np.isfinite(table).all() and (np.diff(table[:, 0]) > 0).all()):
            allowed = "times in order, and the interval that each ends"
            raise InputError(Problem(what="intervals are damaged or none", where=str(path), allowed=allowed))
        late_s = start_s - empatica_start(path.parent)  # times count from the first sample of BVP, as marks do
        found = timed_beats(table[:, 0] + late_s, checked(table[:, 1], path, 2), path)
        return dataclasses.replace(found, kind="ppg")  # of the wrist's pulse wave
    if form == "fit":
        return _of_fit(path)
    if form == "hrm":
        return beats_of_hrm(path)
    if form == "npy":
        contents = read_npy(path, None)
        if len(contents.names) != 1:
            found = f"{len(contents.names)} columns"
            raise InputError(
                Problem(what="array holds more than intervals", where=str(path), found=found, allowed="one")
            )
        return beats_of_series(contents.read(0)[0], path, fs_hz=fs_hz, unit=unit)
    return beats_of_text(path, fs_hz=fs_hz, unit=unit)


def _form(path: Path) -> str:
    """Format, and two more: annotations of WFDB are bytes that nothing marks, and IBI.csv has no like."""
    if path.is_file() and path.suffix.lower() not in {".csv", ".tsv", ".txt"}:
        raw = first_bytes(path)
        if by_magic(raw) is None and (b"\0" in raw or not _is_text(raw)):
            return "annotations"
    form = format_of(path)
    if form == "text":
        head = first_bytes(path).partition(b"\n")[0]
        return "empatica" if head.split(b",")[-1].strip() == b"IBI" else "text"
    if form in _NOT_BEATS:
        raise InputError(
            Problem(
                what="file holds samples, not beats",
                where=str(path),
                found=f"{form}",
                allowed="find_beats(read_recording(path)); or a file of RR intervals or annotations",
            )
        )
    return form


def _is_text(raw: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw)  # the last sign may be cut in two
    except UnicodeDecodeError:
        return False
    return True


def _annotated(path: Path, fs_hz: float | None) -> Beats:
    found = read_annotations(path, fs_hz=fs_hz)
    gaps, since = [], None
    for sign, time_s in zip(found.symbol, found.time_s.tolist(), strict=True):
        if sign == "[":
            since = time_s
        elif sign == "]" and since is not None:
            gaps.append(Gap(start_s=since, stop_s=time_s))
            since = None
    if since is not None and found.sample.size:
        gaps.append(Gap(start_s=since, stop_s=float(found.time_s[-1])))
    # two people or two leads may mark one beat at one sample
    index = np.flatnonzero(found.is_beat)
    _, first = np.unique(found.sample[index], return_index=True)
    index = index[first]
    label = tuple(found.symbol[i] for i in index)
    return Beats(
        time_s=found.time_s[index],
        quality=np.ones(index.size),
        label=label,
        origin="given",
        source_name=path.name,
        fs_hz=found.fs_hz,
        gaps=tuple(gaps),
        paced_s=found.time_s[index][[word in PACED for word in label]],
    )


def _of_fit(path: Path) -> Beats:
    rr_ms, pauses = read_fit(path)
    end_s = np.cumsum(rr_ms) / 1000
    begin_s = np.concatenate([[0.0], end_s[:-1]])
    gaps, times, at, shift = [], [], 0, 0.0
    for before, pause_s in [*(pause for pause in pauses if pause[1] > 0), (rr_ms.size, 0.0)]:
        part = slice(at, before)
        if before > at:
            times += [begin_s[at] + shift, *(end_s[part] + shift).tolist()]
        if pause_s > 0 and before < rr_ms.size:
            gaps.append(
                Gap(start_s=float(end_s[before - 1] + shift), stop_s=float(end_s[before - 1] + shift + pause_s))
            )
        at, shift = before, shift + pause_s
    return Beats(
        time_s=np.array(times),
        quality=np.ones(len(times)),
        origin="given",
        source_name=path.name,
        gaps=tuple(gaps),
    )
