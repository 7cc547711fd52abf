"""`vagus dose`: judge settings against limits, list devices, fill the reporting checklist."""

from __future__ import annotations

import dataclasses
import textwrap
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vagus.cli import DONE, FINDINGS, REFUSED
from vagus.cli.completion import complete_condition, complete_device, complete_shape, complete_site
from vagus.cli.output import emit_json, emit_table, json_option
from vagus.errors import InputError, Problem
from vagus.units import parse, suffix_of

if TYPE_CHECKING:
    from vagus.dose import Device, Judgement, Limit, Protocol

_NEEDED = ("device", "site", "amplitude_ma", "width_us", "rate_hz", "shape", "on_s", "off_s", "sitting_min")
_PULSE = ("amplitude_ma", "width_us", "shape", "gap_us", "recovery_ratio")
_TRAIN = ("rate_hz", "pulses_per_burst", "burst_rate_hz", "gate", "gated_burst_s")
_PROTOCOL = ("on_s", "off_s", "ramp_s", "sitting_min", "sittings_per_day", "days_per_week")


class Quantity(click.ParamType):
    """A number in the unit of the flag, or a quantity as text: ``250``, ``"250 us"``, ``"0.25 ms"``."""

    name = "quantity"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Value in the unit that the flag's name carries."""
        if isinstance(value, int | float):
            return float(value)
        suffix = suffix_of(param.name or "") if param else None
        try:
            return parse(value, suffix or "s")
        except InputError as error:
            flag = param.opts[0] if param else ""
            raise InputError(dataclasses.replace(p, where=flag) for p in error.problems) from error


def _quantity(flag: str, text: str) -> Any:
    return click.option(flag, type=Quantity(), help=text)


@click.group()
def dose() -> None:
    """Stimulation settings: judge against limits, devices, reporting checklist.

    \b
    Example:  vagus dose judge examples/tavns-depression
    """


@dose.command(short_help="Stimulators and their ranges.")
@click.argument("key", required=False, shell_complete=complete_device)
@json_option
def devices(key: str | None, as_json: bool) -> None:
    """Stimulators and their ranges; with KEY, all that is known of one.

    "?" stands for what is not public or not known.

    \b
    Example:  vagus dose devices
              vagus dose devices tvnsr
    """
    from vagus.dose import device_of
    from vagus.dose import devices as all_devices

    found = [device_of(key)] if key else list(all_devices().values())
    if as_json:
        emit_json({"devices": found})
    elif key:
        for name, value in dataclasses.asdict(found[0]).items():
            shown = str(found[0].source) if name == "source" else _plain(value)
            click.echo(f"{name + ':':<20} {shown}")
    else:
        rows = [
            (d.key, d.route, "any (laboratory)" if d.is_lab else ", ".join(d.sites), *_ranges(d), len(d.unverified))
            for d in found
        ]
        emit_table(["device", "route", "made for", "mA", "µs", "Hz", "recalled fields"], _folded(rows))


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_plain(v) for v in value) or "?"
    if isinstance(value, float):
        return f"{value:g}"
    return "?" if value in (None, "") else str(value)


def _folded(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows whose long list of sites is cut, so that the table fits a screen."""
    return [(r[0], r[1], r[2] if len(r[2]) < 30 else r[2][:26] + " …", *r[3:]) for r in rows]


def _ranges(device: Device) -> tuple[str, str, str]:
    def span(low: float | None, high: float | None) -> str:
        if low is None and high is None:
            return "?"
        return f"{low:g}" if low == high and low is not None else f"{_plain(low)}-{_plain(high)}"

    widths = "/".join(f"{w:g}" for w in device.widths_us) or span(device.width_low_us, device.width_high_us)
    rate = span(device.rate_low_hz, device.rate_high_hz)
    return span(device.amplitude_low_ma, device.amplitude_high_ma), widths, rate


@dose.command(short_help="Settings against every limit.")
@click.argument("course", required=False, type=click.Path(path_type=Path))
@click.option("--device", shell_complete=complete_device, help="Key of a device (vagus dose devices).")
@click.option("--site", shell_complete=complete_site, help='Key of a site: "cymba_left", "cervical_left" …')
@click.option("--arm", default="unknown", show_default=True, type=click.Choice(["active", "sham", "unknown"]))
@_quantity("--amplitude-ma", "Current of the first phase; negative = cathodic first.")
@_quantity("--width-us", "Width of the first phase.")
@_quantity("--rate-hz", "Pulse rate; inside a burst where there are bursts.")
@click.option("--shape", shell_complete=complete_shape, help="monophasic, biphasic_symmetric or biphasic_asymmetric.")
@_quantity("--gap-us", "Pause between the phases.")
@click.option("--recovery-ratio", type=float, help="Height of an asymmetric pulse's second phase over the first.")
@click.option("--pulses-per-burst", type=int, help="Pulses of one microburst.")
@_quantity("--burst-rate-hz", "Microbursts per second.")
@click.option(
    "--gate", type=click.Choice(["none", "exhalation", "inhalation", "systole"]), help="What opens the output."
)
@_quantity("--gated-burst-s", "How long the gate stays open.")
@_quantity("--on-s", "Full output per cycle.")
@_quantity("--off-s", "Rest of the cycle, ramps included.")
@_quantity("--ramp-s", "Duration of each ramp.")
@_quantity("--sitting-min", "Duration of a sitting; 1440 for an implant that runs day and night.")
@click.option("--sittings-per-day", type=int)
@click.option("--days-per-week", type=float)
@_quantity("--area-mm2", "Area of each contact, where it was measured.")
@click.option(
    "--condition",
    "condition",
    multiple=True,
    shell_complete=complete_condition,
    help='Condition of the person, repeated (vagus dose conditions); "none": asked, none.',
)
@json_option
def judge(course: Path | None, as_json: bool, arm: str, condition: tuple[str, ...], **flags: Any) -> int:
    """Hold settings against every limit: those of a COURSE folder, or those given as flags.

    Flags also read quantities as text: --width-us "0.25 ms". Exit code 0: within all limits; 1: over a soft limit;
    2: over a hard one.

    \b
    Example:  vagus dose judge examples/tavns-depression
              vagus dose judge --device tvnsr --site cymba_left --amplitude-ma 1.5 --width-us "250 us" \\
                --rate-hz 25 --shape biphasic_symmetric --on-s 28 --off-s 32 --sitting-min 60 --condition none
    """
    from vagus.dose import device_of
    from vagus.dose import judge as judge_dose

    given = [name for name, value in flags.items() if value is not None]
    if course is not None:
        if given or condition or arm != "unknown":
            found = ", ".join("--" + name.replace("_", "-") for name in given) or "--condition or --arm"
            raise InputError(Problem(what="a COURSE and flags together", found=found, allowed="the one or the other"))
        from vagus.files import read_course

        whole = read_course(course)
        protocol, device, site = whole.protocol, device_of(whole.device_use.device), whole.device_use.site
        judgement = judge_dose(protocol, device, site, arm=whole.device_use.arm, conditions=whole.person.conditions)
    else:
        protocol, device, site = _from_flags(flags)
        stated = None if not condition else tuple(key for key in condition if key != "none")
        judgement = judge_dose(protocol, device, site, arm=arm, conditions=stated, area_mm2=flags["area_mm2"])
    _show(judgement, protocol, as_json)
    return {"refused": REFUSED, "warned": FINDINGS}.get(judgement.state, DONE)


def _from_flags(flags: dict[str, Any]) -> tuple[Protocol, Device, str]:
    from vagus.dose import Protocol, Pulse, Train, device_of, site_of

    absent = ["--" + name.replace("_", "-") for name in _NEEDED if flags[name] is None]
    if absent:
        raise InputError(
            Problem(
                what="flags are missing",
                found="no " + ", no ".join(absent),
                allowed="these flags, or a COURSE folder",
                why="nothing of a dose is assumed",
            )
        )
    device, site = device_of(flags["device"]), site_of(flags["site"]).key

    def some(names: tuple[str, ...]) -> dict[str, Any]:
        return {name: flags[name] for name in names if flags[name] is not None}

    train = Train(pulse=Pulse(**some(_PULSE)), **some(_TRAIN))
    # a judgement does not depend on the calendar: one week from today stands in for it
    return Protocol(train=train, **some(_PROTOCOL), start=date.today(), weeks=1), device, site


def _as_dict(limit: Limit) -> dict[str, Any]:
    facts = {"kind": limit.kind, "margin_pct": limit.margin_pct, "room": limit.room, "sentence": str(limit)}
    return {**dataclasses.asdict(limit), **facts}


def _show(judgement: Judgement, protocol: Protocol, as_json: bool) -> None:
    from vagus.dose.limits import plain

    if as_json:
        emit_json(
            {
                "state": judgement.state,
                "limits": [_as_dict(limit) for limit in judgement.limits],
                "tally": judgement.tally,
                "charge_uc": protocol.train.pulse.charge_uc,
                "duty_pct": protocol.duty_pct,
                "dose_per_day_mc": protocol.dose_per_day_mc,
                "pulses_per_day": protocol.pulses_per_day,
            }
        )
        return
    for state in ("refused", "warned", "unknown", "ok"):
        for limit in judgement.limits:
            if limit.state == state:
                click.echo(f"{state + ':':<9} {limit}")
    counts = f"{len(judgement.refused)} refused, {len(judgement.warned)} warned, {len(judgement.unknown)} not known"
    daily = "follows breath or heart"
    if protocol.train.gate == "none":
        daily = f"{plain(protocol.dose_per_day_mc, 4)} mC, {protocol.pulses_per_day:,.0f} pulses"
    click.echo(
        f"\n{judgement.tally}.\n{judgement.state}: {counts}. {protocol.train.pulse.charge_uc:.4g} µC per phase, "
        f"duty cycle {protocol.duty_pct:.4g} %, per day {daily}."
    )


@dose.command(short_help="Reporting checklist, filled in.")
@click.argument("course", type=click.Path(path_type=Path))
@click.option("--acute", is_flag=True, help="One acute session, not a treatment of days or weeks.")
@json_option
def checklist(course: Path, acute: bool, as_json: bool) -> int:
    """Consensus reporting checklist (Farmer 2021), filled from COURSE; exit code 1 where items are missing.

    \b
    Example:  vagus dose checklist examples/tavns-depression
              vagus dose checklist examples/tavns-depression --json
    """
    from vagus.dose import checklist as fill
    from vagus.dose import device_of, dose_facts
    from vagus.files import read_course

    whole = read_course(course)
    use = whole.device_use
    known = dose_facts(whole.protocol, device_of(use.device), use.site)
    if use.sham_type:
        known["design.sham_type"] = use.sham_type
    if use.firmware:
        known["device.firmware"] = use.firmware
    items = fill({**known, **whole.facts}, long_term=not acute, arm=use.arm)
    missing = [item for item in items if item.state == "missing"]
    if as_json:
        emit_json({"items": items, "missing": len(missing)})
    else:
        for item in items:
            click.echo(
                f"{item.state + ':':<15} {item.item_id:<6} {item.item}"
                + (f"\n{'':<23}{item.value}" if item.value else "")
            )
        click.echo(
            f"\n{len(missing)} of {len(items)} items are missing: facts under [report] in course.toml fill them."
        )
    return FINDINGS if missing else DONE


@dose.command()
@json_option
def sites(as_json: bool) -> None:
    """Sites of stimulation and what is known of their nerves.

    \b
    Example:  vagus dose sites
    """
    from vagus.dose import SITES

    if as_json:
        emit_json({"sites": list(SITES.values())})
    else:
        emit_table(["site", "route", "innervation"], [(s.key, s.route, s.innervation) for s in SITES.values()])


@dose.command(short_help="What a judgement asks of a person.")
@json_option
def conditions(as_json: bool) -> None:
    """Conditions of a person that a judgement asks for: keys of course.toml [person] conditions.

    \b
    Example:  vagus dose conditions
    """
    from vagus.dose import CONDITIONS, SYNONYMS

    if as_json:
        emit_json({"conditions": dict(CONDITIONS), "synonyms": dict(SYNONYMS)})
        return
    emit_table(["condition", "meaning"], CONDITIONS.items())
    click.echo("\nOther words are read as these:")
    for key in CONDITIONS:
        words = ", ".join(word for word, meant in SYNONYMS.items() if meant == key)
        click.echo(textwrap.fill(f"{key + ':':<24} {words}", 110, subsequent_indent=" " * 25))
