"""What the tissue feels: potentials in closed form, conductivities, and the lead field of a montage."""

from vagus.field.closed import disc_mv_per_ma, layered_mv_per_ma, point_mv_per_ma
from vagus.field.lead import lead_field
from vagus.field.medium import Nerve, Skin, media, medium

__all__ = [
    "Nerve",
    "Skin",
    "disc_mv_per_ma",
    "layered_mv_per_ma",
    "lead_field",
    "media",
    "medium",
    "point_mv_per_ma",
]
