"""Prepared rows and what they were made from: nothing is read that is stale or mixed, nothing is done twice, nothing of others goes."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cleaning import spec_of, write_rows
from conversions import compile_to, program, read, write_lines
from conversions import spec_of as converted_spec
from matrix import bases, repos
from matrix.samples import sentence
from places import TESTS

SPLITS = ("train", "eval", "test")
HELD = {"eval": {"fraction": 0.2}, "test": {"fraction": 0.2}}
STEPS: dict[str, Any] = {"length": {"min": 2}, "deduplicate": {"exact": True}}


def pairs(start: int = 0, rows: int = 40) -> list[dict[str, Any]]:
    """So many pairs, and one that the steps remove."""
    made = [{"anchor": sentence(n, "a"), "positive": sentence(n, "the")} for n in range(start, start + rows)]
    return [*made, {"anchor": "short", "positive": "short"}]


def make(repo: Path, steps: dict[str, Any] = STEPS, **data: Any) -> None:
    """Compile a repo that cleans pairs and holds rows out."""
    repo.mkdir(parents=True, exist_ok=True)
    if not (repo / "train.jsonl").exists():
        write_lines(repo / "train.jsonl", pairs())
    compile_to(spec_of("pair", steps, **(HELD | data)), repo)


def prepare(repo: Path, *arguments: str) -> str:
    """Run prepare.py as a program that has just started; return what it printed."""
    said = io.StringIO()
    with program(repo) as module, contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        assert module.main(list(arguments)) == 0
    return said.getvalue()


def load(repo: Path, *splits: str) -> list[list[dict[str, Any]]]:
    """The rows of splits as a program reads them that has just started."""
    with repos.modules(repo) as modules:
        return [modules("data").load(split).to_list() for split in splits or SPLITS]


def refused(repo: Path) -> str:
    """Why the rows are not read."""
    with pytest.raises(SystemExit) as raised:
        load(repo)
    return str(raised.value)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repo that has been prepared."""
    make(tmp_path / "repo")
    prepare(tmp_path / "repo")
    return tmp_path / "repo"


def times(repo: Path) -> dict[str, int]:
    """When each file that prepare.py wrote was written."""
    rows = repo / "prepared" / "rows"
    wrote = [*json.loads((rows / "seal.json").read_text())["files"], "seal.json"]
    return {name: (rows / name).stat().st_mtime_ns for name in wrote}


# --- what has changed is told, and prepared again -------------------------------------------------------------------------


def change_data(repo: Path) -> None:
    write_lines(repo / "train.jsonl", pairs(1))


def change_in_place(repo: Path) -> None:
    """Change a letter, and give the file the times that it had: only the system's own clock tells."""
    file = repo / "train.jsonl"
    status = file.stat()
    file.write_text(file.read_text().replace("short", "shirt"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)


def change_program(repo: Path) -> None:
    file = repo / "clean.py"
    file.write_text(file.read_text().replace("EXAMPLES = 5", "EXAMPLES = 4"))


def change_spec(repo: Path) -> None:
    make(repo, eval={"fraction": 0.4})


CHANGES: list[tuple[Callable[[Path], None], str]] = [
    (change_data, "train.jsonl changed since prepare.py ran"),
    (change_in_place, "train.jsonl changed since prepare.py ran"),
    (change_program, "clean.py changed since prepare.py ran"),
    (change_spec, "data.py changed since prepare.py ran"),
]


@pytest.mark.parametrize(("change", "says"), CHANGES, ids=lambda value: getattr(value, "__name__", ""))
def test_what_rows_are_made_from_may_not_change_behind_them(
    repo: Path, change: Callable[[Path], None], says: str
) -> None:
    before = load(repo)
    change(repo)
    assert refused(repo) == f"data: {says}; run `python prepare.py`"
    assert says in prepare(repo)
    assert load(repo) != before or change in (change_program, change_in_place)


def test_nothing_is_read_before_it_is_prepared(tmp_path: Path) -> None:
    make(tmp_path)
    assert refused(tmp_path) == f"data: {tmp_path}/prepared/rows/seal.json is missing; run `python prepare.py` first"


def test_files_that_a_pattern_finds_and_that_go(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "data").mkdir(exist_ok=True)
        write_lines(tmp_path / "data" / f"part-{number}.jsonl", pairs(100 * number))
    make(tmp_path, train="data/part-*.jsonl")
    prepare(tmp_path)
    before = load(tmp_path)
    write_lines(tmp_path / "data" / "part-3.jsonl", pairs(300))
    assert "data/part-3.jsonl is new since prepare.py ran" in refused(tmp_path)
    (tmp_path / "data" / "part-3.jsonl").unlink()
    (tmp_path / "data" / "part-2.jsonl").unlink()
    assert "data/part-2.jsonl is gone since prepare.py ran" in refused(tmp_path)
    (tmp_path / "data" / "part-1.jsonl").unlink()
    assert load(tmp_path) == before  # prepared rows may be taken elsewhere


def test_a_repo_may_be_copied_with_its_rows(repo: Path, tmp_path: Path) -> None:
    before = load(repo)
    other = tmp_path / "elsewhere" / "copy"
    shutil.copytree(repo, other, copy_function=shutil.copyfile)  # without times
    assert load(other) == before
    assert "is up to date" in prepare(other)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"run": [], "files": {}}', '{"run": {"files": 1}, "files": []}', '{"run": {}}']
)
def test_a_stamp_that_is_none_is_no_stamp(repo: Path, content: str) -> None:
    (repo / "prepared/rows/seal.json").write_text(content)
    assert "seal.json is missing; run `python prepare.py` first" in refused(repo)
    prepare(repo)
    assert load(repo)


def test_only_the_first_process_of_a_machine_looks_at_files(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change_data(repo)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert load(repo)
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert "changed since prepare.py ran" in refused(repo)


# --- nothing is done twice ------------------------------------------------------------------------------------------------


def test_what_is_up_to_date_is_left_as_it_is(repo: Path) -> None:
    before = times(repo)
    assert prepare(repo) == (
        f"{repo}/prepared is up to date: nothing that it was made from has changed (--force prepares it anew)\n"
    )
    (repo / "train.jsonl").touch()
    (repo / "data.py").touch()
    assert "is up to date" in prepare(repo)
    assert times(repo) == before
    assert "Preparing the rows: --force" in prepare(repo, "--force")
    assert not times(repo).items() & before.items()


def test_a_trial_is_told_and_ends_with_the_next_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bases.build(tmp_path / "bases" / "dense", "BertModel")
    write_rows(tmp_path / "repo", "pair", pairs())
    loss = {"convert": [{"to": "triplet", "mine": {"negatives": 1, "range_min": 0}}]}
    files = {split: f"{split}.jsonl" for split in ("train", "eval", "test")}
    columns = {"columns": {"anchor": "anchor", "positive": "positive"}}
    repo = tmp_path / "repo"
    compile_to(converted_spec("pair", "dense", loss, **files, **columns), repo)
    prepare(repo, "--rows", "10")
    capsys.readouterr()
    assert len(load(repo, "train")[0]) == 10
    assert (
        f"warning: {repo}/prepared/rows holds the rows of a trial, prepared with --rows 10" in capsys.readouterr().err
    )
    assert "--rows is gone since prepare.py ran" in prepare(repo)
    assert len(load(repo, "train")[0]) > 30
    assert capsys.readouterr().err.count("trial") == 0
    assert "is up to date" in prepare(repo)
    assert "is up to date" in prepare(repo, "--base", str(repo / "../bases/dense"))

    shutil.rmtree(tmp_path / "bases")
    bases.build(tmp_path / "bases" / "dense", "BertModel", seed=5)  # what negatives are mined with
    assert "model.safetensors changed since prepare.py ran" in prepare(repo)


HUB = {"train": "hf://an-org/pairs#train", "eval": "eval.jsonl", "test": "test.jsonl"}


def test_the_hub_is_asked_for_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets
    import huggingface_hub

    write_rows(tmp_path, "pair", pairs(), pairs(300, 5))
    compile_to(spec_of("pair", STEPS, **HUB), tmp_path)
    commits = ["first"]

    def dataset_info(self: object, name: str, revision: str, timeout: float) -> Any:
        assert (name, revision) == ("an-org/pairs", "main")
        if not commits:
            raise OSError("no network")
        return huggingface_hub.DatasetInfo(id=name, sha=commits[-1], private=False, downloads=0, likes=0, tags=[])

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", dataset_info)
    whole = datasets.load_dataset

    def load_dataset(path: str, **options: Any) -> Any:
        return (
            whole("json", data_files=str(tmp_path / "train.jsonl"), split="train")
            if path == "an-org/pairs"
            else whole(path, **options)
        )

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    prepare(tmp_path)
    assert "is up to date" in prepare(tmp_path)
    commits.append("second")
    assert "an-org/pairs@main first -> second since prepare.py ran" in prepare(tmp_path)
    commits.clear()
    said = prepare(tmp_path)
    assert "the hub can't be asked whether an-org/pairs has changed: no network" in said
    assert "is up to date" in said
    assert load(tmp_path)


# --- all at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_run_that_stops_after_its_rows_are_sealed_has_ended(
    repo: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the old rows make room, between that and the new ones' taking their place, and before the old ones go."""
    make(repo, eval={"fraction": 0.4})
    prepare(repo)
    whole = load(repo)
    make(repo)
    prepare(repo)
    assert load(repo) != whole
    make(repo, eval={"fraction": 0.4})
    with monkeypatch.context() as patch:
        stop_at(at, patch)
        with pytest.raises(KeyboardInterrupt):
            prepare(repo)
    if at == 1:  # the old rows stand, and are those of another spec
        assert "data.py changed since prepare.py ran" in refused(repo)
        assert "Preparing the rows" in prepare(repo)
    assert load(repo) == whole
    assert "is up to date" in prepare(repo)
    assert [path.name for path in (repo / "prepared").glob("rows*")] == ["rows"]
    counted = json.loads((repo / "results" / "prepare.json").read_text())["steps"]
    assert counted == json.loads((repo / "prepared/rows/prepare.json").read_text())["steps"]


def stop_at(at: int, patch: pytest.MonkeyPatch) -> None:
    """Stop before the rename of that number, or before the old rows are removed."""
    renamed = []
    rename, rmtree = Path.rename, shutil.rmtree

    def counting(self: Path, target: Path) -> Path:
        renamed.append(self)
        if len(renamed) == at:
            raise KeyboardInterrupt
        return rename(self, target)

    def stopping(path: Path, **options: Any) -> None:
        if Path(path).name == "rows.previous" and renamed:
            raise KeyboardInterrupt
        rmtree(path, **options)

    patch.setattr(Path, "rename", counting)
    patch.setattr(shutil, "rmtree", stopping)


def test_rows_of_another_run_are_refused(repo: Path) -> None:
    kept = repo.parent / "kept.parquet"
    shutil.copy(repo / "prepared/rows/eval.parquet", kept)
    make(repo, eval={"fraction": 0.4})
    prepare(repo)
    shutil.copy(kept, repo / "prepared/rows/eval.parquet")
    assert refused(repo) == "data: prepared/rows/eval.parquet changed since prepare.py ran; run `python prepare.py`"
    (repo / "prepared/rows/eval.parquet").unlink()
    assert "eval.parquet is gone since prepare.py ran" in refused(repo)
    assert "eval.parquet is gone since prepare.py ran" in prepare(repo)
    assert load(repo)


def test_rows_that_are_written_while_they_are_read(repo: Path) -> None:
    with repos.modules(repo) as modules:
        data = modules("data")
        data.load("train")
        make(repo, eval={"fraction": 0.4})
        prepare(repo)
        with pytest.raises(SystemExit, match="has written other rows since this program began to read them"):
            data.load("eval")


def test_a_run_that_fails_leaves_the_rows_and_says_where_its_own_are(repo: Path) -> None:
    before, counted = load(repo), (repo / "prepared" / "rows" / "prepare.json").read_bytes()
    removed = (repo / "prepared" / "rows" / "removed.jsonl").read_bytes()
    rows = (repo / "train.jsonl").read_text()
    write_lines(repo / "train.jsonl", pairs(rows=2))
    with pytest.raises(SystemExit, match="too few"):
        prepare(repo)
    assert (repo / "prepared" / "rows" / "prepare.json").read_bytes() == counted
    assert (repo / "prepared" / "rows" / "removed.jsonl").read_bytes() == removed
    assert "train.jsonl changed" in refused(repo)
    (repo / "train.jsonl").write_text(rows)
    assert load(repo) == before


def test_data_that_changes_meanwhile(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change_data(repo)
    with program(repo) as module:
        write = module.write

        def writes_meanwhile(*arguments: Any) -> None:
            write_lines(repo / "train.jsonl", pairs(2))
            write(*arguments)

        monkeypatch.setattr(module, "write", writes_meanwhile)
        with pytest.raises(SystemExit, match=r"prepare: train\.jsonl changed while the rows were read; run it again"):
            module.main([])
    assert "changed since prepare.py ran" in refused(repo)


def test_what_others_put_there_stays_and_what_is_written_no_more_goes(repo: Path) -> None:
    prepared = repo / "prepared"
    (prepared / "notes.txt").write_text("mine\n")
    (prepared / "mine").mkdir()
    (prepared / "rows/mine").mkdir()
    (prepared / "rows/mine/notes.txt").write_text("mine too\n")
    compile_to(spec_of("pair", {"on_bad_row": "set-aside"}, **HELD), repo)
    prepare(repo)
    assert not (prepared / "rows/removed.jsonl").exists()
    aside = prepared / "rows/train.set-aside.jsonl"
    assert aside.exists()
    aside.write_text("edited\n")
    for force in ([], ["--force"]):
        make(repo)
        prepare(repo, *force)
        assert aside.read_text() == "edited\n"
        assert (prepared / "notes.txt").read_text() == "mine\n"
        assert (prepared / "rows/mine/notes.txt").read_text() == "mine too\n"
        assert (prepared / "mine").is_dir()


@pytest.mark.parametrize("linked", [True, False])
def test_a_folder_of_others_is_left_alone(repo: Path, linked: bool) -> None:
    """A link, and a folder that only has the name of one of prepare.py's."""
    others, place = repo / "others", repo / "prepared" / "rows.unfinished"
    others.mkdir()
    (others / "notes.txt").write_text("mine\n")
    if linked:
        shutil.copy(repo / "prepared/rows/seal.json", others)
        place.symlink_to(others)
    else:
        others.rename(place)
    before = sorted(path.name for path in place.iterdir())
    with pytest.raises(
        SystemExit, match=r"rows\.unfinished stands where a next version is written, and is none: move it"
    ):
        prepare(repo, "--force")
    assert sorted(path.name for path in place.iterdir()) == before
    place.rename(repo / "moved")
    prepare(repo, "--force")
    assert load(repo)


def test_rows_may_lie_elsewhere_behind_a_link(repo: Path) -> None:
    (repo / "big").mkdir()
    (repo / "prepared/rows").rename(repo / "big/rows")
    (repo / "prepared/rows").symlink_to(repo / "big/rows")
    before = load(repo)
    make(repo, eval={"fraction": 0.4})
    prepare(repo)
    assert (repo / "prepared/rows").is_symlink()
    assert [path.name for path in (repo / "big").iterdir()] == ["rows"]
    assert load(repo) != before


# --- several sets, and rows for several losses ----------------------------------------------------------------------------


def make_several(repo: Path) -> None:
    (one,) = spec_of("pair", {"deduplicate": {"exact": True}}, **HELD)["data"]
    sets = [one | {"name": name, "train": f"{name}.jsonl"} for name in ("first", "second")]
    for start, name in enumerate(("first", "second")):
        write_lines(repo / f"{name}.jsonl", pairs(100 * start))
    compile_to(spec_of("pair", {"deduplicate": {"exact": True}}) | {"data": sets}, repo)


def test_each_of_several_sets_has_a_stamp(tmp_path: Path) -> None:
    make_several(tmp_path)
    prepare(tmp_path)
    with repos.modules(tmp_path) as modules:
        assert set(modules("data").load("train")) == {"first", "second"}
    assert prepare(tmp_path).count("is up to date") == 2
    write_lines(tmp_path / "second.jsonl", pairs(150))
    assert refused(tmp_path) == "data: second.jsonl changed since prepare.py ran; run `python prepare.py`"
    said = prepare(tmp_path)
    assert (said.count("is up to date"), said.count("Preparing the rows")) == (1, 1)
    with repos.modules(tmp_path) as modules:
        assert len(modules("data").load("test")) == 2
    assert prepare(tmp_path, "--force").count("Preparing the rows: --force") == 2


def test_rows_for_another_loss_change_with_the_others(tmp_path: Path) -> None:
    rows = [{"first": sentence(n, "a"), "second": sentence(n, "the"), "same": n % 2} for n in range(60)]
    write_lines(tmp_path / "train.jsonl", rows)
    columns = {"columns": {"text_1": "first", "text_2": "second", "binary": "same"}}
    spec = spec_of("score", {"length": {"min": 2}}, **HELD, **columns)
    compile_to(spec | {"compare": {"losses": ["ContrastiveLoss", "CoSENTLoss"]}}, tmp_path)
    prepare(tmp_path)
    stamped = json.loads((tmp_path / "prepared/rows/seal.json").read_text())["files"]
    assert {"train.parquet", "train-pair-score.parquet", "eval.parquet", "test.parquet"} <= stamped.keys()
    own, other = load(tmp_path, "train", "train-pair-score")
    assert [row["text_1"] for row in own] == [row["text_1"] for row in other]
    (tmp_path / "prepared/rows/train-pair-score.parquet").unlink()
    assert "train-pair-score.parquet is gone since prepare.py ran" in refused(tmp_path)
    compile_to(spec, tmp_path)
    prepare(tmp_path)
    assert not (tmp_path / "prepared/rows/train-pair-score.parquet").exists()


# --- killed, and two at once ----------------------------------------------------------------------------------------------


def test_killed_at_any_moment() -> None:
    """A small part of what `python tests/attack/kill_prepare.py` does."""
    script = TESTS / "attack" / "kill_prepare.py"
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(script), "--kills", "16", "--seed", "7"], env=environment, capture_output=True, text=True
    )
    assert "16 kills, 0 with a fault" in done.stdout, done.stdout + done.stderr[-4000:]
    assert done.returncode == 0


def test_of_two_at_once_the_second_says_who_is_at_it_and_waits(repo: Path) -> None:
    with repos.modules(repo) as modules, modules("saving").hold(repo / "prepared", wait=True):
        second = subprocess.Popen([sys.executable, "prepare.py"], cwd=repo, stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        said = second.stdout.readline()
        assert said.startswith(f"prepare: {repo}/prepared is in use by ")
        assert f"process {os.getpid()} on " in said
        assert said.endswith("; waiting for it\n")
        assert second.poll() is None
    assert "is up to date" in second.stdout.read()
    assert second.wait() == 0
    second.stdout.close()


def test_every_process_that_prepares_waits_its_turn(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever launched it: a rank is no reason to write beside another process."""
    monkeypatch.setenv("RANK", "1")
    test_of_two_at_once_the_second_says_who_is_at_it_and_waits(repo)


def test_a_file_system_without_locks_keeps_nobody_from_preparing(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno
    import fcntl

    def refuse(*arguments: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", refuse)
    assert "is up to date" in prepare(repo)


def test_the_splits_on_disk_are_those_that_are_read(repo: Path) -> None:
    assert load(repo) == [read(repo, split) for split in SPLITS]
