"""Puts templates and schemas, which lie at the top of the checkout, into the wheel; and as Python modules the templates and the reader."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DataFolders(BuildHookInterface):  # type: ignore[type-arg]
    """An editable install needs none of it: there, stgen finds the folders of the checkout itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name what the wheel holds beside the package."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "compiler"))
        from stgen.render import definitions, precompiled

        made = Path(tempfile.mkdtemp(prefix="stgen-"))
        texts = {
            precompiled.MODULE: precompiled.compile_templates(str(root / "templates")),
            definitions.MODULE: definitions.definitions_as_code(),
        }
        for name, text in texts.items():
            (made / f"{name}.py").write_text(text, encoding="utf-8")
        build_data["force_include"] |= {
            str(root / "templates"): "stgen/templates",
            str(root / "schemas"): "stgen/schemas",
        } | {str(made / f"{name}.py"): f"stgen/{name}.py" for name in texts}
