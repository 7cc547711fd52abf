"""Text and WFDB recordings, and every way in which they can be wrong."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from vagus.errors import InputError, MissingFile
from vagus.files import read_recording

DATA = Path(__file__).parents[1] / "data"
WAVE = np.round(np.sin(np.arange(1000) / 7), 4)


def csv(tmp_path, text, name="rest.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def table(header, times, *columns, sep=","):
    rows = [sep.join(f"{v:.10g}" for v in row) for row in zip(times, *columns, strict=True)]
    return sep.join(header) + "\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize("header", ["time_s", "Time [s]", " time (s)", "t", "Time"])
def test_csv_with_time_in_seconds(tmp_path, header):
    path = csv(tmp_path, table([header, "ecg_mV", " RESP"], np.arange(1000) / 125, WAVE, 2 * WAVE))
    recording = read_recording(path, kind="ecg")
    assert (recording.fs_hz, recording.unit, recording.channel) == (125.0, "mV", "ecg")
    assert recording.samples.tolist() == WAVE.tolist()
    assert read_recording(path, kind="resp").samples.tolist() == (2 * WAVE).tolist()
    assert read_recording(path, kind="ecg", fs_hz=125.4).fs_hz == 125.0


@pytest.mark.parametrize(("name", "sep"), [("a.tsv", "\t"), ("a.csv", ";"), ("a.txt", " ")])
def test_delimiters_and_milliseconds(tmp_path, name, sep):
    path = csv(tmp_path, table(["time_ms", "ECG"], np.arange(1000) * 4, WAVE, sep=sep), name)
    recording = read_recording(path, kind="ecg")
    assert recording.fs_hz == 250.0
    assert recording.samples.tolist() == WAVE.tolist()


def test_decimal_commas_and_dates(tmp_path):
    rows = [f"2026-01-12T10:00:00.{i * 10:03d};0,{i}" for i in range(90)]
    recording = read_recording(csv(tmp_path, "timestamp;ecg\n" + "\n".join(rows)), kind="ecg")
    assert recording.fs_hz == pytest.approx(100, rel=1e-4)
    assert recording.samples[:3].tolist() == [0.0, 0.1, 0.2]
    assert recording.start == datetime(2026, 1, 12, 10)


def test_rounded_times(tmp_path):
    """BIDMC writes five digits: after 100 s its times are rounded to 0.01 s, and some stand twice."""
    times = [float(f"{i / 125:.5g}") for i in range(20000)]
    assert len(set(times)) < 20000
    path = csv(tmp_path, table(["Time [s]", "II"], times, np.arange(20000) % 100))
    recording = read_recording(path, kind="ecg")
    assert (recording.fs_hz, recording.samples.size, recording.gaps) == (125.0, 20000, ())


def test_no_time_column(tmp_path):
    path = csv(tmp_path, "ECG\n" + "\n".join(map(str, WAVE)))
    with pytest.raises(InputError, match="sampling rate is not in the file: give fs_hz"):
        read_recording(path, kind="ecg")
    assert read_recording(path, kind="ecg", fs_hz=100).samples.tolist() == WAVE.tolist()
    bare = csv(tmp_path, "\n".join(map(str, WAVE)), "bare.txt")
    assert read_recording(bare, kind="ecg", fs_hz=100, unit="mV").unit == "mV"


def test_gap_in_time_stays_visible(tmp_path):
    times = np.arange(1000) / 100
    keep = (times < 3) | (times >= 3.2)
    recording = read_recording(csv(tmp_path, table(["time_s", "ecg"], times[keep], WAVE[keep])), kind="ecg")
    assert recording.samples.size == 1000
    assert [(g.start_s, g.stop_s) for g in recording.gaps] == [(3.0, 3.2)]
    assert any("0.2 s without samples" in note for note in recording.notes)
    assert np.isfinite(recording.samples).all()


def test_missing_cells(tmp_path):
    cells = [str(v) for v in WAVE]
    cells[100:110] = [""] * 5 + ["nan"] * 5
    rows = "\n".join(f"{i / 100:.2f},{cell}" for i, cell in enumerate(cells))
    recording = read_recording(csv(tmp_path, "time_s,ecg\n" + rows), kind="ecg")
    assert [(g.start_s, g.stop_s) for g in recording.gaps] == [(1.0, 1.1)]
    cells[200:800] = ["nan"] * 600
    rows = "\n".join(f"{i / 100:.2f},{cell}" for i, cell in enumerate(cells))
    with pytest.raises(InputError, match=r"too many samples are missing; found 61.0 % missing.*2.0 to 8.0 s"):
        read_recording(csv(tmp_path, "time_s,ecg\n" + rows), kind="ecg")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("time_s,ecg\n", "no rows"),
        ("time_s,ecg\n0,1\n0.01,x1\n0.02,1\n", r'row 3, ecg: cell is no number; found "x1"'),
        ("time_s,ecg\n0,1\n0.01\n0.02,1\n", "row 3: row is broken; found 1 cells; allowed: 2"),
        ("time_s,ecg\n0,1\n0.02,1\n0.01,1\n0.03,1\n", "row 4: time does not increase; found 0.02 then 0.01"),
        ("time_s,ecg\n0,1\n1,1\n2,1\n2.1,2\n7,2\n7.3,1\n", "not evenly spaced"),
        ("time,ecg\n0,1\n4,2\n8,3\n", "time column has no unit"),
        ("time_furlong,ecg\n0,1\n4,2\n8,3\n", "give fs_hz|no unit|no channel"),
        ("time_s\n0\n1\n", "no channel"),
        ("time_s,ecg\n0,1\n0.01,inf\n0.02,2\n", "infinite"),
        (
            "time_s,left,right\n0,1,2\n0.01,2,3\n",
            "no channel is ecg by its name: give channel .--channel.; allowed: one of: left",
        ),
    ],
)
def test_wrong_text_is_named(tmp_path, text, words):
    path = csv(tmp_path, text)
    with pytest.raises(InputError, match=words) as error:
        read_recording(path, kind="ecg")
    assert "rest.csv" in str(error.value)


def test_what_is_asked_for_and_not_there(tmp_path):
    path = csv(tmp_path, table(["time_s", "ECG II", "RESP"], np.arange(1000) / 125, WAVE, WAVE))
    with pytest.raises(MissingFile, match=r'did you mean "rest.csv"'):
        read_recording(tmp_path / "rst.csv", kind="ecg")
    with pytest.raises(MissingFile, match="folder is not there"):
        read_recording(tmp_path / "nowhere" / "rest.csv", kind="ecg")
    with pytest.raises(InputError, match=r'no such channel; found channel "RSEP"; allowed: did you mean "RESP"'):
        read_recording(path, kind="ecg", channel="RSEP")
    with pytest.raises(InputError, match=r"fs_hz contradicts the file; found fs_hz = 250; allowed: 125 Hz"):
        read_recording(path, kind="ecg", fs_hz=250)
    with pytest.raises(InputError, match="fs_hz is no sampling rate"):
        read_recording(path, kind="ecg", fs_hz=-1)
    (tmp_path / "rest.mat").write_bytes(b"MATLAB 5.0 MAT-file")
    with pytest.raises(InputError, match="format is unknown; found a MATLAB file; allowed: WFDB"):
        read_recording(tmp_path / "rest.mat", kind="ecg")
    assert read_recording(path, kind="ecg", channel="ii").channel == "ECG II"


def packed(samples, kind):
    """Bytes of interleaved samples, written independently of the reader."""
    if kind == "16":
        return b"".join(int(v).to_bytes(2, "little", signed=True) for v in samples)
    if kind == "61":
        return b"".join(int(v).to_bytes(2, "big", signed=True) for v in samples)
    if kind == "24":
        return b"".join(int(v).to_bytes(3, "little", signed=True) for v in samples)
    if kind == "32":
        return b"".join(int(v).to_bytes(4, "little", signed=True) for v in samples)
    if kind == "80":
        return bytes(int(v) + 128 for v in samples)
    out = bytearray()
    for a, b in zip(samples[::2], [*samples[1::2], 0], strict=False):
        first, second = int(a) & 0xFFF, int(b) & 0xFFF
        out += bytes([first & 0xFF, (first >> 8) | (second >> 8 << 4), second & 0xFF])
    return bytes(out)


@pytest.mark.parametrize("kind", ["16", "24", "32", "61", "80", "212"])
@pytest.mark.parametrize("name", ["r", "r.hea", "r.dat"])
def test_wfdb_formats(tmp_path, kind, name):
    ecg = np.array([0, 1, -1, 100, -100, 127, -127, 5, 6])
    resp = ecg[::-1]
    (tmp_path / "r.dat").write_bytes(packed(np.stack([ecg, resp], axis=1).ravel(), kind))
    (tmp_path / "r.hea").write_text(
        "# a comment\nr 2 250/250(0) 9 10:20:30 02/03/2025\n"
        f"r.dat {kind} 200(10)/mV 12 0 0 0 0 MLII\nr.dat {kind} 50 8 4\n"
    )
    recording = read_recording(tmp_path / name, kind="ecg")
    assert recording.samples.tolist() == pytest.approx(((ecg - 10) / 200).tolist())
    assert (recording.fs_hz, recording.unit, recording.channel) == (250.0, "mV", "MLII")
    assert recording.start == datetime(2025, 3, 2, 10, 20, 30)
    second = read_recording(tmp_path / name, kind="resp", channel="signal 2")
    assert second.samples.tolist() == pytest.approx(((resp - 4) / 50).tolist())


def test_wfdb_missing_sample_is_a_gap(tmp_path):
    values = [5] * 200
    values[50] = -2048
    (tmp_path / "r.dat").write_bytes(packed(values, "212"))
    (tmp_path / "r.hea").write_text("r 1 100 200\nr.dat 212 200 12 0 5 0 0 II\n")
    recording = read_recording(tmp_path / "r", kind="ecg")
    assert [(g.start_s, g.stop_s) for g in recording.gaps] == [(0.5, 0.51)]
    assert recording.samples[50] == pytest.approx(5 / 200)
    assert any("checksum" in note for note in recording.notes)


def test_wfdb_excerpt():
    recording = read_recording(DATA / "mitdb103_60s", kind="ecg")
    assert (recording.fs_hz, recording.duration_s, recording.channel, recording.unit) == (360.0, 60.0, "MLII", "mV")
    assert recording.start == datetime(1978, 5, 3, 11, 32, 5)
    assert not recording.notes  # the checksum fits


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            "r 1 100 999999999999\nr.dat 16 200 12 0\n",
            r"r.dat: file of samples is truncated; found 400 bytes, 200 samples",
        ),
        ("r 1 100 201\nr.dat 16 200 12 0\n", "allowed: 402 bytes for the 201 samples a signal that r.hea promises"),
        ("r 2 100 200\nr.dat 16 200 12 0\n", "header is truncated; found 1 signal lines; allowed: 2"),
        ("r 1 100 200\nr.dat 310a 200 12 0\n", r"signal 1: sample format is not read; found 310a; allowed: 8, 16"),
        ("r 1 0 200\nr.dat 16 200 12 0\n", "sampling rate is no rate"),
        ("r 1\nr.dat 16 200 12 0\n", "sampling rate is not in the header"),
        ("r 1 abc 200\nr.dat 16 200 12 0\n", "sampling rate is not in the header; found abc"),
        ("r x 100 200\nr.dat 16 200 12 0\n", 'number of signals is out of range; found "x"'),
        ("r 1 100 -5\nr.dat 16 200 12 0\n", 'number of samples is out of range; found "-5"'),
        ("r 1 100 200\nr.dat 16 abc 12 0\n", 'gain is unreadable; found "abc"'),
        ("r 1 100 200\n../r.dat 16 200 12 0\n", "file of samples is elsewhere"),
        ("r 1 100 200\nq.dat 16 200 12 0\n", "file of samples is not there; found q.dat"),
        ("r/3 1 100 200\nr.dat 16 200 12 0\n", "header is truncated; found 1 segment lines; allowed: 3"),
        ("r/1 1 100 200\n../q 200\n", "no segment line"),
        ("r/1 1 100 200\nq 200\n", "header is not there"),
        ("\n", "header is empty"),
    ],
)
def test_wfdb_that_lies_is_named(tmp_path, header, words):
    (tmp_path / "r.dat").write_bytes(b"\1\0" * 200)
    (tmp_path / "r.hea").write_text(header)
    with pytest.raises(InputError, match=words) as error:
        read_recording(tmp_path / "r.hea", kind="ecg")
    assert "r.hea" in str(error.value)


def test_samples_without_header(tmp_path):
    (tmp_path / "r.dat").write_bytes(b"\1\0" * 200)
    with pytest.raises(MissingFile, match=r"header is not there.*r.hea"):
        read_recording(tmp_path / "r.dat", kind="ecg")


def test_unit_that_contradicts(tmp_path):
    (tmp_path / "r.dat").write_bytes(b"\1\0" * 200)
    (tmp_path / "r.hea").write_text("r 1 100 200\nr.dat 16 200/uV 12 0 0 0 0 II\n")
    with pytest.raises(InputError, match='unit contradicts the file; found "mV"; allowed: "uV"'):
        read_recording(tmp_path / "r", kind="ecg", unit="mV")


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("a.csv", PNG, r"not text; found a PNG picture; allowed: text in UTF-8"),
        ("a.csv", "time_s,ecg\n0,1\n".encode("utf-16"), r"not text; found text in UTF-16; allowed"),
        ("a.csv", b"\xc4\x02\x81\xff\x11", r"not text; found bytes c4 02 81 ff 11.*allowed"),
        ("a.csv", b"", r"file is empty; found .*; allowed"),
        ("a.csv", b"time_s,ecg\n", r'no rows; found "time_s, ecg"; allowed'),
        (
            "a.edf",
            PNG,
            r"EDF file cannot be read: its header is none; found a PNG picture, 16 bytes; allowed: a header",
        ),
        ("a.edf", b"", r"its header is none; found an empty file, 0 bytes; allowed"),
        ("a.edf", b"0       " + b" " * 300, r'header is damaged: number of signals; found ""; allowed: a whole number'),
        ("a.bdf", b"BIOSEMI" + b" " * 300, r"EDF file cannot be read: its header is none; found text that.*BIOSEMI"),
        ("a.hea", b"", r"header is empty; found 0 bytes.*; allowed: a record line such as"),
    ],
)
def test_what_is_no_recording_is_told_by_its_first_bytes(tmp_path, name, raw, words):
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(InputError, match=words) as error:
        read_recording(tmp_path / name, kind="ecg")
    assert "invalid literal" not in str(error.value)


def test_old_code_page_is_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(table(["time_s", "ecg [\u00b5V]"], np.arange(1000) / 125, WAVE).encode("latin-1"))
    recording = read_recording(path, kind="ecg")
    assert recording.unit == "mV"
    assert recording.samples.tolist() == pytest.approx((WAVE / 1000).tolist())


def test_a_folder_is_named(tmp_path):
    folder = tmp_path / "E4"
    folder.mkdir()
    with pytest.raises(InputError, match=r"is a folder, not a recording; found a folder: empty; allowed: one file"):
        read_recording(folder, kind="ecg")
    (folder / "IBI.csv").write_text("x")
    with pytest.raises(InputError, match=r"no signal of Empatica E4 is in the folder; allowed: one of: BVP.csv"):
        read_recording(folder, kind="ecg")
