"""Fields in and out: solved ones as .npz, those of other programs from text."""

from vagus.files.fields.paths import PathField
from vagus.files.fields.solved import field_bytes, read_field

__all__ = ["PathField", "field_bytes", "read_field"]
