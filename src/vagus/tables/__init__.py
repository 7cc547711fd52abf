"""Numbers with unit, range and source, and one typed loader for all of them.

Tables are CSV (one row a line) or TOML (one table a key, or ``[[row]]`` entries) in the package. A room hands in the
row type it wants; the loader checks every cell against it.
"""

from vagus.tables.known import known_numbers
from vagus.tables.loader import Count, names, raw_rows, rows, summary, text_of

__all__ = ["Count", "known_numbers", "names", "raw_rows", "rows", "summary", "text_of"]
