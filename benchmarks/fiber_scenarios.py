"""Scenarios of the fiber engine: what is run, as data; the same ones for vagus and for a peer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.dose import Pulse
from vagus.fiber import Fiber
from vagus.field import point_mv_per_ma

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A point source above the middle of straight fibers, one monophasic cathodic pulse."""

    key: str
    model: str
    peer_model: str
    diameter_low_um: float
    diameter_high_um: float
    n_node: int
    width_us: float
    duration_us: float
    dt_us: float
    peer_dt_us: float
    n_fiber: int = 256
    distance_um: tuple[float, float] = (300.0, 1000.0)
    sigma_s_per_m: float = 0.3

    @property
    def pulse(self) -> Pulse:
        return Pulse(amplitude_ma=-1.0, width_us=self.width_us, shape="monophasic")

    def fibers(self, n: int | None = None) -> tuple[list[Fiber], list[FloatArray]]:
        """Fibers of different diameters under sources at different distances, always the same ones."""
        count = n or self.n_fiber
        rng = np.random.default_rng(1)
        diameters = rng.uniform(self.diameter_low_um, self.diameter_high_um, count)
        fibers = [Fiber.of(self.model, diameter_um=float(d), n_node=self.n_node) for d in diameters]
        fields = [
            point_mv_per_ma(
                float(rng.uniform(*self.distance_um)), 0.0, f.z_um - f.z_um[f.node_index[self.n_node // 2]],
                sigma_s_per_m=self.sigma_s_per_m,
            )
            for f in fibers
        ]  # fmt: skip
        return fibers, fields


MRG = Scenario(
    key="mrg", model="mrg", peer_model="MRG_INTERPOLATION", diameter_low_um=5.7, diameter_high_um=16.0, n_node=41,
    width_us=100.0, duration_us=5000.0, dt_us=5.0, peer_dt_us=5.0,
)  # fmt: skip
SUNDT = Scenario(
    key="sundt", model="sundt", peer_model="SUNDT", diameter_low_um=0.4, diameter_high_um=1.2, n_node=601,
    width_us=500.0, duration_us=20_000.0, dt_us=10.0, peer_dt_us=5.0, distance_um=(250.0, 600.0),
)  # fmt: skip
TIGERHOLM = Scenario(
    key="tigerholm", model="tigerholm", peer_model="TIGERHOLM", diameter_low_um=0.4, diameter_high_um=1.2, n_node=601,
    width_us=500.0, duration_us=20_000.0, dt_us=10.0, peer_dt_us=5.0, distance_um=(250.0, 600.0),
)  # fmt: skip
SCENARIOS = {one.key: one for one in (MRG, SUNDT, TIGERHOLM)}
