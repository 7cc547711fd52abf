"""Beats: times of heartbeats, detected, corrected, predicted or given."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from vagus.errors import InputError, Problem
from vagus.signal.known import value
from vagus.signal.recording import Gap
from vagus.signal.vector import Array, vector

_FASTEST_MS = 60.0  # a mouse's heart beats every 80 ms
_BESIDE = 2  # beats on either side that are judged with one
TRUSTED = frozenset({"", "extra", "by hand"})  # labels of beats that stand where a heartbeat was seen
Origin = Literal["detected", "corrected", "predicted", "given"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beats:
    """Times of heartbeats with their quality; a prediction and a measurement are the same type.

    Parameters
    ----------
    time_s : (n,) array
        Times of the R peaks from the start of the recording, increasing.
    quality : (n,) array
        0 (not to be trusted) to 1 (clean).
    kind : "ecg" or "ppg"
        Whether they are R peaks, or pulses of a PPG, whose variability is PRV, not HRV.
    label : tuple of str or None
        One word a beat: for corrected beats what was mended ("" where nothing was), else the file's annotation.
    origin : "detected", "corrected", "predicted" or "given"
    source_name : str
        Recording or model that they come from.
    fs_hz : float or None
        Sampling rate of that recording.
    jitter_ms : float or None
        Standard deviation of the error of the times, estimated.
    gaps : tuple of Gap
        Stretches of the recording in which no heartbeat could be read: no samples, flat, saturated.
    paced_s : (m,) array
        Times of beats before which a pacing spike was seen, or that the file's annotations call paced; they stay
        where they are when beats are corrected.

    Examples
    --------
    >>> beats = Beats.of_rr([800, 820, 810])
    >>> beats.rr_ms.round(6).tolist(), beats.time_s.size
    ([800.0, 820.0, 810.0], 4)
    """

    time_s: Array
    quality: Array
    kind: Literal["ecg", "ppg"] = "ecg"
    label: tuple[str, ...] | None = None
    origin: Origin
    source_name: str = ""
    fs_hz: float | None = None
    jitter_ms: float | None = None
    gaps: tuple[Gap, ...] = ()
    paced_s: Array = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        where = self.source_name
        object.__setattr__(self, "time_s", vector(self.time_s, name="beat times", where=where, increasing=True))
        object.__setattr__(
            self, "paced_s", vector(self.paced_s, name="times of paced beats", where=where, increasing=True)
        )
        object.__setattr__(self, "quality", vector(self.quality, name="beat quality", where=where))
        if self.origin not in get_args(Origin):
            allowed = ", ".join(get_args(Origin))
            raise InputError(Problem(what="origin is unknown", where=where, found=f'"{self.origin}"', allowed=allowed))
        if self.kind not in {"ecg", "ppg"}:
            raise InputError(Problem(what="kind is unknown", where=where, found=f'"{self.kind}"', allowed="ecg, ppg"))
        sizes = {self.time_s.size, self.quality.size} | ({len(self.label)} if self.label is not None else set())
        if len(sizes) > 1:
            found = ", ".join(str(size) for size in sorted(sizes))
            raise InputError(Problem(what="beat times, quality and label differ in length", where=where, found=found))
        if self.quality.size and (self.quality.min() < 0 or self.quality.max() > 1):
            found = f"{self.quality.min():g} to {self.quality.max():g}"
            raise InputError(Problem(what="beat quality is out of range", where=where, found=found, allowed="0 to 1"))

    @classmethod
    def of_rr(cls, rr_ms: ArrayLike, *, start_s: float = 0.0, source_name: str = "") -> Beats:
        """Beats from RR intervals in ms, all of quality 1; the first beat lies at `start_s`.

        Raises
        ------
        InputError
            Intervals that are no ms: half of them below 60, faster than any heart.
        """
        rr = vector(rr_ms, name="rr_ms", where=source_name)
        if rr.size and (usual := float(np.median(rr))) < _FASTEST_MS:
            why = "are they seconds?" if usual < 5 else "faster than any heart"
            found, allowed = f"half are below {usual:.3g}", f"ms, {_FASTEST_MS:g} and more"
            raise InputError(
                Problem(what="intervals are no ms", where=source_name or "rr_ms", found=found, allowed=allowed, why=why)
            )
        time_s = start_s + np.concatenate([[0.0], np.cumsum(rr) / 1000])
        return cls(time_s=time_s, quality=np.ones(time_s.size), origin="given", source_name=source_name)

    @property
    def rr_ms(self) -> Array:
        """Intervals between successive beats in ms, (n - 1,)."""
        return np.diff(self.time_s) * 1000

    @property
    def variability(self) -> Literal["HRV", "PRV"]:
        """What indices of these beats are: heart-rate variability, or pulse-rate variability where they are pulses."""
        return "PRV" if self.kind == "ppg" else "HRV"

    @property
    def mended(self) -> np.ndarray:
        """True at beats of a correction that were added or moved, or whose place cannot be trusted, (n,) of bool.

        A beat before which an extra one was removed is not among them: it is where it was. Nor is one that a person
        placed.
        """
        if self.origin != "corrected" or self.label is None:
            return np.zeros(self.time_s.size, dtype=bool)
        return np.array([word not in TRUSTED for word in self.label], dtype=bool)

    @property
    def across(self) -> np.ndarray:
        """True at intervals that no heart may have made, (n - 1,) of bool.

        Those across a gap or beside one, longer than a pause, or among beats that hardly look like heartbeats.
        """
        rr_s = np.diff(self.time_s)
        unsure = self.noisy
        found = (rr_s > value("longest_pause_s")) | unsure[:-1] | unsure[1:]
        edge = value("gap_edge_s")
        for gap in self.gaps:
            # beats at the edge of a gap were placed on what is not there
            first, last = np.searchsorted(self.time_s, [gap.start_s - edge, gap.stop_s + edge])
            if last > first:
                found[max(0, first - 1) : last] = True
            elif gap.stop_s - gap.start_s > value("hiding_gap_s") and 0 < first < self.time_s.size:
                found[first - 1] = True
        return found

    @property
    def noisy(self) -> np.ndarray:
        """True at beats in a stretch of noise: several in a row unlike the others; one ectopic beat is none, (n,)."""
        width = 2 * _BESIDE + 1
        if self.quality.size < width:
            return np.zeros(self.quality.size, dtype=bool)
        middle = np.median(sliding_window_view(np.pad(self.quality, _BESIDE, mode="edge"), width), axis=1)
        poor = middle < value("least_likeness")
        return np.asarray(sliding_window_view(np.pad(poor, _BESIDE), width).any(axis=1))

    def window(self, start_s: float, end_s: float) -> Beats:
        """Beats from `start_s` up to, not including, `end_s`, on the same clock."""
        first, last = np.searchsorted(self.time_s, [start_s, end_s])
        return replace(
            self,
            time_s=self.time_s[first:last],
            quality=self.quality[first:last],
            label=self.label[first:last] if self.label is not None else None,
            paced_s=self.paced_s[slice(*np.searchsorted(self.paced_s, [start_s, end_s]))],
        )
