"""Spares a short-lived process what it would wait for in vain: for `__main__` alone, never for an import of stgen."""

from __future__ import annotations

import atexit
import gc
import sys
from types import ModuleType


def hurry() -> None:
    """Switch off what costs a command more than it brings. Measured: half of the time of `validate`.

    Reference cycles are left to the end of the process, and then to the system: an interpreter that ends would look for
    them in all that was ever imported, which takes as long as a sixth of a compile. pydantic's loader of plugins imports
    importlib.metadata and reads the metadata of everything that is installed, and a compiler that must give the same
    bytes on every machine wants no plugin: in its place stands one that knows of none. It has no effect where pydantic
    has no such module.
    """
    gc.disable()
    atexit.register(gc.freeze)
    if "pydantic" not in sys.modules:
        loader = ModuleType("pydantic.plugin._loader")
        loader.__dict__["get_plugins"] = tuple
        sys.modules[loader.__name__] = loader
