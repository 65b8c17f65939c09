"""What the tests share: the prepared data, and a tiny model with random weights, so that nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

import pytest

import data
import tiny


@pytest.fixture(scope="session", autouse=True)
def _data_is_here() -> None:
    """Skip, and say why, where the data is not at hand."""
    try:
        data.load("train")
    except SystemExit as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny model of the same kind as the real base."""
    folder = tmp_path_factory.mktemp("tiny")
    return tiny.build(folder)
