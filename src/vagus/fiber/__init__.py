"""Which axons fire: membranes as data, one cable engine, thresholds, recruitment.

The engine's kernel (Numba) loads with the first run, not with the room.
"""

from vagus.fiber.axon import Fiber
from vagus.fiber.membrane import Membrane, membrane, membrane_keys
from vagus.fiber.population import FiberClass, Population, population
from vagus.fiber.recruit import recruit
from vagus.fiber.recruitment import ClassRecruitment, Recruitment
from vagus.fiber.threshold import Trace, simulate, threshold_ma

__all__ = [
    "ClassRecruitment",
    "Fiber",
    "FiberClass",
    "Membrane",
    "Population",
    "Recruitment",
    "Trace",
    "membrane",
    "membrane_keys",
    "population",
    "recruit",
    "simulate",
    "threshold_ma",
]
