"""WFDB annotations: a writer of our own, read back."""

import numpy as np
import pytest

from vagus.errors import InputError, MissingFile
from vagus.files import read_annotations

CODES = {"N": 1, "V": 5, "~": 14, '"': 22, "+": 28, "[": 32, "]": 33}


def word(code, low):
    return ((code << 10) | (low & 0x3FF)).to_bytes(2, "little")


def written(rows):
    """Annotation file: rows of (sample, sign, subtype, channel, number, text)."""
    out, last, chan, num = b"", 0, 0, 0
    for sample, sign, subtype, channel, number, text in rows:
        step = sample - last
        if step > 1023:
            out += word(59, 0) + (step >> 16).to_bytes(2, "little") + (step & 0xFFFF).to_bytes(2, "little")
            step = 0
        out += word(CODES[sign], step)
        out += word(61, subtype & 0xFF) if subtype else b""
        out += word(62, channel) if channel != chan else b""
        out += word(60, number & 0xFF) if number != num else b""
        raw = text.encode()
        out += word(63, len(raw)) + raw + b"\0" * (len(raw) % 2) if raw else b""
        last, chan, num = sample, channel, number
    return out + b"\0\0"


ROWS = [
    (18, "+", 0, 0, 0, "(N"),
    (77, "N", 0, 0, 0, ""),
    (370, "N", -3, 1, 0, ""),
    (200000, "V", 0, 1, 5, ""),
    (200000, '"', 0, 0, -2, "odd"),
]


def test_every_field_comes_back(tmp_path):
    path = tmp_path / "r.atr"
    path.write_bytes(written(ROWS))
    found = read_annotations(path, fs_hz=250)
    assert found.sample.tolist() == [18, 77, 370, 200000, 200000]
    assert found.symbol == ("+", "N", "N", "V", '"')
    assert found.subtype.tolist() == [0, 0, -3, 0, 0]
    assert found.channel.tolist() == [0, 0, 1, 1, 0]
    assert found.number.tolist() == [0, 0, 0, 5, -2]
    assert found.aux == ("(N", "", "", "", "odd")
    assert found.is_beat.tolist() == [False, True, True, True, False]
    assert found.time_s[3] == 800.0


def test_where_the_rate_is_from(tmp_path):
    path = tmp_path / "r.atr"
    path.write_bytes(written(ROWS))
    with pytest.raises(InputError, match="sampling rate is neither in the annotations nor beside them: give fs_hz"):
        read_annotations(path)
    (tmp_path / "r.hea").write_text("# a comment\nr 0 128 0\n")
    assert read_annotations(path).fs_hz == 128.0
    path.write_bytes(written([(0, '"', 0, 0, 0, "## time resolution: 1000"), *ROWS]))
    found = read_annotations(path)
    assert (found.fs_hz, found.symbol[0]) == (1000.0, "+")


@pytest.mark.parametrize("cut", [2, 3, 9])
def test_cut_short(tmp_path, cut):
    path = tmp_path / "r.atr"
    path.write_bytes(written(ROWS)[:-cut])
    with pytest.raises(InputError, match=r"cut short or is none; found .* bytes without an end mark"):
        read_annotations(path, fs_hz=250)


def test_what_is_no_annotation_file(tmp_path):
    with pytest.raises(MissingFile, match="annotation file is not there"):
        read_annotations(tmp_path / "r.atr")
    path = tmp_path / "r.atr"
    path.write_bytes(word(1, 5) + b"\0\0" + b"more")
    with pytest.raises(InputError, match=r"byte 2: annotation file is damaged.*end mark with more behind it"):
        read_annotations(path, fs_hz=250)
    path.write_bytes(word(59, 0) + b"\xff\xff\x00\x00" + word(1, 0) + b"\0\0")
    with pytest.raises(InputError, match="sample -65536 after 0"):
        read_annotations(path, fs_hz=250)
    path.write_bytes(word(61, 1) + b"\0\0")
    with pytest.raises(InputError, match="code 61 before the annotation"):
        read_annotations(path, fs_hz=250)
    path.write_bytes(written(ROWS))
    with pytest.raises(InputError, match="fs_hz is no sampling rate"):
        read_annotations(path, fs_hz=float(np.nan))
