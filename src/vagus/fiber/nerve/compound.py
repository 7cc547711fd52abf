"""What contacts record of a whole nerve: spikes of every class as they pass, by latency."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import fftconvolve

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
from vagus.field.places import cubic_weights

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

# diameters of a class at which a spike is simulated; nodes or length of that fiber
KNOTS, NODES, LENGTH_UM = 7, 41, 8000.0
# what is recorded of a fiber lies within this, and fades over its outer fifth
REACH_UM, FADE = 30_000.0, 0.2
# longest step in which spikes are summed: a node's current rises within 20 µs
STEP_US = 5.0
# parts of a section of a bare fiber
FINER = 4
# speeds of the fibers that one placed fiber stands for, at most
MOST = 64
# waves by the first letter of their classes; of a wave's energy, what lies before and after its tell-tale times
LETTERS, OUTSIDE = ("a", "b", "c"), 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class CompoundWave:
    """The A, B or C wave of a compound potential: the classes of that letter together.

    Parameters
    ----------
    name : {"A", "B", "C"}
    class_index : tuple of int
        Its classes, into those of the potential.
    early_us, late_us : float
        Distance over velocity of its fastest and slowest fiber that fired.
    peak_us, peak_uv : float
        When it is largest, and the potential then.
    begin_us, end_us : float
        Between these lie 90 % of its energy.
    """

    name: str
    class_index: tuple[int, ...]
    early_us: float
    late_us: float
    peak_us: float
    peak_uv: float
    begin_us: float
    end_us: float


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

    @property
    def waves(self) -> tuple[CompoundWave, ...]:
        """The A, B and C waves, those of which no fiber fired left out."""
        fired = np.isfinite(self.early_us)
        found: list[CompoundWave] = []
        for letter in LETTERS:
            own = [c for c, one in enumerate(self.classes) if one.key[0] == letter and fired[c]]
            if not own:
                continue
            wave_uv = self.by_class_uv[own].sum(axis=0)
            energy = np.cumsum(wave_uv**2)
            begin, end = np.interp([OUTSIDE, 1.0 - OUTSIDE], energy / energy[-1], self.t_us)
            top = int(np.abs(wave_uv).argmax())
            found.append(
                CompoundWave(
                    name=letter.upper(), class_index=tuple(own), early_us=float(self.early_us[own].min()),
                    late_us=float(self.late_us[own].max()), peak_us=float(self.t_us[top]),
                    peak_uv=float(wave_uv[top]), begin_us=float(begin), end_us=float(end),
                )
            )  # fmt: skip
        return tuple(found)


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

    Each placed fiber stands for its share of its class's count: up to 64 diameters around its own (`spread_um`), whose
    spikes travel at the speed of the model, past its nodes. Membrane currents are those of a fiber of the nearest of
    seven diameters of the class, in steps of 5 µs. By reciprocity a contact sees such a current through the potential
    that it would itself make there (`Field`).

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
        Time between the points that are told.

    Raises
    ------
    InputError
        Weights, counts or steps that do not fit, a distance within the contacts' reach of 30 mm, no fiber that fires.

    Notes
    -----
    Delays at the stimulus are left out, and fibers run straight. Muscle potentials and the stimulus artifact are not in
    it. All fibers that a placed one stands for fire where it does.
    """
    if not 0.0 < every_us < math.inf:
        raise InputError(Problem(what="every_us is out of range", found=f"{every_us:g} µs", allowed="above 0"))
    held = np.ones(fibers.size, dtype=bool) if fired is None else np.asarray(fired, dtype=bool)
    _check(fibers, field, weights=weights, counts=counts, distance_um=distance_um, held=held)
    n_class = len(fibers.classes)
    fine = math.ceil(every_us / STEP_US)
    step_us = every_us / fine
    # of each fiber that fires: speeds of all that it stands for, and whose spike they have
    speeds: dict[int, FloatArray] = {}
    knot = np.zeros(fibers.size, dtype=np.int64)
    waves: list[list[FloatArray]] = []
    for c, one in enumerate(fibers.classes):
        mine = np.flatnonzero((fibers.class_index == c) & held)
        waves.append([])
        if mine.size:
            n = math.ceil(min(MOST, float(counts[one.key] * fibers.share[mine].max())))
            diameter = fibers.spread_um(mine, n)
            knots = np.unique(np.geomspace(diameter.min(), diameter.max(), KNOTS).round(6))
            at_knots, waves[c] = _passing(one, knots, step_us)
            of_all = np.exp(np.interp(np.log(diameter), np.log(knots), np.log(at_knots)))
            speeds.update(zip(mine.tolist(), of_all, strict=True))
            knot[mine] = np.abs(np.log(fibers.diameter_um[mine])[:, None] - np.log(knots)).argmin(axis=1)
    longest = max(wave.size for own in waves for wave in own)
    begin = fine * math.ceil(longest / 2 / fine)
    n_t = int((distance_um + REACH_UM) / min(own.min() for own in speeds.values()) / step_us) + 2 * longest
    which = np.flatnonzero(held)
    trains = np.zeros((n_class, KNOTS, n_t))
    for i, z_um, seen in zip(which.tolist(), *_seen(fibers, which, field, weights), strict=True):
        c = fibers.class_index[i]
        at = (distance_um + z_um) / speeds[i][:, None] / step_us + begin
        first = at.astype(np.int64)
        low, n_near = int(first.min()) - 1, int(np.ptp(first)) + 4
        amount = counts[fibers.classes[c].key] * fibers.share[i] / len(at) * seen
        for k, weight in enumerate(cubic_weights(at - first)):
            near = np.bincount((first - low + k - 1).ravel(), (amount * weight).ravel(), n_near)
            trains[c, knot[i], low : low + n_near] += near
    found = np.zeros((n_class, n_t))
    for c, own in enumerate(waves):
        for k, wave in enumerate(own):
            found[c] += fftconvolve(trains[c, k], wave)[wave.size // 2 :][:n_t]
    early, late = np.full(n_class, math.nan), np.full(n_class, math.nan)
    for i, own in speeds.items():
        c = fibers.class_index[i]
        early[c] = np.fmin(early[c], distance_um / own.max())
        late[c] = np.fmax(late[c], distance_um / own.min())
    return CompoundPotential(
        t_us=step_us * (np.arange(n_t, dtype=np.float64) - begin)[::fine], by_class_uv=found[:, ::fine],
        classes=fibers.classes, early_us=early, late_us=late, distance_um=distance_um,
    )  # fmt: skip


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
    begins = [max(1, cable.n_node // 10) for cable in cables]
    levels = 2.0 * threshold_factor(cables, [[Drive(wave=kick, node=node)] for node in begins], rel_tol=0.05)
    found: list[FloatArray] = []
    for cable, node, level in zip(cables, begins, levels, strict=True):
        strong = Wave.of_pulse(Pulse(amplitude_ma=float(level), width_us=200.0, shape="monophasic"))
        drives = [Drive(wave=strong, node=node)]
        middle = round(0.6 * (cable.n_node - 1))
        hat = np.zeros(cable.z_um.size)
        at = cable.node_index[middle - 1 : middle + 2]
        hat[at[0] : at[2] + 1] = np.interp(cable.z_um[at[0] : at[2] + 1], cable.z_um[at], [0.0, 1.0, 0.0])
        t_us, current = single_fiber_potential_uv(cable, drives, [hat])
        when = float(spikes(cable, drives).time_us[middle, 0])
        reach = min(when, float(t_us[-1]) - when)
        n = int(reach / every_us)
        found.append(
            np.asarray(CubicSpline(t_us, current[0])(every_us * np.arange(-n, n + 1) + when), dtype=np.float64)
        )
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
    seen = [share @ own * _faded(z_um) for own, z_um in zip(basis, nodes, strict=True)]
    bare = [membrane(fibers.classes[c].model).kind == "unmyelinated" for c in fibers.class_index[which]]
    pairs = [_finer(z, v) if thin else (z, v) for z, v, thin in zip(nodes, seen, bare, strict=True)]
    return [z for z, _ in pairs], [v for _, v in pairs]


def _finer(z_um: FloatArray, seen: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sections of a bare fiber cut in parts: a spike needs 100 µs for a whole one, which would be heard as a tone."""
    cut = np.linspace(z_um[0], z_um[-1], FINER * (z_um.size - 1) + 1)
    return cut, np.asarray(CubicSpline(z_um, seen)(cut) / FINER, dtype=np.float64)


def _faded(z_um: FloatArray) -> FloatArray:
    """1 near the contacts, falling to 0 at the end of their reach."""
    rest = (1.0 - np.abs(z_um) / REACH_UM) / FADE
    return np.where(rest < 1.0, 0.5 - 0.5 * np.cos(np.pi * rest), 1.0)
