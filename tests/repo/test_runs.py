"""Runs of generated repos that are killed, changed, repeated, or started twice: nothing is lost, and nothing is taken for what it isn't."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attack import kill_training
from compiling import tree_of
from matrix import repos, samples
from matrix.cases import Case
from programs import Program as Started
from programs import call, running, wait_for
from safetensors.numpy import load_file
from streams import make

pytestmark = pytest.mark.trains
MODEL = "models/attacked"


class Place:
    """A copy of a repo and of what its runs have left, for one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repo = folder / "repo"
        self.output = folder / "output"
        self.base = str(self.repo / (self.repo / "base.txt").read_text())

    def run(self, name: str = "train", *options: str) -> tuple[int, str]:
        """Run a program; return its exit code and what it said."""
        return call(self.repo, name, *self.arguments(*options), said=self.folder / "said")

    def arguments(self, *options: str) -> list[str]:
        base = [] if "--base" in options else ["--base", self.base]
        return [*base, "--output", str(self.output), *options]

    def checkpoint(self, step: int) -> Path:
        return self.output / f"checkpoints/checkpoint-{step}"

    def change(self, name: str, old: str, new: str) -> None:
        """Edit a program of the repo."""
        text = (self.repo / name).read_text()
        assert old in text
        (self.repo / name).write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo and a run of it that nobody disturbed: nine steps, and checkpoints after 2, 4, 6, 8 and 9 of them."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "repo").mkdir()
    samples.write(folder / "data/pair", "pair")
    spec = repos.spec_of(Case("dense", "transformer", "auto", "pair"), "../data/pair")
    spec["project"]["name"] = "attacked"
    spec["train"] |= {"epochs": 3, "evaluate_every": 2, "learning_rate": 0.001, "keep": 9}
    repos.write_repo(spec, folder / "repo")
    code, said = Place(folder).run()
    assert code == 0, said
    return folder


@pytest.fixture
def whole(made: Path, tmp_path: Path) -> Place:
    """A finished run."""
    shutil.copytree(made, tmp_path / "own")
    return Place(tmp_path / "own")


@pytest.fixture
def killed(whole: Place) -> Place:
    """The same run, as a kill after step 8 would have left it."""
    for name in ("models", "results", "checkpoints/checkpoint-9"):
        shutil.rmtree(whole.output / name)
    return whole


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file below a folder, but for locks."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "run.lock"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def require_equal_weights(place: Place, made: Path) -> None:
    weights, wanted = (load_file(folder / MODEL / "model.safetensors") for folder in (place.output, made / "output"))
    assert weights.keys() == wanted.keys()
    assert all((weights[name] == wanted[name]).all() for name in wanted)


def last_line(said: str) -> str:
    return said.rstrip().splitlines()[-1]


# --- checkpoints that are whole, and those that are not --------------------------------------------------------------


def test_a_run_goes_on_from_its_newest_checkpoint(killed: Place, made: Path) -> None:
    code, said = killed.run("train", "--resume")
    assert code == 0, said
    assert f"Training goes on from {killed.checkpoint(8)}" in said
    assert "do not match" not in said  # the trainer's own look at its arguments, which takes a share for another number
    require_equal_weights(killed, made)


def empty(checkpoint: Path) -> None:
    shutil.rmtree(checkpoint)
    checkpoint.mkdir()


def remove(name: str) -> Callable[[Path], None]:
    return lambda checkpoint: (checkpoint / name).unlink()


def cut(name: str) -> Callable[[Path], None]:
    return lambda checkpoint: os.truncate(checkpoint / name, (checkpoint / name).stat().st_size // 2)


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty": (empty, "its seal.json, which is written last, is missing or cut off"),
    "never sealed": (remove("seal.json"), "its seal.json, which is written last, is missing or cut off"),
    "seal cut off": (cut("seal.json"), "its seal.json, which is written last, is missing or cut off"),
    "weights cut off": (cut("model.safetensors"), r"model.safetensors has [\d,]+ bytes of [\d,]+"),
    "optimizer cut off": (cut("optimizer.pt"), r"optimizer.pt has [\d,]+ bytes of [\d,]+"),
    "no random numbers": (remove("rng_state.pth"), "rng_state.pth is missing"),
    "no state": (remove("trainer_state.json"), "trainer_state.json is missing"),
    "no pooling": (remove("1_Pooling/config.json"), "1_Pooling/config.json is missing"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_checkpoint_that_is_not_whole_is_named_and_left_out(damage: str, killed: Place, made: Path) -> None:
    harm, reason = DAMAGES[damage]
    harm(killed.checkpoint(8))
    code, said = killed.run("train", "--resume")
    assert code == 0, said
    assert re.search(f"{re.escape(str(killed.checkpoint(8)))} is left out: {reason}", said)
    assert f"Training goes on from {killed.checkpoint(6)}" in said
    require_equal_weights(killed, made)


def test_a_folder_that_somebody_made_is_no_checkpoint(killed: Place, made: Path) -> None:
    killed.checkpoint(88).mkdir()
    (killed.output / "checkpoints/notes").mkdir()
    (killed.output / "checkpoints/checkpoint-old").mkdir()
    (killed.output / "checkpoints/checkpoint-99").symlink_to(killed.folder / "data")
    code, said = killed.run("train", "--resume")
    assert code == 0, said
    assert f"Training goes on from {killed.checkpoint(8)}" in said
    require_equal_weights(killed, made)
    assert (killed.output / "checkpoints/notes").is_dir()
    assert (killed.output / "checkpoints/checkpoint-old").is_dir()
    assert (killed.output / "checkpoints/checkpoint-99").is_symlink()
    assert (killed.folder / "data/pair/train.jsonl").exists()


def test_a_checkpoint_whose_best_is_gone_is_left_out(killed: Place) -> None:
    """The run would end with its last weights, and say nothing."""
    state, best = killed.checkpoint(8) / "trainer_state.json", 6
    said = re.sub(r'("best_global_step": )\d', rf"\g<1>{best}", state.read_text())
    state.write_text(said)  # as long as before, as its seal has it
    assert json.loads(said)["best_global_step"] == best
    cut("model.safetensors")(killed.checkpoint(best))
    code, said = killed.run("train", "--resume")
    assert code == 0, said
    assert f"{killed.checkpoint(8)} is left out: checkpoint-{best}, the best so far, is incomplete" in said


def test_a_best_checkpoint_that_cannot_be_read_back_delivers_nothing(whole: Place) -> None:
    """The trainer only logs it, and goes on with the last weights."""
    before = contents(whole.output / "models")
    spoil = "    trainer._load_best_model = lambda: print('Could not load the best model')\n"
    whole.change("train.py", "    trainer.train(resume_from", f"{spoil}    trainer.train(resume_from")
    code, said = whole.run("train", "--learning-rate", "30")  # the first of the checkpoints is the best
    assert code == 1
    assert re.search(r"checkpoint-[2468] is the best checkpoint, and its weights can't be read back", last_line(said))
    assert contents(whole.output / "models") == before


def test_where_no_checkpoint_is_whole_the_run_begins_again_and_says_so(killed: Place, made: Path) -> None:
    for step in (2, 4, 6, 8):
        cut("optimizer.pt")(killed.checkpoint(step))
    code, said = killed.run("train", "--resume")
    assert code == 0, said
    assert "There is no complete checkpoint: training starts at the beginning" in said
    require_equal_weights(killed, made)


def test_resume_begins_a_run_that_has_not_begun(whole: Place, made: Path) -> None:
    """So that the same command can be given again and again, as a cluster does."""
    shutil.rmtree(whole.output)
    code, said = whole.run("train", "--resume")
    assert code == 0, said
    require_equal_weights(whole, made)


def test_a_run_goes_on_where_its_folder_was_moved_to(killed: Place, made: Path) -> None:
    """The checkpoints say where the best one was when they were saved."""
    killed.output.rename(killed.folder / "moved")
    killed.output = killed.folder / "moved"
    code, said = killed.run("train", "--resume")
    assert code == 0, said
    require_equal_weights(killed, made)


# --- which run a checkpoint is of ------------------------------------------------------------------------------------


def other_data(place: Place) -> None:
    file = place.folder / "data/pair/train.jsonl"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[1:], lines[0]]) + "\n")


def other_eval_rows(place: Place) -> None:
    file = place.folder / "data/pair/eval.jsonl"
    file.write_text(file.read_text().replace("red", "old", 1))


def other_weights(place: Place) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    file = Path(place.base) / "model.safetensors"
    weights = {name: torch.zeros_like(weight) for name, weight in load_file(file).items()}
    save_file(weights, file, {"format": "pt"})


CHANGES: dict[str, tuple[Callable[[Place], None], list[str]]] = {
    "learning rate": (
        lambda place: place.change("train.py", "LEARNING_RATE = 0.001", "LEARNING_RATE = 5e-05"),
        ["learning_rate 0.001 -> 5e-05", "train.py changed"],
    ),
    "batch size": (
        lambda place: place.change("train.py", "BATCH_SIZE = 8", "BATCH_SIZE = 4"),
        ["batch_size 8 -> 4", "train.py changed"],
    ),
    "model": (lambda place: place.change("model.py", "return encoder", "return encoder  # mine"), ["model.py changed"]),
    "own program": (lambda place: (place.repo / "helpers.py").write_text("") and None, ["helpers.py is new"]),
    "train rows": (other_data, ["train rows changed"]),
    "eval rows": (other_eval_rows, ["eval rows changed"]),
    "weights": (other_weights, ["weights of the base changed"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_checkpoint_of_another_run_is_refused(change: str, killed: Place) -> None:
    make_change, named = CHANGES[change]
    make_change(killed)
    before = contents(killed.output)
    code, said = killed.run("train", "--resume")
    assert code == 1
    wanted = f"train: what stands in {killed.output} is of another run: {', '.join(named)}."
    assert last_line(said).startswith(wanted)
    assert "--anew" in last_line(said)
    assert "--resume anyway" in last_line(said)
    assert contents(killed.output) == before


def test_another_base_is_named(killed: Place) -> None:
    shutil.copytree(killed.base, killed.folder / "mine")
    assert killed.run("train", "--resume", "--base", str(killed.folder / "mine"))[0] == 1
    assert "base BertModel -> mine." in (killed.folder / "said").read_text()


def test_a_checkpoint_that_was_copied_from_another_run_is_refused(killed: Place) -> None:
    seal = killed.checkpoint(8) / "seal.json"
    seal.write_text(seal.read_text().replace('"learning_rate": 0.001', '"learning_rate": 0.1'))
    code, said = killed.run("train", "--resume")
    assert code == 1
    assert "learning_rate 0.1 -> 0.001" in last_line(said)


def test_who_knows_better_goes_on_all_the_same(killed: Place) -> None:
    killed.change("model.py", "return encoder", "return encoder  # mine")
    code, said = killed.run("train", "--resume", "anyway")
    assert code == 0, said
    assert f"Training goes on from {killed.checkpoint(8)}" in said


def test_what_only_tells_may_change(killed: Place, made: Path) -> None:
    killed.change("report.py", "Writes results/report.html", "Writes the report")
    code, said = killed.run("train", "--resume")
    assert code == 0, said
    require_equal_weights(killed, made)


def test_a_finished_run_is_finished(whole: Place) -> None:
    before = contents(whole.output)
    code, said = whole.run("train", "--resume")
    assert code == 0, said
    assert f"The model in {whole.output / MODEL} is finished: nothing is left to train" in said
    assert contents(whole.output) == before


def test_a_finished_run_that_was_another_is_not_taken_for_this_one(whole: Place) -> None:
    whole.change("train.py", "LEARNING_RATE = 0.001", "LEARNING_RATE = 5e-05")
    before = contents(whole.output)
    for left in ("checkpoints", "models"):
        code, said = whole.run("train", "--resume")
        assert code == 1
        assert "learning_rate 0.001 -> 5e-05" in last_line(said)
        shutil.rmtree(whole.output / "checkpoints", ignore_errors=left == "models")
    assert contents(whole.output) == {name: value for name, value in before.items() if "checkpoints" not in name}


def test_the_log_says_which_run_it_is_of(whole: Place) -> None:
    log, seal = (
        json.loads((whole.output / name).read_text()) for name in ("results/training.json", f"{MODEL}/seal.json")
    )
    assert [entry["run"] for entry in log if "run" in entry] == [seal["run"]]


def test_a_finished_model_hides_no_run_that_is_not_finished(whole: Place) -> None:
    """Who takes up a killed run, and forgets its arguments, must not be told that all is trained."""
    newest = max(whole.output.glob("checkpoints/checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    seal = newest / "seal.json"
    seal.write_text(seal.read_text().replace('"learning_rate": 0.001', '"learning_rate": 0.1'))
    before = contents(whole.output)
    code, said = whole.run("train", "--resume")
    assert (code, "nothing is left to train" in said) == (1, False)
    assert "learning_rate 0.1 -> 0.001" in last_line(said)
    assert contents(whole.output) == before


def test_a_finished_model_that_is_damaged_is_saved_again(whole: Place, made: Path) -> None:
    cut("model.safetensors")(whole.output / MODEL)
    code, said = whole.run("train", "--resume")
    assert code == 0, said
    require_equal_weights(whole, made)


# --- what a new run leaves alone -------------------------------------------------------------------------------------


def test_a_new_run_does_not_remove_an_unfinished_one(killed: Place, made: Path) -> None:
    before = contents(killed.output)
    code, said = killed.run()
    assert code == 1
    assert f"train: {killed.checkpoint(8)} is of a run that is not finished" in last_line(said)
    assert contents(killed.output) == before
    code, said = killed.run("train", "--anew")
    assert code == 0, said
    assert "Training goes on" not in said
    require_equal_weights(killed, made)


def test_checkpoints_of_an_older_program_are_not_removed(killed: Place) -> None:
    """They have no seal, and are whole all the same."""
    (killed.output / "checkpoints/run.json").unlink()
    for step in (2, 4, 6, 8):
        (killed.checkpoint(step) / "seal.json").unlink()
    before = contents(killed.output)
    for options in ([], ["--resume"]):
        code, said = killed.run("train", *options)
        assert code == 1
        assert "holds checkpoints that this program did not save" in last_line(said)
        assert contents(killed.output) == before


def test_a_trial_run_writes_elsewhere(whole: Place) -> None:
    before = contents(whole.output)
    code, said = whole.run("train", "--max-steps", "2")
    assert code == 0, said
    trial = whole.output / "trial"
    assert f"The trained model is in {trial / MODEL}" in said
    kept = contents(whole.output)
    assert {name: value for name, value in kept.items() if not name.startswith("trial/")} == before
    assert whole.run("train", "--max-steps", "1")[0] == 0  # another trial takes its place
    whole.output = trial
    code, said = whole.run("evaluate")
    assert code == 0, said


def test_git_and_docker_leave_out_what_runs_write() -> None:
    tree = tree_of("")
    for name in (".gitignore", ".dockerignore"):
        assert {"checkpoints/", "models/", "results/", "trial/"} <= set(tree[name].text.splitlines())


def test_a_finished_model_stays_until_the_next_one_is_finished(whole: Place) -> None:
    """The new run is killed in its last step."""
    whole.change("train.py", "LEARNING_RATE = 0.001", "LEARNING_RATE = 5e-05")
    before = contents(whole.output / "models"), contents(whole.output / "results")
    process = Started(whole.repo, "train", *whole.arguments(), said=whole.folder / "said")
    with running(process):
        wait_for(whole.checkpoint(4) / "scheduler.pt", process)
    assert process.process.exitcode == kill_training.KILLED
    assert (contents(whole.output / "models"), contents(whole.output / "results")) == before


def test_a_run_ends_with_nothing_but_what_it_should_leave(whole: Place) -> None:
    assert sorted(path.name for path in (whole.output / "models").iterdir()) == ["attacked"]
    assert sorted(path.name for path in (whole.output / "results").iterdir()) == ["run.json", "training.json"]


@pytest.mark.parametrize("number", range(1, 5))
def test_a_kill_loses_nothing(number: int, attacked: tuple[kill_training.Training, ...], tmp_path: Path) -> None:
    """At random moments, among them those at which something is saved; tests/attack/kill_training.py does more of them."""
    found = kill_training.attack(*attacked, tmp_path / "attack", number)
    assert not found.faults


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[kill_training.Training, ...]:
    folder = tmp_path_factory.mktemp("attacked")
    return kill_training.prepare(folder / "own", 0.001), kill_training.prepare(folder / "other", 0.002)


# --- the parts -------------------------------------------------------------------------------------------------------


@pytest.fixture
def load(made: Path) -> Iterator[Any]:
    with repos.modules(made / "repo") as loads, contextlib.redirect_stdout(io.StringIO()):
        yield loads


def sealed(load: Any, folder: Path, text: str = "") -> Path:
    folder.mkdir(parents=True)
    (folder / "model").write_text(text or folder.name)
    load("saving").seal(folder, {})
    return folder


@pytest.mark.parametrize(
    ("kept", "best", "left"),
    [
        (1, 8, [8]),
        (1, 4, [4, 8]),
        (2, 8, [6, 8]),
        (2, 2, [2, 8]),
        (3, 2, [2, 6, 8]),
        (9, None, [2, 4, 6, 8]),
        (1, None, [8]),
    ],
)
def test_older_checkpoints_go_when_the_newest_is_sealed(
    kept: int, best: int | None, left: list[int], load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest and the best stay, and those of nobody's making."""
    import torch

    for step in (2, 4, 6):
        sealed(load, tmp_path / f"checkpoint-{step}")
    (tmp_path / "checkpoint-8").mkdir()
    (tmp_path / "checkpoint-mine").mkdir()
    state, model = (
        SimpleNamespace(global_step=8, best_global_step=best, is_world_process_zero=True),
        torch.nn.Linear(1, 1),
    )
    keeper = load("checkpoints").CheckpointKeeper({}, kept)
    with monkeypatch.context() as patch:
        patch.setattr(load("saving"), "seal", lambda folder, run: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            keeper.on_save(SimpleNamespace(output_dir=str(tmp_path)), state, None, model=model)
    assert len(list(tmp_path.glob("checkpoint-?"))) == 4
    keeper.on_save(SimpleNamespace(output_dir=str(tmp_path)), state, None, model=model)
    assert sorted(path.name for path in tmp_path.glob("checkpoint-?")) == [f"checkpoint-{step}" for step in left]
    assert (tmp_path / "checkpoint-mine").is_dir()


def test_the_trainer_removes_no_checkpoints_by_itself(load: Any) -> None:
    """It would remove the older one before the newer is sealed."""
    train = load("train")
    assert (
        train.arguments(train.parse([]), 8, SimpleNamespace(prompts={"query": "", "document": ""})).save_total_limit
        is None
    )
    assert train.CHECKPOINTS == 9


@pytest.mark.parametrize("state", ["before", "between", "after"])
def test_the_model_is_replaced_whole(state: str, load: Any, tmp_path: Path) -> None:
    """A kill before, between and after the two renames."""
    saving = load("saving")
    folder = tmp_path / "model"
    new = sealed(load, tmp_path / "model.unfinished", "new")
    old = sealed(load, folder if state == "before" else tmp_path / "model.previous", "old")
    if state == "after":
        new.rename(folder)
    saving.settle(folder)
    assert (folder / "model").read_text() == ("old" if state == "before" else "new")
    assert old.exists()


def test_a_model_that_is_not_sealed_never_takes_the_place_of_another(load: Any, tmp_path: Path) -> None:
    saving = load("saving")
    sealed(load, tmp_path / "model.previous", "old")
    (tmp_path / "model.unfinished").mkdir()
    saving.settle(tmp_path / "model")
    assert (tmp_path / "model/model").read_text() == "old"


def test_the_model_before_the_last_one_stays_until_the_next_is_saved(load: Any, tmp_path: Path) -> None:
    """A better model is not gone with a worse one in its place; and one that somebody removes does not come back."""
    saving, folder = load("saving"), tmp_path / "model"
    for before, text in ((None, "first"), ("first", "second"), ("second", "third")):
        unfinished = saving.start_version(folder)
        (unfinished / "model").write_text(text)
        saving.seal(unfinished, {})
        saving.put_in_place(folder)
        assert (folder / "model").read_text() == text
        assert saving.find_flaw(folder) is None
        kept = tmp_path / "model.previous/model"
        assert (kept.read_text() if kept.exists() else None) == before
    shutil.rmtree(folder)
    saving.settle(folder)
    assert not folder.exists()


def test_rows_have_one_fingerprint_however_they_were_read(load: Any, tmp_path: Path) -> None:
    from datasets import Dataset, concatenate_datasets, load_dataset

    fingerprint = load("provenance").fingerprint
    rows = Dataset.from_list([{"a": f"text {number}", "n": number, "v": [0.5] * (number % 3)} for number in range(50)])
    rows.to_parquet(tmp_path / "rows.parquet", batch_size=7)
    again = load_dataset("parquet", data_files=str(tmp_path / "rows.parquet"), split="train", cache_dir=str(tmp_path))
    pieces = concatenate_datasets([rows.select(range(13)), rows.select(range(13, 50))])
    assert fingerprint(rows) == fingerprint(again) == fingerprint(pieces)
    others = [
        rows.select([*range(49)]),
        rows.select([1, 0, *range(2, 50)]),
        rows.rename_column("a", "b"),
        rows.map(lambda row: {"n": row["n"] + (row["n"] == 49)}),
        rows.map(lambda row: {"v": [*row["v"][:1], *(0.25 for _ in row["v"][1:])]}),
    ]
    assert len({fingerprint(other) for other in [rows, *others]}) == len(others) + 1


# --- two runs in one folder ------------------------------------------------------------------------------------------


def test_the_second_of_two_runs_says_who_is_there(killed: Place, made: Path) -> None:
    first = Started(killed.repo, "train", *killed.arguments("--resume"), said=killed.folder / "first")
    with running(first):
        lock = killed.output / "checkpoints/run.lock"
        while f"process {first.process.pid} " not in lock.read_text():
            assert first.process.is_alive()
        code, said = killed.run("train", "--resume")
        assert code == 1
        assert re.fullmatch(
            f"train: {re.escape(str(killed.output))}/checkpoints is in use by train.py, process {first.process.pid} on "
            rf"{re.escape(socket.gethostname())}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d; wait until that has ended, or end it",
            last_line(said),
        )
    code, said = killed.run("train", "--resume")  # the kill has set the folder free
    assert code == 0, said
    require_equal_weights(killed, made)


def test_a_trial_and_a_measurement_can_run_beside_a_training(whole: Place) -> None:
    first = Started(whole.repo, "train", *whole.arguments(), said=whole.folder / "first")
    with running(first):
        wait_for(whole.checkpoint(2) / "scheduler.pt", first)
        code, said = whole.run("evaluate")
        assert code == 0, said
        code, said = first.end()
        assert code == 0, said


def test_processes_that_are_launched_together_hold_a_folder_together(load: Any, tmp_path: Path) -> None:
    hold = load("saving").hold
    with pytest.MonkeyPatch().context() as patch:
        patch.setenv("RANK", "1")
        with hold(tmp_path / "new"):
            assert not (tmp_path / "new").exists()


def test_a_disk_without_locks_is_told_of(load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load("saving")

    def refuse(*given: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "lockf", refuse)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), module.hold(tmp_path):
        pass
    assert "Operation not supported" in printed.getvalue()


UNLOCKABLE = '''"""Holds a folder on a disk whose system knows no locks, until it is told to go on."""

import fcntl
import pathlib
import sys

disk, number = sys.argv[1], int(sys.argv[2])
given = fcntl.lockf


def lockf(file, *options):
    if file.name.startswith(disk):
        raise OSError(number, "no locks")
    return given(file, *options)


fcntl.lockf = lockf
import saving

with saving.hold(pathlib.Path(disk)):
    print("held", flush=True)
    sys.stdin.readline()
'''


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP], ids=["NFS", "Lustre", "FUSE"])
def test_on_a_disk_without_locks_runs_of_one_machine_are_kept_apart(number: int, made: Path, tmp_path: Path) -> None:
    """A file of the machine's own stands for the folder; it is told that those of other machines aren't kept away."""
    (tmp_path / "unlockable.py").write_text(UNLOCKABLE)
    command = [sys.executable, str(tmp_path / "unlockable.py"), str(tmp_path / "disk"), str(number)]
    environment = os.environ | {"PYTHONPATH": str(made / "repo"), "TMPDIR": str(tmp_path)}

    def start() -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=environment, text=True, **pipes)

    with start() as first:
        assert first.stdout is not None
        said = first.stdout.readline()
        assert "no lock on" in said
        assert "runs of this machine are kept apart; see to it that none of another writes there" in said
        assert first.stdout.readline() == "held\n"
        with start() as second:
            _, refused = second.communicate("", timeout=60)
        assert second.returncode == 1
        assert f"is in use by unlockable.py, process {first.pid} on " in refused
        first.kill()  # as a kill leaves it: nothing is to be cleaned up
    with start() as third:
        said, _ = third.communicate("\n", timeout=60)
    assert third.returncode == 0
    assert "held" in said


# --- models that can't be loaded -------------------------------------------------------------------------------------

BROKEN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing": (shutil.rmtree, "there is no trained model in {}; run train.py first"),
    "cut off": (cut("model.safetensors"), r"the model in {} is incomplete: model.safetensors has [\d,]+ bytes of"),
    "no tokenizer": (remove("tokenizer.json"), "the model in {} is incomplete: tokenizer.json is missing; run"),
    "no list": (remove("modules.json"), "the model in {} is incomplete: modules.json is missing; run"),
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "copied"])
def test_measuring_a_model_that_is_not_whole_ends_in_a_sentence(fault: str, sealed: bool, whole: Place) -> None:
    harm, reason = BROKEN[fault]
    folder = whole.output / MODEL
    if not sealed:
        (folder / "seal.json").unlink()
    harm(folder)
    code, said = whole.run("evaluate")
    assert "Traceback" not in said
    if not sealed and fault != "missing":
        assert f"warning: {folder} has no seal.json, so nothing tells whether all of its files are there" in said
    if not sealed and fault == "no tokenizer":
        return  # the library makes one of its own and says nothing, as it does for every model
    assert code == 1
    if not sealed and fault == "cut off":
        assert last_line(said).startswith(f"model: the model in {folder} can't be loaded: ")
    else:
        assert re.match("model: " + reason.format(re.escape(str(folder))), last_line(said))
    assert not (whole.output / "results/metrics.json").exists()


@pytest.mark.parametrize("fault", ["cut off", "missing"])
def test_a_base_that_is_not_whole_is_told_in_a_sentence(fault: str, whole: Place) -> None:
    harm = BROKEN[fault][0]
    harm(Path(whole.base))
    for name in ("train", "evaluate"):
        code, said = whole.run(name)
        assert code == 1
        assert "Traceback" not in said
        assert f"model: {whole.base} can't be loaded; is there a typo, a file that is cut off, or no network?" in said


def test_rows_that_have_changed_since_the_training_are_told(whole: Place) -> None:
    code, said = whole.run("evaluate")
    assert code == 0, said
    assert "changed since the model was trained" not in said
    other_data(whole)
    code, said = whole.run("evaluate")
    assert code == 0, said
    assert "The rows of train have changed since the model was trained: train it anew." in said


def test_figures_of_one_model_are_not_written_into_another(whole: Place) -> None:
    """train.py puts a new model there while the old one is measured."""
    with repos.modules(whole.repo) as load, contextlib.redirect_stdout(io.StringIO()):
        evaluate, saving = load("evaluate"), load("saving")
        examine = evaluate.measure.score_model

        def replaced(*given: Any) -> Any:
            saving.seal(whole.output / MODEL, {"another": "run"})
            return examine(*given)

        evaluate.measure.score_model = replaced
        with pytest.raises(SystemExit, match=r"evaluate: train\.py has put another model"):
            evaluate.main(whole.arguments())
    assert not (whole.output / "results/metrics.json").exists()


# --- every kind of repo ----------------------------------------------------------------------------------------------

matrix = pytest.mark.matrix
KINDS = [
    pytest.param("dense", "static", "pair", {}, id="static"),
    pytest.param("dense", "transformer", "pair", {"lora": {"r": 4}}, id="lora", marks=matrix),
    pytest.param("dense", "router", "pair", {"dimensions": 16}, id="router", marks=matrix),
    pytest.param("dense", "transformer", "pair-class", {}, id="loss with weights"),
    pytest.param("dense", "transformer", "damaged-pair", {}, id="loss with a decoder", marks=matrix),
    pytest.param("dense", "transformer", "tension-pair", {}, id="loss with a second model", marks=matrix),
    pytest.param("dense", "transformer", "duplicated-pair", {}, id="loss with a second model and a batch"),
    pytest.param("cross-encoder", "transformer", "list", {}, id="cross-encoder"),
    pytest.param("sparse", "splade", "triplet", {}, id="sparse", marks=matrix),
    pytest.param("sparse", "csr", "triplet", {}, id="csr", marks=matrix),
    pytest.param("sparse", "inference-free", "pair", {}, id="inference-free", marks=matrix),
    pytest.param("multi-vector", "transformer", "triplet", {}, id="multi-vector", marks=matrix),
]


LOSSES = {
    "damaged-pair": "DenoisingAutoEncoderLoss",
    "tension-pair": "ContrastiveTensionLoss",
    "duplicated-pair": "ContrastiveTensionLossInBatchNegatives",
}


@pytest.mark.parametrize(("model", "architecture", "format", "keys"), KINDS)
def test_every_kind_of_model_is_resumed(
    model: str, architecture: str, format: str, keys: dict[str, Any], tmp_path: Path
) -> None:
    """A run is known again by another process, goes on, and ends with the same weights."""
    case = Case(model, architecture, LOSSES.get(format, "auto"), format, keys=keys)
    (tmp_path / "repo").mkdir()
    samples.write(tmp_path / "data", case.source)
    spec = repos.spec_of(case, "../data")
    spec["train"] |= {"epochs": 2, "evaluate_every": 2, "keep": 9, "group_by_length": model == "cross-encoder"}
    repos.write_repo(spec, tmp_path / "repo")
    resume(tmp_path)


def test_patience_goes_on_where_it_was(tmp_path: Path) -> None:
    """A run that gets worse is stopped after as many evaluations as if nobody had killed it."""
    (tmp_path / "repo").mkdir()
    samples.write(tmp_path / "data", "pair")
    spec = repos.spec_of(Case("dense", "static", "auto", "pair"), "../data")
    spec["train"] |= {"epochs": 9, "warmup": 0, "evaluate_every": 1, "early_stopping": 3, "keep": 9}
    repos.write_repo(spec, tmp_path / "repo")
    Place(tmp_path).change("measure.py", "float(values.mean())", "float(values.mean()) - steps")
    resume(tmp_path)
    assert Place(tmp_path).checkpoint(4).exists()


def test_several_sets_are_resumed(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    spec = repos.spec_of(Case("dense", "transformer", "auto", "pair"), "")
    spec["data"] = []
    for name in ("pair", "pair-score"):
        samples.write(tmp_path / name, name)
        files = {split: f"../{name}/{split}.jsonl" for split in ("train", "eval", "test")}
        spec["data"].append({"name": name.replace("-", "_"), **files, "columns": samples.COLUMNS[name], "weight": 1})
    spec["train"] |= {"epochs": 1, "evaluate_every": 2, "keep": 9}
    repos.write_repo(spec, tmp_path / "repo")
    resume(tmp_path)
    scores = tmp_path / "pair-score/train.jsonl"
    scores.write_text(scores.read_text().replace('"s": 5', '"s": 4'))
    code, said = Place(tmp_path).run("train", "--resume")
    assert code == 1
    assert "pair_score train rows changed" in last_line(said)


def test_a_stream_is_resumed(tmp_path: Path) -> None:
    make(tmp_path / "repo", rows=8, train={"steps": 6, "evaluate_every": 2, "keep": 9})
    (tmp_path / "repo/base.txt").write_text("../base")
    resume(tmp_path)
    with (tmp_path / "repo/train-1.jsonl").open("a") as file:
        file.write('{"a": "one more", "p": "one more"}\n')
    code, said = Place(tmp_path).run("train", "--resume")
    assert code == 1
    assert "train file rows changed" in last_line(said)


def resume(folder: Path) -> None:
    """Train, take the last checkpoint and the model away as a kill would have, and go on."""
    place = Place(folder)
    if (place.repo / "prepare.py").exists():
        assert call(place.repo, "prepare", said=folder / "said")[0] == 0
    code, said = place.run()
    assert code == 0, said
    code, said = place.run("train", "--resume")
    assert (code, "nothing is left to train" in said) == (0, True), said
    wanted = {path: load_file(path) for path in (place.output / "models").rglob("*.safetensors")}
    assert wanted
    shutil.rmtree(place.output / "models")
    steps = sorted(int(path.name.partition("-")[2]) for path in (place.output / "checkpoints").glob("checkpoint-*"))
    shutil.rmtree(place.checkpoint(steps[-1]))
    code, said = place.run("train", "--resume")
    assert code == 0, said
    assert f"Training goes on from {place.checkpoint(steps[-2])}" in said
    assert place.checkpoint(steps[-1]).exists()
    assert not list((place.output / "checkpoints").glob(f"checkpoint-{steps[-1] + 1}"))
    for path, weights in wanted.items():
        found = load_file(path)
        assert all((found[name] == weights[name]).all() for name in weights)


def test_a_comparison_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    """Its runs are the losses' own, each in a folder of its own."""
    (tmp_path / "repo").mkdir()
    samples.write(tmp_path / "data", "triplet")
    spec = repos.spec_of(Case("dense", "transformer", "auto", "triplet"), "../data")
    spec["train"] |= {"epochs": 2, "evaluate_every": 2}
    spec["compare"] = {"losses": ["auto", "TripletLoss"], "seeds": [1]}
    repos.write_repo(spec, tmp_path / "repo")
    place = Place(tmp_path)
    started = Started(place.repo, "compare", *place.arguments(), said=tmp_path / "said")
    with running(started):
        wait_for(place.output / "runs/MultipleNegativesRankingLoss-1/checkpoints/checkpoint-2/seal.json", started)
        code, said = call(place.repo, "compare", *place.arguments(), said=tmp_path / "second")
        assert code == 1
        assert (
            f"compare: {place.output / 'runs'} is in use by compare.py, process {started.process.pid} on"
            in last_line(said)
        )
    code, said = place.run("compare")
    assert code == 0, said
    assert "Training goes on from" in said
    results = json.loads((place.output / "results/compare.json").read_text())
    assert len(results["losses"]) == 2
    assert not results["failed"]


# --- what the README says --------------------------------------------------------------------------------------------

TRUSTED = 'model = { type = "dense", base = "some/model", trust_remote_code = true }\n'


def test_the_readme_says_whose_code_runs() -> None:
    text = tree_of(TRUSTED)["README.md"].text
    assert "## Code from the base model's repository" in text
    assert "No revision is pinned" in text
    assert "trust_remote_code" not in tree_of("")["README.md"].text
    pinned = tree_of(TRUSTED.replace("true }", 'true, revision = "abc123" }'))["README.md"].text
    assert "It is pinned to the revision `abc123`" in pinned
    assert "No revision is pinned" not in pinned
