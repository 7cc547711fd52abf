"""All that restricted likelihood needs of the data: sums of products for each pattern of visits that were missed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Products of regressors and scores, summed over the people of each pattern of visits.

    With these the cost of a fit no longer depends on the number of people.

    Parameters
    ----------
    present : array of bool, shape (k, m)
        Visits that each pattern has.
    people : array of int, shape (k,)
    cross : array, shape (k, m, m, q, q)
        Sum of z_a z_b' over people, z the regressors of a visit with the score behind them (q = p + 1).
    n : int
        Scores.
    """

    present: np.ndarray
    people: np.ndarray
    cross: np.ndarray
    n: int

    @property
    def m(self) -> int:
        """Visits."""
        return self.present.shape[1]

    @property
    def p(self) -> int:
        """Columns of the design."""
        return self.cross.shape[-1] - 1


def sums_of(y: np.ndarray, x: np.ndarray, person: np.ndarray, visit: np.ndarray, m: int) -> Sums:
    """Sums of products over the people of each pattern of visits.

    Parameters
    ----------
    y : array, shape (n,)
        Scores that were observed.
    x : array, shape (n, p)
        Regressors.
    person, visit : array of int, shape (n,)
        Whose score it is, and at which of the `m` visits (from 0); no pair twice.
    m : int
        Visits.
    """
    people, who = np.unique(person, return_inverse=True)
    q = x.shape[1] + 1
    z = np.zeros((people.size, m, q))
    z[who, visit, :-1] = x
    z[who, visit, -1] = y
    seen = np.zeros((people.size, m), bool)
    seen[who, visit] = True
    present, pattern = np.unique(seen, axis=0, return_inverse=True)
    pattern = pattern.reshape(-1)
    cross = np.empty((present.shape[0], m, m, q, q))
    flat = z.reshape(people.size, m * q)
    for k in range(present.shape[0]):
        mine = flat[pattern == k]
        cross[k] = (mine.T @ mine).reshape(m, q, m, q).transpose(0, 2, 1, 3)
    return Sums(present=present, people=np.bincount(pattern, minlength=present.shape[0]), cross=cross, n=y.size)


def residual_spread(sums: Sums) -> np.ndarray:
    """Covariances of the residuals of ordinary least squares, each pair of visits from the people who have both.

    Shape (m, m); a pair that nobody has is 0.
    """
    p = sums.p
    own = np.einsum("kaaij->ij", sums.cross)
    beta = np.linalg.lstsq(own[:p, :p], own[:p, p], rcond=None)[0]
    w = np.append(-beta, 1.0)
    both = np.einsum("k,ka,kb->ab", sums.people, sums.present, sums.present)
    return np.einsum("kabij,i,j->ab", sums.cross, w, w) / np.maximum(both, 1)
