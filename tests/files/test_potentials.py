import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.errors import InputError
from vagus.fiber import Fiber, threshold_ma
from vagus.field import point_mv_per_ma
from vagus.files import read_potentials

PULSE = Pulse(amplitude_ma=-1.0, width_us=100.0, shape="monophasic")


def test_thresholds_from_a_file_are_those_of_the_field_itself(tmp_path):
    fiber = Fiber.of("mrg", diameter_um=10.0, n_node=21)
    middle = fiber.z_um[110]
    z_mm = np.arange(-1.0, 24.0, 0.05)
    v = point_mv_per_ma(0.0, 500.0, 1e3 * z_mm - middle, sigma_s_per_m=0.3)
    csv, txt = tmp_path / "line.csv", tmp_path / "path.txt"
    csv.write_text(
        "% made for a test\ns,V\n" + "\n".join(f"{a},{float(b) / 1e3!r}" for a, b in zip(z_mm, v, strict=True))
    )
    turned = "\n".join(f"{0.6 * a + 0.6} 0 {0.8 * a + 0.8} {float(b)!r}" for a, b in zip(z_mm, v, strict=True))
    txt.write_text(f"{z_mm.size}\n{turned}\n")
    line = read_potentials(csv, length_unit="mm", potential_unit="V/mA")
    path = read_potentials(txt, length_unit="mm", potential_unit="mV/mA")
    own = point_mv_per_ma(0.0, 500.0, fiber.z_um - middle, sigma_s_per_m=0.3)
    assert line.at(fiber.z_um) == pytest.approx(own, rel=1e-4)
    assert path.at(fiber.z_um + 1000.0) == pytest.approx(own, rel=1e-4)
    assert path.xyz_um is not None
    found = threshold_ma([fiber] * 2, [own, line.at(fiber.z_um)], PULSE)
    assert found[0] == pytest.approx(found[1], rel=2e-3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 1\n1 2\n2 3\n", "too few points"),
        ("0 1\n1 x2\n", "no number"),
        ("0 1\n1 2 3\n2 1\n", "does not fit"),
        ("0 1\n1 nan\n", "does not fit"),
        ("0 1\n1 2\n1 3\n2 3\n", "go back"),
        ("x v\n0 1\n1 2\nnan 3\n2 3\n3 3\n", "line 4"),
        ("NaN 1\n1 2\n2 3\n3 3\n4 1\n", "line 1"),
        ("% Length unit: mm\n1 2\n2 3\n3 3\n4 1\n", "another unit of length"),
        ("0 1\n1 2\nend of table\n2 3\n3 3\n", "line 3"),
    ],
)
def test_bad_files_tell_the_mend(tmp_path, text, words):
    file = tmp_path / "bad.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=words):
        read_potentials(file, length_unit="um", potential_unit="mV/mA")
    with pytest.raises(InputError, match="not there"):
        read_potentials(tmp_path / "none.txt", length_unit="um", potential_unit="mV/mA")


@pytest.mark.parametrize("text", ["0,5;1,25\n1,5; 2\n2,5; 3\n3,5; 4", "0.5\t1.25\n1.5 ,2\n2.5 , 3\n3.5, 4",
                                  "0,5 1,25\n1,5 2\n2,5 3\n3,5 4"])  # fmt: skip
def test_decimal_commas(tmp_path, text):
    file = tmp_path / "line.txt"
    file.write_text(text)
    line = read_potentials(file, length_unit="um", potential_unit="mV/mA")
    assert line.arc_um.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert line.mv_per_ma.tolist() == [1.25, 2.0, 3.0, 4.0]


def test_places_in_a_file_of_their_own(tmp_path):
    volts, places = tmp_path / "0.dat", tmp_path / "coords.dat"
    volts.write_text("4\n1\n2\n4\n7\n")
    places.write_text("4\n0 0 0\n0 0 10\n0 0 20\n0 3 24\n")
    line = read_potentials(volts, length_unit="um", potential_unit="V/A", coordinates=places)
    assert line.arc_um.tolist() == [0.0, 10.0, 20.0, 25.0]
    assert line.mv_per_ma.tolist() == [1.0, 2.0, 4.0, 7.0]
    places.write_text("0 0 0\n0 0 10\n")
    with pytest.raises(InputError, match="5 potentials, 2 places"):
        read_potentials(volts, length_unit="um", potential_unit="V/A", coordinates=places)
    with pytest.raises(InputError, match=r"V/A.*one of"):
        read_potentials(volts, length_unit="um", potential_unit="V/B", coordinates=places)  # pyright: ignore[reportArgumentType]


def test_a_fiber_beyond_its_potentials_is_refused(tmp_path):
    file = tmp_path / "short.txt"
    file.write_text("\n".join(f"{i} {i * i}" for i in range(10)))
    with pytest.raises(InputError, match="never extrapolated"):
        read_potentials(file, length_unit="um", potential_unit="mV/mA").at(np.array([0.0, 12.0]))
