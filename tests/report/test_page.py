"""The page: order, safety first, nothing loaded, everything escaped, numbers with units, colors that can be read."""

from __future__ import annotations

import dataclasses
import importlib.resources
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest

from vagus.course import Finding, Results
from vagus.report import write_report
from vagus.report.felt import felt
from vagus.report.figures import states
from vagus.report.figures.measured import _intervals
from vagus.report.html import SECTIONS, _methods
from vagus.report.numbers import quantity
from vagus.report.words import prose
from vagus.source import Effect

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
        assert safety.count(prose(notice.answered)) == 1  # said once, in one format
    assert not re.search(r"\d{4}-\d\d-\d\d", safety)
    assert "Dr. Example" in safety


def test_grave_findings_stand_with_the_safety_notices(results: Results) -> None:
    grave = Finding(level="urgent", kind="adverse event", text="Adverse event, fatal, on 3 Feb 2026: none", act="Look.")
    other = dataclasses.replace(results, notices=(), findings=(grave, *results.findings))
    page = write_report(other, made=MADE, versions=VERSIONS)
    assert read(page).sections[0] == "safety"
    safety, _, rest = page[page.index('id="safety"') :].partition('id="summary"')
    assert "URGENT" in safety
    assert "Adverse event, fatal" in safety
    assert "Adverse event, fatal" not in rest  # the lesser ones stand in the summary
    assert "2 sittings lie above" in rest


def test_dates_are_written_in_one_way(results: Results) -> None:
    item = dataclasses.replace(results.items[0], value="80 min up to 2026-03-08")
    page = write_report(
        dataclasses.replace(results, items=(item,), methods="From 2026-01-12 on."), made=MADE, versions=VERSIONS
    )
    assert not re.findall(r"\b20\d\d-\d\d-\d\d\b", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    assert "From 12\xa0Jan\xa02026 on." in page


def test_expectations_say_what_they_leave_out_and_rest_on(page: str) -> None:
    response = page[page.index('id="response"') : page.index('id="tone"')]
    assert response.count("as if the prescribed dose were given every day") == 2  # a caption for each group of panels
    assert response.count("Calibrated on: rat") == 4  # under each panel
    assert "For research" not in response
    summary = page[page.index('id="summary"') : page.index('id="dose"')]
    assert "missed sittings and changes of settings are not in it" in summary


def test_panels_of_a_group_share_their_time_axis(results: Results) -> None:
    assert results.response is not None
    long, coarse = results.response.states[0], results.response.states[1]
    fine = dataclasses.replace(
        long, t=np.linspace(0, 1800, 900), **dict.fromkeys(("median", "low", "high", "low_50", "high_50"), np.ones(900))
    )
    few = dataclasses.replace(
        coarse, t=np.linspace(0, 1800, 15), **dict.fromkeys(("median", "low", "high", "low_50", "high_50"), np.ones(15))
    )
    few = dataclasses.replace(few, median=0.5 * np.ones(15), low=np.zeros(15), low_50=0.4 * np.ones(15))
    shown = states([fine, few], key="k", level=0.9, cycle_s=60, on_s=30)
    last = [re.findall(r'class="tick"[^>]*>([^<]+)<', one.svg)[-1] for one in shown]
    assert len(shown) == 2
    assert last[0] == last[1]  # eight cycles of a minute, both
    assert all(one.svg.count('class="span') == 8 for one in shown)  # each one's output shaded
    always = states([fine], key="k", level=0.9, cycle_s=60, on_s=60)
    assert 'class="span' not in always[0].svg


def test_states_that_look_the_same_share_a_picture(results: Results) -> None:
    assert results.response is not None
    one = results.response.states[0]
    twin = dataclasses.replace(one, key="drn", label="Dorsal raphe")
    shown = states([one, twin, results.response.states[1]], key="k", level=0.9, cycle_s=60, on_s=30)
    assert [s.name for s in shown] == ["NTS relay; Dorsal raphe", "Locus coeruleus"]


def test_what_was_felt_stands_beside_the_model(page: str, results: Results) -> None:
    fibers = page[page.index('id="fibers"') : page.index('id="response"')]
    assert "Felt from 0.8\xa0mA on average" in fibers
    assert fibers.count("felt from 0.8") == 2  # a mark in the figure, wide and narrow
    assert "gives a first hint" not in fibers
    assert "perception_ma" not in fibers
    found = felt(results)
    assert found is not None
    assert found.onset_ma == pytest.approx(0.8 - 0.12 * np.log(9), abs=0.03)  # the fake's logistic curve
    assert found.half_ma == pytest.approx(0.8, abs=0.03)


def test_least_values_have_no_bar_and_tiny_numbers_a_fitting_unit(page: str, results: Results) -> None:
    limits = page[page.index("<caption>Limits") : page.index("<caption>Rules")]
    width = limits[limits.index("Pulse width of the device") :]
    assert "<svg" not in width[: width.index("</tr>")]
    assert "5\xa0times the least" in width.replace("5 times", "5\xa0times")
    assert quantity(0.0005625, "mJ") == "0.562\xa0µJ"
    assert quantity(300_000, "µJ") == "300\xa0mJ"


def test_dose_table_compares_the_same_stretch_of_time(page: str) -> None:
    dose = page[page.index("<caption>Dose") : page.index("<caption>Limits")]
    charge = dose[dose.index("Charge of first phases") :]
    assert "1300\xa0mC" in charge
    assert "1050\xa0mC" in charge
    assert "until 8\xa0Mar\xa02026" in charge
    assert "Time with output on" in dose
    assert "Time with the stimulator running" not in dose


def test_flags_and_methods_stand_with_the_indices(page: str) -> None:
    tone = page[page.index('id="tone"') : page.index('id="scores"')]
    assert "Read with care, before, during and after: shorter than 5 min" in tone
    assert "block bootstrap" in tone


def test_percent_axes_begin_at_zero() -> None:
    odd = Effect(estimate=1.0, low=-4.0, high=6.0, unit="%", n=10, method="m")
    svg = _intervals([("before", odd)], "pNN50", key="k", width_px=344)
    assert "−" not in re.sub(r"<desc.*?</desc>", "", svg)


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
    css = importlib.resources.files("vagus.report").joinpath("templates", "theme.css").read_text(encoding="utf-8")
    themes = re.findall(r":root \{(.*?)\n\s*\}", css, flags=re.DOTALL)
    assert len(themes) == 3  # light, dark, print
    for theme in themes:
        colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", theme))
        for name in ("ink", "muted", "accent", "alarm", "warn", "good", "c1", "c2", "c3", "c4", "c5", "c6"):
            assert contrast(colors[name], colors["paper"]) >= 4.5, (name, colors[name])
        assert contrast(colors["alarm"], colors["alarm-tint"]) >= 4.5
        assert contrast(colors["ink"], colors["alarm-tint"]) >= 4.5


def test_methods_of_indices_give_the_counts_of_each_segment(results: Results) -> None:
    group = []
    for t, n in zip(results.tones, (11, 0, 3), strict=True):
        left = f"; {n} of 229 intervals touch a mended beat and are left out" if n else ""
        rmssd = dataclasses.replace(t.tone.rmssd_ms, method=f"root{left}; 95 % interval: t")
        group.append(dataclasses.replace(t, tone=dataclasses.replace(t.tone, rmssd_ms=rmssd)))
    told = dict(_methods(group))
    assert told["RMSSD"] == "root; 95 % interval: t"
    assert told["Left out"].endswith("before 11 of 229, after 3 of 229")


def test_a_dot_at_zero_stands_clear_of_the_labels() -> None:
    none = Effect(estimate=0.0, low=0.0, high=3.0, unit="%", n=10, method="m")
    svg = _intervals([("before", none)], "pNN50", key="k", width_px=344)
    dot = re.search(r'<circle[^>]*cx="([\d.]+)"', svg)
    assert dot is not None
    assert float(dot[1]) > 58 + 4
