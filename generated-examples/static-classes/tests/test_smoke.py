"""The whole way on a tiny model: two steps of training, saving, loading, evaluating."""

import json
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

import evaluate
import train

TEXTS = ["a text", "another one, somewhat longer"]


def test_trains_saves_loads_and_evaluates(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The saved model answers as the trained one did, and evaluate.py measures both."""
    options = train.parse(["--base", str(base), "--output", str(tmp_path), "--max-steps", "2"])
    trained = train.run(options)
    loaded = SentenceTransformer(str(evaluate.model_folder(tmp_path)))
    np.testing.assert_allclose(trained.encode_query(TEXTS), loaded.encode_query(TEXTS), atol=1e-5)
    np.testing.assert_allclose(trained.encode_document(TEXTS), loaded.encode_document(TEXTS), atol=1e-5)

    # Two steps from random weights may teach nothing, where their loss is 0 from the start.
    monkeypatch.setattr(evaluate, "require_moved", lambda *_: None)
    assert evaluate.main(["--base", str(base), "--output", str(tmp_path)]) == 0
    metrics = json.loads((tmp_path / "results" / "metrics.json").read_text())
    assert evaluate.MAIN_METRIC in metrics["before"]
    assert evaluate.MAIN_METRIC in metrics["after"]
