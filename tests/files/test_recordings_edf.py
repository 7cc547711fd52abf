"""EDF and EDF+ recordings, written by edfio."""

from datetime import date, datetime, time

import edfio
import numpy as np
import pytest

from vagus.errors import InputError
from vagus.files import read_recording

WAVE = np.sin(np.arange(2500) / 9)


@pytest.fixture
def edf(tmp_path):
    signals = [
        edfio.EdfSignal(WAVE, 250, label="ECG II", physical_dimension="mV"),
        edfio.EdfSignal(WAVE[:250], 25, label="Resp belt", physical_dimension=""),
    ]
    recording = edfio.Recording(startdate=date(2026, 1, 12))
    path = tmp_path / "night.edf"
    edfio.Edf(signals, recording=recording, starttime=time(22, 30)).write(path)
    return path


def test_channels_have_their_own_rates(edf):
    ecg = read_recording(edf, kind="ecg")
    assert (ecg.fs_hz, ecg.unit, ecg.channel, ecg.start) == (250.0, "mV", "ECG II", datetime(2026, 1, 12, 22, 30))
    assert ecg.samples == pytest.approx(WAVE, abs=1e-4)
    resp = read_recording(edf, kind="resp")
    assert (resp.fs_hz, resp.samples.size) == (25.0, 250)


def test_fs_hz_that_contradicts(edf):
    with pytest.raises(InputError, match="fs_hz = 256; allowed: 250 Hz"):
        read_recording(edf, kind="ecg", fs_hz=256)


@pytest.mark.parametrize("keep", [100, 400, 700, 3000])
def test_truncated(edf, keep):
    edf.write_bytes(edf.read_bytes()[:keep])
    with pytest.raises(InputError) as error:
        read_recording(edf, kind="ecg")
    assert "night.edf" in str(error.value)


def test_not_edf(tmp_path):
    path = tmp_path / "night.edf"
    path.write_bytes(b"not an EDF file" * 100)
    with pytest.raises(InputError, match="EDF file cannot be read"):
        read_recording(path, kind="ecg")
