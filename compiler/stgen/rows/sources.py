"""Where a spec's data lie: on the hub, or in files below its folder."""

from __future__ import annotations

from stgen.reader.files import files_of

__all__ = ["HUB", "files_of"]

HUB = "hf://"
