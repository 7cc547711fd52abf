"""Layers, style and import budget: what the design says is held by tests."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "vagus"
HEAVY = ("numpy", "scipy", "numba", "matplotlib", "django", "pandas", "sleepecg", "edfio", "msgspec", "jinja2")


def _loaded(code: str) -> set[str]:
    out = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sorted({{m.partition('.')[0] for m in sys.modules}}))"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(out.stdout.split("\n")[-2].split())


def test_import_vagus_loads_nothing_heavy() -> None:
    assert not _loaded("import vagus") & {*HEAVY, "click"}


def test_help_and_completion_load_nothing_heavy() -> None:
    code = (
        "import contextlib, io\nfrom vagus.cli import vagus_command\n"
        "with contextlib.redirect_stdout(io.StringIO()): vagus_command(['--help'], standalone_mode=False)"
    )
    assert not _loaded(code) & set(HEAVY)


def test_import_costs_few_modules() -> None:
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; a = len(sys.modules); import vagus; print(len(sys.modules) - a)"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(bare.stdout) <= 25


def _function_lines(text: str) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            first = node.body[0]
            is_doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            start = (first.end_lineno or 0) + 1 if is_doc else first.lineno
            found.append((node.name, node.end_lineno - start + 1))
    return found


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_are_small_and_named_for_what_they_hold(path: Path) -> None:
    # the design says about 400 lines a file and about 40 a function; these are the bounds of "about"
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 430
    assert not [name for name, lines in _function_lines(text) if lines > 60 and path.stem != "_kernels"]
    assert path.stem not in {"utils", "util", "helpers", "common", "base", "manager", "misc"}


@pytest.mark.parametrize("folder", [p for p in sorted(SOURCE.rglob("*")) if p.is_dir() and p.name != "__pycache__"])
def test_folders_are_not_crowded(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= 13


def test_numba_only_in_kernels() -> None:
    users = {p.name for p in SOURCE.rglob("*.py") if "import numba" in p.read_text() or "from numba" in p.read_text()}
    assert users <= {"_kernels.py"}
    assert users


def test_no_marks_of_unfinished_work() -> None:
    marks = ("TODO", "FIXME", "XXX", "NotImplementedError")
    assert not [(p.name, m) for p in SOURCE.rglob("*.py") for m in marks if m in p.read_text(encoding="utf-8")]


def test_american_spelling_in_code() -> None:
    wrong = [p.name for p in SOURCE.rglob("*.py") if "fibre" in p.read_text(encoding="utf-8").lower()]
    assert not wrong
