"""A response to trains that are no even trains: gates whose openings are known, bursts; and a rat beyond its data."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vagus.dose import Train
from vagus.errors import InputError, ModelRange
from vagus.response import Volley, respond, sensitivity, sleep_change


def gated(protocol, **options):
    plain = protocol(rate_hz=25.0, on_s=60.0, off_s=0.0, sitting_min=30.0, **options)
    return dataclasses.replace(plain, train=dataclasses.replace(plain.train, gate="exhalation", gated_burst_s=1.0))


def run(recruitment, plan, *, site="cymba_left", **options):
    return respond(recruitment(1.5, site), plan, species="human", rng=np.random.default_rng(1), n_draws=40, **options)


def test_openings_stand_where_they_fell_and_the_weeks_take_their_share(recruitment, protocol):
    """Breaths in the first two minutes only: NE is up then and gone at the end; the slow LC follows the mean rate."""
    plan = gated(protocol)
    even = run(recruitment, plan, breath_rate_per_min=15.0)
    known = run(recruitment, plan, opens_s=np.arange(1.0, 1800.0, 4.0))
    assert known.state("nts").t[-1] * (60 if known.state("nts").t_unit == "min" else 1) == pytest.approx(300)
    for key in ("lc", "drn"):
        a, b = (found.state(key, slow=True) for found in (even, known))
        np.testing.assert_allclose(b.median[1:], a.median[1:], rtol=0.03, atol=1e-6)
    # means over bursts and silence agree, the bursts themselves are four times as high
    assert known.state("ne").median.mean() == pytest.approx(even.state("ne").median[:100].mean(), rel=0.5)
    assert known.state("nts").high.max() > 2 * even.state("nts").high.max()
    early = run(recruitment, plan, opens_s=np.arange(1.0, 60.0, 4.0)).state("lc").median
    assert early[:100].max() > 0.02 > abs(early[-1])


def test_openings_are_checked(recruitment, protocol):
    with pytest.raises(InputError, match="opens_s without a gate"):
        run(recruitment, protocol(), opens_s=np.array([1.0]))
    with pytest.raises(InputError, match="does not rise"):
        run(recruitment, gated(protocol), opens_s=np.array([1.0, float("nan")]))
    closed = run(recruitment, gated(protocol), opens_s=np.array([]))
    assert np.all(closed.state("lc", slow=True).high == 0)
    assert np.all(closed.state("lc").high == 0)


def bursts(protocol, rate_hz: float):
    plain = protocol(rate_hz=25.0, on_s=30.0, off_s=300.0, sitting_min=1440.0)
    train = Train(pulse=plain.train.pulse, rate_hz=300.0, pulses_per_burst=3, burst_rate_hz=rate_hz)
    return dataclasses.replace(plain, train=train)


def test_the_raphe_is_not_told_for_slow_bursts(recruitment, protocol):
    """In rats bursts raised the raphe (Manta 2012), where spikes counted would say nothing happens."""
    slow = run(recruitment, bursts(protocol, 2.0), site="cervical_left")
    assert {state.key for state in slow.slow} == {"lc"}
    assert "not told for 2 bursts a second" in slow.caveat
    for ask in (
        lambda: slow.state("drn", slow=True),
        lambda: sleep_change(slow, bed_h=23.0, up_h=31.0, rng=np.random.default_rng(1)),
        lambda: sensitivity(
            recruitment(1.5), bursts(protocol, 2.0), species="human", rng=np.random.default_rng(1), n_draws=1000
        ),
    ):
        with pytest.raises(ModelRange, match="Manta 2012"):
            ask()
    fast = run(recruitment, bursts(protocol, 25.0), site="cervical_left")
    assert {state.key for state in fast.slow} == {"lc", "drn", "serotonin"}


def test_a_rats_heart_beyond_its_data_is_marked(recruitment, protocol):
    def told(rate_hz: float):
        made = recruitment(0.9, "cervical_left")
        whole = [dataclasses.replace(c, at_dose=made.classes[0].at_dose) for c in made.classes]
        made = dataclasses.replace(made, classes=tuple(whole))
        plan = protocol(rate_hz=rate_hz, on_s=30.0, off_s=30.0)
        found = respond(made, plan, species="rat", rng=np.random.default_rng(1), n_draws=40)
        return found.state("hr_change").beyond, found.caveat

    beyond, caveat = told(30.0)
    assert beyond.startswith("EXTRAPOLATED")
    assert caveat.startswith("Change of heart rate: EXTRAPOLATED")
    beyond, caveat = told(5.0)
    assert beyond == ""
    assert "EXTRAPOLATED" not in caveat


def test_no_axon_fires_faster_than_a_thousand_a_second():
    for wrong in (1e6, float("nan"), float("inf"), -1.0):
        with pytest.raises(InputError, match="no axon fires faster"):
            Volley(
                t_s=np.arange(2.0), rate_hz={"a": np.array([0.0, wrong])}, side="left", site="cymba_left",
                arm={"a": "afferent"},
            )  # fmt: skip
    with pytest.raises(InputError, match="times do not rise"):
        Volley(t_s=np.array([0.0, float("nan")]), rate_hz={}, side="left", site="cymba_left", arm={})
