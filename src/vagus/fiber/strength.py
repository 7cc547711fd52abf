"""Strength and duration, recovery after a spike, conduction velocity: answers that take several thresholds or runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from vagus.dose import Pulse
from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.engine.batch import Batch, in_parts
from vagus.fiber.model.packed import Scheme
from vagus.fiber.stimulus import Wave
from vagus.fiber.threshold import threshold_ma
from vagus.fiber.train import Drive, drive_batch, drive_task, threshold_factor

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
START_US = 100.0  # when the first of two pulses begins


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StrengthDuration:
    """Thresholds over pulse width, and what two laws make of them.

    Parameters
    ----------
    width_us, threshold_ma : (n,) array
    rheobase_ma, chronaxie_us : float
        Weiss: ``I = rheobase (1 + chronaxie / width)``, a straight line of charge over width.
    lapicque_rheobase_ma, lapicque_chronaxie_us : float
        Lapicque: ``I = rheobase / (1 - 2 ** (-width / chronaxie))``.
    """

    width_us: FloatArray
    threshold_ma: FloatArray
    rheobase_ma: float
    chronaxie_us: float
    lapicque_rheobase_ma: float
    lapicque_chronaxie_us: float


def strength_duration(
    fiber: Fiber,
    field: FloatArray,
    pulse: Pulse,
    *,
    width_us: Sequence[float],
    dt_us: float | None = None,
    rel_tol: float = 1e-3,
    temperature_degc: float | None = None,
) -> StrengthDuration:
    """Thresholds of a fiber over pulse widths, with rheobase and chronaxie after Weiss and after Lapicque.

    Raises
    ------
    InputError
        Fewer than two widths, or a fiber that does not fire at one of them.

    Examples
    --------
    >>> from vagus.field import point_mv_per_ma
    >>> fiber = Fiber.of("mrg", diameter_um=10.0, n_node=21)
    >>> field = point_mv_per_ma(500.0, 0.0, fiber.z_um - fiber.z_um[110], sigma_s_per_m=0.3)
    >>> pulse = Pulse(amplitude_ma=-1.0, width_us=100.0, shape="monophasic")
    >>> found = strength_duration(fiber, field, pulse, width_us=[50.0, 100.0, 200.0, 500.0])
    >>> bool(found.rheobase_ma < 0), 100.0 < found.chronaxie_us < 300.0
    (True, True)
    """
    if len(set(width_us)) < 2:
        raise InputError(Problem(what="too few widths", found=f"{len(set(width_us))}", allowed="2 or more, different"))
    widths = np.array(width_us, dtype=np.float64)
    found = np.array(
        [
            threshold_ma(
                [fiber], [field], Pulse(amplitude_ma=pulse.amplitude_ma, width_us=float(w), shape=pulse.shape,
                                        gap_us=pulse.gap_us, recovery_ratio=pulse.recovery_ratio),
                dt_us=dt_us, rel_tol=rel_tol, temperature_degc=temperature_degc,
            )[0]
            for w in widths
        ]
    )  # fmt: skip
    if not np.all(np.isfinite(found)):
        raise InputError(Problem(what="the fiber does not fire at every width", found=f"{found}"))
    slope, offset = np.polyfit(widths, found * widths, 1)

    def miss(p: FloatArray) -> FloatArray:
        return np.log(np.abs(found)) - p[0] + np.log(-np.expm1(-widths * np.log(2.0) / np.exp(p[1])))

    law = least_squares(miss, [np.log(abs(slope)), np.log(max(offset / slope, widths.min() / 10.0))]).x
    return StrengthDuration(
        width_us=widths, threshold_ma=found, rheobase_ma=float(slope), chronaxie_us=float(offset / slope),
        lapicque_rheobase_ma=float(np.copysign(np.exp(law[0]), slope)), lapicque_chronaxie_us=float(np.exp(law[1])),
    )  # fmt: skip


def recovery_ratio(
    fiber: Fiber,
    field: FloatArray,
    pulse: Pulse,
    *,
    interval_us: Sequence[float],
    conditioning_pct: float = 150.0,
    limit: float = 5.0,
    dt_us: float | None = None,
    rel_tol: float = 2e-3,
    temperature_degc: float | None = None,
) -> FloatArray:
    """Threshold of a second pulse over that of the first, at each interval after a spike: the recovery cycle.

    The second pulse counts where one spike more arrives than after the conditioning pulse alone.

    Parameters
    ----------
    interval_us : sequence of float
        From the begin of the conditioning pulse to the begin of the test pulse.
    conditioning_pct : float
        Conditioning pulse over its threshold.
    limit : float
        Largest ratio that is tried; above it the fiber counts as refractory, and the answer is infinite. Far above
        threshold, spikes begin at distant nodes and ends that are not refractory: a large limit tells of these.

    Raises
    ------
    InputError
        As `threshold_ma`; a fiber that does not fire; a number that is not above 0.
    """
    problems = [
        Problem(what=f"{name} out of range", found=f"{found}", allowed="finite, above 0")
        for name, found in (
            ("conditioning_pct", conditioning_pct),
            ("limit", limit),
            *(("interval_us", t) for t in interval_us),
        )
        if not (math.isfinite(found) and found > 0)
    ]
    if problems:
        raise InputError(problems)
    alone = abs(
        float(threshold_ma([fiber], [field], pulse, rel_tol=rel_tol, dt_us=dt_us, temperature_degc=temperature_degc)[0])
    )
    if not math.isfinite(alone):
        raise InputError(Problem(what="the fiber does not fire at all", found="no threshold", allowed="another field"))
    unit = pulse.scaled(math.copysign(alone, pulse.amplitude_ma))
    first = Wave.of_pulse(unit.scaled(conditioning_pct / 100.0 * unit.amplitude_ma), at_us=[START_US])
    ratios = []
    for interval in interval_us:
        second = Wave.of_pulse(unit, at_us=[START_US + interval])
        drives = [Drive(wave=first, field_mv_per_ma=field), Drive(wave=second, field_mv_per_ma=field)]
        before = drive_batch(
            fiber, drives, scaled=[False, True], duration_us=None, dt_us=dt_us, scheme="second_order",
            temperature_degc=temperature_degc,
        ).seen(np.zeros(1, dtype=np.int64), np.zeros(1), max_spikes=1)[1]  # fmt: skip
        if before[0] < 1:
            raise InputError(
                Problem(what="the conditioning pulse makes no spike", found=f"conditioning_pct = {conditioning_pct:g}",
                        allowed="above 100")
            )  # fmt: skip
        ratios.append(
            threshold_factor(
                [fiber], [drives], scaled=[False, True], least_spikes=int(before[0]) + 1, rel_tol=rel_tol, limit=limit,
                dt_us=dt_us, temperature_degc=temperature_degc,
            )[0]
        )  # fmt: skip
    return np.array(ratios)


def velocity_m_per_s(
    fibers: Sequence[Fiber],
    *,
    width_us: float = 200.0,
    from_pct: float = 50.0,
    to_pct: float = 80.0,
    dt_us: float | None = None,
    scheme: Scheme = "second_order",
    temperature_degc: float | None = None,
    threads: int | None = None,
) -> FloatArray:
    """Conduction velocity of each fiber, from interpolated spike times between two places.

    A clamp injects twice its threshold into the node at a tenth of the fiber.

    Parameters
    ----------
    from_pct, to_pct : float
        Places along the fiber between which the spike is timed.

    Returns
    -------
    (n_fiber,) array
        nan where no spike travels, or both places are one node.

    Raises
    ------
    InputError
        No fibers; places out of order.

    Examples
    --------
    >>> fiber = Fiber.of("mrg", diameter_um=10.0, n_node=31)
    >>> velocity_m_per_s([fiber]).round(0)
    array([55.])
    """
    if not 10.0 < from_pct < to_pct < 100.0:
        raise InputError(
            Problem(what="places do not fit", found=f"from_pct = {from_pct}, to_pct = {to_pct}",
                    allowed="10 < from_pct < to_pct < 100: the clamp is at 10 %")
        )  # fmt: skip
    kick = Wave.of_pulse(Pulse(amplitude_ma=1.0, width_us=width_us, shape="monophasic"))
    drives = [[Drive(wave=kick, node=max(1, round(0.1 * (fiber.n_node - 1))))] for fiber in fibers]
    level = 2.0 * threshold_factor(
        fibers, drives, rel_tol=0.05, dt_us=dt_us, scheme=scheme, temperature_degc=temperature_degc, threads=threads
    )
    task = drive_task(fibers, drives, scaled=[True], duration_us=None, dt_us=dt_us, threads=threads)

    def work(index: IntArray) -> FloatArray:
        batch = Batch.of(task.part(index), dt_us=dt_us, scheme=scheme, temperature_degc=temperature_degc)
        fires = np.flatnonzero(np.isfinite(level[index]))
        seen = batch.bundle.run(fires, level[index][fires, None], batch.wave, n_step=batch.n_step, max_spikes=1)
        speed = np.full((1, index.size), np.nan)
        for row, i in enumerate(fires):
            fiber = task.fibers[index[i]]
            a, b = (round(at / 100.0 * (fiber.n_node - 1)) for at in (from_pct, to_pct))
            z_um, at_ms = fiber.z_um[fiber.node_index], seen.spike_ms[row, :, 0]
            if b > a:
                speed[0, i] = (z_um[b] - z_um[a]) / (1e3 * (at_ms[b] - at_ms[a]))
        return speed

    return in_parts(task, work, rows=1, threads=threads, progress=None)[0]
