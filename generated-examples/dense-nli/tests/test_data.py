"""The data contract: every split can be read, has rows, and holds the columns that are expected of it."""

import pytest

import data

EXPECTED = ["text_1", "text_2", "score"]


@pytest.mark.parametrize("split", ["train", "eval", "test"])
def test_split_holds_what_the_loss_expects(split: str) -> None:
    """A column too many would become an input of the loss."""
    rows = data.load(split)
    assert rows.column_names == EXPECTED
    assert len(rows) > 0


READ = {
    "text_1": "premise",
    "text_2": "hypothesis",
    "label": "label",
}  # column -> the column of the files


def test_columns_are_read_from_where_the_spec_says() -> None:
    """Two columns that are swapped train as well: the loss takes them for what their place says."""
    assert {column.name: column.source for column in data.SCHEMA.columns} == READ
