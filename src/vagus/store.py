"""Where long work keeps what is done, so that it can go on after an interrupt. Implemented in `vagus.files`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Store", "digest"]


class Store(Protocol):
    """Keeps arrays by a key that says what they were made from."""

    def load(self, key: str) -> NDArray[np.float64] | None:
        """The array kept under a key, or None."""
        ...

    def save(self, key: str, array: NDArray[np.float64]) -> None:
        """Keep an array, whole or not at all."""
        ...


def digest(parts: Iterable[object]) -> str:
    """A key of 32 letters for these arrays, numbers and texts, in this order.

    Examples
    --------
    >>> digest(["mrg", np.arange(3)]) == digest(["mrg", np.arange(3)])
    True
    >>> digest(["mrg", np.arange(3)]) == digest(["mrg", np.arange(4)])
    False
    """
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            found.update(f"{part.dtype.str}{part.shape}".encode())
            found.update(np.ascontiguousarray(part).tobytes())
        else:
            found.update(f"{type(part).__name__}:{part!r}".encode())
        found.update(b"\0")
    return found.hexdigest()[:32]
