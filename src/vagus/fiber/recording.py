"""What a contact records of one fiber: its transmembrane currents, weighted by the contact's lead field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.engine.batch import Batch, field_problems, stride_of
from vagus.fiber.engine.cable import Bundle, project, refuse_broken
from vagus.fiber.model.packed import Scheme
from vagus.fiber.train import Drive, drive_batch

FloatArray = NDArray[np.float64]


def single_fiber_potential_uv(
    fiber: Fiber,
    drives: Sequence[Drive],
    leads_mv_per_ma: Sequence[FloatArray],
    *,
    duration_us: float | None = None,
    every_us: float | None = None,
    dt_us: float | None = None,
    scheme: Scheme = "second_order",
    temperature_degc: float | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Single-fiber action potential at recording contacts.

    Parameters
    ----------
    leads_mv_per_ma : sequence of (n,) array
        For each contact, the potential that 1 mA from it would make at the fiber's compartments. By reciprocity 1 mA
        across the membrane there makes the same potential at the contact.
    every_us : float, optional
        Time between points; without it, every step.

    Returns
    -------
    t_us : (n_t,) array
    potential_uv : (n_contact, n_t) array
        Of the fiber's own currents: the stimulus artifact is not in it.

    Raises
    ------
    InputError
        Drives or leads that do not fit the fiber.

    Examples
    --------
    >>> from vagus.dose import Pulse
    >>> from vagus.fiber.stimulus import Wave
    >>> from vagus.field import point_mv_per_ma
    >>> fiber = Fiber.of("mrg", diameter_um=10.0, n_node=31)
    >>> lead = point_mv_per_ma(500.0, 0.0, fiber.z_um - fiber.z_um[220], sigma_s_per_m=0.3)
    >>> kick = Wave.of_pulse(Pulse(amplitude_ma=2.0, width_us=100.0, shape="monophasic"))
    >>> t_us, v_uv = single_fiber_potential_uv(fiber, [Drive(wave=kick, node=2)], [lead])
    >>> bool(v_uv.min() < -0.1), bool(abs(v_uv[0, -1]) < 0.05)
    (True, True)
    """
    if not len(leads_mv_per_ma):
        raise InputError(Problem(what="no recording contact", found="no leads", allowed="one or more"))
    problems = field_problems([fiber] * len(leads_mv_per_ma), leads_mv_per_ma)
    if problems:
        raise InputError([replace(one, where=one.where.replace("field", "leads_mv_per_ma")) for one in problems])
    batch = drive_batch(
        fiber, drives, duration_us=duration_us, dt_us=dt_us, scheme=scheme, temperature_degc=temperature_degc
    )
    stride = stride_of(batch, every_us)
    seen = batch.bundle.run(
        np.zeros(1, dtype=np.int64), np.ones((1, len(drives))), batch.wave, n_step=batch.n_step, stride=stride,
        probe=_weights(batch, fiber, np.array([np.asarray(lead, dtype=np.float64) for lead in leads_mv_per_ma])),
    )  # fmt: skip
    t_us = batch.dt_us * stride * np.arange(1, seen.probe.shape[1] + 1) - batch.early_us
    refuse_broken(seen)
    # mV per mA times nA, in uV
    return t_us, 1e-3 * seen.probe[0].T


def _weights(batch: Batch, fiber: Fiber, leads: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What a contact sees of each node and each mode."""
    bundle: Bundle = batch.bundle
    node, inner, ends = project(fiber, bundle.modes, 0, leads)
    mode = np.repeat(0.0 * bundle.axons.mode_start[:1], leads.shape[0], axis=0)
    if bundle.modes is not None:
        n_mode = inner[0].shape[1]
        for side in range(2):
            mode[:, side, :n_mode, : inner[side].shape[2]] = inner[side]
    end = np.stack(ends, axis=1) if bundle.modes is not None else np.zeros((leads.shape[0], 2, 0))
    return np.ascontiguousarray(node), mode, np.ascontiguousarray(end)
