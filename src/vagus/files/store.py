"""A folder that keeps what long work has done."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem

DIGEST = 32  # bytes of the checksum


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStore:
    """Arrays in a folder, a file a key (a checksum, then NumPy's format), written whole or not at all.

    A file that is damaged counts as missing: what it held is computed again.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = FolderStore.at(folder)
    ...     store.save("a1", np.arange(3.0))
    ...     print(store.load("a1"), store.load("b2"))
    [0. 1. 2.] None
    """

    folder: Path

    @staticmethod
    def at(folder: Path | str) -> FolderStore:
        """Store in this folder, which is made if it is not there.

        Raises
        ------
        InputError
            The folder cannot be made or written.
        """
        path = Path(folder)
        try:
            path.mkdir(parents=True, exist_ok=True)
            probe = path / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise InputError(
                Problem(what="folder cannot be written", where=str(path), found=str(error), allowed="a writable folder")
            ) from error
        return FolderStore(folder=path)

    def load(self, key: str) -> NDArray[np.float64] | None:
        """The array kept under a key, or None."""
        try:
            raw = self._file(key).read_bytes()
        except OSError:
            return None
        told, array = raw[:DIGEST], raw[DIGEST:]
        if hashlib.sha256(array).digest() != told:
            return None
        return np.asarray(np.load(io.BytesIO(array), allow_pickle=False), dtype=np.float64)

    def save(self, key: str, array: NDArray[np.float64]) -> None:
        """Keep an array under a key.

        Raises
        ------
        InputError
            The folder cannot be written any more.
        """
        held = io.BytesIO()
        np.save(held, array, allow_pickle=False)
        raw = held.getvalue()
        try:
            handle, part = tempfile.mkstemp(dir=self.folder, prefix=f".{key[:8]}.", suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(raw).digest() + raw)
            Path(part).replace(self._file(key))
        except OSError as error:
            raise InputError(
                Problem(what="part cannot be kept", where=str(self.folder), found=str(error), allowed="room and leave")
            ) from error

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.part-done"
