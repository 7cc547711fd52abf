"""Sizes of electrodes around a nerve: the table `electrodes`."""

from __future__ import annotations

from vagus.errors import InputError, Problem, nearest
from vagus.source import Known
from vagus.tables import known_numbers


def electrode_size(key: str) -> Known:
    """A length, angle or ratio of an electrode around a nerve, with its source.

    Raises
    ------
    InputError
        No such number; the nearest is named.

    Examples
    --------
    >>> electrode_size("helix_apart").value, electrode_size("helix_apart").source.verified
    (8000.0, True)
    """
    sizes = known_numbers("electrodes")
    if key not in sizes:
        raise InputError(Problem(what="no such size of an electrode", found=f'"{key}"', allowed=nearest(key, sizes)))
    return sizes[key]
