"""A solved field as one array, so that a `Store` can keep it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vagus.field.electrode.contact import Disc, Needle, Patch
from vagus.field.fem.columns import Columns
from vagus.field.fem.insulation import Insulation
from vagus.field.fem.section import Section
from vagus.field.fem.solved import FemField
from vagus.store import Store

FloatArray = NDArray[np.float64]


def arrays_of(field: FemField) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """The arrays that make up a field, but for its contacts, outlines and insulation."""
    section = field.columns.section
    return {
        "corners_um": section.corners_um, "triangles": section.triangles, "region": section.region,
        "heights_um": field.columns.heights_um, "cells": field.columns.cells, "nodes": field.nodes,
        "values_mv": field.values_mv, "contact_mv_per_ma": field.contact_mv_per_ma,
        "told": np.array(
            [field.order, field.n_smooth, field.flux_error, field.reciprocity_error, field.unknowns], dtype=np.float64
        ),
    }  # fmt: skip


def field_of(
    arrays: dict[str, NDArray[np.float64]], contacts: tuple[Patch | Disc | Needle, ...],
    outlines_um: tuple[FloatArray, ...], insulation: tuple[Insulation, ...],
) -> FemField:  # fmt: skip
    """The field that was made of such arrays."""
    order, smooth, flux, reciprocity, unknowns = arrays["told"]
    whole = {name: np.asarray(arrays[name]).astype(np.int64) for name in ("triangles", "region", "cells", "nodes")}
    section = Section(corners_um=arrays["corners_um"], triangles=whole["triangles"], region=whole["region"])
    return FemField(
        contacts=contacts, order=int(order), nodes=whole["nodes"], values_mv=arrays["values_mv"],
        columns=Columns(section=section, heights_um=arrays["heights_um"], cells=whole["cells"]),
        outlines_um=outlines_um, insulation=insulation, n_smooth=int(smooth), flux_error=float(flux),
        contact_mv_per_ma=arrays["contact_mv_per_ma"], reciprocity_error=float(reciprocity), unknowns=int(unknowns),
    )  # fmt: skip


def save(store: Store, key: str, field: FemField) -> None:
    """Keep a field under a key, an array under each name of its own."""
    for name, array in arrays_of(field).items():
        store.save(f"{key}-{name}", np.asarray(array, dtype=np.float64))


def load(
    store: Store, key: str, contacts: tuple[Patch | Disc | Needle, ...], outlines_um: tuple[FloatArray, ...],
    insulation: tuple[Insulation, ...],
) -> FemField | None:  # fmt: skip
    """The field kept under a key, or None where a part of it is not there."""
    names = (
        "told",
        "corners_um",
        "triangles",
        "region",
        "heights_um",
        "cells",
        "nodes",
        "values_mv",
        "contact_mv_per_ma",
    )
    found: dict[str, FloatArray] = {}
    for name in names:
        array = store.load(f"{key}-{name}")
        if array is None:
            return None
        found[name] = array
    return field_of(found, contacts, outlines_um, insulation)
