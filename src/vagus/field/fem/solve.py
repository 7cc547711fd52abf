"""One call that solves the field of a nerve in its electrode."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem, nearest
from vagus.field.electrode.contact import Disc, Needle, Patch
from vagus.field.fem import engine
from vagus.field.fem.columns import Columns
from vagus.field.fem.cuffed import OUTER, Mesh, centered, mesh_nerve
from vagus.field.fem.insulation import Insulation, insulation_behind
from vagus.field.fem.interpolate import triangle_nodes
from vagus.field.fem.kept import load, save
from vagus.field.fem.solved import FemField, number_nodes
from vagus.field.medium.nerve_tissue import NerveTissue
from vagus.field.medium.space import axes_s_per_m
from vagus.field.nerve.nerve import Nerve
from vagus.store import Store, digest

FloatArray = NDArray[np.float64]
Detail = Literal["coarse", "fine"]
Axes = tuple[float, float, float]

# raise when answers change: what a store keeps is then solved again
SOLVER = "fem 1"
DETAILS: dict[str, Mesh] = {
    "coarse": Mesh(edge_um=400.0, step_um=200.0, growth=3.0, grading=0.9, order=2),
    "fine": Mesh(edge_um=240.0, step_um=120.0, growth=2.2, grading=0.7, order=2),
}


def solve_field(
    nerve: Nerve,
    contacts: Sequence[Patch],
    tissue: NerveTissue,
    *,
    insulation: Sequence[Insulation] | None = None,
    detail: Detail | Mesh = "fine",
    half_length_um: float = 50_000.0,
    far_um: float = 20_000.0,
    store: Store | None = None,
    progress: Callable[[float], None] | None = None,
) -> FemField:
    """Basis fields of the contacts of a cuff or helix around a nerve, by finite elements.

    The nerve runs straight along z through an insulated electrode. Fascicles are bounded by their perineurium as a
    sheet (n.J = (V1 - V2) / rho); between nerve and electrode, and between turns of a helix, lies the capsule; the far
    boundary is at 0 mV. Contacts are surfaces at one potential, also where they carry nothing.

    Parameters
    ----------
    nerve : Nerve
        Around the z axis; see `centered_nerve`.
    contacts : sequence of Patch
        Of one radius.
    tissue : NerveTissue
    insulation : sequence of Insulation, optional
        Default: `insulation_behind` the contacts; an empty one for bare contacts. All are as thick as the thickest.
    detail : {"fine", "coarse"} or Mesh
    half_length_um : float
        How far tissue is solved beyond the electrode, on both sides; fibers must end within.
    far_um : float
        Radius of the far boundary.
    store : Store, optional
        Keeps the field under a hash of all that it depends on.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    InputError
        NGSolve is not installed; a nerve that does not fit into its electrode; contacts of different radius.

    Sources
    -------
    Sheet for the perineurium: Pelot NA et al. IEEE Trans Biomed Eng 2019, PMC7309635. Consistent residuals: Carey GF.
    Commun Appl Numer Methods 1985. Solver: Schöberl J. NGSolve. ASC Report 30/2014, TU Wien. The last two recalled.

    Examples
    --------
    Within a band, its own current gives 1.3 times the potential that the other band's gives there (the mesh, and with
    it the last digits, is not the same on every processor):

    >>> from vagus.field import Fascicle, cuff, nerve_tissue
    >>> from vagus.field.nerve import ring
    >>> one = Fascicle(label="1", outline_um=ring.circle(0, 0, 80), perineurium_um=8.0)
    >>> nerve = Nerve(species="rat", outline_um=ring.circle(0, 0, 150), fascicles=(one,))
    >>> bands = cuff(200.0, z_um=(-500.0, 500.0), length_um=300.0)
    >>> field = solve_field(nerve, bands, nerve_tissue("fat"), detail="coarse")
    >>> near, far = field.mv_per_ma(x_um=0.0, y_um=0.0, z_um=[-500.0, 500.0])[:, 0]
    >>> round(float(near / far), 1)
    1.3
    """
    mesh = detail if isinstance(detail, Mesh) else DETAILS.get(detail)
    if mesh is None:
        raise InputError(Problem(what="no such detail", found=f'"{detail}"', allowed=nearest(str(detail), DETAILS)))
    show = progress or (lambda share: None)
    behind = tuple(insulation_behind(contacts) if insulation is None else insulation)
    key = digest(
        [SOLVER, nerve.outline_um, *(one.outline_um for one in nerve.fascicles),
         *(one.perineurium_um for one in nerve.fascicles), *contacts,
         dataclasses.replace(tissue, sources=()), *behind, mesh, half_length_um, far_um]
    )  # fmt: skip
    outlines = tuple(one.outline_um for one in nerve.fascicles)
    kept = load(store, key, tuple(contacts), outlines, behind) if store is not None else None
    if kept is not None:
        show(1.0)
        return kept
    show(0.0)
    columns = mesh_nerve(
        nerve, contacts, behind, mesh=mesh, half_length_um=half_length_um, far_um=far_um, pocket=tissue.pocket
    )
    show(0.1)
    across, along = tissue.endoneurium_across_s_per_m, tissue.endoneurium_along_s_per_m
    inner = {f"fascicle{k}": (across, across, along) for k in range(len(outlines))}
    fluid = (tissue.pocket.fluid_s_per_m,) if tissue.pocket else ()
    outside = (tissue.epineurium_s_per_m, tissue.capsule_s_per_m, tissue.around_s_per_m, *fluid)
    outer: dict[str, Axes] = {name: axes_s_per_m(one) for name, one in zip(OUTER, outside, strict=False)}
    sheets = {f"sheet{k}": f.sheet_ohm_m2(tissue.perineurium_ohm_m) for k, f in enumerate(nerve.fascicles)}
    found = solve_columns(
        columns, contacts=tuple(contacts), inner=inner, outer=outer, sheets=sheets, order=mesh.order,
        outlines_um=outlines, insulation=behind, n_smooth=len(outlines) + 1, progress=show,
    )  # fmt: skip
    if store is not None:
        save(store, key, found)
    show(1.0)
    return found


def solve_columns(
    columns: Columns, *, contacts: tuple[Patch | Disc | Needle, ...], inner: dict[str, Axes], outer: dict[str, Axes],
    sheets: dict[str, float], order: int, outlines_um: tuple[FloatArray, ...] = (),
    insulation: tuple[Insulation, ...] = (), n_smooth: int = 0, progress: Callable[[float], None],
) -> FemField:  # fmt: skip
    """Basis fields on columns whose materials are those of inner and outer, whose faces are named contact0, ..."""
    names = tuple(f"contact{k}" for k in range(len(contacts)))
    mesh, cells = engine.mesh_of(columns, [*inner, *outer])
    progress(0.2)
    system = engine.assemble(
        mesh, conductivity=inner | outer, sheets=sheets, inner=list(inner), contacts=names, order=order
    )
    progress(0.8)
    functions, current, grounded = engine.contact_functions(system)
    nodes, n_column = number_nodes(columns.section, range(len(inner)), order)
    layers = columns.heights_um.shape[1] - 1
    values = np.full((len(contacts), n_column, layers * order + 1), math.nan)
    across = triangle_nodes(order)[:, :2] / order
    places = np.array([(*one, k / order) for one in across for k in range(order + 1)])
    for part, group in enumerate([group for group in (inner, outer) if group]):
        rows = cells[np.isin(columns.cells[cells[:, 0], cells[:, 1]], [[*inner, *outer].index(name) for name in group])]
        held = engine.nodal(system, [engine.components(f)[part] for f in functions], places, list(group))
        column = np.repeat(nodes[rows[:, 0]], order + 1, axis=1)
        height = rows[:, 1:] * order + np.tile(np.arange(order + 1), len(across))
        for k, one in enumerate(held):
            values[k, column, height] = one
    # columns of the inverse are the voltages that send 1 mA through one contact and none through the others
    volts = np.asarray(np.linalg.inv(current), dtype=np.float64)
    access = 1e3 * volts
    return FemField(
        contacts=contacts, columns=columns, order=order, nodes=nodes, outlines_um=outlines_um,
        insulation=insulation, n_smooth=n_smooth,
        values_mv=np.einsum("kj,knz->jnz", 1e3 * volts, values), contact_mv_per_ma=access,
        flux_error=float(np.abs(grounded @ volts + 1.0).max()),
        reciprocity_error=float(np.abs(access - access.T).max() / np.abs(access).max()), unknowns=system.space.ndof,
    )  # fmt: skip


def centered_nerve(nerve: Nerve) -> Nerve:
    """The nerve moved so that the smallest circle around it has its middle on the z axis.

    Examples
    --------
    >>> from vagus.field.nerve import ring
    >>> from vagus.field import Fascicle
    >>> one = Fascicle(label="1", outline_um=ring.circle(5300, 0, 250), perineurium_um=29.0)
    >>> off = Nerve(species="human", outline_um=ring.circle(5000, 0, 1000), fascicles=(one,))
    >>> centered_nerve(off).fascicles[0].center_um.round(1).tolist()
    [300.0, 0.0]
    """
    x, y = centered(nerve)
    return nerve.moved(x_um=float(x), y_um=float(y))
