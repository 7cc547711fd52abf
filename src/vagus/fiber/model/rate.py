"""Gates: how each opens, in named forms or formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.fiber.model.formula import (
    ADD,
    DIV,
    EXP,
    LINOID,
    MUL,
    SIGMOID,
    SUB,
    Node,
    evaluate,
    name,
    names_in,
    node,
    number,
    parse,
)  # fmt: skip

FloatArray = NDArray[np.float64]

# R and F in the digits that published channel files carry, so that parity is not lost in the fifth digit
FARADAY_C_PER_MOL, GAS_J_PER_MOL_K, ZERO_K = 9.648e4, 8.315, 273.16
FORMS = ("linoid", "sigmoid", "exponential", "valence", "bell")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A voltage-dependent rate or time, one of five named forms; ``x = (v - v_mv) / k_mv``.

    ========== ==========================================
    form       value
    ========== ==========================================
    linoid     ``a (v - v_mv) / (1 - exp(-x))``
    sigmoid    ``a / (1 + exp(-x))``
    exponential ``a exp(x)``
    valence    ``a exp(valence (v - v_mv) F / (R T))``
    bell       ``a exp(-x**2) + offset``
    ========== ==========================================

    Parameters
    ----------
    a : float
        In 1/ms for a rate, in ms for a time, 1 for a share (``linoid``: in 1/(ms mV)).
    """

    form: Literal["linoid", "sigmoid", "exponential", "valence", "bell"]
    a: float
    v_mv: float
    k_mv: float = 1.0
    valence: float = 0.0
    offset: float = 0.0

    def tree(self, temperature_degc: float) -> Node:
        """The form as a formula of ``v``."""
        away, a = node(SUB, name("v"), number(self.v_mv)), number(self.a)
        if self.form == "valence":
            thermal_mv = 1e3 * GAS_J_PER_MOL_K * (ZERO_K + temperature_degc) / FARADAY_C_PER_MOL
            return node(MUL, a, node(EXP, node(MUL, number(self.valence / thermal_mv), away)))
        x = node(DIV, away, number(self.k_mv))
        if self.form == "linoid":
            return node(MUL, number(self.a * self.k_mv), node(LINOID, x))
        if self.form == "sigmoid":
            return node(MUL, a, node(SIGMOID, x))
        if self.form == "exponential":
            return node(MUL, a, node(EXP, x))
        square = node(MUL, x, x)
        return node(ADD, node(MUL, a, node(EXP, node(SUB, number(0.0), square))), number(self.offset))

    def at(self, v_mv: FloatArray, *, temperature_degc: float) -> FloatArray:
        """Value at each voltage, before the temperature factor of its gate.

        Examples
        --------
        >>> Rate(form="sigmoid", a=0.3, v_mv=-53.0, k_mv=5.0).at(np.array([-53.0]), temperature_degc=37.0)
        array([0.15])
        """
        return evaluate(self.tree(temperature_degc), {"v": v_mv})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """Voltages at which a peer tabulates a gate and between which it interpolates: parity copies that."""

    low_mv: float
    high_mv: float
    step_mv: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate: steady open share and time constant, given as rates, as formulas, or as both.

    Parameters
    ----------
    key : str
    alpha, beta : Rate or formula, optional
        Rates of opening and closing in 1/ms.
    steady, tau_ms : Rate or formula, optional
        Without them ``alpha / (alpha + beta)`` and ``1 / (alpha + beta)``; they may name ``alpha`` and ``beta``.
    let : tuple of (name, formula)
        Short names for pieces of the formulas.
    q10, q10_at_degc : float
        The time constant is divided by ``q10 ** ((T - q10_at_degc) / 10)``.
    sampled : Sampled, optional
    """

    key: str
    alpha: Rate | float | str | None = None
    beta: Rate | float | str | None = None
    steady: Rate | float | str | None = None
    tau_ms: Rate | float | str | None = None
    let: tuple[tuple[str, str], ...] = ()
    q10: float = 1.0
    q10_at_degc: float = 37.0
    sampled: Sampled | None = None

    def trees(self, known: Mapping[str, Node], *, temperature_degc: float, where: str) -> tuple[Node, Node]:
        """Steady open share and time constant in ms, as formulas.

        Raises
        ------
        InputError
            A formula that cannot be read, or neither rates nor steady state.
        """
        names = {**known}
        for key, text in self.let:
            names[key] = parse(text, where=f"{where} let {key}", known=names)

        def tree_of(field: str) -> Node | None:
            given = getattr(self, field)
            if given is None:
                return None
            if isinstance(given, Rate):
                return given.tree(temperature_degc)
            return parse(given, where=f"{where} {field}", known=names)

        alpha, beta = tree_of("alpha"), tree_of("beta")
        if alpha is not None:
            names["alpha"] = alpha
        if beta is not None:
            names["beta"] = beta
        steady, tau = tree_of("steady"), tree_of("tau_ms")
        if alpha is not None and beta is not None:
            total = node(ADD, alpha, beta)
            steady = steady or node(DIV, alpha, total)
            tau = tau or node(DIV, number(1.0), total)
        if steady is None or tau is None:
            given = [f for f in ("alpha", "beta", "steady", "tau_ms") if getattr(self, f) is not None]
            raise InputError(
                Problem(
                    what="gate lacks rates", where=where, found=", ".join(given) or "none",
                    allowed="alpha and beta, or steady and tau_ms",
                )
            )  # fmt: skip
        factor = self.q10 ** ((temperature_degc - self.q10_at_degc) / 10.0)
        return steady, node(DIV, tau, number(factor))

    def steady_and_tau_ms(
        self, v_mv: FloatArray, *, temperature_degc: float, known: Mapping[str, Node] | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Open share at rest and time constant in ms, at each voltage; for gates of voltage only."""
        steady, tau = self.trees(known or {"v": name("v")}, temperature_degc=temperature_degc, where=f"gate {self.key}")
        values = {"v": np.asarray(v_mv, dtype=np.float64)}
        shape = values["v"].shape
        return np.broadcast_to(evaluate(steady, values), shape), np.broadcast_to(evaluate(tau, values), shape)


def voltage_only(*trees: Node) -> bool:
    """Nothing but ``v`` is asked for: a table will do."""
    return all(names_in(tree) <= {"v"} for tree in trees)


__all__ = ["FORMS", "Gate", "Rate", "Sampled", "voltage_only"]
