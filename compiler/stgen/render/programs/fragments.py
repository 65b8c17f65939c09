"""What programs name fragments by."""

from __future__ import annotations

from collections.abc import Mapping


def those(chosen: Mapping[str, object]) -> tuple[str, ...]:
    """The names whose condition holds, in their order."""
    return tuple(name for name, holds in chosen.items() if holds)
