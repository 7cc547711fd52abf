"""Speed of the fiber engine on one core. `make bench`."""

import numpy as np
import pytest

from vagus.fiber import threshold_ma
from vagus.fiber.engine.batch import Batch, pulse_task

from .fiber_scenarios import MRG, SCENARIOS

SIZES = {"mrg": 256, "sundt": 32, "tigerholm": 16}


@pytest.mark.parametrize("key", SCENARIOS)
def test_thresholds(benchmark, key):
    case = SCENARIOS[key]
    fibers, fields = case.fibers(SIZES[key])
    options = {"dt_us": case.dt_us, "rel_tol": 5e-3, "duration_us": case.duration_us, "threads": 1}
    threshold_ma(fibers[:1], fields[:1], case.pulse, **options)
    found = benchmark.pedantic(threshold_ma, args=(fibers, fields, case.pulse), kwargs=options, rounds=1)
    assert np.all(np.isfinite(found))


@pytest.mark.parametrize("scheme", ["second_order", "parity"])
def test_forward(benchmark, scheme):
    """No early exit: 441 sections, 1000 steps, 256 fibers."""
    fibers, fields = MRG.fibers()
    task = pulse_task(fibers, fields, MRG.pulse, delay_us=100.0, duration_us=MRG.duration_us)
    batch = Batch.of(task, dt_us=MRG.dt_us, scheme=scheme, temperature_degc=None)
    jobs = np.arange(len(fibers))
    benchmark.pedantic(
        lambda: batch.bundle.run(jobs, np.full((jobs.size, 1), 0.2), batch.wave, n_step=batch.n_step), rounds=1
    )
