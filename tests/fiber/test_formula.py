import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vagus.errors import InputError
from vagus.fiber.model.formula import Programs, evaluate, name, names_in, parse

from .packed_twin import run

KNOWN = {"v": name("v"), "cai": name("cai")}
V = np.linspace(-120.0, 60.0, 37)
VALUES = {"v": V, "cai": np.full(V.size, 1e-4)}

# formula, the same in NumPy
PAIRS = [
    ("2 + 3 * v", lambda v, c: 2 + 3 * v),
    ("-v**2", lambda v, c: -(v**2)),
    ("(v + 5) / (cai - 3)", lambda v, c: (v + 5) / (c - 3)),
    ("exp(v / 20) if v < -40 else 0.5", lambda v, c: np.where(v < -40, np.exp(v / 20), 0.5)),
    ("1 if v >= 0 else -1", lambda v, c: np.where(v >= 0, 1.0, -1.0)),
    ("1 if v <= -40 else (2 if v > 0 else 3)", lambda v, c: np.where(v <= -40, 1.0, np.where(v > 0, 2.0, 3.0))),
    ("max(5, 9 * exp(-(v + 40)**2 / 99))", lambda v, c: np.maximum(5, 9 * np.exp(-((v + 40) ** 2) / 99))),
    ("log10(max(cai, 1e-9)) - log(cai) + sqrt(abs(v))", lambda v, c: np.log10(c) - np.log(c) + np.sqrt(np.abs(v))),
    ("sigmoid((v + 20) / 5) + min(v, 0)", lambda v, c: 1 / (1 + np.exp(-(v + 20) / 5)) + np.minimum(v, 0)),
    ("floor(v / 7) + 1e-3", lambda v, c: np.floor(v / 7) + 1e-3),
]  # fmt: skip


@pytest.mark.parametrize(("text", "plain"), PAIRS, ids=[text for text, _ in PAIRS])
def test_tree_and_program_equal_numpy(text, plain):
    tree = parse(text, where="here", known=KNOWN)
    expected = plain(V, VALUES["cai"]) * np.ones(V.size)
    assert np.allclose(evaluate(tree, VALUES), expected, rtol=1e-13)
    programs = Programs({"v": 0, "cai": 1})
    number = programs.add(tree)
    code, const, span = programs.arrays()
    found = run(code, const, span, number, np.array([V, VALUES["cai"]]), depth=programs.stack_depth)
    assert np.allclose(found, expected, rtol=1e-13)


def test_a_piece_that_is_used_twice_is_worked_out_once():
    piece = parse("log10(cai) - 3", where="", known=KNOWN)
    tree = parse("l * (v + l) / (1 + l)", where="", known={**KNOWN, "l": piece})
    programs = Programs({"v": 0, "cai": 1})
    programs.add(tree)
    code, const, span = programs.arrays()
    assert programs.n_register == 1
    assert int(np.sum(code[:, 0] == 12)) == 1  # LOG10
    found = run(code, const, span, 0, np.array([V, VALUES["cai"]]), depth=programs.stack_depth)
    assert np.allclose(found, -7 * (V - 7) / -6, rtol=1e-13)


def test_constants_are_folded():
    programs = Programs({})
    programs.add(parse("2**10 / (3 + 1)", where="", known={}))
    code, const, _ = programs.arrays()
    assert code.tolist() == [[0, 0]]
    assert const.tolist() == [256.0]


def test_linoid_is_smooth_where_it_is_zero_over_zero():
    tree = parse("linoid(v)", where="", known=KNOWN)
    found = evaluate(tree, {"v": np.array([-1e-3, -1e-7, 0.0, 1e-7, 1e-3])})
    assert found == pytest.approx(1 + np.array([-1e-3, -1e-7, 0.0, 1e-7, 1e-3]) / 2, rel=1e-6)


BAD = {
    "__import__('os').system('true')": "not allowed",
    "v.real": "not allowed",
    "v[0]": "not allowed",
    "(lambda: 1)()": "not allowed",
    "[v for v in (1, 2)]": "not allowed",
    "v if v else 1": "not allowed",
    "1 if 0 < v < 2 else 1": "not allowed",
    "True": "not allowed",
    "1j": "not allowed",
    "'a'": "not allowed",
    "v @ v": "not allowed",
    "exp(x=v)": "not allowed",
    "open(v)": "not allowed",
    "exp(v, v)": "another number of arguments",
    "u + 1": "unknown name",
    "cao": "cai",
    "v +": "cannot be read",
    "": "cannot be read",
    "v := 3": "cannot be read",
    "1e999": "too large",
    "-" * 1500 + "v": "nested",
    "(" * 250 + "v" + ")" * 250: "formula",
    "v" + " + v" * 300: "nested",
    "v + " * 600 + "v": "too long",
}


@pytest.mark.parametrize("text", BAD, ids=lambda t: t[:24] or "empty")
def test_what_is_not_arithmetic_is_refused(text):
    with pytest.raises(InputError) as caught:
        parse(text, where="file, gate m, alpha", known=KNOWN)
    problem = caught.value.problems[0]
    assert BAD[text] in str(problem)
    assert problem.where == "file, gate m, alpha"
    assert problem.allowed


@given(st.text(alphabet="v+-*/()exp1.2 <if e\\n,_[]'", max_size=40))
def test_any_text_gives_a_tree_or_a_typed_error(text):
    try:
        tree = parse(text, where="here", known=KNOWN)
    except InputError:
        return
    assert names_in(tree) <= {"v"}


def test_division_by_zero_is_not_an_accident():
    assert math.isinf(parse("1 / 0", where="", known={}).value)
