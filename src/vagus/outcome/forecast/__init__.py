"""Forecast: rates by arm from published trials, and one person's course from them and from their own scores."""

from vagus.outcome.forecast.arms import ArmChange, ArmCount, ArmCounts, arm_changes, arm_counts
from vagus.outcome.forecast.left_out import LeftOut, leave_one_trial_out
from vagus.outcome.forecast.nouns import ArmBand, ArmChance, ArmRate, Forecast, Held, how_often_held
from vagus.outcome.forecast.rates import RateDraws, RateModel, fit_rates
from vagus.outcome.forecast.tell import forecast_scores

__all__ = [
    "ArmBand",
    "ArmChance",
    "ArmChange",
    "ArmCount",
    "ArmCounts",
    "ArmRate",
    "Forecast",
    "Held",
    "LeftOut",
    "RateDraws",
    "RateModel",
    "arm_changes",
    "arm_counts",
    "fit_rates",
    "forecast_scores",
    "how_often_held",
    "leave_one_trial_out",
]
