"""Which fibers lie at a site: classes with diameters and counts, and where the contacts find them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from vagus.dose import site_of
from vagus.errors import InputError, Problem
from vagus.source import Known, Source, read_source
from vagus.tables import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class FiberClass:
    """One class of fibers.

    Parameters
    ----------
    key, label, role : str
        "a_beta", "Aβ touch", what they do and whether they are afferent or efferent.
    model : str
        Axon model.
    diameter_mean_um, diameter_sd_um : float
        Normal distribution, cut at the model's range.
    count : Known or None
        Fibers in one person; None where no count may be printed.
    outward : bool
        Spikes count where they leave for the periphery, not for the brain.
    source : Source
        Of the diameters.
    """

    key: str
    label: str
    role: str
    model: str
    diameter_mean_um: float
    diameter_sd_um: float
    count: Known | None
    outward: bool
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Where fibers run against the contacts, as ranges over people.

    In a nerve, `path_low_um` to `path_high_um` is the distance from its axis and `layer` the radius of the helix;
    under skin, it is the depth, and `layer` the thickness of the upper layer. `upper` and `below` are tissues
    (`field.media`); in a nerve: along and across.
    """

    tissue: Literal["nerve", "skin"]
    top_ma: float
    half_length_um: float
    path_low_um: float
    path_high_um: float
    layer_low_um: float
    layer_high_um: float
    upper: str
    below: str
    lateral_um: float
    turn_deg: float
    text: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Fibers of a site, thickest first."""

    site: str
    classes: tuple[FiberClass, ...]
    path: Path
    caveat: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClassRow:
    key: str
    label: str
    role: str
    model: str
    diameter_mean_um: float
    diameter_sd_um: float
    outward: bool
    diameter_source: str
    share: float | None = None
    share_verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _SiteRow:
    key: str
    places: tuple[str, ...]
    tissue: Literal["nerve", "skin"]
    top_ma: float
    half_length_um: float
    path_low_um: float
    path_high_um: float
    path_text: str
    path_source: str
    path_verified: bool
    layer_low_um: float
    layer_high_um: float
    upper: str
    below: str
    caveat: str
    caveat_sources: tuple[str, ...] = ()
    caveat_verified: bool = True
    place_notes: dict[str, str] = field(default_factory=dict)
    classes: tuple[_ClassRow, ...] = ()
    fibers_of: str = ""
    lateral_um: float = 0.0
    turn_deg: float = 0.0
    total_left: float | None = None
    total_left_sd: float = 0.0
    total_right: float | None = None
    total_right_sd: float = 0.0
    count_source: str = ""
    count_verified: bool = False


@cache
def population(site: str) -> Population:
    """Fibers of a site.

    Raises
    ------
    InputError
        No such site, or none whose fibers are known.

    Examples
    --------
    >>> [c.label for c in population("cymba_left").classes]
    ['Aβ touch', 'Aδ prick and cold', 'C dull pain and warmth']
    >>> population("cervical_left").classes[-1].count.value
    16000.0
    """
    where = site_of(site)
    table = {row.key: row for row in rows("populations", _SiteRow)}
    row = next((row for row in table.values() if where.place in row.places), None)
    if row is None:
        raise InputError(Problem(what="fibers of this site are not known", found=f'"{site}"'))
    counted = table[row.fibers_of] if row.fibers_of else row
    vagal = where.place != "earlobe"
    classes = tuple(_fiber_class(counted, c, side=where.side, vagal=vagal) for c in counted.classes)
    path = Path(
        tissue=row.tissue, top_ma=row.top_ma, half_length_um=row.half_length_um, path_low_um=row.path_low_um,
        path_high_um=row.path_high_um, layer_low_um=row.layer_low_um, layer_high_um=row.layer_high_um, upper=row.upper,
        below=row.below, lateral_um=row.lateral_um, turn_deg=row.turn_deg, text=row.path_text,
        source=read_source(row.path_source, verified=row.path_verified),
    )  # fmt: skip
    cited = [read_source(text, verified=row.caveat_verified) for text in row.caveat_sources]
    if counted.count_source:
        cited.insert(0, read_source(counted.count_source, verified=counted.count_verified))
    caveat = " ".join(part for part in (row.caveat, row.place_notes.get(where.place)) if part)
    return Population(site=site, classes=classes, path=path, caveat=caveat, sources=(*cited, where.source))


def _fiber_class(row: _SiteRow, c: _ClassRow, *, side: Literal["left", "right"], vagal: bool) -> FiberClass:
    total, sd = (row.total_left, row.total_left_sd) if side == "left" else (row.total_right, row.total_right_sd)
    count = None
    if total is not None and c.share is not None:
        value, low, high = (_two_digits((total + z * sd) * c.share) for z in (0.0, -1.645, 1.645))
        count = Known(
            value=value, unit="fibers", low=low, high=high,
            note="total times the class's share" + (" (recalled)" if not c.share_verified else "")
            + ", to two digits; range: 90 % of people by the total's SD",
            source=read_source(row.count_source, verified=row.count_verified and c.share_verified),
        )  # fmt: skip
    return FiberClass(
        key=c.key, label=c.label, role=c.role if vagal else c.role + "; not vagal: great auricular nerve",
        model=c.model, diameter_mean_um=c.diameter_mean_um, diameter_sd_um=c.diameter_sd_um, count=count,
        outward=c.outward, source=read_source(c.diameter_source, verified=False),
    )  # fmt: skip


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")
