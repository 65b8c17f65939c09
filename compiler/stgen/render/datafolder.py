"""Finds stgen's own data folders: inside the installed package, or at the top of a checkout."""

from __future__ import annotations

import os


def data_folder(name: str) -> str:
    """The folder `templates` or `schemas`. Raises FileNotFoundError when the installation is broken."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for candidate in (os.path.join(package, name), os.path.join(package, "..", "..", name)):
        if os.path.isdir(candidate):
            return os.path.normpath(candidate)
    raise FileNotFoundError(f"stgen's folder {name} is missing: the installation is broken")
