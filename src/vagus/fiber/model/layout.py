"""What lies between nodes: sizes over the diameter of a fiber."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vagus.fiber.model.formula import Node, evaluate, name, number, parse

SIZES = ("internode_um", "node_diameter_um", "axon_diameter_um", "flut_um", "lamellae")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassiveEnd:
    """What the first and last node are made of: a leak to rest, axially sealed by a high resistivity."""

    g_s_per_cm2: float
    cm_uf_per_cm2: float
    ra_ohm_cm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One row of a table of sizes: they hold at this diameter only."""

    diameter_um: float
    internode_um: float
    node_diameter_um: float
    axon_diameter_um: float
    flut_um: float
    lamellae: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Myelin:
    """Geometry and passive membrane of an internode: MYSA, FLUT, some STIN, FLUT, MYSA.

    Sizes are formulas of ``diameter_um``, or rows of a table.
    """

    node_um: float
    mysa_um: float
    stin_per_internode: int
    lamella_c_uf_per_cm2: float
    lamella_g_s_per_cm2: float
    axolemma_cm_uf_per_cm2: float
    mysa_g_s_per_cm2: float
    flut_g_s_per_cm2: float
    stin_g_s_per_cm2: float
    mysa_space_um: float
    flut_space_um: float
    stin_space_um: float
    internode_um: float | str = ""
    node_diameter_um: float | str = ""
    axon_diameter_um: float | str = ""
    flut_um: float | str = ""
    lamellae: float | str = ""
    table: tuple[Size, ...] = ()

    def size(self, diameter_um: float) -> Size:
        """Sizes at a fiber diameter; of a table, those of its row at exactly this diameter.

        Raises
        ------
        InputError
            A formula that cannot be read.

        Examples
        --------
        >>> from vagus.fiber import membrane
        >>> round(membrane("mrg").myelin.size(10.0).internode_um, 1)
        1122.3
        """
        if self.table:
            return next(row for row in self.table if row.diameter_um == diameter_um)
        values = {"diameter_um": np.array(diameter_um)}
        return Size(
            diameter_um=diameter_um,
            **{key: float(evaluate(tree, values)) for key, tree in zip(SIZES, _trees(self), strict=True)},
        )


@lru_cache(maxsize=64)
def _trees(myelin: Myelin) -> tuple[Node, ...]:
    known = {"diameter_um": name("diameter_um")}
    return tuple(parse(getattr(myelin, key), where=f"myelin {key}", known=known) for key in SIZES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheath:
    """A perfect insulator between nodes: an internode without membrane, so that only its axial resistance counts."""

    node_um: float
    internode_um: float | str
    axon_diameter_um: float | str

    def at(self, diameter_um: float) -> tuple[float, float]:
        """Node to node and axon diameter, both in um.

        Examples
        --------
        >>> Sheath(node_um=1.5, internode_um="100 * diameter_um", axon_diameter_um="0.6 * diameter_um").at(10.0)
        (1000.0, 6.0)
        """
        known = {"diameter_um": number(diameter_um)}
        internode, axon = (
            float(evaluate(parse(getattr(self, key), where=f"sheath {key}", known=known), {}))
            for key in ("internode_um", "axon_diameter_um")
        )
        return internode, axon
