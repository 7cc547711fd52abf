"""Every Python block of the pages on field, fiber and response runs, top to bottom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOMS = Path(__file__).parents[2] / "docs" / "rooms"


@pytest.mark.parametrize("page", ["field", "fiber", "response", "response/heart", "response/sleep"])
def test_python_blocks_run(page):
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOMS / f"{page}.md").read_text(encoding="utf-8"), re.M | re.S)
    assert blocks
    names: dict[str, object] = {"__name__": page}
    for block in blocks:
        exec(compile(block, f"{page}.md", "exec"), names)
