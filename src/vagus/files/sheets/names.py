"""Files of a course under a name that is nearly right: read by nobody, they would be lost without a word."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

FILES = ("scores.csv", "sittings.csv", "events.csv")
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", "")


def misnamed(folder: Path) -> dict[str, str]:
    """Name of a file in the folder -> name that was most likely meant; empty where all are named right.

    A name that differs by case, plural, dash or ending always counts; one that is only similar, where the file meant is
    not there.

    Parameters
    ----------
    folder : Path
    """
    if not folder.is_dir():
        return {}
    there = sorted(entry.name for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith("."))
    bare = {_bare(name): name for name in FILES}
    found: dict[str, str] = {}
    for name in there:
        if name in FILES or Path(name).suffix.lower() not in _TABLES:
            continue
        meant = bare.get(_bare(name))
        if meant is None and Path(name).suffix.lower() == ".csv":
            lacking = [_bare(one) for one in FILES if one not in there]
            close = get_close_matches(_bare(name), lacking, n=1, cutoff=0.75)
            meant = bare[close[0]] if close else None
        if meant is not None:
            found[name] = meant
    return found


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", Path(name).stem.lower()).rstrip("s")
