"""Traced cross-sections of nerves: CSV polygons, SVG paths, and folders of PNG masks."""

from vagus.files.nerve.reading import read_nerve

__all__ = ["read_nerve"]
