"""vagus: vagus nerve stimulation, from pulse to person.

Rooms are submodules, loaded when they are first named: ``vagus.dose``, ``vagus.field``, ``vagus.fiber``,
``vagus.response``, ``vagus.signal``, ``vagus.outcome``, ``vagus.course``, ``vagus.files``, ``vagus.report``.

For research; not a medical device.
"""

import importlib
from types import ModuleType

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "course",
    "dose",
    "errors",
    "fiber",
    "field",
    "files",
    "outcome",
    "report",
    "response",
    "signal",
    "source",
    "store",
    "tables",
    "units",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"vagus.{name}")
    raise AttributeError(f"module 'vagus' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
