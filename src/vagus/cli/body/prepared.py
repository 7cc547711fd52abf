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
    """Course, its recruitment (a person's scaled by where they feel the current), and what is known of the person.

    Raises
    ------
    DoseRefused
        A hard limit is exceeded, for a person: nothing is predicted of a dose that must not be given.
    ModelRange
        No current flows in this sham, or the course contradicts itself; or a rat where no rat was measured.
    """
    from vagus.course import personalize, recruited, refusals, segment_tones
    from vagus.dose import device_of, judge, montage
    from vagus.errors import DoseRefused, ModelRange
    from vagus.fiber import recruit
    from vagus.files import read_course
    from vagus.response import check_covered

    found = read_course(course)
    pulse = found.protocol.train.pulse
    use = found.device_use
    check_covered(species, site=use.site, current_ma=abs(pulse.amplitude_ma))
    device = device_of(use.device)
    if species == "human":
        judgement = judge(found.protocol, device, use.site, arm=use.arm, conditions=found.person.conditions)
        if judgement.refused:
            raise DoseRefused(refusals(judgement, found.places))
        if use.why_untold:
            raise ModelRange(f"nothing is predicted for this person, since {use.why_untold}")
    show = progress_line()
    contacts = montage(device, use.site)
    recruitment = recruit(contacts, pulse, rng=rng, progress=lambda share: show("which fibers fire", share))
    if species == "rat":
        return found, recruitment, None
    person = personalize(found, tones=segment_tones(found, rng=rng, findings=[]))
    return found, *recruited(recruitment, person)
