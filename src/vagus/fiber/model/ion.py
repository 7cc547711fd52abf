"""Currents and the ions that they carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FARADAY_C_PER_MOL, GAS_J_PER_MOL_K, ZERO_K = 96485.33212331, 8.31446261815324, 273.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One product of gates: ``share * product(gate ** power)``."""

    share: float
    powers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """A current through the membrane, ohmic or a formula.

    Ohmic: ``g * factor * sum(terms) * (v - e)``; no gates: a leak. A formula gives mA/cm2 itself (pumps, exchangers).

    Parameters
    ----------
    g_s_per_cm2 : float or formula
        Formulas may name ``temperature_degc`` and the membrane's constants.
    e_mv : float or formula, optional
        Without it, `e` names the ion whose reversal it is.
    e : str
        Key of an ion.
    powers : tuple of (gate, power)
        The product of gates, where there is only one.
    terms : tuple of Term
        Instead of `powers`: a sum of products.
    factor : formula
        Of concentrations and reversals, not of the voltage (the current stays ohmic).
    formula : str
        Instead of all above: mA/cm2, outward positive, of anything; its slope over voltage is taken numerically.
    ions : tuple of (ion, share)
        What part of the current each ion carries; without it, all of it the ion of `e`, or none. A pump's formula is
        one cycle, its shares may be 3 and -2; the membrane sees their sum.
    """

    key: str
    g_s_per_cm2: float | str = 0.0
    e_mv: float | str | None = None
    e: str = ""
    powers: tuple[tuple[str, int], ...] = ()
    terms: tuple[Term, ...] = ()
    factor: str = ""
    formula: str = ""
    ions: tuple[tuple[str, float], ...] = ()
    q10: float = 1.0
    q10_at_degc: float = 37.0

    @property
    def products(self) -> tuple[Term, ...]:
        """Its sum of products of gates."""
        return self.terms or (Term(share=1.0, powers=self.powers),)

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """What part of it each ion carries."""
        return self.ions or (((self.e, 1.0),) if self.e else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Calmodulin:
    """A buffer of calcium: ``do/dt = on c (1 - o) - off o``; it takes ``bound_mm do/dt`` out of the pool."""

    on_per_mm_ms: float
    off_per_ms: float
    bound_mm: float
    occupied: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """How a concentration moves: ``dc/dt = per_current * i + per_ms * (bath_mm - c)``, i in mA/cm2.

    Parameters
    ----------
    per_current : float or formula
        mM/ms per mA/cm2; formulas may name ``diameter_um``, ``temperature_degc`` and constants.
    step : "exact" or "implicit"
        Exact exponential over a step (without exchange: one Euler step), or backward Euler.
    """

    per_current: float | str
    per_ms: float | str = 0.0
    bath_mm: float = 0.0
    step: Literal["exact", "implicit"] = "exact"
    buffer: Calmodulin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ion:
    """An ion inside and outside, and whether it moves.

    In formulas its concentrations are ``<key>i`` and ``<key>o``, its reversal potential ``e_<key>``.

    Parameters
    ----------
    offset_mv : float
        Added to Nernst's potential.
    inside, outside : Pool, optional
        Without them that concentration stays.
    faraday_c_per_mol, gas_j_per_mol_k, zero_k : float
        Constants as the model's text has them.
    """

    key: str
    valence: int
    inside_mm: float
    outside_mm: float
    offset_mv: float = 0.0
    inside: Pool | None = None
    outside: Pool | None = None
    faraday_c_per_mol: float = FARADAY_C_PER_MOL
    gas_j_per_mol_k: float = GAS_J_PER_MOL_K
    zero_k: float = ZERO_K

    @property
    def moves(self) -> bool:
        """At least one of its concentrations moves."""
        return self.inside is not None or self.outside is not None

    def nernst_mv(self, temperature_degc: float) -> float:
        """RT/zF in mV.

        Examples
        --------
        >>> round(Ion(key="ca", valence=2, inside_mm=1e-4, outside_mm=2.0).nernst_mv(37.0), 4)
        13.3633
        """
        kelvin = self.zero_k + temperature_degc
        return 1e3 * self.gas_j_per_mol_k * kelvin / (self.valence * self.faraday_c_per_mol)
