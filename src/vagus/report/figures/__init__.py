"""Figures of the report: each takes nouns and returns SVG text.

`WIDE_PX` and `NARROW_PX` are the widths a full-width figure is drawn at, for a page and for a phone; the page shows the
one that fits, so that type keeps its size. Panels are drawn `PANEL_PX` wide: two beside each other, or one on a phone.
"""

from vagus.report.figures.dose import cycle, delivered_current, delivered_minutes, margin_bar, pulse
from vagus.report.figures.ear import auricle, skin_section
from vagus.report.figures.forecast import rates, totals_ahead
from vagus.report.figures.measured import INDICES, SEGMENT_CSS, scores, tone_panels
from vagus.report.figures.model import Shown, recruitment, recruitment_of, states
from vagus.report.parts.page import NARROW_PX, PANEL_PX, WIDE_PX

__all__ = [
    "INDICES",
    "NARROW_PX",
    "PANEL_PX",
    "SEGMENT_CSS",
    "WIDE_PX",
    "Shown",
    "auricle",
    "cycle",
    "delivered_current",
    "delivered_minutes",
    "margin_bar",
    "pulse",
    "rates",
    "recruitment",
    "recruitment_of",
    "scores",
    "skin_section",
    "states",
    "tone_panels",
    "totals_ahead",
]
