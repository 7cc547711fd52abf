"""Beats and rhythms out of WFDB annotation files, for the benchmarks: sample numbers, beat codes, rhythm words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

NORMAL = 1
BEAT_CODES = frozenset({*range(1, 14), 25, 30, 31, 34, 35, 38, 41})
_SKIP, _NUM, _SUB, _CHN, _AUX = 59, 60, 61, 62, 63
_RHYTHM = 28


def read_annotations(path: Path) -> tuple[np.ndarray, np.ndarray, list[tuple[int, str]]]:
    """Sample and code of each beat, and (sample, word) of each change of rhythm."""
    words = np.fromfile(path, dtype="<u2").tolist()
    sample, i = 0, 0
    samples: list[int] = []
    codes: list[int] = []
    rhythms: list[tuple[int, str]] = []
    while i < len(words):
        code, step = words[i] >> 10, words[i] & 1023
        i += 1
        if code == 0 and step == 0:
            break
        if code == _SKIP:
            long = (words[i] << 16) + words[i + 1]
            sample += long - (1 << 32) if long >= 1 << 31 else long
            i += 2
        elif code in {_NUM, _SUB, _CHN}:
            continue
        elif code == _AUX:
            length = (step + 1) // 2
            text = np.array(words[i : i + length], dtype="<u2").tobytes()[:step].decode("latin-1").rstrip("\0")
            if codes and codes[-1] == _RHYTHM:
                rhythms.append((samples[-1], text))
            i += length
        else:
            sample += step
            samples.append(sample)
            codes.append(code)
    found, kind = np.array(samples), np.array(codes)
    is_beat = np.isin(kind, list(BEAT_CODES))
    return found[is_beat], kind[is_beat], rhythms
