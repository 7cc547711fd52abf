"""A nerve drawn: its cross-section, which fibers fire, what a search found, what contacts record."""

from vagus.report.figures.nerve.recruited import (
    compound,
    compound_page,
    nerve_curves,
    nerve_page,
    pareto,
    recruited_section,
)
from vagus.report.figures.nerve.section import cross_section

__all__ = ["compound", "compound_page", "cross_section", "nerve_curves", "nerve_page", "pareto", "recruited_section"]
