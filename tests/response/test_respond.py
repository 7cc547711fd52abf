from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
import pytest

from vagus.errors import InputError, ModelRange
from vagus.response import State, at_end, respond
from vagus.response.brain_states import rat_ne_pct
from vagus.response.constants import constants, draw, scores
from vagus.source import cite


def run(
    recruitment, protocol, *, dose_ma=1.5, site="cymba_left", species: Any = "human", seed=1, n_draws=60, **options
):
    return respond(
        recruitment(dose_ma, site),
        protocol,
        species=species,
        rng=np.random.default_rng(seed),
        n_draws=n_draws,
        **options,
    )


@pytest.fixture
def ear(protocol):
    return protocol(rate_hz=25.0, on_s=28.0, off_s=32.0, sitting_min=60.0, sittings_per_day=2)


def test_people_get_relative_drive_and_never_a_percent(recruitment, ear):
    found = run(recruitment, ear)
    assert {s.key for s in found.fast} == {"nts", "lc", "ne", "hr_change", "ln_rmssd_change", "tnf_change", "pupil"}
    assert {s.key for s in found.slow} == {"lc", "drn", "serotonin"}
    assert [s.key for s in found.states if "%" in s.unit] == ["tnf_change"]
    assert found.state("tnf_change").median[-1] == 0.0
    assert "size in people unknown" in found.caveat
    assert all("size in people unknown" in s.calibrated_on for s in found.states if s.unit.startswith("relative"))
    assert all(s.species == "human" for s in found.states)
    assert all(s.sources for s in found.states)


def test_the_step_from_rat_to_people_is_a_wide_declared_source(recruitment, ear):
    found = run(recruitment, ear)
    lc = found.state("lc", slow=True)
    assert any("step from rat to people" in s.text and not s.verified for s in lc.sources)
    # the factor alone gives 37 at the quantiles 5 and 95 %; draws scatter around it
    assert lc.high[-1] / lc.low[-1] > 20
    rat = run(recruitment, ear, dose_ma=1.0, site="cervical_left", species="rat").state("lc", slow=True)
    assert rat.high[-1] / rat.low[-1] < 10
    assert "step from rat" not in cite(rat)


@pytest.mark.parametrize("site", ["cymba_left", "cervical_left", "neck_left", "cervical_right"])
def test_human_heart_rate_interval_holds_no_change(recruitment, ear, site):
    found = run(recruitment, ear, site=site)
    end = at_end(found.state("hr_change"), ear)
    assert end.low < -1
    assert end.high > 1
    assert abs(end.estimate) < 0.1


def test_right_cervical_is_wider_and_says_so(recruitment, protocol):
    left, right = (
        run(recruitment, protocol(), site=f"cervical_{side}").state("hr_change") for side in ("left", "right")
    )
    assert np.ptp([right.low.min(), right.high.max()]) > 2 * np.ptp([left.low.min(), left.high.max()])
    assert "not covered by data" in right.calibrated_on


def test_ear_hrv_knows_nothing_of_the_pooled_null_that_tests_it(recruitment, ear):
    state = run(recruitment, ear, n_draws=200).state("ln_rmssd_change")
    end = at_end(state, ear)
    assert (end.estimate, end.low, end.high) == pytest.approx((0.0, -0.5, 0.5), abs=0.03)
    assert "Wolf" not in cite(state)


def test_tnf_falls_in_rats_once_b_fibers_fire_and_people_are_told_nothing(recruitment, ear):
    rat = run(recruitment, ear, dose_ma=1.0, site="cervical_left", species="rat").state("tnf_change")
    assert -80 < rat.low[-1] < rat.median[-1] < rat.high[-1] < -55
    person = run(recruitment, ear, site="cervical_left").state("tnf_change")
    assert person.low[-1] < -40
    assert person.high[-1] > 40
    assert "unverified" in person.calibrated_on


def test_earlobe_gives_no_vagal_drive(recruitment, ear):
    found = run(recruitment, ear, site="earlobe_left")
    assert all(np.all(s.high == 0) and np.all(s.low == 0) for s in found.states)


@pytest.mark.parametrize("place", ["tragus", "cavum", "earlobe", "cymba"])
def test_a_place_that_is_not_all_vagal_says_so(recruitment, ear, place):
    caveat = run(recruitment, ear, site=f"{place}_left").caveat
    assert ("shared" in caveat) == (place in {"tragus", "cavum"})
    assert ("no vagal drive" in caveat) == (place == "earlobe")


def test_nothing_is_predicted_in_one_persons_units(recruitment, ear):
    """An interval of a group mean must not stand beside one person's RMSSD or heart rate."""
    found = run(recruitment, ear, rest_hr_bpm=64.0)
    assert not {"rmssd", "heart_rate"} & {s.key for s in found.states}
    assert not any(s.unit == "ms" for s in found.states)
    hrv = found.state("ln_rmssd_change")
    assert "mean over a group" in hrv.label
    assert "not one person's" in hrv.calibrated_on


@pytest.mark.parametrize("site", ["cymba_left", "cervical_left", "cervical_right", "neck_left"])
def test_a_declared_width_says_so(recruitment, ear, site):
    found = run(recruitment, ear, site=site)
    assert "declared width, unverified" in found.state("hr_change").calibrated_on
    hrv = found.state("ln_rmssd_change")
    assert "declared width, unverified" in hrv.calibrated_on
    assert "the intervals say so" not in found.caveat
    assert "declared, unverified" in found.caveat


@pytest.mark.parametrize("n_draws", [60, 61, 200])
@pytest.mark.parametrize("site", ["cymba_left", "cervical_left", "neck_left"])
def test_a_null_is_exactly_zero(recruitment, ear, site, n_draws):
    change = run(recruitment, ear, site=site, n_draws=n_draws).state("hr_change")
    assert np.all(change.median == 0.0)
    assert not np.signbit(change.median).any()


@pytest.mark.parametrize("species", ["human", "rat"])
def test_the_known_failure_and_the_prescribed_dose_stand_in_the_caveat(recruitment, protocol, species):
    found = run(recruitment, protocol(), dose_ma=1.0, site="cervical_left", species=species)
    assert "every 5, 10 and 15 min and absent for every 30 min" in found.caveat
    assert "as if the prescribed dose were given every day" in found.caveat
    assert any("Manta S, El Mansari M, Blier P" in s.text for s in found.state("drn", slow=True).sources)
    assert "90 %" in found.method


def test_same_seed_same_answer_and_another_seed_another(recruitment, ear):
    a, b, c = (run(recruitment, ear, seed=seed).state("lc").high for seed in (3, 3, 4))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


@pytest.mark.parametrize(("current_ma", "hpc", "ctx"), [(0.0, 0, 0), (0.25, 0, 0), (0.5, 23, 0), (1.0, 28, 39)])
def test_rat_ne_at_the_published_currents(current_ma, hpc, ctx):
    assert rat_ne_pct(current_ma, "hpc")[0] == hpc
    assert rat_ne_pct(current_ma, "ctx")[0] == ctx


def test_rat_ne_rises_within_trains_and_is_back_between(recruitment, protocol):
    plan = protocol()
    found = run(recruitment, plan, dose_ma=1.0, site="cervical_left", species="rat")
    ne = found.state("ne_hippocampus")
    assert ne.unit == "% above baseline"
    assert ne.median.max() == pytest.approx(28.0, rel=0.1)
    assert ne.median[0] == 0
    before_second = np.interp(329 / 60, ne.t, ne.median)
    assert before_second < 0.05 * ne.median.max()
    assert run(recruitment, plan, dose_ma=0.25, site="cervical_left", species="rat").state(
        "ne_hippocampus"
    ).high.max() == pytest.approx(0.0)


def test_rat_heart_slows_with_b_fibers_only(recruitment, protocol):
    plan = protocol()
    made = recruitment(1.0, "cervical_left")
    fires = dataclasses.replace(made.classes[0].at_dose, estimate=60.0, low=40.0, high=80.0)
    classes = {key: dataclasses.replace(c, at_dose=fires) for c in made.classes if (key := c.key)}

    def slowed(*keys: str) -> State:
        some = dataclasses.replace(made, classes=tuple(classes[key] for key in keys))
        return respond(some, plan, species="rat", rng=np.random.default_rng(1), n_draws=60).state("hr_change")

    with_b = slowed("a_motor", "a_beta", "b")
    assert with_b.median.min() < -1
    assert with_b.high.max() <= 1e-12
    assert np.all(slowed("a_motor", "a_beta").median == 0)


@pytest.mark.parametrize("site", ["cymba_left", "tragus_left", "neck_left", "earlobe_left"])
def test_a_rat_is_refused_where_no_rat_was_measured(recruitment, ear, site):
    with pytest.raises(ModelRange, match="not the cervical vagus") as caught:
        run(recruitment, ear, dose_ma=1.0, site=site, species="rat")
    for word in (site, "Roosevelt 2006", "0 to 1 mA", 'species "human"'):
        assert word in str(caught.value)
    run(recruitment, ear, dose_ma=1.0, site=site, species="human")


def test_a_rat_is_refused_beyond_the_currents_measured(recruitment, protocol):
    run(recruitment, protocol(), dose_ma=1.0, site="cervical_right", species="rat")
    with pytest.raises(ModelRange, match=r"1\.01 mA is outside 0 to 1 mA"):
        run(recruitment, protocol(), dose_ma=1.01, site="cervical_left", species="rat")
    with pytest.raises(ModelRange, match="0 to 1 mA"):
        rat_ne_pct(1.5, "ctx")


def test_two_minutes_on_the_neck(recruitment, protocol):
    plan = protocol(on_s=120.0, off_s=0.0, sitting_min=2.0)
    found = run(recruitment, plan, site="neck_right")
    lc = found.state("lc")
    assert lc.t_unit == "s"
    assert lc.t[-1] == pytest.approx(120.0)
    assert at_end(lc, plan).estimate == pytest.approx(lc.median[-1])


def test_at_end_of_the_sitting_reads_the_last_full_output(recruitment, protocol):
    plan = protocol(ramp_s=2.0)
    found = run(recruitment, plan, site="cervical_left")
    lc = found.state("lc")
    # a little below the peak, as the relay adapts within a train; in the silence after it, next to nothing
    assert 0.8 < at_end(lc, plan).estimate / lc.median.max() < 0.95
    assert abs(lc.median[-1]) < 0.01 * lc.median.max()


def test_fast_enough(recruitment, ear):
    took_s = []
    for _ in range(3):  # the best of three: the machine may be busy
        begin = time.process_time()
        run(recruitment, ear, n_draws=200)
        took_s.append(time.process_time() - begin)
    assert min(took_s) < 0.5


def test_mistakes_are_told_together(recruitment, ear):
    with pytest.raises(InputError) as error:
        run(recruitment, ear, species="humn", n_draws=3, rest_hr_bpm=-1.0)
    assert len(error.value.problems) == 3
    assert 'did you mean "human"' in str(error.value)
    with pytest.raises(InputError, match="no such state"):
        run(recruitment, ear).state("gaba")


def test_state_checks_itself():
    line = np.arange(3.0)
    fine: dict[str, Any] = {
        "key": "x",
        "label": "x",
        "unit": "bpm",
        "t_unit": "s",
        "species": "rat",
        "calibrated_on": "none",
    }
    with pytest.raises(InputError, match="outside its interval"):
        State(t=line, median=line, low=line + 1, high=line + 2, **fine)
    with pytest.raises(InputError, match="do not rise"):
        State(t=line[::-1], median=line, low=line, high=line, **fine)
    with pytest.raises(InputError, match="not finite"):
        State(t=line, median=line * np.nan, low=line, high=line, **fine)
    with pytest.raises(InputError, match="do not fit"):
        State(t=line, median=line[:2], low=line, high=line, **fine)


def test_draws_have_the_quantiles_of_the_table():
    rng = np.random.default_rng(5)
    assert np.median(scores(rng=rng, n_draws=200)) == pytest.approx(0.0, abs=1e-12)
    for one in constants().values():
        low, mid, high = np.quantile(draw(one, rng=rng, n_draws=4001), [0.05, 0.5, 0.95])
        assert low == pytest.approx(one.low, rel=0.02, abs=1e-3)
        assert mid == pytest.approx(one.value, rel=0.01, abs=1e-9)
        assert high == pytest.approx(one.high, rel=0.02, abs=1e-3)


def test_every_constant_says_where_it_is_from():
    for one in constants().values():
        assert one.source
        assert one.unit
        if one.spread != "fixed":
            assert one.low < one.high
