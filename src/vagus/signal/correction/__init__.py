"""Missed, extra, ectopic and misaligned beats: found, mended, every mend listed and reversible."""
