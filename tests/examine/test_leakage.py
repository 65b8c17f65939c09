"""Train/eval leakage: what the names of files and slices show, what the rows show, and what is meant to be so."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from frontend import load_text
from stgen.compile import plan_source
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.examining import examine
from stgen.language.paths import Place
from stgen.language.rows_named import share_rows
from stgen.language.semantics import leakage
from stgen.language.spec import Spec
from stgen.source.source import read

MODEL = 'stgen = 1\nmodel = { type = "dense", base = "b" }\n'
PAIR = 'columns = { anchor = "q", positive = "a" }\n'
HUB = "hf://org/name"


def codes_of(text: str) -> list[tuple[str, str, tuple[str | int, ...]]]:
    found = load_text(text)[2]
    return [(item.code, item.severity, item.path) for item in found if item.code in ("STG054", "STG058")]


def one(text: str) -> str:
    return f"{MODEL}[[data]]\n{PAIR}{text}\n"


# --- names ------------------------------------------------------------------------------------------------------------

# fmt: off
SHARED = [
    ("t.jsonl",                "t.jsonl"),
    ("t.jsonl",                "./t.jsonl"),
    ("data/t.jsonl",           "data//../data/t.jsonl"),
    ("data/*.jsonl",           "data/dev.jsonl"),
    ("data/**/*.jsonl",        "data/a/b/dev.jsonl"),
    ("data/**/*.jsonl",        "data/dev-*.jsonl"),
    ("data/train.jsonl",       "data/*.jsonl"),
    ("data/?.jsonl",           "data/*.jsonl"),
    (f"{HUB}#train",           f"{HUB}#train"),
    (f"{HUB}#train",           f"{HUB}#train[:10%]"),
    (f"{HUB}#train[:90%]",     f"{HUB}#train[80%:]"),
    (f"{HUB}#train[:90%]",     f"{HUB}#train[-20%:]"),
    (f"{HUB}#train[:1000]",    f"{HUB}#train[999:]"),
    (f"{HUB}#train[:-10]",     f"{HUB}#train[-11:]"),
    (f"{HUB}#train+test",      f"{HUB}#test"),
    (f"{HUB}/en@v1#train",     f"{HUB}/en@v1#train[1_000:]"),
]
APART = [
    ("t.jsonl",                "e.jsonl"),
    ("data/train-*.jsonl",     "data/dev.jsonl"),
    ("data/*.jsonl",           "data/deep/dev.jsonl"),
    ("data/*.jsonl",           "data/.dev.jsonl"),
    ("data/?.jsonl",           "data/[ab].jsonl"),
    (f"{HUB}#train",           f"{HUB}#validation"),
    (f"{HUB}#train[:90%]",     f"{HUB}#train[90%:]"),
    (f"{HUB}#train[:90%]",     f"{HUB}#train[-10%:]"),
    (f"{HUB}#train[:1000]",    f"{HUB}#train[1000:]"),
    (f"{HUB}#train[:-1000]",   f"{HUB}#train[-1000:]"),
    (f"{HUB}#train[:1000]",    f"{HUB}#train[90%:]"),
    (f"{HUB}#train[5:-5]",     f"{HUB}#train[-5:]"),
    (f"{HUB}/en#train",        f"{HUB}/de#train"),
    (f"{HUB}@v1#train",        f"{HUB}@v2#train"),
    (f"{HUB}#train[1__0:]",    f"{HUB}#train[:5]"),
    ("train",                  f"{HUB}#train"),
]
# fmt: on


@pytest.mark.parametrize(("trained", "measured"), SHARED)
def test_names_that_share_rows(trained: str, measured: str) -> None:
    assert share_rows(trained, measured)
    for split in ("eval", "test"):
        text = one(f'train = "{trained}"\n{split} = "{measured}"')
        assert codes_of(text) == [("STG054", "error", ("data", 0, split))]
        assert load_text(text)[0] is None, "an error, so nothing is compiled"


@pytest.mark.parametrize(("trained", "measured"), APART)
def test_names_that_share_none_or_may_share_none(trained: str, measured: str) -> None:
    assert not share_rows(trained, measured)
    assert not share_rows(measured, trained)


def test_the_finding_says_what_to_write() -> None:
    (found,) = load_text(one('train = "t.jsonl"\ntest = "t.jsonl"'))[2]
    assert found.help == "name a file of other rows, or write test = { fraction = 0.1 } to hold rows out of train"
    (found,) = load_text(one(f'train = "{HUB}#train"\neval = "{HUB}#train[:10%]"'))[2]
    assert "#train[:90%] for train and #train[90%:] for eval" in found.help


def test_a_test_on_the_rows_that_pick_the_checkpoint_is_a_warning() -> None:
    text = one('train = "t.jsonl"\neval = "e.jsonl"\ntest = "./e.jsonl"')
    assert codes_of(text) == [("STG058", "warning", ("data", 0, "test"))]
    assert codes_of('allow = ["STG058"]\n' + text) == []


def test_the_files_of_the_beir_layout() -> None:
    files = 'retrieval = { corpus = "c.jsonl", queries = "q.jsonl", qrels = "r.tsv", eval_qrels = "r.tsv", test_qrels = "s.tsv" }'
    text = f"{MODEL}[[data]]\n{files}\n"
    assert codes_of(text) == [("STG054", "error", ("data", 0, "retrieval", "eval_qrels"))]


def test_a_task_of_mteb_on_the_training_rows() -> None:
    task = '[[metrics.mteb.local]]\nname = "faq"\ntype = "STS"\npath = "./t.jsonl"\n'
    assert codes_of(one('train = "t.jsonl"') + task) == [("STG054", "error", ("metrics", "mteb", "local", 0, "path"))]
    assert codes_of(one('train = "u.jsonl"') + task) == []


def two(first: str, second: str) -> str:
    return f'{MODEL}[[data]]\nname = "a"\n{first}\n[[data]]\nname = "b"\n{second}\n'


def test_rows_that_another_data_set_trains_on() -> None:
    text = two(f'{PAIR}train = "t.jsonl"\neval = "e.jsonl"', f'{PAIR}train = "e.jsonl"\neval = "f.jsonl"')
    (found,) = load_text(text)[2]
    assert (found.code, found.severity, found.path) == ("STG054", "error", ("data", 0, "eval"))
    assert 'of the data set "b"' in found.message


@pytest.mark.parametrize(
    ("action", "trained", "against", "wanted"),
    [
        ("drop", "data/*.jsonl", "eval", []),
        ("drop", "data/*.jsonl", "test", ["STG054"]),
        ("fail", "data/*.jsonl", "eval", ["STG054"]),
        ("drop", "data/dev.jsonl", "eval", ["STG054"]),
    ],
)
def test_rows_that_prepare_takes_out_of_the_training_rows(
    action: str, trained: str, against: str, wanted: list[str]
) -> None:
    text = one(f'train = "{trained}"\neval = "data/dev.jsonl"')
    text += f'[prepare]\ndecontaminate = {{ against = ["{against}"], action = "{action}" }}\n'
    assert [code for code, _, _ in codes_of(text)] == wanted


def test_names_are_each_compared_with_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile spec must not hang: names are looked up, and patterns bounded."""
    compared = []
    monkeypatch.setattr(leakage, "share_rows", lambda *names: compared.append(names) or share_rows(*names))
    sets = (f'[[data]]\nname = "n{n}"\ntrain = "a{n}-*.csv"\neval = "b{n}-*.csv"\n{PAIR}' for n in range(100))
    assert load_text(MODEL + "".join(sets))[0]
    assert 100 <= len(compared) <= 100 * (leakage.MOST + 2)


# --- hold-outs of one file --------------------------------------------------------------------------------------------

SCORED = 'columns = { text_1 = "a", text_2 = "q", score = "s" }\n'
# fmt: off
HOLD_OUTS = [
    (f'{PAIR}train = "t.jsonl"',                          f'{SCORED}train = "./t.jsonl"',                         ["a", "b"]),
    (f'{PAIR}train = "t.jsonl"',                          f'{PAIR}train = "t.jsonl"',                             []),
    (f'{PAIR}train = "t.jsonl"',                          f'{PAIR}train = "t.jsonl"\neval = {{ rows = 5 }}',      ["a", "b"]),
    (f'{PAIR}train = "t.jsonl"',                          f'{PAIR}train = "t.jsonl"\neval = "e.jsonl"',           ["a"]),
    (f'{PAIR}train = "t.jsonl"\neval = "d.jsonl"',        f'{SCORED}train = "t.jsonl"\neval = "e.jsonl"',         []),
    (f'{PAIR}train = "t.jsonl"',                          f'{SCORED}train = "u.jsonl"',                           []),
    (f'{PAIR}train = "{HUB}#train[:50%]"',                f'{SCORED}train = "{HUB}#train"',                       ["a", "b"]),
    (f'{PAIR}train = "{HUB}#train[:50%]"',                f'{SCORED}train = "{HUB}#train[50%:]"',                 []),
]
# fmt: on


@pytest.mark.parametrize(("first", "second", "leaking"), HOLD_OUTS)
def test_rows_that_one_set_holds_out_and_another_trains_on(first: str, second: str, leaking: list[str]) -> None:
    source, _ = read("-", io.BytesIO(two(first, second).encode()))
    assert source
    made, found = plan_source(source, Place("/here", "/here"))
    assert [item.message.split('"')[1] for item in found if item.code == "STG054"] == leaking
    assert (made is None) == bool(leaking)


# --- rows -------------------------------------------------------------------------------------------------------------


def rows(first: int, count: int) -> list[dict[str, str]]:
    return [
        {"q": f"where does the plant {n} grow?", "a": f"plant {n} grows in damp soil"}
        for n in range(first, first + count)
    ]


def write(folder: Path, **files: list[dict[str, Any]]) -> None:
    for name, content in files.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in content))


def leaks(folder: Path, prepare: dict[str, Any] | None = None) -> list[Diagnostic]:
    tree: dict[str, Any] = {"stgen": 1, "model": {"type": "dense", "base": "b"}, "train": {"batch_size": 4}}
    tree["data"] = [{"train": "train.jsonl", "eval": "eval.jsonl", "columns": {"anchor": "q", "positive": "a"}}]
    tree |= {"prepare": prepare} if prepare else {}
    return [item for item in examine(Spec.model_validate(tree), str(folder)) if item.code == "STG218"]


@pytest.mark.parametrize(
    ("leaked", "severity"),
    [(100, "error"), (90, "error"), (89, "warning"), (2, "warning"), (1, "note"), (0, None)],
)
def test_how_many_rows_make_an_error(tmp_path: Path, leaked: int, severity: str | None) -> None:
    write(tmp_path, train=rows(0, 200), eval=rows(200 - leaked, 100))
    found = leaks(tmp_path)
    assert [item.severity for item in found] == ([severity] if severity else [])
    if severity == "error":
        assert "hold rows out: eval = { fraction = 0.1 }" in found[0].help


def test_a_copy_under_another_name_is_an_error_that_fails_validate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, train=rows(0, 40), copy=rows(0, 40))
    Path("stgen.toml").write_text(one('train = "train.jsonl"\neval = "copy.jsonl"\n[train]\nbatch_size = 8'))
    assert stgen("validate").code == 0
    done = stgen("validate", "--data")
    assert done.code == 1
    assert "error[STG218]: train/eval leakage: 40 of 40 rows of copy.jsonl" in done.err


def test_rows_that_are_taken_out_are_no_leak_unless_nothing_is_left(tmp_path: Path) -> None:
    prepare = {"decontaminate": {"against": ["eval"]}}
    write(tmp_path, train=rows(0, 200), eval=rows(0, 50))
    assert leaks(tmp_path, prepare) == []
    write(tmp_path, train=rows(0, 50), eval=rows(0, 50))
    (found,) = leaks(tmp_path, prepare)
    assert found.severity == "error"
    assert "decontaminate would leave almost no training rows" in found.message
