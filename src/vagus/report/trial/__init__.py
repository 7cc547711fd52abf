"""One HTML page on a trial."""

from vagus.report.trial.page import trial_page

__all__ = ["trial_page"]
