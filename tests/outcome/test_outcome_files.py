"""Files that commands of `vagus outcome` write: tables as CSV and HTML, pictures as SVG."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    "asked",
    [
        ("change", "FILE", "--plot", "x.png"),
        ("evidence", "--indication", "trd", "--route", "iVNS", "--pool", "rd", "--forest", "x.pdf"),
        ("simulate", "FILE", "--power", "0.8", "--plot", "x"),
        ("single", "FILE", "--design", "pairs", "--higher-is", "worse", "--plot", "x.jpg"),
    ],
)
def test_a_picture_is_svg(scores: Path, asked: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"no picture can be written with this suffix.*allowed: \.svg"):
        run(*(scores if one == "FILE" else one for one in asked))


def test_a_picture_is_no_table() -> None:
    with pytest.raises(InputError, match=r'with this suffix; found "\.svg"; allowed: one of: \.csv'):
        run("evidence", "--indication", "trd", "--route", "iVNS", "-o", "x.svg")
