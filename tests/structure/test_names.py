"""Public names: each float says its unit, each name and command has a place in the docs."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import inspect
import typing
from pathlib import Path

import pytest

from vagus.cli import COMMANDS
from vagus.units import suffix_of

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("write_reference", ROOT / "docs" / "write_reference.py")
assert _spec is not None
assert _spec.loader is not None
write_reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(write_reference)
ROOMS = tuple(write_reference.ROOMS)

# Names of numbers that have no unit, each with the reason that it needs none. One list for the whole library.
UNITLESS = {
    "value": "a number whose unit stands in the field beside it",
    "estimate": "unit beside it",
    "low": "unit beside it",
    "high": "unit beside it",
    "median": "unit beside it",
    "published": "unit beside it",
    "score": "interval score, in the unit beside it",
    "baseline_score": "interval score, in the unit beside it",
    "baseline_low": "unit beside it",
    "baseline_high": "unit beside it",
    "ci_low": "unit beside it",
    "ci_high": "unit beside it",
    "width": "unit beside it",
    "width_ratio": "ratio of two widths",
    "at": "a time whose unit stands in the field beside it",
    "effective_draws": "a count",
    "limit": "unit beside it",
    "level": "probability of an interval",
    "factor": "ratio of two units",
    "recovery_ratio": "amplitude of the second phase over the first",
    "rel_tol": "relative tolerance",
    "weights": "shares of the current, sum zero",
    "weeks": "its own unit",
    "minutes": "its own unit",
    "insulation_gain": "ratio of two potentials",
    "um_per_unit": "µm of one unit of a drawing, or of one pixel of a mask",
    "segment_share": "share of a window",
    "days_per_week": "its own unit",
    "pulses": "a count",
    "counts": "fibers of each class",
    "shannon_k": "the logarithm's own scale",
    "total": "points of an instrument",
    "total_low": "points of an instrument",
    "total_high": "points of an instrument",
    "item_low": "answer to an item, a step of its scale",
    "item_high": "answer to an item, a step of its scale",
    "change": "points of an instrument",
    "response_at": "points of an instrument",
    "nap": "share of pairs",
    "values": "measurements in the scale of whoever took them",
    "p_value": "probability",
    "p_least": "probability",
    "sd": "in the points of the instrument it belongs to",
    "height": "in the unit of the samples of its recording",
    "quality": "likeness, 0 to 1",
    "r": "coefficient of reliability",
    "cosen": "entropy against the mean interval, a logarithm",
    "ln_rmssd": "logarithm of a number in ms",
    "n_scale": "half width of an interval in usual errors",
    "drawn": "derived respiration, in usual sizes",
    "together": "mean product of two sizes",
    "se": "standard error, in the unit of its estimate",
    "slope_se": "standard error, in the unit of its slope",
    "slope": "of a regression on precision, unit of the effect beside it",
    "intercept": "of a regression on precision, a ratio to the standard error",
    "df": "degrees of freedom",
    "df_complete": "degrees of freedom",
    "t": "estimate over its standard error",
    "f": "ratio of two variances",
    "q": "Cochran's Q, a sum of squared ratios",
    "p": "probability",
    "q_p": "probability",
    "log_rank_p": "probability",
    "adjusted_p": "probabilities",
    "power": "probability",
    "error": "probability",
    "share": "share of people",
    "minus_two_ll": "a logarithm",
    "log_likelihood": "a logarithm",
    "correlation": "a correlation",
    "lasting": "share of a correlation",
    "dropout_by_score": "logarithm of odds for a standard deviation",
    "parameters": "variances of points, or correlations, each by its name",
    "estimates": "in the unit of whoever analyzed",
    "variances": "in the unit of the estimates, squared",
    "variance": "in the unit of the estimate beside it, squared",
    "between": "variance, in the unit of the estimate, squared",
    "within": "variance, in the unit of the estimate, squared",
    "tau2": "variance, in the unit of the estimate beside it, squared",
    "prediction_low": "unit of the estimate beside it",
    "prediction_high": "unit of the estimate beside it",
    "active_mean": "in the points of its scale",
    "active_sd": "in the points of its scale",
    "control_mean": "in the points of its scale",
    "control_sd": "in the points of its scale",
    "sum_estimate": "a sum of points",
    "sum_square": "a sum of squared points",
    "sum_width": "a sum of points",
    "turns": "a count",
    "growth": "ratio of two steps of a mesh",
    "grading": "how fast triangles of a mesh grow, 0 to 1",
    "flux_error": "share of a current",
    "reciprocity_error": "share of the largest entry",
}


def _public() -> list[tuple[str, str, object]]:
    found = []
    for room in ROOMS:
        module = importlib.import_module(f"vagus.{room}")
        for name in getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")]):
            thing = getattr(module, name)
            if getattr(thing, "__module__", "").startswith("vagus"):
                found.append((room, name, thing))
    return found


PUBLIC = _public()


def _is_number(annotation: object) -> bool:
    if annotation is float:
        return True
    return float in typing.get_args(annotation)


def _numbers(thing: object) -> list[str]:
    if dataclasses.is_dataclass(thing):
        hints = typing.get_type_hints(thing)
        return [f.name for f in dataclasses.fields(thing) if _is_number(hints[f.name])]
    if inspect.isfunction(thing):
        hints = typing.get_type_hints(thing)
        return [name for name, hint in hints.items() if name != "return" and _is_number(hint)]
    return []


@pytest.mark.parametrize(("room", "name", "thing"), PUBLIC, ids=[f"{r}.{n}" for r, n, _ in PUBLIC])
def test_every_float_carries_its_unit(room: str, name: str, thing: object) -> None:
    bare = [number for number in _numbers(thing) if suffix_of(number) is None and number not in UNITLESS]
    assert not bare, f"vagus.{room}.{name}: {bare} carry no unit and are not listed in UNITLESS"


@pytest.mark.parametrize(("room", "name", "thing"), PUBLIC, ids=[f"{r}.{n}" for r, n, _ in PUBLIC])
def test_every_public_name_is_documented(room: str, name: str, thing: object) -> None:
    text = inspect.getdoc(thing) or ""
    # a dataclass without a docstring gets its signature as one
    assert text
    assert not text.startswith(f"{name}("), f"vagus.{room}.{name} has no docstring"


def test_reference_pages_are_what_the_docstrings_say() -> None:
    for page, text in (("reference.md", write_reference.reference()), ("commands.md", write_reference.commands())):
        assert (ROOT / "docs" / page).read_text(encoding="utf-8") == text, f"docs/{page} is old: run `make reference`"


@pytest.mark.parametrize("room", ROOMS)
def test_all_tells_the_truth(room: str) -> None:
    module = importlib.import_module(f"vagus.{room}")
    names = getattr(module, "__all__", None)
    if names is not None:
        assert all(hasattr(module, name) for name in names)
        assert len(set(names)) == len(names)


HELPS = write_reference.command_helps()


@pytest.mark.parametrize("path", HELPS)
def test_every_command_shows_an_example(path: str) -> None:
    assert "Example" in HELPS[path]
    assert path in HELPS[path].split("Example")[1]


def test_the_top_level_table_tells_the_truth() -> None:
    for name, (module, attribute, _) in COMMANDS.items():
        command = getattr(importlib.import_module(module), attribute)
        assert command.name == name
