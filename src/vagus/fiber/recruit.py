"""Recruitment of a site's fiber classes by a pulse."""

from __future__ import annotations

from vagus.fiber.recruitment import ClassRecruitment, Recruitment

__all__ = ["ClassRecruitment", "Recruitment"]
