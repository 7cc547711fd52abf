"""Who is treated, with what, where: the hand-written part of a course."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from vagus.errors import InputError, Problem, nearest

Sex = Literal["female", "male", "other"]
Arm = Literal["active", "sham", "unknown"]

DIAGNOSES: MappingProxyType[str, str] = MappingProxyType(
    {
        "trd": "treatment-resistant depression",
        "mdd": "major depressive disorder",
        "gad": "generalized anxiety disorder",
        "ptsd": "post-traumatic stress disorder",
        "insomnia": "insomnia",
        "stress": "stress",
        "healthy": "no diagnosis (healthy volunteer)",
        "other": "other",
    }
)
"""Diagnosis key of a course -> words for people."""


_NO_CURRENT = re.compile(
    r"\b(?:no|without|zero|0)(?:[ _-]?(?:m?A|electrical))?[ _-](?:current|output|stimulation|pulse)"
    r"|\b0 ?mA\b|\b(?:off|inactive|disconnected|unplugged|unpowered)\b|switched[ _-]off|device[ _-]off",
    re.IGNORECASE,
)
"""Words of a sham in which no current flows."""

_PLACES: MappingProxyType[str, re.Pattern[str]] = MappingProxyType(
    {
        place: re.compile(words, re.IGNORECASE)
        for place, words in {
            "earlobe": r"\bear[ _-]?lobe|\blobe\b|\blobul",
            "cymba": r"\bcymb",
            "cavum": r"\bcavum",
            "tragus": r"\btragus",
            "neck": r"\bneck\b|\bcervical",
            "cervical": r"\bneck\b|\bcervical",
        }.items()
    }
)
"""Begin of a site's key -> words of a sham that is given there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a course folder says of itself.

    Parameters
    ----------
    title : str
        Heading of the report; "" where none was given.
    synthetic : tuple of str
        Parts that were invented: ``("scores", "sittings", "events")``. The report marks each.
    note : str
        One free sentence shown under the heading.

    Examples
    --------
    >>> About(title="Ear stimulation, 8 weeks", synthetic=("scores",)).synthetic
    ('scores',)
    """

    title: str = ""
    synthetic: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        parts = ("person", "protocol", "recordings", "scores", "sittings", "events")
        for part in self.synthetic:
            if part not in parts:
                raise InputError(
                    Problem(
                        what="no such part of a course", where="synthetic", found=part, allowed=nearest(part, parts)
                    )
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person, without a name.

    Parameters
    ----------
    id : str
        Pseudonym: "P01".
    diagnosis : str
        Key of `DIAGNOSES`.
    sex : {"female", "male", "other"} or None
        None: not stated. No model reads a default.
    age_band : str or None
        "40-49"; a band, so that the folder names nobody.
    contact : str or None
        Text shown in a safety notice: whom to call.
    conditions : tuple of str or None
        Keys of `vagus.dose.CONDITIONS` that hold for this person; empty: asked, none; None: not asked, and the
        judgement of contraindications says "unknown".
    medication : tuple of str or None
        As written, in words.

    Examples
    --------
    >>> Person(id="P01", diagnosis="trd").conditions is None
    True
    """

    id: str
    diagnosis: str
    sex: Sex | None = None
    age_band: str | None = None
    contact: str | None = None
    conditions: tuple[str, ...] | None = None
    medication: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise InputError(Problem(what="the person has no id", where="id", allowed='a pseudonym such as "P01"'))
        if self.diagnosis not in DIAGNOSES:
            raise InputError(
                Problem(
                    what="unknown diagnosis",
                    where="diagnosis",
                    found=f'"{self.diagnosis}"',
                    allowed=nearest(self.diagnosis, DIAGNOSES),
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceUse:
    """Which stimulator is worn where, and in which arm of a trial.

    Parameters
    ----------
    device : str
        Key of the table of devices: "tvnsr".
    site : str
        Key of `vagus.dose.SITES`: "cymba_left".
    arm : {"active", "sham", "unknown"}
        "unknown" while a trial is blinded.
    sham_type : str or None
        What the sham is, in words.
    firmware : str or None
        Edition of the device's software, for the reporting checklist.
    """

    device: str
    site: str
    arm: Arm = "unknown"
    sham_type: str | None = None
    firmware: str | None = None

    @property
    def flows(self) -> bool | None:
        """Whether the prescribed current flows; None: not known.

        Yes in the active arm and in a sham that is given at the site it names; no in a sham without current.

        Examples
        --------
        >>> DeviceUse(device="tvnsr", site="cymba_left", arm="sham", sham_type="no current").flows
        False
        >>> DeviceUse(device="tvnsr", site="earlobe_left", arm="sham", sham_type="earlobe").flows
        True
        >>> DeviceUse(device="tvnsr", site="cymba_left", arm="sham").flows is None
        True
        """
        if self.arm == "active":
            return True
        if self.arm == "sham" and _NO_CURRENT.search(self.sham_type or ""):
            return False
        return True if self.arm == "sham" and self._site_part in self._named else None

    @property
    def contradiction(self) -> str:
        """What of sham and site does not fit together; "" where all fits.

        Examples
        --------
        >>> DeviceUse(device="tvnsr", site="cymba_left", arm="sham", sham_type="earlobe").contradiction
        'sham_type says earlobe, site says cymba_left'
        """
        named = self._named
        if self.arm != "sham" or self.flows is False or not named or self._site_part in named:
            return ""
        return f"sham_type says {' and '.join(named)}, site says {self.site}"

    @property
    def why_untold(self) -> str:
        """Why nothing is predicted: no current flows, or sham and site do not fit together; "" where something is.

        Examples
        --------
        >>> DeviceUse(device="tvnsr", site="cymba_left", arm="sham", sham_type="no current").why_untold
        'no current flows in this sham'
        """
        return "no current flows in this sham" if self.flows is False else self.contradiction

    @property
    def _site_part(self) -> str:
        return self.site.partition("_")[0]

    @property
    def _named(self) -> tuple[str, ...]:
        """Places that the sham names."""
        return tuple(place for place, words in _PLACES.items() if words.search(self.sham_type or ""))
