"""Each format of recordings, written by the test and read back: values, units, rate, start, gaps."""

from __future__ import annotations

import gzip
import json
from datetime import datetime

import numpy as np
import pytest

from vagus.errors import InputError, MissingFile
from vagus.files import list_recordings, read_marks, read_recording

from . import written
from .written import ECG, RESP


def put(folder, name, raw):
    path = folder / name
    path.write_bytes(raw)
    return path


def spans(recording):
    return [(round(gap.start_s, 6), round(gap.stop_s, 6)) for gap in recording.gaps]


@pytest.mark.parametrize("bdf", [False, True])
def test_edf_values_units_rates(tmp_path, bdf):
    path = put(tmp_path, "night.rec", written.ecg_edf(bdf=bdf))
    ecg, resp = read_recording(path, kind="ecg"), read_recording(path, kind="resp")
    assert ecg.samples == pytest.approx(ECG / 1000, abs=1e-12)  # uV in the file
    assert (ecg.unit, ecg.fs_hz, ecg.channel, ecg.start) == ("mV", 100.0, "ECG II", datetime(2025, 3, 2, 22, 30))
    assert resp.samples == pytest.approx(RESP, abs=1e-9)
    assert (resp.fs_hz, resp.unit, spans(resp)) == (10.0, "", [])


def test_edf_interrupted_keeps_its_gaps(tmp_path):
    onsets = [0, 1, 2, 3, 4, 7.5, 8.5, 9.5, 10.5, 11.5]
    marks = [(1.5, 0.5, "tap"), (9, 0, "end")]
    path = put(tmp_path, "night.edf", written.ecg_edf(onsets=onsets, marks=marks))
    ecg = read_recording(path, kind="ecg")
    assert spans(ecg) == [(5.0, 7.5)]
    assert ecg.duration_s == 12.5
    assert ecg.samples[:500] == pytest.approx(ECG[:500] / 1000)
    assert ecg.samples[750:] == pytest.approx(ECG[500:] / 1000)
    assert [(m.time_s, m.duration_s, m.text) for m in read_marks(path)] == [(1.5, 0.5, "tap"), (9.0, 0.0, "end")]


@pytest.mark.parametrize(
    ("onsets", "words"),
    [
        ([0, 1, 2, 3, 4, 4.5, 6, 7, 8, 9], r"record 6: data records overlap or go back in time; found 4 s, then 4.5"),
        ([0, 1, 2, 3, 4, 2, 6, 7, 8, 9], "go back in time; found 4 s, then 2 s"),
        ([0, 1, 2, 3, 4, 1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4], "too many samples are missing; found 100.0 %"),
    ],
)
def test_edf_that_goes_back_or_far_is_told(tmp_path, onsets, words):
    path = put(tmp_path, "night.edf", written.ecg_edf(onsets=onsets))
    with pytest.raises(InputError, match=words):
        read_recording(path, kind="ecg")


def test_edf_that_was_not_closed_is_read_and_told(tmp_path):
    path = put(tmp_path, "night.edf", written.ecg_edf(said=-1) + b"\1\2\3")
    recording = read_recording(path, kind="ecg")
    assert recording.samples.size == 1000
    assert any("does not say how many data records" in note for note in recording.notes)
    path = put(tmp_path, "more.edf", written.ecg_edf(said=9))
    assert any("bytes after the last data record" in note for note in read_recording(path, kind="ecg").notes)
    with pytest.raises(InputError, match=r"truncated; found .*promises"):
        read_recording(put(tmp_path, "less.edf", written.ecg_edf(said=11)), kind="ecg")


def test_edf_without_scale(tmp_path):
    raw = written.edf([("ECG", "uV", (0, 0), (-2000, 2000), ECG)])
    with pytest.raises(InputError, match="EDF channel has no scale; found 0 to 0 for -2000 to 2000"):
        read_recording(put(tmp_path, "a.edf", raw), kind="ecg")


def packed(values, kind):
    values = [int(v) for v in values]
    if kind == "160":
        return b"".join((v + 32768).to_bytes(2, "little") for v in values)
    if kind == "8":
        return b"".join((b - a).to_bytes(1, "little", signed=True) for a, b in zip([3, *values], values, strict=False))
    out = b""
    values += [0] * (-len(values) % 3)
    for a, b, c in zip(values[::3], values[1::3], values[2::3], strict=True):
        a, b, c = a & 0x3FF, b & 0x3FF, c & 0x3FF  # noqa: PLW2901
        if kind == "311":
            out += (a | b << 10 | c << 20).to_bytes(4, "little")
        else:
            out += ((c & 31) << 11 | a << 1).to_bytes(2, "little") + ((c >> 5) << 11 | b << 1).to_bytes(2, "little")
    return out


@pytest.mark.parametrize("kind", ["8", "160", "310", "311"])
def test_rare_wfdb_formats(tmp_path, kind):
    values = np.round(100 * np.sin(np.arange(301) / 9)).astype(int)
    put(tmp_path, "r.dat", packed(values, kind))
    put(tmp_path, "r.hea", f"r 1 100 301\nr.dat {kind} 200/mV 12 0 3 {values.sum() % 65536} 0 II\n".encode())
    recording = read_recording(tmp_path / "r", kind="ecg")
    assert recording.samples == pytest.approx(values / 200)
    assert recording.notes == ()


def test_wfdb_signals_of_several_rates(tmp_path):
    frames = np.column_stack([ECG[:400].reshape(100, 4), RESP])
    put(tmp_path, "r.dat", frames.astype("<i2").tobytes())
    put(tmp_path, "r.hea", b"r 2 25 100\nr.dat 16x4 200/mV 12 0 0 0 0 II\nr.dat 16 1/NU 12 0 0 0 0 RESP\n")
    ecg, resp = read_recording(tmp_path / "r", kind="ecg"), read_recording(tmp_path / "r", kind="resp")
    assert (ecg.fs_hz, resp.fs_hz) == (100.0, 25.0)
    assert ecg.samples == pytest.approx(ECG[:400] / 200)
    assert resp.samples == pytest.approx(RESP)


@pytest.mark.parametrize("layout", [False, True])
def test_wfdb_segments_and_the_gap_between(tmp_path, layout):
    first, second = ECG[:400], ECG[600:]
    put(tmp_path, "a.dat", first.astype("<i2").tobytes())
    put(tmp_path, "a.hea", b"a 1 100 400\na.dat 16 200/mV 12 0 0 0 0 II\n")
    put(tmp_path, "b.dat", np.column_stack([RESP.repeat(4), second]).astype("<i2").tobytes())
    put(tmp_path, "b.hea", b"b 2 100 400\nb.dat 16 1/NU 12 0 0 0 0 RESP\nb.dat 16 200/mV 12 0 0 0 0 II\n")
    if layout:
        put(tmp_path, "l.hea", b"l 2 100 0\n~ 0 200/mV 12 0 0 0 0 II\n~ 0 1/NU 12 0 0 0 0 RESP\n")
        put(tmp_path, "r.hea", b"r/4 2 100 1000 10:00:00 02/03/2025\nl 0\na 400\n~ 200\nb 400\n")
        ecg = read_recording(tmp_path / "r", kind="ecg")
        assert spans(ecg) == [(4.0, 6.0)]
        assert ecg.samples[:400] == pytest.approx(first / 200)
        assert ecg.samples[600:] == pytest.approx(second / 200)
        assert ecg.start == datetime(2025, 3, 2, 10)
        with pytest.raises(InputError, match=r"channel RESP: too many samples are missing; found 60.0 %"):
            read_recording(tmp_path / "r", kind="resp")
    else:
        put(tmp_path, "r.hea", b"r/3 1 100 1000\na 400\n~ 200\na 400\n")
        ecg = read_recording(tmp_path / "r", kind="ecg")
        assert spans(ecg) == [(4.0, 6.0)]
        assert ecg.samples[600:] == pytest.approx(first / 200)
        put(tmp_path, "r.hea", b"r/2 1 100 900\na 400\na 400\n")
        with pytest.raises(InputError, match="header contradicts itself; found 800 samples in its segments"):
            read_recording(tmp_path / "r", kind="ecg")


def test_a_long_pause_of_the_clock_is_a_gap(tmp_path):
    times = np.concatenate([np.arange(600), 600 + 312.6 + np.arange(600)]) / 100
    rows = "\n".join(f"{t:.3f},{v}" for t, v in zip(times, np.resize(ECG, 1200), strict=True))
    path = put(tmp_path, "a.csv", f"time_s,ecg_mV\n{rows}\n".encode())
    recording = read_recording(path, kind="ecg")
    assert spans(recording) == [(6.0, 9.13)]
    assert recording.samples[913:] == pytest.approx(np.resize(ECG, 1200)[600:])
    assert any("time column leaves 1 gaps" in note for note in recording.notes)


def test_polar_sensor_logger(tmp_path):
    rows = [
        f"2025-03-02T10:00:0{i // 130}.0;{599616000000000000 + round(i * 1e9 / 130)};{v}" for i, v in enumerate(ECG)
    ]
    text = "Phone timestamp;sensor timestamp [ns];ecg [uV]\n" + "\n".join(rows)
    recording = read_recording(put(tmp_path, "polar.txt", text.encode()), kind="ecg")
    assert recording.fs_hz == pytest.approx(130, rel=1e-6)
    assert recording.unit == "mV"
    assert recording.samples == pytest.approx(ECG / 1000)


def test_bids(tmp_path):
    rows = np.column_stack([ECG[:100], RESP])
    told = {"SamplingFrequency": 25, "StartTime": -5.5, "Columns": ["cardiac", "respiratory"]}
    packed_rows, sidecar = written.bids(rows, **told, cardiac={"Units": "V"})
    path = put(tmp_path, "sub-01_physio.tsv.gz", packed_rows)
    with pytest.raises(MissingFile, match=r"JSON .* is not there; allowed: sub-01_physio.json"):
        read_recording(path, kind="ecg")
    put(tmp_path, "sub-01_physio.json", sidecar)
    ecg = read_recording(path, kind="ecg", channel="cardiac")
    assert (ecg.fs_hz, ecg.unit) == (25.0, "mV")
    assert ecg.samples == pytest.approx(ECG[:100] * 1000)
    assert ecg.notes == ("begins -5.5 s from the start of the scan",)
    assert read_recording(path, kind="resp").samples == pytest.approx(RESP)
    plain = put(tmp_path, "sub-01_physio.tsv", gzip.decompress(packed_rows))
    assert read_recording(plain, kind="resp").samples == pytest.approx(RESP)
    for wrong, words in [
        ({"SamplingFrequency": "25"}, "SamplingFrequency is no rate"),
        ({"Columns": []}, "Columns are no names"),
        ({"Columns": ["a"]}, "row 1: row is broken; found 2 cells; allowed: 1"),
    ]:
        put(tmp_path, "sub-01_physio.json", json.dumps({**told, **wrong}).encode())
        with pytest.raises(InputError, match=words):
            read_recording(path, kind="resp")
    events = b"onset\tduration\ttrial_type\n30\t60\tstim\n10\tn/a\tsham\n"
    marks = read_marks(put(tmp_path, "sub-01_events.tsv", events))
    assert [(m.time_s, m.duration_s, m.text) for m in marks] == [(10.0, 0.0, "sham"), (30.0, 60.0, "stim")]


def test_gzip_bomb(tmp_path):
    put(tmp_path, "a_physio.json", b'{"SamplingFrequency": 25, "Columns": ["cardiac"]}')
    path = put(tmp_path, "a_physio.tsv.gz", gzip.compress(b"0\n" * 20_000_000))
    with pytest.raises(InputError, match="gzip archive unpacks to too much"):
        read_recording(path, kind="ecg")


@pytest.mark.parametrize("stamps", ["first", "all", "odd"])
@pytest.mark.parametrize("gap_s", [0.0, 3.0])
def test_xdf(tmp_path, stamps, gap_s):
    path = put(tmp_path, "a.xdf", written.xdf(stamps=stamps, gap_s=gap_s, offsets=[(0, 7.0), (100, 7.0)]))
    ecg = read_recording(path, kind="ecg")
    assert (ecg.fs_hz, ecg.unit, ecg.channel) == (100.0, "mV", "ECG")
    assert spans(ecg) == ([(5.0, 8.0)] if gap_s else [])
    assert ecg.samples[:500] == pytest.approx(ECG[:500] / 1000, rel=1e-6)
    assert ecg.samples[-500:] == pytest.approx(ECG[500:] / 1000, rel=1e-6)
    assert [(m.time_s, m.text) for m in read_marks(path)] == [(pytest.approx(2.5), "start")]


def test_xdf_cut_short(tmp_path):
    raw = written.xdf()
    with pytest.raises(InputError, match=r"byte \d+: XDF file is cut short or damaged"):
        read_recording(put(tmp_path, "a.xdf", raw[:-100]), kind="ecg")


def test_parquet(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = arrow.table(
        {"time_s": np.arange(1000) / 100, "ecg_uV": ECG, "RESP": ECG[::-1].astype("f4"), "who": ["x"] * 1000}
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    ecg = read_recording(tmp_path / "a.parquet", kind="ecg")
    assert (ecg.fs_hz, ecg.unit, ecg.channel) == (100.0, "mV", "ecg")
    assert ecg.samples == pytest.approx(ECG / 1000)
    when = np.datetime64("2025-03-02T10:00:00", "us") + (np.arange(1000) * 10_000).astype("m8[us]")
    field = arrow.field("ECG", arrow.float64(), metadata={"unit": "V"})
    schema = arrow.schema([arrow.field("timestamp", arrow.timestamp("us")), field])
    parquet.write_table(arrow.table([when, ECG / 1000], schema=schema), tmp_path / "b.parquet")
    ecg = read_recording(tmp_path / "b.parquet", kind="ecg")
    assert (ecg.fs_hz, ecg.unit, ecg.start) == (100.0, "mV", datetime(2025, 3, 2, 10))
    assert ecg.samples == pytest.approx(ECG)
    put(tmp_path, "c.parquet", (tmp_path / "b.parquet").read_bytes()[:-40])
    with pytest.raises(InputError, match="Parquet file is damaged"):
        read_recording(tmp_path / "c.parquet", kind="ecg")


def test_numpy(tmp_path):
    path = put(tmp_path, "ecg.npy", written.npy(ECG / 1000))
    with pytest.raises(InputError, match="sampling rate is not in the file: give fs_hz"):
        read_recording(path, kind="ecg")
    assert read_recording(path, kind="ecg", fs_hz=100, unit="V").samples == pytest.approx(ECG)
    path = put(tmp_path, "two.npy", written.npy(np.asfortranarray(np.stack([ECG, ECG[::-1]]))))
    assert read_recording(path, kind="resp", fs_hz=100, channel="2").samples == pytest.approx(ECG[::-1])
    path = put(tmp_path, "a.npz", written.npz(ecg_mV=ECG, resp=ECG[::-1], fs_hz=250.0))
    recording = read_recording(path, kind="ecg")
    assert (recording.fs_hz, recording.unit) == (250.0, "mV")
    for array, words in [(np.array(["a"]), "array is not numbers"), (np.zeros((2, 2, 2)), "array is not what it says")]:
        with pytest.raises(InputError, match=words):
            read_recording(put(tmp_path, "bad.npy", written.npy(array)), kind="ecg")
    lie = written.npy(ECG).replace(b"(1000,)", b"(9999999999,)")
    with pytest.raises(InputError, match=r"array is not what it says|NumPy header cannot be read"):
        read_recording(put(tmp_path, "lie.npy", lie), kind="ecg")


def test_empatica(tmp_path):
    folder = tmp_path / "E4"
    folder.mkdir()
    for name, raw in written.E4.items():
        put(folder, name, raw)
    ppg = read_recording(folder, kind="ppg")
    assert (ppg.fs_hz, ppg.channel, ppg.start) == (64.0, "BVP", datetime(2022, 2, 7, 9, 27, 41))
    assert ppg.samples == pytest.approx(np.round(np.sin(np.arange(640) / 9), 2))
    moved = read_recording(folder, kind="other", channel="ACC z")
    assert (moved.fs_hz, moved.unit, moved.start) == (32.0, "g/64", datetime(2022, 2, 7, 9, 27, 42))
    assert set(moved.samples) == {63.0}
    assert read_recording(folder / "TEMP.csv", kind="other").unit == "degC"
    with pytest.raises(InputError, match=r'no such channel; found channel "TMP"; allowed: did you mean "TEMP"'):
        read_recording(folder, kind="other", channel="TMP")
    assert [m.time_s for m in read_marks(folder)] == [4.5, 9.0]
    put(folder, "BVP.csv", b"12\n64\n1\n")
    with pytest.raises(InputError, match=r'BVP.csv, row 1: time is no Unix time; found "12"'):
        read_recording(folder, kind="ppg")


def test_many_recordings(tmp_path):
    (tmp_path / "E4").mkdir()
    for name, raw in written.E4.items():
        put(tmp_path / "E4", name, raw)
    head, samples = written.wfdb()
    put(tmp_path, "r.hea", head)
    put(tmp_path, "r.dat", samples)
    put(tmp_path, "night.edf", written.ecg_edf())
    put(tmp_path, "notes.md", b"x")
    assert [path.name for path in list_recordings(tmp_path)] == ["E4", "night.edf", "r.hea"]
    assert [path.name for path in list_recordings(str(tmp_path / "*.edf"))] == ["night.edf"]
    assert list_recordings(tmp_path / "r.hea") == (tmp_path / "r.hea",)
    with pytest.raises(MissingFile, match="no recording is there"):
        list_recordings(str(tmp_path / "*.xdf"))


def test_content_goes_before_the_name(tmp_path):
    assert read_recording(put(tmp_path, "a.csv", written.ecg_edf()), kind="ecg").fs_hz == 100.0
    assert read_recording(put(tmp_path, "a.dat", written.xdf()), kind="ecg").fs_hz == 100.0
    with pytest.raises(InputError, match="file holds intervals between beats, no samples; found hrm"):
        read_recording(put(tmp_path, "b.txt", written.HRM.format(interval=238, rows="800").encode()), kind="ecg")
