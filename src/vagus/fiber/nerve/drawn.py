"""Recruitment over draws of anatomy and conductivity: a nerve in an electrode, drawn many times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vagus.dose import Pulse
from vagus.errors import InputError, Problem
from vagus.fiber.nerve.anatomy import Anatomy
from vagus.fiber.nerve.placed import PlacedFibers, place_fibers
from vagus.fiber.nerve.recruited import NerveRecruitment, recruit_nerve
from vagus.field import Nerve
from vagus.source import Effect, Source
from vagus.store import Store, digest

FloatArray = NDArray[np.float64]

# of the work on a draw by finite elements, about the field's part
FIELD_SHARE = 0.7

Draw = Callable[[np.random.Generator], Anatomy]
Place = Callable[[Nerve, np.random.Generator], PlacedFibers]


@dataclass(frozen=True, slots=True, kw_only=True)
class NerveDraws:
    """One recruitment for each draw.

    Parameters
    ----------
    each : tuple of NerveRecruitment
    level : float
        Of the intervals.
    sources : tuple of Source
    """

    each: tuple[NerveRecruitment, ...]
    level: float = 0.90
    sources: tuple[Source, ...] = ()

    def current_ma(self, share_pct: float, *, key: str | None = None, fascicle: str | None = None) -> Effect:
        """Current at which a share of fibers fires: median over draws, and the interval between their quantiles."""
        found = np.array([one.current_ma(share_pct, key=key, fascicle=fascicle) for one in self.each])
        return self._effect(found, "mA", f"current at which {share_pct:g} % fire")

    def share_pct(self, amplitude_ma: ArrayLike, *, key: str | None = None, fascicle: str | None = None) -> FloatArray:
        """Share that fires at each current: (3, n) low, median and high over draws."""
        shares = np.stack([one.share_pct(amplitude_ma, key=key, fascicle=fascicle) for one in self.each])
        tail = (1.0 - self.level) / 2.0
        return np.asarray(np.quantile(shares, [tail, 0.5, 1.0 - tail], axis=0), dtype=np.float64)

    def _effect(self, values: FloatArray, unit: str, what: str) -> Effect:
        tail = (1.0 - self.level) / 2.0
        # without interpolation, as half of infinity is no current
        low, middle, high = (float(np.quantile(values, q, method="inverted_cdf")) for q in (tail, 0.5, 1.0 - tail))
        return Effect(
            estimate=middle, low=low, high=high, unit=unit, n=len(self.each), level=self.level, sources=self.sources,
            method=f"{what}: median and quantiles over draws of anatomy and conductivity",
        )  # fmt: skip


def recruit_draws(
    draw: Draw,
    place: Place,
    pulse: Pulse,
    *,
    rng: np.random.Generator,
    n_draws: int,
    limit_ma: float,
    dt_us: float | None = None,
    progress: Callable[[float], None] | None = None,
    store: Store | None = None,
    threads: int | None = None,
) -> NerveDraws:
    """Recruitment in nerves that are drawn one after the other, each with its own field.

    Parameters
    ----------
    draw : callable
        Makes an `Anatomy` from a generator, as `draw_helix`.
    place : callable
        Places fibers in its nerve: ``lambda nerve, rng: place_fibers(nerve, {...}, rng=rng)``.
    pulse : Pulse
    rng : numpy.random.Generator
        Each draw has a child of its own, so that the first draws stay as they are when there are more.
    n_draws : int
    limit_ma : float
        Largest current that matters.
    dt_us : float, optional
        As in `recruit_nerve`.
    store : Store, optional
        Keeps the thresholds of each draw that is done: a call after an interrupt goes on from there.

    Raises
    ------
    InputError
        No draws; as `recruit_nerve`.

    Examples
    --------
    >>> from vagus.fiber.nerve.anatomy import draw_helix
    >>> pulse = Pulse(amplitude_ma=-1.0, width_us=250.0, shape="monophasic")
    >>> def touch(nerve, rng):
    ...     return place_fibers(nerve, {"a_beta": 1}, rng=rng, fascicles=[0])
    >>> found = recruit_draws(draw_helix, touch, pulse, rng=np.random.default_rng(1), n_draws=1, limit_ma=50.0)
    >>> len(found.each), found.each[0].fibers.size
    (1, 1)
    """
    if n_draws < 1:
        raise InputError(Problem(what="no draws", found=f"n_draws = {n_draws}", allowed="1 or more"))
    each: list[NerveRecruitment] = []
    sources: dict[Source, None] = {}
    for number, own in enumerate(rng.spawn(n_draws)):
        anatomy = draw(own)
        fibers = place(anatomy.nerve, own)
        sources |= dict.fromkeys(anatomy.sources)

        def told(share: float, begin: int = number) -> None:
            if progress is not None:
                progress((begin + share) / n_draws)

        each.append(
            _one(anatomy, fibers, pulse, limit_ma=limit_ma, dt_us=dt_us, progress=told, store=store, threads=threads)
        )
        told(1.0)
    return NerveDraws(each=tuple(each), sources=tuple(sources))


def _one(
    anatomy: Anatomy, fibers: PlacedFibers, pulse: Pulse, *, limit_ma: float, dt_us: float | None,
    progress: Callable[[float], None], store: Store | None, threads: int | None,
) -> NerveRecruitment:  # fmt: skip
    key = digest([
        anatomy.key, anatomy.weights, repr(fibers.classes), fibers.class_index, fibers.fascicle_index, fibers.x_um,
        fibers.y_um, fibers.diameter_um, fibers.shift, repr(pulse), limit_ma, dt_us,
    ])  # fmt: skip
    kept = None if store is None else store.load(key)
    if kept is not None and kept.shape == (fibers.size,):
        return NerveRecruitment(
            nerve=anatomy.nerve, fibers=fibers, weights=anatomy.weights, pulse=pulse, threshold_ma=kept,
            limit_ma=limit_ma,
        )  # fmt: skip
    begin = 0.0 if anatomy.solver == "waves" else FIELD_SHARE
    field = anatomy.solve(store=store, progress=lambda share: progress(begin * share))
    found = recruit_nerve(
        anatomy.nerve, fibers, field, pulse, weights=anatomy.weights, limit_ma=limit_ma, dt_us=dt_us,
        progress=lambda share: progress(begin + (1.0 - begin) * share), store=store, threads=threads,
    )  # fmt: skip
    if store is not None:
        store.save(key, found.threshold_ma)
    return found


def laryngeal_fibers(nerve: Nerve, rng: np.random.Generator, *, n: int = 100) -> PlacedFibers:
    """Laryngeal motor fibers of a nerve, all in one fascicle drawn with a chance in proportion to its area.

    Examples
    --------
    >>> from vagus.field import draw_nerve
    >>> nerve = draw_nerve("human", side="left", unmyelinated=None, rng=np.random.default_rng(1))
    >>> laryngeal_fibers(nerve, np.random.default_rng(1), n=5).fascicle_index.tolist()
    [2, 2, 2, 2, 2]
    """
    areas = np.array([one.area_um2 for one in nerve.fascicles])
    chosen = int(rng.choice(areas.size, p=areas / areas.sum()))
    return place_fibers(nerve, {"a_alpha_motor": n}, rng=rng, fascicles=[chosen])
