"""Build the reference pages: `make docs`.

Names that load when they are first asked for are loaded first, so that pdoc finds them.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pdoc
from write_reference import ROOMS


def main(folder: str) -> None:
    """Write the pages of every room into `folder`."""
    for room in ROOMS:
        module = importlib.import_module(f"vagus.{room}")
        for name in module.__all__:
            setattr(module, name, getattr(module, name))
    pdoc.render.configure(docformat="numpy")
    pdoc.pdoc("vagus", output_directory=Path(folder))


if __name__ == "__main__":
    main(sys.argv[1])
