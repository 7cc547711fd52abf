"""Read marks along a recording: what was noted, and when."""

from __future__ import annotations

from pathlib import Path

from vagus.errors import InputError, MissingFile, Problem
from vagus.files.readers.bids import bids_marks
from vagus.files.readers.content import format_of, not_there
from vagus.files.readers.edf import edf_marks
from vagus.files.readers.empatica import empatica_marks, empatica_start
from vagus.files.readers.marks import Mark
from vagus.files.readers.xdf import xdf_marks


def read_marks(path: str | Path) -> tuple[Mark, ...]:
    """Marks along a recording, in order: annotations of EDF+, events of BIDS, markers of XDF, tags of Empatica E4.

    Parameters
    ----------
    path : str or Path
        An EDF+ or BDF+ file, a BIDS `_events.tsv`, an XDF file, a folder of Empatica E4 or a tags*.csv in it.

    Returns
    -------
    tuple of Mark
        Times count from the first sample of the recording.

    Raises
    ------
    MissingFile
        The file is not there.
    InputError
        The file is damaged, or of a format that holds no marks.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "sub-01_events.tsv"
    >>> _ = path.write_text("onset\\tduration\\ttrial_type\\n30\\t60\\tstimulation\\n")
    >>> read_marks(path)
    (Mark(time_s=30.0, duration_s=60.0, text='stimulation'),)
    """
    path = Path(path)
    if path.is_file() and path.suffix.lower() == ".csv" and path.name.casefold().startswith("tags"):
        return empatica_marks(path, empatica_start(path.parent))
    form = format_of(path)
    if form == "empatica":
        tags = sorted(path.glob("tags*.csv"))
        if not tags:
            raise MissingFile(not_there(path / "tags.csv"))
        return empatica_marks(tags[0], empatica_start(path))
    if form == "edf":
        return edf_marks(path)
    if form == "xdf":
        return xdf_marks(path)
    if form == "text":
        return bids_marks(path)
    raise InputError(
        Problem(
            what="file holds no marks",
            where=str(path),
            found=form,
            allowed="EDF+ or BDF+, BIDS _events.tsv, XDF, Empatica E4; read_annotations for WFDB",
        )
    )
