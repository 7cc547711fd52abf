"""A course made ready for the model of the body: its recruitment, and what is known of the person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vagus.cli.output import progress_line

if TYPE_CHECKING:
    import numpy as np

    from vagus.course import Course, Personal
    from vagus.fiber import Recruitment


def prepared(
    course: Path, species: Literal["human", "rat"], rng: np.random.Generator
) -> tuple[Course, Recruitment, Personal | None]:
    """Course, its recruitment (a person's scaled by where they feel the current), and what is known of the person."""
    from vagus.course import personalize, recruited, segment_tones
    from vagus.dose import device_of, montage
    from vagus.fiber import recruit
    from vagus.files import read_course
    from vagus.response import check_covered

    found = read_course(course)
    pulse = found.protocol.train.pulse
    check_covered(species, site=found.device_use.site, current_ma=abs(pulse.amplitude_ma))
    show = progress_line()
    contacts = montage(device_of(found.device_use.device), found.device_use.site)
    recruitment = recruit(contacts, pulse, rng=rng, progress=lambda share: show("which fibers fire", share))
    if species == "rat":
        return found, recruitment, None
    person = personalize(found, tones=segment_tones(found, rng=rng, findings=[]))
    return found, *recruited(recruitment, person)
