"""Small files of each format, written here and by no reader's code: what the tests read back and the fuzz spoils."""

from __future__ import annotations

import gzip
import io
import json
import struct

import numpy as np

ECG = np.round(1000 * np.sin(np.arange(1000) / 7)).astype(np.int64)
RESP = np.round(500 * np.cos(np.arange(100) / 9)).astype(np.int64)


def edf(signals, *, records=10, record_s=1.0, onsets=None, marks=(), bdf=False, start="02.03.25", said=None):
    """EDF: signals of (label, unit, physical limits, digital limits, whole numbers); EDF+D with `onsets`."""
    plus = onsets is not None or marks
    width, n_marks = (3 if bdf else 2), 30
    labels = [label for label, *_ in signals] + (["EDF Annotations"] if plus else [])
    counts = [len(values) // records for *_, values in signals] + ([n_marks] if plus else [])
    limit = 8388607 if bdf else 32767
    fields = [
        [label.ljust(16) for label in labels],
        ["".ljust(80)] * len(labels),
        [unit.ljust(8) for _, unit, *_ in signals] + [" " * 8] * bool(plus),
        *[
            [f"{limits[i]:g}".ljust(8) for _, _, *pairs, _ in signals for limits in [pairs[which]]]
            + [f"{(-limit - 1, limit)[i]}".ljust(8)] * bool(plus)
            for which, i in ((0, 0), (0, 1), (1, 0), (1, 1))
        ],
        ["".ljust(80)] * len(labels),
        [f"{count}".ljust(8) for count in counts],
        ["".ljust(32)] * len(labels),
    ]
    kind = ("BDF+" if bdf else "EDF+") + ("D" if onsets is not None else "C") if plus else ""
    head = (
        (b"\xffBIOSEMI" if bdf else b"0       ")
        + "X X X X".ljust(80).encode()
        + "Startdate 02-MAR-2025 X X X".ljust(80).encode()
        + f"{start:8}22.30.00{256 * (len(labels) + 1):<8}{kind:44}{records if said is None else said:<8}".encode()
        + f"{record_s:<8g}{len(labels):<4}".encode()
    )
    out = head + "".join("".join(row) for row in fields).encode()
    for record in range(records):
        for (*_, values), count in zip(signals, counts, strict=False):
            part = values[record * count : (record + 1) * count]
            out += b"".join(int(v).to_bytes(width, "little", signed=True) for v in part)
        if plus:
            onset = onsets[record] if onsets is not None else record * record_s
            tal = f"+{onset:.12g}\x14\x14\0".encode()
            for at, lasts, text in marks if record == 0 else ():
                tal += f"+{at:g}\x15{lasts:g}\x14{text}\x14\0".encode()
            assert len(tal) <= n_marks * width
            out += tal.ljust(n_marks * width, b"\0")
    return out


def ecg_edf(**options):
    """EDF with an ECG of 100 Hz in uV and breathing of 10 Hz."""
    scale = ((-2000, 2000), (-2000, 2000))
    return edf([("ECG II", "uV", *scale, ECG), ("Resp", "", *scale, RESP)], **options)


def wfdb(kind="16"):
    """Header and samples of a record of one signal at 100 Hz, 200 steps a mV."""
    raw = b"".join(int(v).to_bytes(2, "little", signed=True) for v in ECG)
    return f"r 1 100 1000 10:20:30 02/03/2025\nr.dat {kind} 200/mV 12 0 0 0 0 II\n".encode(), raw


def chunk(tag, body):
    """One chunk of XDF."""
    raw = struct.pack("<H", tag) + body
    return (bytes([1, len(raw)]) if len(raw) < 256 else b"\x04" + struct.pack("<I", len(raw))) + raw


def xdf(*, stamps="first", gap_s=0.0, offsets=((0.0, 0.0),)):
    """XDF: an ECG of 100 Hz in ten chunks, and markers; a pause before the sixth chunk."""
    info = (
        "<info><name>Polar</name><type>ECG</type><channel_count>2</channel_count><nominal_srate>100</nominal_srate>"
        "<channel_format>float32</channel_format><desc><channels><channel><label>ECG</label><unit>uV</unit></channel>"
        "<channel><label>Resp</label><unit></unit></channel></channels></desc></info>"
    )
    marks = (
        "<info><name>Marks</name><type>Markers</type><channel_count>1</channel_count><nominal_srate>0</nominal_srate>"
        "<channel_format>string</channel_format></info>"
    )
    out = b"XDF:" + chunk(1, b"<info><version>1.0</version></info>")
    out += chunk(2, struct.pack("<I", 1) + info.encode()) + chunk(2, struct.pack("<I", 2) + marks.encode())
    for block in range(10):
        rows = b""
        for i in range(100):
            t = 50 + block + i / 100 + (gap_s if block >= 5 else 0)
            has = stamps == "all" or (stamps == "first" and i == 0) or (stamps == "odd" and i % 2 == 0)
            rows += (b"\x08" + struct.pack("<d", t)) if has else b"\0"
            rows += struct.pack("<ff", ECG[block * 100 + i], RESP[i])
        out += chunk(3, struct.pack("<I", 1) + b"\x01\x64" + rows)
    mark = b"\x01\x01\x08" + struct.pack("<d", 52.5) + b"\x01\x05start"
    out += chunk(3, struct.pack("<I", 2) + mark)
    for at, offset in offsets:
        out += chunk(4, struct.pack("<Idd", 1, at, offset)) + chunk(4, struct.pack("<Idd", 2, at, offset))
    return out + chunk(6, struct.pack("<I", 1) + b"<info></info>")


def crc(raw):
    """Checksum of FIT, bit by bit (the reader goes by bytes)."""
    value = 0
    for byte in raw:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return value


def fit_file(body):
    """Header and checksum around the messages of a FIT file."""
    head = bytes([12, 0x10]) + struct.pack("<HI", 2132, len(body)) + b".FIT"
    return head + body + struct.pack("<H", crc(head + body))


def fit_body(rr_ms, *, pause_after=None, pause_s=30, big=False):
    """Messages: five intervals each, a pause of the timer, another message between."""
    e = ">" if big else "<"
    out = bytes([0x40, 0, big]) + struct.pack(f"{e}H", 78) + bytes([1, 0, 10, 0x84])
    out += bytes([0x41, 0, big]) + struct.pack(f"{e}H", 21) + bytes([3, 253, 4, 0x86, 0, 1, 0, 1, 1, 0])
    out += bytes([0x62, 0, big]) + struct.pack(f"{e}H", 20) + bytes([1, 3, 1, 2, 1, 0, 2, 0])
    clock = 1000
    for i in range(0, len(rr_ms), 5):
        part = [*rr_ms[i : i + 5], 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF][:5]
        out += b"\0" + struct.pack(f"{e}5H", *part) + bytes([2, 70, 9, 9])
        if pause_after == i + 5:
            out += b"\x01" + struct.pack(f"{e}I", clock) + bytes([0, 4])
            out += b"\x01" + struct.pack(f"{e}I", clock + pause_s) + bytes([0, 0])
    return out


def npy(array):
    """Bytes of numpy.save."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npz(**arrays):
    """Bytes of numpy.savez_compressed."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def bids(rows, **told):
    """Table without a header, packed, and its JSON."""
    text = "".join("\t".join(f"{v:g}" for v in row) + "\n" for row in rows)
    return gzip.compress(text.encode(), mtime=0), json.dumps(told).encode()


def annotations(steps, codes=None):
    """WFDB annotations a few samples apart, normal beats where no codes are given."""
    codes = codes or [1] * len(steps)
    words = [(code << 10 | step).to_bytes(2, "little") for code, step in zip(codes, steps, strict=True)]
    return b"".join(words) + b"\0\0"


HRM = "[Params]\nVersion=106\nMonitor=13\nDate=20080208\nInterval={interval}\n\n[Note]\n\n[HRData]\n{rows}\n"
E4 = {
    "BVP.csv": b"1644226061.0\n64.0\n" + b"\n".join(b"%.2f" % v for v in np.sin(np.arange(640) / 9)) + b"\n",
    "ACC.csv": b"1644226062.0, 1644226062.0, 1644226062.0\n32.0, 32.0, 32.0\n" + b"1,-2,63\n" * 320,
    "TEMP.csv": b"1644226061.0\n4.0\n" + b"36.6\n" * 40,
    "IBI.csv": b"1644226061.0, IBI\n2.0,0.8\n2.9,0.9\n3.75,0.85\n10.0,0.9\n10.8,0.8\n",
    "tags.csv": b"1644226065.5\n1644226070.0\n",
}
