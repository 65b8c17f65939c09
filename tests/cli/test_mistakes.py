"""The mistakes that people make, each answered with where it is and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import stgen
from made_rows import pairs, write

GOOD = """\
stgen = 1

[model]
type = "dense"
base = "org/name"

[[data]]
train = "data/train.jsonl"
columns = { anchor = "question", positive = "answer" }
"""
COLUMNS = 'columns = { anchor = "question", positive = "answer" }'


# fmt: off
SPECS: list[tuple[str, str, tuple[str, ...]]] = [  # what stands in the good spec, what is written for it, and what is said
    ('"dense"', '"bi-encoder"',                ('not "bi-encoder"', 'did you mean "dense"?')),
    ('"dense"', '"reranker"',                  ('did you mean "cross-encoder"?',)),
    ('"dense"', '"colbert"',                   ('did you mean "multi-vector"?',)),
    ('"dense"', '"splade"',                    ('did you mean "sparse"?',)),
    ("[[data]]", '[loss]\nname = "MNRL"\n\n[[data]]',          ("did you mean 'MultipleNegativesRankingLoss'?",)),
    ("[[data]]", '[loss]\nname = "InfoNCE"\n\n[[data]]',       ("did you mean 'MultipleNegativesRankingLoss'?",)),
    ("[[data]]", '[train]\nbatch_size = "32"\n\n[[data]]',     ("`train.batch_size` must be", "write batch_size = 32")),
    ("[[data]]", '[hardware]\naccelerator = "gpu"\n\n[[data]]', ('did you mean "cuda"?',)),
    (COLUMNS, 'columns = { query = "question", document = "answer" }', ("did you mean `anchor`?", "did you mean `positive`?")),
    (COLUMNS, 'columns = ["question", "answer"]',              ("write columns = { anchor = ..., positive = ... }",)),
    (COLUMNS, 'columns = { anchor = "question" }',             ("`anchor` alone is no data format", "add `positive`")),
    ('"answer" }', '"answer", }',                              ("stgen.toml:9:55", "a comma follows the last key of this { ... }", "leave it out")),
    ("{ anchor", "{\n anchor",                                 ("a { ... } goes on beyond its line",)),
    ("type =", '<<<<<<< HEAD\ntype =',                          ("stgen.toml:4:1", "a merge has left both sides here", "keep what is right")),
    ("type =", "type:",                                        ("a colon stands where TOML has an =",)),
    (GOOD, '{"stgen": 1}',                                     ("this is JSON in a file that is called .toml", "call the file .json")),
]
JSON: list[tuple[str, tuple[str, ...]]] = [
    ('{"stgen": 1, "model": {"type": "dense",}}', ("a comma follows the last key", "leave it out")),
    ('{"stgen": 1, "languages": ["en",]}',        ("a comma follows the last item of this list",)),
    ('{"stgen": 1, // one\n "model": {}}',        ("a comment stands here, and JSON has none",)),
    ('# one\n{"stgen": 1}',                       ("a comment stands here, and JSON has none",)),
    ('{\n<<<<<<< HEAD\n"stgen": 1}',             ("stgen.json:2:1", "a merge has left both sides here", "keep what is right")),
    ("{'stgen': 1}",                              ("a single quote stands here, and JSON has double ones",)),
    ('{"stgen": True}',                           ("true and false are lower case in JSON", "write true")),
]
DATA: list[tuple[str, str, str]] = [  # which path the spec has, what is wrong, and what is advised
    ("data/trian.jsonl",   "there is no file data/trian.jsonl",  "did you mean train.jsonl?"),
    ("train.jsonl",        "there is no file train.jsonl",       "did you mean data/train.jsonl?"),
    ("dta/train.jsonl",    "there is no file dta/train.jsonl",   "dta either"),
    (r"data\\train.jsonl", r"there is no file data\train.jsonl", "write data/train.jsonl"),
    (r"data\train.jsonl",  r"there is no file data\train.jsonl", "write data/train.jsonl"),  # a tab, in TOML
]
ARGUMENTS: list[tuple[tuple[str, ...], str]] = [
    (("complie",),                  "there is no command `complie`; did you mean `compile`?"),
    (("init",),                     "there is no command `init`; did you mean `new`?"),
    (("train",),                    "a compiled repo trains by itself: `bash launch/cpu.sh` in its folder"),
    (("validate", "--dta"),         "stgen validate: there is no option --dta; did you mean --data?"),
    (("plan", "a.toml", "b.toml"),  "`b.toml` is an argument too many"),
    (("losses", "--model", "bert"), "stgen losses: --model can't be `bert`; did you mean `dense`?"),
    (("schema", "locks"),           "did you mean `lock`?"),
]
# fmt: on


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with good data, in which the process stands."""
    (tmp_path / "data").mkdir()
    write(tmp_path / "data", {"train.jsonl": pairs()})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("right", "wrong", "told"), SPECS)
def test_a_spec(folder: Path, right: str, wrong: str, told: tuple[str, ...]) -> None:
    Path("stgen.toml").write_text(GOOD.replace(right, wrong))
    done = stgen("validate")
    assert done.code == 1
    assert [part for part in told if part not in done.err] == []


@pytest.mark.parametrize(("text", "told"), JSON)
def test_a_spec_in_json(folder: Path, text: str, told: tuple[str, ...]) -> None:
    Path("stgen.json").write_text(text)
    done = stgen("validate")
    assert done.code == 1
    assert [part for part in told if part not in done.err] == []


@pytest.mark.parametrize(("path", "wrong", "advice"), DATA)
def test_a_path_of_data(folder: Path, path: str, wrong: str, advice: str) -> None:
    Path("stgen.toml").write_text(GOOD.replace("data/train.jsonl", path))
    done = stgen("validate", "--data")
    assert done.code == 1
    assert (f"error[STG200]: {wrong}" in done.err, advice in done.err) == (True, True)


@pytest.mark.parametrize(("arguments", "told"), ARGUMENTS)
def test_a_command_line(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    done = stgen(*arguments)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_rows_that_cannot_be_read_are_no_short_run(folder: Path) -> None:
    Path("stgen.toml").write_text(GOOD)
    Path("data/train.jsonl").write_bytes(b'{"question": "caf\xe9", "answer": "b"}\n' * 50)
    said = stgen("validate", "--data").err
    assert ("STG202" in said, "STG407" in said, "1 row in batches" in said) == (True, False, False)


def test_check_of_a_spec_that_was_never_compiled(folder: Path) -> None:
    Path("stgen.toml").write_text(GOOD)
    done = stgen("check")
    assert (done.code, done.out) == (1, "")
    assert "nothing is compiled here yet; `stgen compile` writes the repo" in done.err


def test_check_of_a_project_that_was_never_compiled(folder: Path) -> None:
    assert stgen("new", "mine", "--recipe", "semantic-search", "--yes").code == 0
    done = stgen("check", "mine/stgen.toml")
    assert (done.code, done.out) == (1, "")
    assert "nothing is compiled here yet; `stgen compile mine/stgen.toml` writes the repo" in done.err


def test_explain_of_a_loss() -> None:
    done = stgen("explain", "CoSENTLoss")
    assert done.code == 0
    assert "dense, pair-score: (sentence_A, sentence_B) pairs" in done.out
    assert 'params = { scale = 20.0, similarity_fct = "cosine" }' in done.out
    assert "https://sbert.net/docs/package_reference/sentence_transformer/losses.html#cosentloss" in done.out
    modifier = stgen("explain", "MatryoshkaLoss")
    assert (modifier.code, "matryoshka = [...]" in modifier.out) == (0, True)
    assert "did you mean CoSENTLoss?" in stgen("explain", "CosentLoss").err
    assert "did you mean MultipleNegativesRankingLoss?" in stgen("explain", "MNRL").err


@pytest.mark.parametrize(
    ("named", "stands", "told"),
    [
        ("./modle", "model/config.json", "there is no folder ./modle\n"),
        ("./modle", "model/config.json", 'did you mean "./model"?'),
        ("./model", "model", "./model is a file, and a model is a folder"),
        ("./model", "model/notes.txt", "./model holds no model: it has neither config.json nor modules.json"),
        ("./model", "model/final/modules.json", 'did you mean "./model/final"?'),
        ("./model", "model/modules.json", ""),
    ],
)
@pytest.mark.parametrize("key", ["base", "guide"])
def test_a_folder_of_a_model(folder: Path, key: str, named: str, stands: str, told: str) -> None:
    Path(stands).parent.mkdir(parents=True, exist_ok=True)
    Path(stands).write_text("{}")
    guided = f'[loss]\nname = "GISTEmbedLoss"\nguide = "{named}"\n\n[[data]]'
    spec = GOOD.replace("org/name", named) if key == "base" else GOOD.replace("[[data]]", guided)
    Path("stgen.toml").write_text(spec)
    said = stgen("validate", "--data").err
    assert ("error[STG465]" in said, told in said) == (bool(told), True)


def test_a_spec_that_was_renamed(folder: Path) -> None:
    Path("search.toml").write_text(GOOD)
    Path("pyproject.toml").touch()
    assert "did you mean search.toml?" in stgen("validate").err
