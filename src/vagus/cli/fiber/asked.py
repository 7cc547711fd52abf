"""Fibers as a command was asked for them: by flags, or by a table."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vagus.errors import InputError, MissingFile, Problem, VagusError, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vagus.fiber import Fiber

    FloatArray = NDArray[np.float64]

LENGTH_C_UM = 3000.0
# column -> (smallest, largest); "model" beside them
NEEDED = {"diameter_um": (1e-3, 1e4), "distance_um": (1e-3, 1e9)}
MORE = {"shift_um": (-1e9, 1e9), "n_node": (5.0, 1e5)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One fiber as it was asked for."""

    model: str
    diameter_um: float
    distance_um: float
    shift_um: float = 0.0
    n_node: int | None = None

    def fiber(self) -> Fiber:
        """The fiber: without a count 41 nodes, or sections over 3 mm."""
        from vagus.fiber import Fiber, membrane

        data = membrane(self.model)
        if self.n_node is None and data.kind == "unmyelinated":
            return Fiber.of(data, diameter_um=self.diameter_um, length_um=LENGTH_C_UM)
        return Fiber.of(data, diameter_um=self.diameter_um, n_node=self.n_node or 41)

    def field(self, fiber: Fiber, sigma_s_per_m: float) -> FloatArray:
        """Point source over the middle node, or shifted from it along the fiber."""
        from vagus.field import point_mv_per_ma

        along_um = fiber.z_um - fiber.z_um[fiber.node_index[fiber.n_node // 2]] - self.shift_um
        return point_mv_per_ma(0.0, self.distance_um, along_um, sigma_s_per_m=sigma_s_per_m)


def build(asked: list[Asked], name: str) -> list[Fiber]:
    """Fibers as asked; `name` is the table's, for messages."""
    found, problems = [], []
    for number, one in enumerate(asked, start=1):
        try:
            found.append(one.fiber())
        except VagusError as error:
            if not name:
                raise
            problems.append(Problem(what=str(error), where=f"{name}, row {number}"))
    if problems:
        raise InputError(problems[:20])
    return found


def read_fibers(file: Path) -> list[Asked]:
    """Fibers of a CSV, all problems told together."""
    reader = csv.DictReader(io.StringIO(text_of_file(file), newline=""), restkey="")
    header = list(reader.fieldnames or [])
    known = {"model": None, **NEEDED, **MORE}
    problems = [
        Problem(what="column is missing", where=f"{file}, header", found=", ".join(header) or "nothing", allowed=name)
        for name in ("model", *NEEDED)
        if name not in header
    ] + [
        Problem(what="unknown column", where=f"{file}, header", found=f'"{name}"', allowed=nearest(name, known))
        for name in header
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    found = [_asked(record, f"{file}, row {number}", problems) for number, record in enumerate(reader, start=1)]
    if not found and not problems:
        problems.append(
            Problem(what="table has no rows", where=str(file), found="a header only", allowed="one or more")
        )
    if problems:
        raise InputError(problems[:20])
    return [one for one in found if one is not None]


def _asked(record: dict[str, str], where: str, problems: list[Problem]) -> Asked | None:
    before, values = len(problems), {}
    if "" in record:
        problems.append(Problem(what="row has more cells than the header", where=where, found=f"{record['']}"))
    for name, (low, high) in (NEEDED | MORE).items():
        text = (record.get(name) or "").strip()
        if not text and name in MORE:
            continue
        try:
            values[name] = float(text)
        except ValueError:
            problems.append(
                Problem(
                    what="not a number", where=f"{where}, {name}", found=f'"{text}"', allowed=f"{low:g} to {high:g}"
                )
            )
            continue
        whole = name != "n_node" or values[name] == int(values[name])
        if not (low <= values[name] <= high and whole):
            problems.append(
                Problem(what="number is out of range", where=f"{where}, {name}", found=text,
                        allowed=f"{low:g} to {high:g}" + (", whole" if name == "n_node" else ""))
            )  # fmt: skip
    if len(problems) > before:
        return None
    count = values.pop("n_node", None)
    return Asked(model=(record["model"] or "").strip(), n_node=None if count is None else int(count), **values)


def text_of_file(file: Path) -> str:
    """Text of a CSV that a command was given.

    Raises
    ------
    MissingFile, InputError
        It is not there, or no UTF-8 text.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise MissingFile(
            Problem(what="file is not there", where=str(file), found="no such file", allowed="a CSV")
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(what="file cannot be read", where=str(file), found=str(error), allowed="UTF-8 text")
        ) from error
