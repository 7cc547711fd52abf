"""Pictures of fields, and fields of other solvers along a path."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from vagus.cli import vagus_command
from vagus.errors import InputError, ModelRange
from vagus.field import Fascicle, Mesh, Nerve, cuff, nerve_tissue, solve_field
from vagus.field.nerve import ring
from vagus.files import PathField, Potentials, field_bytes
from vagus.report.figures.field import field_lines, field_section


def _run(*words):
    return CliRunner().invoke(vagus_command, ["field", *map(str, words)], catch_exceptions=True)


def test_a_solved_field_is_shown_and_told(tmp_path):
    pytest.importorskip("ngsolve", reason='needs the extra: pip install "vagus[fem]"')
    one = Fascicle(label="1", outline_um=ring.circle(20, 0, 80), perineurium_um=8.0)
    nerve = Nerve(species="rat", outline_um=ring.circle(0, 0, 150), fascicles=(one,))
    field = solve_field(
        nerve, cuff(180.0, z_um=(-500.0, 500.0), length_um=300.0), nerve_tissue("fat"), half_length_um=3000.0,
        far_um=2000.0, detail=Mesh(edge_um=150.0, step_um=300.0, growth=3.0, grading=0.9, order=1),
    )  # fmt: skip
    file, picture = tmp_path / "rat.npz", tmp_path / "rat.svg"
    file.write_bytes(field_bytes(field))
    found = _run("show", file, "-o", picture, "--at", 0, 0, 500, "--json")
    assert found.exit_code == 0, found.output
    told = json.loads(found.output)
    assert told["montage_mv_per_ma"][0] == pytest.approx(told["mv_per_ma"][0][0] - told["mv_per_ma"][1][0])
    text = picture.read_text(encoding="utf-8")
    assert text.count("<svg") == 4
    assert "2 contacts of" in text
    with pytest.raises(InputError, match="weights do not fit"):
        field_section(field, [1.0], key="s", width_px=350.0, z_um=0.0, half_um=300.0)


def test_text_of_another_solver_is_shown(tmp_path):
    z = np.linspace(-10.0, 10.0, 41)
    for name, sign in (("anode", 1.0), ("cathode", -1.0)):
        rows = (f"{0.1} {0.0} {a} {100.0 * np.exp(-((a - sign * 3) ** 2))}" for a in z)
        (tmp_path / f"{name}.txt").write_text("\n".join(rows))
    files = [tmp_path / "anode.txt", tmp_path / "cathode.txt"]
    units = ("--length-unit", "mm", "--potential-unit", "mV/mA")
    found = _run("show", *files, *units, "-o", tmp_path / "path.svg", "--at", 100, 0, 3000)
    assert found.exit_code == 0, found.output
    assert "anode" in found.output
    assert "100.000" in found.output
    assert "montage +1 -1" in (tmp_path / "path.svg").read_text(encoding="utf-8")
    assert "text files need their units" in str(_run("show", *files, "--at", 0, 0, 0).exception)
    assert "nothing to show" in str(_run("show", *files).exception)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("human", "--electrode", "helix", "--around", "fat", "-o", "a.npz"), "a drawn nerve needs a side"),
        (("n.csv", "--electrode", "helix", "--around", "fat", "-o", "a.npz"), "no such nerve"),
        (("humann", "--side", "left", "--electrode", "six", "--around", "fat", "-o", "a.npz"), 'did you mean "human"?'),
        (("rat", "--side", "left", "--electrode", "cuff", "--around", "fat", "-o", "a.npz"), "a cuff needs its"),
        (("rat", "--side", "left", "--electrode", "helix", "--around", "fat", "-o", "a.csv"), "ends in .npz"),
    ],
)  # fmt: skip
def test_what_solve_cannot_do_is_said_first(words, message):
    assert message in str(_run("solve", *words).exception)


def test_a_path_is_known_along_itself_only():
    bow = np.linspace(0.0, np.pi / 2.0, 200)
    xyz = 1e4 * np.stack([np.cos(bow), np.sin(bow), 0.0 * bow], axis=1)
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xyz, axis=0), axis=1))])
    field = PathField(contacts=("a",), potentials=(Potentials(arc_um=arc, mv_per_ma=arc / 100.0, xyz_um=xyz),))
    at = 1e4 * np.array([np.cos(0.5), np.sin(0.5)])
    assert field.mv_per_ma(x_um=at[0], y_um=at[1], z_um=0.0) == pytest.approx(50.0, rel=1e-4)
    with pytest.raises(ModelRange, match="from the path that is known"):
        field.mv_per_ma(x_um=0.0, y_um=0.0, z_um=0.0)
    with pytest.raises(InputError, match="reaches beyond its potentials"):
        field.mv_per_ma(x_um=1e4, y_um=-200.0, z_um=0.0)
    with pytest.raises(InputError, match="contacts and potentials do not fit"):
        PathField(contacts=(), potentials=())


def test_lines_have_colors():
    with pytest.raises(InputError, match="too many curves"):
        field_lines([0.0, 1.0], np.zeros((7, 2)), ["a"] * 7, key="l", width_px=350.0)
