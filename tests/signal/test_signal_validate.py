"""`vagus signal validate`, and the readers of marks behind it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from vagus.cli import vagus_command
from vagus.errors import InputError, MissingFile
from vagus.files import read_breath_marks

DATA = Path(__file__).parents[1] / "data"


def run(*words):
    return CliRunner().invoke(vagus_command, ["signal", "validate", *map(str, words)], standalone_mode=False)


@pytest.fixture
def records(tmp_path):
    for file in DATA.glob("mitdb119_60s.*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_json_holds_each_record_and_all_of_them(records):
    result = run("--records", records, "--json")
    found = json.loads(result.stdout)
    keys = {"n", "se", "ppv", "f1_150", "f1_50", "offset_ms", "jitter_ms"}
    assert set(found) == {"beats", "pooled", "breaths"}
    assert set(found["beats"]["mitdb119_60s"]) == set(found["pooled"]) == keys
    assert found["pooled"]["f1_150"] >= 99
    assert result.return_value == 0


def test_table_for_people_and_findings(records):
    marks = records / "mitdb119_60s.atr"
    marks.write_bytes(marks.read_bytes()[:60] + b"\0\0")  # half of the beats are no longer marked
    result = run("--records", records)
    assert "pooled" in result.stdout
    assert "aim missed" in result.stderr
    assert result.return_value == 1


def test_one_broken_record_does_not_lose_the_others_and_names_do_not_collide(records):
    for folder in ("a", "b"):
        (records / folder).mkdir()
        for file in DATA.glob("mitdb119_60s.*"):
            shutil.copy(file, records / folder)
    (records / "a" / "lone.atr").write_bytes(b"\1\4\0\0")
    result = run("--records", records, "--json")
    found = json.loads(result.stdout)
    assert set(found["beats"]) == {"mitdb119_60s", "a/mitdb119_60s", "b/mitdb119_60s"}
    assert found["pooled"]["n"] == 3 * found["beats"]["mitdb119_60s"]["n"]
    assert "lone" in found["failed"][0]["file"]
    assert result.return_value == 1


def test_without_records_it_asks(tmp_path):
    empty, absent = ("--records", tmp_path), ("--records", "no/such")
    for words, error in (((), InputError), (empty, InputError), (absent, MissingFile)):
        result = run(*words)
        assert isinstance(result.exception, error)
        assert "*_Breaths.csv" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,value\n1,2\n", "no marks of breaths"),
        ("ann1,ann2\n1,x\n", 'row 2, ann2: no sample number; found "x"'),
        ("ann1,ann2\n9,1\n4,2\n", "run back in time; found 4 after 9"),
        ("", 'no marks of breaths; found "nothing"'),
    ],
)
def test_garbled_breath_marks_are_named(tmp_path, text, words):
    file = tmp_path / "x_Breaths.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=words):
        read_breath_marks(file)
