"""The data contract: every split can be read, has rows, and holds the columns that are expected of it."""

from __future__ import annotations

import pytest

import data

EXPECTED = ["text_1", "text_2", "label"]


@pytest.mark.parametrize("split", ["train", "eval", "test"])
def test_split_holds_what_the_loss_expects(split: str) -> None:
    """A column too many would become an input of the loss."""
    rows = data.load(split)
    assert rows.column_names == EXPECTED
    assert len(rows) > 0
