import csv
import dataclasses
import io
import json

import pytest
from click.testing import CliRunner

from vagus.cli.fiber import fiber as command
from vagus.errors import InputError
from vagus.fiber import membrane_keys, read_reference, validate
from vagus.tables import text_of

SHIPPED = text_of("fiber_thresholds")[0]
ROWS = read_reference(SHIPPED, name="shipped")


def table(change=None, *, n=2, drop=(), model="SWEENEY"):
    """CSV text of some rows, one cell changed."""
    records = [r for r in csv.DictReader(io.StringIO(SHIPPED)) if r["model"] == model][:n]
    for row, column, value in change or ():
        records[row][column] = value
    fields = [c for c in records[0] if c not in drop]
    out = io.StringIO()
    writer = csv.DictWriter(out, fields, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


def test_the_shipped_rows_cover_every_model():
    assert {row.model for row in ROWS} == set(membrane_keys()) - {"passive", "hodgkin_huxley"}
    assert len(ROWS) == 54


def test_a_myelinated_subset_is_within_its_bound():
    found = validate([row for row in ROWS if row.model in {"sweeney", "mrg_discrete", "pena"}][:8])
    assert found.passed
    for check in found.models.values():
        # the reference is the upper end of a bracket of 0.2 %
        assert check.max_pct < 0.22
        assert check.median_pct <= check.p95_pct <= check.max_pct == abs(check.worst.deviation_pct)


def test_velocities_are_those_of_the_peer():
    """Within 1 %, or what one time step of the peer is worth; a wrong speed would be told."""
    rows = [row for row in ROWS if row.model in {"sweeney", "sundt"}][:6]
    found = validate(rows)
    assert sum(check.n_velocity for check in found.models.values()) == len(rows)
    assert not any(check.n_velocity_off for check in found.models.values())
    assert rows[0].cv_m_per_s is not None
    wrong = validate([dataclasses.replace(rows[0], cv_m_per_s=1.2 * rows[0].cv_m_per_s)])
    assert wrong.models[rows[0].model].n_velocity_off == 1


def test_a_row_that_is_off_fails():
    row = next(row for row in ROWS if row.model == "sweeney")
    found = validate([row, dataclasses.replace(row, threshold_ma=row.threshold_ma * 1.01, number=99)])
    assert not found.passed
    assert found.models["sweeney"].worst.row == 99
    assert found.models["sweeney"].max_pct == pytest.approx(1.0, abs=0.3)


def test_models_may_have_our_keys_and_columns_any_order():
    text = table([(0, "model", "sweeney"), (1, "model", " Sweeney ")])
    lines = [line.split(",")[::-1] for line in text.splitlines()]
    assert len(read_reference("\ufeff" + "\n".join(",".join(line) for line in lines), name="t.csv")) == 2


BAD = [
    (table(drop=("threshold_mA",)), ["t.csv, header", "column is missing", "threshold_mA"]),
    (table(drop=("model", "dt_ms")), ["allowed: model", "allowed: dt_ms"]),
    (table([(1, "model", "MRG_INTERPOLATED")]), ["t.csv, row 2, model", "no such axon model", "MRG_INTERPOLATED"]),
    (table([(0, "pulse_width_ms", "short")]), ["t.csv, row 1, pulse_width_ms", "not a number", '"short"']),
    (table([(1, "distance_um", "")]), ["t.csv, row 2, distance_um", "not a number"]),
    (table([(1, "n_nodes", "30.5")]), ["t.csv, row 2, n_nodes", "not whole", "30.5"]),
    (table([(1, "n_nodes", "3")]), ["t.csv, row 2, n_nodes", "out of range", "5 to"]),
    (table([(1, "dt_ms", "nan")]), ["t.csv, row 2, dt_ms", "out of range"]),
    (table([(1, "dt_ms", "0")]), ["t.csv, row 2, dt_ms", "out of range"]),
    (table([(1, "sigma_S_per_m", "-0.3")]), ["t.csv, row 2, sigma_S_per_m", "out of range"]),
    (table([(0, "shape", "mono_cathodal")]), ["t.csv, row 1, shape", "mono_cathodic"]),
    (table([(0, "threshold_mA", "0.5")]), ["t.csv, row 1, threshold_mA", "sign", "negative"]),
    (table([(0, "distance_um", "77")]), ["t.csv, row 1, distance_um", "contradicts"]),
    (table([(0, "tstop_ms", "0.2")]), ["t.csv, row 1, pulse_width_ms", "does not fit"]),
    (table() + "1,2,3" + 30 * ",4" + "\n", ["row 3", "more cells than the header"]),
    (table([(0, "cv_m_per_s", "fast")]), ["t.csv, row 1, cv_m_per_s", "not a number"]),
    (table().splitlines()[0], ["no rows"]),
    ("", ["column is missing"]),
]


@pytest.mark.parametrize(("text", "said"), BAD, ids=[" ".join(said)[:50] for _, said in BAD])
def test_a_bad_table_is_named_with_row_and_column(text, said):
    with pytest.raises(InputError) as caught:
        read_reference(text, name="t.csv")
    for piece in said:
        assert piece in str(caught.value)


def test_problems_of_all_rows_are_told_together():
    with pytest.raises(InputError) as caught:
        read_reference(table([(0, "dt_ms", "x"), (1, "shape", "y"), (1, "tstop_ms", "")]), name="t.csv")
    assert len(caught.value.problems) == 3


def test_a_geometry_that_is_not_the_models_is_named():
    rows = read_reference(table([(1, "delta_z_um", "900"), (0, "diameter_um", "99")]), name="t.csv")
    with pytest.raises(InputError, match=r"row 1, diameter_um.*\n.*row 2, delta_z_um: geometry is not the model's"):
        validate(rows)


def test_command(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(table(), encoding="utf-8")
    result = CliRunner().invoke(command, ["validate", "--table", str(file), "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)["models"]["sweeney"]
    assert found["n"] == 2
    assert found["max_pct"] < 0.22
    assert found["worst"]["row"] in {1, 2}
    file.write_text(table([(0, "threshold_mA", "-0.9")]), encoding="utf-8")
    result = CliRunner().invoke(command, ["validate", "--table", str(file)])
    assert result.exit_code == 1
    assert "off: row 1" in result.stderr
    result = CliRunner().invoke(command, ["validate", "--table", str(tmp_path / "none.csv")])
    assert "file is not there" in str(result.exception)
    result = CliRunner().invoke(command, ["validate", "--model", "sweeny"])
    assert "sweeney" in str(result.exception)
