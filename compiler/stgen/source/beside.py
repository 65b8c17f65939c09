"""Where the profile of a spec lies: beside it, under its name."""

from __future__ import annotations

import os

MOST_PROFILE = 4 * 1024 * 1024
"""Bytes of the largest profile."""


def profile_path(spec: str) -> str:
    """`stgen.profile.json` for `stgen.toml`."""
    return os.path.splitext(spec)[0] + ".profile.json"
