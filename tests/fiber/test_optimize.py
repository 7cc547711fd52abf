"""A search for contact weights and pulses: what it may return, and that it finds what is known."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from vagus.dose import Protocol, Pulse, Train, device_of, judge
from vagus.errors import Abstained, InputError
from vagus.fiber.nerve.placed import place_fibers
from vagus.fiber.optimize.aim import Aim
from vagus.fiber.optimize.search import optimize
from vagus.field import Fascicle, Nerve, cuff
from vagus.field.nerve import ring

DEVICE = device_of("livanova_sentiva")
RECIPE = Protocol(
    train=Train(pulse=Pulse(amplitude_ma=-1.0, width_us=250.0, shape="biphasic_symmetric"), rate_hz=20.0), on_s=30.0,
    off_s=300.0, sitting_min=1440, start=datetime.date(2026, 1, 12), weeks=52,
)  # fmt: skip
NERVE = Nerve(
    species="human",
    outline_um=ring.circle(0, 0, 1000),
    fascicles=(
        Fascicle(label="right", outline_um=ring.circle(600, 0, 250), perineurium_um=20.0),
        Fascicle(label="left", outline_um=ring.circle(-600, 0, 250), perineurium_um=20.0),
    ),
)


class Beside:
    """Four small contacts, two on each side of the nerve, as points in a plain medium."""

    contacts = cuff(1400.0, z_um=(1500.0, -1500.0), length_um=500.0, n_around=2, arc_deg=20.0)

    def mv_per_ma(self, *, x_um, y_um, z_um):
        x, y, z = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (x_um, y_um, z_um)))
        turn = np.radians([one.angle_deg for one in self.contacts])
        return np.stack([
            1e6 / (4.0 * np.pi * 0.2 * np.sqrt((x - 1400.0 * np.cos(t)) ** 2 + (y - 1400.0 * np.sin(t)) ** 2
                                                + ((z - one.z_um) / 1.7) ** 2))
            for t, one in zip(turn, self.contacts, strict=True)
        ])  # fmt: skip


def search(aim: Aim, **more):
    fibers = place_fibers(NERVE, {"a_beta": 4}, rng=np.random.default_rng(1))
    asked = {
        "protocol": RECIPE, "device": DEVICE, "site": "cervical_left", "rng": np.random.default_rng(2), "n_tries": 24,
        "widths_us": (250.0,), "shapes": ("biphasic_symmetric",),
    }  # fmt: skip
    return optimize(NERVE, fibers, Beside(), aim, **(asked | more))


def test_one_side_fires_and_the_other_is_spared():
    aim = Aim(wanted="a_beta", wanted_pct=75.0, wanted_fascicle="right", spared="a_beta", spared_fascicle="left")
    told = []
    found = search(aim, progress=told.append)
    best = found.best
    assert best.wanted_pct >= 75.0
    assert best.spared_pct <= 25.0
    assert max(abs(w) for w in best.weights) == 1.0
    assert sum(best.weights) == pytest.approx(0.0, abs=1e-9)
    # current on the device's steps, and what is cathodic lies on the right (angle 0)
    assert DEVICE.amplitude_step_ma is not None
    assert (abs(best.pulse.amplitude_ma) / DEVICE.amplitude_step_ma) % 1.0 == pytest.approx(0.0, abs=1e-9)
    assert best.weights[0] + best.weights[2] > best.weights[1] + best.weights[3]
    charges = [one.charge_uc for one in found.pareto]
    spared = [one.spared_pct for one in found.pareto]
    assert charges == sorted(charges)
    assert spared == sorted(spared, reverse=True)
    assert best in found.pareto
    assert told[-1] <= 1.0
    assert not any(one.judgement.refused for one in found.tried)
    assert not any(o.charge_uc < p.charge_uc and o.spared_pct < p.spared_pct for o in found.tried for p in found.pareto)


def test_the_least_charge_is_at_the_shortest_pulse():
    """Strength times duration falls with the width, as every strength-duration law has it."""
    aim = Aim(wanted="a_beta", wanted_pct=50.0, least="charge")
    found = search(aim, widths_us=(130.0, 500.0, 1000.0), n_tries=30)
    assert found.best.pulse.width_us == 130.0
    assert found.best.charge_uc == min(one.charge_uc for one in found.tried)


def test_nothing_that_a_limit_refuses_is_returned():
    """With a pulse that leaves charge behind every setting is refused, and the search says so instead."""
    mono = Pulse(amplitude_ma=-0.5, width_us=250.0, shape="monophasic")
    recipe = Protocol(
        train=Train(pulse=mono, rate_hz=20.0), on_s=30.0, off_s=300.0, sitting_min=1440,
        start=datetime.date(2026, 1, 12), weeks=52,
    )  # fmt: skip
    assert judge(recipe, DEVICE, "cervical_left").refused
    with pytest.raises(Abstained, match="refused by a limit"):
        search(Aim(wanted="a_beta", wanted_pct=50.0, least="charge"), shapes=("monophasic",), n_tries=6)


def test_an_aim_out_of_reach_is_told():
    with pytest.raises(Abstained, match=r"stay below it up to 0\.05 mA"):
        search(Aim(wanted="a_beta", wanted_pct=100.0, least="charge"), limit_ma=0.05, n_tries=6)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"wanted_pct": 0.0}, "wanted_pct is out of range"),
        ({"least": "pain"}, "cannot make that least"),
        ({}, "nothing to spare"),
    ],
)
def test_an_aim_that_is_none_is_refused(more, what):
    with pytest.raises(InputError, match=what):
        Aim(**({"wanted": "a_beta", "wanted_pct": 50.0} | more))
