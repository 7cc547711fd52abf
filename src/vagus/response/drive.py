"""Spikes per second by fiber class over time: share recruited × pulse rate × envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from vagus.errors import InputError, Problem

Arm = Literal["afferent", "efferent"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volley:
    """Mean spikes per second of each fiber class over time, recruitment included.

    Parameters
    ----------
    t_s : (n,) array
        Times from the start of the sitting, s, rising.
    rate_hz : mapping of str to (n,) array
        Class key -> spikes/s evoked per fiber of the class, averaged over its fibers (those that do not fire count
        as 0), pulses averaged over about a second.
    side : {"left", "right"}
    site : str
        Key of the site ("cymba_left").
    arm : mapping of str to {"afferent", "efferent"}
        Class key -> the way its spikes are used.

    Raises
    ------
    InputError
        Lengths differ, a rate is negative or not finite, or an arm is missing.
    """

    t_s: np.ndarray
    rate_hz: Mapping[str, np.ndarray]
    side: Literal["left", "right"]
    site: str
    arm: Mapping[str, Arm]

    def __post_init__(self) -> None:
        t_s = np.array(self.t_s, dtype=np.float64)
        t_s.setflags(write=False)
        object.__setattr__(self, "t_s", t_s)
        rates: dict[str, np.ndarray] = {}
        for key, values in self.rate_hz.items():
            rate = np.array(values, dtype=np.float64)
            if rate.shape != t_s.shape or not np.isfinite(rate).all() or np.any(rate < 0):
                raise InputError(
                    Problem(
                        what="rate does not fit",
                        where=f"Volley, class {key}",
                        found=f"shape {rate.shape}",
                        allowed=f"finite rates >= 0 of shape {t_s.shape}",
                    )
                )
            rate.setflags(write=False)
            rates[key] = rate
        if missing := [key for key in rates if key not in self.arm]:
            raise InputError(
                Problem(what="class without an arm", found=", ".join(missing), allowed="afferent or efferent for each")
            )
        object.__setattr__(self, "rate_hz", MappingProxyType(rates))
        object.__setattr__(self, "arm", MappingProxyType(dict(self.arm)))
