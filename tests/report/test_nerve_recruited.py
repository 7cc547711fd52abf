"""Pictures of a recruited nerve, drawn from results made by hand."""

from __future__ import annotations

import datetime
import re

import numpy as np

from vagus.dose import Protocol, Pulse, Train, device_of, judge
from vagus.fiber import Aim, CompoundPotential, NerveDraws, NerveRecruitment, Optimized, Setting, place_fibers
from vagus.field import Fascicle, Nerve
from vagus.field.nerve import ring
from vagus.report.figures.nerve import compound, compound_page, nerve_curves, nerve_page, pareto, recruited_section

NERVE = Nerve(
    species="human",
    outline_um=ring.circle(0, 0, 1000),
    fascicles=(Fascicle(label="1", outline_um=ring.circle(300, 0, 400), perineurium_um=20.0),),
)
PULSE = Pulse(amplitude_ma=-1.0, width_us=250.0, shape="biphasic_symmetric")


def recruitment(seed: int) -> NerveRecruitment:
    fibers = place_fibers(NERVE, {"a_beta": 6, "b": 4}, rng=np.random.default_rng(seed))
    threshold = np.where(fibers.class_index == 0, 0.2, 0.8) * np.linspace(0.9, 1.1, fibers.size)
    return NerveRecruitment(
        nerve=NERVE, fibers=fibers, weights=(1.0, -1.0), pulse=PULSE, threshold_ma=threshold, limit_ma=3.0
    )


def test_fibers_that_fire_have_a_color_of_their_own():
    found = recruitment(1)
    drawn = recruited_section(found, amplitude_ma=0.5, key="n", width_px=300.0)
    # six fire, four do not, and a dot each in the legend
    assert drawn.count('class="dot c1"') == 7
    assert drawn.count('class="dot c2"') == 5
    assert "fires at 0.5\xa0mA (6)" in drawn


def test_curves_have_a_band_only_over_draws():
    one, two = NerveDraws(each=(recruitment(1),)), NerveDraws(each=(recruitment(1), recruitment(2)))
    assert "band" not in nerve_curves(one, limit_ma=3.0, key="c", width_px=400.0)
    assert nerve_curves(two, limit_ma=3.0, key="c", width_px=400.0).count('class="band') == 2
    page = nerve_page(two, dose_ma=-0.5, limit_ma=3.0)
    assert page.startswith("<svg")
    assert len(set(re.findall(r' id="([^"]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))


def test_a_set_and_what_was_tried():
    recipe = Protocol(
        train=Train(pulse=PULSE, rate_hz=20.0), on_s=30.0, off_s=300.0, sitting_min=1440,
        start=datetime.date(2026, 1, 12), weeks=52,
    )  # fmt: skip
    verdict = judge(recipe, device_of("livanova_sentiva"), "cervical_left")
    each = tuple(
        Setting(weights=(1.0, -1.0), pulse=PULSE.scaled(-ma), wanted_pct=50.0, spared_pct=pct, judgement=verdict)
        for ma, pct in ((0.25, 30.0), (0.5, 10.0), (0.75, 40.0))
    )
    aim = Aim(wanted="a_beta", wanted_pct=50.0, spared="b")
    found = Optimized(
        aim=aim, best=each[1], pareto=each[:2], tried=each, n_tried=3, n_short=0, n_refused=0, method="by hand"
    )
    drawn = pareto(found, key="f", width_px=400.0)
    assert drawn.count('class="dot c6"') == 3
    assert drawn.count('class="dot c1"') == 2


def test_a_compound_potential_stays_in_its_frame():
    t_us = np.arange(0.0, 50e3, 20.0)
    wave = np.exp(-(((t_us - 2e3) / 300.0) ** 2))[None]
    fibers = recruitment(1).fibers
    found = CompoundPotential(
        t_us=t_us, by_class_uv=wave, classes=fibers.classes[:1], early_us=np.array([1.5e3]), late_us=np.array([3e3]),
        distance_um=1e5,
    )  # fmt: skip
    drawn = compound(found, found.waves[0], key="f", width_px=400.0)
    assert compound_page(found).count("<svg") == 2  # the page, and its one wave
    assert "Recorded 100 mm from the stimulus" in drawn
    right = max(float(x) for d in re.findall(r' d="(M[^"]+)"', drawn) for x in re.findall(r"[ML]([\d.]+)", d))
    assert right <= 400.0
