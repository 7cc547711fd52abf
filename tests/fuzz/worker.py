"""Spoil files and read them, in a process whose memory is capped: `python -m tests.fuzz.worker SEED COUNT FOLDER`.

Prints one line of JSON. Whatever is neither an answer nor an error of vagus is kept in FOLDER with why: another
exception, a warning, a want of memory, more than ten seconds, an error that does not name the file.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path

from vagus.errors import VagusError

from .seeds import Seed, seeds, spoil

ROOM_BYTES = 512 * 1024**2
_TEN_GIB = 10 * 1024**3
_LIMIT_S = 10


def main(seed: int, count: int, keep: Path) -> None:
    most = _used() + ROOM_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, _late)
    told: Counter[str] = Counter()
    all_seeds = seeds()
    kept = []
    with tempfile.TemporaryDirectory() as made:
        for number in range(count):
            one = all_seeds[number % len(all_seeds)]
            rng = random.Random(f"{seed} {number}")
            folder = Path(made) / "f"
            folder.mkdir(exist_ok=True)
            _write(one, folder, rng, whole=number < len(all_seeds))
            what, text = _read(one, folder / one.target, whole=number < len(all_seeds))
            told[f"{one.name}: {what}"] += 1
            if what not in {"answer", "error"} and len(kept) < 50:
                place = keep / f"{seed}-{number}"
                shutil.copytree(folder, place, dirs_exist_ok=True, symlinks=True)
                (place / "what.txt").write_text(f"{one.name}: {what}\n{text}")
                kept.append({"case": f"{seed}-{number}", "seed": one.name, "what": what, "text": text[-300:]})
            for path in folder.iterdir():
                path.unlink()
    print(json.dumps({"told": told, "kept": kept}))  # noqa: T201


def _used() -> int:
    """Address space that the imports took, pyarrow's among them."""
    for one in seeds():
        if one.name == "parquet":
            with tempfile.TemporaryDirectory() as made:
                _write(one, Path(made), random.Random(0), whole=True)
                one.read(Path(made) / one.target)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def _write(one: Seed, folder: Path, rng: random.Random, *, whole: bool) -> None:
    for name, raw in one.files.items():
        (folder / name).write_bytes(raw)
    if whole:
        return
    name = rng.choice(one.spoiled or tuple(one.files))
    raw = spoil(one.files[name], rng)
    (folder / name).write_bytes(one.mend(raw) if one.mend and rng.random() < 0.8 else raw)
    if rng.random() < 0.002:  # ten gigabytes that are not there
        with (folder / name).open("r+b") as stream:
            stream.truncate(_TEN_GIB)


def _read(one: Seed, path: Path, *, whole: bool) -> tuple[str, str]:
    signal.alarm(_LIMIT_S)
    try:
        one.read(path)
    except VagusError as error:
        if whole:
            return "whole file refused", str(error)
        return (
            ("error", "")
            if any(n in str(error) for n in (path.parent.name, *one.files))
            else ("error without a file", str(error))
        )
    except MemoryError:
        return "memory", traceback.format_exc()
    except BaseException:
        return "exception", traceback.format_exc()
    finally:
        signal.alarm(0)
    return "answer", ""


def _late(*_: object) -> None:
    raise TimeoutError(f"more than {_LIMIT_S} s")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
