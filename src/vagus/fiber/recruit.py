"""Recruitment of a site's fiber classes by a pulse, over the spread of anatomy.

Fibers are simulated in a few anatomies (depth, layer, radius of the helix; in each, fibers over diameter and place).
Potentials are inverse to a common factor of conductivity, so thresholds are proportional to it: draws of that factor
cost nothing and are exact. A draw is one anatomy with one factor, which also holds a declared doubt about the field,
and one Beta draw of the share for the finite number of simulated fibers. Declared numbers: table `recruitment`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

from vagus.dose import Montage, Pulse
from vagus.errors import InputError, Problem
from vagus.fiber.axon import Fiber
from vagus.fiber.membrane import membrane
from vagus.fiber.population import FiberClass, Path, Population, population
from vagus.fiber.recruitment import ClassRecruitment, Recruitment
from vagus.fiber.threshold import threshold_ma
from vagus.field import Skin, Trunk, lead_field, medium
from vagus.source import Effect, Known, Source
from vagus.tables import known_numbers

FloatArray = NDArray[np.float64]

LEVEL = 0.90
# currents of a curve: even in their logarithm from a thousandth of the site's range to its end
N_AMPLITUDE, DECADES = 73, 3.0
REL_TOL = 0.01
STEP_US, STEP_UNMYELINATED_US, SECTION_UM = 10.0, 25.0, 50.0


def declared(key: str) -> Known:
    """What the table `recruitment` declares: field_doubt, insulation_gain or end_taper.

    Examples
    --------
    >>> declared("field_doubt").high, declared("field_doubt").source.verified
    (8.0, False)
    """
    return known_numbers("recruitment")[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anatomy:
    """One person: tissue at its reference conductivity, and how deep the fibers run."""

    tissue: Trunk | Skin
    depth_um: float


def recruit(
    montage: Montage,
    pulse: Pulse,
    *,
    rng: np.random.Generator,
    n_draws: int = 300,
    n_anatomies: int = 10,
    n_per_class: int = 6,
    progress: Callable[[float], None] | None = None,
) -> Recruitment:
    """Share of each fiber class that a pulse fires, against current, with its 90 % interval over anatomy.

    Parameters
    ----------
    montage : Montage
        Its site says which fibers there are.
    pulse : Pulse
        Its amplitude is the dose.
    rng : numpy.random.Generator
    n_draws : int
        Draws behind the interval, at least 20.
    n_anatomies, n_per_class : int
        Anatomies simulated, and fibers of each class in each of them.
    progress : callable, optional
        Told the share that is done, 0 to 1.

    Raises
    ------
    InputError
        A number of draws too small, a pulse without amplitude, or a site whose fibers are not known.

    Notes
    -----
    Time steps of 10 µs (25 µs unmyelinated, in sections of 50 µm) and thresholds to 1 %: an error of about 3 %, far
    below the spread of anatomy. Spikes count toward the brain for afferents and toward the periphery for efferents.
    The share is the median over draws of the share of simulated fibers that fire; bounds are quantiles of Jeffreys
    Beta draws around it, with all simulated fibers of the class as their number, so that none has zero width. Currents
    are 0, the site's declared range (logarithmic) and the dose, so no number but those at the dose depends on it.

    Examples
    --------
    >>> from vagus.dose import Pulse, device_of, montage
    >>> cymba = montage(device_of("tvnsr"), "cymba_left")
    >>> pulse = Pulse(amplitude_ma=1.5, width_us=250.0, shape="biphasic_symmetric")
    >>> result = recruit(cymba, pulse, rng=np.random.default_rng(1), n_anatomies=2, n_per_class=2, n_draws=20)
    >>> [c.key for c in result.classes], result.amplitude_ma[-1]
    (['a_beta', 'a_delta', 'c'], np.float64(10.0))
    """
    _check(pulse, n_draws=n_draws, n_anatomies=n_anatomies, n_per_class=n_per_class)
    people = population(montage.site)
    path, dose_ma = people.path, abs(pulse.amplitude_ma)
    amplitude = _currents_ma(path.top_ma, dose_ma)
    factors = _factors(path, rng, n_draws)
    anatomies = [_draw_anatomy(path, rng, rank / n_anatomies, 1.0 / n_anatomies) for rank in range(n_anatomies)]
    pick = np.arange(n_draws) % n_anatomies
    limit_ma = float(amplitude[-1] / factors.min())
    classes: list[ClassRecruitment] = []
    for number, one in enumerate(people.classes):
        found = np.empty((n_anatomies, n_per_class))
        for a, anatomy in enumerate(anatomies):
            found[a] = _thresholds(montage, pulse, one, path, anatomy, rng=rng, n=n_per_class, limit_ma=limit_ma)
            if progress is not None:
                progress((number + (a + 1) / n_anatomies) / len(people.classes))
        shares = np.stack([_share_pct(found[p] * f, amplitude) for p, f in zip(pick, factors, strict=True)])
        score = rng.uniform(size=n_draws)
        doubtful = _finite_fibers(shares, found.size, score)
        doubtful[:, amplitude == 0] = 0.0  # no current fires none, however many fibers were simulated
        at_dose = _at_dose(one, shares, doubtful, int(np.searchsorted(amplitude, dose_ma)), found.size)
        half = _half_ma(one, found[pick] * factors[:, None], score, found.size, path.top_ma)
        tail = (1.0 - LEVEL) / 2.0
        median, (low, high) = np.median(shares, axis=0), np.quantile(doubtful, [tail, 1.0 - tail], axis=0)
        classes.append(
            ClassRecruitment(
                key=one.key, label=one.label, role=one.role, n_simulated=found.size, count=one.count, share_pct=median,
                low_pct=np.minimum(low, median), high_pct=np.maximum(high, median), at_dose=at_dose, half_ma=half,
                half_top_ma=path.top_ma,
            )
        )  # fmt: skip
    return Recruitment(
        site=montage.site, amplitude_ma=amplitude, dose_ma=dose_ma, classes=tuple(classes), n_draws=n_draws,
        level=LEVEL, method=_method(path, n_draws, n_anatomies, n_per_class), caveat=people.caveat,
        sources=_sources(people, montage),
    )  # fmt: skip


def _check(pulse: Pulse, *, n_draws: int, n_anatomies: int, n_per_class: int) -> None:
    sizes = (("n_draws", n_draws, 20), ("n_anatomies", n_anatomies, 1), ("n_per_class", n_per_class, 2))
    problems = [
        Problem(what=f"{name} is too small", found=f"{value}", allowed=f"{least} or more")
        for name, value, least in sizes
        if value < least
    ]
    if pulse.amplitude_ma == 0:
        problems.append(Problem(what="the pulse has no amplitude", found="0 mA", allowed="any other current"))
    if problems:
        raise InputError(problems)


def _factors(path: Path, rng: np.random.Generator, n: int) -> FloatArray:
    """Thresholds against those simulated: conductivity over its range, insulation of a helix, what the field lacks."""
    conductivity = medium(path.upper)
    factor = between(conductivity, rng, n) / conductivity.value * between(declared("field_doubt"), rng, n)
    if path.tissue == "skin":
        return factor
    gain = declared("insulation_gain")
    return factor / rng.uniform(gain.low or gain.value, gain.high or gain.value, n)


def between(known: Known, rng: np.random.Generator, n: int) -> FloatArray:
    """Draws over the range of a number, even in its logarithm."""
    return np.exp(rng.uniform(math.log(known.low or known.value), math.log(known.high or known.value), n))


def _draw_anatomy(path: Path, rng: np.random.Generator, rank: float, width: float) -> _Anatomy:
    """One anatomy; depths are stratified, so that a few cover the range."""
    layer_um = float(rng.uniform(path.layer_low_um, path.layer_high_um))
    upper, below = medium(path.upper), medium(path.below)
    ratio = float(between(below, rng, 1)[0]) / below.value
    if path.tissue == "nerve":
        tissue = Trunk(
            band_radius_um=layer_um, sigma_along_s_per_m=upper.value, sigma_across_s_per_m=below.value * ratio,
            insulation_gain=1.0,
        )  # fmt: skip
    else:
        tissue = Skin(thickness_um=layer_um, sigma_s_per_m=upper.value, sigma_below_s_per_m=below.value * ratio)
    depth_um = path.path_low_um + (path.path_high_um - path.path_low_um) * (rank + width * float(rng.uniform()))
    return _Anatomy(tissue=tissue, depth_um=depth_um)


def _thresholds(
    montage: Montage, pulse: Pulse, one: FiberClass, path: Path, anatomy: _Anatomy, *, rng: np.random.Generator,
    n: int, limit_ma: float,
) -> FloatArray:  # fmt: skip
    """Magnitudes of the thresholds (mA) of `n` fibers of a class in one anatomy."""
    data = membrane(one.model)
    spread = NormalDist(one.diameter_mean_um, one.diameter_sd_um)
    low, high = spread.cdf(data.diameter_low_um), spread.cdf(data.diameter_high_um)
    ranks = low + (high - low) * (rng.permutation(n) + rng.uniform(size=n)) / n
    fibers, fields = [], []
    for rank in ranks:
        diameter_um = min(max(spread.inv_cdf(float(rank)), data.diameter_low_um), data.diameter_high_um)
        section_um = None if data.kind == "myelinated" else SECTION_UM
        fiber = Fiber.of(data, diameter_um=diameter_um, length_um=2.0 * path.half_length_um, section_um=section_um)
        potential = without_ends(_along(montage, path, anatomy, fiber, rng), fiber.z_um)
        fibers.append(fiber)
        # spikes are watched at the far end of z, the head's; for efferents the path is turned around
        fields.append(potential[::-1] if one.outward else potential)
    shortest_us = min(phase.width_us for phase in pulse.phases)
    dt_us = min(STEP_US if data.kind == "myelinated" else STEP_UNMYELINATED_US, shortest_us / 10.0)
    found = threshold_ma(fibers, fields, pulse, dt_us=dt_us, rel_tol=REL_TOL, limit_ma=limit_ma)
    return np.abs(found)


def _along(montage: Montage, path: Path, anatomy: _Anatomy, fiber: Fiber, rng: np.random.Generator) -> FloatArray:
    """Potential along one fiber at a drawn place; a shift within one internode moves its nodes against contacts."""
    pitch_um = float(fiber.z_um[-1]) / (fiber.n_node - 1)
    s_um = fiber.z_um - float(fiber.z_um[-1]) / 2.0 + pitch_um * float(rng.uniform(-0.5, 0.5))
    if isinstance(anatomy.tissue, Trunk):
        # even over the nerve's cross section
        radius_um, angle = path.path_high_um * math.sqrt(rng.uniform()), rng.uniform(0.0, 2.0 * math.pi)
        x_um, y_um = radius_um * math.cos(angle), radius_um * math.sin(angle)
        return lead_field(montage, anatomy.tissue, x_um=x_um, y_um=y_um, z_um=s_um)
    turn = math.radians(rng.uniform(-path.turn_deg, path.turn_deg))
    aside_um = rng.uniform(-path.lateral_um, path.lateral_um)
    x_um = s_um * math.cos(turn) - aside_um * math.sin(turn)
    y_um = s_um * math.sin(turn) + aside_um * math.cos(turn)
    return lead_field(montage, anatomy.tissue, x_um=x_um, y_um=y_um, z_um=anatomy.depth_um)


def without_ends(potential: FloatArray, z_um: FloatArray) -> FloatArray:
    """Potential that levels off over the outer tenth at each end.

    A cut fiber in a field that still slopes is driven at its sealed ends as no fiber that runs on would be.
    """
    middle = 0.5 * (z_um[1:] + z_um[:-1]) / z_um[-1]
    edge = np.minimum(middle, 1.0 - middle) / declared("end_taper").value
    window = np.where(edge < 1.0, 0.5 - 0.5 * np.cos(math.pi * np.minimum(edge, 1.0)), 1.0)
    return np.concatenate([[0.0], np.cumsum(window * np.diff(potential))])


def _currents_ma(top_ma: float, dose_ma: float) -> FloatArray:
    """Currents of the curves: 0 and the site's range, the same for every dose, and the dose; beyond the range up to it.

    A grid scaled to the dose would read another current for half of the fibers from each dose.
    """
    within = np.geomspace(top_ma / 10.0**DECADES, top_ma, N_AMPLITUDE)
    beyond = np.geomspace(top_ma, max(top_ma, dose_ma), 1 + math.ceil(24 * math.log10(max(dose_ma / top_ma, 1.0))))
    return np.unique(np.concatenate([[0.0], within[:-1], [top_ma], beyond[1:-1], [dose_ma]]))


def _knots(thresholds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Distribution of thresholds, straight between fibers in log current: log currents and the shares below them."""
    finite = np.log(np.sort(thresholds[np.isfinite(thresholds)]))
    if finite.size == 0:
        return finite, finite
    n = thresholds.size
    half_gap = 0.5 * ((finite[-1] - finite[0]) / (finite.size - 1) if finite.size > 1 else 0.1) + 1e-6
    knots = np.concatenate([[finite[0] - half_gap], finite, [finite[-1] + half_gap]])
    return knots, np.concatenate([[0.0], (np.arange(finite.size) + 0.5) / n, [finite.size / n]])


def _share_pct(thresholds: FloatArray, amplitude: FloatArray) -> FloatArray:
    """Share of fibers at or below each current."""
    knots, levels = _knots(thresholds)
    share = np.zeros(amplitude.size)
    given = amplitude > 0
    if knots.size:
        share[given] = 100.0 * np.interp(np.log(amplitude[given]), knots, levels)
    return share


def _current_ma(thresholds: FloatArray, share: float) -> float:
    """Current at which a share (0 to 1) of the fibers fires: `_share_pct` turned around; inf where it never does."""
    knots, levels = _knots(thresholds)
    return math.exp(np.interp(share, levels, knots)) if knots.size and share <= levels[-1] else math.inf


def _finite_fibers(shares_pct: FloatArray, n_simulated: int, score: FloatArray) -> FloatArray:
    """Shares (n_draws, n_i) that such a share of `n_simulated` fibers may stand for: Jeffreys Beta, one score a draw.

    The same score at all currents keeps each draw's curve rising. Few fibers in one anatomy already spread the shares
    of anatomies apart; what that spread lacks, where all agree, is the number of all fibers.
    """
    fired = shares_pct / 100.0 * n_simulated
    return 100.0 * betaincinv(fired + 0.5, n_simulated - fired + 0.5, score[:, None])


def _stands_for_half(n_simulated: int, score: FloatArray) -> FloatArray:
    """Share (n_draws,) of `n_simulated` fibers that stands for half of all: `_finite_fibers` turned around."""
    fired = np.linspace(0.0, n_simulated, 20 * n_simulated + 1)
    at = betainc(fired + 0.5, n_simulated - fired + 0.5, 0.5)  # falls from 1 to 0
    return np.interp(-score, -at, fired / n_simulated)


def _half_ma(one: FiberClass, thresholds: FloatArray, score: FloatArray, n_simulated: int, top_ma: float) -> Effect:
    """Current at which half of the class fires, from thresholds (n_draws, n): the same for every dose.

    Currents above the site's range are infinite: how far thresholds were sought beyond it depends on the dose.
    """
    wanted = _stands_for_half(n_simulated, score)
    tail = (1.0 - LEVEL) / 2.0
    plain = np.array([_current_ma(row, 0.5) for row in thresholds])
    doubtful = np.array([_current_ma(row, float(share)) for row, share in zip(thresholds, wanted, strict=True)])
    # without interpolation, as half of infinity is no current
    middle = float(np.quantile(plain, 0.5, method="inverted_cdf"))
    low, high = (float(np.quantile(doubtful, q, method="inverted_cdf")) for q in (tail, 1.0 - tail))
    low, middle, high = (x if x <= top_ma else math.inf for x in (min(low, middle), middle, max(high, middle)))
    return Effect(
        estimate=middle, low=low, high=high, unit="mA", n=n_simulated, level=LEVEL,
        method=f"current at which half of the simulated fibers fire: median over {score.size} draws, interval: "
        f"quantiles over the same draws as the share; infinite above {top_ma:g} mA",
        sources=(one.source, *membrane(one.model).sources),
    )  # fmt: skip


def _at_dose(one: FiberClass, shares: FloatArray, doubtful: FloatArray, column: int, n_simulated: int) -> Effect:
    """Median of `shares` and interval of `doubtful` over draws at the dose."""
    tail = (1.0 - LEVEL) / 2.0
    median = float(np.median(shares[:, column]))
    low, high = (float(x) for x in np.quantile(doubtful[:, column], [tail, 1.0 - tail]))
    return Effect(
        estimate=median, low=min(low, median), high=max(high, median), unit="%", n=n_simulated, level=LEVEL,
        method=f"share of simulated fibers that fire: median over {shares.shape[0]} draws; interval: quantiles over "
        "draws of anatomy, of the field's declared doubt and of the finite number of simulated fibers (Jeffreys)",
        sources=(one.source, *membrane(one.model).sources),
    )  # fmt: skip


def _method(path: Path, n_draws: int, n_anatomies: int, n_per_class: int) -> str:
    doubt = declared("field_doubt").high or 1.0
    field = (
        "bands of current around the nerve in one anisotropic medium"
        if path.tissue == "nerve"
        else "discs on a layer over a half space (series of images)"
    )
    return (
        f"Cable models of {n_anatomies * n_per_class} fibers of each class ({n_anatomies} anatomies, {n_per_class} "
        f"fibers each: {path.text}); field: {field}; {n_draws} draws, each an anatomy with a conductivity from its "
        f"range, a factor of 1/{doubt:g} to {doubt:g} for what the field leaves out (declared, unverified), and the "
        "share that such a number of fibers may stand for (Jeffreys). One pulse at a time; a fiber fires when its "
        "spike arrives at the fiber's end; the field levels off over the outer tenth, so that cut ends do not fire."
    )


def _sources(people: Population, montage: Montage) -> tuple[Source, ...]:
    path = people.path
    models = {one.model for one in people.classes}
    found = [
        *people.sources, path.source, montage.source, medium(path.upper).source, medium(path.below).source,
        declared("field_doubt").source, declared("end_taper").source,
        *((declared("insulation_gain").source,) if path.tissue == "nerve" else ()),
        *(s for key in sorted(models) for s in membrane(key).sources),
        *(one.source for one in people.classes),
    ]  # fmt: skip
    return tuple(dict.fromkeys(found))


__all__ = ["ClassRecruitment", "Recruitment", "recruit"]
