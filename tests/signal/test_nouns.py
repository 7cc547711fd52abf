import numpy as np
import pytest

from vagus.errors import InputError
from vagus.signal import Beats, Breaths, Gap, Recording


def ecg(samples, **more):
    return Recording(kind="ecg", fs_hz=100.0, samples=np.asarray(samples, float), unit="mV", name="a.csv", **more)


def test_arrays_are_copied_and_read_only():
    samples = np.arange(10.0)
    recording = ecg(samples)
    samples[0] = 99
    assert recording.samples[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        recording.samples[0] = 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fs_hz": 0.0}, "fs_hz"),
        ({"fs_hz": float("nan")}, "fs_hz"),
        ({"kind": "eeg"}, "kind is unknown"),
        ({"samples": np.array([1.0, np.nan])}, "not finite"),
        ({"samples": np.ones((2, 2))}, "shape"),
    ],
)
def test_recording_names_what_is_wrong(change, words):
    good = {"kind": "ecg", "fs_hz": 100.0, "samples": np.ones(5), "unit": "mV", "name": "a.csv"}
    with pytest.raises(InputError, match=words) as error:
        Recording(**{**good, **change})
    assert "a.csv" in str(error.value)


def test_window_keeps_clock_and_gaps():
    recording = ecg(np.arange(1000.0), gaps=(Gap(start_s=1.5, stop_s=2.5),))
    part = recording.window(2, 4)
    assert part.samples.tolist() == list(range(200, 400))
    assert part.gaps == (Gap(start_s=0.0, stop_s=0.5),)
    for start_s, end_s in [(-1, 2), (3, 3), (5, 11)]:
        with pytest.raises(InputError, match="window outside"):
            recording.window(start_s, end_s)


def test_beats_window_and_rr():
    beats = Beats.of_rr([1000, 900, 800, 700])
    assert beats.window(1.0, 2.7).time_s.tolist() == pytest.approx([1.0, 1.9])
    with pytest.raises(InputError, match="does not increase"):
        Beats(time_s=np.array([0.0, 2.0, 2.0]), quality=np.ones(3), origin="given")
    with pytest.raises(InputError, match="0 to 1"):
        Beats(time_s=np.array([0.0, 2.0]), quality=np.array([0.0, 2.0]), origin="given")
    with pytest.raises(InputError, match="differ in length"):
        Beats(time_s=np.array([0.0, 2.0]), quality=np.ones(3), origin="given")


def test_breaths_rate():
    breaths = Breaths(
        inhale_s=np.arange(0, 61, 5.0), exhale_s=np.arange(2, 60, 5.0), quality=np.ones(13), origin="given"
    )
    assert breaths.rate_per_min == pytest.approx(12)
    assert breaths.window(10, 20).inhale_s.tolist() == [10, 15]
