"""Kills prepare.py at any moment, and holds what is left against the rule: all of the old rows or all of the new ones.

    python tests/attack/kill_prepare.py --kills 200

A repo is prepared under one spec and data, gets others, and its prepare.py is killed: half of the times after a part of
the time that it takes, half of the times at one of its disk operations. Then no reader may see rows of two settings, what
is read must be new or be refused, and prepare.py must end with the bytes of a run that nobody disturbed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from cleaning import spec_of as cleaned_spec
from conversions import compile_to, write_lines
from conversions import spec_of as converted_spec
from matrix import bases, repos
from matrix.samples import sentence

OPERATIONS = ("replace", "rename", "unlink", "mkdir", "rmdir", "fsync", "open")
SAID = Path(tempfile.gettempdir(), f"kill_prepare-{os.getpid()}.txt")  # what the last child printed
PATIENCE = 300  # seconds until a process that does not end is ended
REFUSED = "run `python prepare.py`"


class Kind(NamedTuple):
    """A repo that is prepared: what makes it under each of two settings, and what it is read by."""

    name: str
    make: Callable[[Path, int], None]
    sets: tuple[str, ...] = ("",)
    splits: tuple[str, ...] = ("train", "eval", "test")


def write_pairs(folder: Path, setting: int) -> None:
    """Write training rows of which some repeat others, other rows for each setting."""
    rows = [{"anchor": sentence(n, "a"), "positive": sentence(n + setting, "the")} for n in range(60 + 7 * setting)]
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(folder / "train.jsonl", [*rows, *rows[:5], {"anchor": "short", "positive": "short"}])


def make_cleaned(repo: Path, setting: int) -> None:
    write_pairs(repo, setting)
    steps = {"length": {"min": 2 + setting}, "normalize": {"case": "lower"}, "deduplicate": {"near": 0.9}}
    held = {"eval": {"fraction": 0.2 + setting / 10}, "test": {"rows": 10}}
    compile_to(cleaned_spec("pair", steps, **held), repo)


def make_mined(repo: Path, setting: int) -> None:
    write_pairs(repo, setting)
    loss = {"convert": [{"to": "n-tuple", "mine": {"negatives": 1 + setting, "range_min": 0}}]}
    files = {"train": "train.jsonl", "eval": {"fraction": 0.2}, "test": {"fraction": 0.2}}
    columns = {"columns": {"anchor": "anchor", "positive": "positive"}}
    compile_to(converted_spec("pair", "dense", loss, **files, **columns), repo)


def make_several(repo: Path, setting: int) -> None:
    spec = cleaned_spec("pair", {"deduplicate": {"exact": True}}, eval={"fraction": 0.2}, test={"fraction": 0.2})
    (one,) = spec["data"]
    sets = []
    for name in ("first", "second"):
        write_pairs(repo / name, setting)
        sets.append(one | {"name": name, "train": f"{name}/train.jsonl"})
    compile_to(spec | {"data": sets}, repo)


def make_compared(repo: Path, setting: int) -> None:
    """Write the training rows in the form of another loss, too."""
    repo.mkdir(parents=True, exist_ok=True)
    numbers = range(60 + 7 * setting)
    rows = [{"first": sentence(n, "a"), "second": sentence(n, "the"), "same": (n + setting) % 2} for n in numbers]
    write_lines(repo / "train.jsonl", rows)
    columns = {"columns": {"text_1": "first", "text_2": "second", "binary": "same"}}
    held = {"eval": {"fraction": 0.2 + setting / 10}, "test": {"rows": 10}}
    spec = cleaned_spec("score", {"length": {"min": 2}}, **held, **columns)
    compile_to(spec | {"compare": {"losses": ["ContrastiveLoss", "CoSENTLoss"]}}, repo)


KINDS = (
    Kind("cleaned", make_cleaned),
    Kind("several sets", make_several, sets=("first", "second")),
    Kind("mined", make_mined),
    Kind("other rows", make_compared, splits=("train", "eval", "test", "train-pair-score")),
)


# --- what runs in a process of its own ----------------------------------------------------------------------------------


def in_child(work: Callable[[], None], kill_after: float | None = None) -> int:
    """Run something in a process of its own, and kill that after so many seconds; return how it ended."""
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        with SAID.open("w") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def prepare(repo: Path, kill_at: int | None = None, counted: Path | None = None) -> None:
    """Run prepare.py; die at the disk operation of that number, or write down how many there were."""
    from datasets.utils.logging import disable_progress_bar

    disable_progress_bar()
    done = [0]
    with repos.modules(repo) as load:
        program = load("prepare")
        watch(done, kill_at)
        assert program.main([]) == 0
    if counted:
        counted.write_text(str(done[0]))


def watch(done: list[int], kill_at: int | None) -> None:
    """Count the operations that change the disk, and die at one of them."""
    for name in OPERATIONS:
        real = getattr(os, name)

        def counting(*arguments: Any, _real: Callable[..., Any] = real, **options: Any) -> Any:
            done[0] += 1
            if done[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return _real(*arguments, **options)

        setattr(os, name, counting)


def load_all(repo: Path, splits: tuple[str, ...], into: Path) -> None:
    """Read all splits as train.py does, and write down their rows, or why they are refused."""
    try:
        with repos.modules(repo) as load:
            rows = {split: rows_of(load("data").load(split)) for split in splits}
    except SystemExit as reason:
        into.write_text(json.dumps({"refused": str(reason)}))
    else:
        into.write_text(json.dumps(rows))


def rows_of(loaded: Any) -> Any:
    """The rows of a split, or of each set's."""
    return {name: rows.to_list() for name, rows in loaded.items()} if isinstance(loaded, dict) else loaded.to_list()


# --- what it left ---------------------------------------------------------------------------------------------------------


def wrote(repo: Path, kind: Kind) -> dict[str, dict[str, str]]:
    """For each set, the hashes of the files that count, wherever they lie; the times of steps aside."""
    found: dict[str, dict[str, str]] = {}
    for name in kind.sets:
        files = {
            path.name: path for path in standing(repo, name).glob("*") if path.suffix in (".parquet", ".jsonl", ".tsv")
        }
        found[name] = {one: hashlib.sha256(file.read_bytes()).hexdigest() for one, file in sorted(files.items())}
    return found


def standing(repo: Path, name: str) -> Path:
    """The folder of rows that counts: the next one where it is sealed and the last one has made room for it."""
    rows = repo / "prepared" / name / "rows"
    sealed = rows.with_name("rows.unfinished")
    seal = sealed / "seal.json"
    return sealed if not rows.exists() and seal.exists() and seal.stat().st_size else rows


def replace_programs(source: Path, repo: Path) -> None:
    """Give a repo the programs and the data of another, and leave what it prepared."""
    for path in source.iterdir():
        if path.name in ("prepared", "results"):
            continue
        if path.is_dir():
            shutil.copytree(path, repo / path.name, dirs_exist_ok=True)
        else:
            shutil.copy2(path, repo / path.name)


class Whole(NamedTuple):
    """What undisturbed runs make of the two settings of a kind."""

    repos: tuple[Path, Path]
    files: tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]
    rows: dict[str, Any]  # of the new setting
    seconds: float
    operations: int


def undisturbed(kind: Kind, folder: Path) -> Whole:
    """Prepare both settings undisturbed."""
    old, new = (folder / f"{kind.name}-{setting}".replace(" ", "-") for setting in (0, 1))
    for setting, repo in enumerate((old, new)):
        kind.make(repo, setting)
        started = time.monotonic()
        assert in_child(partial(prepare, repo, counted=folder / "count")) == 0, SAID.read_text()
        seconds = time.monotonic() - started
    files = wrote(old, kind), wrote(new, kind)
    assert all(files[0][name] != files[1][name] for name in kind.sets)
    rows, operations = read_in_child(new, kind, folder), int((folder / "count").read_text())
    return Whole((old, new), files, rows, seconds, operations)


def read_in_child(repo: Path, kind: Kind, folder: Path) -> dict[str, Any]:
    assert in_child(partial(load_all, repo, kind.splits, folder / "rows.json")) == 0, SAID.read_text()
    return json.loads((folder / "rows.json").read_text())  # type: ignore[no-any-return]


def kill(repo: Path, whole: Whole, draw: random.Random, by_moment: bool) -> str:
    """Prepare the new setting where the old one is prepared, until a run is killed before it ends; return when it was."""
    while True:
        shutil.rmtree(repo, ignore_errors=True)
        shutil.copytree(whole.repos[0], repo)
        replace_programs(whole.repos[1], repo)
        if by_moment:
            how, code = "after a time", in_child(partial(prepare, repo), draw.random() * whole.seconds)
        else:
            at = draw.randrange(1, whole.operations + 1)
            how, code = "at a disk operation", in_child(partial(prepare, repo, kill_at=at))
        assert code in (0, -signal.SIGKILL), SAID.read_text()
        if code:
            return how


def judge(kind: Kind, whole: Whole, repo: Path, folder: Path) -> tuple[str, list[str]]:
    """Return which rows count after a kill, and what is wrong with them or with the next run."""
    after = wrote(repo, kind)
    states = {
        name: next(
            (state for state, files in zip(("old", "new"), whole.files, strict=True) if files[name] == found), "mixed"
        )
        for name, found in after.items()
    }
    faults = [f"files of two settings in {name or 'prepared/'}" for name, state in states.items() if state == "mixed"]
    read = read_in_child(repo, kind, folder)
    if "refused" in read and REFUSED not in read["refused"]:
        faults.append(f"refused, and not because of what changed: {read['refused']}")
    elif "refused" in read and set(states.values()) == {"new"}:
        faults.append(f"new rows are refused: {read['refused']}")
    elif "refused" not in read and read != whole.rows:
        faults.append("rows are read that are not those of the data and the programs")
    if in_child(partial(prepare, repo)) != 0:
        faults.append(f"prepare.py does not end any more: {SAID.read_text()}")
    elif wrote(repo, kind) != whole.files[1]:
        faults.append("prepare.py ends with other bytes than undisturbed")
    if left := [path.name for name in kind.sets for path in (repo / "prepared" / name).glob("rows.*")]:
        faults.append(f"{left} is left")
    return " and ".join(sorted(set(states.values()))), faults


def attack(kills: int, seed: int = 0, kinds: tuple[Kind, ...] = KINDS) -> Iterator[tuple[str, str, str, list[str]]]:
    """Kill so often; give for each time what was killed, when, what counted afterwards, and what is wrong with it."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        os.environ["HF_DATASETS_CACHE"] = str(folder / "cache")
        import datasets  # noqa: F401  # once, for all children
        import sentence_transformers  # noqa: F401

        assert in_child(partial(bases.build, folder / "bases" / "dense", "BertModel")) == 0, SAID.read_text()
        wholes = {kind.name: undisturbed(kind, folder) for kind in kinds}
        for number in range(kills):
            kind = kinds[number % len(kinds)]
            how = kill(folder / "victim", wholes[kind.name], draw, by_moment=number // len(kinds) % 2 == 0)
            yield kind.name, how, *judge(kind, wholes[kind.name], folder / "victim", folder)


def main() -> int:
    """Attack, and print a table; return 1 where a fault was found."""
    parser = argparse.ArgumentParser(description="Kill prepare.py at any moment.")
    parser.add_argument("--kills", type=int, default=200, help="how often")
    parser.add_argument("--seed", type=int, default=0, help="decides on the moments")
    options = parser.parse_args()
    table: Counter[tuple[str, str, str]] = Counter()
    found = 0
    for what, how, state, faults in attack(options.kills, options.seed):
        table[what, how, state] += 1
        found += bool(faults)
        for fault in faults:
            print(f"{what}, killed {how}: {fault}", flush=True)
    print("| what | killed | rows that count afterwards | times |\n| --- | --- | --- | --- |")
    for (what, how, state), times in sorted(table.items()):
        print(f"| {what} | {how} | {state} | {times} |")
    print(f"{options.kills} kills, {found} with a fault")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
