"""Nerves drawn from published distributions of their parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from vagus.errors import Abstained, InputError, Problem, nearest
from vagus.field.nerve import ring
from vagus.field.nerve.nerve import Fascicle, FiberCount, Nerve
from vagus.source import Known, Source, read_source
from vagus.tables import rows

FloatArray = NDArray[np.float64]
Species = Literal["human", "pig", "rat"]
Side = Literal["left", "right"]
Unmyelinated = Literal["two_thirds", "four_fifths"]

# of the nerve's area, fascicles with their perineurium; more was never laid out, and is drawn anew
FILL_MOST = 0.72
# between two fascicles, and between one and the nerve's surface
ROOM_UM = {"human": 10.0, "pig": 4.0, "rat": 2.0}
# sets of sizes that are tried, layouts of them, and steps of each layout
SETS, LAID, STEPS = 20_000, 50, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    key: str
    unit: str
    source: str
    verified: bool
    note: str
    mean: float = 0.0
    sd: float = 0.0
    low: float = 0.0
    high: float = 0.0
    slope: float = 0.0
    offset_um: float = 0.0


@cache
def _rows() -> dict[str, _Row]:
    return {row.key: row for row in rows("nerves", _Row)}


def _source(key: str) -> Source:
    return read_source(_rows()[key].source, verified=_rows()[key].verified)


def draw_nerve(species: Species, *, side: Side, unmyelinated: Unmyelinated | None, rng: np.random.Generator) -> Nerve:
    """A cervical vagus nerve drawn from published distributions: fascicles, perineurium, fibers by kind.

    Number of fascicles, their diameters and the nerve's come from cut normal distributions, each on its own; sizes that
    do not fit are drawn anew for the same number, so that many fascicles are smaller than the table says, in a larger
    nerve. Fascicles are circles that are laid out at random and pushed apart. Table `nerves` holds numbers and sources.

    Parameters
    ----------
    species : {"human", "pig", "rat"}
    side : {"left", "right"}
    unmyelinated : {"two_thirds", "four_fifths"} or None
        Share of unmyelinated fibers, where published counts disagree: no default. The range 67 to 80 % is carried on in
        each count. None: no counts, the only choice for pig and rat, whose counts were not read.
    rng : numpy.random.Generator

    Raises
    ------
    InputError
        An unknown species, side or share, or a share where no count was read.
    Abstained
        Fascicles of the drawn number could not be laid out.

    Examples
    --------
    >>> nerve = draw_nerve("human", side="left", unmyelinated="two_thirds", rng=np.random.default_rng(1))
    >>> len(nerve.fascicles), round(nerve.diameter_um), [one.key for one in nerve.fibers]
    (7, 2414, ['myelinated', 'unmyelinated'])
    """
    _check(species, side, unmyelinated)
    n = round(_draw(f"{species}_fascicle_count", 1, rng)[0])
    diameter, inner, sheath, places = _fitting(species, n, rng)
    fascicles = tuple(
        Fascicle(label=str(k + 1), outline_um=ring.circle(x, y, d / 2.0), perineurium_um=float(t))
        for k, ((x, y), d, t) in enumerate(zip(places, inner, sheath, strict=True))
    )
    fibers = () if unmyelinated is None else _fibers(species, side, unmyelinated, rng)
    keys = [f"{species}_{part}" for part in ("nerve_diameter", "fascicle_count", "fascicle_diameter", "perineurium")]
    cited = [*(_source(key) for key in keys), *(one.count.source for one in fibers)]
    return Nerve(
        species=species, outline_um=ring.circle(0.0, 0.0, diameter / 2.0, n=128), fascicles=fascicles, fibers=fibers,
        sources=tuple(dict.fromkeys(cited)),
        note="drawn: circles, laid out at random; diameters, number and place independent of each other",
    )  # fmt: skip


def perineurium_um(species: Species, diameter_um: float) -> float:
    """Thickness of a fascicle's perineurium from its diameter: a line by species (µm).

    Raises
    ------
    InputError
        An unknown species.

    Sources
    -------
    Pelot NA et al., PMC7309635 (recalled): human 0.03702 d + 10.50, pig 0.02547 d + 3.440, rat 0.01292 d + 1.367 µm.

    Examples
    --------
    >>> round(perineurium_um("human", 500.0), 2)
    29.01
    """
    _check(species, "left", None)
    line = _rows()[f"{species}_perineurium"]
    return line.slope * diameter_um + line.offset_um


def draw_places(fascicle: Fascicle, n: int, *, rng: np.random.Generator) -> FloatArray:
    """Places of fibers, (n, 2) in µm, even over a fascicle's endoneurium.

    Raises
    ------
    InputError
        A negative number.

    Examples
    --------
    >>> one = Fascicle(label="1", outline_um=ring.circle(500.0, 0.0, 200.0), perineurium_um=25.0)
    >>> draw_places(one, 1000, rng=np.random.default_rng(1)).mean(axis=0).round(-1)
    array([500.,  -0.])
    """
    if n < 0:
        raise InputError(Problem(what="n is negative", found=f"{n}", allowed="0 or more"))
    low, high = fascicle.outline_um.min(axis=0), fascicle.outline_um.max(axis=0)
    found = np.empty((0, 2))
    while len(found) < n:
        tried = rng.uniform(low, high, (2 * n + 16, 2))
        found = np.concatenate([found, tried[ring.holds(fascicle.outline_um, tried)]])
    return found[:n]


def _check(species: str, side: str, unmyelinated: str | None) -> None:
    asked = [("species", species, get_args(Species)), ("side", side, get_args(Side))]
    if unmyelinated is not None:
        asked.append(("unmyelinated", unmyelinated, get_args(Unmyelinated)))
    problems = [
        Problem(what=f"no such {name}", found=f'"{found}"', allowed=nearest(str(found), known))
        for name, found, known in asked
        if found not in known
    ]
    if not problems and species != "human" and unmyelinated is not None:
        problems = [Problem(what=f"fiber counts of the {species} were not read", allowed="unmyelinated=None")]
    if problems:
        raise InputError(problems)


def _draw(key: str, n: int, rng: np.random.Generator) -> FloatArray:
    row = _rows()[key]
    if row.sd == 0.0:
        return np.full(n, row.mean)
    low, high = ndtr((row.low - row.mean) / row.sd), ndtr((row.high - row.mean) / row.sd)
    return row.mean + row.sd * ndtri(rng.uniform(low, high, n))


def _fitting(species: Species, n: int, rng: np.random.Generator) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """A nerve's diameter with n fascicles that fit into it: their diameters, sheaths and middles."""
    room = ROOM_UM[species]
    laid = 0
    for _ in range(SETS):
        diameter = float(_draw(f"{species}_nerve_diameter", 1, rng)[0])
        inner = np.sort(_draw(f"{species}_fascicle_diameter", n, rng))[::-1]
        sheath = np.array([perineurium_um(species, d) for d in inner])
        outer = inner / 2.0 + sheath
        if np.sum(outer**2) > FILL_MOST * (diameter / 2.0) ** 2:
            continue
        places = _lay(outer + room / 2.0, (diameter - room) / 2.0, rng)
        if places is not None:
            return diameter, inner, sheath, places
        laid += 1
        if laid == LAID:
            break
    raise Abstained(f"{n} fascicles could not be laid out in a {species} nerve; draw again")


def _lay(radius: FloatArray, wall: float, rng: np.random.Generator) -> FloatArray | None:
    """Middles of circles within a circle, from random places pushed apart; None where they do not come to rest."""
    if np.any(radius > wall):
        return None
    turn, out = rng.uniform(0.0, 2.0 * np.pi, radius.size), np.sqrt(rng.uniform(size=radius.size)) * (wall - radius)
    places = np.stack([out * np.cos(turn), out * np.sin(turn)], axis=1)
    need = radius[:, None] + radius
    for _ in range(STEPS):
        apart = places[:, None] - places[None]
        distance = np.hypot(apart[..., 0], apart[..., 1]) + np.eye(radius.size)
        short = np.clip(need - distance, 0.0, None)
        np.fill_diagonal(short, 0.0)
        far = np.hypot(places[:, 0], places[:, 1])
        over = np.clip(far + radius - wall, 0.0, None)
        if short.max(initial=0.0) < 1e-3 * wall and over.max() < 1e-3 * wall:
            # what is left of a thousandth is taken from the room between
            return places * (1.0 - 1e-3)
        push = np.sum(apart * (short / distance)[..., None], axis=1) / 2.0
        places = places + push - places * (over / np.maximum(far, 1e-9))[:, None]
    return None


def _fibers(species: str, side: str, unmyelinated: str, rng: np.random.Generator) -> tuple[FiberCount, ...]:
    key = f"{species}_fibers_{side}"
    total, share = float(_draw(key, 1, rng)[0]), _rows()[f"unmyelinated_{unmyelinated}"]
    parts = (("unmyelinated", share.mean, share.low, share.high),
             ("myelinated", 100.0 - share.mean, 100.0 - share.high, 100.0 - share.low))  # fmt: skip
    both = _rows()[key].verified and share.verified
    text = share.source if _rows()[key].source == share.source else f"{_rows()[key].source}; share: {share.source}"
    return tuple(
        FiberCount(
            key=kind,
            count=Known(
                value=total * value / 100.0, unit="fibers", low=total * low / 100.0, high=total * high / 100.0,
                note="total of this draw times the share; range: published counts leave 67 to 80 % unmyelinated open",
                source=read_source(text, verified=both),
            ),
        )
        for kind, value, low, high in parts[::-1]
    )  # fmt: skip
