"""The page: order, safety first, nothing loaded, everything escaped, numbers with units, colors that can be read."""

from __future__ import annotations

import dataclasses
import importlib.resources
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from vagus.course import Results
from vagus.report import write_report
from vagus.report.html import SECTIONS

VOID = {"meta", "br", "link", "img", "hr", "input"}
MADE = datetime(2026, 3, 20, 12, tzinfo=UTC)
VERSIONS = {"vagus": "0.1.0", "Python": "3.11.7", "seed": "1"}


class Reader(HTMLParser):
    """Checks nesting; collects ids, headings, links, cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.sections: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.scripts = 0
        self.cells: list[tuple[str, str]] = []
        self.rows: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        self.attributes += [(tag, k, v) for k, v in given.items()]
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "section":
            self.sections.append(given["id"])
        self.scripts += tag == "script"
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append("")
        if tag == "td":
            self.cells.append((self.rows[-1].strip(), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, k, v or "") for k, v in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "td" in self.open:
            row, text = self.cells[-1]
            self.cells[-1] = (row, text + data)
        elif "th" in self.open and "tbody" in self.open:
            self.rows[-1] += data


@pytest.fixture(scope="module")
def page(results: Results) -> str:
    return write_report(results, made=MADE, versions=VERSIONS)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def bare(results: Results) -> Results:
    course = dataclasses.replace(
        results.course,
        plans=(),
        recordings=(),
        answers=(),
        sittings=(),
        events=(),
        missing=("no recordings: vagal tone cannot be told", "no scores.csv: change cannot be told"),
    )
    return dataclasses.replace(
        results,
        course=course,
        recruitment=None,
        response=None,
        tones=(),
        scores=(),
        changes=(),
        notices=(),
        delivered=None,
        items=(),
        findings=(),
    )


def test_sections_stand_in_their_order(page: str) -> None:
    assert read(page).sections == [key for key, _ in SECTIONS]


def test_tags_nest_and_ids_are_unique(page: str) -> None:
    reader = read(page)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))


def test_links_and_labels_lead_somewhere(page: str) -> None:
    reader = read(page)
    for tag, name, value in reader.attributes:
        if name == "href" and value.startswith("#"):
            assert value[1:] in reader.ids, (tag, value)
        if name in {"aria-labelledby", "aria-describedby"}:
            assert set(value.split()) <= set(reader.ids)


def test_nothing_is_loaded(page: str) -> None:
    reader = read(page)
    assert reader.scripts == 0
    assert not [
        a for a in reader.attributes if a[1] in {"src", "srcset", "data"} or a[0] in {"link", "iframe", "object"}
    ]
    links = [v for t, n, v in reader.attributes if n == "href" and not v.startswith("#")]
    assert links
    assert all(v.startswith("https://doi.org/10.") for v in links)
    assert "@import" not in page
    assert "url(" not in page
    assert len(page.encode()) < 1_000_000


def test_safety_comes_first_and_says_all(page: str, results: Results) -> None:
    main = page[page.index("<main") :]
    assert main.index('id="safety"') < main.index('id="summary"')
    safety = main[: main.index('id="summary"')]
    for notice in results.notices:
        assert notice.level.upper() in safety
        assert str(notice.date.day) in safety
    assert "PHQ-9, item 9: answer 1" in safety
    assert "Dr. Example" in safety


def test_no_contact_is_said(results: Results) -> None:
    person = dataclasses.replace(results.course.person, contact=None)
    course = dataclasses.replace(results.course, person=person)
    page = write_report(dataclasses.replace(results, course=course), made=MADE, versions=VERSIONS)
    assert "No contact given in course.toml" in page


def test_user_text_is_escaped(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<b>0000" not in page


def test_marks_what_is_invented_and_for_research(page: str) -> None:
    assert "Synthetic scores" in page
    assert "Synthetic sittings" in page
    assert "no stimulation took place" in page
    assert page.count("For research; not a medical device") >= 3
    assert "@bottom-left" in page  # on every printed page


def test_no_percent_of_a_transmitter_for_people(page: str) -> None:
    response = page[page.index('id="response"') : page.index('id="tone"')]
    assert "size in people is unknown" in response.lower()
    assert not re.search(r"(norepinephrine|serotonin|NE|5-HT)[^<.]{0,40}\d\s?%", response)


def test_numbers_have_units(page: str) -> None:
    """A cell with a number says its unit, or its row does."""
    alone = [row for row, cell in read(page).cells if re.fullmatch(r"\s*[−+-]?\d+(\.\d+)?\s*", cell)]
    assert set(alone) == {"Shannon k (no unit)"}


def test_null_results_stand_beside_positive_ones(page: str) -> None:
    trials = page[page.index('id="trials"') : page.index('id="methods"')]
    assert "missed" in trials
    assert "endpoint met" in trials
    assert "unverified" in trials


def test_missing_parts_are_named(results: Results) -> None:
    page = write_report(bare(results), made=MADE, versions=VERSIONS)
    reader = read(page)
    assert reader.sections == [key for key, _ in SECTIONS if key != "safety"]
    for words in (
        "sittings.csv (date, amplitude_ma, minutes)",
        "[[recordings]]",
        "scores.csv (date",
        "events.csv (date",
    ):
        assert words in page
    assert "None" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_events_are_marked_in_figure_and_table(page: str) -> None:
    scores = page[page.index('id="scores"') : page.index('id="trials"')]
    assert scores.count(">A1<") >= 4  # three figures and the table


def test_sources_are_listed_once_with_doi(page: str) -> None:
    listed = page[page.index('id="sources"') :]
    assert listed.count("10.1109/10.126616") == 2  # address and text of one link
    assert "unverified" in listed


def contrast(one: str, other: str) -> float:
    def light(color: str) -> float:
        digits = color[1:] if len(color) == 7 else "".join(2 * c for c in color[1:])
        parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    a, b = sorted((light(one), light(other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def test_colors_of_text_can_be_read_in_each_theme() -> None:
    css = importlib.resources.files("vagus.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    themes = re.findall(r":root \{(.*?)\n\s*\}", css, flags=re.DOTALL)
    assert len(themes) == 3  # light, dark, print
    for theme in themes:
        colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", theme))
        for name in ("ink", "muted", "accent", "alarm", "warn", "good", "c1", "c2", "c3", "c4", "c5", "c6"):
            assert contrast(colors[name], colors["paper"]) >= 4.5, (name, colors[name])
        assert contrast(colors["alarm"], colors["alarm-tint"]) >= 4.5
        assert contrast(colors["ink"], colors["alarm-tint"]) >= 4.5
