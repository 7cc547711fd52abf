"""What people read: one HTML page, one terminal screen, JSON."""

from vagus.report.html import write_report
from vagus.report.summary import notices_json, results_json, summary_text
from vagus.report.why import why_findings
from vagus.report.words import alarms, contact_line, contact_text, notice_line

__all__ = [
    "alarms",
    "contact_line",
    "contact_text",
    "notice_line",
    "notices_json",
    "results_json",
    "summary_text",
    "why_findings",
    "write_report",
]
