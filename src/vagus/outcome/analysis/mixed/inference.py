"""Standard errors and degrees of freedom of contrasts: Satterthwaite, Kenward and Roger, or the normal law."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import special

from vagus.errors import InputError, Problem, nearest
from vagus.outcome.analysis.mixed.reml import Fit, second_core

Df = Literal["kenward-roger", "kenward-roger-linear", "satterthwaite", "normal"]
Information = Literal["observed", "expected"]

DFS: dict[Df, str] = {
    "kenward-roger": "Kenward-Roger",
    "kenward-roger-linear": "Kenward-Roger without second derivatives",
    "satterthwaite": "Satterthwaite",
    "normal": "normal law",
}
"""Method -> words for it."""


def check_df(df: str, information: str) -> None:
    """Refuse a method or an information that is not known.

    Raises
    ------
    InputError
        Names the nearest.
    """
    for what, word, allowed in (
        ("degrees of freedom", df, tuple(DFS)),
        ("information", information, ("observed", "expected")),
    ):
        if word not in allowed:
            raise InputError(Problem(what=f"unknown {what}", found=f'"{word}"', allowed=nearest(word, allowed)))


def t_below(df: float, t: float) -> float:
    """Probability of a t below a value; the normal law's where `df` is infinite."""
    return float(special.ndtr(t) if math.isinf(df) else special.stdtr(df, t))


def t_quantile(df: float, share: float) -> float:
    """Value of t below which a share lies; the normal law's where `df` is infinite."""
    return float(special.ndtri(share) if math.isinf(df) else special.stdtrit(df, share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A contrast of coefficients.

    Parameters
    ----------
    estimate, se, df, t, p : float
        `df` is infinite under the normal law; p is two-sided.
    """

    estimate: float
    se: float
    df: float
    t: float
    p: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Bounds of the two-sided interval."""
        half = -t_quantile(self.df, 0.5 - level / 2) * self.se
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Several contrasts tested at once by a scaled F.

    Parameters
    ----------
    f, df_num, df, p : float
        Statistic with its scale, numerator and denominator degrees of freedom, p value.
    """

    f: float
    df_num: int
    df: float
    p: float


class Inference:
    """Tests of contrasts of one fit.

    Parameters
    ----------
    fit : Fit
    df : Df
        Kenward MG, Roger JH. Biometrics 1997;53:983-997. doi:10.2307/2533558; Satterthwaite as in Fai AHT, Cornelius
        PL. J Stat Comput Simul 1996;54:363-378. doi:10.1080/00949659608811740.
    information : {"observed", "expected"}
        Whose inverse stands for the covariance of the covariance parameters: "observed" as SAS and R's mmrm do, and
        right under scores missing at random; "expected" as Kenward and Roger wrote and R's pbkrtest does.
    """

    def __init__(self, fit: Fit, *, df: Df = "kenward-roger", information: Information = "observed") -> None:
        check_df(df, information)
        self.fit, self.df, self.information = fit, df, information

    @cached_property
    def w(self) -> np.ndarray:
        """Covariance of the covariance parameters."""
        curve = self.fit.slopes.observed if self.information == "observed" else self.fit.slopes.expected
        return 2 * np.linalg.inv(curve)

    @cached_property
    def covariance(self) -> np.ndarray:
        """Covariance of the coefficients, with the adjustment of Kenward and Roger where that was asked for."""
        phi = self.fit.state.phi
        if not self.df.startswith("kenward"):
            return phi
        slopes, sums, state, w = self.fit.slopes, self.fit.sums, self.fit.state, self.w
        p = sums.p
        x_part = sums.cross[..., :p, :p].reshape(-1, p * p)
        mixed = np.tensordot(w, slopes.moved, 1)
        core = (slopes.moved @ mixed).sum(0) @ state.inverse
        inner = (core.reshape(-1) @ x_part).reshape(p, p)
        inner -= (slopes.p_each @ phi @ np.tensordot(w, slopes.p_each, 1)).sum(0)
        if self.df == "kenward-roger" and state.shape.second is not None:
            bent = np.tensordot(w, second_core(state), 2)
            inner -= (bent.reshape(-1) @ x_part).reshape(p, p) / 4
        return phi + 2 * phi @ ((inner + inner.T) / 2) @ phi

    def test(self, row: np.ndarray) -> Tested:
        """One contrast of the coefficients: estimate, standard error, degrees of freedom, two-sided p value.

        For one contrast the degrees of freedom of Kenward and Roger are those of Satterthwaite, the standard error is
        not.
        """
        row = np.asarray(row, float)
        estimate = float(row @ self.fit.state.beta)
        se = math.sqrt(float(row @ self.covariance @ row))
        df = self._satterthwaite(row)
        t = estimate / se
        return Tested(estimate=estimate, se=se, df=df, t=t, p=2 * t_below(df, -abs(t)))

    def _satterthwaite(self, row: np.ndarray) -> float:
        if self.df == "normal":
            return math.inf
        phi = self.fit.state.phi
        lever = phi @ row
        # derivative of the contrast's variance by each covariance parameter
        slope = np.einsum("a,jab,b->j", lever, self.fit.slopes.p_each, lever)
        return 2 * float(row @ lever) ** 2 / float(slope @ self.w @ slope)

    def joint(self, rows: np.ndarray) -> Joint:
        """Several contrasts at once: Wald F with the scale and degrees of freedom of Kenward and Roger, or Fai's."""
        rows = np.atleast_2d(np.asarray(rows, float))
        size = rows.shape[0]
        beta = rows @ self.fit.state.beta
        f = float(beta @ np.linalg.solve(rows @ self.covariance @ rows.T, beta)) / size
        if size == 1 or self.df == "normal":
            df, scale = self._satterthwaite(rows[0]), 1.0
        elif self.df == "satterthwaite":
            df, scale = self._fai(rows), 1.0
        else:
            df, scale = self._kenward_roger(rows)
        return Joint(f=scale * f, df_num=size, df=df, p=float(special.fdtrc(size, min(df, 1e12), scale * f)))

    def _fai(self, rows: np.ndarray) -> float:
        vectors = np.linalg.eigh(rows @ self.fit.state.phi @ rows.T)[1]
        each = np.array([self._satterthwaite(vectors[:, k] @ rows) for k in range(rows.shape[0])])
        if (each <= 2).any():
            return 2.0
        total = float((each / (each - 2)).sum())
        return 2 * total / (total - rows.shape[0])

    def _kenward_roger(self, rows: np.ndarray) -> tuple[float, float]:
        """Denominator degrees of freedom, and the scale of F."""
        phi, size = self.fit.state.phi, rows.shape[0]
        theta = rows.T @ np.linalg.solve(rows @ phi @ rows.T, rows)
        each = theta @ phi @ self.fit.slopes.p_each @ phi
        traces = np.einsum("jaa->j", each)
        a1 = float(traces @ self.w @ traces)
        a2 = float((self.w * np.einsum("iab,jba->ij", each, each)).sum())
        b = (a1 + 6 * a2) / (2 * size)
        g = ((size + 1) * a1 - (size + 4) * a2) / ((size + 2) * a2)
        low = 3 * size + 2 * (1 - g)
        c1, c2, c3 = g / low, (size - g) / low, (size + 2 - g) / low
        mean = 1 / (1 - a2 / size)
        variance = (2 / size) * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        ratio = variance / (2 * mean * mean)
        df = 4 + (size + 2) / (size * ratio - 1)
        return df, df / (mean * (df - 2))
