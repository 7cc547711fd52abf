"""Hypnograms as text, as tables and as EDF+ annotations."""

from __future__ import annotations

from datetime import datetime

import pytest

from vagus.errors import InputError, MissingFile
from vagus.files import read_stages

from . import written


def put(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text", "stages", "epoch_s"),
    [
        ("yasa.txt", "# 1 value per 30 seconds of data (1 / 30 Hz)\n0\n1\n2\n3\n4\n-1\n", [0, 1, 2, 3, 4, -1], None),
        ("old.txt", "# epoch: 20 s\n0\n1\n2\n3\n4\n5\n9\n", [0, 1, 2, 3, 3, 4, -1], None),
        ("words.txt", "W\nN1\nn2\nN3\nREM\nArt\n", [0, 1, 2, 3, 4, -1], 30),
        ("header.csv", "stage\nWake\nS1\nS4\nR\n?\n", [0, 1, 3, 4, -1], 30),
        ("table.csv", "onset,duration,stage\n60,30,W\n90,30,N2\n120,30,R\n", [0, 2, 4], None),
        ("lasts.tsv", "duration\tstage\n20\tW\n20\tN2\n", [0, 2], None),
    ],
)
def test_text(tmp_path, name, text, stages, epoch_s):
    night = read_stages(put(tmp_path, name, text), epoch_s=epoch_s)
    assert night.stage.tolist() == stages
    assert night.epoch_s == {"old.txt": 20.0, "lasts.tsv": 20.0}.get(name, 30.0)
    assert (night.start_s, night.source_name) == (60.0 if name == "table.csv" else 0.0, name)


def test_annotations(tmp_path):
    scale = ((-2000, 2000), (-2000, 2000))
    marks = [(0, 60, "Sleep stage W"), (60, 30, "Sleep stage 4")]
    raw = written.edf([("x", "", *scale, [0] * 20)], records=2, record_s=60, marks=marks)
    night = read_stages(put(tmp_path, "night.edf", raw))
    assert night.stage.tolist() == [0, 0, 3]
    assert (night.epoch_s, night.start_s, night.start) == (30.0, 0.0, datetime(2025, 3, 2, 22, 30))


def test_unscored_between_annotations(tmp_path):
    scale = ((-2000, 2000), (-2000, 2000))
    raw = written.edf(
        [("x", "", *scale, [0] * 20)], records=2, marks=[(30, 30, "Sleep stage R"), (90, 30, "Movement time")]
    )
    night = read_stages(put(tmp_path, "night.edf", raw))
    assert (night.stage.tolist(), night.start_s) == ([4, -1, -1], 30.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "file is empty"),
        ("W\nN1\n", "length of an epoch is not in the file: give epoch_s"),
        ("# 1 value per 30 seconds\nW\nN7\n", 'row 3: no stage of sleep; found "N7"'),
        ("# 1 value per 30 seconds\n0\n8\n", 'row 3: no stage of sleep; found "8"'),
        ("onset,stage\n0,W\n30,W\n90,W\n", r"row 3: epochs are not of one length; found 60 s after epochs of 30 s"),
        ("onset,a\n0,W\n", 'no column "stage"'),
        ("onset,stage\n0,W\n30\n", "row 3: row is broken; found 1 cells; allowed: 2"),
        ("onset,stage\nx,W\n30,W\n", 'row 2: time is no number; found "x"'),
        (written.ecg_edf(marks=[(1, 1, "tap")]), "no stage of sleep is annotated; found 1 annotations"),
        (written.ecg_edf(marks=[(0, 1e7, "Sleep stage W")])[:-1], "truncated"),
    ],
)
def test_wrong_hypnograms_are_named(tmp_path, text, words):
    path = put(tmp_path, "night.txt", text)
    with pytest.raises(InputError, match=words) as error:
        read_stages(path)
    assert "night.txt" in str(error.value)


def test_what_is_asked_for(tmp_path):
    with pytest.raises(MissingFile, match="not there"):
        read_stages(tmp_path / "night.txt")
    path = put(tmp_path, "night.txt", "W\n")
    with pytest.raises(InputError, match="epoch_s is no length"):
        read_stages(path, epoch_s=0)
