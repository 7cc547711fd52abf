"""A small recruitment and protocols, made by hand: what the response room is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from vagus.course import DeviceUse, Personal
from vagus.dose import Judgement, Protocol, Pulse, Train
from vagus.fiber import ClassRecruitment, Recruitment
from vagus.response import Measured
from vagus.source import Effect, Source

AMPLITUDE_MA = np.array([0.25, 0.5, 1.0, 2.0, 4.0])
MADE = Source(text="made by hand for a test")


def fiber_class(key: str, role: str, *, half_ma: float, dose_ma: float, spread: float = 0.2) -> ClassRecruitment:
    def share(current_ma: np.ndarray | float) -> np.ndarray:
        return 100 / (1 + (half_ma / np.maximum(np.asarray(current_ma, dtype=float), 1e-9)) ** 6)

    estimate = float(share(dose_ma))
    return ClassRecruitment(
        key=key,
        label=key,
        role=role,
        n_simulated=30,
        count=None,
        share_pct=share(AMPLITUDE_MA),
        low_pct=share(AMPLITUDE_MA) * (1 - spread),
        high_pct=np.minimum(share(AMPLITUDE_MA) * (1 + spread), 100),
        at_dose=Effect(
            estimate=estimate,
            low=estimate * (1 - spread),
            high=min(estimate * (1 + spread), 100.0),
            unit="%",
            n=30,
            method="by hand",
            level=0.90,
        ),
    )


def make_recruitment(dose_ma: float, site: str = "cervical_left") -> Recruitment:
    classes = [
        fiber_class("a_beta", "afferent touch", half_ma=0.8, dose_ma=dose_ma),
        fiber_class("a_delta", "afferent", half_ma=1.6, dose_ma=dose_ma),
        fiber_class("c", "afferent", half_ma=30.0, dose_ma=dose_ma),
    ]
    if site.startswith("cervical"):
        classes.insert(0, fiber_class("a_motor", "efferent, larynx", half_ma=0.5, dose_ma=dose_ma))
        classes.insert(3, fiber_class("b", "efferent, heart", half_ma=2.5, dose_ma=dose_ma))
    return Recruitment(
        site=site,
        amplitude_ma=AMPLITUDE_MA,
        dose_ma=dose_ma,
        classes=tuple(classes),
        n_draws=20,
        method="by hand",
        caveat="none",
        sources=(MADE,),
    )


def make_protocol(
    *,
    amplitude_ma: float = 1.0,
    rate_hz: float = 20.0,
    on_s: float = 30.0,
    off_s: float = 300.0,
    ramp_s: float = 0.0,
    sitting_min: float = 1440.0,
    sittings_per_day: int = 1,
    weeks: float = 8.0,
) -> Protocol:
    pulse = Pulse(amplitude_ma=amplitude_ma, width_us=250, shape="biphasic_symmetric")
    return Protocol(
        train=Train(pulse=pulse, rate_hz=rate_hz),
        on_s=on_s,
        off_s=off_s,
        ramp_s=ramp_s,
        sitting_min=sitting_min,
        sittings_per_day=sittings_per_day,
        start=date(2026, 1, 12),
        weeks=weeks,
    )


@pytest.fixture
def recruitment() -> Callable[..., Recruitment]:
    return make_recruitment


@pytest.fixture
def protocol() -> Callable[..., Protocol]:
    return make_protocol


PERSON = Personal(
    rest_hr_bpm=64.0, breath_rate_per_min=14.0, measured=(Measured(state="hr_change", value=-1.0, sd=2.0),),
    notes=("A note.",),
)  # fmt: skip


@pytest.fixture
def course(
    monkeypatch: pytest.MonkeyPatch, recruitment: Callable[..., Recruitment], protocol: Callable[..., Protocol]
) -> SimpleNamespace:
    """A course and its recruitment made by hand: the command is tested, not its rooms."""
    found = SimpleNamespace(
        device_use=DeviceUse(device="tvnsr", site="cymba_left", arm="active"),
        person=SimpleNamespace(conditions=None),
        places={},
        protocol=protocol(amplitude_ma=1.5, on_s=28.0, off_s=32.0, sitting_min=20.0, rate_hz=25.0),
    )
    monkeypatch.setattr("vagus.files.read_course", lambda directory: found)
    monkeypatch.setattr("vagus.dose.device_of", lambda key: key)
    monkeypatch.setattr("vagus.dose.judge", lambda *given, **options: Judgement(limits=()))
    monkeypatch.setattr("vagus.dose.montage", lambda device, site: None)
    monkeypatch.setattr("vagus.fiber.recruit", lambda contacts, pulse, *, rng, progress: recruitment(1.5, "cymba_left"))
    monkeypatch.setattr("vagus.course.segment_tones", lambda course, *, rng, findings: ())
    monkeypatch.setattr("vagus.course.personalize", lambda course, *, tones: PERSON)
    return found
