"""Annotations of WFDB records (.atr, .ecg, .qrs): what people or programs marked in a recording.

Written from the format's description (PhysioNet, annot(5)): pairs of bytes, little-endian, six bits of code and ten of
time since the mark before; SKIP, NUM, SUB, CHN and AUX add to the mark beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vagus.errors import InputError, MissingFile, Problem

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

# codes of ecgcodes.h, as one sign each
_SIGNS = {
    1: "N", 2: "L", 3: "R", 4: "a", 5: "V", 6: "F", 7: "J", 8: "A", 9: "S", 10: "E", 11: "j", 12: "/", 13: "Q",
    14: "~", 16: "|", 18: "s", 19: "T", 20: "*", 21: "D", 22: '"', 23: "=", 24: "p", 25: "B", 26: "^", 27: "t", 28: "+",
    29: "u", 30: "?", 31: "!", 32: "[", 33: "]", 34: "e", 35: "n", 36: "@", 37: "x", 38: "f", 39: "(", 40: ")", 41: "r",
}  # fmt: skip
BEAT_SIGNS = frozenset("NLRBAaJSVrFejnE/fQ?")
_SKIP, _NUM, _SUB, _CHN, _AUX = 59, 60, 61, 62, 63
_MOST_BYTES = 64 << 20  # 24 h at 200 marks a minute are under 2 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """Marks in a recording, in order of time.

    Parameters
    ----------
    sample : (n,) array of int
        Sample numbers of the marks.
    sign : tuple of str
        One sign a mark ("N" a normal beat, "V" a ventricular one, "+" a change of rhythm); "?" and a number for codes
        that have none.
    note : tuple of str
        Text beside each mark, "" where there is none: "(AFIB".
    """

    sample: IntArray
    sign: tuple[str, ...]
    note: tuple[str, ...]

    @property
    def is_beat(self) -> np.ndarray:
        """True at marks that are heartbeats, (n,) of bool."""
        return np.array([sign in BEAT_SIGNS for sign in self.sign], dtype=bool)

    @property
    def beats(self) -> IntArray:
        """Sample numbers of the heartbeats."""
        return self.sample[self.is_beat]


def read_annotations(path: Path | str) -> Annotations:
    """Marks of a WFDB annotation file.

    Parameters
    ----------
    path : Path or str
        The file of marks ("100.atr").

    Raises
    ------
    MissingFile
        It is not there.
    InputError
        Odd number of bytes, cut short, or marks that run back in time.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "made.atr"
    ...     _ = file.write_bytes(bytes([100, 4, 44, 21, 0, 0]))
    ...     marks = read_annotations(file)
    >>> marks.sample.tolist(), marks.sign
    ([100, 400], ('N', 'V'))
    """
    file = Path(path)
    if not file.is_file():
        raise MissingFile(Problem(what="no annotations there", where=str(file), allowed="a file such as 100.atr"))
    size = file.stat().st_size
    if size > _MOST_BYTES or size % 2:
        found, allowed = f"{size} bytes", f"pairs of bytes, at most {_MOST_BYTES >> 20} MB"
        raise InputError(Problem(what="no WFDB annotations", where=str(file), found=found, allowed=allowed))
    return _decoded(file.read_bytes(), str(file))


def _decoded(raw: bytes, where: str) -> Annotations:
    words = np.frombuffer(raw, dtype="<u2").tolist()
    samples: list[int] = []
    signs: list[str] = []
    notes: list[str] = []
    at, now = 0, 0
    while at < len(words):
        code, interval = words[at] >> 10, words[at] & 0x3FF
        at += 1
        if code == 0 and interval == 0:
            break
        if code == _SKIP:
            if at + 2 > len(words):
                raise _cut(where, at)
            step = (words[at] << 16) | words[at + 1]  # the high word comes first
            now += step - (1 << 32) if step >> 31 else step
            at += 2
        elif code == _AUX:
            length = interval & 0xFF
            if 2 * at + length > len(raw):
                raise _cut(where, at)
            if notes:
                notes[-1] = raw[2 * at : 2 * at + length].decode("latin-1").rstrip("\x00")
            at += (length + 1) // 2
        elif code not in {_NUM, _SUB, _CHN}:  # those say nothing of time or kind
            now += interval
            if now < 0 or (samples and now < samples[-1]):
                found = f"sample {now} after {samples[-1] if samples else 0}, mark {len(samples)}"
                raise InputError(Problem(what="annotations run back in time", where=where, found=found))
            samples.append(now)
            signs.append(_SIGNS.get(code, f"?{code}"))
            notes.append("")
    sample = np.array(samples, dtype=np.int64)
    sample.setflags(write=False)
    return Annotations(sample=sample, sign=tuple(signs), note=tuple(notes))


def _cut(where: str, at: int) -> InputError:
    found = f"ends within a mark, byte {2 * at}"
    return InputError(Problem(what="annotations are cut short", where=where, found=found, allowed="the whole file"))
