"""Whole files of each format, how each is read, and how they are spoiled."""

import gzip
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vagus.files import list_recordings, read_annotations, read_beats, read_marks, read_recording, read_stages

from ..files import written
from ..files.written import ECG, RESP

LIES = (
    "-1", "0", "1", "2", "99999999", "9999999999", "10737418240", "1e308", "-1e308", "1e-320", "nan", "inf", "-inf",
    "2147483648", "65536", "", " ", "0x10", "1e9", "½", "٣", "1_000", "~", "../../x", "999999999999999999999999999999",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A valid set of files, the one that is named, those that are spoiled, and what reads it."""

    name: str
    files: dict[str, bytes]
    target: str
    read: Callable[[Path], object]
    spoiled: tuple[str, ...] = ()
    mend: Callable[[bytes], bytes] | None = None
    words: tuple[bytes, ...] = field(default=())


def ecg(path):
    return read_recording(path, kind="ecg")


def resp_250(path):
    return read_recording(path, kind="resp", fs_hz=250)


def _csv(sep=",", head="time_s,ecg_mV,resp\n"):
    rows = [sep.join(f"{v:.10g}" for v in (i / 100, ECG[i] / 1000, RESP[i % 100])) for i in range(200)]
    return (head.replace(",", sep) + "\n".join(rows) + "\n").encode()


def _dates():
    rows = [f"2025-03-02T10:00:0{i // 100}.{i % 100:02d}0;{ECG[i]},5" for i in range(200)]
    return ("timestamp;ecg [uV]\n" + "\n".join(rows) + "\n").encode()


def _segments():
    head, samples = written.wfdb()
    one = head.replace(b"r 1", b"a 1").replace(b"r.dat", b"a.dat").replace(b"1000 10:20:30 02/03/2025", b"1000")
    return {"r.hea": b"r/3 1 100 2200\na 1000\n~ 200\na 1000\n", "a.hea": one, "a.dat": samples}


def _parquet():
    try:
        import io

        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        return None
    stream = io.BytesIO()
    columns = {"time_s": np.arange(300) / 100, "ecg_mV": ECG[:300] / 1000, "who": ["x"] * 300}
    parquet.write_table(arrow.table(columns), stream)
    return stream.getvalue()


def _refit(raw: bytes) -> bytes:
    """The same messages with a header and checksum that fit, so that the spoiled part is reached."""
    return written.fit_file(raw[12:-2])


def seeds() -> list[Seed]:
    head, samples = written.wfdb()
    rr = np.round(800 + 40 * np.sin(np.arange(60) / 4)).astype(int).tolist()
    text = "\n".join(map(str, rr)) + "\n"
    clock = np.cumsum(rr) / 1000
    timed = "time_s;HR;RR [ms]\n" + "\n".join(f"{t:.3f};72;{v}" for t, v in zip(clock, rr, strict=True)) + "\n"
    packed, sidecar = written.bids(
        np.column_stack([ECG[:100], RESP]), SamplingFrequency=25, StartTime=0, Columns=["ecg", "resp"]
    )
    onsets = [0, 1, 2, 3, 4, 7.5, 8.5, 9.5, 10.5, 11.5]
    plain = {"r.hea": head, "r.dat": samples}
    odd = b"r 2 25 200\nr.dat 212x4 200/mV 12 0 0 0 0 II\nr.dat 212 1/NU 12 0 0 0 0 RESP\n"
    hypno = [(0, 60, "Sleep stage W"), (60, 30, "Sleep stage 2")]
    found = [
        Seed(name="wfdb", files=plain, target="r.hea", read=ecg, spoiled=("r.hea",)),
        Seed(name="wfdb samples", files=plain, target="r", read=ecg, spoiled=("r.dat",)),
        Seed(name="wfdb rates", files={"r.hea": odd, "r.dat": samples}, target="r", read=ecg, spoiled=("r.hea",)),
        Seed(name="wfdb segments", files=_segments(), target="r.hea", read=ecg, spoiled=("r.hea", "a.hea")),
        *(
            Seed(name=f"wfdb {kind}", files=written_wfdb(kind), target="r.hea", read=ecg)
            for kind in ("8", "24", "80", "160", "212", "310", "311", "32", "61")
        ),
        Seed(name="annotations", files={"r.atr": written.annotations(rr)}, target="r.atr", read=annotations),
        Seed(
            name="annotation beats",
            files={"r.atr": written.annotations(rr), "r.hea": b"r 1 250 1000\n"},
            target="r.atr",
            read=read_beats,
        ),
        Seed(name="edf", files={"a.edf": written.ecg_edf()}, target="a.edf", read=ecg),
        Seed(name="edf+d", files={"a.edf": written.ecg_edf(onsets=onsets)}, target="a.edf", read=ecg),
        Seed(name="bdf", files={"a.bdf": written.ecg_edf(bdf=True)}, target="a.bdf", read=ecg),
        Seed(name="edf marks", files={"a.edf": written.ecg_edf(marks=hypno[:1])}, target="a.edf", read=read_marks),
        Seed(name="edf stages", files={"a.edf": written.ecg_edf(marks=hypno[:1])}, target="a.edf", read=read_stages),
        Seed(name="csv", files={"a.csv": _csv()}, target="a.csv", read=ecg),
        Seed(name="tsv", files={"a.tsv": _csv("\t")}, target="a.tsv", read=ecg),
        Seed(name="csv dates", files={"a.csv": _dates()}, target="a.csv", read=ecg),
        Seed(name="csv bare", files={"a.txt": text.encode()}, target="a.txt", read=resp_250),
        Seed(
            name="bids", files={"a_physio.tsv.gz": packed, "a_physio.json": sidecar}, target="a_physio.tsv.gz", read=ecg
        ),
        Seed(
            name="bids plain",
            files={"a_physio.tsv": gzip.decompress(packed), "a_physio.json": sidecar},
            target="a_physio.tsv",
            read=ecg,
        ),
        Seed(
            name="bids events",
            files={"a_events.tsv": b"onset\tduration\ttrial_type\n30\t60\tstim\n90\tn/a\tsham\n"},
            target="a_events.tsv",
            read=read_marks,
        ),
        Seed(name="xdf", files={"a.xdf": written.xdf()}, target="a.xdf", read=ecg),
        Seed(
            name="xdf odd",
            files={"a.xdf": written.xdf(stamps="odd", gap_s=3, offsets=((0, 7), (60, 8)))},
            target="a.xdf",
            read=ecg,
        ),
        Seed(name="xdf marks", files={"a.xdf": written.xdf(stamps="all")}, target="a.xdf", read=read_marks),
        Seed(name="npy", files={"a.npy": written.npy(ECG / 1000)}, target="a.npy", read=resp_250),
        Seed(name="npz", files={"a.npz": written.npz(ecg_mV=ECG, fs_hz=250.0)}, target="a.npz", read=ecg),
        Seed(name="npy beats", files={"a.npy": written.npy(np.array(rr))}, target="a.npy", read=read_beats),
        Seed(name="e4", files=written.E4, target=".", read=bvp, spoiled=("BVP.csv", "ACC.csv")),
        Seed(name="e4 beats", files=written.E4, target=".", read=read_beats, spoiled=("IBI.csv",)),
        Seed(name="e4 tags", files=written.E4, target=".", read=read_marks, spoiled=("tags.csv", "BVP.csv")),
        Seed(name="fit", files={"a.fit": written.fit_file(written.fit_body(rr))}, target="a.fit", read=read_beats),
        Seed(
            name="fit inside",
            files={"a.fit": written.fit_file(written.fit_body(rr, pause_after=20))},
            target="a.fit",
            read=read_beats,
            mend=_refit,
        ),
        Seed(
            name="hrm",
            files={"a.hrm": written.HRM.format(interval=238, rows=text).encode()},
            target="a.hrm",
            read=read_beats,
        ),
        Seed(name="rr", files={"a.txt": text.encode()}, target="a.txt", read=read_beats),
        Seed(name="rr timed", files={"a.csv": timed.encode()}, target="a.csv", read=read_beats),
        Seed(name="stages", files={"a.txt": b"# 1 value per 30 seconds\n" + b"0\n1\n2\n3\n4\n" * 9}, target="a.txt",
             read=read_stages),
        Seed(name="stages table", files={"a.csv": b"onset,duration,stage\n0,30,W\n30,30,N2\n60,30,R\n"}, target="a.csv",
             read=read_stages),
        Seed(name="folder", files={"a.csv": _csv(), "b.edf": written.ecg_edf()}, target=".", read=every),
    ]  # fmt: skip
    raw = _parquet()
    if raw is not None:
        found.append(Seed(name="parquet", files={"a.parquet": raw}, target="a.parquet", read=ecg))
    return found


def written_wfdb(kind: str) -> dict[str, bytes]:
    head, samples = written.wfdb(kind)
    return {"r.hea": head.replace(b"1000", b"400"), "r.dat": samples}


def annotations(path):
    return read_annotations(path, fs_hz=250)


def bvp(path):
    return read_recording(path, kind="ppg")


def every(folder):
    return [read_recording(path, kind="ecg") for path in list_recordings(folder)]


def spoil(raw: bytes, rng: random.Random) -> bytes:
    """One to three wounds."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        raw = rng.choice(WOUNDS)(raw, rng)
    return raw


def _cut(raw: bytes, rng: random.Random) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _flip(raw: bytes, rng: random.Random) -> bytes:
    out = bytearray(raw)
    for _ in range(rng.randint(1, 8) if out else 0):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _noise(raw: bytes, rng: random.Random) -> bytes:
    at, size = rng.randrange(len(raw) + 1), rng.choice((1, 2, 4, 8, 64))
    return raw[:at] + rng.randbytes(size) + raw[at + size :]


def _giant(raw: bytes, rng: random.Random) -> bytes:
    at, size = rng.randrange(len(raw) + 1), rng.choice((1, 2, 4, 8))
    return raw[:at] + rng.choice((b"\xff", b"\0", b"\x7f")) * size + raw[at + size :]


def _lie(raw: bytes, rng: random.Random) -> bytes:
    """A number of the text (the first kilobyte is likeliest) becomes another."""
    found = [m.span() for m in re.finditer(rb"-?\d+(?:\.\d+)?", raw[: rng.choice((80, 400, 2000, len(raw) + 1))])]
    if not found:
        return raw
    a, b = rng.choice(found)
    lie = rng.choice(LIES).encode()
    if rng.random() < 0.6:  # fields of fixed width stay where they are
        lie = lie.ljust(b - a)[: max(b - a, 8 if raw[b : b + 7] == b" " * 7 else 0)]
        return raw[:a] + lie + raw[a + len(lie) :]
    return raw[:a] + lie + raw[b:]


def _lose(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + raw[at + rng.choice((1, 2, 8, 100)) :]


def _repeat(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw) + 1)
    part = raw[at : at + rng.choice((1, 8, 100, 2000))]
    return raw[:at] + part * rng.choice((2, 5)) + raw[at:]


def _swap(raw: bytes, rng: random.Random) -> bytes:
    lines = raw.split(b"\n")
    rng.shuffle(lines) if rng.random() < 0.3 else lines.insert(0, lines.pop(rng.randrange(len(lines))))
    return b"\n".join(lines)


def _recode(raw: bytes, rng: random.Random) -> bytes:
    text = raw.decode("latin-1")
    return rng.choice((
        text.encode("utf-16"), text.encode("utf-8"), text.encode("utf-8-sig"), text.replace(".", ",").encode("latin-1"),
        text.replace("\n", "\r").encode("latin-1"), text.replace(",", ";").encode("latin-1"), raw.upper(),
        gzip.compress(raw, 1), gzip.compress(b"0\n" * 30_000_000, 1) if rng.random() < 0.01 else raw + b"\0" * 100,
    ))  # fmt: skip


def _none(raw: bytes, rng: random.Random) -> bytes:
    return b""


WOUNDS = (_cut, _flip, _flip, _noise, _giant, _lie, _lie, _lie, _lie, _lose, _repeat, _swap, _recode, _none)
