"""Potentials of another program, as a field that is known along one path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.errors import InputError, ModelRange, Problem
from vagus.files.potentials import Potentials

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathField:
    """Basis fields of contacts along a path, as another program solved them: one `Potentials` a contact.

    Parameters
    ----------
    contacts : tuple of str
        A name for each.
    potentials : tuple of Potentials
        For 1 mA through each contact. Where a file tells no places but a length along the path, that is z.
    reach_um : float
        How far from its path a place may lie.

    Raises
    ------
    InputError
        Not as many names as potentials, or none.

    Examples
    --------
    >>> z = np.linspace(-1000.0, 1000.0, 5)
    >>> one = Potentials(arc_um=z, mv_per_ma=z**2 / 1e4)
    >>> PathField(contacts=("a",), potentials=(one,)).mv_per_ma(x_um=0.0, y_um=0.0, z_um=[250.0]).round(2).tolist()
    [[6.25]]
    """

    contacts: tuple[str, ...]
    potentials: tuple[Potentials, ...]
    reach_um: float = 50.0

    def __post_init__(self) -> None:
        if not self.contacts or len(self.contacts) != len(self.potentials):
            raise InputError(
                Problem(what="contacts and potentials do not fit", allowed="as many of one as of the other, at least 1",
                        found=f"{len(self.contacts)} contacts, {len(self.potentials)} potentials")
            )  # fmt: skip

    def mv_per_ma(self, *, x_um: ArrayLike, y_um: ArrayLike, z_um: ArrayLike) -> FloatArray:
        """Potential of each contact at places on the path: (n_contact, *shape), in mV for 1 mA.

        Raises
        ------
        InputError
            A place beyond the ends of the path.
        ModelRange
            A place farther from the path than `reach_um`: nothing is known there.
        """
        x, y, z = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (x_um, y_um, z_um)))
        places = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
        found = [one.at(self._along(one, places)).reshape(x.shape) for one in self.potentials]
        return np.stack(found)

    def _along(self, one: Potentials, places: FloatArray) -> FloatArray:
        """Length along the path of the nearest place on it."""
        if one.xyz_um is None:
            return places[:, 2]
        start, step = one.xyz_um[:-1], np.diff(one.xyz_um, axis=0)
        found = np.empty(len(places))
        for k, place in enumerate(places):
            share = np.sum((place - start) * step, axis=1) / np.sum(step**2, axis=1)
            inside = np.clip(share, 0.0, 1.0)
            off = np.linalg.norm(start + inside[:, None] * step - place, axis=1)
            best = int(off.argmin())
            # beyond an end the length goes on, so that `Potentials.at` can refuse it
            free = share[best] if best in {0, len(step) - 1} else inside[best]
            aside = np.linalg.norm(start[best] + free * step[best] - place)
            if aside > self.reach_um:
                raise ModelRange(
                    f"a place lies {aside:.4g} µm from the path that is known (allowed: {self.reach_um:g} µm): "
                    f"x = {place[0]:.4g}, y = {place[1]:.4g}, z = {place[2]:.5g} µm"
                )
            found[k] = one.arc_um[best] + free * np.linalg.norm(step[best])
        return found
