"""Attacks `stgen update`: kills real processes while they write, and updates as people do; prints a table of what it tried.

    python tests/attack/kill_update.py [--kills 300] [--updates 300] [--seed 0]

A kill is a fault where an edit is gone, where the next commands don't end in what the undisturbed update ends in, or where
anything is left of the killed one. An honest update is a fault where it is refused, or where an edit is gone. Exits with 1
where there is a fault.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "compiler"), str(ROOT / "tests")]

from commandline import stgen  # noqa: E402
from disks import Disk, on, state  # noqa: E402
from stgen.disk.fresh import LOCK_PATH  # noqa: E402
from stgen.disk.three_way import BEGINS, BETWEEN, ENDS  # noqa: E402

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path[:2]), "PYTHONDONTWRITEBYTECODE": "1"}
SPEC = """\
stgen = 1

[project]
name = "questions"

[model]
type = "dense"
base = "sentence-transformers/all-MiniLM-L6-v2"

[[data]]
train = "data/train.jsonl"
columns = { anchor = "question", positive = "answer" }

[train]
"""
TABLES = (
    "",
    "[metrics]\nmonitor = []\n",
    "[loss]\nmatryoshka = [256, 128]\n",
    "[compare]\nseeds = [1, 2]\n",
    "[prepare]\ndeduplicate = { exact = true }\n",
)
HARDWARE = ("", '[hardware]\naccelerator = "cpu"\n', '[hardware]\nlauncher = "slurm"\n')
EDITED = ("train.py", "data.py", "model.py", "evaluate.py", "README.md", "monitor.py", "prepare.py", "pyproject.toml")
LATEST = 160  # calls that change the disk in the longest update, about


def spec(draw: random.Random) -> str:
    """A spec: some settings of the training, and up to two tables."""
    keys = f"batch_size = {2 ** draw.randrange(3, 9)}\nepochs = {draw.randrange(1, 6)}\nlearning_rate = {draw.randrange(1, 9)}e-5\n"
    return SPEC + keys + draw.choice(HARDWARE) + "".join(draw.sample(TABLES, draw.randrange(3)))


def edit(folder: Path, draw: random.Random, tag: str) -> dict[str, str]:
    """Edit some generated files as a person does; each edit is a line that nobody else writes. Path -> that line."""
    made: dict[str, str] = {}
    for name in draw.sample(EDITED, draw.randrange(1, 4)):
        if not (folder / name).exists():
            continue
        lines = (folder / name).read_text().split("\n")
        at = draw.randrange(len(lines))
        made[name] = f"# by hand: {tag} {draw.randrange(10**9)}"
        if draw.random() < 0.5:
            lines[at] = made[name]
        else:
            lines.insert(at, made[name])
        (folder / name).write_text("\n".join(lines))
    return made


def lost(folder: Path, edits: dict[str, str]) -> list[str]:
    """The files whose edits are gone."""
    return [name for name, line in edits.items() if line not in (folder / name).read_text()]


# --- kills ------------------------------------------------------------------------------------------------------------


def run_and_die(folder: str, number: str) -> None:
    """What a child process does: an update that kills itself at the numbered call which changes the disk."""
    import pytest

    os.chdir(folder)
    with pytest.MonkeyPatch.context() as patch:
        when = "before" if int(number) % 2 else "after"
        on(patch, Disk(int(number) // 2, lambda: os.kill(os.getpid(), signal.SIGKILL), when))
        stgen("update")


def kill_at_a_call(folder: Path, draw: random.Random, command: str) -> bool:
    """Kill a process at a random call; whether it came to that."""
    del command  # the child knows one
    child = [sys.executable, __file__, "--child", str(folder), str(draw.randrange(2, 2 * LATEST))]
    return subprocess.run(child, env=ENVIRONMENT, capture_output=True, check=False).returncode == -signal.SIGKILL


def kill_at_a_time(folder: Path, draw: random.Random, command: str) -> bool:
    """Kill a process of the program itself, some moments after it began to write; whether it was still there."""
    child = [sys.executable, "-m", "stgen", command]
    with subprocess.Popen(child, cwd=folder, env=ENVIRONMENT, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not (folder / ".stgen/writer").exists():
            time.sleep(0.0005)
        time.sleep(draw.random() * 0.06)
        process.kill()
        return process.wait() == -signal.SIGKILL


def what_is_left(folder: Path, before: dict[str, object], after: dict[str, object]) -> str:
    if (folder / ".stgen/journal").exists():
        return "half written"
    if state(folder) == after:
        return "as if it had ended"
    return "nothing changed" if state(folder) == before else "something of its own left"


def attack_by_killing(kills: int, draw: random.Random, table: Counter[str], faults: list[str]) -> None:
    """Kill updates, let the next commands come, and compare with an undisturbed one."""
    done = 0
    while done < kills:
        with tempfile.TemporaryDirectory(prefix="stgen-") as temporary:
            whole, folder = Path(temporary) / "whole", Path(temporary) / "killed"
            whole.mkdir()
            (whole / "stgen.toml").write_text(spec(draw))
            command(whole, "compile")
            edits = edit(whole, draw, "kill")
            (whole / "stgen.toml").write_text(spec(draw))
            shutil.copytree(whole, folder)
            before = state(folder)
            ended = command(whole, "update")
            how = draw.choice((kill_at_a_call, kill_at_a_time))
            if not how(folder, draw, "update"):
                continue
            done += 1
            label = f"killed at a {how.__name__.rpartition('_')[2]}: {what_is_left(folder, before, state(whole))}"
            table[label] += 1
            found = [f"edits of {lost(folder, edits)} are gone"] if lost(folder, edits) else []
            followed = follow(folder, draw, table)
            if not edits:
                ended = followed  # a compile finishes it as well
            if followed != ended:
                found.append(f"it ends with {followed} in place of {ended}")
            if state(folder) != state(whole):
                found.append("the end is another one")
            faults += [f"{label}, then {item}" for item in found]


def command(folder: Path, name: str) -> int:
    """Run a command in a folder, in this process."""
    os.chdir(folder)
    try:
        return stgen(name).code
    finally:
        os.chdir(ROOT)


def follow(folder: Path, draw: random.Random, table: Counter[str]) -> int:
    """What people do next: update; or look first; or compile; or kill that as well. Returns how the last update ends."""
    first = draw.choice(("update", "check", "compile", "kill"))
    table[f"then {first}" + ("" if first == "update" else ", then update")] += 1
    if first == "kill":
        kill_at_a_time(folder, draw, draw.choice(("compile", "update")))
    elif first != "update":
        command(folder, first)
    return command(folder, "update")


# --- honest updates ---------------------------------------------------------------------------------------------------


def attack_by_working(updates: int, draw: random.Random, table: Counter[str], faults: list[str]) -> None:
    """Change the spec, edit, update, commit or not, again and again; nothing may be refused, and no edit may go."""
    done = 0
    while done < updates:
        with tempfile.TemporaryDirectory(prefix="stgen-") as temporary:
            folder = Path(temporary)
            git = draw.choice(("no git", "git, never committed", "git, sometimes committed"))
            if git != "no git":
                subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
            (folder / "stgen.toml").write_text(spec(draw))
            command(folder, "compile")
            edits: dict[str, set[str]] = {}
            for turn in range(draw.randrange(3, 8)):
                if git.endswith("sometimes committed") and draw.random() < 0.4:
                    commit(folder)
                for name, line in edit(folder, draw, str(turn)).items():
                    edits.setdefault(name, set()).add(line)
                edits = {
                    name: {line for line in lines if line in (folder / name).read_text()}
                    for name, lines in edits.items()
                }
                (folder / "stgen.toml").write_text(spec(draw))
                os.chdir(folder)
                ended = stgen("update")
                os.chdir(ROOT)
                done += 1
                table[f"updates, {git}: " + ("conflicts, resolved by hand" if "STG308" in ended.err else "merged")] += 1
                codes = {word[6:12] for word in ended.err.split() if word.startswith("error[STG")} - {"STG308"}
                gone = [
                    name
                    for name, lines in edits.items()
                    if not all(line in (folder / name).read_text() for line in lines)
                ]
                faults += [f"an update is refused with {code}" for code in codes]
                faults += [f"an edit of {name} is gone" for name in gone]
                for name in EDITED:
                    resolve(folder / name)
            faults += [f"{name} is not what the spec says" for name in stale(folder, set(edits))]


def stale(folder: Path, edited: set[str]) -> list[str]:
    """The files that nobody edited and that are not what the spec compiles to."""
    with tempfile.TemporaryDirectory(prefix="stgen-") as temporary:
        fresh = Path(temporary)
        shutil.copy(folder / "stgen.toml", fresh)
        command(fresh, "compile")
        entries = json.loads((fresh / LOCK_PATH).read_text())["files"]
        owned = {name for name, entry in entries.items() if entry["policy"] == "owned"}
        return [name for name in owned - edited if (fresh / name).read_bytes() != (folder / name).read_bytes()]


def commit(folder: Path) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", *who, "commit", "-qm", "work", "--allow-empty"], cwd=folder, check=True)


def resolve(path: Path) -> None:
    """Keep both sides of each conflict, without the markers."""
    if path.exists():
        lines = path.read_text().split("\n")
        path.write_text("\n".join(line for line in lines if line not in (BEGINS, BETWEEN, ENDS)))


def main() -> int:
    """Attack, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--updates", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_and_die(*options.child)
        return 0
    draw, faults = random.Random(options.seed), []
    for title, attack, times in (
        ("kills of update", attack_by_killing, options.kills),
        ("honest updates", attack_by_working, options.updates),
    ):
        table: Counter[str] = Counter()
        found: list[str] = []
        attack(times, draw, table, found)
        print(f"{title}: {times} tried, {len(found)} faults")
        for label, count in sorted(table.items()):
            print(f"  {count:5}  {label}")
        for fault, count in Counter(found).most_common():
            print(f"  FAULT {count:5}  {fault}")
        faults += found
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
