"""Constants of this folder, from the table ``beats``: its keys are its own, some stand in another table, too."""

from __future__ import annotations

from vagus.signal.known import constants


def value(key: str, kind: str = "ecg") -> float:
    """The bare number of a constant of the table ``beats``; for a PPG its own where it has one.

    Examples
    --------
    >>> value("refractory_s"), value("window_s"), value("window_s", "ppg")
    (0.2, 0.1, 0.17)
    """
    known, own = constants("beats"), f"{kind}_{key}"
    return known[own if own in known else key].value
