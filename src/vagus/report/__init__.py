"""What people read: one HTML page, one terminal screen, JSON."""

from vagus.report.html import write_report
from vagus.report.summary import results_json, summary_text
from vagus.report.words import contact_line, notice_line

__all__ = ["contact_line", "notice_line", "results_json", "summary_text", "write_report"]
