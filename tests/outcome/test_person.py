"""One person over many visits, by hand: milestones, hypomania watch, trajectory against a Kalman filter."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from vagus.errors import Abstained, InputError
from vagus.outcome import Answers, Progress, Score, mania_notices, progress, score, trajectory

DAY = date(2026, 1, 5)


def scores(key: str, totals: dict[int, float]) -> list[Score]:
    """Totals by week."""
    return [score(Answers(date=DAY + timedelta(weeks=w), instrument=key, total=t)) for w, t in totals.items()]


def run(key: str, totals: dict[int, float]) -> Progress:
    return progress(scores(key, totals))


def test_states_by_hand() -> None:
    # PHQ-9 from 20: 15 is 25 %, 11 is 45 %, 10 is 50 %, 4 is remission, 16 is 20 %, 29 % worse is no response
    found = run("phq9", {0: 20, 1: 15, 2: 11, 3: 10, 4: 4, 5: 16, 6: 26})
    assert [v.state for v in found.visits] == [
        "partial response", "partial response", "response", "remission", "no response", "no response",
    ]  # fmt: skip
    assert [v.day_number for v in found.visits] == [7, 14, 21, 28, 35, 42]
    assert found.visits[0].improvement_pct == 25
    # reliable from 5.6 to 8.7 points: 26 is 6 more than 20, uncertain
    assert found.visits[-1].reliable == "uncertain"
    assert found.deteriorated == ()


def test_time_to_response_lies_between_visits() -> None:
    found = run("madrs", {0: 30, 2: 28, 6: 15, 8: 9})
    assert found.response is not None
    assert (found.response.after_days, found.response.by_days) == (14, 42)
    assert found.remission is not None
    assert (found.remission.after_days, found.remission.by_days) == (42, 56)
    assert "response between day 14 and day 42" in found.text


@pytest.mark.parametrize(
    ("totals", "lasted"),
    [
        ({0: 20, 4: 10, 7: 10}, True),  # 21 days
        ({0: 20, 4: 10, 6: 10}, None),  # 14 days and then no more visits
        ({0: 20, 4: 10, 6: 11, 8: 10}, None),
        ({0: 20, 4: 10, 6: 11}, False),
        ({0: 20, 4: 10, 14: 10}, None),  # 70 days without a look
        ({0: 20, 4: 10, 13: 10}, True),  # 63 days
        ({0: 20, 4: 10, 14: 10, 17: 9}, True),
        ({0: 20, 4: 10, 5: 9, 7: 8, 9: 18}, True),  # lasted three weeks, lost later
        ({0: 20, 4: 15}, False),
    ],
)
def test_sustained_response(totals: dict[int, float], lasted: bool | None) -> None:
    assert run("phq9", totals).sustained_response is lasted


def test_relapse_needs_a_lost_response_and_a_reliable_worsening() -> None:
    # MADRS reliable from 3.9 to 5.8 points: response at 15, best 12; 16 is 4 worse (uncertain), 18 is 6 worse
    assert run("madrs", {0: 30, 4: 15, 6: 12, 8: 16}).relapse is None
    found = run("madrs", {0: 30, 4: 15, 6: 12, 8: 16, 12: 18}).relapse
    assert found is not None
    assert (found.after_days, found.by_days) == (56, 84)
    # worse than the best but still a response: no relapse
    assert run("madrs", {0: 40, 4: 5, 6: 19}).relapse is None
    # without a reliable change (QIDS): improvement under 25 %
    assert run("qids_sr16", {0: 20, 4: 10, 8: 15}).relapse is None
    assert run("qids_sr16", {0: 20, 4: 10, 8: 16}).relapse is not None
    assert run("qids_sr16", {0: 20, 4: 12, 8: 20}).relapse is None, "no response before"


def test_deterioration_is_told() -> None:
    found = run("madrs", {0: 20, 4: 26, 8: 24})
    assert found.deteriorated == (DAY + timedelta(weeks=4),)
    assert "reliably worse than at the start on 2 Feb 2026" in found.text


def test_start_of_treatment() -> None:
    totals: dict[int, float] = {0: 24, 2: 20, 6: 10}
    found = progress(scores("phq9", totals), start=DAY + timedelta(weeks=3))
    assert (found.start.total, found.visits[0].improvement_pct) == (20, 50)
    with pytest.raises(Abstained, match="no total up to the start"):
        progress(scores("phq9", totals), start=DAY - timedelta(days=1))


def test_scales_on_which_higher_is_better_or_nothing_is_defined() -> None:
    found = run("who5", {0: 20, 4: 32, 8: 60})
    assert [v.state for v in found.visits] == ["response", "remission"]
    assert run("cdrisc10", {0: 20, 4: 32}).visits[0].state == "not known"
    assert "no definition of response is known" in run("cdrisc10", {0: 20, 4: 32}).text
    assert run("cgi_i", {0: 4, 4: 3, 8: 2}).response is not None


def test_too_little_and_twice() -> None:
    with pytest.raises(Abstained, match="needs a first total and one after it"):
        run("phq9", {0: 20})
    with pytest.raises(InputError, match="two scores of one date"):
        progress([*scores("phq9", {0: 20}), *scores("phq9", {0: 10})])
    with pytest.raises(InputError, match="one instrument"):
        progress([])


@pytest.mark.parametrize(
    ("totals", "levels"),
    [
        ({0: 0, 1: 11}, []), ({0: 0, 1: 12}, ["review"]), ({0: 8, 1: 12}, []), ({0: 8, 1: 13}, ["review"]),
        ({0: 2, 1: 20}, ["urgent"]), ({0: 14, 1: 2}, ["review"]),
    ],
)  # fmt: skip
def test_hypomania_watch(totals: dict[int, float], levels: list[str]) -> None:
    assert [n.level for n in mania_notices(scores("ymrs", totals))] == levels


def test_hypomania_watch_on_a_form_with_a_gap() -> None:
    def told(*items: float | None) -> list[str]:
        return [n.level for n in mania_notices([score(Answers(date=DAY, instrument="ymrs", items=items))])]

    assert told(4, 4, 4, 2, 0, 0, 0, 0, 0, 0, None) == ["review"]  # 14 at least
    assert told(4, 4, 2, 0, 0, 0, 0, 0, 0, 0, None) == ["not known"]  # 10 to 14
    assert told(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, None) == []
    assert mania_notices(scores("phq9", {0: 25})) == ()


def kalman(week: np.ndarray, y: np.ndarray, error: float, wander: float) -> tuple[np.ndarray, np.ndarray]:
    """Level and slope at the last visit: Kalman filter of the local linear trend, nearly flat start."""
    state, cov = np.zeros(2), np.eye(2) * 1e8
    at = week[0]
    for t, seen in zip(week, y, strict=True):
        dt = t - at
        move = np.array([[1, dt], [0, 1]])
        noise = wander**2 * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
        state, cov = move @ state, move @ cov @ move.T + noise
        gain = cov[:, 0] / (cov[0, 0] + error**2)
        left = np.eye(2) - np.outer(gain, [1.0, 0.0])
        state = state + gain * (seen - state[0])
        cov = left @ cov @ left.T + error**2 * np.outer(gain, gain)
        at = t
    return state, np.sqrt(np.diag(cov))


@pytest.mark.parametrize("wander", [0.0, 0.05, 0.5, 2.0])
def test_the_closed_form_is_the_kalman_filter(wander: float) -> None:
    from vagus.outcome.person.trajectory import _fit

    week, y = np.array([0.0, 1, 2, 4, 7, 8, 12]), np.array([30.0, 28, 29, 22, 20, 21, 12])
    mean, variance, _ = _fit(week, y, week[-1:], error=2.0, wander=wander)
    state, sd = kalman(week, y, 2.0, wander)
    # the filter starts with a variance of 1e8 in place of infinity
    np.testing.assert_allclose(mean[:, 0], state, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(np.sqrt(variance[:, 0]), sd, rtol=1e-4)


def test_a_straight_line_is_least_squares() -> None:
    from vagus.outcome.person.trajectory import _fit

    week, y = np.array([0.0, 1, 3, 6]), np.array([20.0, 19, 15, 12])
    mean, variance, _ = _fit(week, y, week, error=1.5, wander=0.0)
    slope, level = np.polyfit(week, y, 1)
    np.testing.assert_allclose(mean[0], level + slope * week)
    np.testing.assert_allclose(mean[1], slope)
    np.testing.assert_allclose(variance[1], 1.5**2 / ((week - week.mean()) ** 2).sum())


def test_trajectory_widens_outside_the_visits_and_tells_the_direction() -> None:
    told = scores("madrs", {0: 32, 2: 30, 4: 25, 6: 22, 8: 17, 10: 14})
    dates = [DAY + timedelta(weeks=w) for w in (4, 10, 20)]
    found = trajectory(told, at=dates)
    widths = [p.level_high_points - p.level_low_points for p in found.points]
    assert widths[0] < widths[1] < widths[2]
    assert "getting better" in trajectory(told).text
    assert found.error_sd_points == pytest.approx(5.1 / 1.96 / 2**0.5, rel=1e-4)


def _simulated(rng: np.random.Generator, wander: float, error: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    week = np.arange(0.0, 16, 2)
    slope = -1 + np.cumsum(np.concatenate(([0], wander * rng.normal(size=week.size - 1) * np.sqrt(2))))
    level = 30 + np.concatenate(([0], np.cumsum(2 * slope[:-1])))
    return week, level, level + error * rng.normal(size=week.size)


def test_the_interval_holds_the_true_level() -> None:
    from vagus.outcome.person.trajectory import _smoothed

    rng = np.random.default_rng(7)
    inside = []
    for wander in (0.0, 0.3, 1.0):
        for _ in range(80):
            week, level, y = _simulated(rng, wander, 2.0)
            mean, sd, _ = _smoothed(week, y, week, error=2.0, scale=1.2)
            inside.append(np.abs(mean[0] - level) < 1.96 * sd[0])
    # 240 people of 8 visits, tied inside a person: 95 % to within 3 usual errors of about 1 %
    assert 0.92 < np.mean(inside) < 0.98


def test_trajectory_says_what_is_missing() -> None:
    with pytest.raises(Abstained, match="needs 3"):
        trajectory(scores("phq9", {0: 10, 1: 9}))
    with pytest.raises(Abstained, match="no reliability is known"):
        trajectory(scores("who5", {0: 20, 1: 24, 2: 28}))
    assert trajectory(scores("who5", {0: 20, 1: 24, 2: 28}), error_sd_points=6).n == 3
    with pytest.raises(InputError, match="measurement error is not over 0"):
        trajectory(scores("phq9", {0: 10, 1: 9, 2: 8}), error_sd_points=0)


def test_one_date_is_enough() -> None:
    assert len(trajectory(scores("phq9", {0: 10, 1: 9, 2: 8}), at=[DAY]).points) == 1
