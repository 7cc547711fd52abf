"""Which axons fire: membranes as data, one cable engine, thresholds, recruitment.

The engine's kernel (Numba) loads with the first run, not with the room.
"""

from vagus.fiber.axon import Fiber, length_for_um
from vagus.fiber.check.table import ReferenceRow, read_reference
from vagus.fiber.check.validate import ModelCheck, RowCheck, Validation, validate
from vagus.fiber.ear.perception import Perception, perceive
from vagus.fiber.membrane import Membrane, membrane, membrane_keys, read_membrane
from vagus.fiber.population import FiberClass, Population, population
from vagus.fiber.recording import single_fiber_potential_uv
from vagus.fiber.recruit import recruit
from vagus.fiber.recruitment import ClassRecruitment, Recruitment
from vagus.fiber.stimulus import Wave
from vagus.fiber.strength import StrengthDuration, recovery_ratio, strength_duration, velocity_m_per_s
from vagus.fiber.threshold import Activation, Trace, activation_interval, simulate, threshold_ma
from vagus.fiber.train import Drive, Spikes, block_threshold_ma, spikes, threshold_factor

__all__ = [
    "Activation",
    "ClassRecruitment",
    "Drive",
    "Fiber",
    "FiberClass",
    "Membrane",
    "ModelCheck",
    "Perception",
    "Population",
    "Recruitment",
    "ReferenceRow",
    "RowCheck",
    "Spikes",
    "StrengthDuration",
    "Trace",
    "Validation",
    "Wave",
    "activation_interval",
    "block_threshold_ma",
    "length_for_um",
    "membrane",
    "membrane_keys",
    "perceive",
    "population",
    "read_membrane",
    "read_reference",
    "recovery_ratio",
    "recruit",
    "simulate",
    "single_fiber_potential_uv",
    "spikes",
    "strength_duration",
    "threshold_factor",
    "threshold_ma",
    "validate",
    "velocity_m_per_s",
]
