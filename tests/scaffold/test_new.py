"""`stgen new` and `stgen completion`: projects from every recipe and from data, asked for, scripted, refused and interrupted."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from commandline import Done, contents, stgen, texts
from places import ROOT
from programs import python
from stgen import __version__
from stgen.cli.main import main
from stgen.language.languages import CODES
from stgen.language.semantics.files import SUFFIXES
from stgen.language.semantics.names import bad_name
from stgen.rules.recipes import BY_NAME, RECIPES, STARTS
from stgen.scaffold import scaffolding
from stgen.scaffold.answers import slug
from stgen.scaffold.project import SAMPLE_SPLITS, Project, spec_text, spec_tree
from stgen.scaffold.scaffolding import SAMPLE_FILES
from stgen.values.quoting import markdown

DATA = ROOT / "../shared/data"
SAMPLES = ROOT / "templates/new/samples"
WRITTEN = {
    ".github/workflows/stgen.yml", ".gitignore", ".pre-commit-config.yaml", "CONTRIBUTING.md", "stgen.toml",
    "data/README.md", "data/train.jsonl", "data/dev.jsonl", "data/test.jsonl",
}  # fmt: skip
HOSTILE = [
    'quote " and \\ backslash',
    "{{ cookiecutter.stgen }} {% raw %} {# no #}",
    "two\nlines\r\n[model]\ntype = 'x'",
    "$(touch pwned) `touch pwned` ; rm -rf .",
    "''' \"\"\" ]] }} <script>alert(1)</script>",
    "\x1b[31m red \x00 \u2028 \ufeff \U0001f600",
]
HOSTILE_NAMES = ["{{ cookiecutter.stgen }} {% raw %}", "$(touch pwned) `touch pwned`; #", "''' ]] }} & ~_+`"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """Each test works in an empty folder, with an empty home beside it."""
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def work(tmp_path) -> Path:
    return tmp_path / "work"


def spec_of(folder: str | Path) -> dict[str, Any]:
    return tomllib.loads(Path(folder, "stgen.toml").read_text())


def new(*arguments: str | Path) -> Done:
    done = stgen("new", *arguments)
    assert done.code == 0, done.err
    return done


# --- recipes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BY_NAME)
def test_every_recipe_compiles_and_checks_without_a_word(name):
    created = new("demo", "--recipe", name, "--yes", "--quiet")
    assert created == Done(0, "", "")
    assert set(texts(Path("demo"))) == WRITTEN
    before = texts(Path("demo"))
    os.chdir("demo")
    assert stgen("validate", "--quiet") == Done(0, "", "")
    compiled = stgen("compile", "--quiet")
    assert (compiled.code, compiled.out) == (0, "")
    assert not any(word in compiled.err for word in ("error", "warning"))
    checked = stgen("check", "--quiet")
    assert (checked.code, checked.out) == (0, "")
    # What the scaffold wrote is the user's: compile leaves it as it is, and its own files come beside it.
    assert {path: data for path, data in texts(Path()).items() if path in before} == before
    assert {"README.md", "train.py", ".github/workflows/ci.yml"} <= set(texts(Path()))


@pytest.mark.parametrize("name", BY_NAME)
def test_the_sample_data_meets_the_schema(name):
    new("demo", "--recipe", name, "--yes")
    done = stgen("validate", "--data", "--strict", "demo/stgen.toml")
    assert done.code == 0, done.err


@pytest.mark.trains
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("semantic-search", "reranking-pairs") else pytest.mark.matrix)
        for name in BY_NAME
    ],
)
def test_the_compiled_repo_passes_its_own_tests(name):
    """They hold the sample data against the contract, and train two steps on it."""
    new("demo", "--recipe", name, "--yes")
    assert stgen("compile", "demo/stgen.toml").code == 0
    for command in (["check", "."], ["format", "--check", "."]):
        done = subprocess.run(["ruff", *command], cwd="demo", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    code, said = python(Path("demo").resolve(), "-m", "pytest", "-q")
    assert code == 0, said


def test_recipes_are_listed():
    listed = stgen("new", "--recipe", "list")
    assert listed.code == 0
    assert [line.split()[0] for line in listed.out.splitlines() if line[0] != " "] == list(BY_NAME)
    records = json.loads(stgen("new", "--recipe", "list", "--format", "json").out)
    assert [row["use"] for row in records] == [recipe.use for recipe in RECIPES]


def test_every_model_type_has_a_start_and_a_recipe():
    types = {start.type for start in STARTS}
    assert types == {recipe.model["type"] for recipe in RECIPES}
    assert len(BY_NAME) == len(RECIPES)
    assert {recipe.sample for recipe in RECIPES} == {folder.name for folder in SAMPLES.iterdir()}


@pytest.mark.parametrize("folder", sorted(SAMPLES.iterdir()), ids=lambda folder: folder.name)
def test_samples_say_where_they_are_from(folder):
    about = (folder / "README.md").read_text()
    assert "https://" in about
    assert "Licence: " in about
    assert "\nChanges: " in about
    assert {path.name for path in folder.iterdir()} == {"README.md", "train.jsonl", "dev.jsonl", "test.jsonl"}


@pytest.mark.parametrize("folder", sorted(SAMPLES.iterdir()), ids=lambda folder: folder.name)
def test_no_row_of_a_sample_stands_in_two_splits(folder):
    splits = [set((folder / f"{name}.jsonl").read_text().splitlines()) for name in ("train", "dev", "test")]
    assert all(splits)
    assert not splits[0] & splits[1]
    assert not splits[0] & splits[2]
    assert not splits[1] & splits[2]


# --- what is written --------------------------------------------------------------------------------------------------


def test_the_workflow_runs_what_it_should():
    new("demo", "--yes")
    workflow = yaml.safe_load(Path("demo/.github/workflows/stgen.yml").read_text())
    commands = [step["run"] for step in workflow["jobs"]["spec"]["steps"] if "run" in step]
    assert commands == [
        f'pip install "stgen[data]=={__version__}"',
        "stgen validate --data --strict --format github",
        "stgen check",
    ]
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow[True] == ["push", "pull_request"], "whatever changed: `on` is YAML 1.1 for true"


def test_the_hooks_run_what_they_should():
    new("demo", "--yes")
    local, ruff = yaml.safe_load(Path("demo/.pre-commit-config.yaml").read_text())["repos"]
    assert [name for name in SUFFIXES if not re.search(local["hooks"][0]["files"], f"data/rows{name}")] == []
    assert [hook["entry"] for hook in local["hooks"]] == ["stgen validate --data", "stgen check"]
    assert [hook["id"] for hook in ruff["hooks"]] == ["ruff-check", "ruff-format"]
    # The one that compile would have written names the same release of ruff.
    Path("demo/.pre-commit-config.yaml").unlink()
    stgen("compile", "demo/stgen.toml")
    assert yaml.safe_load(Path("demo/.pre-commit-config.yaml").read_text())["repos"][0]["rev"] == ruff["rev"]


def test_rows_that_are_not_in_the_repository_are_not_read_there(work):
    Path("mine.jsonl").write_text((SAMPLES / "pairs/train.jsonl").read_text())
    for options, command in (((), "stgen validate"), (("--copy-data",), "stgen validate --data")):
        folder = f"demo{len(options)}"
        new(folder, "--from-data", "mine.jsonl", "--yes", *options)
        assert f"run: {command} --strict --format github\n" in Path(folder, ".github/workflows/stgen.yml").read_text()
        assert f"entry: {command}\n" in Path(folder, ".pre-commit-config.yaml").read_text()
        assert f"CI runs `{command} --strict`" in Path(folder, "CONTRIBUTING.md").read_text()


def test_the_gitignore_has_all_that_compile_would_write():
    new("demo", "--yes")
    lines = (ROOT / "templates/gitignore.j2").read_text().splitlines()
    wanted = [line for line in lines if not line.startswith("%%")]
    assert set(wanted) <= set(Path("demo/.gitignore").read_text().split())


def test_a_json_spec_says_the_same(work):
    new("a", "--yes", "--name", "same")
    new("b", "--yes", "--name", "same", "--json")
    assert not (work / "b/stgen.toml").exists()
    assert json.loads((work / "b/stgen.json").read_text()) == spec_of("a")
    assert stgen("compile", "b/stgen.json").code == 0
    assert stgen("check", "b/stgen.json").code == 0
    assert "stgen.json" in (work / "b/CONTRIBUTING.md").read_text()


def test_it_says_what_was_written_and_how_to_go_on():
    done = new("my demo", "--yes")
    assert done.out == ""
    assert all(path in done.err for path in WRITTEN)
    assert "  cd 'my demo'\n  stgen compile " in done.err
    report = json.loads(new("other", "--yes", "--format", "json").out)
    assert set(report["files"]) == WRITTEN
    assert report["next"][0] == "cd other"


def test_nothing_is_left_at_home_or_beside(tmp_path, work, monkeypatch):
    config = tmp_path / "home/.cookiecutterrc"
    config.write_text('default_context:\n  spec: "from home"\n  title: "from home"\nreplay_dir: [broken\n')
    monkeypatch.setenv("COOKIECUTTER_CONFIG", str(config))
    new("demo", "--yes")
    assert [path.name for path in (tmp_path / "home").iterdir()] == [".cookiecutterrc"]
    assert [path.name for path in work.iterdir()] == ["demo"]
    assert "from home" not in Path("demo/stgen.toml").read_text()


def test_modes_follow_the_umask():
    before = os.umask(0o027)
    try:
        new("demo", "--yes")
    finally:
        os.umask(before)
    assert os.stat("demo").st_mode & 0o777 == 0o750


# --- answers as options -----------------------------------------------------------------------------------------------


def test_every_answer_is_an_option():
    arguments = ("--recipe", "duplicate-detection", "--model", "cross-encoder", "--base", "org/model")
    new("demo", *arguments, "--name", "My model", "--languages", "de, fr", "--yes")
    spec = spec_of("demo")
    assert spec["project"] == {"name": "My model", "languages": ["de", "fr"]}
    assert spec["model"] == {"type": "cross-encoder", "base": "org/model"}
    assert spec["data"][0]["columns"] == BY_NAME["duplicate-detection"].columns


def test_without_a_terminal_folder_and_recipe_are_enough():
    new("demo", "--recipe", "sparse-search")
    assert spec_of("demo")["model"]["type"] == "sparse"


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.type)
def test_the_base_follows_type_and_languages(start):
    new("en", "--recipe", "semantic-search", "--model", start.type)
    new("de", "--recipe", "semantic-search", "--model", start.type, "--languages", "de")
    assert spec_of("en")["model"] == {"type": start.type, "base": start.english}
    assert spec_of("de")["model"] == {"type": start.type, "base": start.multilingual}


def test_with_yes_folder_and_recipe_have_defaults(work):
    new("--yes", "--model", "cross-encoder")
    (made,) = work.iterdir()
    assert spec_of(made)["model"]["type"] == "cross-encoder"
    assert made.name == next(recipe.name for recipe in RECIPES if recipe.model["type"] == "cross-encoder")


def test_a_local_base_is_named_as_seen_from_the_project(tmp_path):
    (tmp_path / "work/models/mine").mkdir(parents=True)
    new("deep/er/demo", "--yes", "--base", "./models/mine")
    assert spec_of("deep/er/demo")["model"]["base"] == "../../../models/mine"
    new("absolute", "--yes", "--base", str(tmp_path / "work/models/mine"))
    assert spec_of("absolute")["model"]["base"] == str(tmp_path / "work/models/mine")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "give DIR and --recipe NAME (or --from-data FILE), or --yes"),
        (["demo"], "give --recipe NAME (or --from-data FILE), or --yes"),
        (["--recipe", "reranking"], "give DIR, or --yes"),
        (["demo", "--recipe", "semantic-serach"], "did you mean semantic-search?"),
        (["demo", "--yes", "--languages", "english"], "did you mean en?"),
        (["demo", "--yes", "--languages", ","], "not an ISO 639-1 code"),
        (["demo", "--yes", "--name", " \n "], "can't be empty"),
        (["demo", "--yes", "--name", "a/b\n"], "can't hold"),
        (["demo", "--yes", "--copy-data"], "--from-data"),
        (["demo", "--yes", "--model", "denes"], "--model can't be `denes`; did you mean `dense`?"),
        (["", "--yes"], "DIR is empty"),
        (["demo", "--yes", "--base", "\udcff"], "not UTF-8"),
    ],
)
def test_wrong_use(arguments, says, work):
    done = stgen("new", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert not list(work.iterdir())


def test_data_that_the_model_cannot_use_is_told_and_nothing_is_written(work):
    done = stgen("new", "demo", "--recipe", "reranking", "--model", "sparse")
    assert done.code == 1
    assert "STG104" in done.err
    assert not list(work.iterdir())


# --- hostile values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["toml", "json"])
@pytest.mark.parametrize("text", HOSTILE)
def test_the_spec_carries_any_text(kind, text):
    project = Project(text, text, {"type": "dense", "base": text}, {"train": text, "columns": {"text": text}}, {"name": text},
                      spec_name=f"stgen.{kind}")  # fmt: skip
    parsed = (tomllib.loads if kind == "toml" else json.loads)(spec_text(project))
    assert parsed == spec_tree(project)
    assert parsed["project"]["name"] == text


@pytest.mark.parametrize("base", [text for text in HOSTILE if "\0" not in text])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_answers_reach_no_other_file_unquoted(name, base, work):
    new("demo", "--yes", "--name", name, "--base", base)
    assert spec_of("demo")["project"]["name"] == name
    assert spec_of("demo")["model"]["base"] == base
    new("plain", "--yes")
    named = {"stgen.toml", "CONTRIBUTING.md"}
    others = [
        {path: data for path, data in texts(work / made).items() if path not in named} for made in ("demo", "plain")
    ]
    assert others[0] == others[1]
    about, plain = (Path(made, "CONTRIBUTING.md").read_text().splitlines() for made in ("demo", "plain"))
    assert about[1:] == plain[1:]
    assert about[0] == f"# {markdown(name)}"
    assert stgen("compile", "demo/stgen.toml").code == 0
    assert stgen("check", "demo/stgen.toml").code == 0
    for path in Path("demo").rglob("*.py"):
        compile(path.read_text(), path, "exec")
    assert {path.name for path in work.iterdir()} == {"demo", "plain"}


@pytest.mark.parametrize("name", ["{{ x }}", "{% if %}", "a b'c\"d", "$(touch pwned)", "-n", "ünïcode", "a\nb", "..."])
def test_hostile_folders(name, work):
    folder = work / name / name
    new("--yes", "--", folder) if name == "-n" else new(folder, "--yes")
    assert set(texts(folder)) == WRITTEN
    assert spec_of(folder)["project"]["name"] == (slug(name) if bad_name(name) else name)
    assert [path.name for path in (work / name).iterdir()] == [name]


def test_a_folder_that_is_not_utf8_has_a_project_that_is(work):
    folder = os.fsdecode(b"caf\xe9")
    new(folder, "--yes")
    assert spec_of(work / folder)["project"]["name"] == "caf"


# --- refusals and crashes ---------------------------------------------------------------------------------------------


def test_a_folder_in_use_is_refused(work):
    (work / "demo").mkdir()
    (work / "demo/mine.txt").write_text("mine")
    before = contents(work)
    done = stgen("new", "demo", "--yes")
    assert (done.code, done.out) == (1, "")
    assert "STG330" in done.err
    assert "mine.txt" in done.err
    assert contents(work) == before


def test_a_file_in_the_place_is_refused(work):
    (work / "demo").write_text("mine")
    done = stgen("new", "demo", "--yes")
    assert done.code == 1
    assert "STG330" in done.err
    assert (work / "demo").read_text() == "mine"


@pytest.mark.parametrize("target", ["link", "inside/link"])
def test_a_dangling_link_is_refused(target, work):
    (work / target).parent.mkdir(exist_ok=True)
    (work / target).symlink_to(work / "nowhere")
    assert "STG330" in stgen("new", target, "--yes").err
    assert not (work / "nowhere").exists()


@pytest.mark.parametrize("there", [[], [".git"]])
def test_an_empty_folder_or_a_fresh_repository_is_taken(there, work):
    for name in there:
        (work / name).mkdir()
    done = new(".", "--yes")
    assert "cd " not in done.err
    assert set(texts(work)) == WRITTEN
    assert spec_of(work)["project"]["name"] == "work"


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_crash_leaves_nothing(there, error, work, monkeypatch):
    if there:
        (work / "demo").mkdir()
    copied = []

    def fail(source, target, **_):
        copied.append(target)
        if len(copied) > 2:
            raise error
        return target

    monkeypatch.setattr(shutil, "copyfile", fail)
    done = stgen("new", "demo", "--yes")
    assert copied
    assert done.code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert (
        isinstance(error, KeyboardInterrupt)
        or "error[STG304]: can't write `demo`: No space left on device\n" in done.err
    )
    assert [path.name for path in work.rglob("*")] == (["demo"] if there else [])


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_project_is_for_whom_the_umask_says_and_copied_data_for_whom_the_data_are(work):
    (work / "own.csv").write_text("question,answer\n" + "".join(f"what is {n}?,thing {n}\n" for n in range(30)))
    (work / "own.csv").chmod(0o640)
    before = os.umask(0o077)
    try:
        new("demo", "--from-data", "own.csv", "--copy-data")
    finally:
        os.umask(before)
    modes = {path: (work / "demo" / path).stat().st_mode & 0o777 for path in texts(work / "demo")}
    copied = [path for path in modes if path.endswith(".csv")]
    assert {modes.pop(path) for path in copied} == {0o640}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", range(1, 6))
def test_a_crash_while_files_move_into_place_takes_them_back(at, error, work, monkeypatch):
    (work / "demo").mkdir()
    moves = []

    def fail(source, target):
        moves.append(target)
        if len(moves) == at:
            raise error
        move(source, target)

    move = scaffolding._move
    monkeypatch.setattr(scaffolding, "_move", fail)
    assert stgen("new", "demo", "--yes").code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert len(moves) == at
    assert [path.name for path in work.rglob("*")] == ["demo"]


@pytest.mark.parametrize("when", ["before it looks", "after it has looked"])
def test_a_file_that_appears_meanwhile_stays(when, work, monkeypatch):
    (work / "demo").mkdir()
    exists = os.path.lexists

    def appear(path):
        there = exists(path)
        if str(path).endswith("demo/stgen.toml"):
            (work / "demo/stgen.toml").write_text("mine")
        return there if when == "after it has looked" else exists(path)

    monkeypatch.setattr(os.path, "lexists", appear)
    done = stgen("new", "demo", "--yes")
    assert (done.code, "STG304" in done.err) == (1, True)
    assert [path.name for path in work.rglob("*")] == ["demo", "stgen.toml"]
    assert (work / "demo/stgen.toml").read_text() == "mine"


def test_a_file_system_without_hard_links(work, monkeypatch):
    def refuse(source, target):
        raise PermissionError(1, "Operation not permitted")

    (work / "demo").mkdir()
    monkeypatch.setattr(os, "link", refuse)
    new("demo", "--yes")
    assert set(texts(work / "demo")) == WRITTEN


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(work):
    (work / "locked").mkdir(mode=0o500)
    done = stgen("new", "locked/demo", "--yes")
    assert done.code == 1
    assert "STG304" in done.err


# --- data of one's own ------------------------------------------------------------------------------------------------


def rows(path: Path, *records: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def faq(path: Path, count: int = 40) -> Path:
    asked = [
        {"question": f"How do I do thing number {n}?", "answer": f"You do thing {n} by {n} steps.", "id": n}
        for n in range(count)
    ]
    return rows(path, *asked)


def test_the_schema_is_written_from_the_data(work):
    faq(work / "faq.jsonl")
    done = new("in/demo", "--from-data", "faq.jsonl")
    spec = spec_of("in/demo")
    assert spec["data"] == [{"train": "../../faq.jsonl", "columns": {"anchor": "question", "positive": "answer"}}]
    assert "train" not in spec  # the rows are counted, and batch and epochs follow from them
    assert json.loads(Path("in/demo/stgen.profile.json").read_text())["sets"][0]["splits"]["train"]["rows"] == 40
    assert "40 rows" in done.err
    assert "not used: id" in done.err
    written = {path for path in WRITTEN if not path.startswith("data/")}
    assert set(texts(Path("in/demo"))) == written | {"stgen.profile.json"}
    assert stgen("validate", "--data", "in/demo/stgen.toml").code == 0
    assert stgen("compile", "in/demo/stgen.toml").code == 0
    assert stgen("check", "in/demo/stgen.toml").code == 0


def test_data_is_copied_when_asked(work):
    made = faq(work / "odd [name]*.JSONL")
    new("demo", "--from-data", made, "--copy-data")
    assert spec_of("demo")["data"][0]["train"] == "data/train.jsonl"
    assert (work / "demo/data/train.jsonl").read_bytes() == made.read_bytes()


def test_texts_are_copied_beside_the_rows_whatever_they_are_called(work):
    """A file of texts that has the name of the copied rows must not take their place."""
    ids = [{"qid": f"q{n}", "pos_id": f"d{n}"} for n in range(40)]
    asked = [{"_id": f"q{n}", "text": f"what is number {n}?"} for n in range(40)]
    answers = [{"_id": f"d{n}", "text": f"it is the number {n} of them"} for n in range(40)]
    for name, rows in {"ids": ids, "queries": asked, "train": answers}.items():
        (work / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    new("demo", "--from-data", "ids.jsonl", "--copy-data")
    data = spec_of("demo")["data"][0]
    named = {
        "ids.jsonl": data["train"],
        "queries.jsonl": data["texts"]["anchor"],
        "train.jsonl": data["texts"]["positive"],
    }
    for made, copied in named.items():
        assert (work / "demo" / copied).read_bytes() == (work / made).read_bytes()


def test_a_recipe_says_what_to_train_on_the_data(work):
    faq(work / "faq.jsonl", 2000)
    new("demo", "--from-data", "faq.jsonl", "--recipe", "compact-search")
    spec = spec_of("demo")
    assert spec["loss"] == BY_NAME["compact-search"].loss
    assert spec["data"][0]["train"] == "../faq.jsonl"
    assert "train" not in spec


@pytest.mark.parametrize(
    ("recipe", "columns"),
    [
        ("no-labels", {"text": "question"}),
        ("semantic-search", {"anchor": "question", "positive": "answer"}),
        ("intent-classification", {"text": "question", "class": "topic"}),
        ("mined-negatives", {"anchor": "question", "positive": "answer"}),
    ],
)
def test_the_recipe_decides_the_task(recipe, columns, work):
    topics = ["garden", "house", "road"]
    rows(
        work / "faq.jsonl",
        *(
            {"question": f"How is thing {n} done?", "answer": f"By {n} steps.", "topic": topics[n % 3]}
            for n in range(60)
        ),
    )
    new("demo", "--from-data", "faq.jsonl", "--recipe", recipe)
    spec = spec_of("demo")
    assert spec["data"][0]["columns"] == columns
    assert stgen("compile", "demo/stgen.toml").code == 0


def test_a_recipe_says_what_is_made_of_labelled_pairs(work):
    rows(
        work / "t.jsonl",
        *({"question": f"How is thing {n} done?", "answer": f"By {n} steps.", "label": n % 2} for n in range(60)),
    )
    new("demo", "--from-data", "t.jsonl", "--recipe", "semantic-search")
    spec = spec_of("demo")
    assert spec["data"][0]["columns"] == {"text_1": "question", "text_2": "answer", "binary": "label"}
    assert spec["loss"]["convert"] == ["pair"]


def test_a_recipe_that_the_data_cannot_feed_is_refused(work):
    faq(work / "faq.jsonl")
    done = stgen("new", "demo", "--from-data", "faq.jsonl", "--recipe", "inference")
    assert done.code == 1
    assert "error[STG331]: nothing in `faq.jsonl` shows the rows that the recipe inference trains on" in done.err
    assert not (work / "demo").exists()


def test_the_rows_are_checked_and_the_project_written_all_the_same(work):
    made = faq(work / "faq.jsonl")
    lines = made.read_text().splitlines()
    made.write_text("\n".join([*lines, '{"question": "Who?", "answer": ""}', lines[0], lines[1]]) + "\n")
    done = stgen("new", "demo", "--from-data", "faq.jsonl")
    assert done.code == 0
    assert "error[STG211]: line 41 of ../faq.jsonl: `answer` is empty" in done.err
    assert "warning[STG217]" in done.err
    assert stgen("validate", "--data", "--allow-outside", "demo/stgen.toml").code == 1
    clean = new("clean", "--from-data", faq(work / "clean.jsonl"))
    assert "STG2" not in clean.err


def test_how_a_table_is_written_is_part_of_the_spec(work):
    lines = [f"Wie geht das {n}?;Mit {n} Schritten, sagt das Heft.;{n % 5},5" for n in range(40)]
    (work / "daten.csv").write_text("\n".join(["Satz1;Satz2;Grad", *lines]) + "\n")
    done = new("demo", "--from-data", "daten.csv")
    assert 'file = { delimiter = ";", decimal = "," }' in done.err
    assert spec_of("demo")["data"][0] == {
        "train": "../daten.csv",
        "file": {"delimiter": ";", "decimal": ","},
        "columns": {"text_1": "Satz1", "text_2": "Satz2", "score": {"column": "Grad", "min": 0, "max": 5}},
    }
    assert stgen("validate", "--data", "demo/stgen.toml").code == 0


@pytest.mark.parametrize(
    ("data", "columns", "kind"),
    [
        ("stsb-en", {"text_1": "sentence1", "text_2": "sentence2", "score": "score"}, "dense"),
        ("banking77", {"text": "text", "class": "label"}, "dense"),
        ("selqa", {"anchor": "query", "documents": "docs", "scores": "scores"}, "cross-encoder"),
    ],
)
def test_real_data(data, columns, kind):
    file = DATA / data / "train.jsonl"
    if not file.exists():
        pytest.skip("the shared data is not here")
    new("demo", "--from-data", file)
    spec = spec_of("demo")
    assert spec["data"][0]["columns"] == columns
    assert spec["model"]["type"] == kind
    assert (Path("demo") / spec["data"][0]["train"]).samefile(file)
    assert stgen("compile", "demo/stgen.toml").code == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [(None, "STG200"), ("", "STG205"), ('{"a": 1, "b": 2.5}\n' * 5, "STG331"), ('{"a": \n', "STG20")],
)
def test_data_that_says_nothing(text, code, work):
    if text is not None:
        (work / "data.jsonl").write_text(text)
    done = stgen("new", "demo", "--from-data", "data.jsonl")
    assert done.code == 1
    assert code in done.err
    assert not (work / "demo").exists()


def test_hostile_column_names(work):
    name = 'the "text" = {{ x }}\n]'
    rows(work / "data.jsonl", *({name: f"This is the sentence with number {n} in it."} for n in range(30)))
    new("demo", "--from-data", "data.jsonl")
    assert spec_of("demo")["data"][0]["columns"] == {"text": name}


# --- questions --------------------------------------------------------------------------------------------------------


class Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def talk(*answers: str, arguments: tuple[str, ...] = ()) -> Done:
    stdout, stderr = io.StringIO(), Screen()
    typed = "".join(f"{answer}\n" for answer in answers)
    code = main(["new", *arguments], Terminal(typed.encode()), stdout, stderr)
    return Done(code, stdout.getvalue(), stderr.getvalue())


def test_enter_takes_every_default():
    done = talk("", "", "", "", "", "")
    assert done.code == 0, done.err
    spec = spec_of("semantic-search")
    assert spec["project"] == {"name": "semantic-search", "languages": ["en"]}
    assert spec["model"] == {"type": "dense", "base": STARTS[0].english}
    for what in ("Task", "Folder", "Name", "Languages", "Model", "Base"):
        assert f"\n{what}: " in done.err


def test_roles_are_shown_and_taken(work):
    faq(work / "faq.jsonl")
    done = talk("yes", "", "", "", "", arguments=("demo", "--from-data", "faq.jsonl"))
    assert done.code == 0, done.err
    assert "\nRoles: " in done.err
    assert "anchor     question: its name says so" in done.err
    assert spec_of("demo")["data"][0]["columns"] == {"anchor": "question", "positive": "answer"}


def test_roles_are_edited_and_held_against_the_file_and_the_language(work):
    faq(work / "faq.jsonl")
    wrong = (
        "maybe",
        "edit",
        "{ anchor = ",
        "7",
        '{ anchor = "qestion", positive = "answer" }',
        '{ anchor = "question" }',
    )
    done = talk(*wrong, '{ text = "answer" }', "", "", "", "", arguments=("demo", "--from-data", "faq.jsonl"))
    assert done.code == 0, done.err
    for words in (
        "answer yes or edit",
        "that is not TOML",
        "there is no column `qestion`",
        "`anchor` alone is no data format",
    ):
        assert words in done.err, words
    assert spec_of("demo")["data"][0]["columns"] == {"text": "answer"}


def test_hostile_names_do_not_steer_the_terminal(work):
    odd, other = "\x1b[31mtext", "\x1b]0;label\x07"
    rows(work / "t.jsonl", *({odd: f"This is the sentence with number {n} in it.", other: n} for n in range(30)))
    done = talk("edit", "", "", "", "", "", arguments=("demo", "--from-data", "t.jsonl"))
    assert done.code == 0
    assert "\x1b[31m" not in done.err
    assert "\x1b]0;" not in done.err


def test_nobody_is_asked_with_yes_or_without_a_terminal(work):
    faq(work / "faq.jsonl")
    assert "Roles: " not in talk(arguments=("one", "--from-data", "faq.jsonl", "--yes")).err
    assert "Roles: " not in new("two", "--from-data", "faq.jsonl").err


def test_whoever_ends_the_input_gets_nothing(work):
    faq(work / "faq.jsonl")
    assert talk(arguments=("demo", "--from-data", "faq.jsonl")).code != 0
    assert not (work / "demo").exists()


def test_answers_by_name_and_number_and_second_tries(work):
    (work / "used").mkdir()
    (work / "used/file").touch()
    done = talk("serach", "semantic-similarity", "used", "mine", "Mine", "german", "de,en", "9", "2", "org/model")
    assert done.code == 0, done.err
    assert "did you mean" in done.err
    assert "`used` is not empty" in done.err
    assert "`german` is not an ISO 639-1 code; did you mean de?" in done.err
    spec = spec_of("mine")
    assert spec["project"] == {"name": "Mine", "languages": ["de", "en"]}
    assert spec["model"] == {"type": "cross-encoder", "base": "org/model"}


def test_only_what_the_data_can_feed_is_offered():
    done = talk("", "", "", "", "", arguments=("demo", "--recipe", "semantic-similarity"))
    assert done.code == 0, done.err
    assert " dense " in done.err
    assert " multi-vector " not in done.err


def test_what_is_given_is_not_asked():
    arguments = ("demo", "--recipe", "reranking", "--name", "x", "--languages", "en", "--base", "org/model")
    done = talk(arguments=arguments)
    assert done.code == 0, done.err
    assert not any(f"\n{what}: " in done.err for what in ("Task", "Folder", "Name", "Languages", "Model", "Base"))
    assert talk(arguments=("other", "--yes")).code == 0


def test_a_folder_in_use_is_told_before_any_question(work):
    (work / "file").touch()
    done = talk(arguments=(".",))
    assert done.code == 1
    assert "Task" not in done.err


def test_the_end_of_input_stops_it(work):
    done = talk("", "demo")
    assert done.code == 130
    assert not list(work.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
def test_on_a_real_terminal(work):
    import pty

    master, slave = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT / "compiler")}
    command = [sys.executable, "-m", "stgen", "new", "demo"]
    process = subprocess.Popen(command, stdin=slave, stdout=subprocess.PIPE, stderr=slave, env=environment, cwd=work)
    os.close(slave)
    os.write(master, b"reranking\nMy reranker\n\n\n\n")
    assert process.wait(timeout=60) == 0
    os.close(master)
    assert process.stdout is not None
    assert process.stdout.read() == b""
    process.stdout.close()
    assert spec_of(work / "demo")["project"]["name"] == "My reranker"


# --- small parts ------------------------------------------------------------------------------------------------------


def test_the_samples_files_are_those_of_the_spec():
    assert set(SAMPLE_FILES) == {*SAMPLE_SPLITS.values(), "data/README.md"}
    assert {"en", "de"} <= CODES


# --- completion -------------------------------------------------------------------------------------------------------


def completed(*words: str) -> set[str]:
    """What bash offers after these words."""
    script = stgen("completion", "bash").out
    line = " ".join(f"'{word}'" for word in words)
    ask = f'COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _shtab_stgen; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", f"{script}\n{ask}"], capture_output=True, text=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
def test_bash_completes():
    assert {"new", "validate", "compile", "check"} <= completed("stgen", "")
    assert {"--recipe", "--from-data", "--yes"} <= completed("stgen", "new", "--")
    assert completed("stgen", "new", "--recipe", "rerank") == {"reranking", "reranking-pairs"}
    assert completed("stgen", "new", "--model", "sp") == {"sparse"}


@pytest.mark.parametrize(
    ("shell", "mark"), [("bash", "complete "), ("zsh", "#compdef stgen"), ("fish", "complete -c stgen")]
)
def test_scripts_for_shells(shell, mark):
    done = stgen("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert mark in done.out
    assert "from-data" in done.out
    program = shutil.which(shell)
    if program:
        assert subprocess.run([program, "-n"], input=done.out, text=True, timeout=60).returncode == 0


def test_an_unknown_shell_is_wrong_use():
    done = stgen("completion", "tcsh")
    assert done.code == 2
    assert "tcsh" in done.err


# --- rows that another model takes, and folders -------------------------------------------------------------------------


def ranked_by_id(folder: Path) -> None:
    """Write PyLate's recipe for distillation: ids with a teacher's scores, and the texts beside them."""
    rows = [{"query_id": n, "document_ids": [n, n + 1, n + 2], "scores": [0.9, 0.4, 0.1 + n / 99]} for n in range(40)]
    queries = [{"query_id": n, "text": f"how is part {n} mended?"} for n in range(40)]
    documents = [{"document_id": n, "text": f"part {n} is glued and then left to dry"} for n in range(42)]
    for name, lines in (("train", rows), ("queries", queries), ("documents", documents)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_rows_that_the_model_takes_converted_alone_get_the_line(work):
    ranked_by_id(work)
    done = new("demo", "--from-data", "train.jsonl", "--model", "multi-vector", "--yes")
    spec = spec_of("demo")
    assert spec["loss"] == {"convert": [{"to": "n-tuple-scores", "negatives": 2}]}
    assert spec["data"][0]["texts"]["anchor"]["file"] == "../queries.jsonl"
    assert "loses documents beyond `negatives`" in done.err
    assert stgen("compile", "demo/stgen.toml").code == 0


def test_rows_that_a_model_takes_as_they_are_get_no_line(work):
    ranked_by_id(work)
    new("demo", "--from-data", "train.jsonl", "--model", "cross-encoder", "--yes")
    assert "loss" not in spec_of("demo")


def beir(folder: Path) -> None:
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": f"d{n}", "title": "", "text": f"part {n} is glued and then left to dry"} for n in range(40)]
    queries = [{"_id": f"q{n}", "text": f"how is part {n} mended?"} for n in range(40)]
    for name, lines in (("corpus", corpus), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    judged = "".join(f"q{n}\td{n}\t1\n" for n in range(40))
    (folder / "qrels/train.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}")


@pytest.mark.parametrize("named", ["set", "set/", "set/corpus.jsonl", "set/queries.jsonl", "set/qrels/train.tsv"])
def test_a_file_of_a_beir_folder_stands_for_the_folder(named, work):
    beir(work / "set")
    new("demo", "--from-data", named, "--yes")
    layout = {"corpus": "../set/corpus.jsonl", "queries": "../set/queries.jsonl", "qrels": "../set/qrels/train.tsv"}
    assert spec_of("demo")["data"] == [{"retrieval": layout}]
    assert stgen("validate", "--data", "demo/stgen.toml").code == 0


def test_a_beir_folder_is_copied_with_its_folders(work):
    beir(work / "set")
    new("demo", "--from-data", "set", "--copy-data", "--yes", "--recipe", "late-interaction")
    assert spec_of("demo")["data"][0]["retrieval"]["qrels"] == "data/qrels/train.tsv"
    assert {"data/corpus.jsonl", "data/queries.jsonl", "data/qrels/train.tsv"} <= set(texts(Path("demo")))
    assert stgen("compile", "demo/stgen.toml").code == 0


def test_a_folder_without_judgements_is_no_data_set(work):
    beir(work / "set")
    (work / "set/qrels/train.tsv").unlink()
    done = stgen("new", "demo", "--from-data", "set", "--yes")
    assert done.code == 1
    assert "no judgements" in done.err
    assert not Path("demo").exists()


def test_another_file_in_a_beir_folder_is_itself(work):
    beir(work / "set")
    rows = [{"question": f"how is part {n} mended?", "answer": f"part {n} is glued and left to dry"} for n in range(40)]
    (work / "set/train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    new("demo", "--from-data", "set/train.jsonl", "--yes")
    assert spec_of("demo")["data"][0]["train"] == "../set/train.jsonl"


def test_files_that_a_pattern_names_are_read_as_one(work):
    rows = [{"question": f"how is part {n} mended?", "answer": f"part {n} is glued and left to dry"} for n in range(40)]
    for part in range(2):
        lines = "".join(json.dumps(row) + "\n" for row in rows[part::2])
        (work / f"part-{part}.jsonl").write_text(lines)
    new("demo", "--from-data", "part-*.jsonl", "--yes")
    assert spec_of("demo")["data"][0]["train"] == "../part-*.jsonl"
    new("copied", "--from-data", "part-*.jsonl", "--copy-data", "--yes")
    assert spec_of("copied")["data"][0]["train"] == "data/part-*.jsonl"
    assert {"data/part-0.jsonl", "data/part-1.jsonl"} <= set(texts(Path("copied")))
    assert stgen("validate", "--data", "copied/stgen.toml").code == 0
