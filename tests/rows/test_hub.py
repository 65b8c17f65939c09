"""Data sets on the hub are read as the generated repo reads them; without the package or the network, one sentence says so."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from commandline import stgen
from made_rows import Row, pairs, write

datasets = pytest.importorskip("datasets")
NAMED = "hf://org/name/config@main#train"
SPEC = (
    'stgen = 1\nmodel = { type = "dense", base = "org/base" }\ntrain = { batch_size = 8 }\n[[data]]\n'
    f'train = "{NAMED}"\ncolumns = {{ anchor = "question", positive = "answer" }}\n'
)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[dict[str, str]]]:
    """A hub that has one data set, or raises an error; what it is asked for."""
    asked: list[dict[str, str]] = []

    def serve(held: Any) -> list[dict[str, str]]:
        def load(**arguments: str) -> Any:
            asked.append(arguments)
            if isinstance(held, Exception):
                raise held
            return datasets.Dataset.from_list(held)

        monkeypatch.setattr(datasets, "load_dataset", load)
        return asked

    return serve


def spec(folder: Path, text: str = SPEC) -> Path:
    (folder / "stgen.toml").write_text(text)
    return folder / "stgen.toml"


def test_validate_reads_the_rows(tmp_path: Path, hub: Callable[[Any], list[dict[str, str]]]) -> None:
    rows: list[Row] = [row | {"id": n} for n, row in enumerate(pairs())]
    asked = hub(rows)
    done = stgen("validate", "--data", spec(tmp_path))
    assert (done.code, "STG2" in done.err) == (0, False), done.err
    assert asked == [{"path": "org/name", "name": "config", "revision": "main", "split": "train"}]


def test_validate_names_a_bad_row_as_the_repo_does(tmp_path: Path, hub: Callable[[Any], Any]) -> None:
    hub([row | ({"answer": ""} if n == 16 else {}) for n, row in enumerate(pairs())])
    done = stgen("validate", "--data", spec(tmp_path))
    assert done.code == 1
    assert "error[STG211]: row 17 of org/name: `answer` is empty" in done.err


def test_a_missing_column_is_told(tmp_path: Path, hub: Callable[[Any], Any]) -> None:
    hub(pairs())
    done = stgen("validate", "--data", spec(tmp_path, SPEC.replace('"answer"', '"anser"')))
    assert "error[STG206]: org/name has no column `anser`" in done.err
    assert "did you mean `answer`?" in done.err


def test_inspect_proposes_roles(hub: Callable[[Any], Any]) -> None:
    hub([{"set": {"query": row["question"], "pos": row["answer"]}} for row in pairs()])
    done = stgen("inspect", NAMED, "--format", "json")
    found = json.loads(done.out)
    assert (done.code, found["rows"]) == (0, 120)
    assert found["line"] == 'columns = { anchor = "set.query", positive = "set.pos" }'
    assert "120 rows\n" in stgen("inspect", NAMED).out


def test_new_names_the_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: Callable[[Any], Any]) -> None:
    hub(pairs())
    monkeypatch.chdir(tmp_path)
    done = stgen("new", "demo", "--from-data", NAMED, "--yes")
    assert done.code == 0, done.err
    text = (tmp_path / "demo/stgen.toml").read_text()
    assert f'train = "{NAMED}"' in text
    assert 'columns = { anchor = "question", positive = "answer" }' in text
    assert stgen("compile", "demo/stgen.toml").code == 0
    done = stgen("new", "other", "--from-data", NAMED, "--copy-data")
    assert (done.code, "names a data set on the hub" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ConnectionError("Couldn't reach 'org/name' on the Hub"), "which can't be reached from here"),
        (ValueError('Unknown split "train".\nmore'), 'can\'t be loaded: Unknown split "train"'),
        (RuntimeError(), "can't be loaded: RuntimeError"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(
    tmp_path: Path, hub: Callable[[Any], Any], error: Exception, says: str
) -> None:
    hub(error)
    done = stgen("validate", "--data", spec(tmp_path))
    assert done.code == 0
    assert "note[STG208]" in done.err
    for command in (["inspect", NAMED], ["new", tmp_path / "demo", "--from-data", NAMED]):
        done = stgen(*command)
        assert done.code == 1
        assert f"error[STG208]: {NAMED}" in done.err
        assert says in done.err
        assert "Traceback" not in done.err
    assert not (tmp_path / "demo").exists()


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    done = stgen("inspect", NAMED)
    assert done.code == 1
    assert f"error[STG208]: {NAMED} is on the hub, and reading it here takes the package datasets" in done.err
    assert "pip install datasets" in done.err
    done = stgen("validate", "--data", spec(tmp_path))
    assert (done.code, "note[STG208]" in done.err) == (0, True)


def test_a_reference_without_a_split(hub: Callable[[Any], Any]) -> None:
    asked = hub(pairs())
    done = stgen("inspect", "hf://org/name")
    assert (done.code, "error[STG048]" in done.err, asked) == (1, True, [])


def test_a_stream_is_not_downloaded(tmp_path: Path, hub: Callable[[Any], Any]) -> None:
    asked = hub(pairs())
    write(tmp_path, {"eval.jsonl": pairs(20, 500)})
    text = SPEC + 'streaming = true\neval = "eval.jsonl"\n'
    done = stgen("validate", "--data", spec(tmp_path, text.replace("batch_size = 8", "batch_size = 8, steps = 100")))
    assert "is on the hub and streamed" in done.err, done.err
    assert asked == []


def test_local_files_do_not_wait_for_the_package(tmp_path: Path) -> None:
    import subprocess

    write(tmp_path, {"train.jsonl": pairs()})
    program = (
        "import sys; from stgen.cli.main import main\n"
        f"main(['inspect', {str(tmp_path / 'train.jsonl')!r}, '--quiet'], sys.stdin.buffer, sys.stdout, sys.stderr)\n"
        "assert not {'datasets', 'torch'} & set(sys.modules), 'imported'"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_profile_takes_the_hubs_own_count_and_downloads_nothing(
    tmp_path: Path, hub: Callable[[Any], list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batch and epochs are then decided by it; without a network the command says that nothing is known."""
    asked = hub(ConnectionError())
    splits = datasets.SplitDict({"train": datasets.SplitInfo("train", num_examples=1_200)})
    wanted: list[dict[str, str]] = []

    class Builder:
        def __init__(self, **arguments: str) -> None:
            wanted.append(arguments)
            self.info = datasets.DatasetInfo(splits=splits)

    monkeypatch.setattr(datasets, "load_dataset_builder", Builder)
    done = stgen("profile", spec(tmp_path))
    assert (done.code, asked) == (0, []), done.err
    assert wanted[0] == {"path": "org/name", "name": "config", "revision": "main"}
    assert "1,200 rows" in done.err
    told = stgen("explain", spec(tmp_path))
    assert told.code == 0, told.err
    shown = told.out
    assert "not counted" not in shown.partition("false negatives")[0]
    assert "854 rows in batches of 8" in " ".join(shown.split()), (
        shown
    )  # a fifth is for test, 11 % of the rest for eval
    monkeypatch.setattr(datasets, "load_dataset_builder", lambda **_: (_ for _ in ()).throw(ConnectionError()))
    (tmp_path / "stgen.profile.json").unlink()
    done = stgen("profile", spec(tmp_path))
    assert done.code == 0
    assert "can't be reached from here" in " ".join(done.err.split())


def on_the_hub(monkeypatch: pytest.MonkeyPatch, features: datasets.Features) -> None:
    """A hub that describes a split of 1,200 rows."""
    splits = datasets.SplitDict({"train": datasets.SplitInfo("train", num_examples=1_200)})
    info = datasets.DatasetInfo(splits=splits, features=features)
    monkeypatch.setattr(datasets, "load_dataset_builder", lambda **_: SimpleNamespace(info=info))


def test_a_profile_takes_the_hubs_columns_and_their_types(
    tmp_path: Path, hub: Callable[[Any], list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub(ConnectionError())
    text, named = datasets.Value("string"), spec(tmp_path)
    features = {
        "question": text,
        "answer": text,
        "tags": datasets.List(text),
        "kind": datasets.ClassLabel(names=["a", "b"]),
    }
    on_the_hub(monkeypatch, datasets.Features(features))
    done = stgen("profile", named)
    assert done.code == 0, done.err
    columns = "columns by the hub: question (string), answer (string), tags (list of string), kind (class of 2)"
    assert columns in " ".join(done.err.split())
    written = (tmp_path / "stgen.profile.json").read_text()
    assert json.loads(written)["sets"][0]["splits"]["train"]["columns"]["tags"] == "list of string"
    assert stgen("validate", named).code == 0
    assert stgen("profile", named).code == 0
    assert (tmp_path / "stgen.profile.json").read_text() == written


def test_a_column_that_the_hub_does_not_have_is_found_before_anything_is_downloaded(
    tmp_path: Path, hub: Callable[[Any], list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = hub(ConnectionError())
    on_the_hub(monkeypatch, datasets.Features({"query": datasets.Value("string"), "answer": datasets.Value("string")}))
    done = stgen("profile", spec(tmp_path))
    assert (done.code, asked) == (1, [])
    assert "has no column `question`" in done.err
    assert "its columns are query (string), answer (string)" in done.err
    assert not (tmp_path / "stgen.profile.json").exists()


def test_classes_that_the_hub_counts_decide_what_is_trained_on(
    tmp_path: Path, hub: Callable[[Any], list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of few classes triplets of a batch, of many pairs sampled by class."""
    hub(ConnectionError())
    named = Path(spec(tmp_path))
    named.write_text(
        named.read_text().replace(
            '{ anchor = "question", positive = "answer" }', '{ text = "question", class = "kind" }'
        )
    )
    for count, loss in ((6, "BatchAllTripletLoss"), (77, "MultipleNegativesRankingLoss")):
        kind = datasets.ClassLabel(num_classes=count)
        on_the_hub(monkeypatch, datasets.Features({"question": datasets.Value("string"), "kind": kind}))
        assert stgen("profile", str(named)).code == 0
        told = json.loads(stgen("explain", str(named), "--format", "json").out)
        assert told["loss"] == loss
