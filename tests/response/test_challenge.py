"""Cytokines after a challenge: rodents and people apart, and what follows for arthritis."""

from __future__ import annotations

import numpy as np
import pytest

from vagus.errors import InputError, ModelRange
from vagus.response import challenge, respond
from vagus.response.immune.arthritis import arthritis_pct
from vagus.source import cite


def run(recruitment, protocol, species, *, site="cervical_left", dose_ma=1.0, n_draws=100):
    return challenge(
        recruitment(dose_ma, site), protocol(), species=species, rng=np.random.default_rng(1), n_draws=n_draws
    )


def test_rats_tnf_peaks_lower_by_what_was_published_and_the_others_by_less(recruitment, protocol):
    found = run(recruitment, protocol, "rat")
    tnf, il6, il10 = (found.state(key) for key in ("tnf", "il6", "il10"))
    assert 25 < tnf.median.max() < 40
    assert tnf.median.max() < il6.median.max() < 100
    assert tnf.median.max() < il10.median.max() < 100
    assert tnf.t[tnf.median.argmax()] < il10.t[il10.median.argmax()]
    assert (tnf.t[0], tnf.t[-1], tnf.t_unit) == (0.0, 480.0, "min")
    whole = respond(recruitment(1.0, "cervical_left"), protocol(), species="rat", rng=np.random.default_rng(1))
    assert 100 + whole.state("tnf_change").median[-1] == pytest.approx(tnf.median.max(), abs=4)


def test_people_are_told_no_change_with_a_wide_interval_and_nothing_of_the_rats(recruitment, protocol):
    found = run(recruitment, protocol, "human", site="cymba_left", dose_ma=1.5)
    tnf = found.state("tnf")
    k = int(tnf.median.argmax())
    # draws differ in when they peak: the median at one time lies a little below 100
    assert 90 < tnf.median[k] <= 101
    assert tnf.low[k] < 60
    assert tnf.high[k] > 125
    assert "no consistent effect" in found.caveat
    assert "Borovikova" not in cite(tnf)


def test_without_a_vagal_fiber_nothing_is_changed(recruitment, protocol):
    found = run(recruitment, protocol, "human", site="earlobe_left")
    assert found.state("tnf").high.max() <= 100 + 1e-9
    assert np.all(arthritis_pct("earlobe_left", rng=np.random.default_rng(1), n_draws=50)[0] == 0)


def test_arthritis_follows_tnf_as_under_an_antibody():
    draws = arthritis_pct("cymba_left", rng=np.random.default_rng(1), n_draws=400)[0]
    low, median, high = np.quantile(draws, [0.05, 0.5, 0.95])
    assert median == 0
    # half of the TNF of ±50 % at 30 to 38 points for all of it
    assert (low, high) == pytest.approx((-16.7, 16.7), abs=1.0)


def test_mistakes(recruitment, protocol):
    with pytest.raises(InputError, match="unknown species"):
        run(recruitment, protocol, "mouse")
    with pytest.raises(InputError, match="n_draws is out of range"):
        run(recruitment, protocol, "rat", n_draws=5)
    with pytest.raises(ModelRange):
        run(recruitment, protocol, "rat", site="cymba_left")
