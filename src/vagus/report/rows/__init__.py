"""Tables of the report: nouns in, rows of text out; each number with its unit, in the cell or in the row's name."""

from vagus.report.rows.body import recruitment, tone
from vagus.report.rows.dose import dose, limits, rules, schedules
from vagus.report.rows.forecast import arm_counts, arm_rates, chances
from vagus.report.rows.outcome import changes, checklist, events, every_score, trials
from vagus.report.rows.table import Cell, Column, Table

__all__ = [
    "Cell",
    "Column",
    "Table",
    "arm_counts",
    "arm_rates",
    "chances",
    "changes",
    "checklist",
    "dose",
    "events",
    "every_score",
    "limits",
    "recruitment",
    "rules",
    "schedules",
    "tone",
    "trials",
]
