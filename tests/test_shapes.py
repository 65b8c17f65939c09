"""The table of paths that a compile can write holds all that is rendered, and nothing that isn't."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiling import plan_of, tree_of
from stgen.render import rendering
from stgen.render.rendering import Output, render
from stgen.render.shapes import OWNED, can_be_owned

ROOT = Path(__file__).parent.parent
