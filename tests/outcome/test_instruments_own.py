"""The link of depression scales, a lab's own instrument, translations."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from vagus import tables
from vagus.cli import vagus_command
from vagus.course import assemble
from vagus.errors import InputError
from vagus.files import look_first, new_course, read_course, read_instrument, read_translation
from vagus.outcome import find_instrument, instruments, link_total, translate
from vagus.report import write_report

SCALES = {"qids_sr16": 27, "ids_sr30": 84, "hamd17": 52, "hamd21": 64, "hamd24": 75}


@pytest.mark.parametrize(
    ("total", "scale", "to", "span", "severity"),
    [
        (0, "qids_sr16", "ids_sr30", (0, 3), ("none",)),
        (10, "qids_sr16", "hamd17", (13, 13), ("mild",)),
        (27, "qids_sr16", "hamd24", (50, 75), ("very severe",)),
        (18, "hamd17", "qids_sr16", (14, 15), ("moderate",)),  # shared by two QIDS totals
        (22, "hamd17", "hamd24", (29, 30), ("severe",)),
        (20, "hamd17", "hamd17", (20, 20), ("severe",)),
    ],
)
def test_link_by_hand(total: float, scale: str, to: str, span: tuple[float, float], severity: tuple[str, ...]) -> None:
    found = link_total(total, scale=scale, to=to)
    assert ((found.low, found.high), found.severity) == (span, severity)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("to", SCALES)
def test_every_total_is_linked_and_higher_stays_higher(scale: str, to: str) -> None:
    before = (0.0, 0.0)
    for total in range(SCALES[scale] + 1):
        found = link_total(total, scale=scale, to=to)
        assert found.low <= found.high <= SCALES[to]
        assert found.low >= before[0]
        assert found.high >= before[1]
        before = (found.low, found.high)
    assert before[1] == SCALES[to]


@pytest.mark.parametrize("key", ["qids_sr16", "ids_sr30", "hamd17", "hamd24"])
def test_severity_of_the_link_is_the_band_of_the_instrument(key: str) -> None:
    one = find_instrument(key)
    for total in range(int(one.total_high) + 1):
        assert one.band_of(total) in link_total(total, scale=key, to="qids_sr16").severity


def test_link_refuses_what_it_does_not_know() -> None:
    with pytest.raises(InputError, match='no link for this scale; found "madrs"'):
        link_total(20, scale="madrs", to="hamd17")
    with pytest.raises(InputError, match="hamd17: no such total; found 53; allowed: whole points, 0 to 52"):
        link_total(53, scale="hamd17", to="qids_sr16")


def own(tmp_path: Path, old: str = "", new: str = "") -> Path:
    file = tmp_path / "own.toml"
    file.write_text(tables.text_of("instruments/phq9")[0].replace(old, new, 1), encoding="utf-8")
    return file


@pytest.mark.parametrize("key", sorted(instruments()))
def test_the_packages_own_files_are_read_the_same(key: str, tmp_path: Path) -> None:
    file = tmp_path / "one.toml"
    file.write_text(tables.text_of(f"instruments/{key}")[0], encoding="utf-8")
    assert read_instrument(file) == find_instrument(key)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("recall =", "recal =", "unknown key; found recal; allowed: did you mean"),
        ("n_max = 2", "n_mx = 2", "unknown key; found n_mx"),
        ("review_from = 1", "review_frm = 1", "unknown key; found review_frm"),
        ("n_items = 9", 'n_items = "nine"', "own.toml: Expected `int`, got `str`"),
        ("total_high = 27", "total_high = 30", "bands do not cover the range of totals"),
        ("item = 9", "item = 10", "no such item"),
    ],
)
def test_mistakes_in_an_own_file_are_told(old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_instrument(own(tmp_path, old, new))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_instrument(tmp_path / "none.toml")


GERMAN = """
instrument = "who5"
language = "de"
name = "WHO-5-Fragebogen zum Wohlbefinden"
short = "WHO-5"
source = { text = "made up for this test", verified = false }

[bands]
"very low well-being" = "sehr geringes Wohlbefinden"
"low well-being" = "geringes Wohlbefinden"
"well-being not low" = "Wohlbefinden nicht gering"
"""


def translated(tmp_path: Path, text: str, key: str = "who5") -> str:
    file = tmp_path / "who5.de.toml"
    file.write_text(text, encoding="utf-8")
    return translate(find_instrument(key), read_translation(file)).band_of(40)


def test_a_translation_changes_words_and_no_number(tmp_path: Path) -> None:
    assert translated(tmp_path, GERMAN) == "geringes Wohlbefinden"


def test_item_texts_need_a_licence(tmp_path: Path) -> None:
    texts = 'items = ["a", "b", "c", "d", "e"]\n'
    with pytest.raises(InputError, match="item texts without a licence"):
        translated(tmp_path, texts + GERMAN)
    assert translated(tmp_path, 'permission = "letter of the holder, 2026"\n' + texts + GERMAN)
    with pytest.raises(InputError, match="wrong number of item texts; found 4 item texts; allowed: 5"):
        translated(tmp_path, texts.replace(', "e"', "") + GERMAN)


def test_a_translation_has_to_fit(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="for another instrument"):
        translated(tmp_path, GERMAN, key="phq9")
    with pytest.raises(InputError, match="labels of the bands differ"):
        translated(tmp_path, GERMAN.replace('"low well-being"', '"low"'))
    with pytest.raises(InputError, match="unknown key; found langauge"):
        translated(tmp_path, GERMAN.replace("language", "langauge"))


SCORES = """date,instrument,item_1,item_2,item_3,item_4,item_5,item_6,item_7,item_8,item_9
2026-01-12,our_mood,2,2,3,2,2,2,2,1,2
2026-03-09,our_mood,1,1,1,1,1,1,1,1,0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course with an instrument of its own."""
    course = tmp_path / "p01"
    new_course(course)
    (course / "instruments").mkdir()
    text = tables.text_of("instruments/phq9")[0].replace('key = "phq9"', 'key = "our_mood"')
    (course / "instruments" / "ours.toml").write_text(text.replace('short = "PHQ-9"', 'short = "Our mood"'))
    (course / "scores.csv").write_text(SCORES)
    return course


def command(*args: object) -> Result:
    return CliRunner().invoke(vagus_command, [str(one) for one in args], catch_exceptions=False, standalone_mode=False)


def test_a_course_finds_its_own_instrument(folder: Path) -> None:
    course = read_course(folder)
    assert [one.key for one in course.instruments] == ["our_mood"]
    assert {"our_mood", "phq9"} < set(course.scales)
    scored = command("outcome", "score", folder / "scores.csv", "--json")
    assert [one["total"] for one in json.loads(scored.stdout)["scores"]] == [18, 8]
    assert "Our mood item 9" in scored.stderr
    assert "Our mood went from 18 points" in command("outcome", "change", folder / "scores.csv").stdout
    assert look_first(folder).notices[0].item == 9


def test_the_report_shows_it(folder: Path) -> None:
    found = assemble(read_course(folder), rng=np.random.default_rng(1))
    assert [(one.instrument, one.change) for one in found.changes] == [("our_mood", -10)]
    assert [one.item for one in found.notices] == [9]
    page = write_report(found, made=datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC), versions={})
    assert "Our mood from 18 to 8 points" in page
    assert "Our mood, depression" in page  # the panel
    # no trial tells of it
    assert found.forecast is None or found.forecast.instrument != "our_mood"


def test_a_broken_one_is_told_with_its_place(folder: Path) -> None:
    file = folder / "instruments" / "ours.toml"
    text = file.read_text()
    file.write_text(text.replace("n_items", "n_itms"))
    for call in (lambda: read_course(folder), lambda: command("outcome", "score", folder / "scores.csv")):
        with pytest.raises(InputError, match=r"instruments/ours.toml line \d+, top n_itms: unknown key") as told:
            call()
        assert "unknown instrument" not in str(told.value)
    file.write_text(text)
    (folder / "instruments" / "zwei.toml").write_text(text)
    with pytest.raises(InputError, match=r"instruments/zwei.toml, top key: key given twice.*ours.toml"):
        read_course(folder)


def test_none_takes_a_place_without_its_question_on_suicide(tmp_path: Path) -> None:
    text = tables.text_of("instruments/phq9")[0]
    start = text.index("[[safety]]")
    end = text.find("\n[", start + 1)
    file = tmp_path / "ours.toml"
    file.write_text(text[:start] + (text[end + 1 :] if end > 0 else ""))
    with pytest.raises(InputError, match=r"stands for phq9 without its safety items.*item 9"):
        read_instrument(file)
