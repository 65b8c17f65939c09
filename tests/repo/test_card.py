"""The model card of the trained model: what the library is told before training, and the figures that evaluate.py puts in."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
from matrix import repos, samples
from matrix.cases import Case
from programs import python
from prompted import CLASSES

PROMPTS = {"query": "the: ", "document": "a: "}
CASES = {
    "dense": Case("dense", "transformer", "auto", "pair", keys={"prompts": PROMPTS}),
    "sparse": Case("sparse", "splade", "auto", "pair"),
    "multi-vector": Case("multi-vector", "transformer", "auto", "pair"),
    "cross-encoder": Case("cross-encoder", "transformer", "auto", "pair"),
}
PROJECT = {"name": "questions", "license": "Apache-2.0", "languages": ["en", "de"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo of each type of model, trained two steps."""
    pytest.importorskip("sentence_transformers")
    made = tmp_path_factory.mktemp("card")
    repos.compile_all(list(CASES.values()), made)
    for case in CASES.values():
        repos.write_repo(repos.spec_of(case, "../data/pair-0") | {"project": PROJECT}, made / case.id)
    return made


def test_needs_no_fix(folder: Path) -> None:
    assert repos.lint(folder) == ""


@pytest.mark.trains
@pytest.mark.parametrize("model", CASES)
def test_the_card_says_what_the_model_is_and_what_was_measured(
    model: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sentence_transformers.base.model_card as library
    from huggingface_hub import ModelCard

    def asked(*given: Any, **named: Any) -> None:
        raise AssertionError(f"the hub was asked for {given}")

    monkeypatch.setattr(library, "get_dataset_info", asked)
    repo = folder / CASES[model].id
    repos.train(CASES[model], folder)
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        evaluate = load("evaluate")
        file = evaluate.model_folder(repo) / "README.md"
        told = ModelCard.load(file)
        assert "Before and after" not in told.text
        assert evaluate.main(["--base", base, "--output", str(repo)]) == 0
        once = file.read_text()
        assert evaluate.main(["--base", base, "--output", str(repo)]) == 0
        assert file.read_text() == once  # the figures of an earlier run are replaced
        main = evaluate.MAIN_METRIC
    for card in (told, ModelCard.load(file)):
        assert "\n# questions\n" in card.text
        assert card.data.language == ["en", "de"]
        assert card.data.license == "apache-2.0"
        assert any(tag.startswith("loss:") for tag in card.data.tags)
        assert "train.jsonl" in card.text
        assert rows_in(file.read_text()) == []
    assert (
        not told.data.eval_results
    )  # those of the eval rows, which picked the checkpoint, would stand beside the test's
    card = ModelCard.load(file)
    assert card.data.model_name == "questions"
    assert {result.dataset_type for result in card.data.eval_results} == {"test"}
    measured = {result.metric_type: result for result in card.data.eval_results}
    assert isinstance(measured[main].metric_args["before training"], float)
    assert card.text.count("## Before and after training") == 1
    assert f"| `{main}` |" in card.text
    assert (
        card.text.index("## Before and after") < card.text.index("## Training Details") < card.text.index("## Citation")
    )
    if model != "cross-encoder":
        assert card.text.count("model.encode_query(") == card.text.count("model.encode_document(") == 1
        assert "model.encode(" not in card.text
    assert run_code(card.text, repo) == CASES[model].model


def rows_in(text: str) -> list[str]:
    """The sentences of the data that stand in a text."""
    return [row for number in range(3 * samples.ROWS) for row in samples.row("pair", number, 0).values() if row in text]


def run_code(card: str, repo: Path) -> str:
    """Run the code that a card shows, in the folder of the repo; returns which type of model it loads."""
    blocks = [block.partition("```")[0] for block in card.split("```python\n")[1:]]
    code = next(block for block in blocks if "sentence_transformers" in block)
    ended, said = python(repo, "-c", code)
    assert ended == 0, f"{code}\n{said}"
    return next(kind for kind, name in CLASSES.items() if f"= {name}(" in code)


@pytest.mark.trains
def test_rows_stand_in_the_card_where_the_spec_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    case = CASES["dense"]
    repos.compile_all([case], tmp_path)
    repos.write_repo(
        repos.spec_of(case, "../data/pair-0") | {"project": PROJECT | {"card_rows": True}}, tmp_path / case.id
    )
    repos.train(case, tmp_path)
    card = tmp_path / case.id / "models" / "questions" / "README.md"
    assert rows_in(card.read_text())
    assert "widget examples" not in capfd.readouterr().err


def test_a_model_without_a_card_stays_without(folder: Path, tmp_path: Path) -> None:
    with repos.modules(folder / CASES["dense"].id) as load:
        load("card").add_results(tmp_path / "README.md", {})
    assert list(tmp_path.iterdir()) == []


def test_a_section_is_put_in_and_taken_out_again(folder: Path) -> None:
    with repos.modules(folder / CASES["dense"].id) as load:
        card = load("card")
        text = "# A\n\nfirst\n\n## Training Details\n\nlast\n"
        first, second = (f"{card.TITLE}\n\nfigures of {run}\n" for run in ("one run", "another"))
        put = card.put_in(text, first)
        assert put == f"# A\n\nfirst\n\n## {first}\n## Training Details\n\nlast\n"
        assert card.put_in(put, second) == put.replace("one run", "another")
        assert card.put_in("mine\n", first) == f"mine\n\n## {first}"
        assert card.put_in(f"mine\n\n## {first}\n## More\n", second) == f"mine\n\n## More\n\n## {second}"
