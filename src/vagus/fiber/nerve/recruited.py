"""What a pulse recruits in one explicit nerve: a threshold for each fiber, and what follows from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.dose import Pulse
from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.nerve.placed import PlacedFibers
from vagus.fiber.recruit import without_ends
from vagus.fiber.threshold import threshold_ma
from vagus.field import Field, Nerve
from vagus.store import Store

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

# steps of the engine, and the bracket of a threshold: about 1 %, far below what anatomy spreads
STEP_MYELINATED_US, STEP_UNMYELINATED_US, REL_TOL = 5.0, 25.0, 0.005


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NerveRecruitment:
    """Thresholds of placed fibers under one montage and one pulse shape.

    Parameters
    ----------
    nerve : Nerve
    fibers : PlacedFibers
    weights : tuple of float
        Of the field's contacts.
    pulse : Pulse
        Its amplitude tells the sign only.
    threshold_ma : (n,) array
        Magnitudes; infinite above `limit_ma`.
    limit_ma : float
        Largest current that was looked at.
    """

    nerve: Nerve
    fibers: PlacedFibers
    weights: tuple[float, ...]
    pulse: Pulse
    threshold_ma: FloatArray
    limit_ma: float

    def __post_init__(self) -> None:
        array = np.array(self.threshold_ma, dtype=np.float64)
        if array.shape != (self.fibers.size,) or np.any(np.isnan(array)):
            raise InputError(Problem(what="one threshold a fiber", found=f"shape {array.shape}"))
        array.setflags(write=False)
        object.__setattr__(self, "threshold_ma", array)

    def chosen(self, *, key: str | None = None, fascicle: str | None = None) -> BoolArray:
        """Which fibers are of a class (its key) and of a fascicle (its label); without either, all.

        Raises
        ------
        InputError
            No such class or fascicle, or no fiber of this class in it.
        """
        return chosen(self.fibers, self.nerve, key=key, fascicle=fascicle)

    def share_pct(self, amplitude_ma: ArrayLike, *, key: str | None = None, fascicle: str | None = None) -> FloatArray:
        """Share of a class, of a fascicle or of both that fires at each current, fibers weighed by what they stand for.

        Raises
        ------
        InputError
            No such fibers, or a current above `limit_ma`, up to which thresholds were looked for.

        Examples
        --------
        See `recruit_nerve`.
        """
        held = self.chosen(key=key, fascicle=fascicle)
        return share_of(self.threshold_ma[held], self.fibers.share[held], self._within(amplitude_ma))

    def _within(self, amplitude_ma: ArrayLike) -> FloatArray:
        """Magnitudes of currents, none of them above the limit."""
        amplitude = np.abs(np.asarray(amplitude_ma, dtype=np.float64))
        if not np.all(amplitude <= self.limit_ma * (1.0 + 1e-9)):
            raise InputError(
                Problem(what="no threshold was looked for at this current", found=f"{float(np.max(amplitude)):g} mA",
                        allowed=f"up to limit_ma, {self.limit_ma:g} mA")
            )  # fmt: skip
        return amplitude

    def current_ma(self, share_pct: float, *, key: str | None = None, fascicle: str | None = None) -> float:
        """Smallest current at which a share of the fibers fires; infinite where none up to the limit does."""
        held = self.chosen(key=key, fascicle=fascicle)
        return current_of(self.threshold_ma[held], self.fibers.share[held], share_pct)

    def selectivity_pct(self, amplitude_ma: ArrayLike, *, wanted: BoolArray, spared: BoolArray) -> FloatArray:
        """Share of the wanted fibers that fires, less that of the fibers to spare: 100 is perfect, 0 is none.

        Parameters
        ----------
        wanted, spared : (n,) array of bool
            Fibers, as `chosen` tells them.

        Raises
        ------
        InputError
            No fiber is wanted, or none is to spare; a current above `limit_ma`.
        """
        for name, held in (("wanted", wanted), ("spared", spared)):
            if not np.any(held):
                raise InputError(Problem(what="no such fibers", found=name, allowed="one or more"))
        amplitude = self._within(amplitude_ma)
        told = partial(share_of, amplitude=amplitude)
        return told(self.threshold_ma[wanted], self.fibers.share[wanted]) - told(
            self.threshold_ma[spared], self.fibers.share[spared]
        )


def recruit_nerve(
    nerve: Nerve,
    fibers: PlacedFibers,
    field: Field,
    pulse: Pulse,
    *,
    weights: tuple[float, ...],
    limit_ma: float,
    dt_us: float | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
    store: Store | None = None,
) -> NerveRecruitment:
    """Threshold of every placed fiber of a nerve, and with them the share of each class and fascicle at any current.

    Fibers run straight along z, 20 mm to each side (unmyelinated: 12 mm); the field levels off over the outer tenth, so
    that cut ends do not fire. A fiber fires when its spike arrives near the end: at the head's (+z) for afferents, at
    the other for efferents.

    Parameters
    ----------
    nerve : Nerve
    fibers : PlacedFibers
        From `place_fibers`.
    field : Field
        Basis fields of contacts around that nerve.
    pulse : Pulse
        Its amplitude tells the sign only.
    weights : tuple of float
        Current of each contact per current of the pulse; they sum to 0, or what is left returns far away.
    limit_ma : float
        Largest current that matters.
    dt_us : float, optional
        Without it 5 µs (25 µs in unmyelinated fibers), at most a tenth of the shortest phase.
    store : Store, optional
        Keeps parts that are done, so that a call after an interrupt goes on.

    Raises
    ------
    InputError
        Weights that do not fit the contacts; as `threshold_ma`.

    Examples
    --------
    >>> from vagus.field import ClosedField, Point, Space, draw_nerve
    >>> from vagus.fiber.nerve.placed import place_fibers
    >>> nerve = draw_nerve("human", side="left", unmyelinated=None, rng=np.random.default_rng(1))
    >>> fibers = place_fibers(nerve, {"a_beta": 2}, rng=np.random.default_rng(1))
    >>> needle = ClosedField(medium=Space(sigma_s_per_m=0.2), contacts=(Point(x_um=1300.0, y_um=0.0, z_um=0.0),))
    >>> pulse = Pulse(amplitude_ma=-1.0, width_us=200.0, shape="monophasic")
    >>> found = recruit_nerve(nerve, fibers, needle, pulse, weights=(1.0,), limit_ma=5.0)
    >>> found.share_pct([0.1, 0.3, 3.0], key="a_beta").round().tolist()
    [0.0, 74.0, 100.0]
    """
    if len(weights) != len(field.contacts) or not all(math.isfinite(w) for w in weights) or not any(weights):
        raise InputError(
            Problem(what="weights do not fit the contacts", found=f"{weights}",
                    allowed=f"{len(field.contacts)} finite numbers, not all 0")
        )  # fmt: skip
    cables = fibers.built()
    basis = fibers.basis_mv_per_ma(field, cables)
    found = thresholds_ma(
        fibers, np.arange(fibers.size), cables, basis, pulse, weights=weights, limit_ma=limit_ma, dt_us=dt_us,
        threads=threads, progress=progress, store=store,
    )  # fmt: skip
    return NerveRecruitment(
        nerve=nerve, fibers=fibers, weights=tuple(float(w) for w in weights), limit_ma=limit_ma, threshold_ma=found,
        pulse=pulse.scaled(math.copysign(1.0, pulse.amplitude_ma)),
    )  # fmt: skip


def thresholds_ma(
    fibers: PlacedFibers,
    which: IntArray,
    cables: Sequence[Fiber],
    basis: Sequence[FloatArray],
    pulse: Pulse,
    *,
    weights: tuple[float, ...],
    limit_ma: float,
    dt_us: float | None,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
    store: Store | None = None,
) -> FloatArray:
    """Magnitudes of the thresholds of some placed fibers, whose cables and basis fields are at hand."""
    found = np.full(which.size, math.inf)
    shortest_us = min(phase.width_us for phase in pulse.phases)
    kinds = np.array([cables[i].membrane.kind == "myelinated" for i in which])
    done = 0.0
    for kind, own_us in ((True, STEP_MYELINATED_US), (False, STEP_UNMYELINATED_US)):
        mine = np.flatnonzero(kinds == kind)
        if not mine.size:
            continue
        part = mine.size / which.size

        def told(share: float, begin: float = done, part: float = part) -> None:
            if progress is not None:
                progress(begin + part * share)

        found[mine] = np.abs(
            threshold_ma(
                [cables[i] for i in which[mine]], [_driven(fibers, i, cables, basis, weights) for i in which[mine]],
                pulse, rel_tol=REL_TOL, limit_ma=limit_ma, dt_us=dt_us or min(own_us, shortest_us / 10.0),
                threads=threads, progress=told, store=store,
            )
        )  # fmt: skip
        done += part
    return found


def _driven(
    fibers: PlacedFibers, number: int, cables: Sequence[Fiber], basis: Sequence[FloatArray], weights: tuple[float, ...]
) -> FloatArray:
    """Potential along one fiber; turned around for an efferent one, whose spike counts at the other end."""
    potential = without_ends(np.asarray(weights) @ basis[number], cables[number].z_um)
    return potential[::-1] if fibers.classes[fibers.class_index[number]].outward else potential


def chosen(fibers: PlacedFibers, nerve: Nerve, *, key: str | None = None, fascicle: str | None = None) -> BoolArray:
    """Which placed fibers are of a class and of a fascicle; without either, all.

    Raises
    ------
    InputError
        No such class or fascicle, or no fiber of this class in it.
    """
    held = np.ones(fibers.size, dtype=bool)
    if key is not None:
        held &= fibers.class_index == fibers.class_number(key)
    if fascicle is not None:
        labels = [one.label for one in nerve.fascicles]
        held &= fibers.fascicle_index == (labels.index(fascicle) if fascicle in labels else -1)
    if not held.any():
        raise InputError(Problem(what="no such fibers", found=f"class {key}, fascicle {fascicle}"))
    return held


def current_of(threshold_ma: FloatArray, share: FloatArray, share_pct: float) -> float:
    """Smallest current at which a share of fibers fires, each weighed by what it stands for; infinite where none."""
    order = np.argsort(threshold_ma)
    level = 100.0 * np.cumsum(share[order]) / share.sum()
    at = int(np.searchsorted(level, share_pct - 1e-9))
    return float(threshold_ma[order][at]) if at < order.size else math.inf


def share_of(threshold_ma: FloatArray, share: FloatArray, amplitude: FloatArray) -> FloatArray:
    """Share of fibers (%) that fires at each current, each weighed by what it stands for."""
    order = np.argsort(threshold_ma)
    level = np.concatenate([[0.0], np.cumsum(share[order])]) / share.sum()
    return np.asarray(100.0 * level[np.searchsorted(threshold_ma[order], amplitude, side="right")], dtype=np.float64)
