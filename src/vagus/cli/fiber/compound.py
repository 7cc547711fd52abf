"""`vagus fiber compound`: what contacts record of a whole nerve, A, B and C waves by their latency."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from vagus.cli.dose import Quantity
from vagus.cli.fiber.nerve_asked import FIBERS, AskedNerve, nerve_options, numbers_of
from vagus.cli.output import check_targets, emit_json, emit_table, json_option, progress_line, seed_option, write_files
from vagus.cli.rows import PICTURES, check_pictures, picture_bytes
from vagus.dose import Pulse, Shape
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    import numpy as np

    from vagus.fiber.nerve.anatomy import Anatomy
    from vagus.fiber.nerve.compound import CompoundPotential
    from vagus.fiber.nerve.placed import PlacedFibers
    from vagus.field import Field


@click.command(short_help="A, B and C waves that contacts record.")
@nerve_options(fibers=f"{FIBERS},c=10")
@click.option("--distance-mm", type=Quantity(), default=100.0, show_default=True, help="From stimulus to recording.")
@click.option("--counts", help="Fibers of each class in the nerve, as a_beta=1200,c=16000; default: a person's.")
@click.option(
    "--amplitude-ma", type=Quantity(), help="Stimulus through the same electrode; without it all fibers fire."
)
@click.option("--width-us", type=Quantity(), help="Width of the stimulus.")
@click.option("--shape", type=click.Choice(get_args(Shape)), default="biphasic_symmetric", show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Folder of what is done: none of it is done twice.")
@click.option(
    "-o", "--out", "targets", multiple=True, type=click.Path(path_type=Path),
    help="A .csv of the potential over time, or an .svg or .png of its waves; may be given again.",
)  # fmt: skip
@seed_option
@json_option
def compound(
    *, asked: AskedNerve | None, distance_mm: float, counts: str | None, amplitude_ma: float | None,
    width_us: float | None, shape: Shape, keep: Path | None, targets: tuple[Path, ...], seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Compound action potential at the contacts of an electrode while the spikes of a whole nerve pass it.

    Contacts of positive weight against those of negative weight; each fiber that is placed stands for its share of its
    class. Stimulus and recording are two electrodes of one kind on the same nerve.

    \b
    Example:  vagus fiber compound --nerve human --distance-mm 100 --seed 1 -o waves.svg
    Example:  vagus fiber compound --nerve human --amplitude-ma -0.5 --width-us 250 -o waves.svg -o waves.csv
    """
    import numpy as np

    from vagus.fiber.nerve.compound import compound_potential_uv
    from vagus.files import FolderStore

    if asked is None:
        raise InputError(Problem(what="whose nerve?", allowed="--nerve human, pig, rat, or a file of contours"))
    pulse = _stimulus(amplitude_ma, width_us, shape)
    in_nerve = _counts(asked, counts, distance_mm)
    for path in targets:
        check_pictures({"-o": path}, tables=[".csv"])
    check_targets(targets)
    rng = np.random.default_rng(seed)
    anatomy = asked.draw(rng)
    fibers = asked.place(anatomy.nerve, rng)
    store, show = None if keep is None else FolderStore.at(keep), progress_line()
    field = anatomy.solve(store=store, progress=lambda share: show("field", share))
    fired = None if pulse is None else _fired(anatomy, fibers, field, pulse)
    found = compound_potential_uv(
        fibers, field, weights=anatomy.weights, counts=in_nerve, distance_um=1e3 * distance_mm, fired=fired,
    )  # fmt: skip
    if targets:
        write_files({path: _written(path, found) for path in targets})
    held = np.ones(fibers.size, dtype=bool) if fired is None else fired
    if as_json:
        emit_json(_told(found, fibers, held, in_nerve) | {"seed": seed})
        return
    emit_table(
        ("wave", "classes", "largest", "at", "90 % of its energy", "distance over speed"),
        [
            (one.name, ", ".join(found.classes[c].label for c in one.class_index), f"{abs(one.peak_uv):.3g} µV",
             f"{one.peak_us / 1e3:.3g} ms", f"{one.begin_us / 1e3:.3g} to {one.end_us / 1e3:.3g} ms",
             f"{one.early_us / 1e3:.3g} to {one.late_us / 1e3:.3g} ms")
            for one in found.waves
        ],
    )  # fmt: skip
    click.echo(f"\n{held.sum()} of {held.size} placed fibers fire\n{asked.caveat}\nseed: {seed}")


def _stimulus(amplitude_ma: float | None, width_us: float | None, shape: Shape) -> Pulse | None:
    if (amplitude_ma is None) != (width_us is None):
        raise InputError(Problem(what="half a stimulus", allowed="--amplitude-ma with --width-us, or neither"))
    if amplitude_ma is None or width_us is None:
        return None
    if amplitude_ma == 0.0:
        raise InputError(Problem(what="the stimulus has no amplitude", found="0 mA", allowed="any other current"))
    return Pulse(
        amplitude_ma=amplitude_ma, width_us=width_us, shape=shape,
        recovery_ratio=0.25 if shape == "biphasic_asymmetric" else 1.0,
    )  # fmt: skip


def _counts(asked: AskedNerve, text: str | None, distance_mm: float) -> dict[str, float]:
    """Fibers of each class in the nerve, once all that can be is checked before any work."""
    from vagus.fiber import population
    from vagus.fiber.nerve.compound import REACH_UM

    problems: list[Problem] = []
    if not distance_mm > REACH_UM / 1e3:
        problems.append(
            Problem(
                what="--distance-mm is too short", found=f"{distance_mm:g} mm", allowed=f"above {REACH_UM / 1e3:g} mm"
            )
        )
    if text is not None:
        found = numbers_of("counts", text, problems, whole=False)
        problems += [
            Problem(what=f"count of {key} is missing", allowed="one for each class of --fibers")
            for key in asked.per_fascicle
            if key not in found
        ]
        if problems:
            raise InputError(problems)
        return found
    if problems:
        raise InputError(problems)
    if asked.species != "human":
        raise InputError(
            Problem(what=f"fiber counts of the {asked.species} were not read", allowed="--counts a_beta=...,b=...")
        )
    known = population("cervical_left").classes
    return {one.key: one.count.value for one in known if one.count is not None}


def _fired(anatomy: Anatomy, fibers: PlacedFibers, field: Field, pulse: Pulse) -> np.ndarray:
    from vagus.fiber import recruit_nerve

    current_ma, show = abs(pulse.amplitude_ma), progress_line()
    found = recruit_nerve(
        anatomy.nerve, fibers, field, pulse, weights=anatomy.weights, limit_ma=current_ma,
        progress=lambda share: show("fibers", share),
    )  # fmt: skip
    return found.threshold_ma <= current_ma


def _told(
    found: CompoundPotential, fibers: PlacedFibers, held: np.ndarray, counts: dict[str, float]
) -> dict[str, object]:
    classes = [
        {"key": one.key, "n_placed": int((fibers.class_index == c).sum()), "n_in_nerve": counts[one.key],
         "n_fired": int(((fibers.class_index == c) & held).sum()),
         "largest_uv": abs(found.by_class_uv[c]).max(), "early_us": found.early_us[c], "late_us": found.late_us[c]}
        for c, one in enumerate(found.classes)
    ]  # fmt: skip
    return {"distance_um": found.distance_um, "waves": found.waves, "classes": classes}


def _written(path: Path, found: CompoundPotential) -> bytes:
    if path.suffix.lower() in PICTURES:
        from vagus.report.figures.nerve import compound_page

        return picture_bytes(path, compound_page(found))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("t_us", *(f"{one.key}_uv" for one in found.classes)))
    for t, values in zip(found.t_us, found.by_class_uv.T, strict=True):
        writer.writerow((f"{t:g}", *(f"{v:.5g}" for v in values)))
    return text.getvalue().encode()
