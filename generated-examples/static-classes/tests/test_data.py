"""The data contract: every split can be read, has rows, and holds the columns that are expected of it."""

import pytest

import data

TRAINED = ["anchor", "positive"]
MEASURED = ["text", "label"]


@pytest.mark.parametrize(("split", "expected"), [("train", TRAINED), ("eval", MEASURED), ("test", MEASURED)])
def test_split_holds_what_is_expected_of_it(split: str, expected: list[str]) -> None:
    """A column too many would become an input of the loss."""
    rows = data.load(split)
    assert rows.column_names == expected
    assert len(rows) > 0


READ = {
    "text": "text",
    "label": "intent",
}  # column -> the column of the files


def test_columns_are_read_from_where_the_spec_says() -> None:
    """Two columns that are swapped train as well: the loss takes them for what their place says."""
    assert {column.name: column.source for column in data.SCHEMA.columns} == READ
