"""Recruitment over draws of anatomy and conductivity: a nerve in an electrode, drawn many times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.dose import Pulse
from vagus.errors import InputError, Problem, nearest
from vagus.fiber.nerve.placed import PlacedFibers, place_fibers
from vagus.fiber.nerve.recruited import NerveRecruitment, recruit_nerve
from vagus.fiber.recruit import between, declared
from vagus.field import Bundle, Nerve, Patch, cuff, draw_nerve, helix, medium, nerve_medium, six_contacts, solve_bundle
from vagus.field.nerve.draw import Species, Unmyelinated
from vagus.source import Effect, Source
from vagus.store import Store, digest

FloatArray = NDArray[np.float64]

# inner radii of the helix of the two leads
HELIX_RADII_UM = (990.0, 1500.0)
# inner radius of a cuff over that of the nerve
ROOMY = 1.1
Electrode = Literal["helix", "cuff", "six"]
# raise when answers change: what a store keeps is then computed again
VERSION = "nerve draw 1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anatomy:
    """One nerve in its electrode, ready to be solved.

    Parameters
    ----------
    nerve : Nerve
    bundle : Bundle
        The same nerve with conductivities, and what lies around it.
    contacts : tuple of Patch
    weights : tuple of float
        Of the contacts, per current of the pulse.
    sources : tuple of Source
        Of the ranges that it was drawn from.
    """

    nerve: Nerve
    bundle: Bundle
    contacts: tuple[Patch, ...]
    weights: tuple[float, ...]
    sources: tuple[Source, ...] = ()


Draw = Callable[[np.random.Generator], Anatomy]
Place = Callable[[Nerve, np.random.Generator], PlacedFibers]


def draw_helix(rng: np.random.Generator) -> Anatomy:
    """A left human cervical vagus in a LivaNova-type helix: `draw_anatomy` of these two.

    Examples
    --------
    >>> found = draw_helix(np.random.default_rng(1))
    >>> len(found.nerve.fascicles), found.bundle.sleeve_um, found.weights
    (7, 1500.0, (1.0, -1.0))
    """
    return draw_anatomy(rng, species="human", electrode="helix")


def draw_anatomy(
    rng: np.random.Generator,
    *,
    species: Species,
    electrode: Electrode,
    weights: tuple[float, ...] | None = None,
    nerve: Nerve | None = None,
) -> Anatomy:
    """A left cervical vagus in an electrode, anatomy and conductivities drawn from their ranges.

    A helix is that of the smaller lead which holds the nerve; around each contact its insulation is a closed tube of
    1.5 to 2.5 turns, drawn. A cuff fits the nerve with a tenth of its radius to spare; its wall is a closed tube that
    reaches 1 mm beyond its contacts. The pulse's sign is that of a contact of weight 1. Conductivities are drawn evenly
    in their logarithm (tables `media` and `recruitment`); nothing is tuned.

    Parameters
    ----------
    rng : numpy.random.Generator
    species : {"human", "pig", "rat"}
    electrode : {"helix", "cuff", "six"}
        LivaNova-type helix; two rings 3 mm apart (rat: 1 mm); ImThera-type six contacts.
    weights : tuple of float, optional
        Of the contacts; two contacts have (1, -1) without it.
    nerve : Nerve, optional
        A nerve of one's own: only the rest is drawn. Its outlines count as circles of their area.

    Raises
    ------
    InputError
        No such electrode, a nerve that does not fit into it, fascicles that overlap as circles, or weights that do not
        fit or do not sum to 0.
    """
    if electrode not in get_args(Electrode):
        raise InputError(
            Problem(what="no such electrode", found=f'"{electrode}"',
                    allowed=nearest(str(electrode), get_args(Electrode)))
        )  # fmt: skip
    counted: Unmyelinated | None = "two_thirds" if species == "human" else None
    one = draw_nerve(species, side="left", unmyelinated=counted, rng=rng) if nerve is None else nerve
    known = {key: medium(f"endoneurium_{key}") for key in ("along", "across")}
    known |= {key: nerve_medium(key) for key in ("perineurium", "epineurium", "capsule")}
    known["around_nerve"] = declared("around_nerve")
    value = {key: float(between(known[key], rng, 1)[0]) for key in known}
    contacts, tubes = _electrode(electrode, one, rng)
    shares = (1.0, -1.0) if weights is None and len(contacts) == 2 else tuple(weights or ())
    if len(shares) != len(contacts) or abs(sum(shares)) > 1e-6:
        raise InputError(
            Problem(what="weights do not fit the contacts", found=f"{shares}",
                    allowed=f"{len(contacts)} numbers that sum to 0")
        )  # fmt: skip
    bundle = Bundle.of(
        one, perineurium_ohm_m=value["perineurium"], along_s_per_m=value["along"], across_s_per_m=value["across"],
        epineurium_s_per_m=value["epineurium"], sleeve_um=contacts[0].radius_um, sleeve_s_per_m=value["capsule"],
        around_s_per_m=value["around_nerve"], tubes_um=tubes,
    )  # fmt: skip
    sources = (*one.sources, *(found.source for found in known.values()))
    return Anatomy(nerve=one, bundle=bundle, contacts=contacts, weights=shares, sources=tuple(dict.fromkeys(sources)))


def _electrode(
    electrode: Electrode, nerve: Nerve, rng: np.random.Generator
) -> tuple[tuple[Patch, ...], tuple[tuple[float, float], ...]]:
    """Contacts and tubes of insulation around a nerve."""
    around_um = nerve.diameter_um / 2.0
    if electrode == "helix":
        radius_um = next((r for r in HELIX_RADII_UM if around_um < r), None)
        if radius_um is None:
            raise InputError(
                Problem(what="the nerve does not fit into a helix", found=f"diameter {nerve.diameter_um:.4g} µm",
                        allowed=f"below {2 * HELIX_RADII_UM[-1]:g} µm")
            )  # fmt: skip
        band = declared("helix_band")
        band_um = 1e3 * float(rng.uniform(band.low or band.value, band.high or band.value))
        contacts = helix(radius_um)
        return contacts, tuple((contact.z_um, band_um) for contact in contacts)
    if electrode == "six":
        contacts = six_contacts(ROOMY * around_um)
    else:
        apart_um = 1000.0 if nerve.species == "rat" else 3000.0
        contacts = cuff(ROOMY * around_um, z_um=(apart_um / 2.0, -apart_um / 2.0), length_um=apart_um / 4.0)
    ends = [one.z_um + one.length_um / 2.0 for one in contacts]
    return contacts, ((0.0, 2.0 * (max(ends) + 1000.0)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class NerveDraws:
    """One recruitment for each draw.

    Parameters
    ----------
    each : tuple of NerveRecruitment
    level : float
        Of the intervals.
    sources : tuple of Source
    """

    each: tuple[NerveRecruitment, ...]
    level: float = 0.90
    sources: tuple[Source, ...] = ()

    def current_ma(self, share_pct: float, *, key: str | None = None, fascicle: str | None = None) -> Effect:
        """Current at which a share of fibers fires: median over draws, and the interval between their quantiles."""
        found = np.array([one.current_ma(share_pct, key=key, fascicle=fascicle) for one in self.each])
        return self._effect(found, "mA", f"current at which {share_pct:g} % fire")

    def share_pct(self, amplitude_ma: ArrayLike, *, key: str | None = None, fascicle: str | None = None) -> FloatArray:
        """Share that fires at each current: (3, n) low, median and high over draws."""
        shares = np.stack([one.share_pct(amplitude_ma, key=key, fascicle=fascicle) for one in self.each])
        tail = (1.0 - self.level) / 2.0
        return np.asarray(np.quantile(shares, [tail, 0.5, 1.0 - tail], axis=0), dtype=np.float64)

    def _effect(self, values: FloatArray, unit: str, what: str) -> Effect:
        tail = (1.0 - self.level) / 2.0
        # without interpolation, as half of infinity is no current
        low, middle, high = (float(np.quantile(values, q, method="inverted_cdf")) for q in (tail, 0.5, 1.0 - tail))
        return Effect(
            estimate=middle, low=low, high=high, unit=unit, n=len(self.each), level=self.level, sources=self.sources,
            method=f"{what}: median and quantiles over draws of anatomy and conductivity",
        )  # fmt: skip


def recruit_draws(
    draw: Draw,
    place: Place,
    pulse: Pulse,
    *,
    rng: np.random.Generator,
    n_draws: int,
    limit_ma: float,
    dt_us: float | None = None,
    progress: Callable[[float], None] | None = None,
    store: Store | None = None,
    threads: int | None = None,
) -> NerveDraws:
    """Recruitment in nerves that are drawn one after the other, each with its own field.

    Parameters
    ----------
    draw : callable
        Makes an `Anatomy` from a generator, as `draw_helix`.
    place : callable
        Places fibers in its nerve: ``lambda nerve, rng: place_fibers(nerve, {...}, rng=rng)``.
    pulse : Pulse
    rng : numpy.random.Generator
        Each draw has a child of its own, so that the first draws stay as they are when there are more.
    n_draws : int
    limit_ma : float
        Largest current that matters.
    dt_us : float, optional
        As in `recruit_nerve`.
    store : Store, optional
        Keeps the thresholds of each draw that is done: a call after an interrupt goes on from there.

    Raises
    ------
    InputError
        No draws; as `recruit_nerve`.

    Examples
    --------
    >>> pulse = Pulse(amplitude_ma=-1.0, width_us=250.0, shape="monophasic")
    >>> def touch(nerve, rng):
    ...     return place_fibers(nerve, {"a_beta": 1}, rng=rng, fascicles=[0])
    >>> found = recruit_draws(draw_helix, touch, pulse, rng=np.random.default_rng(1), n_draws=1, limit_ma=50.0)
    >>> len(found.each), found.each[0].fibers.size
    (1, 1)
    """
    if n_draws < 1:
        raise InputError(Problem(what="no draws", found=f"n_draws = {n_draws}", allowed="1 or more"))
    each: list[NerveRecruitment] = []
    sources: dict[Source, None] = {}
    for number, own in enumerate(rng.spawn(n_draws)):
        anatomy = draw(own)
        fibers = place(anatomy.nerve, own)
        sources |= dict.fromkeys(anatomy.sources)

        def told(share: float, begin: int = number) -> None:
            if progress is not None:
                progress((begin + share) / n_draws)

        each.append(
            _one(anatomy, fibers, pulse, limit_ma=limit_ma, dt_us=dt_us, progress=told, store=store, threads=threads)
        )
        told(1.0)
    return NerveDraws(each=tuple(each), sources=tuple(sources))


def _one(
    anatomy: Anatomy, fibers: PlacedFibers, pulse: Pulse, *, limit_ma: float, dt_us: float | None,
    progress: Callable[[float], None], store: Store | None, threads: int | None,
) -> NerveRecruitment:  # fmt: skip
    key = digest([
        VERSION, repr(anatomy.bundle), repr(anatomy.contacts), anatomy.weights, repr(fibers.classes),
        fibers.class_index, fibers.fascicle_index, fibers.x_um, fibers.y_um, fibers.diameter_um, fibers.shift,
        repr(pulse), limit_ma, dt_us,
    ])  # fmt: skip
    kept = None if store is None else store.load(key)
    if kept is not None and kept.shape == (fibers.size,):
        return NerveRecruitment(
            nerve=anatomy.nerve, fibers=fibers, weights=anatomy.weights, pulse=pulse, threshold_ma=kept,
            limit_ma=limit_ma,
        )  # fmt: skip
    field = solve_bundle(anatomy.bundle, anatomy.contacts)
    found = recruit_nerve(
        anatomy.nerve, fibers, field, pulse, weights=anatomy.weights, limit_ma=limit_ma, dt_us=dt_us,
        progress=progress, threads=threads,
    )  # fmt: skip
    if store is not None:
        store.save(key, found.threshold_ma)
    return found


def laryngeal_fibers(nerve: Nerve, rng: np.random.Generator, *, n: int = 100) -> PlacedFibers:
    """Laryngeal motor fibers of a nerve, all in one fascicle drawn with a chance in proportion to its area.

    Examples
    --------
    >>> nerve = draw_nerve("human", side="left", unmyelinated=None, rng=np.random.default_rng(1))
    >>> laryngeal_fibers(nerve, np.random.default_rng(1), n=5).fascicle_index.tolist()
    [2, 2, 2, 2, 2]
    """
    areas = np.array([one.area_um2 for one in nerve.fascicles])
    chosen = int(rng.choice(areas.size, p=areas / areas.sum()))
    return place_fibers(nerve, {"a_alpha_motor": n}, rng=rng, fascicles=[chosen])


__all__ = ["Anatomy", "NerveDraws", "draw_anatomy", "draw_helix", "laryngeal_fibers", "recruit_draws"]
