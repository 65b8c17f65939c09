"""The comparison on a tiny model: every loss is trained a step or two, measured, and told apart from the others."""

import json
from pathlib import Path

import pytest

import compare
import data
import train
from candidates import CANDIDATES

COLUMNS = {
    "CoSENTLoss": ["text_1", "text_2", "score"],
    "AnglELoss": ["text_1", "text_2", "score"],
    "CosineSimilarityLoss": ["text_1", "text_2", "score"],
}


@pytest.mark.parametrize("loss", list(CANDIDATES))
def test_rows_hold_what_the_loss_expects(loss: str) -> None:
    """A column too many would become an input of the loss."""
    assert data.load(CANDIDATES[loss].rows).column_names == COLUMNS[loss]


def test_compares_and_trains_nothing_twice(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second call finds every run finished."""
    rows = 2 * min(candidate.batch_size for candidate in CANDIDATES.values())
    arguments = ["--base", str(base), "--output", str(tmp_path), "--seeds", "1", "--rows", str(rows)]
    assert compare.main(arguments) == 0
    monkeypatch.delattr(train, "run")
    assert compare.main(arguments) == 0
    results = json.loads((tmp_path / "results" / "compare.json").read_text())
    assert sorted(one["loss"] for one in results["losses"]) == sorted(compare.LOSSES)
    assert all(one["seconds"] > 0 for one in results["losses"])
