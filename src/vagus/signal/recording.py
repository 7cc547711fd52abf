"""One channel of one recording."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from vagus.errors import InputError, Problem
from vagus.signal.vector import Array, vector

Kind = Literal["ecg", "ppg", "resp", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch without samples: filled with a straight line, and known to be filled."""

    start_s: float
    stop_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One channel of one recording.

    Parameters
    ----------
    kind : "ecg", "ppg", "resp" or "other"
    fs_hz : float
        Sampling rate; has no default.
    samples : (n,) array
        Finite; read-only.
    unit : str
        Unit of the samples ("mV", "NU" for normalized units, "" where the file does not say).
    channel : str
        Name of the channel in its file.
    start : datetime or None
        Wall clock at the first sample, where the file says it.
    name : str
        What messages call it, most often the file's name.
    gaps : tuple of Gap
        Stretches that had no samples and were filled with a straight line.
    notes : tuple of str
        What the reader has to say about the file, in sentences.

    Raises
    ------
    InputError
        Unknown kind, a sampling rate that is none, samples that are not finite.

    Examples
    --------
    >>> recording = Recording(kind="ecg", fs_hz=125, samples=[0.0] * 1000, unit="mV")
    >>> recording.duration_s, recording.window(2, 4).samples.size
    (8.0, 250)
    """

    kind: Kind
    fs_hz: float
    samples: Array
    unit: str
    channel: str = ""
    start: datetime | None = None
    name: str = ""
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise InputError(
                Problem(
                    what="kind is unknown", where=self.name, found=f'"{self.kind}"', allowed="ecg, ppg, resp, other"
                )
            )
        if not (math.isfinite(self.fs_hz) and self.fs_hz > 0):
            raise InputError(
                Problem(
                    what="fs_hz is no sampling rate", where=self.name, found=f"{self.fs_hz}", allowed="a number > 0"
                )
            )
        object.__setattr__(self, "fs_hz", float(self.fs_hz))
        what = f"{self.kind} {self.channel}".strip()
        object.__setattr__(self, "samples", vector(self.samples, name=f"{what} samples", where=self.name))

    @property
    def duration_s(self) -> float:
        """Length in seconds: samples over sampling rate."""
        return self.samples.size / self.fs_hz

    def window(self, start_s: float, end_s: float) -> Recording:
        """Part from `start_s` up to, not including, `end_s`; its time starts at 0 again.

        Raises
        ------
        InputError
            The window does not lie inside the recording.
        """
        # half a sample of room: a segment that ends "at 480 s" fits a file of 479.992 s
        if not 0 <= start_s < end_s <= self.duration_s + 1.5 / self.fs_hz:
            raise InputError(
                Problem(
                    what="window outside the recording",
                    where=self.name,
                    found=f"{start_s:g} to {end_s:g} s",
                    allowed=f"0 to {self.duration_s:g} s, start before end",
                )
            )
        first, last = round(start_s * self.fs_hz), round(end_s * self.fs_hz)
        gaps = tuple(
            Gap(start_s=max(g.start_s, start_s) - start_s, stop_s=min(g.stop_s, end_s) - start_s)
            for g in self.gaps
            if g.stop_s > start_s and g.start_s < end_s
        )
        start = self.start + timedelta(seconds=start_s) if self.start else None
        return replace(self, samples=self.samples[first:last], start=start, gaps=gaps)
