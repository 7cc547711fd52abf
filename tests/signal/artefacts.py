"""ECGs with stimulation artefact made for tests and the benchmark; what is made is described as data."""

from dataclasses import dataclass

import numpy as np
from scipy import signal as dsp

from vagus.signal import Recording

_WAVES = (  # size, time after R in s, width in s
    (0.1, -0.17, 0.022), (-0.1, -0.026, 0.009), (1.0, 0.0, 0.011), (-0.2, 0.028, 0.011), (0.28, 0.26, 0.045),
)  # fmt: skip
_FINE_HZ = 30_000  # at which pulses are made, about


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """One kind of artefact."""

    rate_hz: float = 25.13  # of pulses, or of bursts
    on_s: float = 30.0
    off_s: float = 30.0
    width_ms: float = 0.25
    form: str = "balanced"  # monophasic, biphasic, balanced (slow charge return), bare (a sample up, a sample down)
    tail_s: float = 0.005
    tail_share: float = 0.2
    band_hz: tuple[float, float] = (0.05, 150.0)
    times_r: float = 10.0
    clip_r: float = np.inf  # where the amplifier saturates
    jitter: float = 0.0  # of each interval
    drift: float = 0.0  # of the rate, slowly
    swell: float = 0.0  # of the size, slowly
    burst: int = 1  # pulses
    burst_hz: float = 300.0
    gate: str = ""  # heart (a burst 0.12 s after each R), breath (one at each breath)

    def pulses(self, duration_s: float, rng: np.random.Generator, beats_s: np.ndarray) -> np.ndarray:
        """Times of every single pulse."""
        starts: list[float] = []
        begin = 5.0 + rng.uniform(0, 1)
        while begin < duration_s - 5:
            t = begin
            while t < min(begin + self.on_s, duration_s - 1):
                starts.append(t)
                rate = self.rate_hz * (1 + self.drift * np.sin(2 * np.pi * t / 40))
                t += max(0.3, 1 + self.jitter * rng.standard_normal()) / rate
            begin += self.on_s + self.off_s
        first = np.array(starts)
        if self.gate == "heart":
            first = beats_s[(beats_s > 5) & (beats_s < duration_s - 2)] + 0.12 + rng.normal(0, 0.002)
        if self.gate == "breath":
            first = 5 + np.cumsum(rng.normal(4.0, 0.4, int(duration_s / 4) - 4))
        every = (first[:, None] + np.arange(self.burst) / self.burst_hz).ravel()
        return every[every < duration_s - 0.5]

    def wave(self, n: int, fs_hz: float, times: np.ndarray) -> np.ndarray:
        """Samples of the artefact, largest 1."""
        if self.form == "bare":
            at = np.rint(times * fs_hz).astype(int)
            drive, charge = np.zeros(n), np.zeros(n)
            np.add.at(drive, at, 1.0)
            np.add.at(drive, at + 1, -0.8)
            np.add.at(charge, at, 1.0)
            tail = np.asarray(dsp.lfilter([1.0], [1.0, -np.exp(-1 / (self.tail_s * fs_hz))], charge))
            wave = drive + self.tail_share * tail
            return wave / np.abs(wave).max()
        step = max(1, round(_FINE_HZ / fs_hz))
        fine = fs_hz * step
        drive = np.zeros((n + 2) * step)
        charge = np.zeros(drive.size)
        width = max(1, round(self.width_ms / 1000 * fine))
        for time in times:
            at, size = round(time * fine), 1 + self.swell * np.sin(2 * np.pi * time / 50)
            drive[at : at + width] += size
            charge[at] += size
            if self.form == "biphasic":
                drive[at + width : at + 2 * width] -= size
            elif self.form == "balanced":
                drive[at + width : at + 9 * width] -= size / 8
        low_hz, high_hz = self.band_hz
        band = dsp.butter(2, high_hz, fs=fine, output="sos")
        sharp = np.asarray(dsp.sosfilt(band, drive))
        wave = sharp / np.abs(sharp).max()
        if self.tail_share:
            tail = dsp.lfilter([1.0], [1.0, -np.exp(-1 / (self.tail_s * fine))], charge)
            tail = np.asarray(dsp.sosfilt(band, tail))
            wave = wave + self.tail_share * tail
        wave = dsp.sosfilt(dsp.butter(1, low_hz, "highpass", fs=fs_hz, output="sos"), wave[::step][:n])
        return wave / np.abs(wave).max()

    def on(
        self, recording: Recording, rng: np.random.Generator, *, beats_s: np.ndarray | None = None
    ) -> tuple[Recording, np.ndarray]:
        """The recording with this artefact; times of every pulse."""
        every = self.pulses(recording.duration_s, rng, np.zeros(0) if beats_s is None else beats_s)
        middle = recording.samples - np.median(recording.samples)
        seconds = middle[: middle.size // int(recording.fs_hz) * int(recording.fs_hz)].reshape(-1, int(recording.fs_hz))
        height = np.median(np.abs(seconds).max(axis=1))
        spikes = self.times_r * height * self.wave(recording.samples.size, recording.fs_hz, every)
        samples = np.clip(middle + spikes, -self.clip_r * height, self.clip_r * height)
        return Recording(kind="ecg", fs_hz=recording.fs_hz, samples=samples, unit=recording.unit), every


def made_up(fs_hz: float, *, seconds: float = 120, seed: int = 3) -> tuple[Recording, np.ndarray]:
    """An ECG with P, QRS and T waves, breathing and noise; its R times."""
    rng = np.random.default_rng(seed)
    number = int(seconds / 0.7)
    rr = 0.85 + 0.04 * np.sin(2 * np.pi * 0.25 * 0.85 * np.arange(number)) + rng.normal(0, 0.015, number)
    true_s = np.cumsum(rr)
    true_s = true_s[true_s < seconds - 0.6]
    t = np.arange(0, seconds, 1 / fs_hz)
    wave = 0.05 * np.sin(2 * np.pi * 0.25 * t)
    for beat in true_s:
        for size, after, width in _WAVES:
            a, b = np.searchsorted(t, [beat + after - 5 * width, beat + after + 5 * width])
            wave[a:b] += size * np.exp(-0.5 * ((t[a:b] - beat - after) / width) ** 2)
    noise = 0.01 * rng.standard_normal(t.size)
    return Recording(kind="ecg", fs_hz=fs_hz, samples=wave + noise, unit="mV", name="made-up"), true_s
