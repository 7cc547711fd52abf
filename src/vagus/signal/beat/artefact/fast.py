"""Trains too fast for single pulses to be seen: the rate whose harmonics hold most of what is sharp."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_opening, uniform_filter1d

from vagus.signal.beat.constants import value
from vagus.signal.vector import Array

_STEP_HZ = 0.01  # between rates that are tried
_BESIDE_HZ = 0.4  # of a harmonic belongs to it
_NEARLY = 0.9  # of the largest share: of rates that explain as much the highest is the rate itself
_STRONG = 0.05  # of the strongest harmonic: the lowest such one tells the phase
_HIGHEST = 0.6  # of the sampling rate: harmonics above are filtered away


def fast_train(samples: Array, fs_hz: float) -> Array:
    """Times in s of pulses of regular trains of 45 to 150 a second, (n,); empty where there are none.

    The steps of an ECG's slope over 4 s have a spectrum; of a train it holds the harmonics of its rate, those above
    half the sampling rate folded back. Where they hold most of it, and it is not the hum of the mains alone, the phase
    of the lowest strong one tells when pulses come, its size from when to when there are any. Each pulse's place within
    its period is arbitrary, but the same.
    """
    bend = np.diff(samples, n=2, prepend=samples[:1], append=samples[-1:])
    long = round(value("fast_window_s") * fs_hz)
    if bend.size < 2 * long:
        return np.zeros(0)
    starts = range(0, bend.size - long + 1, long // 2)
    found = [one for start in starts if (one := _rate(bend[start : start + long], fs_hz))]
    if not found:
        return np.zeros(0)
    rate_hz, line = max(found, key=lambda one: one[2])[:2]
    return _times(bend, rate_hz, line, fs_hz)


def _rate(bend: Array, fs_hz: float) -> tuple[float, int, float] | None:
    """Rate, number of its lowest strong harmonic, and power, where those of one rate hold most of the spectrum."""
    n = 4 * bend.size
    power = np.abs(np.fft.rfft(bend * np.hanning(bend.size), n)) ** 2
    total = np.concatenate([[0.0], np.cumsum(power)])
    beside = round(_BESIDE_HZ * n / fs_hz)

    def near(hz: np.ndarray) -> Array:
        folded = np.abs(hz - fs_hz * np.rint(hz / fs_hz))
        place = np.rint(folded * n / fs_hz).astype(np.int64)
        return total[np.minimum(place + beside + 1, power.size)] - total[np.maximum(place - beside, 0)]

    rates = np.arange(value("slowest_train_hz"), value("fastest_train_hz"), _STEP_HZ)
    share = np.zeros(rates.size)
    for k in range(1, int(_HIGHEST * fs_hz / rates[0]) + 1):
        some = k * rates < _HIGHEST * fs_hz
        share[some] += near(k * rates[some])
    share /= max(float(total[-1]), 1e-300)
    best = int(np.flatnonzero(share >= _NEARLY * share.max())[-1])
    peak = np.arange(max(0, best - round(1 / _STEP_HZ)), best + 1)
    best = int(peak[np.argmax(share[peak])])
    rate_hz = float(rates[best])
    lines = near(rate_hz * np.arange(1, int(_HIGHEST * fs_hz / rate_hz) + 1))
    size = np.sqrt(float(np.mean(bend**2))) / max(float(np.quantile(np.abs(bend), 0.995)), 1e-300)
    hum = any(abs(rate_hz - mains) < 1 for mains in (50.0, 60.0, 100.0, 120.0)) and lines.max() > 0.8 * lines.sum()
    if rate_hz < value("fast_train_hz") or share[best] < value("fast_share") or hum or size < value("fast_size"):
        return None
    return rate_hz, int(np.argmax(lines > _STRONG * lines.max())) + 1, float(total[-1])


def _times(bend: Array, rate_hz: float, line: int, fs_hz: float) -> Array:
    """Pulses where the harmonic of this number stands out, at its phase."""
    t = np.arange(bend.size) / fs_hz
    hz = line * rate_hz
    turned = bend * np.exp(-2j * np.pi * hz * t)
    width = round(value("fast_envelope_s") * fs_hz)
    slow = uniform_filter1d(turned.real, width) + 1j * uniform_filter1d(turned.imag, width)
    size = np.abs(slow)
    on = binary_opening(size > value("fast_least") * float(np.quantile(size, 0.98)), np.ones(2 * width, dtype=bool))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8))).reshape(-1, 2)
    times = []
    for a, b in edges.tolist():
        smooth = uniform_filter1d(slow[a:b].real, 2 * width) + 1j * uniform_filter1d(slow[a:b].imag, 2 * width)
        phase = np.unwrap(np.angle(smooth)) / (2 * np.pi * hz)  # by so much they come sooner
        clock = t[a:b] + phase
        count = np.arange(np.ceil(clock[0] * rate_hz), np.floor(clock[-1] * rate_hz) + 1)
        rises = np.maximum.accumulate(clock)
        times.append(np.interp(count / rate_hz, rises, t[a:b]))
    return np.concatenate(times) if times else np.zeros(0)
