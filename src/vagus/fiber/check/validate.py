"""Each row of a reference table, computed again in the peer's own scheme."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vagus.errors import Caution, InputError, ModelRange, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.check.table import ReferenceRow
from vagus.fiber.engine.batch import Batch, batches, pulse_task
from vagus.fiber.membrane import membrane
from vagus.fiber.threshold import threshold_ma
from vagus.field import point_mv_per_ma

FloatArray = NDArray[np.float64]
LARGEST_PCT = 0.5  # a row that is off by more fails
SEARCH_TOL = 2e-4
VELOCITY_PCT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCheck:
    """One row: its threshold, found again.

    Parameters
    ----------
    deviation_pct : float
        ``100 (found / reference - 1)``; infinite where nothing fired.
    velocity_pct : float, optional
        The same of the conduction velocity at the reference's threshold, where the reference has one.
    velocity_allowed_pct : float, optional
        1 %, or what one time step of the reference is worth, if that is more.
    """

    row: int
    text: str
    threshold_ma: float
    found_ma: float
    deviation_pct: float
    velocity_pct: float | None = None
    velocity_allowed_pct: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCheck:
    """One model: how far its rows are off, in percent without sign.

    Parameters
    ----------
    n_velocity, n_velocity_off : int
        Rows with a conduction velocity, and those that are off by more than they may.
    velocity_median_pct : float, optional
        Of the velocities.
    """

    n: int
    median_pct: float
    p95_pct: float
    max_pct: float
    worst: RowCheck
    n_velocity: int
    n_velocity_off: int
    velocity_median_pct: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """All rows again, by model.

    Parameters
    ----------
    models : dict of str to ModelCheck
    rows : tuple of RowCheck
        In the table's order.
    passed : bool
        No row is off by more than 0.5 %.
    """

    models: dict[str, ModelCheck]
    rows: tuple[RowCheck, ...]
    passed: bool


def validate(rows: Sequence[ReferenceRow], *, progress: Callable[[float], None] | None = None) -> Validation:
    """Thresholds of a reference table again: same geometry, step, sampling and scheme, searched to 0.02 %.

    Parameters
    ----------
    rows : sequence of ReferenceRow
    progress : callable, optional
        Told the share of rows that are done.

    Raises
    ------
    InputError
        No rows; a geometry that is not the model's; a diameter for which it is not valid. With row and column.

    Examples
    --------
    >>> from vagus.fiber.check.table import read_reference
    >>> from vagus.tables import text_of
    >>> rows = read_reference(text_of("fiber_thresholds")[0], name="shipped")
    >>> sweeney = [row for row in rows if row.model == "sweeney"]
    >>> validate(sweeney).passed
    True
    """
    if not rows:
        raise InputError(Problem(what="no rows to validate", found="none", allowed="one or more"))
    fibers = _fibers(rows)
    found_ma, speed = np.empty(len(rows)), np.empty(len(rows))
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, row in enumerate(rows):
        kind = (row.shape, row.pulse_width_ms, row.delay_ms, row.dt_ms, row.tstop_ms, row.temperature_degc, row.model)
        groups.setdefault(kind, []).append(i)
    done = 0
    for members in groups.values():
        found_ma[members], speed[members] = _group([rows[i] for i in members], [fibers[i] for i in members])
        done += len(members)
        if progress is not None:
            progress(done / len(rows))
    checks = tuple(
        RowCheck(
            row=row.number, text=str(row), threshold_ma=row.threshold_ma, found_ma=float(ma),
            deviation_pct=float(100.0 * (ma / row.threshold_ma - 1.0)), **_velocity(row, fiber, float(cv)),
        )
        for row, fiber, ma, cv in zip(rows, fibers, found_ma, speed, strict=True)
    )  # fmt: skip
    keys = sorted({row.model for row in rows})
    models = {key: _model_check([c for c, r in zip(checks, rows, strict=True) if r.model == key]) for key in keys}
    return Validation(models=models, rows=checks, passed=all(abs(c.deviation_pct) <= LARGEST_PCT for c in checks))


def _group(rows: Sequence[ReferenceRow], fibers: Sequence[Fiber]) -> tuple[FloatArray, FloatArray]:
    """Thresholds (mA) and velocities at the reference's thresholds (m/s) of rows that run alike."""
    first, fields = rows[0], [_field(row, fiber) for row, fiber in zip(rows, fibers, strict=True)]
    dt_us, delay_us, duration_us = 1e3 * first.dt_ms, 1e3 * first.delay_ms, 1e3 * first.tstop_ms
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Caution)  # the reference's ends are the same
        found = threshold_ma(
            fibers, fields, first.pulse, dt_us=dt_us, delay_us=delay_us, duration_us=duration_us,
            temperature_degc=first.temperature_degc, scheme="parity", rel_tol=SEARCH_TOL,
        )  # fmt: skip
    speed = np.full(len(rows), np.nan)
    if all(row.cv_m_per_s is None for row in rows):
        return found, speed
    task = pulse_task(fibers, fields, first.pulse, delay_us=delay_us, duration_us=duration_us)
    for index in batches(task):
        batch = Batch.of(task.part(index), dt_us=dt_us, scheme="parity", temperature_degc=first.temperature_degc)
        at_ma = np.array([[abs(rows[i].threshold_ma)] for i in index])
        seen = batch.bundle.run(np.arange(index.size), at_ma, batch.wave, n_step=batch.n_step, max_spikes=1)
        for row, i in enumerate(index):
            a, b = _timed(fibers[i])
            speed[i] = _apart_um(fibers[i]) / (1e3 * (seen.spike_ms[row, b, 0] - seen.spike_ms[row, a, 0]))
    return found, speed


def _timed(fiber: Fiber) -> tuple[int, int]:
    return int(0.7 * (fiber.n_node - 1)), int(0.88 * (fiber.n_node - 1))


def _apart_um(fiber: Fiber) -> float:
    a, b = _timed(fiber)
    return float(fiber.z_um[fiber.node_index[b]] - fiber.z_um[fiber.node_index[a]])


def _velocity(row: ReferenceRow, fiber: Fiber, found_m_per_s: float) -> dict[str, float]:
    if row.cv_m_per_s is None:
        return {}
    off = 100.0 * (found_m_per_s / row.cv_m_per_s - 1.0)
    step_pct = 100.0 * 1e3 * row.dt_ms * row.cv_m_per_s / _apart_um(fiber)
    return {
        "velocity_pct": off if np.isfinite(off) else float("inf"), "velocity_allowed_pct": max(VELOCITY_PCT, step_pct)
    }  # fmt: skip


def _model_check(checks: list[RowCheck]) -> ModelCheck:
    off = np.array([abs(check.deviation_pct) for check in checks])
    # a percentile between an infinite value and another is not a number
    method = "linear" if np.all(np.isfinite(off)) else "higher"
    timed = [
        (c.velocity_pct, c.velocity_allowed_pct)
        for c in checks
        if c.velocity_pct is not None and c.velocity_allowed_pct is not None
    ]
    return ModelCheck(
        n=off.size,
        median_pct=float(np.percentile(off, 50.0, method=method)),
        p95_pct=float(np.percentile(off, 95.0, method=method)),
        max_pct=float(np.max(off)),
        worst=checks[int(np.argmax(off))],
        n_velocity=len(timed),
        n_velocity_off=sum(abs(pct) > allowed for pct, allowed in timed),
        velocity_median_pct=float(np.median([abs(pct) for pct, _ in timed])) if timed else None,
    )


def _fibers(rows: Sequence[ReferenceRow]) -> list[Fiber]:
    fibers: list[Fiber] = []
    problems: list[Problem] = []
    for row in rows:
        where = f"row {row.number}"
        data = membrane(row.model)
        section_um = row.delta_z_um if data.kind == "unmyelinated" else None
        try:
            fiber = Fiber.of(
                data, diameter_um=row.diameter_um, n_node=row.n_node, section_um=section_um, offset_um=row.node0_z_um
            )
        except ModelRange as error:
            problems.append(
                Problem(what="model is not valid here", where=f"{where}, diameter_um", found=str(error),
                        allowed="a diameter of the model")
            )  # fmt: skip
            continue
        pitch_um = float(fiber.z_um[fiber.node_index[1]] - fiber.z_um[fiber.node_index[0]])
        if abs(pitch_um - row.delta_z_um) > 1e-4 * pitch_um:
            problems.append(
                Problem(what="geometry is not the model's", where=f"{where}, delta_z_um", found=f"{row.delta_z_um:g}",
                        allowed=f"{pitch_um:g} um at {row.diameter_um:g} um")
            )  # fmt: skip
        fibers.append(fiber)
    if problems:
        raise InputError(problems)
    return fibers


def _field(row: ReferenceRow, fiber: Fiber) -> np.ndarray:
    return point_mv_per_ma(
        row.electrode_x_um - row.fiber_x_um,
        row.electrode_y_um - row.fiber_y_um,
        fiber.z_um - row.electrode_z_um,
        sigma_s_per_m=row.sigma_s_per_m,
    )
