"""RR intervals, beat times and annotations of every format, and what is wrong with them."""

from __future__ import annotations

import numpy as np
import pytest

from vagus.errors import InputError, MissingFile
from vagus.files import read_beats

from . import written

RR = [800, 812, 790, 805, 830, 841, 822, 799, 780, 795, 801, 815, 790, 777, 802]


def put(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def lines(values):
    return "\n".join(f"{value}" for value in values) + "\n"


@pytest.mark.parametrize(
    ("name", "text", "unit"),
    [
        ("plain.txt", lines(RR), None),
        ("plain.asc", lines(RR), None),
        ("comment.txt", "# Polar H10\n" + lines(RR), None),
        ("seconds.txt", lines(rr / 1000 for rr in RR), None),
        ("commas.txt", lines(f"{rr / 1000}".replace(".", ",") for rr in RR), None),
        ("header.csv", "RR [s]\n" + lines(rr / 1000 for rr in RR), None),
        ("odd.csv", "rr_ms\n" + lines(RR), "ms"),
        ("quoted.csv", '"RR-interval [ms]"\n' + lines(f'"{rr}"' for rr in RR), None),
        ("kubios.txt", "Results\nSubject:;A\n\nRR INTERVALS\nTime (s);RR (s)\n" + lines(
            f"{t:.3f};{rr / 1000}" for t, rr in zip(np.cumsum(RR) / 1000, RR, strict=True)), None),
        ("two.txt", lines(f"{t:.3f} {rr}" for t, rr in zip(np.cumsum(RR) / 1000, RR, strict=True)), None),
        ("a.hrm", written.HRM.format(interval=238, rows=lines(RR)), None),
        ("named_as_text.txt", written.HRM.format(interval=238, rows=lines(RR)), None),
        ("a.fit", written.fit_file(written.fit_body(RR)), None),
        ("big.fit", written.fit_file(written.fit_body(RR, big=True)), None),
        ("a.npy", written.npy(np.array(RR, dtype="i4")), None),
        ("s.npy", written.npy(np.array(RR) / 1000), "s"),
        ("times.txt", lines(f"{t:.3f}" for t in np.cumsum([0, *RR]) / 1000), None),
        ("vagus.csv", "file,time_s,rr_ms,quality,changed\nx,0,,1,\n" + lines(
            f"x,{t:.4f},{rr},1.0," for t, rr in zip(np.cumsum(RR) / 1000, RR, strict=True)), None),
    ],
)  # fmt: skip
def test_intervals_come_back(tmp_path, name, text, unit):
    beats = read_beats(put(tmp_path, name, text), unit=unit)
    assert beats.rr_ms == pytest.approx(RR, abs=1.01e-3 if "time" in name else 1e-6)
    assert (beats.origin, beats.gaps, beats.source_name) == ("given", (), name)


def test_annotations(tmp_path):
    path = put(tmp_path, "r.atr", written.annotations([100, 90, 0, 95, 20, 200, 90], [1, 1, 1, 5, 32, 33, 1]))
    put(tmp_path, "r.hea", "r 1 100 1000\n")
    beats = read_beats(path)
    assert beats.time_s.tolist() == [1.0, 1.9, 2.85, 5.95]  # two marks at one sample are one beat
    assert beats.label == ("N", "N", "V", "N")
    assert [(gap.start_s, gap.stop_s) for gap in beats.gaps] == [(3.05, 5.05)]  # ventricular flutter
    assert beats.across.tolist() == [False, False, True]


def test_sample_numbers_need_a_rate(tmp_path):
    samples = np.cumsum([90, *RR]) // 4
    path = put(tmp_path, "s00.tsv", lines(samples))
    assert read_beats(path, fs_hz=250).time_s == pytest.approx(samples / 250)
    with pytest.raises(InputError, match="numbers increase: they are times or sample numbers, not intervals"):
        read_beats(path)


def test_what_a_strap_lost_is_a_gap(tmp_path):
    """Packets of Bluetooth: several intervals come late together; 30 s are lost after the 200th."""
    rng = np.random.default_rng(5)
    rr = rng.normal(800, 40, 400).round()
    clock = np.cumsum(rr) / 1000 + np.where(np.arange(400) >= 200, 30, 0)
    arrival = np.maximum.accumulate(np.ceil(clock / 1.1) * 1.1 + rng.uniform(0, 0.1, 400))
    rows = [f"{t:.3f};72;{v:g}" for t, v in zip(arrival, rr, strict=True)]
    beats = read_beats(put(tmp_path, "polar.txt", "time_s;HR [bpm];RR [ms]\n" + lines(rows)))
    (gap,) = beats.gaps
    assert gap.stop_s - gap.start_s == pytest.approx(30, abs=1.0)  # as well as packets tell
    assert beats.time_s.size == 402
    assert beats.across.sum() >= 1
    kept = beats.rr_ms[np.abs(beats.rr_ms) < 2000]
    assert kept == pytest.approx(rr, abs=1e-6)


def test_empatica_chains(tmp_path):
    path = put(tmp_path, "IBI.csv", written.E4["IBI.csv"])
    beats = read_beats(path)
    assert beats.time_s == pytest.approx([1.2, 2.0, 2.9, 3.75, 9.1, 10.0, 10.8])
    assert [(gap.start_s, gap.stop_s) for gap in beats.gaps] == [(3.75, pytest.approx(9.1))]
    assert read_beats(tmp_path).time_s.tolist() == beats.time_s.tolist()


def test_pause_of_a_watch_is_a_gap(tmp_path):
    path = put(tmp_path, "a.fit", written.fit_file(written.fit_body(RR, pause_after=10)))
    beats = read_beats(path)
    (gap,) = beats.gaps
    assert (gap.start_s, gap.stop_s - gap.start_s) == (pytest.approx(sum(RR[:10]) / 1000), pytest.approx(30))
    assert np.delete(beats.rr_ms, 10) == pytest.approx(RR)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.txt", "", "file is empty"),
        ("a.txt", "800\n0\n810\n", "row 2: RR interval is none; found 0 s"),
        ("a.txt", "800\n-5\n810\n", "row 2: RR interval is none; found -0.005 s"),
        ("a.txt", "800\nnan\n810\n", "row 2: RR interval is none; found nan s"),
        ("a.txt", "800\ninf\n810\n", "row 2: RR interval is none; found inf s"),
        ("a.txt", "800\nx\n810\n", 'row 2: cell is no number; found "x"'),
        ("a.csv", "time_s,rr_ms\n0,800\n0.8\n", "row 3: row is broken; found 1 cells; allowed: 2"),
        ("a.csv", "time_s,rr_ms\n5,800\n4,810\n", "interval 2: time does not increase; found 5 then 4"),
        ("a.csv", "time_s,rr_ms\n0,800\n0.001,8000\n0.002,80000\n", "clock and intervals contradict each other"),
        ("a.csv", "a,b,c\n1,2,3\n", "no column is one of RR intervals; found a, b, c"),
        ("a.txt", "30000\n31000\n30500\n", r"cannot be told: give unit \(--unit\); found a median of 30500"),
        ("a.txt", "RR [furlong]\n800\n", 'found unit "furlong"; allowed: "ms" or "s"'),
        ("a.hrm", written.HRM.format(interval=5, rows="80\n81"), "holds no RR intervals; found 5; allowed: 238"),
        ("a.fit", written.fit_file(written.fit_body([])), "FIT file holds no intervals"),
        ("a.fit", written.fit_file(written.fit_body(RR))[:-9], "FIT file is damaged or cut short"),
        ("a.fit", written.fit_file(b"\x05\x01"), "data without a definition"),
        ("a.edf", written.ecg_edf(), "file holds samples, not beats; found edf"),
        ("a.npy", written.npy(np.zeros((9, 2))), "array holds more than intervals; found 2 columns"),
        ("IBI.csv", b"1644226061.0, IBI\n2.0,0.8\n1.0,0.9\n", "intervals are damaged or none"),
    ],
)  # fmt: skip
def test_wrong_intervals_are_named(tmp_path, name, text, words):
    path = put(tmp_path, name, text)
    with pytest.raises(InputError, match=words) as error:
        read_beats(path)
    assert name in str(error.value)


def test_checksum_and_missing_file(tmp_path):
    raw = bytearray(written.fit_file(written.fit_body(RR)))
    raw[40] ^= 1
    with pytest.raises(InputError, match="checksum that does not fit"):
        read_beats(put(tmp_path, "a.fit", bytes(raw)))
    with pytest.raises(MissingFile, match=r'did you mean "a.fit"'):
        read_beats(tmp_path / "b.fit")
    with pytest.raises(InputError, match='unit contradicts the file; found "s"; allowed: "ms"'):
        read_beats(put(tmp_path, "a.csv", "rr_ms\n800\n810\n"), unit="s")
