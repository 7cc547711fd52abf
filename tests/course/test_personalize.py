"""What one person's course tells the models: threshold of perception, heart at rest, changes measured."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from vagus.cli.course import course as command
from vagus.course import Personal, personalize, recruited
from vagus.fiber import ClassRecruitment, Recruitment
from vagus.files import new_course
from vagus.source import Effect

GRID = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0])


def effect(estimate: float, half: float = 1.0, unit: str = "bpm") -> Effect:
    return Effect(
        estimate=estimate, low=estimate - half, high=estimate + half, unit=unit, n=100, method="by hand", level=0.95
    )


def tone(name: str, hr_bpm: float, *, half: float = 1.0, file: str = "a.csv", rmssd_ms: float = 40.0) -> Any:
    """As much of a `SegmentTone` as is read."""
    made = SimpleNamespace(
        heart_rate_bpm=effect(hr_bpm, half), mean_rr_ms=effect(60_000 / hr_bpm, 10, "ms"),
        rmssd_ms=effect(rmssd_ms, 5, "ms"), breath_rate_per_min=14.0,
    )  # fmt: skip
    return SimpleNamespace(segment=SimpleNamespace(name=name), plan=SimpleNamespace(file=file), tone=made)


def course(*, felt: tuple[float, ...] = (), site: str = "cymba_left", flows: bool | None = True, synthetic=()) -> Any:
    return SimpleNamespace(
        sittings=[SimpleNamespace(perception_ma=one) for one in felt],
        device_use=SimpleNamespace(site=site, flows=flows), about=SimpleNamespace(synthetic=synthetic),
    )  # fmt: skip


def ear(dose_ma: float = 1.0, site: str = "cymba_left") -> Recruitment:
    def of(key: str, half_ma: float) -> ClassRecruitment:
        share = 100 / (1 + (half_ma / GRID) ** 3)
        at = float(np.interp(dose_ma, GRID, share))
        at_dose = Effect(
            estimate=at, low=0.3 * at, high=min(2 * at, 100.0), unit="%", n=9, method="by hand", level=0.90
        )
        return ClassRecruitment(
            key=key, label=key, role="afferent", n_simulated=9, count=None, share_pct=share, low_pct=0.3 * share,
            high_pct=np.minimum(2 * share, 100), at_dose=at_dose,
        )  # fmt: skip

    return Recruitment(
        site=site, amplitude_ma=GRID, dose_ma=dose_ma, classes=(of("a_beta", 1.0), of("a_delta", 3.0)), n_draws=9,
        method="by hand", caveat="", sources=(),
    )  # fmt: skip


def test_heart_at_rest_is_the_median_of_the_parts_before():
    found = personalize(course(), tones=[tone("before", 60.0), tone("before", 64.0, file="b.csv"), tone("after", 80.0)])
    assert found.rest_hr_bpm == 62.0
    assert found.rest_mean_rr_ms == pytest.approx((1000 + 60_000 / 64) / 2)
    assert found.rest_rmssd_ms == 40.0
    assert found.breath_rate_per_min == 14.0
    assert "median of 2 parts" in " ".join(found.notes)


def test_a_change_from_before_to_during_is_measured_with_its_error():
    found = personalize(course(), tones=[tone("before", 70.0), tone("during", 67.0)])
    (one,) = found.measured
    assert (one.state, one.value, one.text) == ("hr_change", -3.0, "a.csv")
    # two means of ± 1 (95 %) and the declared spontaneous change of 2 bpm
    assert one.sd == pytest.approx(math.sqrt(2 * (1 / 1.96) ** 2 + 2.0**2), rel=1e-3)
    assert not personalize(course(), tones=[tone("before", 70.0), tone("during", 67.0, file="b.csv")]).measured
    assert not personalize(course(), tones=[tone("before", 70.0), tone("during", 67.0, half=float("nan"))]).measured


@pytest.mark.parametrize(
    "told", [{"flows": None}, {"flows": False}, {"synthetic": ("recordings",)}, {"synthetic": ("sittings",)}]
)
def test_changes_are_not_used_where_it_is_not_known_that_current_flowed(told):
    found = personalize(course(**told), tones=[tone("before", 70.0), tone("during", 67.0)])
    assert found.measured == ()
    assert "not used" in " ".join(found.notes)
    assert found.rest_hr_bpm == 70.0


def test_nothing_known_is_said():
    found = personalize(course())
    assert (found.perception_ma, found.rest_hr_bpm, found.measured) == (None, None, ())
    assert len(found.notes) == 2
    made = ear()
    own, person = recruited(made, found)
    assert own is made
    assert person is found


def test_the_threshold_scales_the_ear():
    """Felt where the model fires 10 to 50 %: no scale to speak of. Felt at twice that: as at half the current."""
    made = ear(2.0)
    touch = made.classes[0]
    at_10, at_50 = (float(np.interp(p, touch.share_pct, GRID)) for p in (10.0, 50.0))
    middle = math.sqrt(at_10 * at_50)
    same, _ = recruited(made, Personal(perception_ma=middle))
    assert same.amplitude_ma == pytest.approx(GRID)
    assert same.classes[0].at_dose.estimate == pytest.approx(touch.at_dose.estimate)
    later, person = recruited(made, Personal(perception_ma=2 * middle))
    assert later.classes[0].at_dose.estimate == pytest.approx(float(np.interp(1.0, GRID, touch.share_pct)))
    assert later.classes[1].at_dose.estimate == pytest.approx(float(np.interp(1.0, GRID, made.classes[1].share_pct)))
    assert later.dose_ma == 2.0
    assert "scaled by 2" in person.notes[-1]
    # the interval is now that of feeling, between the two ends, and holds the estimate
    own = later.classes[0].at_dose
    assert own.low < own.estimate < own.high
    assert own.low == pytest.approx(float(np.interp(2.0 / (2 * middle / at_10), GRID, touch.share_pct)))


@pytest.mark.parametrize("perception_ma", [0.01, 80.0])
def test_a_threshold_far_off_is_a_slip_and_scales_nothing(perception_ma):
    made = ear()
    found, person = recruited(made, Personal(perception_ma=perception_ma))
    assert found is made
    assert "not used to scale" in person.notes[-1]


def test_only_the_ear_is_scaled():
    made = ear(site="cervical_left")
    assert recruited(made, Personal(perception_ma=2.0))[0] is made
    found = personalize(course(felt=(0.5, 0.7), site="cervical_left"))
    assert found.perception_ma is None
    assert "scales the ear only" in " ".join(found.notes)
    assert personalize(course(felt=(0.5, 0.7))).perception_ma == pytest.approx(0.6)
    assert "invented" in " ".join(personalize(course(felt=(0.5,), synthetic=("sittings",))).notes)


def test_command_shows_what_is_used_of_the_person(tmp_path):
    folder = tmp_path / "p01"
    new_course(folder)
    found = CliRunner().invoke(command, ["person", str(folder)])
    assert found.exit_code == 0, found.output
    assert "RMSSD at rest" in found.stdout
    assert "Heart at rest" in found.stdout
    told = json.loads(CliRunner().invoke(command, ["person", str(folder), "--json"]).stdout)["person"]
    assert set(told) >= {"perception_ma", "rest_mean_rr_ms", "rest_rmssd_ms", "measured", "notes"}
