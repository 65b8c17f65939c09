"""Names that a spec chooses for files, classes and data sets: whatever Python, pytest or a disk would take for another is refused."""

from __future__ import annotations

import ast
import importlib.metadata
import io
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from commandline import stgen
from compiling import findings_of
from drawn import draw
from frontend import SHORTEST
from packaging.requirements import Requirement
from stgen.compile import compile_source
from stgen.language.paths import Place
from stgen.rules.modules import IMPORTED
from stgen.rules.taken_names import BEHIND, BOUND, STDLIB_OF_SOME
from stgen.source.source import read

# fmt: off
FILES = [
    "datasets", "torch", "json", "numpy", "pandas", "yaml", "antigravity", "imp", "compression", "_thread",  # a library's
    "train", "Train", "DATA", "saving", "monitor",                                                     # the repo's own
    "aux", "con", "NUL", "com1", "lpt9",                                                                 # a device of Windows
    "\ufb01le", "\uff54rain", "x" * 300, "ä" * 60,                                                       # another's spelling, too long
    "class", "1st", "my-losses", "a b", "a/b", "../up", "a.b", "", "$x", "{{ x }}",                      # no module's
    "__init__", "__main__", "conftest", "setup", "sitecustomize", "tests", "test_mine", "mine_test",     # loaded by somebody
]
NAMES = ["", "1", "class", "a.b", "a b", "print", "rows", "encoder", "__name__", "\ufb01t", "x" * 300, "}}", "f()"]
# fmt: on


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_can_not_be_called_so(file: str) -> None:
    loss = [item.code for item in findings_of(f"loss = {{ custom = '{file}.py:Mine' }}")]
    metric = {item.code for item in findings_of(f"metrics = {{ custom = ['{file}.py:mine'] }}")}
    assert loss == ["STG122"]
    assert metric
    assert metric <= {"STG187", "STG163"}


@pytest.mark.parametrize("name", NAMES)
def test_a_class_or_function_that_can_not_be_called_so(name: str) -> None:
    loss = [item.code for item in findings_of(f"loss = {{ custom = 'mine.py:{name}' }}")]
    metric = {item.code for item in findings_of(f"metrics = {{ custom = ['mine.py:{name}'] }}")}
    assert loss == ["STG122"]
    assert metric
    assert metric <= {"STG187", "STG163"}


@pytest.mark.parametrize("file", ["my_losses", "größe", "match", "_mine", "Losses2", "types_of_mine"])
def test_a_file_that_can_be_called_so(file: str) -> None:
    assert findings_of(f"loss = {{ custom = '{file}.py:Mine' }}") == []
    assert findings_of(f"metrics = {{ custom = ['{file}.py:mine'] }}") == []


@pytest.mark.parametrize("name", ["self", "model", "class", "forward", "\ufb01t", "a b", "__init__", "training"])
def test_an_argument_of_a_loss_that_can_not_be_called_so(name: str) -> None:
    spec = f"loss = {{ custom = 'mine.py:Mine', params = {{ '{name}' = 1 }} }}"
    assert [item.code for item in findings_of(spec)] == ["STG107"]


def test_what_can_be_imported_is_in_the_table() -> None:
    """Everything that the packages of a generated repo bring with them, as far as it is installed here."""
    of_module = importlib.metadata.packages_distributions()
    todo = [name for module in IMPORTED for name in of_module.get(module, [])]
    if not todo:
        pytest.skip("none of them is installed here")
    seen: set[str] = set()
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            wanted = map(Requirement, importlib.metadata.distribution(name).requires or [])
        except importlib.metadata.PackageNotFoundError:
            continue
        todo += [one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    modules = {
        module
        for module, names in of_module.items()
        if any(re.sub(r"[-_.]+", "-", name).lower() in seen for name in names)
    }
    public = {module for module in modules if module.isidentifier() and not module.startswith("_")}
    assert public - IMPORTED - BEHIND == set()


def test_what_only_some_versions_of_python_have_is_in_the_table() -> None:
    """A spec that is refused under one version is refused under each."""
    shared = sys.stdlib_module_names - STDLIB_OF_SOME
    assert {"json", "asyncio", "tomllib", "zoneinfo"} <= shared
    assert not {"distutils", "imp", "cgi", "telnetlib", "annotationlib"} & shared


def programs(draws: int = 300) -> list[str]:
    """Generated programs that import a loss or a metric of the user's own."""
    found = []
    chance = random.Random(3)
    for number in range(draws):
        spec = draw(chance)
        spec["metrics"] = spec.get("metrics", {}) | {"custom": ["my_metrics.py:zz_metric"]}
        if number % 2:
            spec["loss"] = {"custom": "my_losses.py:ZzLoss"}
        source, _ = read("-", io.BytesIO(tomli_w.dumps(spec).encode()))
        tree = compile_source(source, Place("/p", "/p"))[0] if source else None
        programs = ((path, file.text) for path, file in (tree or {}).items() if path.endswith(".py"))
        found += [text for path, text in programs if not path.startswith("my_") and re.search("ZzLoss|zz_metric", text)]
    return found


def inner_names(tree: ast.Module) -> set[str]:
    """What the functions that call something of the user's own have as arguments or variables."""
    own = [
        part
        for part in tree.body
        if isinstance(part, ast.FunctionDef) and re.search("ZzLoss|zz_metric", ast.unparse(part))
    ]
    nodes = [node for part in own for node in ast.walk(part)]
    names = {node.arg for node in nodes if isinstance(node, ast.arg)}
    return names | {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def test_what_would_hide_a_class_or_function_where_it_is_called_is_in_the_table() -> None:
    names = {name for text in set(programs()) for name in inner_names(ast.parse(text))}
    assert {"encoder", "rows"} <= names
    assert names - BOUND == set()


@pytest.mark.parametrize("name", ["main", "torch", "SentenceTransformer", "ROOT", "Path"])
def test_what_a_program_has_at_its_top_is_refused_with_what_is_taken(tmp_path: Path, name: str) -> None:
    spec = tmp_path / "stgen.toml"
    tables = {
        "evaluate.py": f"[metrics]\ncustom = ['mine.py:{name}']\n",
        "train.py": f"[loss]\ncustom = 'mine.py:{name}'\n",
    }
    for program, table in tables.items():
        spec.write_text(SHORTEST + table)
        for command in ("validate", "compile"):
            done = stgen(command, spec)
            assert (done.code, done.err.count("error[STG410]")) == (1, 1)
            assert f"can't be called `{name}`: {program}, which calls it, has something else of that name" in done.err
            assert 'write "mine.py:' in done.err
            (taken,) = re.findall(rf"taken in {program}: (.*)", done.err)
            assert {"main", "Path", name} <= set(taken.split(", "))


def test_a_name_that_is_free_is_taken_as_it_is(tmp_path: Path) -> None:
    spec = tmp_path / "stgen.toml"
    spec.write_text(SHORTEST + "[metrics]\ncustom = ['mine.py:coverage']\n[loss]\ncustom = 'ours.py:Spread'\n")
    assert stgen("compile", spec).code == 0


# --- data sets -----------------------------------------------------------------------------------------------------------

PAIRS = '\n[[data]]\nname = "{}"\ntrain = "{}.jsonl"\ncolumns = {{ anchor = "q", positive = "a" }}\n'


def specs_of_sets(*names: str) -> str:
    model = SHORTEST.partition("[[data]]")[0]
    return model + "".join(PAIRS.format(name, number) for number, name in enumerate(names))


def test_data_sets_whose_names_are_no_names_in_python(tmp_path: Path) -> None:
    """Each is part of the names of modules, and nowhere one by itself."""
    spec = tmp_path / "stgen.toml"
    spec.write_text(specs_of_sets("20newsgroups", "2024", "class", "None", "_", "data", "torch", "aux"[:2] + "x1"))
    for command in ("validate", "explain", "plan", "compile", "check"):
        assert stgen(command, spec).code == 0
    for path in tmp_path.rglob("*.py"):
        ast.parse(path.read_text())
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "data_20newsgroups.py").exists()


@pytest.mark.parametrize(
    "name", ["x" * 300, "a-b", "ä", "\ufb01", "a b", "aux", "../x", "", ".", "con.x", "\U0001f600"]
)
def test_data_sets_that_can_not_be_called_so(tmp_path: Path, name: str) -> None:
    spec = tmp_path / "stgen.toml"
    spec.write_text(specs_of_sets(name, "other"))
    for command in ("validate", "explain", "plan", "compile", "check"):
        done = stgen(command, spec)
        assert (done.code, "STG052" in done.err) == (1, True)


@pytest.mark.parametrize("name", ["20newsgroups", "2024", "class", "a-b", "größe", "\ufb01"])
def test_a_single_set_may_be_called_anything(tmp_path: Path, name: str) -> None:
    spec = tmp_path / "stgen.toml"
    spec.write_text(SHORTEST + f'name = "{name}"\n')
    assert stgen("compile", spec).code == 0


# --- a loss of one's own -------------------------------------------------------------------------------------------------

# fmt: off
OWN: list[dict[str, Any]] = [
    {"model": {"type": kind, "base": "org/base"}, "data": [{"train": "t.jsonl", "columns": columns}]}
    for kind in ("dense", "cross-encoder", "sparse", "multi-vector")
    for columns in ({"anchor": "q", "positive": "a"}, {"text_1": "a", "text_2": "b", "score": "s"}, {"text": "t", "class": "c"}, {"anchor": "q", "documents": "d", "scores": "s"})
]
# fmt: on


@pytest.mark.parametrize("spec", OWN, ids=lambda spec: f"{spec['model']['type']}-{len(spec['data'][0]['columns'])}")
def test_a_loss_of_ones_own_is_explained(tmp_path: Path, spec: dict[str, Any]) -> None:
    path = tmp_path / "stgen.toml"
    path.write_text(tomli_w.dumps({"stgen": 1, **spec, "loss": {"custom": "my_losses.py:MyLoss"}}))
    for form in ("text", "json"):
        for more in ([], ["--all"]):
            done = stgen("explain", path, "--format", form, *more)
            assert done.code in (0, 1), done.err
            assert done.code == 1 or "MyLoss" in done.out
