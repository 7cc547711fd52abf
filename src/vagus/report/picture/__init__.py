"""Charts as a file of their own: SVG that needs no style sheet, and PNG of it."""

from vagus.report.picture.png import png_drawer, png_of
from vagus.report.picture.stacked import stacked

__all__ = ["png_drawer", "png_of", "stacked"]
