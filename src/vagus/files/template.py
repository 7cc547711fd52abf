"""A course folder to start from: every key with a comment, and a report at once."""

from __future__ import annotations

from pathlib import Path

from vagus.errors import InputError, Problem

COURSE_TOML = """\
# One course of treatment. One `key = value` a line; what follows # is a comment.
# Units stand in the names. Text with a unit is read too: width = "0.25 ms" for width_us = 250.
# Check it:   vagus course check .        Report:   vagus report .

[about]
title = "My course"
note = "Template: replace every value by your own."
# synthetic = ["scores"]              # what was invented: person protocol recordings scores sittings events

[person]
id = "P01"                            # a pseudonym, no name
diagnosis = "mdd"                     # trd mdd gad ptsd insomnia stress healthy other
# sex = "female"                      # female male other
# age_band = "40-49"
# contact = "Dr. A. Example, +00 000 000"   # shown in a safety notice
# conditions = []                     # [] = asked, none; keys: vagus dose conditions; left out = not asked
# medication = ["sertraline 100 mg"]

[device]
device = "tvnsr"                      # keys: vagus dose devices
site = "cymba_left"                   # cervical cymba cavum tragus earlobe neck, each _left or _right
arm = "active"                        # active sham unknown
# sham_type = "earlobe"
# firmware = "1.0"

[pulse]
amplitude_ma = 1.5                    # of the first phase; negative = cathodic first
width_us = 250                        # of the first phase
rate_hz = 25
shape = "biphasic_symmetric"          # monophasic biphasic_symmetric biphasic_asymmetric
# gap_us = 0                          # pause between the phases
# cathodic_first = true               # makes amplitude_ma negative
# recovery_ratio = 0.2                # second phase over first, for biphasic_asymmetric

[protocol]
on_s = 28                             # full output
off_s = 32                            # rest of the cycle; ramps lie in it
ramp_s = 0
sitting_min = 60                      # an implant that runs day and night: 1440
sittings_per_day = 2
days_per_week = 7
start = 2026-01-12
weeks = 8

# A recording of the heart, with breathing where it was recorded. Take the # away and put the file there.
# [[recordings]]
# file = "recordings/rest.csv"        # WFDB (.hea with .dat), EDF, CSV or TSV
# kind = "ecg"                        # ecg ppg resp
# fs_hz = 250                         # needed only where the file does not tell it
# start = 2026-01-12T09:30:00
# channel = "ECG"
# respiration = "RSP"                 # a channel of the same file, or a file
# before_s = [0, 150]                 # segments in seconds from the start of the recording
# during_s = [150, 330]
# after_s = [330, 480]

# Facts that only you know, for the consensus reporting checklist (keys: vagus tables reporting).
# [report]
# design.type = "open label"
# device.regulatory = "CE mark"
"""

SCORES_CSV = """\
# One row a filling: item answers (empty = missing) or the total. Instruments: vagus outcome instruments
date,instrument,item_1,item_2,item_3,item_4,item_5,item_6,item_7,item_8,item_9,total
"""

SITTINGS_CSV = """\
# One row a sitting as delivered; perception_ma is the lowest current that was felt, where it was found.
date,amplitude_ma,minutes,perception_ma
"""

EVENTS_CSV = """\
# kind: adverse_event medication setting_change; severity: mild moderate severe life_threatening fatal;
# relatedness: unrelated unlikely possible probable definite; a text with a comma stands in "quotes"
date,kind,severity,relatedness,text
"""

FILES = {
    "course.toml": COURSE_TOML,
    "scores.csv": SCORES_CSV,
    "sittings.csv": SITTINGS_CSV,
    "events.csv": EVENTS_CSV,
}


def new_course(directory: str | Path) -> None:
    """Write a commented course folder that reports at once.

    Parameters
    ----------
    directory : str or Path
        A folder that is empty or not there yet.

    Raises
    ------
    InputError
        Something is there already: nothing is overwritten.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "p01"
    >>> new_course(folder)
    >>> sorted(path.name for path in folder.iterdir())
    ['course.toml', 'events.csv', 'recordings', 'scores.csv', 'sittings.csv']
    """
    folder = Path(directory)
    allowed = "a folder that is empty or not there yet; nothing is overwritten"
    if folder.exists() and not folder.is_dir():
        raise InputError(
            Problem(what="there is a file of that name", where=str(folder), found="a file", allowed=allowed)
        )
    there = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    if there:
        found = ", ".join(there[:6]) + (f" and {len(there) - 6} more" if len(there) > 6 else "")
        raise InputError(Problem(what="the folder is not empty", where=str(folder), found=found, allowed=allowed))
    try:
        (folder / "recordings").mkdir(parents=True)
        for name, text in FILES.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(Problem(what=f"cannot be written: {error.strerror}", where=str(folder))) from error
