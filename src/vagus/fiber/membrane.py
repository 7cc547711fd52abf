"""Membranes as data: gates, currents and geometry of an axon, each read from a table with its source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem, nearest
from vagus.source import Source
from vagus.tables import names, rows

FloatArray = NDArray[np.float64]

# R and F in the digits that the published channel files carry, so that parity is not lost in the fifth digit
FARADAY_C_PER_MOL, GAS_J_PER_MOL_K, ZERO_K = 9.648e4, 8.315, 273.16


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A voltage-dependent rate, one of four named forms; ``x = (v - v_mv) / k_mv``.

    ========== ==========================================
    form       rate in 1/ms
    ========== ==========================================
    linoid     ``a (v - v_mv) / (1 - exp(-x))``
    sigmoid    ``a / (1 + exp(-x))``
    exponential ``a exp(x)``
    valence    ``a exp(valence (v - v_mv) F / (R T))``
    ========== ==========================================
    """

    form: Literal["linoid", "sigmoid", "exponential", "valence"]
    a_per_ms: float
    v_mv: float
    k_mv: float = 1.0
    valence: float = 0.0

    def per_ms(self, v_mv: FloatArray, *, temperature_degc: float) -> FloatArray:
        """Rate at each voltage, before the temperature factor of its gate.

        Examples
        --------
        >>> Rate(form="sigmoid", a_per_ms=0.3, v_mv=-53.0, k_mv=5.0).per_ms(np.array([-53.0]), temperature_degc=37.0)
        array([0.15])
        """
        x = (v_mv - self.v_mv) / self.k_mv
        if self.form == "linoid":
            small = np.abs(x) < 1e-6
            safe = np.where(small, 1.0, x)
            with np.errstate(over="ignore"):
                return self.a_per_ms * self.k_mv * np.where(small, 1.0 + x / 2.0, safe / -np.expm1(-safe))
        if self.form == "sigmoid":
            with np.errstate(over="ignore"):
                return self.a_per_ms / (1.0 + np.exp(-x))
        if self.form == "exponential":
            return self.a_per_ms * np.exp(x)
        thermal_mv = 1e3 * GAS_J_PER_MOL_K * (ZERO_K + temperature_degc) / FARADAY_C_PER_MOL
        return self.a_per_ms * np.exp(self.valence * (v_mv - self.v_mv) / thermal_mv)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A gate that opens at rate alpha and closes at rate beta, both scaled by ``q10 ** ((T - q10_at_degc) / 10)``."""

    key: str
    alpha: Rate
    beta: Rate
    q10: float = 1.0
    q10_at_degc: float = 37.0

    def steady_and_tau_ms(self, v_mv: FloatArray, *, temperature_degc: float) -> tuple[FloatArray, FloatArray]:
        """Open share at rest and time constant in ms, at each voltage."""
        factor = self.q10 ** ((temperature_degc - self.q10_at_degc) / 10.0)
        alpha = factor * self.alpha.per_ms(v_mv, temperature_degc=temperature_degc)
        beta = factor * self.beta.per_ms(v_mv, temperature_degc=temperature_degc)
        return alpha / (alpha + beta), 1.0 / (alpha + beta)


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A current ``g * product(gate ** power) * (v - e)``; no gates: a leak."""

    key: str
    g_s_per_cm2: float
    e_mv: float
    powers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassiveEnd:
    """What the first and last node are made of: a leak to rest, axially sealed by a high resistivity."""

    g_s_per_cm2: float
    cm_uf_per_cm2: float
    ra_ohm_cm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Polynomial:
    """``c2 d**2 + c1 d + c0`` for fiber diameters d from `from_um` up."""

    from_um: float
    c2: float
    c1: float
    c0: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Myelin:
    """Geometry and passive membrane of an internode: MYSA, FLUT, some STIN, FLUT, MYSA."""

    internode_um: tuple[Polynomial, ...]
    node_diameter_um: tuple[Polynomial, ...]
    axon_diameter_um: tuple[Polynomial, ...]
    flut_um: tuple[Polynomial, ...]
    lamellae: tuple[Polynomial, ...]
    node_um: float
    mysa_um: float
    stin_per_internode: int
    lamella_c_uf_per_cm2: float
    lamella_g_s_per_cm2: float
    axolemma_cm_uf_per_cm2: float
    mysa_g_s_per_cm2: float
    flut_g_s_per_cm2: float
    stin_g_s_per_cm2: float
    mysa_space_um: float
    flut_space_um: float
    stin_space_um: float


def at_diameter(pieces: tuple[Polynomial, ...], diameter_um: float) -> float:
    """Value of a piecewise polynomial at a fiber diameter.

    Examples
    --------
    >>> round(at_diameter(membrane("mrg").myelin.internode_um, 10.0), 1)
    1122.3
    """
    piece = [p for p in pieces if diameter_um >= p.from_um][-1]
    return (piece.c2 * diameter_um + piece.c1) * diameter_um + piece.c0


@dataclass(frozen=True, slots=True, kw_only=True)
class Membrane:
    """One axon model as data: a table in ``tables/data/membranes``.

    Parameters
    ----------
    kind : "myelinated" or "unmyelinated"
        Double cable with `myelin` between nodes, or one cable of equal sections of `section_um`.
    diameter_low_um, diameter_high_um : float
        Fiber diameters for which the model is valid.
    speed_low_m_per_s_per_um, latency_ms : float
        Slowest conduction per um of diameter, and time to start: together the time a run waits for the spike.
    deviations : tuple of str
        Where the model departs from its paper.
    """

    key: str
    name: str
    kind: Literal["myelinated", "unmyelinated"]
    diameter_low_um: float
    diameter_high_um: float
    v_rest_mv: float
    temperature_degc: float
    node_cm_uf_per_cm2: float
    ra_ohm_cm: float
    speed_low_m_per_s_per_um: float
    latency_ms: float
    passive_end: PassiveEnd
    gates: tuple[Gate, ...]
    currents: tuple[Current, ...]
    sources: tuple[Source, ...]
    deviations: tuple[str, ...]
    section_um: float = 0.0
    myelin: Myelin | None = None

    def __post_init__(self) -> None:
        keys = {gate.key for gate in self.gates}
        problems = [
            Problem(what="a current names a gate that is not there", where=f"membrane {self.key}, {c.key}", found=gate)
            for c in self.currents
            for gate, _ in c.powers
            if gate not in keys
        ]
        if (self.kind == "myelinated") != (self.myelin is not None):
            problems.append(Problem(what="myelin belongs to a myelinated model only", where=f"membrane {self.key}"))
        if self.kind == "unmyelinated" and not self.section_um > 0:
            problems.append(Problem(what="section_um is missing", where=f"membrane {self.key}", allowed="above 0"))
        if problems:
            raise InputError(problems)


@cache
def membrane(key: str) -> Membrane:
    """Axon model of that key.

    Raises
    ------
    InputError
        There is no such model; the nearest key is named.

    Examples
    --------
    >>> membrane("sundt").v_rest_mv
    -60.0
    """
    if key not in membrane_keys():
        raise InputError(Problem(what="no such axon model", found=f'"{key}"', allowed=nearest(key, membrane_keys())))
    return rows(f"membranes/{key}", Membrane)[0]


def membrane_keys() -> tuple[str, ...]:
    """Keys of all axon models in the package.

    Examples
    --------
    >>> membrane_keys()
    ('mrg', 'passive', 'sundt')
    """
    return tuple(name.removeprefix("membranes/") for name in names() if name.startswith("membranes/"))
