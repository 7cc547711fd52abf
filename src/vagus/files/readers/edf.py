"""EDF and EDF+ files, through edfio."""

from __future__ import annotations

import warnings
from datetime import datetime
from pathlib import Path

import edfio
import numpy as np

from vagus.errors import InputError, Problem
from vagus.files.channels import Contents, looks_like
from vagus.signal.vector import Array


def read_edf(path: Path) -> Contents:
    """Channels of an EDF or EDF+ file; annotations are left out.

    Raises
    ------
    InputError
        The file cannot be read, is shorter than its header says, or its data records do not follow one another.
    """
    _measure(path)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            edf = edfio.read_bdf(path) if path.suffix.lower() == ".bdf" else edfio.read_edf(path)
            signals = tuple(edf.signals)
            rates = tuple(float(signal.sampling_frequency) for signal in signals)
    except Exception as error:
        raise InputError(
            Problem(
                what="EDF file cannot be read",
                where=str(path),
                found=f"a header whose fields do not fit ({' '.join(str(error).split()) or 'no reason'})",
                allowed="EDF, EDF+C or BDF as its standard has it",
            )
        ) from error
    if edf.reserved.startswith("EDF+D"):
        raise InputError(
            Problem(
                what="EDF+D (interrupted) is not read yet",
                where=str(path),
                found=edf.reserved.strip(),
                allowed="EDF or EDF+C (continuous)",
            )
        )
    if not signals:
        raise InputError(
            Problem(what="EDF file has no signal", where=str(path), found="0 signals", allowed="1 or more")
        )

    def read(index: int) -> Array:
        return np.asarray(signals[index].data, dtype=np.float64)

    return Contents(
        names=tuple(signal.label for signal in signals),
        units=tuple(signal.physical_dimension for signal in signals),
        fs_hz=rates,
        start=_start(edf),
        read=read,
        notes=tuple(" ".join(str(warning.message).split()) for warning in said),
    )


def _start(edf: edfio.Edf | edfio.Bdf) -> datetime | None:
    try:
        return datetime.combine(edf.startdate, edf.starttime)
    except ValueError:  # anonymized: the date is left out
        return None


def _shown(raw: bytes) -> str:
    return "".join(chr(c) if 32 <= c < 127 else "?" for c in raw).strip()


def _measure(path: Path) -> None:
    """Hold the file's size against its header: edfio reads what is there of a truncated file without a word."""
    with path.open("rb") as stream:
        head = stream.read(256)
        bdf = path.suffix.lower() == ".bdf"
        if not head.startswith(b"\xffBIOSEMI" if bdf else b"0       ") or len(head) < 256:
            begin = 'the byte 255 and "BIOSEMI"' if bdf else '"0" and seven spaces'
            raise InputError(
                Problem(
                    what=f"{'BDF' if bdf else 'EDF'} file cannot be read: its header is none",
                    where=str(path),
                    found=f"{looks_like(head)}, {path.stat().st_size} bytes",
                    allowed=f"a header of 256 bytes or more that begins with {begin}",
                )
            )
        try:
            n_head, n_records, n_signals = int(head[184:192]), int(head[236:244]), int(head[252:256])
            # after 216 bytes of other fields a signal: samples in a data record, 8 characters each
            stream.seek(256 + 216 * n_signals)
            counts = [int(stream.read(8)) for _ in range(min(n_signals, 4096))]
        except ValueError as error:
            fields = ", ".join(f'"{_shown(head[a:b])}"' for a, b in ((184, 192), (236, 244), (252, 256)))
            raise InputError(
                Problem(
                    what="EDF header is damaged",
                    where=str(path),
                    found=f"bytes of header, data records, signals: {fields}",
                    allowed="whole numbers, and as many samples per data record for each signal",
                )
            ) from error
    width = 3 if bdf else 2
    need, held = n_head + max(n_records, 0) * sum(counts) * width, path.stat().st_size
    if held < need:
        raise InputError(
            Problem(
                what="EDF file is truncated",
                where=str(path),
                found=f"{held} bytes",
                allowed=f"{need} bytes for the {n_records} data records that its header promises",
            )
        )
