"""Spectrum of RR intervals: bands shaded, power in figures, breathing marked, settings printed on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vagus.report.numbers import number, quantity
from vagus.report.svg import Axis, Chart
from vagus.signal import ToneSettings
from vagus.source import Effect

_LOWEST_HZ, _HIGHEST_HZ = 0.04, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Spectral density of one stretch: its name ("" where there is one), frequencies, density, HF power, breathing."""

    name: str
    frequency_hz: np.ndarray
    density_ms2_per_hz: np.ndarray
    hf_ms2: Effect | None = None
    lf_ms2: Effect | None = None
    breath_hz: float | None = None
    css: str = "ink"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A band of frequencies that is shaded and named."""

    name: str
    low_hz: float
    high_hz: float
    css: str


def spectrum(
    curves: Sequence[Curve],
    settings: ToneSettings,
    *,
    key: str,
    width_px: float,
    height_px: float = 190,
    fit_from_hz: float = _LOWEST_HZ,
    foot: bool = True,
) -> str:
    """Spectral density of RR intervals in ms²/Hz, up to 0.5 Hz or a little beyond the band.

    The axis fits what lies above `fit_from_hz`; what is higher below that is cut off at the frame.
    """
    bands = bands_of(settings)
    right = max(_HIGHEST_HZ, 1.1 * max(b.high_hz for b in bands))
    shown = [c.density_ms2_per_hz[(c.frequency_hz >= fit_from_hz) & (c.frequency_hz <= right)] for c in curves]
    top = 1.08 * max((float(v.max()) for v in shown if v.size), default=1.0) or 1.0
    chart = Chart(
        key=key,
        title="Spectrum of the intervals between heartbeats",
        text=_told(curves, settings),
        x=Axis(label="Frequency", unit="Hz", low=0.0, high=right, count=6 if width_px > 500 else 5),
        y=Axis(label="Spectral density", unit="ms²/Hz", low=0.0, high=top, count=4),
        width_px=width_px,
        height_px=height_px,
    )
    for band in bands:
        chart.span(band.low_hz, band.high_hz, band.css, label=band.name)
        chart.rule_x(band.low_hz, "muted faint").rule_x(band.high_hz, "muted faint")
    for curve in curves:
        inside = curve.frequency_hz <= right
        x, y = curve.frequency_hz[inside], np.minimum(curve.density_ms2_per_hz[inside], top)
        if len(curves) == 1:
            chart.band(x, np.zeros(x.size), y, curve.css)
        chart.line(x, y, curve.css)
        if len(curves) > 1:
            chart.legend("line", curve.name, curve.css)
    _breathing(chart, curves, right)
    if foot:
        for line in _feet(curves, settings, top):
            chart.foot(line)
    return chart.svg()


def bands_of(settings: ToneSettings) -> tuple[Band, Band]:
    """LF and HF band of the settings, named with their edges."""
    lf = _band("LF", settings.lf_low_hz, settings.lf_high_hz, "c5")
    return lf, _band("HF", settings.band_low_hz, settings.band_high_hz, "c1")


def _band(name: str, low_hz: float, high_hz: float, css: str) -> Band:
    return Band(name=f"{name} {low_hz:.2f}–{high_hz:.2f} Hz", low_hz=low_hz, high_hz=high_hz, css=css)


def _breathing(chart: Chart, curves: Sequence[Curve], right: float) -> None:
    for curve in curves:
        if curve.breath_hz is not None and curve.breath_hz <= right:
            label = "breathing" if len(curves) == 1 else ""
            chart.rule_x(curve.breath_hz, f"{'c2' if len(curves) == 1 else curve.css} dash", label=label)
    if len(curves) > 1 and any(c.breath_hz is not None for c in curves):
        chart.legend("rule", "breathing", "muted dash")


def _power(curve: Curve) -> str:
    said: list[str] = []
    for name, power in (("LF", curve.lf_ms2), ("HF", curve.hf_ms2)):
        if power is not None and math.isfinite(power.estimate):
            of = f" ({number(power.low)} to {number(power.high)})" if math.isfinite(power.low) else ""
            said.append(f"{name} {quantity(power.estimate, 'ms²')}{of}")
    return ", ".join(said) or "power not told"


def _feet(curves: Sequence[Curve], settings: ToneSettings, top: float) -> tuple[str, ...]:
    named = "; ".join(f"{c.name} {_power(c)}".strip() for c in curves)
    breath = [c.breath_hz for c in curves if c.breath_hz is not None]
    told = (
        f", breathing {quantity(60 * breath[0], 'per min')} ({quantity(breath[0], 'Hz')})"
        if len(curves) == 1 and breath
        else ""
    )
    cut = any(float(c.density_ms2_per_hz[c.frequency_hz <= _LOWEST_HZ].max(initial=0.0)) > top for c in curves)
    below = f" Below {number(_LOWEST_HZ)} Hz the line is cut off at the frame." if cut else ""
    return (
        f"{named}{told}; power absolute, 95 % interval in brackets.",
        f"Preset {settings.name}: {settings.words}.{below}",
    )


def _told(curves: Sequence[Curve], settings: ToneSettings) -> str:
    said: list[str] = []
    for curve in curves:
        inside = (curve.frequency_hz >= settings.band_low_hz) & (curve.frequency_hz < settings.band_high_hz)
        text = f"{curve.name}: {_power(curve)}" if curve.name else _power(curve)
        if inside.any():
            peak = curve.frequency_hz[inside][int(np.argmax(curve.density_ms2_per_hz[inside]))]
            text += f", highest in the band at {quantity(float(peak), 'Hz')}"
        if curve.breath_hz is not None:
            text += f", breathing at {quantity(curve.breath_hz, 'Hz')}"
        said.append(text)
    return f"{'; '.join(said)}. {settings.words}."
