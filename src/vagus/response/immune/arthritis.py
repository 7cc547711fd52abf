"""From TNF to arthritis: the rate of ACR20 if less TNF works as an antibody against it does."""

from __future__ import annotations

import numpy as np

from vagus.dose import site_of
from vagus.response.constants import constant, draw


def arthritis_pct(site: str, *, rng: np.random.Generator, n_draws: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Difference to sham in the rate of ACR20 in rheumatoid arthritis, % points, (n_draws,); and what made it, by key.

    The change of TNF expected in people at a vagal site, times what the loss of all TNF did in trials of an antibody.
    That the joint's TNF follows as the blood's does is assumed; no number of a stimulation trial in arthritis is used.

    Parameters
    ----------
    site : str
        Key of `dose.SITES`; 0 where the nerve is not vagal.
    rng : numpy.random.Generator
    n_draws : int

    Examples
    --------
    >>> draws, _ = arthritis_pct("cymba_left", rng=np.random.default_rng(1), n_draws=1000)
    >>> np.quantile(draws, [0.05, 0.5, 0.95]).round().tolist()
    [-17.0, 0.0, 17.0]
    """
    change = draw(constant("tnf_change_human"), rng=rng, n_draws=n_draws)
    whole = draw(constant("acr20_by_tnf_pct"), rng=rng, n_draws=n_draws)
    vagal = constant(f"vagal_share_{site_of(site).place}").value > 0
    return -change / 100 * whole * vagal + 0.0, {"tnf_change_human": change, "acr20_by_tnf_pct": whole}
