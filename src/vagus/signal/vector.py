"""Read-only vectors: what the nouns of this room hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vagus.errors import InputError, Problem

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def row(samples: ArrayLike, *, what: str) -> Array:
    """Samples of a live chunk, one or many, in one contiguous row; nan where one was lost.

    Raises
    ------
    InputError
        Words, complex numbers, None, more than one dimension, or infinite samples.

    Examples
    --------
    >>> row([1, float("nan")], what="a chunk").tolist()
    [1.0, nan]
    """
    try:
        given = np.asarray(samples)
    except ValueError as error:  # rows of different lengths
        raise _no_row(what, "no row") from error
    if given.size and given.dtype.kind not in "fiub":
        raise _no_row(what, f"{given.dtype.name} ({str(given.ravel()[0])[:20]!r})")
    if given.ndim == 0:
        given = given.reshape(1)
    if given.ndim != 1:
        raise _no_row(what, f"shape {given.shape}")
    found = np.ascontiguousarray(given, dtype=np.float64)
    if np.isinf(found).any():
        raise _no_row(what, "infinite samples")
    return found


def _no_row(what: str, found: str) -> InputError:
    return InputError(Problem(what=f"{what} is a row of samples", found=found, allowed="numbers, nan where lost"))


def vector(values: ArrayLike, *, name: str, where: str = "", increasing: bool = False) -> Array:
    """One-dimensional, finite, read-only copy of `values`.

    Raises
    ------
    InputError
        Not numbers, not one-dimensional, not finite, or (with `increasing`) out of order.

    Examples
    --------
    >>> vector([1, 2.5], name="rr_ms").flags.writeable
    False
    """
    try:
        copy = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(Problem(what=f"{name} is not numbers", where=where, allowed="numbers")) from error
    if copy.ndim != 1:
        raise InputError(
            Problem(what=f"{name} has the wrong shape", where=where, found=str(copy.shape), allowed="one dimension")
        )
    bad = np.flatnonzero(~np.isfinite(copy))
    if bad.size:
        raise InputError(
            Problem(
                what=f"{name} is not finite",
                where=where,
                found=f"{bad.size} of {copy.size}, the first at index {bad[0]}",
                allowed="finite numbers",
            )
        )
    if increasing and copy.size > 1 and (step := np.diff(copy)).min() <= 0:
        first = int(np.argmax(step <= 0))
        raise InputError(
            Problem(
                what=f"{name} does not increase",
                where=where,
                found=f"{copy[first]:g} then {copy[first + 1]:g} at index {first + 1}",
                allowed="each time later than the one before",
            )
        )
    copy.setflags(write=False)
    return copy
