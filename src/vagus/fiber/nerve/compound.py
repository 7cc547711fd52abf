"""What contacts record of a whole nerve: spikes of every class as they pass, by latency."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.dose import Pulse
from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.membrane import membrane
from vagus.fiber.nerve.placed import SECTION_UM, PlacedFibers, along_lines
from vagus.fiber.population import FiberClass
from vagus.fiber.recording import single_fiber_potential_uv
from vagus.fiber.stimulus import Wave
from vagus.fiber.strength import velocity_m_per_s
from vagus.fiber.train import Drive, spikes, threshold_factor
from vagus.field import Field

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

# diameters of a class at which a spike is simulated; nodes or length of that fiber
KNOTS, NODES, LENGTH_UM = 7, 41, 8000.0
# what is recorded of a fiber lies within this, and fades over its outer fifth
REACH_UM, FADE = 30_000.0, 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompoundPotential:
    """A recording of many fibers after one pulse.

    Parameters
    ----------
    t_us : (n_t,) array
        After the spikes' begin at the stimulus.
    by_class_uv : (n_class, n_t) array
    classes : tuple of FiberClass
    early_us, late_us : (n_class,) array
        Distance over velocity of each class's fastest and slowest fiber that fired; nan where none did.
    distance_um : float
    """

    t_us: FloatArray
    by_class_uv: FloatArray
    classes: tuple[FiberClass, ...]
    early_us: FloatArray
    late_us: FloatArray
    distance_um: float

    def __post_init__(self) -> None:
        for name in ("t_us", "by_class_uv", "early_us", "late_us"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def total_uv(self) -> FloatArray:
        """All classes together (µV)."""
        return np.asarray(self.by_class_uv.sum(axis=0), dtype=np.float64)


def compound_potential_uv(
    fibers: PlacedFibers,
    field: Field,
    *,
    weights: tuple[float, ...],
    counts: Mapping[str, float],
    distance_um: float,
    fired: BoolArray | None = None,
    every_us: float = 20.0,
) -> CompoundPotential:
    """Potential between recording contacts while the spikes of a nerve's fibers pass, from a stimulus at a distance.

    Each placed fiber stands for its share of its class's count. Its spike travels at the speed of its model at its
    diameter; its membrane current is that of a fiber of the nearest of seven diameters of its class. By reciprocity a
    contact sees that current through the potential that it would itself make there (`Field`).

    Parameters
    ----------
    fibers : PlacedFibers
        At their places under the recording contacts.
    field : Field
        Of the recording contacts, around z = 0.
    weights : tuple of float
        Of the contacts in the recorded difference, as (1, -1).
    counts : mapping of class to float
        Fibers of each class in the nerve.
    distance_um : float
        From the stimulus to z = 0.
    fired : (n,) array of bool, optional
        Which fibers fire (`NerveRecruitment.threshold_ma` at or below a current); without it, all.
    every_us : float
        Time between points.

    Raises
    ------
    InputError
        Weights or counts that do not fit, a distance within the contacts' reach of 30 mm, or no fiber that fires.

    Notes
    -----
    Delays at the stimulus are left out, and fibers run straight. Muscle potentials and the stimulus artifact are not in
    it.
    """
    held = np.ones(fibers.size, dtype=bool) if fired is None else np.asarray(fired, dtype=bool)
    _check(fibers, field, weights=weights, counts=counts, distance_um=distance_um, held=held)
    n_class = len(fibers.classes)
    speed, knot = np.full(fibers.size, np.nan), np.zeros(fibers.size, dtype=np.int64)
    waves: list[list[FloatArray]] = []
    for c, one in enumerate(fibers.classes):
        mine = np.flatnonzero((fibers.class_index == c) & held)
        waves.append([])
        if mine.size:
            diameter = fibers.diameter_um[mine]
            knots = np.unique(np.geomspace(diameter.min(), diameter.max(), KNOTS).round(6))
            speeds, waves[c] = _passing(one, knots, every_us)
            speed[mine] = np.exp(np.interp(np.log(diameter), np.log(knots), np.log(speeds)))
            knot[mine] = np.abs(np.log(diameter)[:, None] - np.log(knots)).argmin(axis=1)
    slowest = float(np.nanmin(speed))
    longest = max(wave.size for own in waves for wave in own)
    n_t = int((distance_um + REACH_UM) / slowest / every_us) + 2 * longest
    trains = np.zeros((n_class, KNOTS, n_t))
    which = np.flatnonzero(held)
    for i, z_um, seen in zip(which, *_seen(fibers, which, field, weights), strict=True):
        c = fibers.class_index[i]
        at = (distance_um + z_um) / speed[i] / every_us + longest // 2
        first = at.astype(np.int64)
        amount = counts[fibers.classes[c].key] * fibers.share[i] * seen
        np.add.at(trains[c, knot[i]], first, amount * (1.0 - at + first))
        np.add.at(trains[c, knot[i]], first + 1, amount * (at - first))
    found = np.zeros((n_class, n_t))
    for c, own in enumerate(waves):
        for k, wave in enumerate(own):
            middle = wave.size // 2
            found[c] += np.convolve(trains[c, k], wave)[middle : middle + n_t]
    arrival = distance_um / speed
    ends = [[_of(arrival[(fibers.class_index == c) & held], pick) for c in range(n_class)] for pick in (np.min, np.max)]
    return CompoundPotential(
        t_us=every_us * (np.arange(n_t, dtype=np.float64) - longest // 2), by_class_uv=found, classes=fibers.classes,
        early_us=np.array(ends[0]), late_us=np.array(ends[1]), distance_um=distance_um,
    )  # fmt: skip


def _of(values: FloatArray, pick: Callable[[FloatArray], float]) -> float:
    return float(pick(values)) if values.size else math.nan


def _check(
    fibers: PlacedFibers, field: Field, *, weights: tuple[float, ...], counts: Mapping[str, float], distance_um: float,
    held: BoolArray,
) -> None:  # fmt: skip
    problems: list[Problem] = []
    if len(weights) != len(field.contacts):
        problems.append(
            Problem(what="weights do not fit the contacts", found=f"{len(weights)}", allowed=f"{len(field.contacts)}")
        )
    problems += [
        Problem(what=f"count of {one.key} is missing", allowed="fibers of each class in the nerve")
        for one in fibers.classes
        if not counts.get(one.key, 0.0) > 0.0
    ]
    if not distance_um > REACH_UM:
        problems.append(
            Problem(what="distance_um is too short", found=f"{distance_um:g} µm", allowed=f"above {REACH_UM:g} µm")
        )
    if held.shape != (fibers.size,) or not held.any():
        problems.append(Problem(what="no fiber fires", allowed="one or more, and one entry a fiber"))
    if problems:
        raise InputError(problems)


def _passing(one: FiberClass, diameters: FloatArray, every_us: float) -> tuple[FloatArray, list[FloatArray]]:
    """Speed (µm/µs), and current of a node (or section) over time around its spike, at each diameter."""
    data = membrane(one.model)
    cables = [
        Fiber.of(data, diameter_um=float(d), n_node=NODES)
        if data.kind == "myelinated"
        else Fiber.of(data, diameter_um=float(d), length_um=LENGTH_UM, section_um=SECTION_UM)
        for d in diameters
    ]
    kick = Wave.of_pulse(Pulse(amplitude_ma=1.0, width_us=200.0, shape="monophasic"))
    found: list[FloatArray] = []
    for cable in cables:
        node = max(1, cable.n_node // 10)
        level = 2.0 * float(threshold_factor([cable], [[Drive(wave=kick, node=node)]], rel_tol=0.05)[0])
        strong = Wave.of_pulse(Pulse(amplitude_ma=level, width_us=200.0, shape="monophasic"))
        drives = [Drive(wave=strong, node=node)]
        middle = round(0.6 * (cable.n_node - 1))
        hat = np.zeros(cable.z_um.size)
        at = cable.node_index[middle - 1 : middle + 2]
        hat[at[0] : at[2] + 1] = np.interp(cable.z_um[at[0] : at[2] + 1], cable.z_um[at], [0.0, 1.0, 0.0])
        t_us, current = single_fiber_potential_uv(cable, drives, [hat])
        when = float(spikes(cable, drives).time_us[middle, 0])
        reach = min(when, float(t_us[-1]) - when)
        n = int(reach / every_us)
        found.append(np.interp(every_us * np.arange(-n, n + 1) + when, t_us, current[0]))
    return velocity_m_per_s(cables), found


def _seen(
    fibers: PlacedFibers, which: IntArray, field: Field, weights: tuple[float, ...]
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Nodes of each fiber along the recording contacts, and what these see of 1 mA there."""
    nodes: list[FloatArray] = []
    for number in which:
        data = membrane(fibers.classes[fibers.class_index[number]].model)
        pitch_um = SECTION_UM
        if data.kind == "myelinated":
            pitch_um = float(Fiber.of(data, diameter_um=float(fibers.diameter_um[number]), n_node=5).z_um[-1]) / 4.0
        count = int(REACH_UM / pitch_um)
        z_um = pitch_um * (np.arange(-count, count + 1) + float(fibers.shift[number]))
        nodes.append(np.asarray(z_um[np.abs(z_um) < REACH_UM], dtype=np.float64))
    basis = along_lines(field, fibers.x_um[which], fibers.y_um[which], nodes)
    share = np.asarray(weights)
    return nodes, [share @ own * _faded(z_um) for own, z_um in zip(basis, nodes, strict=True)]


def _faded(z_um: FloatArray) -> FloatArray:
    """1 near the contacts, falling to 0 at the end of their reach."""
    rest = (1.0 - np.abs(z_um) / REACH_UM) / FADE
    return np.where(rest < 1.0, 0.5 - 0.5 * np.cos(np.pi * rest), 1.0)
