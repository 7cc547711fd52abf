"""Restricted maximum likelihood of a linear model with correlated visits, by Newton steps on the covariance.

Patterson HD, Thompson R. Biometrika 1971;58:545-554. doi:10.1093/biomet/58.3.545. Where the observed second
derivatives are not positive definite, the step uses the average information (Gilmour AR, Thompson R, Cullis BR.
Biometrics 1995;51:1440-1450. doi:10.2307/2533274). Gradient and both matrices are closed forms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from vagus.errors import Abstained
from vagus.outcome.analysis.mixed.covariance import STRUCTURES, Shape, Structure, shape, start
from vagus.outcome.analysis.mixed.sums import Sums, residual_spread

_STEPS = 100
_CLOSE = 1e-7  # decrease of -2 log-likelihood that a step promises, from which on it is the last


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Likelihood at some covariance, with what its derivatives need.

    Parameters
    ----------
    minus_two_ll : float
        -2 restricted log-likelihood, constant included.
    beta, phi : array
        Coefficients, and their covariance were the covariance of the visits known.
    inverse : array, shape (k, m, m)
        Inverse covariance of each pattern, 0 where a visit is missed.
    """

    minus_two_ll: float
    beta: np.ndarray
    phi: np.ndarray
    inverse: np.ndarray
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """First and second derivatives of -2 restricted log-likelihood by the covariance parameters.

    Parameters
    ----------
    gradient : array, shape (j,)
    observed, expected, average : array, shape (j, j)
        Second derivatives; their expectation; the mean of both (average information), data of one quadratic form.
    moved : array, shape (j, k, m, m)
        Inverse covariance times derivative of the covariance.
    p_each : array, shape (j, p, p)
        Minus the derivative of the inverse of `State.phi`.
    """

    gradient: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    average: np.ndarray
    moved: np.ndarray
    p_each: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A model fitted by restricted maximum likelihood.

    Parameters
    ----------
    structure : Structure
    theta : array, shape (j,)
        Covariance parameters in the order of `covariance.names_of`.
    state : State
    slopes : Slopes
    sums : Sums
    n_step : int
        Steps until the likelihood rose no more.
    """

    structure: Structure
    theta: np.ndarray
    state: State
    slopes: Slopes
    sums: Sums
    n_step: int


def fit_reml(sums: Sums, structure: Structure) -> Fit:
    """Coefficients and covariance with the highest restricted likelihood.

    Parameters
    ----------
    sums : Sums
    structure : Structure

    Raises
    ------
    Abstained
        Columns of the design depend on each other, or the likelihood has no inner maximum that was found: too few
        people for so many covariance parameters.
    """
    theta = start(structure, residual_spread(sums))
    state = state_at(sums, structure, theta)
    if state is None:
        raise Abstained("columns of the design depend on each other: an arm, visit or covariate level has no scores")
    for step in range(_STEPS):
        slopes = slopes_at(sums, state)
        move, gain = _move(slopes)
        if gain < _CLOSE and _is_definite(slopes.observed):
            # the last step squares what is left
            theta = theta + move
            state = state_at(sums, structure, theta)
            if state is None:
                break
            slopes = slopes_at(sums, state)
            return Fit(structure=structure, theta=theta, state=state, slopes=slopes, sums=sums, n_step=step + 1)
        better = _shorten(sums, structure, theta, state, move)
        if better is None:
            break
        theta, state = better
    raise Abstained(
        f"the {STRUCTURES[structure]} covariance of {sums.m} visits could not be fitted to {int(sums.people.sum())} "
        f"people ({theta.size} parameters): the likelihood has no inner maximum. Take a structure with fewer "
        "parameters (toeph, ar1h, csh, cs), as the analysis plan should name one beforehand"
    )


def _move(slopes: Slopes) -> tuple[np.ndarray, float]:
    """Step of the parameters, and the decrease of -2 log-likelihood that it promises."""
    for curve in (slopes.observed, slopes.average, slopes.expected):
        if _is_definite(curve):
            move = -np.linalg.solve(curve, slopes.gradient)
            return move, float(-move @ slopes.gradient)
    size = float(np.abs(np.diag(slopes.expected)).max()) or 1.0
    return -slopes.gradient / size, float(slopes.gradient @ slopes.gradient) / size


def _is_definite(matrix: np.ndarray) -> bool:
    # in units of the diagonal, so that the scale of the scores does not decide
    diagonal = np.diag(matrix)
    if not (np.isfinite(matrix).all() and (diagonal > 0).all()):
        return False
    root = np.sqrt(diagonal)
    return bool(np.linalg.eigvalsh(matrix / np.outer(root, root))[0] > 1e-12)


def _shorten(
    sums: Sums, structure: Structure, theta: np.ndarray, state: State, move: np.ndarray
) -> tuple[np.ndarray, State] | None:
    """Where the step leads, halved until the likelihood does not fall."""
    share = 1.0
    for _ in range(40):
        there = theta + share * move
        found = state_at(sums, structure, there)
        # what rounding takes is no fall
        if found is not None and found.minus_two_ll <= state.minus_two_ll + 1e-11 * abs(state.minus_two_ll):
            return there, found
        share /= 2
    return None


def state_at(sums: Sums, structure: Structure, theta: np.ndarray) -> State | None:
    """Likelihood at covariance parameters; None where they give no covariance, or the design has no inverse."""
    m, p = sums.m, sums.p
    if structure not in ("us", "cs", "toep") and (theta[: m if structure.endswith("h") else 1] <= 0).any():
        return None
    here = shape(structure, theta, m)
    pair = sums.present[:, :, None] & sums.present[:, None, :]
    whole = np.where(pair, here.matrix, 0.0)
    k = np.arange(m)
    whole[:, k, k] += ~sums.present
    try:
        np.linalg.cholesky(here.matrix)
        root = np.linalg.cholesky(whole)
    except np.linalg.LinAlgError:
        return None
    inverse = np.linalg.inv(whole) * pair
    q = p + 1
    total = (inverse.reshape(-1) @ sums.cross.reshape(-1, q * q)).reshape(q, q)
    try:
        upper = linalg.cho_factor(total[:p, :p], check_finite=False)
    except linalg.LinAlgError:
        return None
    phi = np.asarray(linalg.cho_solve(upper, np.eye(p), check_finite=False))
    beta = phi @ total[:p, p]
    log_v = 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1) @ sums.people
    log_a = 2 * float(np.log(np.diag(upper[0])).sum())
    w = np.append(-beta, 1.0)
    rest = float(w @ total @ w)
    constant = (sums.n - p) * math.log(2 * math.pi)
    minus_two = float(log_v + log_a + rest + constant)
    return State(minus_two_ll=minus_two, beta=beta, phi=(phi + phi.T) / 2, inverse=inverse, shape=here)


def slopes_at(sums: Sums, state: State) -> Slopes:
    """Derivatives of -2 restricted log-likelihood by the covariance parameters."""
    p, q = sums.p, sums.p + 1
    first, inverse = state.shape.first, state.inverse
    j = first.shape[0]
    flat = sums.cross.reshape(-1, q * q)
    w = np.append(-state.beta, 1.0)
    fitted = np.zeros((q, q))
    fitted[:p, :p] = state.phi
    spread_x, spread_r = ((flat @ c.reshape(-1)).reshape(inverse.shape) for c in (fitted, np.outer(w, w)))
    moved = inverse[None] @ first[:, None]
    both = moved @ inverse[None]
    rows = both.reshape(j, -1)
    n_trace = np.einsum("k,jkaa->j", sums.people, moved)
    gradient = n_trace - rows @ (spread_x + spread_r).reshape(-1)
    p_all = (rows @ flat).reshape(j, q, q)
    p_each, h = p_all[:, :p, :p], p_all[:, :p] @ w
    turned = moved.swapaxes(-1, -2).reshape(j, -1)
    with_n = turned @ (moved * sums.people[:, None, None]).reshape(j, -1).T
    with_x = turned @ (moved @ (inverse @ spread_x)).reshape(j, -1).T
    with_r = turned @ (moved @ (inverse @ spread_r)).reshape(j, -1).T
    half = (p_each @ state.phi).reshape(j, -1)
    p_phi_p = half @ (p_each @ state.phi).swapaxes(-1, -2).reshape(j, -1).T
    h_phi_h = h @ state.phi @ h.T
    observed = -with_n + (with_x + with_x.T) + (with_r + with_r.T) - p_phi_p - 2 * h_phi_h
    second = state.shape.second
    if second is not None:
        observed += np.einsum("k,kab,ijba->ij", sums.people, inverse, second, optimize=True)
        observed -= (second_core(state) * (spread_x + spread_r)).sum((-3, -2, -1))
    expected = with_n - (with_x + with_x.T) + p_phi_p
    average = (with_r + with_r.T) / 2 - h_phi_h
    return Slopes(
        gradient=gradient, observed=_even(observed), expected=_even(expected), average=_even(average),
        moved=moved, p_each=p_each,
    )  # fmt: skip


def second_core(state: State) -> np.ndarray:
    """Inverse covariance times second derivative times inverse covariance, shape (j, j, k, m, m)."""
    assert state.shape.second is not None
    return state.inverse @ state.shape.second[:, :, None] @ state.inverse


def _even(matrix: np.ndarray) -> np.ndarray:
    return (matrix + matrix.T) / 2
