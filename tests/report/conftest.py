"""A course and its results, made by hand: every section of the report has something to show."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from vagus.course import (
    About,
    Course,
    Delivered,
    DeliveredWeek,
    DeviceUse,
    Event,
    Finding,
    Person,
    RecordingPlan,
    Results,
    Segment,
    SegmentTone,
    Sitting,
)
from vagus.dose import Item, Judgement, Limit, Protocol, Pulse, Train
from vagus.fiber import ClassRecruitment, Recruitment
from vagus.outcome import Answers, change, evidence, notices, score
from vagus.response import Response, State
from vagus.signal import PRESETS, Beats, Recording, Tone
from vagus.source import Effect, Known, Source

READ = Source(text="Shannon RV. IEEE Trans Biomed Eng 1992;39:424-426", doi="10.1109/10.126616")
RECALLED = Source(text="Practice convention", verified=False)
START = date(2026, 1, 12)
NOTE = "real recording, no stimulation took place; times marked for demonstration"


def limit(key: str, quantity: str, unit: str, value: float | None, most: float | None, **facts: object) -> Limit:
    given: dict[str, object] = {
        "side": "max",
        "severity": "hard",
        "state": "ok",
        "source": READ,
        "text": "keeps tissue whole",
    }
    return Limit(key=key, quantity=quantity, unit=unit, value=value, limit=most, **{**given, **facts})  # pyright: ignore[reportArgumentType]


def protocol() -> Protocol:
    pulse = Pulse(amplitude_ma=1.5, width_us=250, shape="biphasic_symmetric", gap_us=50)
    return Protocol(
        train=Train(pulse=pulse, rate_hz=25),
        on_s=28,
        off_s=32,
        ramp_s=1,
        sitting_min=60,
        sittings_per_day=2,
        start=START,
        weeks=8,
    )


def recruitment() -> Recruitment:
    current = np.linspace(0, 4, 41)
    classes = []
    for k, (key, label, at) in enumerate((("a_beta", "Aβ touch", 0.8), ("a_delta", "Aδ", 1.9), ("c", "C", 9.0))):
        share = 100 / (1 + np.exp(-(current - at) / (0.15 * at)))
        now = float(np.interp(1.5, current, share))
        classes.append(
            ClassRecruitment(
                key=key,
                label=label,
                role="carries touch to the brainstem",
                n_simulated=200,
                count=Known(value=1500 + 100 * k, unit="fibers", source=RECALLED) if k < 2 else None,
                share_pct=share,
                low_pct=np.clip(share * 0.7 - 3, 0, 100),
                high_pct=np.clip(share * 1.2 + 4, 0, 100),
                at_dose=Effect(
                    estimate=now, low=0.6 * now, high=min(100.0, 1.3 * now), unit="%", n=40, method="draws", level=0.9
                ),
            )
        )
    return Recruitment(
        site="cymba_left",
        amplitude_ma=current,
        dose_ma=1.5,
        classes=tuple(classes),
        n_draws=40,
        method="Forty draws of fiber depth and diameter.",
        caveat="Depth of the fibers is not known in this person.",
        sources=(READ,),
    )


def response() -> Response:
    t = np.linspace(0, 240, 120)
    rise = 1 - np.exp(-t / 40)
    days = np.linspace(0, 56, 57)
    common = {"species": "human", "calibrated_on": "rat", "sources": (READ,)}
    return Response(
        species="human",
        caveat="Relative drive; size in people unknown.",
        method="200 seeded draws.",
        states=(
            State(
                key="nts",
                label="NTS relay",
                unit="relative to full recruitment",
                t=t,
                t_unit="s",
                median=0.3 * rise,
                low=0.1 * rise,
                high=0.6 * rise,
                low_50=0.2 * rise,
                high_50=0.45 * rise,
                **common,
            ),
            State(
                key="lc",
                label="Locus coeruleus",
                unit="relative to full recruitment",
                t=t,
                t_unit="s",
                median=0.2 * rise,
                low=0.05 * rise,
                high=0.5 * rise,
                low_50=0.125 * rise,
                high_50=0.35 * rise,
                **common,
            ),
            State(
                key="hr_change",
                label="Change of heart rate",
                unit="bpm",
                t=t,
                t_unit="s",
                median=-0.2 * rise,
                low=-1.5 * rise,
                high=1.1 * rise,
                low_50=-0.85 * rise,
                high_50=0.45 * rise,
                **common,
            ),
            State(
                key="serotonin",
                label="Serotonin (drive)",
                unit="relative to full recruitment",
                t=days,
                t_unit="d",
                median=0.3 * days / 56,
                low=0.1 * days / 56,
                high=0.8 * days / 56,
                low_50=0.2 * days / 56,
                high_50=0.55 * days / 56,
                **common,
            ),
        ),
    )


def tones(plan: RecordingPlan) -> tuple[SegmentTone, ...]:
    rng = np.random.default_rng(7)
    found = []
    for segment, spread in zip(plan.segments, (28.0, 34.0, 31.0), strict=True):
        n = int(segment.duration_s / 0.83)
        rr = 820 + 25 * np.sin(np.arange(n) / 3) + rng.normal(0, spread / 2, n)
        time_s = segment.start_s + np.cumsum(rr) / 1000
        label = tuple("ectopic" if k in {40, 41} else "" for k in range(n))
        beats = Beats(time_s=time_s, quality=np.ones(n), label=label, origin="corrected", source_name="ecg")

        def effect(value: float, unit: str) -> Effect:
            return Effect(
                estimate=value, low=0.85 * value, high=1.2 * value, unit=unit, n=200, method="block bootstrap"
            )

        tone = Tone(
            start_s=segment.start_s,
            end_s=segment.end_s,
            n_beats=n,
            mean_rr_ms=effect(820, "ms"),
            heart_rate_bpm=effect(73.2, "bpm"),
            rmssd_ms=effect(spread, "ms"),
            ln_rmssd=effect(math.log(spread), "ln ms"),
            sdnn_ms=effect(40, "ms"),
            pnn50_pct=effect(9, "%"),
            hf_ms2=effect(412, "ms²"),
            rsa_ms=effect(55, "ms"),
            breath_rate_per_min=14.2,
            corrected_pct=1.1,
            quality_pct=98.2,
            flags=("shorter than 5 min",),
            settings=PRESETS["vagus"],
        )
        found.append(SegmentTone(plan=plan, segment=segment, tone=tone, beats=beats))
    return tuple(found)


def answers() -> tuple[Answers, ...]:
    found = []
    totals = (19, 18, 16, 14, 12, 11, 9, 8, 7)
    for week, total in enumerate(totals):
        day = START + timedelta(days=7 * week)
        items: list[float | None] = [float(min(3, max(0, (total + k) // 9))) for k in range(8)]
        found.append(Answers(date=day, instrument="phq9", items=(*items, 1.0 if week < 2 else 0.0)))
        if week % 4 == 0:
            found.append(Answers(date=day, instrument="who5", total=28.0 + 4 * week))
            found.append(Answers(date=day, instrument="madrs", total=30.0 - 2 * week))
    found[2] = Answers(date=found[2].date, instrument=found[2].instrument, total=32.0)
    phq = [k for k, a in enumerate(found) if a.instrument == "phq9"]
    kept = found[phq[3]]
    assert kept.items is not None
    found[phq[3]] = Answers(date=kept.date, instrument="phq9", items=(None, *kept.items[1:]))
    return tuple(found)


def delivered() -> Delivered:
    weeks = tuple(
        DeliveredWeek(
            week=k,
            n_sittings=12 - k % 3,
            prescribed_min=840,
            delivered_min=720.0 - 60 * (k % 3),
            adherence_pct=85.7 - 7 * (k % 3),
            amplitude_ma=1.4,
        )
        for k in range(1, 9)
    )
    return Delivered(
        first=START,
        last=START + timedelta(days=55),
        n_sittings=96,
        n_prescribed=112,
        delivered_min=5400,
        prescribed_min=6720,
        adherence_pct=80.4,
        amplitude_ma=1.38,
        amplitude_low_ma=1.1,
        amplitude_high_ma=1.5,
        prescribed_ma=1.5,
        perception_ma=0.8,
        output_min=2700,
        prescribed_output_min=3360,
        charge_mc=1050,
        prescribed_charge_mc=1300,
        weeks=weeks,
        text="96 sittings, 80 % of the prescribed minutes.",
    )


@pytest.fixture(scope="session")
def results() -> Results:
    plan = RecordingPlan(
        file="recordings/ecg.csv",
        kind="ecg",
        note=NOTE,
        segments=(
            Segment(name="before", start_s=0, end_s=150),
            Segment(name="during", start_s=150, end_s=330),
            Segment(name="after", start_s=330, end_s=480),
        ),
    )
    given = answers()
    fillings = tuple(score(a) for a in given)
    rng = np.random.default_rng(3)
    sittings = tuple(
        Sitting(
            date=START + timedelta(days=k // 2),
            amplitude_ma=round(float(rng.uniform(1.2, 1.5)), 1),
            minutes=60,
            perception_ma=0.8,
        )
        for k in range(96)
    )
    course = Course(
        about=About(
            title="Ear stimulation <script>alert(1)</script> & rest",
            synthetic=("scores", "sittings", "events"),
            note="A demonstration.",
        ),
        person=Person(
            id="P01", diagnosis="mdd", sex="female", age_band="40-49", contact="Dr. Example, +00 000 <b>0000</b>"
        ),
        device_use=DeviceUse(device="tvnsr", site="cymba_left", arm="active"),
        protocol=protocol(),
        plans=(plan,),
        recordings=((Recording(kind="ecg", fs_hz=125.0, samples=np.sin(np.arange(1000) / 9), unit="mV"), None),),
        answers=given,
        sittings=sittings,
        events=(
            Event(
                date=START + timedelta(days=9),
                kind="adverse_event",
                severity="mild",
                relatedness="probable",
                text="skin red under the electrode",
            ),
            Event(date=START + timedelta(days=20), kind="medication", text="sertraline 50 to 100 mg a day"),
            Event(date=START + timedelta(days=23), kind="setting_change", text="1.4 to 1.5 mA"),
        ),
        missing=("no [person] conditions: contraindications cannot be checked",),
        name="fake",
    )
    limits = (
        limit("charge_density_hard", "charge density per phase", "µC/cm²", 1.33, 30.0),
        limit("shannon_k_hard", "Shannon k", "", -0.3, 1.85, source=RECALLED),
        limit(
            "duty",
            "duty cycle",
            "%",
            50.0,
            50.0,
            severity="soft",
            state="warned",
            text="the label advises at most 50 %",
        ),
        limit("device_high", "current of the device", "mA", 1.5, 5.0),
        limit("width_min", "pulse width of the device", "µs", 250.0, 50.0, side="min"),
        limit(
            "condition_pregnancy",
            "pregnancy",
            "",
            None,
            None,
            side="rule",
            severity="soft",
            state="unknown",
            text="not stated in course.toml",
        ),
        limit("balance", "charge balance", "", None, None, side="rule", text="both phases carry the same charge"),
    )
    return Results(
        course=course,
        judgement=Judgement(limits=limits),
        recruitment=recruitment(),
        response=response(),
        tones=tones(plan),
        scores=fillings,
        changes=tuple(change([s for s in fillings if s.instrument == key]) for key in ("phq9", "who5", "madrs")),
        notices=notices(given),
        evidence=evidence(indication="mdd", route="taVNS"),
        items=(
            Item(
                item_id="DEV1", category="device", item="Maker and model", state="filled", value="tVNS R", source=READ
            ),
            Item(
                item_id="STIM9",
                category="stimulation",
                item="Who set the current, and how",
                state="missing",
                value="",
                source=READ,
            ),
        ),
        methods="Stimulation was given with a tVNS R at 1.5 mA.",
        delivered=delivered(),
        findings=(Finding(level="note", kind="sittings", text="2 sittings lie above the prescribed current"),),
        sources=(READ, RECALLED),
    )
