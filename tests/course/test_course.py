"""A course and what is worked out of it."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import numpy as np
import pytest

from vagus import response
from vagus.course import (
    Course,
    Event,
    Person,
    RecordingPlan,
    Results,
    Segment,
    Sitting,
    assemble,
    course_findings,
    delivered,
    delivered_excesses,
    refusals,
    reporting_facts,
)
from vagus.dose import Protocol, Pulse, Train, device_of, judge
from vagus.errors import DoseRefused, InputError
from vagus.fiber import Recruitment
from vagus.files import new_course, read_course
from vagus.report import figures, write_report
from vagus.report.felt import felt

ROOT = Path(__file__).parents[2]
DAY = datetime.date(2026, 1, 12)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    new_course(tmp_path / "p01")
    return read_course(tmp_path / "p01")


def sitting(day: int, amplitude_ma: float = 1.5, minutes: float = 60, perception_ma: float | None = None) -> Sitting:
    date = DAY + datetime.timedelta(days=day)
    return Sitting(date=date, amplitude_ma=amplitude_ma, minutes=minutes, perception_ma=perception_ma)


def with_amplitude(course: Course, amplitude_ma: float) -> Course:
    train = course.protocol.train
    train = dataclasses.replace(train, pulse=train.pulse.scaled(amplitude_ma))
    return dataclasses.replace(course, protocol=dataclasses.replace(course.protocol, train=train))


def test_the_delivered_dose_by_hand(course: Course) -> None:
    # prescribed 2 x 60 min a day; delivered 60 min at 1.5 mA, 30 min at 0.75 mA over ten days
    given = delivered(dataclasses.replace(course, sittings=(sitting(9, 0.75, 30), sitting(0, 1.5, 60, 0.5))))
    assert given is not None
    assert (given.first, given.last, given.n_sittings, given.n_prescribed) == (DAY, datetime.date(2026, 1, 21), 2, 20)
    assert (given.delivered_min, given.prescribed_min) == (90, 1200)
    assert given.adherence_pct == pytest.approx(7.5)
    assert given.amplitude_ma == pytest.approx((1.5 * 60 + 0.75 * 30) / 90)
    assert (given.amplitude_low_ma, given.amplitude_high_ma, given.prescribed_ma) == (0.75, 1.5, 1.5)
    assert given.perception_ma == 0.5
    # 31.5 mC a day of 120 min at 1.5 mA: 0.175 mC/min/mA
    assert given.charge_mc == pytest.approx(0.175 * (1.5 * 60 + 0.75 * 30))
    assert given.prescribed_charge_mc == pytest.approx(31.5 * 10)
    assert given.output_min == pytest.approx(90 * 28 / 60)
    assert given.prescribed_output_min == pytest.approx(1200 * 28 / 60)
    assert [(w.week, w.n_sittings, w.prescribed_min, w.delivered_min) for w in given.weeks] == [
        (1, 1, 840, 60),
        (2, 1, 360, 30),
    ]
    assert given.weeks[1].amplitude_ma == 0.75


def test_days_per_week_lower_what_is_prescribed(course: Course) -> None:
    five = dataclasses.replace(course.protocol, days_per_week=5)
    given = delivered(dataclasses.replace(course, protocol=five, sittings=(sitting(6),)))
    assert given is not None
    assert given.prescribed_min == pytest.approx(5 * 120)


def test_after_the_end_nothing_is_prescribed(course: Course) -> None:
    given = delivered(dataclasses.replace(course, sittings=(sitting(0), sitting(70))))
    assert given is not None
    assert given.prescribed_min == 56 * 120
    assert given.weeks[-1].adherence_pct is None
    found = course_findings(dataclasses.replace(course, sittings=(sitting(0), sitting(70))))
    assert any("after the prescribed end, 8 Mar 2026" in one.text for one in found)


def test_without_sittings_nothing_is_told(course: Course) -> None:
    assert delivered(course) is None
    assert course_findings(course) == ()
    assert delivered_excesses(course) == ()


def test_a_sitting_over_a_hard_limit_is_urgent_not_an_error(course: Course) -> None:
    odd = dataclasses.replace(course, sittings=(sitting(0), sitting(1, 9.0, 60, 9.5), sitting(2, 7.0)))
    found = course_findings(odd)
    assert (found[0].level, found[0].kind, found[0].grave) == ("urgent", "delivered dose", True)
    device = next(one for one in delivered_excesses(odd) if one.limit.key == "device_amplitude")
    assert (device.n_sittings, device.n_all, device.amplitude_ma) == (2, 3, 9.0)
    assert device.date == DAY + datetime.timedelta(days=1)
    said = " ".join(str(one) for one in found)
    assert (
        "Delivered 9 mA on 13 Jan 2026: 2 of 3 sittings went over a hard limit and 2 soft limits; amplitude is 9 mA"
        in said
    )
    assert "above the prescribed 1.5 mA" in said
    assert "below the current that was felt" in said


def test_delivered_currents_that_keep_all_limits_are_no_excess(course: Course) -> None:
    fine = dataclasses.replace(course, sittings=(sitting(0, 0.8), sitting(1, 1.5)))
    assert delivered_excesses(fine) == ()
    assert course_findings(fine) == ()


def test_a_delivered_current_over_a_soft_limit_is_for_review(course: Course) -> None:
    bare = dataclasses.replace(course, sittings=(sitting(0, 1.5), sitting(1, 4.9)))
    use = dataclasses.replace(course.device_use, device="tvnsr")
    found = delivered_excesses(dataclasses.replace(bare, device_use=use))
    assert all(one.limit.state == "warned" for one in found)
    levels = {one.level for one in course_findings(bare) if one.kind == "delivered dose"}
    assert levels == ({"review"} if found else set())


def test_a_condition_that_is_warned_as_prescribed_is_not_said_again(course: Course) -> None:
    person = dataclasses.replace(course.person, conditions=("pregnancy",))
    ill = dataclasses.replace(course, person=person, sittings=(sitting(0),))
    assert delivered_excesses(ill) == ()


def test_no_overdose_stays_silent_in_the_results(course: Course) -> None:
    odd = dataclasses.replace(course, sittings=(sitting(0), sitting(1, 9.0)))
    results = assemble(odd, rng=np.random.default_rng(1))
    assert results.findings[0].level == "urgent"
    assert results.excesses[0].limit.state == "refused"


def test_a_refused_dose_stops_before_anything_is_computed(course: Course) -> None:
    said: list[str] = []
    with pytest.raises(
        DoseRefused, match=r"course\.toml line 27, \[pulse\] amplitude_ma: amplitude is 15 mA, at most 5 mA"
    ):
        assemble(
            with_amplitude(course, 15), rng=np.random.default_rng(1), progress=lambda what, share: said.append(what)
        )
    assert said == ["dose against limits"]


def test_every_refused_limit_names_keys_of_the_course(course: Course) -> None:
    train = Train(pulse=Pulse(amplitude_ma=60, width_us=900, shape="monophasic"), rate_hz=400)
    protocol = Protocol(train=train, on_s=30, off_s=1, sitting_min=60, start=DAY, weeks=1)
    for device, site in (("tvnsr", "cymba_left"), ("livanova_sentiva", "cervical_left"), ("gammacore", "neck_left")):
        found = refusals(judge(protocol, device_of(device), site, conditions=("vagotomy", "active_implant")))
        assert {"pulse", "person"} <= {refusal.section for refusal in found}
        assert len(found) == len(
            judge(protocol, device_of(device), site, conditions=("vagotomy", "active_implant")).refused
        )
        assert all(refusal.keys for refusal in found)


def test_facts_of_the_course_win_over_what_is_worked_out(course: Course) -> None:
    own = dataclasses.replace(course, facts={"stim.current_mA": "1.5 mA at the start"})
    facts = reporting_facts(own, device_of("tvnsr"), None)
    assert facts["stim.current_mA"] == "1.5 mA at the start"
    assert facts["stim.pulse_width_us"] == "250 µs"
    assert "subject.sex" not in facts


@pytest.fixture(scope="module")
def ear() -> Course:
    return read_course(ROOT / "examples" / "tavns-depression")


def test_the_ear_example_end_to_end(ear: Course, monkeypatch) -> None:
    shares: list[float] = []
    run: list[Recruitment] = []
    respond = response.respond

    def seen(recruitment: Recruitment, *given, **options):
        run.append(recruitment)
        return respond(recruitment, *given, **options)

    monkeypatch.setattr(response, "respond", seen)
    results = assemble(ear, rng=np.random.default_rng(1), progress=lambda what, share: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert [tone.segment.name for tone in results.tones] == ["before", "during", "after"]
    assert all(tone.tone.rsa_ms is not None for tone in results.tones)
    assert results.delivered is not None
    assert results.delivered.n_sittings == len(ear.sittings) == 84
    assert [change.instrument for change in results.changes] == ["gad7", "isi", "phq9", "qids_sr16"]
    assert not any(change.response for change in results.changes), "the example must not look like a success"
    prorated = [score for score in results.scores if score.status == "prorated"]
    assert [(score.instrument, score.n_missing) for score in prorated] == [("phq9", 1)]
    assert results.notices == ()
    assert results.evidence.route == "taVNS"
    assert results.recruitment is not None
    assert results.response is not None
    assert len(results.sources) > 10
    drawn_is_what_was_run(results, run)


def drawn_is_what_was_run(results: Results, run: list[Recruitment]) -> None:
    """The ear is scaled to where its person feels the current: response, curve and table are of that one ear."""
    assert results.unscaled is not None
    assert [one is results.recruitment for one in run] == [True]
    scale = run[0].amplitude_ma[1:] / results.unscaled.amplitude_ma[1:]
    np.testing.assert_allclose(scale, scale[0])
    assert scale[0] > 1.5
    page = write_report(results, made=datetime.datetime(2026, 5, 1), versions={})
    assert figures.recruitment_of(run[0], 0, key="class-0") in page
    assert figures.recruitment_of(results.unscaled, 0, key="class-0") not in page
    told = felt(results)
    assert told is not None
    assert "are scaled to what was felt" in told.text


def test_one_more_recording_moves_no_other_number(ear: Course) -> None:
    twice = dataclasses.replace(ear, plans=ear.plans * 2, recordings=ear.recordings * 2)
    one = assemble(ear, rng=np.random.default_rng(7))
    two = assemble(twice, rng=np.random.default_rng(7))
    assert [tone.tone.rmssd_ms for tone in two.tones[:3]] == [tone.tone.rmssd_ms for tone in one.tones]
    assert one.recruitment is not None
    assert two.recruitment is not None
    for a, b in zip(one.recruitment.classes, two.recruitment.classes, strict=True):
        np.testing.assert_array_equal(a.share_pct, b.share_pct)


def test_the_implant_example_shows_a_notice_and_no_delivered_dose() -> None:
    course = read_course(ROOT / "examples" / "ivns-trd")
    bare = dataclasses.replace(course, plans=(), recordings=())
    results = assemble(bare, rng=np.random.default_rng(1))
    assert [(notice.instrument, notice.item, notice.value) for notice in results.notices] == [("phq9", 9, 1)]
    assert results.delivered is None
    assert results.tones == ()


def test_a_pulse_wave_is_listed_but_not_analyzed(ear: Course) -> None:
    plan = dataclasses.replace(ear.plans[0], kind="ppg")
    heart = dataclasses.replace(ear.recordings[0][0], kind="ppg")
    results = assemble(
        dataclasses.replace(ear, plans=(plan,), recordings=((heart, None),)), rng=np.random.default_rng(1)
    )
    assert results.tones == ()
    assert any("this recording (ppg) is listed only" in one.text for one in results.findings)


def test_severe_events_are_findings(course: Course) -> None:
    for severity in ("severe", "life_threatening", "fatal"):
        event = Event(date=DAY, kind="adverse_event", severity=severity, relatedness="possible", text="syncope")
        (found,) = course_findings(dataclasses.replace(course, events=(event,)))
        assert (found.level, found.kind, found.date) == ("urgent", "adverse event", DAY)
        assert "on 12 Jan 2026: syncope (relation to stimulation possible)." in found.text
    mild = Event(date=DAY, kind="adverse_event", severity="moderate", text="cough")
    assert course_findings(dataclasses.replace(course, events=(mild,))) == ()


def test_nouns_refuse_what_cannot_be() -> None:
    with pytest.raises(InputError, match="ends before it starts"):
        Segment(name="before", start_s=10, end_s=10)
    first, second = Segment(name="before", start_s=0, end_s=10), Segment(name="during", start_s=9, end_s=20)
    with pytest.raises(InputError, match="overlap"):
        RecordingPlan(file="x.csv", kind="ecg", segments=(second, first))
    with pytest.raises(InputError, match="unknown diagnosis"):
        Person(id="P01", diagnosis="depression")
    with pytest.raises(InputError, match="no id"):
        Person(id=" ", diagnosis="mdd")


def test_a_sitting_at_0_ma_delivered_nothing(course: Course) -> None:
    odd = dataclasses.replace(course, sittings=(sitting(0), sitting(1, 0.0, 60, 0.5)))
    given = delivered(odd)
    assert given is not None
    assert (given.n_sittings, given.delivered_min, given.amplitude_ma, given.amplitude_low_ma) == (1, 60, 1.5, 1.5)
    assert given.n_prescribed == 4
    said = " ".join(str(one) for one in course_findings(odd))
    assert "1 sitting at 0 mA: no current (on 13 Jan 2026)" in said
    assert "below the current" not in said
    assert delivered(dataclasses.replace(course, sittings=(sitting(0, 0.0),))) is None


def test_limits_of_one_sitting_are_one_finding(course: Course) -> None:
    odd = dataclasses.replace(course, sittings=(sitting(0), sitting(1, 60.0)))
    assert len([one for one in delivered_excesses(odd) if one.amplitude_ma == 60]) > 1
    assert len([one for one in course_findings(odd) if one.kind == "delivered dose"]) == 1


def test_a_sham_elsewhere_than_the_site_has_no_predictions(course: Course) -> None:
    use = dataclasses.replace(course.device_use, arm="sham", sham_type="earlobe", site="cymba_left")
    results = assemble(dataclasses.replace(course, device_use=use), rng=np.random.default_rng(1))
    assert results.recruitment is None
    assert results.response is None
    assert any("sham_type says earlobe, site says cymba_left" in one.text for one in results.findings)


def test_a_recording_outside_the_course_is_told(course: Course) -> None:
    plan = RecordingPlan(file="rest.csv", kind="ecg", start=datetime.datetime(2025, 1, 2, 10))
    found = course_findings(dataclasses.replace(course, plans=(plan,), recordings=((None, None),)))  # pyright: ignore[reportArgumentType]
    assert [(one.level, one.kind) for one in found] == [("note", "recording")]
    assert "recorded on 2 Jan 2025, outside the course" in found[0].text
