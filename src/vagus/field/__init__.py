"""What the tissue feels: anatomy, contacts as surfaces, and potentials in closed form."""

from vagus.field.basis import ClosedField, Field
from vagus.field.bundle.bundle import Bundle, rounded
from vagus.field.bundle.solved import BundleField, solve_bundle
from vagus.field.closed import disc_mv_per_ma, layered_mv_per_ma, point_mv_per_ma
from vagus.field.cylinder.nested import Cylinder
from vagus.field.electrode.contact import Ball, Disc, Needle, Patch, Point
from vagus.field.electrode.product import cuff, fitted_helix, helix, helix_tubes, helix_turns, six_contacts
from vagus.field.electrode.size import electrode_size
from vagus.field.fem.block import solve_layers
from vagus.field.fem.cuffed import Mesh
from vagus.field.fem.insulation import Insulation, insulation_behind
from vagus.field.fem.solve import centered_nerve, solve_field
from vagus.field.fem.solved import FemField
from vagus.field.lead import lead_field
from vagus.field.medium.nerve_tissue import NerveTissue, Pocket, nerve_medium, nerve_tissue
from vagus.field.medium.potential import potential_mv_per_ma
from vagus.field.medium.space import HalfSpace, Layers, Space, Spheres
from vagus.field.medium.tissue import Skin, Trunk, media, medium
from vagus.field.nerve.draw import draw_nerve, draw_places, perineurium_um
from vagus.field.nerve.nerve import Fascicle, FiberCount, Nerve
from vagus.field.surface.ear import Ear, Territory, draw_ear, territories
from vagus.field.surface.layer import Layer
from vagus.field.surface.neck import Neck, draw_neck
from vagus.field.surface.pad import Pad, SkinField

__all__ = [
    "Ball",
    "Bundle",
    "BundleField",
    "ClosedField",
    "Cylinder",
    "Disc",
    "Ear",
    "Fascicle",
    "FemField",
    "FiberCount",
    "Field",
    "HalfSpace",
    "Insulation",
    "Layer",
    "Layers",
    "Mesh",
    "Neck",
    "Needle",
    "Nerve",
    "NerveTissue",
    "Pad",
    "Patch",
    "Pocket",
    "Point",
    "Skin",
    "SkinField",
    "Space",
    "Spheres",
    "Territory",
    "Trunk",
    "centered_nerve",
    "cuff",
    "disc_mv_per_ma",
    "draw_ear",
    "draw_neck",
    "draw_nerve",
    "draw_places",
    "electrode_size",
    "fitted_helix",
    "helix",
    "helix_tubes",
    "helix_turns",
    "insulation_behind",
    "layered_mv_per_ma",
    "lead_field",
    "media",
    "medium",
    "nerve_medium",
    "nerve_tissue",
    "perineurium_um",
    "point_mv_per_ma",
    "potential_mv_per_ma",
    "rounded",
    "six_contacts",
    "solve_bundle",
    "solve_field",
    "solve_layers",
    "territories",
]
