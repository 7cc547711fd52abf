"""A solved field as one .npz file: arrays of numbers, and its contacts as JSON."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from pathlib import Path

import msgspec
import numpy as np

from vagus.errors import InputError, MissingFile, Problem
from vagus.field import Disc, FemField, Insulation, Needle, Patch
from vagus.field.fem.kept import arrays_of, field_of

KINDS = {kind.__name__: kind for kind in (Patch, Disc, Needle)}
FORMAT = "vagus field 1"


def field_bytes(field: FemField) -> bytes:
    """A solved field as the bytes of an .npz file, which `read_field` reads; NGSolve is not needed for that.

    Examples
    --------
    >>> from vagus.field import Layers, solve_layers
    >>> pad = Disc(x_um=0.0, y_um=0.0, radius_um=5000.0)
    >>> field_bytes(solve_layers(Layers(thickness_um=(), sigma_s_per_m=(0.3,)), [pad]))[:2]  # a zip archive
    b'PK'
    """
    contacts = [{"kind": type(one).__name__, **dataclasses.asdict(one)} for one in field.contacts]
    behind = [dataclasses.asdict(one) for one in field.insulation]
    head = json.dumps(
        {"format": FORMAT, "contacts": contacts, "insulation": behind, "outlines": len(field.outlines_um)}
    )
    arrays = {
        **arrays_of(field),
        **{f"outline{k}_um": one for k, one in enumerate(field.outlines_um)},
        "head": np.frombuffer(head.encode(), dtype=np.uint8),
    }
    held = io.BytesIO()
    np.savez_compressed(held, allow_pickle=False, **arrays)
    return held.getvalue()


def read_field(path: Path | str) -> FemField:
    """A solved field from the file that `field_bytes` made.

    Raises
    ------
    MissingFile
        No such file.
    InputError
        The file is no field, or is damaged.
    """
    file = Path(path)
    try:
        with np.load(file, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        head = json.loads(arrays["head"].tobytes().decode())
        if head["format"] != FORMAT:
            raise InputError(Problem(what="another format", where=file.name, found=str(head["format"]), allowed=FORMAT))
        contacts = tuple(
            msgspec.convert({k: v for k, v in one.items() if k != "kind"}, KINDS[one["kind"]])
            for one in head["contacts"]
        )
        outlines = tuple(arrays[f"outline{k}_um"] for k in range(head["outlines"]))
        return field_of(arrays, contacts, outlines, msgspec.convert(head["insulation"], tuple[Insulation, ...]))
    except FileNotFoundError as error:
        raise MissingFile(
            Problem(what="file is not there", where=str(file), allowed="a field, made by: vagus field solve")
        ) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, msgspec.ValidationError) as error:
        raise InputError(
            Problem(what="file is no field", where=file.name, found=str(error)[:80] or type(error).__name__,
                    allowed="an .npz file, made by: vagus field solve")
        ) from error  # fmt: skip
