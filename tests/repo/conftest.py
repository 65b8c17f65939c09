"""What tests of generated repos share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy remembers of torch and the rest: reading those takes it longer than reading a repo."""
    return tmp_path_factory.mktemp("types")
