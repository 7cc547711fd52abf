"""What a file is, told by what is in it; its name decides only where the bytes do not."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from typing import Literal

from vagus.errors import InputError, MissingFile, Problem, nearest
from vagus.files.readers.wfdb.record import header_of

Format = Literal["wfdb", "edf", "xdf", "parquet", "npy", "npz", "fit", "hrm", "gzip", "empatica", "text"]
LARGEST_BYTES = 2 * 1024**3
LARGEST_TEXT_BYTES = 1024**3
_LARGEST_RATIO = 200  # numbers as text shrink by 3 to 50 times; what shrinks by more is a bomb or one value throughout
_SMALL_BYTES = 16 * 1024**2
READ = (
    "WFDB (.hea with .dat), EDF, EDF+ or BDF, CSV, TSV or TXT, BIDS (_physio.tsv.gz with .json), XDF, Parquet, "
    "NumPy (.npy, .npz) or a folder of Empatica E4"
)

# first bytes of files that are often given in place of a recording
_MAGIC = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive (also: an Excel or Word file)",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file",
    b"MATLAB": "a MATLAB file",
    b"SQLite": "an SQLite database",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"\xffBIOSEMI": "a BDF file",
    b"0       ": "an EDF file",
    b"XDF:": "an XDF file",
    b"PAR1": "a Parquet file",
    b"\x93NUMPY": "a NumPy array",
    b"<?xml": "an XML file",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}
_READ_BY_MAGIC: dict[bytes, Format] = {
    b"\xffBIOSEMI": "edf",
    b"0       ": "edf",
    b"XDF:": "xdf",
    b"PAR1": "parquet",
    b"\x93NUMPY": "npy",
    b"\x1f\x8b": "gzip",
    b"[Params]": "hrm",
}
_EMPATICA = ("BVP.csv", "IBI.csv", "HR.csv", "EDA.csv", "TEMP.csv", "ACC.csv")


def looks_like(raw: bytes) -> str:
    """What the first bytes of a file look like, in words.

    Examples
    --------
    >>> looks_like(b"\\x89PNG\\r\\n"), looks_like(b"time_s,ecg")
    ('a PNG picture', 'text that begins with "time_s,ecg"')
    """
    if not raw:
        return "an empty file"
    for magic, words_of in _MAGIC.items():
        if raw.startswith(magic):
            return words_of
    if all(32 <= c < 127 or c in b"\t\r\n" for c in raw[:200]):
        return f'text that begins with "{" ".join(raw[:60].decode("ascii").split())[:40]}"'
    return f"bytes {raw[:8].hex(' ')}"


def is_empatica(path: Path) -> bool:
    """Whether a folder is one of Empatica E4."""
    return path.is_dir() and any((path / name).is_file() for name in _EMPATICA)


def format_of(path: Path) -> Format:
    """Format of a file or folder, by its content.

    Raises
    ------
    MissingFile
        Nothing is there.
    InputError
        It is a folder of something else, too large, or in no format that is read.
    """
    if path.is_dir():
        if is_empatica(path):
            return "empatica"
        raise InputError(_folder(path))
    header = header_of(path)
    if not path.is_file():
        if header.is_file():
            return "wfdb"
        raise MissingFile(not_there(path))
    if path.stat().st_size > LARGEST_BYTES:
        size = f"{path.stat().st_size / 1024**3:.1f} GiB"
        raise InputError(Problem(what="file is too large", where=str(path), found=size, allowed="up to 2 GiB"))
    with path.open("rb") as stream:
        raw = stream.read(4096)
    for magic, known in _READ_BY_MAGIC.items():
        if raw.startswith(magic):
            return known
    return _by_name(path, raw)


def _by_name(path: Path, raw: bytes) -> Format:
    suffix = path.suffix.lower()
    if raw[8:12] == b".FIT":
        return "fit"
    if raw.startswith(b"PK\x03\x04") and (b".npy" in raw or suffix == ".npz"):
        return "npz"
    if suffix in {".hea", ".dat"}:
        return "wfdb"
    if suffix in {".edf", ".bdf", ".rec"}:  # its reader says what is wrong with it
        return "edf"
    if path.name in _EMPATICA and re.match(
        rb"^1\d{9}(\.0*)?(, *1\d{9}(\.0*)?)*\s", raw
    ):  # a start in place of a header
        return "empatica"
    text = b"\0" not in raw and looks_like(raw).startswith(("text that", "bytes", "an empty"))
    if suffix in {".csv", ".tsv", ".txt"} or text:
        return "text"
    raise InputError(Problem(what="recording format is unknown", where=str(path), found=looks_like(raw), allowed=READ))


def _folder(path: Path) -> Problem:
    """A folder was named; a record of WFDB may have a folder of its name beside it, but is then named by its header."""
    inside = sorted(entry.name for entry in path.iterdir())
    what = f"{len(inside)} entries ({', '.join(inside[:4])}{', ...' if len(inside) > 4 else ''})" if inside else "empty"
    return Problem(
        what="is a folder, not a recording", where=str(path), found=f"a folder: {what}", allowed=f"one file: {READ}"
    )


def not_there(path: Path) -> Problem:
    """Say what stands in the folder in place of a file that was named."""
    if not path.parent.is_dir():
        return Problem(what="recording file is not there", where=str(path), found="its folder is not there either")
    there = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    return Problem(
        what="recording file is not there",
        where=str(path),
        allowed=nearest(path.name, there) if there else "a file that exists; the folder is empty",
    )


def text_of(path: Path) -> str:
    """Text of a file in UTF-8 (or an old code page), unpacked if it is gzip.

    Raises
    ------
    InputError
        It is no text, or unpacks to more than a recording holds.
    """
    raw = path.read_bytes()
    if raw.startswith(b"\x1f\x8b"):
        raw = unpacked(path)
    allowed = "text in UTF-8, such as CSV or TSV"
    if b"\0" in raw[:4096] or not looks_like(raw).startswith(("text that", "bytes", "an empty")):
        raise InputError(Problem(what="file is not text", where=str(path), found=looks_like(raw), allowed=allowed))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # a unit such as µV in an old code page is readable; control bytes are no text in any
        if any(byte < 9 or 13 < byte < 32 for byte in raw[:4096]):
            found = f"{looks_like(raw)}; byte {raw[error.start]:#04x} at {error.start} is no UTF-8"
            raise InputError(Problem(what="file is not text", where=str(path), found=found, allowed=allowed)) from error
        return raw.decode("latin-1")


def unpacked(path: Path) -> bytes:
    """Bytes inside a gzip file, never more than a recording of its size can hold.

    Raises
    ------
    InputError
        The archive is damaged, or holds too much.
    """
    most = min(LARGEST_TEXT_BYTES, max(_SMALL_BYTES, _LARGEST_RATIO * path.stat().st_size))
    parts, total = [], 0
    try:
        with gzip.open(path) as stream:
            while part := stream.read(1 << 20):
                total += len(part)
                if total > most:
                    raise InputError(
                        Problem(
                            what="gzip archive unpacks to too much",
                            where=str(path),
                            found=f"more than {most} bytes out of {path.stat().st_size}",
                            allowed=f"{_LARGEST_RATIO} times its size and {LARGEST_TEXT_BYTES} bytes",
                        )
                    )
                parts.append(part)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            Problem(
                what="gzip archive is damaged",
                where=str(path),
                found=" ".join(str(error).split()),
                allowed="a whole archive; copy the file again",
            )
        ) from error
    return b"".join(parts)
