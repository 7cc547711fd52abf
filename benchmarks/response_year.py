"""CPU time of a year of the brain, and of all of `respond`: one draw, and 500.

    python benchmarks/response_year.py

Asked for: one draw of twelve months within 0.03 s, 500 within 10 s on two cores, kernels loaded.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import numpy as np

from vagus.dose import Protocol, Pulse, Train
from vagus.response import respond
from vagus.response.brain import draw_brain, fast_states, slow_states
from vagus.response.check.predict import whole


def best_s(run: Callable[[], object], *, times: int = 5) -> float:
    """Least CPU time of several runs, after one that is not counted."""
    run()
    took: list[float] = []
    for _ in range(times):
        begin = time.process_time()
        run()
        took.append(time.process_time() - begin)
    return min(took)


def brain(n_draws: int) -> None:
    draws = draw_brain(rng=np.random.default_rng(1), n_draws=n_draws)
    u, level = np.ones((n_draws, 1800)), np.ones(n_draws)
    fast_states(u, u, width_s=1.0, draws=draws)
    slow_states(level, np.arange(366.0), standard=level, draws=draws, mean_d=1.0)


def person(n_draws: int) -> None:
    pulse = Pulse(amplitude_ma=1.0, width_us=250, shape="biphasic_symmetric")
    plan = Protocol(
        train=Train(pulse=pulse, rate_hz=20), on_s=30, off_s=300, sitting_min=1440, start=date(2026, 1, 12), weeks=52
    )
    respond(whole("cervical_left", 1.0), plan, species="human", rng=np.random.default_rng(1), n_draws=n_draws)


if __name__ == "__main__":
    for n in (1, 500):
        print(f"brain, 12 months, {n} draws: {best_s(lambda n=n: brain(n)):.4f} s")
    for n in (20, 500):
        print(f"respond, 52 weeks, {n} draws: {best_s(lambda n=n: person(n), times=2):.3f} s")
