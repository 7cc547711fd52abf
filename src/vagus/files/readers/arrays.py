"""Parquet tables (by pyarrow, an extra) and NumPy arrays."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from vagus.errors import InputError, Problem
from vagus.files.readers.channels import Contents
from vagus.files.readers.content import LARGEST_BYTES
from vagus.files.readers.grid import spread
from vagus.files.readers.text import TIME_NAMES, Column, clock_grid, column
from vagus.signal.vector import Array

_RATE_NAMES = ("fs_hz", "fs", "sfreq", "sampling_rate", "sampling_frequency")
_LARGEST_RATIO = 100
_SMALL_BYTES = 16 * 1024**2
_MAX_MEMBERS = 1000


def read_parquet(path: Path, fs_hz: float | None) -> Contents:
    """Channels of a Parquet file: a column each, its unit in its name ("ecg_mV") or its field's metadata ("unit").

    Raises
    ------
    InputError
        pyarrow is not installed, the file is damaged, or it has no column of numbers.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise InputError(
            Problem(what="Parquet needs pyarrow", where=str(path), allowed='pip install "vagus[parquet]"')
        ) from error
    try:
        file = parquet.ParquetFile(path)
        schema, n_rows = file.schema_arrow, file.metadata.num_rows
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
    except Exception as error:  # pyarrow raises what it likes on a damaged file
        raise InputError(_damaged(path, error)) from error
    _bound(path, max(size, 0), n_rows)
    numeric = [i for i, field in enumerate(schema) if str(field.type) in _ARROW_NUMBERS or _is_time(field.type)]
    columns = [_parquet_column(schema.field(i)) for i in numeric]

    def read(index: int) -> Array:
        try:
            return _floats(file.read(columns=[schema.field(numeric[index]).name]).column(0))
        except Exception as error:
            raise InputError(_damaged(path, error)) from error

    return _table(path, columns, read, n_rows=n_rows, fs_hz=fs_hz)


_ARROW_NUMBERS = {
    "double", "float", "halffloat", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
}  # fmt: skip


def _is_time(kind: object) -> bool:
    return str(kind).startswith("timestamp[")


def _parquet_column(field: Any) -> Column:
    if _is_time(field.type):
        return Column(name=column(field.name).name, unit=str(field.type)[10:].partition("]")[0].partition(",")[0])
    plain = column(field.name)
    told = (field.metadata or {}).get(b"unit", b"").decode("utf-8", "replace")
    return Column(name=field.name if told else plain.name, unit=told or plain.unit)


def _floats(chunked: Any) -> Array:
    import pyarrow as arrow

    if _is_time(chunked.type):
        chunked = chunked.cast(arrow.int64())
    return np.asarray(chunked.cast(arrow.float64(), safe=False).to_numpy(), dtype=np.float64)


def read_npy(path: Path, fs_hz: float | None) -> Contents:
    """Channels of a NumPy array: one for one dimension, else one along each row of the shorter side.

    Raises
    ------
    InputError
        It is no array of numbers, or the file is shorter than its header says.
    """
    with path.open("rb") as stream:
        array = _array(stream, path.stat().st_size, str(path))
    return _of_arrays(path, {"": array}, None, fs_hz)


def read_npz(path: Path, fs_hz: float | None) -> Contents:
    """Channels of named NumPy arrays; a single number named "fs_hz" (or "fs", "sampling_rate") is the rate.

    Raises
    ------
    InputError
        The archive is damaged or unpacks to too much, or holds no array of numbers.
    """
    most = min(LARGEST_BYTES, max(_SMALL_BYTES, _LARGEST_RATIO * path.stat().st_size))
    arrays: dict[str, np.ndarray] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            total = sum(info.file_size for info in members)
            if len(members) > _MAX_MEMBERS or total > most:
                found = f"{len(members)} arrays, {total} bytes out of {path.stat().st_size}"
                allowed = f"{_MAX_MEMBERS} arrays and {most} bytes"
                raise InputError(
                    Problem(what="archive unpacks to too much", where=str(path), found=found, allowed=allowed)
                )
            for info in members:
                with archive.open(info) as stream:
                    arrays[info.filename.removesuffix(".npy")] = _array(
                        stream, info.file_size, f"{path}, {info.filename}"
                    )
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise InputError(_damaged(path, error)) from error
    rate = next(
        (float(arrays[name].ravel()[0]) for name in _RATE_NAMES if name in arrays and arrays[name].size == 1), None
    )
    if rate is not None and not 0 < rate < 1e7:
        raise InputError(
            Problem(what="sampling rate is no rate", where=str(path), found=f"{rate}", allowed="a number > 0")
        )
    return _of_arrays(path, {name: a for name, a in arrays.items() if name not in _RATE_NAMES}, rate, fs_hz)


def _array(stream: Any, size: int, where: str) -> np.ndarray:
    """Numbers of one array; its header is held against the bytes that are there before memory is taken."""
    try:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, kind = read(stream)
    except Exception as error:  # the header is a Python literal: it can be wrong in every way
        raise InputError(
            Problem(
                what="NumPy header cannot be read",
                where=where,
                found=" ".join(str(error).split())[:80],
                allowed="what numpy.save writes",
            )
        ) from error
    if kind.kind not in "fiub" or kind.itemsize > 8:
        found = f"{kind}"[:40]
        raise InputError(Problem(what="array is not numbers", where=where, found=found, allowed="float or int arrays"))
    count = 1
    for side in shape:
        count *= side
    if count * kind.itemsize > size or count < 0 or len(shape) > 2:
        found = f"{shape} of {kind}, {size} bytes"
        allowed = "one or two dimensions, and as many bytes"
        raise InputError(Problem(what="array is not what it says", where=where, found=found[:80], allowed=allowed))
    raw = _exactly(stream, count * kind.itemsize, where)
    array = np.frombuffer(raw, dtype=kind).astype(np.float64)
    return array.reshape(shape, order="F" if fortran else "C")


def _exactly(stream: BinaryIO, size: int, where: str) -> bytes:
    raw = stream.read(size)
    if len(raw) < size:
        raise InputError(
            Problem(what="array is truncated", where=where, found=f"{len(raw)} bytes", allowed=f"{size} bytes")
        )
    return raw


def _of_arrays(path: Path, arrays: dict[str, np.ndarray], rate: float | None, fs_hz: float | None) -> Contents:
    columns: list[Column] = []
    values: list[Array] = []
    for name, array in arrays.items():
        plain = column(name)
        if array.ndim == 1:
            columns.append(plain)
            values.append(array)
        elif array.ndim == 2:
            upright = array if array.shape[0] >= array.shape[1] else array.T  # more samples than channels
            for i in range(upright.shape[1]):
                columns.append(Column(name=f"{plain.name} {i + 1}".strip(), unit=plain.unit))
                values.append(np.ascontiguousarray(upright[:, i]))
    sizes = {value.size for value in values}
    if len(sizes) > 1:
        found = ", ".join(str(size) for size in sorted(sizes))
        raise InputError(
            Problem(what="arrays differ in length", where=str(path), found=found, allowed="channels of one length")
        )
    named = [Column(name=c.name or "samples", unit=c.unit) for c in columns]
    return _table(path, named, lambda i: values[i], n_rows=max(sizes, default=0), fs_hz=fs_hz, rate=rate)


def _table(
    path: Path,
    columns: list[Column],
    read: Callable[[int], Array],
    *,
    n_rows: int,
    fs_hz: float | None,
    rate: float | None = None,
) -> Contents:
    """Channels out of columns, on the grid of the column that is a clock where there is one."""
    clock = next((i for i, c in enumerate(columns) if c.name.casefold() in TIME_NAMES), None)
    rest = [i for i in range(len(columns)) if i != clock]
    if not rest or n_rows == 0:
        found = f"{len(rest)} columns, {n_rows} rows"
        raise InputError(
            Problem(what="no column of numbers", where=str(path), found=found, allowed="a column of samples")
        )
    start, place, notes = None, np.arange(n_rows), ()
    if clock is not None:
        rate, start, place, notes = clock_grid(read(clock), columns[clock], str(path), fs_hz=fs_hz, first_row=1)
    return Contents(
        names=tuple(columns[i].name for i in rest),
        units=tuple(columns[i].unit for i in rest),
        fs_hz=(rate,) * len(rest),
        start=start,
        read=lambda index: (spread(read(rest[index]), place), ()),
        notes=notes,
    )


def _bound(path: Path, size: int, n_rows: int) -> None:
    """A table may shrink where it repeats itself, but not without end."""
    most = min(LARGEST_BYTES, max(_SMALL_BYTES, _LARGEST_RATIO * path.stat().st_size))
    if max(size, 8 * n_rows) > most or n_rows < 0:
        found = f"{n_rows} rows, {size} bytes out of {path.stat().st_size}"
        raise InputError(
            Problem(what="file unpacks to too much", where=str(path), found=found, allowed=f"{most} bytes")
        )


def _damaged(path: Path, error: Exception) -> Problem:
    kind = "archive" if path.suffix == ".npz" else "Parquet file"
    return Problem(
        what=f"{kind} is damaged",
        where=str(path),
        found=" ".join(str(error).split())[:120] or type(error).__name__,
        allowed="a whole file; write it again",
    )
