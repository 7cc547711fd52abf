"""`vagus outcome counts` and `blinding`: two arms told as counts."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import click

from vagus.cli.output import emit_json, json_option
from vagus.errors import InputError, Problem

# as in the room, which loads scipy (a test compares them)
EXACT = ("boschloo", "fisher", "barnard")
_RATIOS = {"rr": "Risk ratio", "or": "Odds ratio"}


@click.command(short_help="Two arms: risk, ratios, needed to treat.")
@click.option("--active", required=True, help="People with an event, of people in the active arm: 17/112.")
@click.option("--control", required=True, help="The same of the control arm: 11/110.")
@click.option("--test", type=click.Choice(EXACT), default="boschloo", show_default=True, help="Exact test.")
@json_option
def counts(*, active: str, control: str, test: Any, as_json: bool) -> None:
    """Risk difference, ratios, number needed to treat and an exact test from the counts of two arms.

    \b
    Example:  vagus outcome counts --active 17/112 --control 11/110
              vagus outcome counts --active 9/15 --control 3/15 --test fisher --json
    """
    from vagus.outcome import Counts, exact_p, needed_to_treat

    (a, a_n), (b, b_n) = _numbers(active, "--active", "17/112"), _numbers(control, "--control", "11/110")
    both = Counts(study="counts", active_events=a, active_n=a_n, control_events=b, control_n=b_n)
    needed = needed_to_treat(both)
    difference, p, ratios = needed.difference, exact_p(both, test=test), _told(both)
    if as_json:
        emit_json(
            {"counts": asdict(both), "difference": asdict(difference), "needed_to_treat": needed.estimate,
             "needed_to_treat_text": needed.text, "ratios": ratios, "exact_test": test, "exact_p": p}
        )  # fmt: skip
        return
    value, low, high = (100 * one for one in (difference.estimate, difference.low, difference.high))
    click.echo(f"Risk difference {value:.1f} percentage points ({low:.1f} to {high:.1f}).")
    for name, ratio in ratios.items():
        said = ratio["why_not"] or "{estimate:.2f} ({low:.2f} to {high:.2f})".format(**ratio)
        click.echo(f"{_RATIOS[name]} {said}{ratio['note']}.")
    click.echo(f"{needed.text[0].upper()}{needed.text[1:]}.")
    click.echo(f"{test.capitalize()}'s exact test: p {p:.3g}, two-sided.")


def _told(both: Any) -> dict[str, dict[str, Any]]:
    """Each ratio with its interval, or why there is none."""
    from vagus.outcome import binary_effect

    found: dict[str, dict[str, Any]] = {}
    for name in ("rr", "or"):
        try:
            one = binary_effect(both, measure=name)
        except InputError as error:
            found[name] = {"estimate": None, "low": None, "high": None, "why_not": f"not told: {error}", "note": ""}
            continue
        shares = dict(zip(("estimate", "low", "high"), one.shown(), strict=True))
        found[name] = {**shares, "why_not": "", "note": f"; {one.note}" if one.note else ""}
    return found


@click.command(short_help="Did the blinding hold.")
@click.option("--active", required=True, help="Guesses in the active arm: active/control/do not know, 82/25/170.")
@click.option("--control", required=True, help="The same of the control arm: 27/29/83.")
@json_option
def blinding(*, active: str, control: str, as_json: bool) -> None:
    """Did the blinding hold: the indices of James and of Bang, from what people guessed.

    \b
    Example:  vagus outcome blinding --active 82/25/170 --control 27/29/83
    """
    from vagus.outcome import Guesses
    from vagus.outcome import blinding as blinding_of

    arms = {}
    for name, cell, example in (("active", active, "82/25/170"), ("control", control, "27/29/83")):
        one, other, unknown = _numbers(cell, f"--{name}", example)
        arms[name] = Guesses(active=one, control=other, unknown=unknown)
    found = blinding_of(**arms)
    if as_json:
        emit_json({**asdict(found), "text": found.text})
        return
    click.echo(found.text)


def _numbers(cell: str, where: str, example: str) -> list[int]:
    """Whole numbers between slashes, as many as in the example."""
    parts = re.split(r"\s*/\s*", cell.strip())
    if len(parts) != len(example.split("/")) or not all(part.isdecimal() for part in parts):
        raise InputError(
            Problem(what="cannot be read as counts", where=where, found=f'"{cell}"', allowed=f"as {example}")
        )
    return [int(part) for part in parts]
