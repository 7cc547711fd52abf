"""Which axons fire: membranes as data, one cable engine, thresholds, recruitment.

The engine's kernel (Numba) loads with the first run, not with the room.
"""

from vagus.fiber.axon import Fiber, length_for_um
from vagus.fiber.check.table import ReferenceRow, read_reference
from vagus.fiber.check.validate import ModelCheck, RowCheck, Validation, validate
from vagus.fiber.ear.perception import Perception, perceive
from vagus.fiber.membrane import Membrane, membrane, membrane_keys, read_membrane
from vagus.fiber.nerve.anatomy import Anatomy, draw_anatomy, draw_helix
from vagus.fiber.nerve.compound import CompoundPotential, compound_potential_uv
from vagus.fiber.nerve.drawn import NerveDraws, laryngeal_fibers, recruit_draws
from vagus.fiber.nerve.placed import PlacedFibers, place_fibers
from vagus.fiber.nerve.recruited import NerveRecruitment, recruit_nerve
from vagus.fiber.optimize.aim import Aim, Optimized, Setting
from vagus.fiber.optimize.search import optimize
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
    "Aim",
    "Anatomy",
    "ClassRecruitment",
    "CompoundPotential",
    "Drive",
    "Fiber",
    "FiberClass",
    "Membrane",
    "ModelCheck",
    "NerveDraws",
    "NerveRecruitment",
    "Optimized",
    "Perception",
    "PlacedFibers",
    "Population",
    "Recruitment",
    "ReferenceRow",
    "RowCheck",
    "Setting",
    "Spikes",
    "StrengthDuration",
    "Trace",
    "Validation",
    "Wave",
    "activation_interval",
    "block_threshold_ma",
    "compound_potential_uv",
    "draw_anatomy",
    "draw_helix",
    "laryngeal_fibers",
    "length_for_um",
    "membrane",
    "membrane_keys",
    "optimize",
    "perceive",
    "place_fibers",
    "population",
    "read_membrane",
    "read_reference",
    "recovery_ratio",
    "recruit",
    "recruit_draws",
    "recruit_nerve",
    "simulate",
    "single_fiber_potential_uv",
    "spikes",
    "strength_duration",
    "threshold_factor",
    "threshold_ma",
    "validate",
    "velocity_m_per_s",
]
