"""Which axons fire: membranes as data, one cable engine, thresholds, recruitment."""

from vagus.fiber.recruitment import ClassRecruitment, Recruitment

__all__ = ["ClassRecruitment", "Recruitment"]
