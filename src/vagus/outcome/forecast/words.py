"""A forecast in words."""

from __future__ import annotations

from vagus.outcome.forecast.nouns import ArmBand, ArmChance, ArmRate, Forecast
from vagus.outcome.instrument import instruments

CAVEAT = (
    "For clinicians and research. Rates are those of groups that agreed to a trial; what lies between active and sham "
    "is a difference of groups, not what stimulation does in this person. Sham here means the arms as trials gave "
    "them: time, care, expectation and other treatment are in both. Unpublished trials are missing. Nothing here asks "
    "for a change of treatment."
)

_SHORT = {"active": "active", "sham": "sham", "open": "no control group"}


def sentences(found: Forecast) -> str:
    """Rates by arm, then the person's chances or why none are told."""
    parts = [_rates(found)]
    if found.silent:
        parts.append(f"Sham-controlled, but without a rate by arm and so not in it: {'; '.join(found.silent)}.")
    if found.abstained:
        parts.append(f"No probability is told for this person: {'; '.join(found.abstained)}.")
        return " ".join(parts)
    name = instruments()[found.instrument].short
    for event in dict.fromkeys(one.event for one in found.chances):
        both = [one for one in found.chances if one.event == event]
        parts.append(
            f"{name} in week {found.horizon_weeks:g}, {event}, with the scores so far: {'; '.join(map(_chance, both))}."
        )
    if not any(one.event == "remission" for one in found.chances):
        parts.append(
            "Remission is not told: too few sham-controlled trials told it by arm for this week, or it held at first."
        )
    parts += [_band(band) for band in found.bands]
    return " ".join(parts)


def _rates(found: Forecast) -> str:
    told = [rate for rate in found.rates if rate.event == "response"]
    if not told:
        return "No trial of this indication and route told a response rate that was read."
    alone = "" if {"active", "sham"} <= {rate.arm for rate in told} else " No rate under sham stands beside it."
    mark = " [unverified in part]" if not all(one.verified for one in found.counts) else ""
    return f"Response expected in a further trial{mark}: {'; '.join(map(rate_text, told))}.{alone}"


def rate_text(rate: ArmRate) -> str:
    """One arm's rate with its intervals and what it rests on."""
    noun = "trial" if rate.n_trials == 1 else "trials"
    return (
        f"{_SHORT[rate.arm]} {rate.median_pct:.0f} % in week {rate.at_weeks:g} (50 % interval {rate.low_50_pct:.0f} to "
        f"{rate.high_50_pct:.0f}, 90 % {rate.low_90_pct:.0f} to {rate.high_90_pct:.0f}; {rate.n_trials} {noun}, "
        f"{rate.n_people} people)"
    )


def _chance(one: ArmChance) -> str:
    return (
        f"{one.arm} {one.chance_pct:.0f} % (50 % interval {one.low_50_pct:.0f} to {one.high_50_pct:.0f}, 90 % "
        f"{one.low_90_pct:.0f} to {one.high_90_pct:.0f}; from trials alone {one.before_pct:.0f})"
    )


def _band(band: ArmBand) -> str:
    low90, low50, middle, high50, high90 = (
        f"{ends[-1]:.0f}"
        for ends in (
            band.low_90_points,
            band.low_50_points,
            band.median_points,
            band.high_50_points,
            band.high_90_points,
        )
    )
    return (
        f"Total expected, {_SHORT[band.arm]}: {middle} (50 % interval {low50} to {high50}, 90 % {low90} to {high90})."
    )
