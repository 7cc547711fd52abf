"""A course and what is worked out of it."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import numpy as np
import pytest

from vagus.course import (
    Course,
    Event,
    Person,
    RecordingPlan,
    Segment,
    Sitting,
    assemble,
    delivered,
    refusals,
    reporting_facts,
)
from vagus.course.delivered import sitting_findings
from vagus.dose import Protocol, Pulse, Train, device_of, judge
from vagus.errors import DoseRefused, InputError
from vagus.files import new_course, read_course

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
    found = sitting_findings(dataclasses.replace(course, sittings=(sitting(0), sitting(70))), device_of("tvnsr"))
    assert any("after the prescribed end, 2026-03-08" in sentence for sentence in found)


def test_without_sittings_nothing_is_told(course: Course) -> None:
    assert delivered(course) is None
    assert sitting_findings(course, device_of("tvnsr")) == ()


def test_sittings_beyond_the_device_are_a_finding_not_an_error(course: Course) -> None:
    odd = dataclasses.replace(course, sittings=(sitting(0), sitting(1, 7.0, 60, 8.0)))
    found = " ".join(sitting_findings(odd, device_of("tvnsr")))
    assert "1 of 2 sittings are written down with more current than tVNS R gives (5 mA)" in found
    assert "above the prescribed 1.5 mA" in found
    assert "exceeds a limit" in found
    assert "below the current that was felt" in found


def test_a_refused_dose_stops_before_anything_is_computed(course: Course) -> None:
    said: list[str] = []
    with pytest.raises(DoseRefused, match=r"course\.toml, \[pulse\] amplitude_ma: amplitude is 15 mA, at most 5 mA"):
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


def test_the_ear_example_end_to_end(ear: Course) -> None:
    shares: list[float] = []
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
    assert any("this recording (ppg) is listed only" in sentence for sentence in results.findings)


def test_severe_events_are_findings(course: Course) -> None:
    event = Event(date=DAY, kind="adverse_event", severity="severe", text="syncope")
    results = assemble(dataclasses.replace(course, events=(event,)), rng=np.random.default_rng(1))
    assert "Adverse event of 2026-01-12, severe: syncope." in results.findings


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
