"""A table of reference thresholds: its rows, each checked."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass

from vagus.dose import Pulse, Shape
from vagus.errors import InputError, Problem, nearest
from vagus.fiber.membrane import membrane_keys

# what the peer calls a model, where it is not the key in capitals
PEER_KEYS = {"mrg_interpolation": "mrg", "small_mrg_interpolation": "pena"}
# name in the table -> (shape, sign of the first phase)
SHAPES: Mapping[str, tuple[Shape, float]] = {
    "mono_cathodic": ("monophasic", -1.0),
    "mono_anodic": ("monophasic", 1.0),
    "biphasic_cathodic_first": ("biphasic_symmetric", -1.0),
    "biphasic_anodic_first": ("biphasic_symmetric", 1.0),
}
# column -> (field, smallest, largest)
NUMBERS: Mapping[str, tuple[str, float, float]] = {
    "diameter_um": ("diameter_um", 1e-3, 1e4),
    "n_nodes": ("n_node", 5, 1e5),
    "delta_z_um": ("delta_z_um", 1e-3, 1e6),
    "fiber_x_um": ("fiber_x_um", -1e9, 1e9),
    "fiber_y_um": ("fiber_y_um", -1e9, 1e9),
    "node0_z_um": ("node0_z_um", -1e9, 1e9),
    "electrode_x_um": ("electrode_x_um", -1e9, 1e9),
    "electrode_y_um": ("electrode_y_um", -1e9, 1e9),
    "electrode_z_um": ("electrode_z_um", -1e9, 1e9),
    "distance_um": ("distance_um", 1e-3, 1e9),
    "sigma_S_per_m": ("sigma_s_per_m", 1e-6, 1e6),
    "pulse_width_ms": ("pulse_width_ms", 1e-4, 1e4),
    "delay_ms": ("delay_ms", 0.0, 1e4),
    "dt_ms": ("dt_ms", 1e-5, 0.025),
    "tstop_ms": ("tstop_ms", 1e-3, 1e5),
    "temperature_C": ("temperature_degc", 0.0, 50.0),
    "threshold_mA": ("threshold_ma", -1e6, 1e6),
}
NOT_NUMBERS = ("model", "shape")
EXTRA = "\0"  # key of cells beyond the header


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """One measured threshold: a straight fiber along z under a point source in an infinite medium.

    Parameters
    ----------
    number : int
        Row of the table; the first one after the header is 1.
    model : str
        Key of a membrane.
    delta_z_um : float
        From node to node.
    node0_z_um : float
        Where the center of the first node lies.
    threshold_ma : float
        Of the first phase, with its sign.
    cv_m_per_s : float, optional
        Conduction velocity at threshold between the nodes at 70 and 88 %, its times on the grid of steps.
    """

    number: int
    model: str
    shape: str
    diameter_um: float
    n_node: int
    delta_z_um: float
    fiber_x_um: float
    fiber_y_um: float
    node0_z_um: float
    electrode_x_um: float
    electrode_y_um: float
    electrode_z_um: float
    distance_um: float
    sigma_s_per_m: float
    pulse_width_ms: float
    delay_ms: float
    dt_ms: float
    tstop_ms: float
    temperature_degc: float
    threshold_ma: float
    cv_m_per_s: float | None = None

    @property
    def pulse(self) -> Pulse:
        """Pulse of 1 mA with the sign of the first phase."""
        shape, sign = SHAPES[self.shape]
        return Pulse(amplitude_ma=sign, width_us=1e3 * self.pulse_width_ms, shape=shape)

    def __str__(self) -> str:
        return (
            f"row {self.number}: {self.model} {self.diameter_um:g} um, {self.distance_um:g} um away, {self.shape} "
            f"{self.pulse_width_ms:g} ms, dt {self.dt_ms:g} ms"
        )


def read_reference(text: str, *, name: str) -> tuple[ReferenceRow, ...]:
    """Rows of a table of thresholds, from the text of a CSV file.

    Parameters
    ----------
    text : str
        Columns as `NUMBERS` and ``model``, ``shape``; ``cv_m_per_s`` where it is there; others are left out of
        account. Models may have the peer's names.
    name : str
        What to call the file in messages.

    Raises
    ------
    InputError
        A column that is missing, an unknown model or shape, text in a number, a number out of range, a sign that
        contradicts the shape: all problems together, each with row and column.

    Examples
    --------
    >>> from vagus.tables import text_of
    >>> rows = read_reference(text_of("fiber_thresholds")[0], name="shipped")
    >>> len({row.model for row in rows})
    11
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), restkey=EXTRA)
    try:
        header = list(reader.fieldnames or [])
        records = list(reader)
    except csv.Error as error:
        raise InputError(Problem(what="table is not CSV", where=name, found=str(error), allowed="CSV text")) from error
    missing = [column for column in (*NOT_NUMBERS, *NUMBERS) if column not in header]
    if missing:
        raise InputError(
            [
                Problem(what="column is missing", where=f"{name}, header", found=", ".join(header) or "nothing",
                        allowed=column)
                for column in missing
            ]
        )  # fmt: skip
    if not records:
        raise InputError(Problem(what="table has no rows", where=name, found="a header only", allowed="one or more"))
    problems: list[Problem] = []
    rows: list[ReferenceRow] = []
    for number, record in enumerate(records, start=1):
        found = _row(record, number, f"{name}, row {number}", problems)
        if found is not None:
            rows.append(found)
    if problems:
        raise InputError(problems)
    return tuple(rows)


def _row(record: Mapping[str, str | None], number: int, where: str, problems: list[Problem]) -> ReferenceRow | None:
    before = len(problems)
    if EXTRA in record:
        problems.append(
            Problem(what="row has more cells than the header", where=where, found=f"{record[EXTRA]}",
                    allowed="one cell a column: is a comma in a number?")
        )  # fmt: skip
    written = (record["model"] or "").strip()
    model = PEER_KEYS.get(written.lower(), written.lower())
    if model not in membrane_keys():
        problems.append(
            Problem(what="no such axon model", where=f"{where}, model", found=f'"{written}"',
                    allowed=nearest(model, membrane_keys()))
        )  # fmt: skip
    shape = (record["shape"] or "").strip()
    if shape not in SHAPES:
        problems.append(
            Problem(what="unknown shape", where=f"{where}, shape", found=f'"{shape}"', allowed=nearest(shape, SHAPES))
        )
    values = {
        field: _number(record[column], f"{where}, {column}", low, high, problems)
        for column, (field, low, high) in NUMBERS.items()
    }
    written_cv = (record.get("cv_m_per_s") or "").strip()
    cv = _number(written_cv, f"{where}, cv_m_per_s", 1e-3, 1e3, problems) if written_cv else None
    if len(problems) > before:
        return None
    n_node = values.pop("n_node")
    if n_node != int(n_node):
        problems.append(
            Problem(
                what="number is not whole", where=f"{where}, n_nodes", found=f"{n_node:g}", allowed="a whole number"
            )
        )
        return None
    row = ReferenceRow(number=number, model=model, shape=shape, n_node=int(n_node), cv_m_per_s=cv, **values)
    _check_row(row, where, problems)
    return row


def _number(cell: str | None, where: str, low: float, high: float, problems: list[Problem]) -> float:
    text = (cell or "").strip()
    try:
        value = float(text)
    except ValueError:
        problems.append(Problem(what="not a number", where=where, found=f'"{text}"', allowed="a number"))
        return math.nan
    if not low <= value <= high:
        problems.append(Problem(what="number is out of range", where=where, found=text, allowed=f"{low:g} to {high:g}"))
    return value


def _check_row(row: ReferenceRow, where: str, problems: list[Problem]) -> None:
    """What single cells cannot tell."""
    if row.threshold_ma * SHAPES[row.shape][1] <= 0:
        problems.append(
            Problem(what="threshold has another sign than the first phase", where=f"{where}, threshold_mA",
                    found=f"{row.threshold_ma:g}", allowed=f"a {row.shape} pulse: "
                    f"{'negative' if SHAPES[row.shape][1] < 0 else 'positive'}")
        )  # fmt: skip
    away = math.hypot(row.electrode_x_um - row.fiber_x_um, row.electrode_y_um - row.fiber_y_um)
    if abs(away - row.distance_um) > 1e-3 * row.distance_um:
        problems.append(
            Problem(what="distance contradicts the places of electrode and fiber", where=f"{where}, distance_um",
                    found=f"{row.distance_um:g}", allowed=f"{away:g}")
        )  # fmt: skip
    if row.pulse_width_ms < 2 * row.dt_ms or row.tstop_ms <= row.delay_ms + 2 * row.pulse_width_ms:
        problems.append(
            Problem(
                what="pulse does not fit the run", where=f"{where}, pulse_width_ms", found=f"{row.pulse_width_ms:g}",
                allowed=f"from two steps of {row.dt_ms:g} ms, and with the delay within tstop_ms = {row.tstop_ms:g}",
            )
        )  # fmt: skip
