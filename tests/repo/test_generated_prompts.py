"""Prompts are written once: training, evaluation and the saved model put the same one before the same text."""

from __future__ import annotations

import contextlib
import io
from collections import defaultdict
from pathlib import Path

import pytest
from matrix import cases, repos, samples
from matrix.cases import Case
from prompted import record

BOTH = {"prompts": {"query": "the: ", "document": "a: "}}
FORMATS = ("triplet", "n-tuple", "pair-score", "pair-binary", "triplet-scores", "pair-class", "triplet-margin")
PROMPTED = [case for case in cases.prompted() if case.architecture in ("transformer", "splade", "static")]
PROMPTED += [Case("dense", "transformer", "auto", format, keys=BOTH, name="prompts") for format in FORMATS]
ANCHORS = {samples.row("pair", number, 0)["a"] for number in range(3 * samples.ROWS)}
POSITIVES = {samples.row("pair", number, 0)["p"] for number in range(3 * samples.ROWS)}


@pytest.mark.trains
@pytest.mark.parametrize("case", PROMPTED, ids=lambda case: case.id)
def test_every_text_always_has_its_prompt(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    seen: dict[str, set[str]] = defaultdict(set)  # text -> prompts that it was read with
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        program, evaluation = load("train"), load("evaluate")
        options = program.parse(
            ["--base", str(repo / (repo / "base.txt").read_text()), "--output", str(repo), "--max-steps", "1"]
        )
        record(load("model").build(options.base), seen, monkeypatch)
        trained = program.run(options)
        assert evaluation.main(["--base", options.base, "--output", str(repo)]) == 0
        loaded = type(trained)(str(evaluation.model_folder(repo)))
    assert loaded.prompts.items() >= case.keys["prompts"].items()
    asked = {text for text in seen if text in ANCHORS}
    answers = {text for text in seen if text in POSITIVES}
    assert len(asked) > samples.ROWS
    assert len(answers) > samples.ROWS
    assert {prompt for text in asked for prompt in seen[text]} == {"the: "}
    assert {prompt for text in answers for prompt in seen[text]} == {
        "the: " if case.model == "cross-encoder" else "a: "
    }
