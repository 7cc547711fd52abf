"""Affine-invariant ensemble sampler: walkers that stretch along lines to each other.

Goodman J, Weare J. Ensemble samplers with affine invariance. Commun Appl Math Comput Sci 2010;5:65-80.
doi:10.2140/camcos.2010.5.65
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

STRETCH = 2.0


def sample(
    log_density: Callable[[np.ndarray], np.ndarray], start: np.ndarray, *, n_steps: int, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Walkers after each step, (n_steps, n_walkers, n_dim), and the share of proposals that were taken.

    Parameters
    ----------
    log_density : callable
        (n, n_dim) -> (n,), up to a constant.
    start : (n_walkers, n_dim) array
        An even number of walkers, more than twice the dimensions.
    n_steps : int
    rng : numpy.random.Generator
    """
    walkers, n_dim = start.copy(), start.shape[1]
    half = walkers.shape[0] // 2
    density = log_density(walkers)
    path, taken = np.empty((n_steps, *walkers.shape)), 0
    for step in range(n_steps):
        for own, other in ((slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))):
            # g(z) ~ 1/sqrt(z) on [1/a, a]
            z = ((STRETCH - 1) * rng.random(half) + 1) ** 2 / STRETCH
            partner = walkers[other][rng.integers(half, size=half)]
            tried = partner + z[:, None] * (walkers[own] - partner)
            found = log_density(tried)
            accept = np.log(rng.random(half)) < (n_dim - 1) * np.log(z) + found - density[own]
            walkers[own][accept], density[own][accept] = tried[accept], found[accept]
            taken += int(accept.sum())
        path[step] = walkers
    return path, taken / (n_steps * walkers.shape[0])


def autocorrelation_steps(path: np.ndarray) -> np.ndarray:
    """Integrated autocorrelation time of each dimension, steps (n_dim,), averaged over walkers.

    Sum up to the first window of five such times (Sokal).
    """
    n_steps, _, n_dim = path.shape
    found = np.empty(n_dim)
    for i in range(n_dim):
        x = path[:, :, i] - path[:, :, i].mean()
        spectrum = np.abs(np.fft.rfft(x, n=2 * n_steps, axis=0)) ** 2
        rho = np.fft.irfft(spectrum.mean(axis=1))[:n_steps]
        tau = 2 * np.cumsum(rho / rho[0]) - 1
        wide = np.flatnonzero(np.arange(n_steps) >= 5 * tau)
        found[i] = tau[wide[0]] if wide.size else np.inf  # the run is too short to tell
    return found


def split_r_hat(path: np.ndarray) -> np.ndarray:
    """Split R-hat of each dimension, (n_dim,): first and second half of the run, walkers pooled in eight groups."""
    n_steps, n_walkers, n_dim = path.shape
    groups = [
        block.reshape(-1, n_dim)
        for part in np.array_split(path, 2, axis=0)
        for block in np.array_split(part, min(8, n_walkers), axis=1)
    ]
    size = min(len(g) for g in groups)
    means = np.array([g[:size].mean(axis=0) for g in groups])
    within = np.array([g[:size].var(axis=0, ddof=1) for g in groups]).mean(axis=0)
    return np.sqrt((size - 1) / size + means.var(axis=0, ddof=1) / within)
