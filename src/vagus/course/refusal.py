"""Which lines of a course a refused limit comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vagus.dose import Judgement, Limit

# begin of a limit's key -> section and keys of course.toml that decide it; the first that fits
_FIELDS = (
    ("device_amplitude", "[pulse] amplitude_ma"),
    ("device_step", "[pulse] amplitude_ma"),
    ("device_width", "[pulse] width_us"),
    ("device_rate", "[pulse] rate_hz"),
    ("device_burst", "[pulse] pulses_per_burst, burst_rate_hz"),
    ("device_waveform", "[pulse] shape"),
    ("rate_", "[pulse] rate_hz"),
    ("charge_balance", "[pulse] shape"),
    ("charge_", "[pulse] amplitude_ma, width_us"),
    ("shannon_", "[pulse] amplitude_ma, width_us"),
    ("pulse_energy", "[pulse] amplitude_ma, width_us"),
    ("current_", "[pulse] amplitude_ma, width_us, rate_hz"),
    ("duty_", "[protocol] on_s, off_s, ramp_s"),
    ("doses_", "[protocol] sittings_per_day"),
    ("condition", "[person] conditions"),
    ("placement_", "[device] site"),
    ("device", "[device] device, site"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A hard limit that a course exceeds, and the keys of course.toml that decide it.

    Parameters
    ----------
    section : str
        Section of course.toml.
    keys : tuple of str
    limit : vagus.dose.Limit
    where : str
        Place of the first of these keys in course.toml, with its line where that is known.
    """

    section: str
    keys: tuple[str, ...]
    limit: Limit
    where: str = ""

    @property
    def text(self) -> str:
        """The limit as a sentence, without place."""
        return str(self.limit).removeprefix("refused: ")

    def __str__(self) -> str:
        place = self.where or f"course.toml, [{self.section}] {', '.join(self.keys)}".rstrip()
        return f"{place}: {self.text}"


def refusals(judgement: Judgement, places: Mapping[str, str] = MappingProxyType({})) -> tuple[Refusal, ...]:
    """Every refused limit with the place in course.toml that decides it; empty where the dose is not refused.

    Parameters
    ----------
    judgement : vagus.dose.Judgement
    places : mapping of str to str
        Where each key was written: `Course.places`.

    Examples
    --------
    >>> from vagus.dose import Limit
    >>> from vagus.source import Source
    >>> limit = Limit(
    ...     key="device_amplitude", quantity="amplitude", unit="mA", value=15.0, limit=5.0, side="max", severity="hard",
    ...     state="refused", text="the highest output of the device", source=Source(text="manual"),
    ... )
    >>> refusals(Judgement(limits=(limit,)))[0].keys
    ('amplitude_ma',)
    """
    found: list[Refusal] = []
    for limit in judgement.refused:
        fields = next((text for start, text in _FIELDS if limit.key.startswith(start)), "[device] device, site")
        section, _, keys = fields[1:].partition("] ")
        named = tuple(keys.split(", "))
        first = next((key for key in named if f"{section} {key}" in places), "")
        where = ", ".join([places[f"{section} {first}"], *(key for key in named if key != first)]) if first else ""
        found.append(Refusal(section=section, keys=named, limit=limit, where=where))
    return tuple(found)
