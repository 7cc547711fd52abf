"""`Fiber`: one axon, a membrane on a geometry at a diameter, straight or along a path in space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vagus.dose.ranges import demand, outside
from vagus.errors import InputError, ModelRange, Problem
from vagus.fiber.membrane import Membrane, Myelin, membrane
from vagus.fiber.model.layout import Size
from vagus.fiber.model.path import Path

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Ends = Literal["passive", "active"]

# Densities on an area in um2 to nF and uS; then ms, mV, nA and MOhm close the system
NF_PER_UF_CM2_UM2 = 1e-5
US_PER_S_CM2_UM2 = 1e-2
MOHM_PER_OHM_CM_UM = 1e-2
MOST_NODES = 1_000_000  # about 100 MB a fiber
END_SHARE = 0.2  # of the strongest drive inside: an end that drives more than that counts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fiber:
    """One axon in compartments: nodes, and between them the compartments of an internode.

    Parameters
    ----------
    model : str
        Key of its membrane.
    diameter_um : float
        Outer diameter, myelin included.
    n_node : int
        Nodes; in an unmyelinated fiber every compartment is one. An internode without a membrane of its own (a perfect
        insulator) has no compartments: the potential along it does not matter.
    z_um : (n,) array
        Centers of the compartments along the fiber; 0 is the center of the first, unless the fiber has an offset.
    xyz_um : (n, 3) array
        The same in space: on the z axis, or on the path that was given.
    node_index : (n_node,) array of int
        Which compartments are nodes.
    membrane : Membrane
    ends : "passive" or "active"
        What the first and last node are; axially sealed both ways.
    length_um, c_nf, g_us : (n,) array
        Length, membrane capacitance, and leak to rest of each compartment (0 at active nodes).
    half_axial_mohm, half_periaxial_mohm : (n,) array
        Resistance from center to edge, inside the axon and in the periaxonal space.
    c_myelin_nf, g_myelin_us : (n,) array
        Across the myelin; 0 at nodes, whose periaxonal space is at the outside's potential.
    area_node_um2 : (n_node,) array
        Active membrane of each node; 0 at passive ends.

    Examples
    --------
    >>> fiber = Fiber.of("mrg", diameter_um=10.0, n_node=41)
    >>> fiber.z_um.size, round(float(fiber.z_um[fiber.node_index[1]]), 1)
    (441, 1122.3)
    """

    model: str
    diameter_um: float
    n_node: int
    z_um: FloatArray
    xyz_um: FloatArray
    node_index: IntArray
    membrane: Membrane
    ends: Ends
    length_um: FloatArray
    c_nf: FloatArray
    g_us: FloatArray
    half_axial_mohm: FloatArray
    half_periaxial_mohm: FloatArray
    c_myelin_nf: FloatArray
    g_myelin_us: FloatArray
    area_node_um2: FloatArray

    def __post_init__(self) -> None:
        for name in ("z_um", "xyz_um", "node_index", "length_um", "c_nf", "g_us", "half_axial_mohm",
                     "half_periaxial_mohm", "c_myelin_nf", "g_myelin_us", "area_node_um2"):  # fmt: skip
            array = np.array(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        n = self.z_um.size
        sizes = {
            "xyz_um": (n, 3), "node_index": (self.n_node,), "area_node_um2": (self.n_node,),
            **dict.fromkeys(("z_um", "length_um", "c_nf", "g_us", "half_axial_mohm", "half_periaxial_mohm",
                             "c_myelin_nf", "g_myelin_us"), (n,)),
        }  # fmt: skip
        problems = [
            Problem(what="array of a fiber has another shape", where=name, found=f"{getattr(self, name).shape}",
                    allowed=f"{shape}", why="Fiber.of builds fibers")
            for name, shape in sizes.items()
            if getattr(self, name).shape != shape
        ]  # fmt: skip
        if self.n_node < 5:
            problems.append(Problem(what="too few nodes", found=f"n_node = {self.n_node}", allowed="5 or more"))
        if problems:
            raise InputError(problems)

    @property
    def per_internode(self) -> int:
        """Compartments between two nodes; 0 in an unmyelinated fiber."""
        return int(self.node_index[1] - self.node_index[0]) - 1

    def ends_matter(self, field_mv_per_ma: FloatArray) -> bool:
        """The field drives a sealed end more than a fifth as much as it drives the strongest place inside.

        A sealed end is driven by the slope of the potential, the inside by its second difference, both from node to
        node (unmyelinated: over 300 um, about a length constant).
        A longer fiber (`length_for_um`) mends it.

        Examples
        --------
        >>> fiber = Fiber.of("mrg", diameter_um=10.0, n_node=41)
        >>> near = 1.0 / np.hypot(500.0, fiber.z_um - fiber.z_um[220])
        >>> fiber.ends_matter(near), fiber.ends_matter(fiber.z_um / 1e3)
        (False, True)
        """
        at_nodes = np.asarray(field_mv_per_ma, dtype=np.float64)[self.node_index]
        jumps = self.membrane.kind == "myelinated"
        apart = 1 if jumps else max(1, round(300.0 / float(self.length_um[0])))
        apart = min(apart, (self.n_node - 1) // 2)
        inside = at_nodes[2 * apart :] - 2.0 * at_nodes[apart:-apart] + at_nodes[: -2 * apart]
        ends = (at_nodes[apart] - at_nodes[0], at_nodes[-1] - at_nodes[-1 - apart])
        strongest = float(np.max(np.abs(inside)))
        return float(np.max(np.abs(ends))) > END_SHARE * strongest

    @staticmethod
    def of(
        model: str | Membrane,
        *,
        diameter_um: float,
        n_node: int | None = None,
        length_um: float | None = None,
        section_um: float | None = None,
        ends: Ends | None = None,
        offset_um: float = 0.0,
        path_um: FloatArray | None = None,
    ) -> Fiber:
        """Fiber of a model at a diameter, its size given in nodes, as a length, or by the path that it fills.

        Parameters
        ----------
        model : str or Membrane
            A key of `membrane_keys`, or a membrane of one's own (`read_membrane`).
        diameter_um : float
            Outer diameter.
        n_node : int
            Nodes (for an unmyelinated fiber: sections), at least 5.
        length_um : float
            Instead of `n_node`: shortest fiber that is at least as long.
        section_um : float
            Length of a section of an unmyelinated fiber; without it, that of the model. Sections well below the
            length constant (0.4 mm at 0.8 um) change thresholds little.
        ends : "passive" or "active", optional
            Without it, as the model has it. Passive ends carry a leak only, and no current enters the axon there.
        offset_um : float
            Where the center of the first node lies along the z axis or the path.
        path_um : (n_point, 3) array, optional
            Points in space; compartments are laid along it by arc length. Without `n_node` and `length_um` the fiber
            has as many nodes as fit.

        Raises
        ------
        InputError
            No such model; neither or both of `n_node` and `length_um`; too few nodes; a path that is not one, or too
            short.
        ModelRange
            The model is not valid at this diameter.

        Examples
        --------
        >>> bow = np.array([[0.0, 0.0, 0.0], [3000.0, 0.0, 0.0], [3000.0, 4000.0, 0.0]])
        >>> fiber = Fiber.of("mrg", diameter_um=10.0, path_um=bow)
        >>> fiber.n_node, fiber.xyz_um[33].round(1).tolist()
        (7, [3000.0, 366.9, 0.0])
        """
        sizes = {"n_node": n_node, "length_um": length_um, "section_um": section_um}
        demand([
            outside("diameter_um", diameter_um, above=0), outside("offset_um", offset_um),
            *(outside(name, value) for name, value in sizes.items() if value is not None),
        ])  # fmt: skip
        data = _model(model)
        _check_diameter(data, diameter_um)
        if ends not in {None, "passive", "active"}:
            raise InputError(Problem(what="ends are unknown", found=f"{ends!r}", allowed='"passive" or "active"'))
        pitch_um = _pitch(data, diameter_um, section_um)
        path = None if path_um is None else Path.of(path_um)
        if path is not None and n_node is None and length_um is None:
            n_node = math.floor((path.length_um - offset_um) / pitch_um + 1e-9) + 1
        count = _node_count(n_node, length_um, pitch_um)
        last_um = offset_um + (count - 1) * pitch_um
        if path is not None and not (offset_um >= -1e-6 and last_um <= path.length_um + 1e-6):
            raise InputError(
                Problem(
                    what="path is shorter than the fiber", where="path_um",
                    found=f"{path.length_um:g} um, fiber from {offset_um:g} to {last_um:g} um",
                    allowed="a path that holds all nodes: fewer nodes, or a longer path",
                )
            )  # fmt: skip
        return _build(
            data, diameter_um, n_node=count, pitch_um=pitch_um, ends=ends or data.ends, offset_um=offset_um, path=path
        )


def length_for_um(
    model: str | Membrane,
    *,
    diameter_um: float,
    distance_um: float,
    span_um: float = 0.0,
    along_s_per_m: float = 1.0,
    across_s_per_m: float = 1.0,
) -> float:
    """Length at which a fiber's ends no longer matter, for electrodes over its middle.

    To each side of the electrodes five times the distance (a point source's slope has fallen there to a tenth of its
    greatest), stretched by the root of the ratio of conductivities, and ten nodes or 1.5 mm for the spike to travel.

    Parameters
    ----------
    distance_um : float
        From fiber to electrodes.
    span_um : float
        Between the outermost electrodes, along the fiber.
    along_s_per_m, across_s_per_m : float
        Conductivity of the tissue along and across the fiber.

    Raises
    ------
    InputError
        A number that is not above 0 (`span_um`: below 0).

    Examples
    --------
    >>> round(length_for_um("mrg", diameter_um=10.0, distance_um=500.0))
    27446
    """
    demand([
        outside("diameter_um", diameter_um, above=0), outside("distance_um", distance_um, above=0),
        outside("span_um", span_um, low=0), outside("along_s_per_m", along_s_per_m, above=0),
        outside("across_s_per_m", across_s_per_m, above=0),
    ])  # fmt: skip
    data = _model(model)
    _check_diameter(data, diameter_um)
    run_up = 10.0 * _pitch(data, diameter_um, None) if data.kind == "myelinated" else 1500.0
    return span_um + 2.0 * (5.0 * distance_um * math.sqrt(along_s_per_m / across_s_per_m) + run_up)


def _model(model: object) -> Membrane:
    if isinstance(model, Membrane):
        return model
    return membrane(model if isinstance(model, str) else repr(model))


def _check_diameter(data: Membrane, diameter_um: float) -> None:
    if data.diameters_um and diameter_um not in data.diameters_um:
        raise ModelRange(
            f'model "{data.key}" at diameter_um = {diameter_um:g}; valid: '
            f"{', '.join(f'{d:g}' for d in data.diameters_um)} um only; choose one of them or another model"
        )
    if not (math.isfinite(diameter_um) and data.diameter_low_um <= diameter_um <= data.diameter_high_um):
        raise ModelRange(
            f'model "{data.key}" at diameter_um = {diameter_um:g}; valid: {data.diameter_low_um:g} to '
            f"{data.diameter_high_um:g} um; choose another diameter or model"
        )


def _pitch(data: Membrane, diameter_um: float, section_um: float | None) -> float:
    """From node to node."""
    if data.kind == "myelinated" and section_um is not None:
        raise InputError(Problem(what="section_um does not fit a myelinated fiber", allowed="leave it out"))
    if data.myelin is not None:
        return data.myelin.size(diameter_um).internode_um
    if data.sheath is not None:
        return data.sheath.at(diameter_um)[0]
    pitch_um = data.section_um if section_um is None else section_um
    if not (math.isfinite(pitch_um) and pitch_um > 0):
        raise InputError(Problem(what="section_um is no length", found=f"{section_um}", allowed="above 0"))
    return pitch_um


def _node_count(n_node: int | None, length_um: float | None, pitch_um: float) -> int:
    if (n_node is None) == (length_um is None):
        raise InputError(Problem(what="give either n_node or length_um", found=f"{n_node} and {length_um}"))
    if length_um is not None:
        if not (math.isfinite(length_um) and length_um > 0):
            raise InputError(Problem(what="length_um is no length", found=f"{length_um}", allowed="above 0"))
        n_node = max(5, math.ceil(length_um / pitch_um - 1e-9) + 1)
    assert n_node is not None
    demand([outside("n_node", n_node, low=5, high=MOST_NODES, why="both end nodes are passive; memory")])
    if n_node != int(n_node):
        raise InputError(Problem(what="n_node is no whole number", found=f"{n_node}", allowed="5, 6, 7 and so on"))
    return int(n_node)


def _build(
    data: Membrane,
    diameter_um: float,
    *,
    n_node: int,
    pitch_um: float,
    ends: Ends,
    offset_um: float,
    path: Path | None,
) -> Fiber:
    size = data.myelin.size(diameter_um) if data.myelin else None
    unit = _node_columns(data, diameter_um, pitch_um, size)
    if data.myelin is not None and size is not None:
        unit = np.column_stack([unit, _internode_columns(data, data.myelin, size)])
    period = unit.shape[1]
    columns = np.tile(unit, n_node)[:, : (n_node - 1) * period + 1]
    length, c, g, half_axial, half_periaxial, c_myelin, g_myelin, diameter = columns
    node_index = np.arange(n_node, dtype=np.int64) * period
    area_node = math.pi * diameter[node_index] * length[node_index]
    if ends == "passive":
        end, at = data.passive_end, node_index[[0, -1]]
        area_end = area_node[[0, -1]]
        c[at] = end.cm_uf_per_cm2 * NF_PER_UF_CM2_UM2 * area_end
        g[at] = end.g_s_per_cm2 * US_PER_S_CM2_UM2 * area_end
        half_axial[at] *= end.ra_ohm_cm / data.ra_ohm_cm
        area_node[[0, -1]] = 0.0
    if data.sheath is not None:
        z_um = pitch_um * np.arange(n_node)
    else:
        z_um = np.cumsum(length) - length / 2.0 - length[0] / 2.0
    z_um = np.asarray(z_um + offset_um, dtype=np.float64)
    straight = np.asarray(np.column_stack([np.zeros((z_um.size, 2)), z_um]), dtype=np.float64)
    return Fiber(
        model=data.key,
        diameter_um=diameter_um,
        n_node=n_node,
        z_um=z_um,
        xyz_um=straight if path is None else path.at(z_um),
        node_index=node_index,
        membrane=data,
        ends=ends,
        length_um=length,
        c_nf=c,
        g_us=g,
        half_axial_mohm=half_axial,
        half_periaxial_mohm=half_periaxial,
        c_myelin_nf=c_myelin,
        g_myelin_us=g_myelin,
        area_node_um2=area_node,
    )


def _column(
    data: Membrane, *, length_um: float, inner_um: float, outer_um: float, cm: float, g: float, space_um: float,
    c_myelin: float, g_myelin: float,
) -> FloatArray:  # fmt: skip
    inner, outer = math.pi * inner_um * length_um, math.pi * outer_um * length_um
    core = math.pi * inner_um**2 / 4.0
    gap = math.pi * ((inner_um / 2.0 + space_um) ** 2 - (inner_um / 2.0) ** 2)
    along = MOHM_PER_OHM_CM_UM * data.ra_ohm_cm * length_um / 2.0
    return np.array(
        [
            length_um,
            cm * NF_PER_UF_CM2_UM2 * inner,
            g * US_PER_S_CM2_UM2 * inner,
            along / core,
            along / gap if space_um > 0 else 0.0,
            c_myelin * NF_PER_UF_CM2_UM2 * outer,
            g_myelin * US_PER_S_CM2_UM2 * outer,
            inner_um,
        ]
    )


def _node_columns(data: Membrane, diameter_um: float, pitch_um: float, size: Size | None) -> FloatArray:
    length, inner, space = pitch_um, diameter_um, 0.0
    if data.myelin is not None and size is not None:
        length, inner, space = data.myelin.node_um, size.node_diameter_um, data.myelin.mysa_space_um
    if data.sheath is not None:
        length, inner = data.sheath.node_um, data.sheath.at(diameter_um)[1]
    node = _column(
        data, length_um=length, inner_um=inner, outer_um=inner, cm=data.node_cm_uf_per_cm2, g=0.0, space_um=space,
        c_myelin=0.0, g_myelin=0.0,
    )  # fmt: skip
    if data.sheath is not None:
        # the axon under the sheath is in series with its node's
        node[3] *= pitch_um / length
    return node[:, None]


def _internode_columns(data: Membrane, myelin: Myelin, size: Size) -> FloatArray:
    rest_um = size.internode_um - myelin.node_um - 2.0 * myelin.mysa_um - 2.0 * size.flut_um
    if not rest_um > 0:
        raise ModelRange(
            f'model "{data.key}" at diameter_um = {size.diameter_um:g}: its internode of {size.internode_um:g} um '
            "leaves no room for STIN; choose a larger diameter"
        )
    # each lamella is two membranes in series
    layers = 2.0 * size.lamellae

    def part(length_um: float, inner_um: float, g: float, space_um: float) -> FloatArray:
        return _column(
            data, length_um=length_um, inner_um=inner_um, outer_um=size.diameter_um,
            cm=myelin.axolemma_cm_uf_per_cm2, g=g, space_um=space_um,
            c_myelin=myelin.lamella_c_uf_per_cm2 / layers, g_myelin=myelin.lamella_g_s_per_cm2 / layers,
        )  # fmt: skip

    mysa = part(myelin.mysa_um, size.node_diameter_um, myelin.mysa_g_s_per_cm2, myelin.mysa_space_um)
    flut = part(size.flut_um, size.axon_diameter_um, myelin.flut_g_s_per_cm2, myelin.flut_space_um)
    stin = part(
        rest_um / myelin.stin_per_internode, size.axon_diameter_um, myelin.stin_g_s_per_cm2, myelin.stin_space_um
    )
    return np.column_stack([mysa, flut, *[stin] * myelin.stin_per_internode, flut, mysa])
