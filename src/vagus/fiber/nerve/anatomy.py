"""A nerve in an electrode, drawn: anatomy, conductivities, contacts, and by what its field is solved."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from vagus.errors import InputError, Problem, nearest
from vagus.fiber.recruit import between, declared
from vagus.field import (
    Bundle,
    Field,
    Insulation,
    Nerve,
    NerveTissue,
    Patch,
    centered_nerve,
    cuff,
    draw_nerve,
    electrode_size,
    medium,
    nerve_medium,
    rounded,
    six_contacts,
    solve_bundle,
    solve_field,
)
from vagus.field.electrode.product import fitted_helix, helix_tubes, helix_turns
from vagus.field.fem.cuffed import LEAST_ROOM_UM
from vagus.field.fem.solve import SOLVER
from vagus.field.medium.nerve_tissue import Pocket
from vagus.field.nerve import ring
from vagus.field.nerve.draw import Species, Unmyelinated
from vagus.source import Source
from vagus.store import Store, digest

Electrode = Literal["helix", "cuff", "six"]
# round fascicles by waves along the nerve; any outline by finite elements (vagus[fem]), fine or coarse
Solver = Literal["waves", "fem", "fem_coarse"]
# raise when answers change: what a store keeps is then computed again
VERSION = "nerve draw 4"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anatomy:
    """One nerve in its electrode, ready to be solved.

    Parameters
    ----------
    nerve : Nerve
        Its middle on the electrode's axis.
    tissue : NerveTissue
    contacts : tuple of Patch
    tubes_um : tuple of (z_um, length_um)
        Closed tubes of insulation behind the contacts, as waves take them; finite elements take a helix as it is.
    weights : tuple of float
        Of the contacts, per current of the pulse.
    solver : {"waves", "fem", "fem_coarse"}
    """

    nerve: Nerve
    tissue: NerveTissue
    contacts: tuple[Patch, ...]
    tubes_um: tuple[tuple[float, float], ...]
    weights: tuple[float, ...]
    solver: Solver = "waves"

    @property
    def sources(self) -> tuple[Source, ...]:
        """Of the nerve, and of the ranges that conductivities were drawn from."""
        return tuple(dict.fromkeys((*self.nerve.sources, *self.tissue.sources)))

    @property
    def bundle(self) -> Bundle:
        """The nerve with its conductivities, each outline as the circle of its area.

        Raises
        ------
        InputError
            Fascicles that overlap as circles.
        """
        tissue, radius_um = self.tissue, self.contacts[0].radius_um
        film_um, fluid, shells = 0.0, 0.0, ()
        if tissue.pocket is not None:
            film_um, fluid = tissue.pocket.film_um, tissue.pocket.fluid_s_per_m
            wet_um = math.sqrt(radius_um**2 + _fluid_um2(self.contacts, film_um) / math.pi)
            shells = ((wet_um, fluid), (wet_um + tissue.pocket.capsule_um, tissue.capsule_s_per_m))
        return Bundle.of(
            self.nerve, perineurium_ohm_m=tissue.perineurium_ohm_m, along_s_per_m=tissue.endoneurium_along_s_per_m,
            across_s_per_m=tissue.endoneurium_across_s_per_m, epineurium_s_per_m=tissue.epineurium_s_per_m,
            sleeve_um=radius_um, sleeve_s_per_m=tissue.capsule_s_per_m, tubes_um=self.tubes_um,
            around_s_per_m=float(np.mean(tissue.around_s_per_m)), film_um=film_um, film_s_per_m=fluid, shells=shells,
        )  # fmt: skip

    def solve(self, *, store: Store | None = None, progress: Callable[[float], None] | None = None) -> Field:
        """Basis fields of the contacts by the anatomy's solver.

        Parameters
        ----------
        store : Store, optional
            Keeps a field of finite elements.
        progress : callable, optional
            Told the share that is done, by finite elements.

        Raises
        ------
        InputError
            NGSolve is not installed (finite elements only); as `solve_bundle` and `solve_field`.
        """
        if self.solver == "waves":
            return solve_bundle(self.bundle, self.contacts)
        sleeves = tuple(
            Insulation(
                radius_um=self.contacts[0].radius_um, z_um=z, length_um=length,
                thickness_um=electrode_size("helix_insulator_thickness").value,
            )
            for z, length in self.tubes_um
        )  # fmt: skip
        return solve_field(
            self.nerve, self.contacts, self.tissue, insulation=None if self.contacts[0].rise_um else sleeves,
            detail="fine" if self.solver == "fem" else "coarse", store=store, progress=progress,
        )  # fmt: skip

    @property
    def key(self) -> str:
        """A digest of all that its field depends on."""
        return digest([
            VERSION, SOLVER if self.solver != "waves" else "", self.solver, self.nerve.outline_um,
            *(one.outline_um for one in self.nerve.fascicles), *(one.perineurium_um for one in self.nerve.fascicles),
            replace(self.tissue, sources=()), *self.contacts, self.tubes_um,
        ])  # fmt: skip


def _fluid_um2(contacts: tuple[Patch, ...], film_um: float) -> float:
    """Cross-section of the fluid outside of a helix, as tubes without thickness take it: the film around the turns and
    the whole room between the two helices, one after the other along the way from contact to contact."""
    radius_um = contacts[0].radius_um
    over_um = radius_um + electrode_size("helix_insulator_thickness").value
    around = math.pi * ((over_um + film_um) ** 2 - over_um**2)
    room = math.pi * ((over_um + film_um) ** 2 - radius_um**2)
    held_um = helix_turns(contacts[0]) * contacts[0].rise_um + electrode_size("helix_insulator_width").value
    share = min(1.0, held_um / (contacts[0].z_um - contacts[1].z_um))
    return 1.0 / (share / around + (1.0 - share) / room)


def draw_helix(rng: np.random.Generator) -> Anatomy:
    """A left human cervical vagus in a LivaNova-type helix: `draw_anatomy` of these two.

    Examples
    --------
    >>> found = draw_helix(np.random.default_rng(1))
    >>> len(found.nerve.fascicles), round(found.bundle.sleeve_um), found.weights
    (7, 1456, (1.0, -1.0))
    """
    return draw_anatomy(rng, species="human", electrode="helix")


def draw_anatomy(
    rng: np.random.Generator,
    *,
    species: Species,
    electrode: Electrode,
    weights: tuple[float, ...] | None = None,
    nerve: Nerve | None = None,
    solver: Solver = "waves",
) -> Anatomy:
    """A left cervical vagus in an electrode, anatomy and conductivities drawn from their ranges.

    A helix is taken as months after implanting: around the nerve lie a capsule, a film of fluid, the helix (opened as
    far as it must be) with fluid between its turns and outside, a capsule, and what lies around; for waves its turns
    are closed rings with gaps. A cuff fits the nerve with a tenth of its radius to spare (an ImThera-type one is
    no narrower than at rest); its wall is a closed tube. The pulse's sign is that of a contact of weight 1.
    Conductivities, and thicknesses at a helix, are drawn evenly in their logarithm (tables `media`, `nerve_tissue`,
    `recruitment` and `electrodes`), the same for each solver; nothing is tuned.

    Parameters
    ----------
    rng : numpy.random.Generator
    species : {"human", "pig", "rat"}
    electrode : {"helix", "cuff", "six"}
        LivaNova-type helix; two rings 3 mm apart (rat: 1 mm); ImThera-type six contacts.
    weights : tuple of float, optional
        Of the contacts; two contacts have (1, -1) without it.
    nerve : Nerve, optional
        A nerve of one's own: only the rest is drawn. It is moved to the electrode's axis; for waves its outlines become
        the circles of their area.
    solver : {"waves", "fem", "fem_coarse"}
        Round fascicles by waves, or traced outlines by finite elements (``pip install "vagus[fem]"``).

    Raises
    ------
    InputError
        No such electrode or solver, a nerve that does not fit into it, fascicles that overlap as circles, or weights
        that do not fit or do not sum to 0.
    """
    asked = (("electrode", electrode, get_args(Electrode)), ("solver", solver, get_args(Solver)))
    problems = [
        Problem(what=f"no such {name}", found=f'"{found}"', allowed=nearest(str(found), known))
        for name, found, known in asked
        if found not in known
    ]
    if problems:
        raise InputError(problems)
    counted: Unmyelinated | None = "two_thirds" if species == "human" else None
    one = draw_nerve(species, side="left", unmyelinated=counted, rng=rng) if nerve is None else nerve
    known = {key: medium(f"endoneurium_{key}") for key in ("along", "across")}
    known |= {key: nerve_medium(key) for key in ("perineurium", "epineurium", "capsule")}
    known["around_nerve"] = declared("around_nerve")
    value = {key: float(between(known[key], rng, 1)[0]) for key in known}
    pocket, within_um, beside = _pocket(rng) if electrode == "helix" else (None, 0.0, ())
    placed = _on_axis(one, solver, own=nerve is not None)
    contacts, tubes = _electrode(electrode, placed, _reach_um(placed, solver), within_um)
    shares = (1.0, -1.0) if weights is None and len(contacts) == 2 else tuple(weights or ())
    if len(shares) != len(contacts) or not abs(sum(shares)) <= 1e-6 or not any(shares):
        raise InputError(
            Problem(what="weights do not fit the contacts", found=f"{shares}",
                    allowed=f"{len(contacts)} numbers that sum to 0, not all 0")
        )  # fmt: skip
    tissue = NerveTissue(
        endoneurium_along_s_per_m=value["along"], endoneurium_across_s_per_m=value["across"],
        perineurium_ohm_m=value["perineurium"], epineurium_s_per_m=value["epineurium"],
        capsule_s_per_m=value["capsule"], around_s_per_m=value["around_nerve"],
        sources=tuple(dict.fromkeys((*(found.source for found in known.values()), *beside))), pocket=pocket,
    )  # fmt: skip
    return Anatomy(
        nerve=placed, tissue=tissue, contacts=contacts, tubes_um=tubes, weights=shares, solver=solver,
    )  # fmt: skip


def _on_axis(nerve: Nerve, solver: Solver, *, own: bool) -> Nerve:
    """A nerve as its solver takes it; one that was drawn lies on the axis, of circles."""
    if not own:
        return nerve
    if solver != "waves":
        return centered_nerve(nerve)
    flat = rounded(nerve)
    x, y = ring.center(flat.outline_um)
    return flat.moved(x_um=-float(x), y_um=-float(y))


def _reach_um(nerve: Nerve, solver: Solver) -> float:
    """Radius that an electrode must have to hold the nerve."""
    if solver == "waves":
        return nerve.diameter_um / 2.0
    return float(np.hypot(*nerve.outline_um.T).max()) + LEAST_ROOM_UM


def _pocket(rng: np.random.Generator) -> tuple[Pocket, float, tuple[Source, ...]]:
    """What lies at an implanted helix; the thickness of capsule and fluid between it and the nerve (µm); sources."""
    parts = [electrode_size(f"helix_{part}") for part in ("film", "capsule_within", "capsule_around")]
    fluid = nerve_medium("saline")
    film_um, within_um, around_um = (float(between(part, rng, 1)[0]) for part in parts)
    pocket = Pocket(film_um=film_um, fluid_s_per_m=fluid.value, capsule_um=around_um)
    return pocket, film_um + within_um, tuple(known.source for known in (*parts, fluid))


def _electrode(
    electrode: Electrode, nerve: Nerve, reach_um: float, within_um: float
) -> tuple[tuple[Patch, ...], tuple[tuple[float, float], ...]]:
    """Contacts and tubes of insulation around a nerve, and around what lies within a helix."""
    size = {key: electrode_size(key).value for key in ("cuff_room", "sleeve_margin", "six_radius", "six_length")}
    if electrode == "helix":
        most_um = electrode_size("helix_radius_large").value
        if reach_um >= most_um:
            raise InputError(
                Problem(what="the nerve does not fit into a helix", found=f"diameter {2 * reach_um:.4g} µm",
                        allowed=f"below {2 * most_um:g} µm")
            )  # fmt: skip
        contacts = fitted_helix(reach_um + within_um)
        return contacts, helix_tubes(contacts)
    radius_um = size["cuff_room"] * reach_um
    if electrode == "six":
        return six_contacts(max(radius_um, size["six_radius"])), ((0.0, size["six_length"]),)
    apart_um = electrode_size("cuff_apart_rat" if nerve.species == "rat" else "cuff_apart").value
    contacts = cuff(radius_um, z_um=(apart_um / 2.0, -apart_um / 2.0), length_um=apart_um / 4.0)
    end_um = max(one.z_um + one.length_um / 2.0 for one in contacts)
    return contacts, ((0.0, 2.0 * (end_um + size["sleeve_margin"])),)
