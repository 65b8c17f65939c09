"""One reader on both sides: what `validate --data` accepts, the repo reads; what it finds, the repo stops at, in the same words."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import drawn_files as drawn
import pytest
from matrix import repos
from stgen import reader
from stgen.compile import plan_source
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.examining import examine
from stgen.language.load import check
from stgen.language.paths import Place
from stgen.language.spec import Spec
from stgen.render.definitions import reader_text
from stgen.render.rendered import render_text
from stgen.render.rendering import render
from stgen.render.style import format_trees
from stgen.source.source import read

FILES = 40  # drawn of each kind
CONTRACT = {f"STG{number}" for number in (200, 201, 202, 203, 204, 205, 206, 209, 210, 211, 213, 225, 226, 228, 233, 238, 239, 244, 380, 383, 440, 445)}  # fmt: skip
# What is said of the rows as a whole, and not of one of them.
WHOLE = ("there is nothing to", "there is no order to", "fewer than one batch")


def spec_of(kind: str, file: str) -> dict[str, Any]:
    """A spec over one drawn file."""
    model, columns = drawn.KINDS[kind]
    return {
        "stgen": 1,
        "project": {"name": kind},
        "model": {"type": model, "base": "../bases/tiny"},
        "data": [{"train": file, "columns": columns, **drawn.said(kind, file)}],
        "train": {"batch_size": 8},
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo for each kind of rows and each format of file."""
    made = tmp_path_factory.mktemp("drawn")
    trees = {}
    for kind in drawn.KINDS:
        for suffix in drawn.suffixes_of(kind):
            repo = made / f"{kind}{suffix}"
            repo.mkdir()
            drawn.write_beside(repo)
            (repo / "stgen.json").write_text(json.dumps(spec_of(kind, f"train-*{suffix}")))
            source, _ = read(str(repo / "stgen.json"))
            assert source is not None
            plan, found = plan_source(source, Place(str(repo), str(repo)))
            assert plan is not None, found
            trees[repo] = render(plan, render_text)
    for repo, tree in zip(trees, format_trees(list(trees.values())), strict=True):
        for path, file in tree.items():
            (repo / path).parent.mkdir(parents=True, exist_ok=True)
            (repo / path).write_text(file.text)
    return made


def findings(repo: Path) -> list[Diagnostic]:
    """What `validate --data` says of a repo's spec and its rows."""
    source, _ = read(str(repo / "stgen.json"))
    assert source is not None
    spec, _ = check(source)
    assert isinstance(spec, Spec)
    return examine(spec, str(repo))


def drawn_files(kind: str) -> Iterator[tuple[Random, str, str]]:
    """The files of a kind: what draws each, its suffix, its name."""
    for number in range(FILES):
        random = Random(f"{kind} {number}")
        suffix = random.choice(drawn.suffixes_of(kind))
        yield random, suffix, f"train-{number}{suffix}"


@pytest.mark.parametrize("kind", drawn.KINDS)
def test_what_is_found_is_what_stops_the_repo(folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(folder / "cache"))
    outcomes: Counter[str] = Counter()
    for random, suffix, name in drawn_files(kind):
        repo = folder / f"{kind}{suffix}"
        path = repo / name
        drawn.write(random, path, drawn.rows(random, drawn.KINDS[kind][1]))
        found = [item for item in findings(repo) if item.severity == "error"]
        broken = [item for item in found if item.code in CONTRACT]
        stopped = ""
        with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
            try:
                rows = load("data").read("train")
            except SystemExit as reason:
                stopped = str(reason)
        said = [item.message for item in found]
        if not stopped:
            assert not broken, (name, said)
            assert len(rows), name
        elif any(words in stopped for words in WHOLE):
            assert found, (name, stopped)
        else:
            first = stopped.splitlines()[1 if "break the contract" in stopped else 0].strip().removeprefix("data: ")
            assert any(message.startswith(first) or message in first or _same(first, message) for message in said), (
                name,
                stopped,
                said,
            )
        outcomes["stopped" if stopped else "read"] += 1
        path.unlink()
    assert min(outcomes["stopped"], outcomes["read"]) >= FILES // 5, outcomes


def _same(stopped: str, message: str) -> bool:
    """Whether both miss the same column, which the repo tells of a split and the compiler of its file."""
    return "has no column" in stopped and stopped.partition(" has no ")[2].partition(";")[0] in message


MODULES = sorted({path.stem for path in Path(reader.__file__).parent.glob("*.py")} - {"trec"})  # of drawn files


def statements(text: str) -> list[str]:
    """The statements at the top of a module, as they stand there."""
    return [ast.get_source_segment(text, statement) or "" for statement in ast.parse(text).body]


@pytest.mark.parametrize("module", MODULES)
def test_the_repo_holds_of_the_reader_what_it_reaches_verbatim(folder: Path, module: str) -> None:
    copies = [copy.read_text() for copy in folder.glob(f"*/reader/{module}.py")]
    assert copies
    own = statements(reader_text(module))
    for copy in copies:
        held = [one for one in statements(copy) if "import" not in one.split()]
        assert held == [one for one in own if one in held]


def test_nothing_stands_in_a_repos_reader_that_it_does_not_reach(folder: Path) -> None:
    for repo in folder.iterdir():
        texts = [path.read_text() for path in repo.rglob("*.py") if "tests" not in path.parts]
        for path in repo.glob("reader/*.py"):
            for statement in ast.parse(path.read_text()).body:
                if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                    used = sum(len(re.findall(rf"\b{statement.name}\b", text)) for text in texts)
                    assert used > 1, (path, statement.name)
