import math

import numpy as np
import pytest

from vagus.dose import Pulse
from vagus.fiber import Fiber, simulate, threshold_ma
from vagus.fiber.engine.search import onset, upper_edge
from vagus.field import point_mv_per_ma

SILENT, FIRED, ELSEWHERE = 0, 1, 2


def fibers(edges, *, local=1.0, block=math.inf, far=math.inf):
    """Fibers that respond locally from `local` of their onset, fire up to `block`, spike in vain up to `far`."""
    calls = []

    def run(owner, current):
        calls.append(len(owner))
        x = current / np.asarray(edges)[owner]
        vain = (x >= local) & (x < far)
        return np.where((x >= 1) & (x < block), FIRED, np.where(vain, ELSEWHERE, SILENT)).astype(np.int64)

    return run, calls


@pytest.mark.parametrize("per_round", [1, 8])
@pytest.mark.parametrize("start", [1e-3, 0.7, 1.0, 1.4, 9.0])
def test_any_start_finds_the_same_grid_point(per_round, start):
    edges = np.array([0.063, 1.7, 400.0])
    run, _ = fibers(edges)
    found, below = onset(run, start * edges, rel_tol=0.005, per_round=per_round)
    assert np.all(found >= edges)
    assert np.all(below < edges)
    assert below / found == pytest.approx(0.995)
    again, _ = onset(run, edges, rel_tol=0.005)
    assert np.array_equal(found, again)


@pytest.mark.parametrize("start", [0.3, 1.05, 20.0])
@pytest.mark.parametrize("per_round", [1, 8])
def test_local_responses_below_and_block_above_do_not_mislead(start, per_round):
    edges = np.array([0.1])
    run, _ = fibers(edges, local=0.8, block=4.0, far=50.0)
    found, _ = onset(run, start * edges, rel_tol=0.01, per_round=per_round)
    assert found[0] == pytest.approx(0.1, rel=0.011)


def test_limit_needs_few_runs():
    run, calls = fibers(np.array([10.0]))
    found, below = onset(run, np.array([5.0]), rel_tol=0.001, limit=3.5)
    assert found[0] == math.inf
    assert below[0] == 3.5
    assert sum(calls) == 1


def test_never_firing_ends():
    run, _ = fibers(np.array([1e30]))
    assert onset(run, np.array([1.0]), rel_tol=0.01)[0][0] == math.inf
    run, _ = fibers(np.array([1e-30]))
    assert 0 < onset(run, np.array([1.0]), rel_tol=0.01)[0][0] < 1e-6
    assert onset(run, np.array([math.inf]), rel_tol=0.01)[0][0] == math.inf


def test_upper_edge_is_bracketed():
    run, _ = fibers(np.array([0.1, 0.1]), block=4.0)
    fires, stays = upper_edge(run, np.array([0.1, 0.1]), rel_tol=0.01)
    assert np.all(fires < 0.4)
    assert np.all(stays >= 0.4)
    assert stays == pytest.approx(fires, rel=0.011)
    run, _ = fibers(np.array([0.1]))
    assert upper_edge(run, np.array([0.1]), rel_tol=0.01, limit=2.0)[1][0] == math.inf


@pytest.mark.slow
def test_a_fiber_that_fires_on_the_rebound_is_not_called_silent() -> None:
    fiber = Fiber.of("thio_cutaneous", diameter_um=0.8, length_um=5000.0)
    middle_um = fiber.z_um[fiber.node_index[fiber.n_node // 2]]
    field = point_mv_per_ma(500.0, 0.0, fiber.z_um - middle_um, sigma_s_per_m=0.3)
    anodic = Pulse(amplitude_ma=1.0, width_us=2000.0, shape="monophasic")
    onset = float(threshold_ma([fiber], [field], anodic)[0])
    # simulate is never cut short
    assert [simulate(fiber, field, anodic.scaled(onset * k)).fired for k in (0.9, 0.98, 1.01)] == [False, False, True]
