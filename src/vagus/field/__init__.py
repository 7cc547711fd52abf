"""What the tissue feels: anatomy, contacts as surfaces, and potentials in closed form."""

from vagus.field.closed import disc_mv_per_ma, layered_mv_per_ma, point_mv_per_ma
from vagus.field.cylinder.nested import Cylinder
from vagus.field.electrode.contact import Ball, Disc, Needle, Patch, Point
from vagus.field.lead import lead_field
from vagus.field.medium.potential import potential_mv_per_ma
from vagus.field.medium.space import HalfSpace, Layers, Space, Spheres
from vagus.field.medium.tissue import Skin, Trunk, media, medium

__all__ = [
    "Ball",
    "Cylinder",
    "Disc",
    "HalfSpace",
    "Layers",
    "Needle",
    "Patch",
    "Point",
    "Skin",
    "Space",
    "Spheres",
    "Trunk",
    "disc_mv_per_ma",
    "layered_mv_per_ma",
    "lead_field",
    "media",
    "medium",
    "point_mv_per_ma",
    "potential_mv_per_ma",
]
