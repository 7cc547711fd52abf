"""WFDB annotations in the standard MIT format: .atr, .ecg, .qrs and others.

Written from the format's description (PhysioNet, annot(5) and its table of annotation codes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem
from vagus.signal.vector import Array

# code in the file -> sign that people write
SYMBOLS = {
    1: "N", 2: "L", 3: "R", 4: "a", 5: "V", 6: "F", 7: "J", 8: "A", 9: "S", 10: "E", 11: "j", 12: "/", 13: "Q",
    14: "~", 16: "|", 18: "s", 19: "T", 20: "*", 21: "D", 22: '"', 23: "=", 24: "p", 25: "B", 26: "^", 27: "t",
    28: "+", 29: "u", 30: "?", 31: "!", 32: "[", 33: "]", 34: "e", 35: "n", 36: "@", 37: "x", 38: "f", 39: "(",
    40: ")", 41: "r",
}  # fmt: skip
BEAT_SYMBOLS = frozenset("NLRBAaJSVrFejnE/fQ?")
_SKIP, _NUM, _SUB, _CHN, _AUX = 59, 60, 61, 62, 63
_RESOLUTION = re.compile(r"^## time resolution: ([0-9.]+)")
_RATE = re.compile(r"^\S+\s+\d+\s+([0-9.eE+-]+)")
_LARGEST_BYTES = 256 * 1024**2
_HEADER_BYTES = 64 * 1024  # its record line is among the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """What people or programs wrote along a WFDB record.

    Parameters
    ----------
    sample : (n,) array of int
        Where each stands, in samples from the start; in order.
    symbol : tuple of str
        One sign each: "N" a normal beat, "V" a ventricular one, "+" a change of rhythm.
    subtype, channel, number : (n,) array of int
    aux : tuple of str
        Text of each, "" where there is none: "(AFIB" beside a "+".
    fs_hz : float
        Samples per second that `sample` counts.
    source_name : str
        Name of the file.

    Examples
    --------
    >>> import numpy as np
    >>> zero = np.zeros(2, dtype=int)
    >>> found = Annotations(sample=np.array([90, 450]), symbol=("+", "N"), subtype=zero, channel=zero, number=zero,
    ...                     aux=("(N", ""), fs_hz=360.0, source_name="100.atr")
    >>> found.time_s.tolist(), found.is_beat.tolist()
    ([0.25, 1.25], [False, True])
    """

    sample: np.ndarray
    symbol: tuple[str, ...]
    subtype: np.ndarray
    channel: np.ndarray
    number: np.ndarray
    aux: tuple[str, ...]
    fs_hz: float
    source_name: str = ""

    def __post_init__(self) -> None:
        for name in ("sample", "subtype", "channel", "number"):
            held = np.array(getattr(self, name), dtype=np.int64)
            held.setflags(write=False)
            object.__setattr__(self, name, held)

    @property
    def time_s(self) -> Array:
        """Seconds from the start of the record, (n,)."""
        return self.sample / self.fs_hz

    @property
    def is_beat(self) -> np.ndarray:
        """True at annotations that mark a heartbeat, (n,) of bool."""
        return np.array([sign in BEAT_SYMBOLS for sign in self.symbol], dtype=bool)


def read_annotations(path: str | Path, *, fs_hz: float | None = None) -> Annotations:
    """Annotations of a WFDB record: beats, rhythms and notes, each with its sample.

    Parameters
    ----------
    path : str or Path
        The annotation file itself, such as ``100.atr``.
    fs_hz : float or None
        Sampling rate; None takes it from the file or from the header (.hea) beside it.

    Returns
    -------
    Annotations

    Raises
    ------
    MissingFile
        The file is not there.
    InputError
        It is no annotation file, is cut short, or nothing tells the sampling rate.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "r.atr"
    >>> _ = path.write_bytes(bytes([100, 1 << 2, 44, (5 << 2) | 1, 0, 0]))  # N at 100, V 300 samples later
    >>> found = read_annotations(path, fs_hz=250)
    >>> found.symbol, found.time_s.tolist()
    (('N', 'V'), [0.4, 1.6])
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFile(
            Problem(what="annotation file is not there", where=str(path), allowed="a file such as 100.atr")
        )
    if path.stat().st_size > _LARGEST_BYTES:
        found = f"{path.stat().st_size} bytes"
        raise InputError(Problem(what="annotation file is too large", where=str(path), found=found, allowed="256 MiB"))
    rows, resolution = _rows(path.read_bytes(), path)
    rate = _rate(path, fs_hz, resolution)
    return Annotations(
        sample=np.array([row[0] for row in rows], dtype=np.int64),
        symbol=tuple(SYMBOLS.get(row[1], f"[{row[1]}]") for row in rows),
        subtype=np.array([row[2] for row in rows], dtype=np.int64),
        channel=np.array([row[3] for row in rows], dtype=np.int64),
        number=np.array([row[4] for row in rows], dtype=np.int64),
        aux=tuple(row[5] for row in rows),
        fs_hz=rate,
        source_name=path.name,
    )


def _rows(raw: bytes, path: Path) -> tuple[list[tuple[int, int, int, int, int, str]], float | None]:
    """(sample, code, subtype, channel, number, aux) of each annotation, and the rate if the file tells it."""
    words = np.frombuffer(raw, dtype="<u2", count=len(raw) // 2).tolist()
    rows: list[tuple[int, int, int, int, int, str]] = []
    resolution: float | None = None
    sample, at, skipped = 0, 0, 0
    while True:
        if at >= len(words):
            raise InputError(_cut(path, len(raw)))
        word = words[at]
        if word == 0:
            break
        code, step = word >> 10, word & 0x3FF
        at += 1
        if code == _SKIP:
            if at + 2 > len(words):
                raise InputError(_cut(path, len(raw)))
            far = (words[at] << 16) | words[at + 1]  # the high half comes first
            skipped += far - ((far >> 31) << 32)
            at += 2
            continue
        if code >= _NUM:
            raise InputError(_damaged(path, 2 * at - 2, f"code {code} before the annotation that it belongs to"))
        sample, skipped = sample + step + skipped, 0
        if (rows and sample < rows[-1][0]) or sample < 0:
            raise InputError(_damaged(path, 2 * at - 2, f"sample {sample} after {rows[-1][0] if rows else 0}"))
        channel, number = (rows[-1][3], rows[-1][4]) if rows else (0, 0)
        at, subtype, channel, number, aux = _extras(words, raw, at, path, channel=channel, number=number)
        told = _RESOLUTION.match(aux) if sample == 0 else None
        if told:
            resolution = _positive(told[1])
        elif not (sample == 0 and code == 22 and aux.startswith("## ")):  # lines about the file, no notes of a person
            rows.append((sample, code, subtype, channel, number, aux))
    if any(raw[2 * at :]):
        raise InputError(_damaged(path, 2 * at, "an end mark with more behind it"))
    return rows, resolution


def _extras(
    words: list[int], raw: bytes, at: int, path: Path, *, channel: int, number: int
) -> tuple[int, int, int, int, str]:
    """Where the next annotation begins; subtype, channel, number and text; the middle two hold until changed."""
    subtype, aux = 0, ""
    while at < len(words) and (kind := words[at] >> 10) >= _NUM:
        low, size = words[at] & 0xFF, words[at] & 0x3FF
        signed = low - ((low >> 7) << 8)
        at += 1
        if kind == _NUM:
            number = signed
        elif kind == _SUB:
            subtype = signed
        elif kind == _CHN:
            channel = low
        elif 2 * at + size > len(raw):
            raise InputError(_cut(path, len(raw)))
        else:
            aux = raw[2 * at : 2 * at + size].rstrip(b"\0").decode("latin-1")
            at += (size + 1) // 2
    return at, subtype, channel, number, aux


def _positive(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 1e-3 <= value < 1e7 else None


def _rate(path: Path, given: float | None, told: float | None) -> float:
    if given is not None:
        if not 1e-3 <= given < 1e7:
            raise InputError(
                Problem(what="fs_hz is no sampling rate", where=str(path), found=f"{given}", allowed="a number > 0")
            )
        return float(given)
    if told is not None:
        return told
    header = path.with_suffix(".hea")
    if header.is_file():
        with header.open("rb") as stream:
            lines = stream.read(_HEADER_BYTES).decode("latin-1").splitlines()
        first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
        match = _RATE.match(first)
        if match and (rate := _positive(match[1])) is not None:
            return rate
    raise InputError(
        Problem(
            what="sampling rate is neither in the annotations nor beside them: give fs_hz (--fs-hz)",
            where=str(path),
            allowed=f"fs_hz, or the record's header {header.name} in the same folder",
        )
    )


def _cut(path: Path, size: int) -> Problem:
    return Problem(
        what="annotation file is cut short or is none",
        where=str(path),
        found=f"{size} bytes without an end mark",
        allowed="WFDB annotations in MIT format, which end with two zero bytes",
    )


def _damaged(path: Path, at: int, found: str) -> Problem:
    return Problem(
        what="annotation file is damaged or is none",
        where=f"{path}, byte {at}",
        found=found,
        allowed="WFDB annotations in MIT format, in order of time",
    )
