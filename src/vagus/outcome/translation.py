"""A translation of an instrument: names, bands and, where the licence allows them, item texts; never numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vagus.errors import InputError, Problem
from vagus.outcome.instrument import Instrument
from vagus.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Words of one instrument in one language; scoring stays with the instrument.

    Parameters
    ----------
    instrument : str
        Key of the instrument.
    language : str
        BCP 47 tag: "de", "pt-BR".
    name, short : str
    bands : mapping of str to str
        Label of the instrument -> label in this language; all of them.
    items : tuple of str
        Item texts; only with a licence of the instrument that allows them, or with `permission`.
    permission : str
        Under what terms whoever keeps this file may show the item texts.
    source : Source
        Whose translation it is, and how it was validated.
    """

    instrument: str
    language: str
    name: str
    short: str
    source: Source
    bands: Mapping[str, str] = field(default_factory=dict)
    items: tuple[str, ...] = ()
    permission: str = ""


def translate(instrument: Instrument, translation: Translation) -> Instrument:
    """The instrument with names and bands in the language of the translation; every number stays as it is.

    Raises
    ------
    InputError
        It is for another instrument, labels are missing or unknown, the number of item texts differs, or item texts
        stand there without a licence that allows them.

    Examples
    --------
    >>> from vagus.outcome import find_instrument
    >>> german = Translation(instrument="gad7", language="de", name="Angst", short="GAD-7 (de)",
    ...     source=Source(text="own", verified=False),
    ...     bands={"minimal": "minimal", "mild": "leicht", "moderate": "mittel", "severe": "schwer"})
    >>> translate(find_instrument("gad7"), german).band_of(12)
    'mittel'
    """
    where = f"translation of {translation.instrument} ({translation.language})"
    wrong: list[Problem] = []
    if translation.instrument != instrument.key:
        wrong.append(
            Problem(what="for another instrument", where=where, found=translation.instrument, allowed=instrument.key)
        )
    labels = [band.label for band in instrument.bands]
    if translation.bands and set(translation.bands) != set(labels):
        found, allowed = ", ".join(translation.bands), ", ".join(labels)
        wrong.append(Problem(what="labels of the bands differ", where=where, found=found, allowed=allowed))
    if translation.items and len(translation.items) != instrument.n_items:
        found, allowed = f"{len(translation.items)} item texts", str(instrument.n_items)
        wrong.append(Problem(what="wrong number of item texts", where=where, found=found, allowed=allowed))
    if translation.items and not instrument.licence.item_text and not translation.permission:
        allowed = "no item texts, or `permission`: the terms under which you may show them"
        why = instrument.licence.status
        wrong.append(Problem(what="item texts without a licence", where=where, allowed=allowed, why=why))
    if wrong:
        raise InputError(wrong)
    bands = tuple(replace(band, label=translation.bands.get(band.label, band.label)) for band in instrument.bands)
    return replace(instrument, name=translation.name, short=translation.short, bands=bands)
