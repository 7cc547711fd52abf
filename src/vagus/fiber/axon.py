"""`Fiber`: one axon, a membrane on a geometry at a diameter."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, ModelRange, Problem
from vagus.fiber.membrane import Membrane, Myelin, at_diameter, membrane

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Densities on an area in um2 to nF and uS; then ms, mV, nA and MOhm close the system
NF_PER_UF_CM2_UM2 = 1e-5
US_PER_S_CM2_UM2 = 1e-2
MOHM_PER_OHM_CM_UM = 1e-2


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
        Nodes; in an unmyelinated fiber every compartment is one.
    z_um : (n,) array
        Centers of the compartments; 0 is the center of the first.
    node_index : (n_node,) array of int
        Which compartments are nodes.
    membrane : Membrane
    length_um, c_nf, g_us : (n,) array
        Length, membrane capacitance, and leak to rest of each compartment (0 at active nodes).
    half_axial_mohm, half_periaxial_mohm : (n,) array
        Resistance from center to edge, inside the axon and in the periaxonal space.
    c_myelin_nf, g_myelin_us : (n,) array
        Across the myelin; 0 at nodes, whose periaxonal space is at the outside's potential.
    area_node_um2 : (n_node,) array
        Active membrane of each node; 0 at the passive ends.

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
    node_index: IntArray
    membrane: Membrane
    length_um: FloatArray
    c_nf: FloatArray
    g_us: FloatArray
    half_axial_mohm: FloatArray
    half_periaxial_mohm: FloatArray
    c_myelin_nf: FloatArray
    g_myelin_us: FloatArray
    area_node_um2: FloatArray

    def __post_init__(self) -> None:
        for name in ("z_um", "node_index", "length_um", "c_nf", "g_us", "half_axial_mohm", "half_periaxial_mohm",
                     "c_myelin_nf", "g_myelin_us", "area_node_um2"):  # fmt: skip
            array = np.array(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def per_internode(self) -> int:
        """Compartments between two nodes; 0 in an unmyelinated fiber."""
        return int(self.node_index[1] - self.node_index[0]) - 1

    @staticmethod
    def of(
        model: str | Membrane, *, diameter_um: float, n_node: int | None = None, length_um: float | None = None,
        section_um: float | None = None,
    ) -> Fiber:  # fmt: skip
        """Fiber of a model at a diameter, its size given in nodes or as a length.

        Parameters
        ----------
        model : str or Membrane
            "mrg", "sundt", "passive", or a membrane of one's own.
        diameter_um : float
            Outer diameter.
        n_node : int
            Nodes (for an unmyelinated fiber: sections), at least 5.
        length_um : float
            Instead of `n_node`: shortest fiber that is at least as long.
        section_um : float
            Length of a section of an unmyelinated fiber; without it, that of the model. Sections well below the
            length constant (0.4 mm at 0.8 um) change thresholds little.

        Raises
        ------
        InputError
            No such model; neither or both of `n_node` and `length_um`; too few nodes.
        ModelRange
            The model is not valid at this diameter.
        """
        data = membrane(model) if isinstance(model, str) else model
        if not (math.isfinite(diameter_um) and data.diameter_low_um <= diameter_um <= data.diameter_high_um):
            raise ModelRange(
                f'model "{data.key}" at diameter_um = {diameter_um:g}; valid: {data.diameter_low_um:g} to '
                f"{data.diameter_high_um:g} um; choose another diameter or model"
            )
        if data.myelin is not None:
            if section_um is not None:
                raise InputError(Problem(what="section_um does not fit a myelinated fiber", allowed="leave it out"))
            pitch_um = at_diameter(data.myelin.internode_um, diameter_um)
        else:
            pitch_um = data.section_um if section_um is None else section_um
            if not (math.isfinite(pitch_um) and pitch_um > 0):
                raise InputError(Problem(what="section_um is no length", found=f"{section_um}", allowed="above 0"))
        return _build(data, diameter_um, _node_count(n_node, length_um, pitch_um), pitch_um)


def _node_count(n_node: int | None, length_um: float | None, pitch_um: float) -> int:
    if (n_node is None) == (length_um is None):
        raise InputError(Problem(what="give either n_node or length_um", found=f"{n_node} and {length_um}"))
    if length_um is not None:
        if not (math.isfinite(length_um) and length_um > 0):
            raise InputError(Problem(what="length_um is no length", found=f"{length_um}", allowed="above 0"))
        n_node = max(5, math.ceil(length_um / pitch_um - 1e-9) + 1)
    assert n_node is not None
    if n_node < 5:
        raise InputError(
            Problem(
                what="too few nodes", found=f"n_node = {n_node}", allowed="5 or more", why="both end nodes are passive"
            )
        )
    return n_node


def _build(data: Membrane, diameter_um: float, n_node: int, pitch_um: float) -> Fiber:
    unit = _node_columns(data, diameter_um, pitch_um)
    if data.myelin is not None:
        unit = np.column_stack([unit, _internode_columns(data, data.myelin, diameter_um, pitch_um)])
    period = unit.shape[1]
    columns = np.tile(unit, n_node)[:, : (n_node - 1) * period + 1]
    length, c, g, half_axial, half_periaxial, c_myelin, g_myelin, diameter = columns
    node_index = np.arange(n_node, dtype=np.int64) * period
    area_node = math.pi * diameter[node_index] * length[node_index]
    end, ends = data.passive_end, node_index[[0, -1]]
    area_end = area_node[[0, -1]]
    c[ends] = end.cm_uf_per_cm2 * NF_PER_UF_CM2_UM2 * area_end
    g[ends] = end.g_s_per_cm2 * US_PER_S_CM2_UM2 * area_end
    half_axial[ends] *= end.ra_ohm_cm / data.ra_ohm_cm
    area_node[[0, -1]] = 0.0
    return Fiber(
        model=data.key,
        diameter_um=diameter_um,
        n_node=n_node,
        z_um=np.cumsum(length) - length / 2.0 - length[0] / 2.0,
        node_index=node_index,
        membrane=data,
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


def _node_columns(data: Membrane, diameter_um: float, pitch_um: float) -> FloatArray:
    if data.myelin is None:
        length, inner, space = pitch_um, diameter_um, 0.0
    else:
        length, inner = data.myelin.node_um, at_diameter(data.myelin.node_diameter_um, diameter_um)
        space = data.myelin.mysa_space_um
    node = _column(
        data, length_um=length, inner_um=inner, outer_um=inner, cm=data.node_cm_uf_per_cm2, g=0.0, space_um=space,
        c_myelin=0.0, g_myelin=0.0,
    )  # fmt: skip
    return node[:, None]


def _internode_columns(data: Membrane, myelin: Myelin, diameter_um: float, pitch_um: float) -> FloatArray:
    node_d, axon_d = (at_diameter(p, diameter_um) for p in (myelin.node_diameter_um, myelin.axon_diameter_um))
    flut_um = at_diameter(myelin.flut_um, diameter_um)
    rest_um = pitch_um - myelin.node_um - 2.0 * myelin.mysa_um - 2.0 * flut_um
    # each lamella is two membranes in series
    layers = 2.0 * at_diameter(myelin.lamellae, diameter_um)

    def part(length_um: float, inner_um: float, g: float, space_um: float) -> FloatArray:
        return _column(
            data, length_um=length_um, inner_um=inner_um, outer_um=diameter_um, cm=myelin.axolemma_cm_uf_per_cm2, g=g,
            space_um=space_um, c_myelin=myelin.lamella_c_uf_per_cm2 / layers,
            g_myelin=myelin.lamella_g_s_per_cm2 / layers,
        )  # fmt: skip

    mysa = part(myelin.mysa_um, node_d, myelin.mysa_g_s_per_cm2, myelin.mysa_space_um)
    flut = part(flut_um, axon_d, myelin.flut_g_s_per_cm2, myelin.flut_space_um)
    stin = part(rest_um / myelin.stin_per_internode, axon_d, myelin.stin_g_s_per_cm2, myelin.stin_space_um)
    return np.column_stack([mysa, flut, *[stin] * myelin.stin_per_internode, flut, mysa])
