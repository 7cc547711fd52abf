"""`vagus fiber recruit`: classes of a site over the spread of anatomy, or every fiber of an explicit nerve."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from vagus.cli.dose import Quantity
from vagus.cli.fiber.nerve_asked import AskedNerve, nerve_options
from vagus.cli.output import check_targets, emit_json, emit_table, json_option, progress_line, seed_option, write_files
from vagus.cli.rows import PICTURES, check_pictures, picture_bytes
from vagus.dose import Pulse, Shape, device_of, montage
from vagus.errors import InputError, Problem

if TYPE_CHECKING:
    from vagus.fiber import ClassRecruitment, Recruitment
    from vagus.fiber.nerve.drawn import NerveDraws

CURRENTS = 60


@click.command(short_help="Share of each class that fires.")
@click.option("--device", help="Key of a device: see `vagus dose devices`.")
@click.option("--site", help="Site, as cymba_left or cervical_left.")
@nerve_options()
@click.option("--draws", type=click.IntRange(min=1), default=1, show_default=True, help="With --nerve: how many.")
@click.option("--amplitude-ma", type=Quantity(), required=True, help="Current of the first phase; negative = cathodic.")
@click.option("--width-us", type=Quantity(), required=True, help="Width of the first phase.")
@click.option("--shape", type=click.Choice(get_args(Shape)), default="biphasic_symmetric", show_default=True)
@click.option("--recovery-ratio", type=float, default=0.25, show_default=True, help="Of an asymmetric shape.")
@click.option("--limit-ma", type=Quantity(), default=10.0, show_default=True, help="With --nerve: largest current.")
@click.option("--keep", type=click.Path(path_type=Path), help="With --nerve: folder of draws that are done.")
@click.option(
    "-o", "--out", "targets", multiple=True, type=click.Path(path_type=Path),
    help="With --nerve: a .csv of all fibers, or an .svg or .png of the nerve at that current; may be given again.",
)  # fmt: skip
@seed_option
@json_option
def recruit(
    *, device: str | None, site: str | None, asked: AskedNerve | None, draws: int, amplitude_ma: float, width_us: float,
    shape: Shape, recovery_ratio: float, limit_ma: float, keep: Path | None, targets: tuple[Path, ...], seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Share of each fiber class that fires: at a site, or in an explicit nerve, fascicle by fascicle.

    With --device and --site: with a 90 % interval over anatomy. With --nerve: every fiber of a nerve that is drawn
    (human, pig, rat) or read from a file of contours, in an electrode; with --draws over as many nerves.

    \b
    Example:  vagus fiber recruit --device tvnsr --site cymba_left --amplitude-ma 1.5 \\
                --width-us 250 --shape biphasic_symmetric --seed 1
    Example:  vagus fiber recruit --nerve human --electrode helix --amplitude-ma -0.5 --width-us 250 -o nerve.svg
    """
    pulse = Pulse(
        amplitude_ma=amplitude_ma, width_us=width_us, shape=shape,
        recovery_ratio=recovery_ratio if shape == "biphasic_asymmetric" else 1.0,
    )  # fmt: skip
    if (asked is None) == (device is None or site is None):
        raise InputError(
            Problem(what="whose fibers?", allowed="--device with --site, or --nerve", found="neither or both")
        )
    if asked is None and device is not None and site is not None:
        if targets or keep is not None:
            raise InputError(Problem(what="-o and --keep go with --nerve", allowed="--json for a site"))
        _at_site(device, site, pulse, seed=seed, as_json=as_json)
    elif asked is not None:
        if not limit_ma > 0.0:
            raise InputError(Problem(what="--limit-ma is out of range", found=f"{limit_ma:g} mA", allowed="above 0"))
        # what is asked of a current has to be looked for up to it
        limit_ma = max(limit_ma, abs(amplitude_ma))
        _in_nerve(asked, pulse, draws=draws, limit_ma=limit_ma, keep=keep, targets=targets, seed=seed, as_json=as_json)


def _at_site(device: str, site: str, pulse: Pulse, *, seed: int, as_json: bool) -> None:
    import numpy as np

    from vagus.fiber import recruit as recruit_fibers
    from vagus.fiber.recruitment import plain

    contacts = montage(device_of(device), site)
    show = progress_line()
    found = recruit_fibers(
        contacts, pulse, rng=np.random.default_rng(seed), progress=lambda share: show("fibers", share)
    )
    if as_json:
        classes = [_all(c) | {"told": c.told, "text": c.text, "half_text": c.half_text} for c in found.classes]
        emit_json({"seed": seed} | _all(found) | {"classes": classes})
        return
    dose, interval = plain(found.dose_ma, digits=6), f"({100 * found.level:g} % interval)"
    emit_table(
        ("class", f"fires at {dose} mA {interval}", f"half fire at {interval}", "fibers", "role"),
        [
            (
                c.label, c.text, c.half_text,
                f"{c.count.value:,.0f}" + ("" if c.count.source.verified else " [unverified]") if c.count else "-",
                c.role,
            )
            for c in found.classes
        ],
    )  # fmt: skip
    click.echo(f"\nmethod: {found.method}\ncaveat: {found.caveat}\nseed: {seed}")


def _all(thing: Recruitment | ClassRecruitment) -> dict[str, object]:
    """Fields of a result by name."""
    return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}


def _in_nerve(
    asked: AskedNerve, pulse: Pulse, *, draws: int, limit_ma: float, keep: Path | None, targets: tuple[Path, ...],
    seed: int, as_json: bool,
) -> None:  # fmt: skip
    import numpy as np

    from vagus.fiber.nerve.drawn import recruit_draws
    from vagus.files import FolderStore

    for path in targets:
        check_pictures({"-o": path}, tables=[".csv"])
    check_targets(targets)
    show = progress_line()
    found = recruit_draws(
        asked.draw, asked.place, pulse, rng=np.random.default_rng(seed), n_draws=draws, limit_ma=limit_ma,
        store=None if keep is None else FolderStore.at(keep),
        progress=lambda share: show("nerves" if draws > 1 else "fibers", share),
    )  # fmt: skip
    dose_ma = abs(pulse.amplitude_ma)
    if targets:
        write_files({path: _written(path, found, dose_ma, limit_ma) for path in targets})
    if as_json:
        emit_json(_told(found, dose_ma) | {"seed": seed, "width_us": pulse.width_us, "shape": pulse.shape})
        return
    first = found.each[0]
    rows = []
    for one in first.fibers.classes:
        low, middle, high = found.share_pct([dose_ma], key=one.key)[:, 0]
        half = found.current_ma(50.0, key=one.key)
        spread = (f" ({low:.0f} to {high:.0f})", f" ({half.low:.3g} to {half.high:.3g})") if draws > 1 else ("", "")
        rows.append((one.label, f"{middle:.0f} %{spread[0]}", f"{half.estimate:.3g} mA{spread[1]}", one.role))
    emit_table(("class", f"fires at {dose_ma:g} mA", "half fire at", "role"), rows)
    if draws == 1:
        held = [
            (one.label, one.diameter_um, first.share_pct(dose_ma, fascicle=one.label)) for one in first.nerve.fascicles
        ]
        click.echo()
        emit_table(("fascicle", "diameter", "fires"), [(a, f"{b:.0f} µm", f"{float(c):.0f} %") for a, b, c in held])
    click.echo(f"\n{asked.caveat}\nseed: {seed}; infinite: above {limit_ma:g} mA")


def _told(found: NerveDraws, dose_ma: float) -> dict[str, object]:
    first = found.each[0]
    classes = [
        {
            "key": one.key,
            "share_pct": dict(
                zip(("low", "median", "high"), found.share_pct([dose_ma], key=one.key)[:, 0], strict=True)
            ),
            "half_ma": dataclasses.asdict(found.current_ma(50.0, key=one.key)) | {"sources": None},
        }
        for one in first.fibers.classes
    ]
    fascicles = [
        {"label": one.label, "share_pct": float(first.share_pct(dose_ma, fascicle=one.label))}
        for one in first.nerve.fascicles
    ]
    return {
        "dose_ma": dose_ma, "n_draws": len(found.each), "level": found.level, "classes": classes,
        "fascicles": fascicles if len(found.each) == 1 else None,
    }  # fmt: skip


def _written(path: Path, found: NerveDraws, dose_ma: float, limit_ma: float) -> bytes:
    """All fibers as CSV, or the first nerve with its fibers colored, and the curves below it."""
    if path.suffix.lower() in PICTURES:
        from vagus.report.figures.nerve import nerve_page

        return picture_bytes(path, nerve_page(found, dose_ma=dose_ma, limit_ma=limit_ma))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("draw", "class", "fascicle", "x_um", "y_um", "diameter_um", "threshold_ma"))
    for number, one in enumerate(found.each, start=1):
        fibers, labels = one.fibers, [fascicle.label for fascicle in one.nerve.fascicles]
        columns = (fibers.class_index, fibers.fascicle_index, fibers.x_um, fibers.y_um, fibers.diameter_um)
        for c, f, x, y, d, ma in zip(*columns, one.threshold_ma, strict=True):
            writer.writerow((number, fibers.classes[c].key, labels[f], f"{x:.2f}", f"{y:.2f}", f"{d:.4g}", f"{ma:.5g}"))
    return text.getvalue().encode()
