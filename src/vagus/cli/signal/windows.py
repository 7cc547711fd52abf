"""Vagal tone in one window or in windows along a recording; a window that cannot be told says why."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vagus.cli.signal.inputs import Read
from vagus.errors import Abstained, InputError, Problem
from vagus.source import Effect
from vagus.units import symbol

if TYPE_CHECKING:
    from vagus.signal import Tone


_ROOM_S = 0.1  # by which a window may reach beyond the last sample
FACTS = ("n_beats", "breath_rate_per_min", "rmssd_floor_ms", "readable_pct", "quality_pct", "corrected_pct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window: its bounds, its indices and what else is known of it, or why it cannot be told.

    `tone` is the whole result, where it was made with intervals of its own.
    """

    start_s: float
    end_s: float
    indices: Mapping[str, Effect]
    facts: Mapping[str, object]
    preset: str
    flags: tuple[str, ...] = ()
    not_told: str = ""
    tone: Tone | None = None

    @classmethod
    def of(cls, told: Tone) -> Window:
        """Window of a tone."""
        pairs = ((field.name, getattr(told, field.name)) for field in dataclasses.fields(told))
        return cls(
            start_s=told.start_s,
            end_s=told.end_s,
            indices={name: value for name, value in pairs if isinstance(value, Effect)},
            facts={name: getattr(told, name) for name in FACTS},
            preset=told.settings.name,
            flags=told.flags,
            tone=told,
        )


def whole(
    one: Read,
    start_s: float,
    end_s: float,
    *,
    preset: str,
    seed: int,
    resamples: int,
    nonlinear: bool = False,
) -> Window:
    """Tone from `start_s` to `end_s`.

    Raises
    ------
    Abstained
        There is not enough to tell it.
    """
    import numpy as np

    from vagus.signal import PRESETS, vagal_tone

    told = vagal_tone(
        one.result.beats,
        start_s=start_s,
        end_s=end_s,
        settings=PRESETS[preset],
        breaths=one.breaths,
        rng=np.random.default_rng(seed),
        n_resample=resamples,
        nonlinear=nonlinear,
    )
    return Window.of(told)


def along(
    one: Read,
    start_s: float,
    end_s: float,
    *,
    window_s: float,
    every_s: float | None,
    preset: str,
    seed: int,
    resamples: int,
    nonlinear: bool = False,
) -> tuple[Window, ...]:
    """Tone in windows along a stretch; one that cannot be told says why.

    Without intervals, breaths and nonlinear indices all windows are told at once; else each on its own.

    Raises
    ------
    InputError
        A window is longer than the stretch.
    """
    if window_s > end_s - start_s + _ROOM_S:
        raise InputError(
            Problem(
                what="window longer than what is read",
                where="--window-s",
                found=f"{window_s:g} s",
                allowed=f"up to {end_s - start_s:g} s",
            )
        )
    every = every_s or window_s
    if not resamples and one.breaths is None and not nonlinear:
        return _at_once(one, start_s, end_s, window_s=window_s, every_s=every, preset=preset)
    found: list[Window] = []
    for k in range(int((end_s - start_s - window_s + _ROOM_S) / every) + 1):
        first, last = start_s + k * every, start_s + k * every + window_s
        try:
            found.append(whole(one, first, last, preset=preset, seed=seed, resamples=resamples, nonlinear=nonlinear))
        except (Abstained, InputError) as reason:
            why = reason.problems[0].what if isinstance(reason, InputError) else str(reason)
            found.append(Window(start_s=first, end_s=last, indices={}, facts={}, preset=preset, not_told=why))
    return tuple(found)


def _at_once(
    one: Read, start_s: float, end_s: float, *, window_s: float, every_s: float, preset: str
) -> tuple[Window, ...]:
    from vagus.signal import PRESETS, sliding_tone
    from vagus.signal.reading.sliding import INDICES

    slid = sliding_tone(
        one.result.beats,
        window_s=window_s,
        step_s=every_s,
        start_s=start_s,
        end_s=max(end_s, start_s + window_s),
        settings=PRESETS[preset],
    )
    return tuple(
        Window(
            start_s=float(slid.start_s[k]),
            end_s=float(slid.end_s[k]),
            indices={name: _bare(name, float(getattr(slid, name)[k])) for name in INDICES} if not why else {},
            facts={name: getattr(slid, name)[k].item() for name in FACTS if hasattr(slid, name)},
            preset=preset,
            not_told=why,
        )
        for k, why in enumerate(slid.reason)
    )


def _bare(name: str, value: float) -> Effect:
    """An index without an interval."""
    unit = "ln ms" if name == "ln_rmssd" else symbol(name)
    return Effect(estimate=value, low=math.nan, high=math.nan, unit=unit, n=0, method="no interval was asked for")
