"""Covariance of the visits of one person as a function of few numbers, with first and second derivatives.

The parameters are those in which results are printed elsewhere: variances, and covariances where the structure is
linear in them ("us", "cs", "toep"), else correlations ("ar1" and all with "h": one variance a visit).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import linalg

from vagus.errors import InputError, Problem, nearest

Structure = Literal["us", "cs", "csh", "ar1", "ar1h", "toep", "toeph"]

STRUCTURES: dict[Structure, str] = {
    "us": "unstructured",
    "cs": "compound symmetry",
    "csh": "heterogeneous compound symmetry",
    "ar1": "first-order autoregressive",
    "ar1h": "heterogeneous first-order autoregressive",
    "toep": "Toeplitz",
    "toeph": "heterogeneous Toeplitz",
}
"""Structure -> words for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Covariance matrix at some parameters and its derivatives.

    Parameters
    ----------
    matrix : array, shape (m, m)
    first : array, shape (j, m, m)
        Derivative by each parameter.
    second : array, shape (j, j, m, m), or None
        Second derivatives; None where the structure is linear in its parameters.
    """

    matrix: np.ndarray
    first: np.ndarray
    second: np.ndarray | None


def check_structure(structure: str) -> None:
    """Refuse a structure that is not known.

    Raises
    ------
    InputError
        Names the nearest.
    """
    if structure not in STRUCTURES:
        raise InputError(
            Problem(what="unknown covariance", found=f'"{structure}"', allowed=nearest(structure, STRUCTURES))
        )


def names_of(structure: Structure, m: int) -> tuple[str, ...]:
    """Name of each parameter, visits counted from 1.

    Examples
    --------
    >>> names_of("us", 2)
    ('cov_1_1', 'cov_2_1', 'cov_2_2')
    >>> names_of("ar1h", 2)
    ('var_1', 'var_2', 'corr')
    """
    lags = [str(k) for k in range(1, m)]
    if structure == "us":
        return tuple(f"cov_{a + 1}_{b + 1}" for a in range(m) for b in range(a + 1))
    if structure == "cs":
        return ("var_residual", "cov")[: 1 + (m > 1)]
    if structure == "toep":
        return ("var", *(f"cov_lag_{k}" for k in lags))
    variances = [f"var_{k + 1}" for k in range(m)] if structure.endswith("h") else ["var"]
    if m == 1:
        return tuple(variances)
    return (*variances, *([f"corr_lag_{k}" for k in lags] if structure == "toeph" else ["corr"]))


def shape(structure: Structure, theta: np.ndarray, m: int) -> Shape:
    """Covariance matrix of `m` visits and its derivatives by the parameters.

    Parameters
    ----------
    structure : Structure
    theta : array, shape (j,)
        In the order of `names_of`.
    m : int
        Visits.
    """
    if structure in ("us", "cs", "toep"):
        first = _basis(structure, m)
        return Shape(matrix=np.tensordot(theta, first, 1), first=first, second=None)
    hetero = structure.endswith("h")
    n_var = m if hetero else 1
    member = np.eye(m) if hetero else np.ones((1, m))
    root, d_root, dd_root = _scale(theta[:n_var], member)
    corr, d_corr, dd_corr = _correlation(structure, theta[n_var:], m)
    first = np.concatenate([d_root * corr, root * d_corr])
    j = theta.size
    second = np.zeros((j, j, m, m))
    second[:n_var, :n_var] = dd_root * corr
    second[n_var:, n_var:] = root * dd_corr
    cross = d_root[:, None] * d_corr[None]
    second[:n_var, n_var:] = cross
    second[n_var:, :n_var] = cross.transpose(1, 0, 2, 3)
    return Shape(matrix=root * corr, first=first, second=second)


def _basis(structure: Structure, m: int) -> np.ndarray:
    """Matrices whose weighted sum the covariance is."""
    if structure == "us":
        rows, cols = np.tril_indices(m)
        basis = np.zeros((rows.size, m, m))
        k = np.arange(rows.size)
        basis[k, rows, cols] = 1.0
        basis[k, cols, rows] = 1.0
        return basis
    if structure == "cs":
        return np.array([np.eye(m), np.ones((m, m))])[: 1 + (m > 1)]
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    return np.array([(lag == k).astype(float) for k in range(m)])


def _scale(variance: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """sqrt(v_a v_b) and its derivatives by the variances; `member` says whose variance a visit has."""
    per_visit = variance @ member
    root = np.sqrt(np.outer(per_visit, per_visit))
    # d log root / dv_c = (member_ca + member_cb) / (2 v_c)
    pull = (member[:, :, None] + member[:, None, :]) / (2 * variance[:, None, None])
    second = root * (pull[:, None] * pull[None])
    k = np.arange(variance.size)
    second[k, k] -= root * pull / variance[:, None, None]
    return root, root * pull, second


def _correlation(structure: Structure, rho: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    none = np.zeros((rho.size, rho.size, m, m))
    if rho.size == 0:
        return np.ones((m, m)), np.zeros((0, m, m)), none
    if structure == "csh":
        off = (lag > 0).astype(float)
        return np.where(lag > 0, rho[0], 1.0), off[None], none
    if structure == "toeph":
        basis = np.array([(lag == k + 1).astype(float) for k in range(m - 1)])
        return np.eye(m) + np.tensordot(rho, basis, 1), basis, none
    r = float(rho[0])
    power = r ** lag.astype(float)
    first = np.where(lag > 0, lag * r ** np.maximum(lag - 1, 0), 0.0)
    second = np.where(lag > 1, lag * (lag - 1) * r ** np.maximum(lag - 2, 0), 0.0)
    return power, first[None], second[None, None]


def start(structure: Structure, spread: np.ndarray) -> np.ndarray:
    """Parameters to start from: those that come near a matrix of residual covariances.

    Parameters
    ----------
    structure : Structure
    spread : array, shape (m, m)
        Residual covariances of pairs of visits; need not be positive definite.
    """
    m = spread.shape[0]
    variance = np.maximum(np.diag(spread), 1e-8 * max(float(np.diag(spread).max()), 1e-300))
    root = np.sqrt(np.outer(variance, variance))
    corr = np.clip(spread / root, -0.95, 0.95)
    np.fill_diagonal(corr, 1.0)
    lag = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    by_lag = np.array([float(corr[lag == k].mean()) for k in range(m)])
    everywhere = float(np.clip(corr[lag > 0].mean(), -0.5 / m, 0.95)) if m > 1 else 0.0
    if structure == "us":
        return (_definite(corr) * root)[np.tril_indices(m)]
    common = float(variance.mean())
    if structure == "cs":
        return np.array([common * (1 - everywhere), common * everywhere])[: 1 + (m > 1)]
    if structure == "toep":
        return common * _definite_lags(by_lag)
    first = variance if structure.endswith("h") else np.array([common])
    if m == 1:
        return first
    if structure == "toeph":
        return np.concatenate([first, _definite_lags(by_lag)[1:]])
    return np.append(first, np.clip(by_lag[1], -0.9, 0.9) if structure in ("ar1", "ar1h") else everywhere)


def _definite(corr: np.ndarray) -> np.ndarray:
    """The correlations, pulled towards none until the matrix is safely positive definite."""
    one = np.eye(corr.shape[0])
    for _ in range(60):
        if np.linalg.eigvalsh(corr)[0] > 0.02:
            break
        corr = one + 0.9 * (corr - one)
    return corr


def _definite_lags(by_lag: np.ndarray) -> np.ndarray:
    return _definite(np.asarray(linalg.toeplitz(by_lag)))[0]
