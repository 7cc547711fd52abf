"""Files that commands of `vagus outcome` write: tables as CSV and HTML, pictures as SVG and PNG."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vagus.cli import vagus_command
from vagus.cli.rows import table_bytes
from vagus.errors import InputError

SCORES = "date,instrument,total\n2026-01-12,phq9,18\n2026-03-09,phq9,8\n2026-03-09,gad7,4\n"


def run(*args: object) -> Result:
    given = ["outcome", *(str(one) for one in args)]
    return CliRunner().invoke(vagus_command, given, catch_exceptions=False, standalone_mode=False)


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    file = tmp_path / "scores.csv"
    file.write_text(SCORES)
    return file


def test_totals_as_tables(scores: Path, tmp_path: Path) -> None:
    csv, page = tmp_path / "totals.csv", tmp_path / "totals.html"
    run("score", scores, "-o", csv)
    first = csv.read_text().splitlines()[1]
    assert first.startswith("2026-01-12,phq9,18.0,,,moderately severe,total only,not known,")
    assert "item 9 not known" in first  # a total alone says nothing of suicidality
    run("score", scores, "-o", page)
    assert "<td>2026-01-12</td><td>phq9</td><td>18</td>" in page.read_text()
    with pytest.raises(InputError, match="would overwrite a file that is read"):
        run("score", scores, "-o", scores)


def test_cells_of_a_page_are_text() -> None:
    page = table_bytes(Path("a<b.html"), ["what"], [{"what": "<script>1</script>"}, {"what": float("nan")}]).decode()
    assert "<script>" not in page
    assert "<title>a&lt;b</title>" in page
    assert "<td></td>" in page


def test_scores_over_the_weeks_drawn(scores: Path, tmp_path: Path) -> None:
    plot = tmp_path / "scores.svg"
    told = run("change", scores, "--plot", plot).stdout
    assert "PHQ-9 went from 18 points" in told
    text = plot.read_text()
    assert "PHQ-9 over the weeks" in text
    assert "GAD-7 over the weeks" in text  # one filling is drawn as well


def test_a_picture_carries_the_notices(scores: Path, tmp_path: Path) -> None:
    plot = tmp_path / "scores.svg"
    run("change", scores, "--plot", plot)
    quiet = _height(plot.read_text())
    assert "item 9 not known" in _words(plot.read_text())  # a total alone
    asked = scores.with_name("items.csv")
    head = "date,instrument," + ",".join(f"item_{n}" for n in range(1, 10))
    asked.write_text(f"{head}\n2026-01-12,phq9,2,2,2,2,2,2,2,2,1\n2026-03-09,phq9,1,1,1,1,1,1,1,1,2\n")
    run("change", asked, "--plot", plot)
    told = _words(plot.read_text())
    assert "PHQ-9 item 9 (thoughts of death or self-harm): answer 2 of 0 to 3" in told
    assert "A clinician has to speak with this person now" in told
    assert _height(plot.read_text()) != quiet
    run("change", asked, "--plot", plot.with_suffix(".png"))
    assert plot.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def _words(svg: str) -> str:
    return " ".join(re.findall(r'<text class="alarm"[^>]*>([^<]*)<', svg))


def _height(svg: str) -> float:
    return float(re.findall(r'height="(\d+)"', svg)[0])


@pytest.mark.parametrize(
    "asked",
    [
        ("change", "FILE", "--plot", "x.gif"),
        ("evidence", "--indication", "trd", "--route", "iVNS", "--pool", "rd", "--forest", "x.pdf"),
        ("simulate", "FILE", "--power", "0.8", "--plot", "x"),
        ("single", "FILE", "--design", "pairs", "--higher-is", "worse", "--plot", "x.jpg"),
    ],
)
def test_a_picture_is_svg_or_png(scores: Path, asked: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"no picture can be written with this suffix.*allowed: \.svg or \.png"):
        run(*(scores if one == "FILE" else one for one in asked))


def test_a_picture_is_no_table() -> None:
    with pytest.raises(InputError, match=r'with this suffix; found "\.svg"; allowed: one of: \.csv'):
        run("evidence", "--indication", "trd", "--route", "iVNS", "-o", "x.svg")
