"""The two notations of a spec."""

from __future__ import annotations

from typing import Literal

Kind = Literal["toml", "json"]
