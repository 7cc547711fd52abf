"""A folder that keeps what long work has done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStore:
    """Arrays in a folder, a `.npy` file a key, written whole or not at all.

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
            return np.asarray(np.load(self.folder / f"{key}.npy", allow_pickle=False), dtype=np.float64)
        except (OSError, ValueError, EOFError):
            return None

    def save(self, key: str, array: NDArray[np.float64]) -> None:
        """Keep an array under a key."""
        part = self.folder / f"{key}.part.npy"
        np.save(part, array, allow_pickle=False)
        part.replace(self.folder / f"{key}.npy")
