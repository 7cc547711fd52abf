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
    ],
)
def test_bad_files_tell_the_mend(tmp_path, text, words):
    file = tmp_path / "bad.txt"
    file.write_text(text)
    with pytest.raises(InputError, match=words):
        read_potentials(file, length_unit="um", potential_unit="mV/mA")
    with pytest.raises(InputError, match="not there"):
        read_potentials(tmp_path / "none.txt", length_unit="um", potential_unit="mV/mA")


def test_a_fiber_beyond_its_potentials_is_refused(tmp_path):
    file = tmp_path / "short.txt"
    file.write_text("\n".join(f"{i} {i * i}" for i in range(10)))
    with pytest.raises(InputError, match="never extrapolated"):
        read_potentials(file, length_unit="um", potential_unit="mV/mA").at(np.array([0.0, 12.0]))
