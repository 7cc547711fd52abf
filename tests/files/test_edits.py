import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vagus.errors import InputError, MissingFile
from vagus.files import edits_path, read_edits, write_edits
from vagus.signal import BeatEdit

TIMES = st.floats(0, 1e6, allow_nan=False)
TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20).map(
    lambda text: " ".join(text.split())
)
EDITS = st.one_of(
    st.builds(BeatEdit, what=st.sampled_from(["add", "delete", "bad", "good"]), time_s=TIMES, note=TEXT, who=TEXT),
    st.builds(BeatEdit, what=st.just("move"), time_s=TIMES, to_s=TIMES, note=TEXT, who=TEXT),
)


@settings(max_examples=60, deadline=None)
@given(edits=st.lists(EDITS, max_size=5))
def test_what_is_written_is_read(tmp_path_factory, edits):
    path = edits_path(tmp_path_factory.mktemp("edits") / "p01.edf")
    write_edits(path, edits)
    assert list(read_edits(path)) == edits
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_every_wrong_row_is_told_with_its_field(tmp_path):
    path = tmp_path / "p01.edf.edits.csv"
    path.write_text("what,time_s,to_s,note\nmov,3,4,\nadd,soon,,\nmove,5,,\nbad,-1,,\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_edits(path)
    said = str(error.value)
    assert 'p01.edf.edits.csv row 1 (line 2), what: edit is unknown; found "mov"; allowed: did you mean "move"?' in said
    assert 'row 2 (line 3), time_s: is no number; found "soon"' in said
    assert "row 3 (line 4), to_s: to_s does not fit the edit" in said
    assert "row 4 (line 5), time_s: is no time; found -1" in said


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(MissingFile):
        read_edits(tmp_path / "none.csv")


def test_nothing_is_left_where_writing_fails(tmp_path):
    path = tmp_path / "p01.edf.edits.csv"
    write_edits(path, [BeatEdit(what="bad", time_s=1.0)])
    before = path.read_bytes()

    def broken():
        yield BeatEdit(what="bad", time_s=2.0)
        raise RuntimeError("the program stops")

    with pytest.raises(RuntimeError):
        write_edits(path, broken())
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_edits(tmp_path / "no" / "p01.edits.csv", [])
