"""The recordings of the bundled courses, whole way: read, beats, breaths, tone."""

from pathlib import Path

import numpy as np
import pytest

from vagus.errors import InputError
from vagus.files import read_recording
from vagus.signal import Recording, correct, find_beats, find_breaths, quality, vagal_tone

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
EXAMPLES = {
    "bidmc_01": ROOT / "examples" / "ivns-trd" / "recordings" / "bidmc01.hea",
    "bidmc_02": ROOT / "examples" / "tavns-depression" / "recordings" / "bidmc02.csv",
}


def marked_rates(record):
    """Breaths per minute of both annotators."""
    table = np.genfromtxt(DATA / "breaths" / f"{record}.csv", delimiter=",", skip_header=1)
    for column in table.T:
        times = column[np.isfinite(column)] / 125
        yield 60 * (times.size - 1) / (times[-1] - times[0])


@pytest.mark.parametrize("record", EXAMPLES)
def test_breathing_rate_is_that_of_the_annotators(record):
    breaths = find_breaths(read_recording(EXAMPLES[record], kind="resp"))
    rates = list(marked_rates(record))
    assert len(rates) == 2
    for rate in rates:
        assert breaths.rate_per_min == pytest.approx(rate, abs=1.0)


@pytest.mark.parametrize("record", EXAMPLES)
def test_expiration_starts_where_the_annotators_mark(record):
    breaths = find_breaths(read_recording(EXAMPLES[record], kind="resp"))
    marks = np.genfromtxt(DATA / "breaths" / f"{record}.csv", delimiter=",", skip_header=1)[:, 0]
    marks = marks[np.isfinite(marks)] / 125
    near = np.abs(breaths.exhale_s[:, None] - marks).min(axis=0) < 0.5
    assert near.mean() > 0.97


@pytest.mark.parametrize("record", EXAMPLES)
def test_tone_of_an_example(record):
    recording = read_recording(EXAMPLES[record], kind="ecg")
    assert (recording.fs_hz, recording.duration_s) == (125.0, 480.0)
    beats = find_beats(recording)
    assert quality(recording, beats).share_good_pct > 95
    result = correct(beats)
    assert 0 < result.corrected_pct < 5
    breaths = find_breaths(read_recording(EXAMPLES[record], kind="resp"))
    tone = vagal_tone(result.beats, start_s=0, end_s=480, breaths=breaths, rng=np.random.default_rng(1))
    assert 85 < tone.heart_rate_bpm.estimate < 95
    assert tone.rmssd_ms.low < tone.rmssd_ms.estimate < tone.rmssd_ms.high
    assert tone.rsa_ms is not None
    assert any("sampled at 125 Hz, below the 250 Hz" in flag for flag in tone.flags)
    assert tone.rmssd_floor_ms is not None
    assert 0.2 < tone.rmssd_floor_ms < 1.5
    assert tone.pnn50_pct.estimate == 0  # 0.4 to 0.9 % with the steps that correction leaves
    assert 0.4 < tone.pnn50_pct.high < 3
    methods = {getattr(tone, name).method for name in ("rmssd_ms", "sdnn_ms", "pnn50_pct", "hf_ms2", "rsa_ms")}
    assert len(methods) == 5
    assert "Welch, Hann window" in tone.hf_ms2.method


def test_couplets_of_the_example_are_mended_and_good_beats_stay():
    beats = find_beats(read_recording(EXAMPLES["bidmc_01"], kind="ecg"))
    result = correct(beats)
    assert result.beats.time_s.size == beats.time_s.size
    for start_s in (
        92.0,
        412.5,
    ):  # 657, 555, 543, 806 ms and 661, 535, 462, 889 ms: the second and third beat are early
        moved = result.beats.window(start_s, start_s + 4).mended
        assert moved.sum() == 2
        i = int(np.argmax(moved)) + int(np.searchsorted(beats.time_s, start_s))
        assert beats.rr_ms[i - 1] < 600
        assert result.beats.time_s[i - 1] == beats.time_s[i - 1]
        assert result.beats.time_s[i + 2] == beats.time_s[i + 2]
        assert abs(np.diff(result.beats.rr_ms[i - 2 : i + 3])).max() < 45
    for window, clean_ms in (((0, 150), 4.95), ((150, 330), 4.34), ((330, 479), 4.87)):
        tone = vagal_tone(result.beats, start_s=window[0], end_s=window[1])
        assert tone.rmssd_ms.estimate == pytest.approx(clean_ms, rel=0.02)
        assert tone.rmssd_kept_ms is not None
        assert tone.rmssd_kept_ms > tone.rmssd_ms.estimate
        kept = any("RMSSD with mended beats kept" in flag for flag in tone.flags)
        assert kept == (tone.rmssd_kept_ms > 1.1 * tone.rmssd_ms.estimate)


def test_licence_stands_beside_each_recording():
    for path in EXAMPLES.values():
        text = (path.parent / "SOURCE.md").read_text()
        assert "Real recording, no stimulation took place; times marked for demonstration." in text
        assert "ODC-By 1.0" in text
        assert path.stem in text
    assert sum(f.stat().st_size for p in EXAMPLES.values() for f in p.parent.iterdir()) < 1_500_000


@pytest.mark.parametrize("rate_per_min", [6.0, 15.0, 28.0])
def test_breaths_of_a_sine_with_wiggles(rate_per_min):
    t = np.arange(0, 180, 0.02)
    wave = -np.cos(2 * np.pi * rate_per_min / 60 * t) + 0.1 * np.sin(2 * np.pi * 1.3 * t) + 0.01 * t
    breaths = find_breaths(Recording(kind="resp", fs_hz=50.0, samples=wave, unit="", name="belt.csv"))
    assert breaths.rate_per_min == pytest.approx(rate_per_min, abs=0.3)
    expected = np.arange(1, int(3 * rate_per_min)) * 60 / rate_per_min
    assert np.abs(breaths.inhale_s[:, None] - expected).min(axis=0).max() < 0.06 * 60 / rate_per_min


def test_flat_respiration_is_named():
    with pytest.raises(InputError, match="flat") as error:
        find_breaths(Recording(kind="resp", fs_hz=50.0, samples=np.zeros(5000), unit="", name="belt.csv"))
    assert "belt.csv" in str(error.value)
