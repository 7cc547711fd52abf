"""Marks along a recording: what a person or a program noted, and when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One note along a recording: when, for how long, what.

    Parameters
    ----------
    time_s : float
        From the start of the recording.
    duration_s : float
        0 where the file gives none.
    text : str

    Examples
    --------
    >>> Mark(time_s=30.0, duration_s=60.0, text="stimulation").text
    'stimulation'
    """

    time_s: float
    duration_s: float = 0.0
    text: str
