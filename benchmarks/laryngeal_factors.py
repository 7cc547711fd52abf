"""What moves the laryngeal threshold of the helix: one factor changed at a time, on the same drawn nerves.

    python benchmarks/laryngeal_factors.py [N_DRAWS] [FACTOR ...]

Prints, for each factor, the median threshold by the criterion of docs/rooms/fiber/laryngeal.md and the median and
range over nerves of the binary logarithm of its ratio to the model as it is. Nothing is fitted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from vagus.dose import Pulse
from vagus.fiber.nerve.anatomy import Anatomy, draw_helix
from vagus.fiber.nerve.drawn import laryngeal_fibers
from vagus.fiber.nerve.placed import PlacedFibers
from vagus.fiber.nerve.recruited import recruit_nerve
from vagus.fiber.recruit import declared
from vagus.field import Field, helix, medium, nerve_medium
from vagus.field.electrode.product import fitted_helix, helix_tubes

SEED, N_FIBERS = 20261126, 30
PULSE = Pulse(amplitude_ma=-1.0, width_us=250.0, shape="biphasic_asymmetric", recovery_ratio=0.25)
Change = Callable[[Anatomy], Anatomy]


def tissue(**more: object) -> Change:
    """Other conductivities."""
    return lambda one: replace(one, tissue=replace(one.tissue, **more))


def times(key: str, factor: float) -> Change:
    """One conductivity times a factor."""
    return lambda one: replace(one, tissue=replace(one.tissue, **{key: factor * getattr(one.tissue, key)}))


def film(film_um: float) -> Change:
    """Another thickness of the fluid; contacts stay where they are."""

    def changed(one: Anatomy) -> Anatomy:
        assert one.tissue.pocket is not None
        return replace(one, tissue=replace(one.tissue, pocket=replace(one.tissue.pocket, film_um=film_um)))

    return changed


def reach(within_um: float) -> Change:
    """Another distance from the nerve to the contacts."""

    def changed(one: Anatomy) -> Anatomy:
        contacts = fitted_helix(one.nerve.diameter_um / 2.0 + within_um)
        return replace(one, contacts=contacts, tubes_um=helix_tubes(contacts))

    return changed


def dry(one: Anatomy) -> Anatomy:
    """Capsule where fluid was."""
    return replace(one, tissue=replace(one.tissue, pocket=None))


def acute(one: Anatomy) -> Anatomy:
    """The published model of the day of surgery: fluid of 100 µm within the helix and in its turns, no capsule."""
    wet = reach(100.0)(film(99.0)(one))
    return replace(wet, tissue=replace(wet.tissue, capsule_s_per_m=nerve_medium("saline").value))


def before(one: Anatomy) -> Anatomy:
    """The first model: one tissue to the smaller helix that holds the nerve at rest, a closed tube of two turns."""
    radius_um = 990.0 if one.nerve.diameter_um < 1980.0 else 1500.0
    contacts = helix(radius_um)
    return replace(dry(one), contacts=contacts, tubes_um=tuple((c.z_um, 2.0 * c.rise_um) for c in contacts))


def wider(one: Anatomy) -> Anatomy:
    """A nerve of 7.2 mm² in the mean (Hammer 2018), more epineurium around the same fascicles."""
    nerve = replace(one.nerve, outline_um=one.nerve.outline_um * np.sqrt(7.2 / 3.6))
    gap_um = one.contacts[0].radius_um - one.nerve.diameter_um / 2.0
    return reach(gap_um)(replace(one, nerve=nerve))


SIGMA = {key: medium(f"endoneurium_{key}") for key in ("along", "across")}
ANATOMY: dict[str, Change] = {
    "no fluid at the helix (capsule)": dry,
    "the first model (closed tube of 2 turns)": before,
    "acute model (fluid within, no capsule)": acute,
    "fluid 50 um": film(50.0),
    "fluid 200 um": film(200.0),
    "contacts 175 um from the nerve": reach(175.0),
    "contacts 700 um from the nerve": reach(700.0),
    "capsule 0.08 S/m": tissue(capsule_s_per_m=0.08),
    "capsule 0.32 S/m": tissue(capsule_s_per_m=0.32),
    "fat around": tissue(around_s_per_m=declared("around_nerve").low),
    "0.5 S/m around": tissue(around_s_per_m=declared("around_nerve").high),
    "epineurium 0.08 S/m": tissue(epineurium_s_per_m=0.08),
    "epineurium 0.32 S/m": tissue(epineurium_s_per_m=0.32),
    "perineurium half": times("perineurium_ohm_m", 0.5),
    "perineurium double": times("perineurium_ohm_m", 2.0),
    "endoneurium along, low": tissue(endoneurium_along_s_per_m=SIGMA["along"].low),
    "endoneurium along, high": tissue(endoneurium_along_s_per_m=SIGMA["along"].high),
    "nerve of 7.2 mm2, same fascicles": wider,
}
DOSE: dict[str, Pulse] = {
    "500 us": replace(PULSE, width_us=500.0),
    "130 us": replace(PULSE, width_us=130.0),
    "no recovery phase": Pulse(amplitude_ma=-1.0, width_us=250.0, shape="monophasic"),
    "anode at the head": replace(PULSE, amplitude_ma=1.0),
}
FIBERS = {"fibers 7.5 um (cat: 6 to 9)": 7.5, "fibers 12 um": 12.0}
SHARES = {"1 % fire": 1.0, "50 % fire": 50.0}


def thicker(fibers: PlacedFibers, mean_um: float) -> PlacedFibers:
    """The same fibers about another mean."""
    return replace(fibers, diameter_um=np.clip(fibers.diameter_um * mean_um / 9.0, 2.0, 16.0))


def threshold(one: Anatomy, field: Field, fibers: PlacedFibers, pulse: Pulse = PULSE, share: float = 10.0) -> float:
    """Threshold of a nerve (mA)."""
    each = recruit_nerve(one.nerve, fibers, field, pulse, weights=one.weights, limit_ma=50.0, dt_us=10.0, threads=1)
    return each.current_ma(share, key="a_alpha_motor")


def main(n_draws: str = "12", *asked: str) -> None:
    drawn = []
    for own in np.random.default_rng(SEED).spawn(int(n_draws)):
        anatomy = draw_helix(own)
        drawn.append((anatomy, anatomy.solve(), laryngeal_fibers(anatomy.nerve, own, n=N_FIBERS)))
    cases: dict[str, Callable[[Anatomy, Field, PlacedFibers], float]] = {
        "as it is": threshold,
        **{name: lambda a, v, f, p=pulse: threshold(a, v, f, p) for name, pulse in DOSE.items()},
        **{name: lambda a, v, f, d=mean: threshold(a, v, thicker(f, d)) for name, mean in FIBERS.items()},
        **{name: lambda a, v, f, s=share: threshold(a, v, f, PULSE, s) for name, share in SHARES.items()},
        **{name: lambda a, v, f, c=change: threshold(c(a), c(a).solve(), f) for name, change in ANATOMY.items()},
    }
    begin = time.process_time()
    base: np.ndarray | None = None
    for name, case in cases.items():
        if base is not None and asked and name not in asked:
            continue
        each = np.array([case(*one) for one in drawn])
        base = each if base is None else base
        ratio = np.log2(each / base)
        print(
            f"{name:42s} {np.median(each):.3f} mA  log2 {np.median(ratio):+.2f} "
            f"({ratio.min():+.2f} to {ratio.max():+.2f})  {time.process_time() - begin:.0f} CPU s",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
