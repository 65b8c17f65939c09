"""Whole processes in CPU time, as multiples of a bare `python -c pass` in the same run, beside cookiecutter and copier.

In a clean environment, so that the wheel is what is measured:

    python -m venv /tmp/clean && /tmp/clean/bin/pip install --upgrade pip && /tmp/clean/bin/pip install . copier
    /tmp/clean/bin/python tests/benchmark/run.py > tests/benchmark/RESULTS.md
The `stgen` program is pip's, and older releases of pip write one that imports `re`: with them `--version` takes 1.6.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

BIN = Path(sys.executable).parent
SPEC = """\
stgen = 1

[project]
name = "benchmark {number}"

[model]
type = "dense"
base = "sentence-transformers/all-MiniLM-L6-v2"
prompts = {{ query = "query {number}: " }}

[[data]]
train = "data/train.jsonl"
eval = {{ fraction = 0.05 }}
test = "data/test.jsonl"
columns = {{ anchor = "question", positive = "answer" }}
"""


class Row(NamedTuple):
    """One kind of process. `command` gets the number of the round; `aim` is in multiples of a bare Python."""

    name: str
    command: Callable[[int], list[str | Path]]
    aim: float | None = None


# Without compiled files every process would compile all that it imports, which no user's does.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")}


def cpu(command: list[str | Path], folder: Path) -> float:
    """Seconds of CPU, user and system, of a process and all that it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(folder: Path) -> list[Row]:
    stgen, cookiecutter, copier = BIN / "stgen", BIN / "cookiecutter", BIN / "copier"
    return [
        Row("`python -c pass`", lambda _: [sys.executable, "-c", "pass"]),
        Row("`stgen --version`", lambda _: [stgen, "--version"], 1.5),
        Row("`stgen compile`, nothing to do", lambda _: [stgen, "compile", "done/stgen.toml"], 3),
        Row("`stgen validate`", lambda _: [stgen, "validate", "one.toml"], 15),
        Row("`python -m stgen validate`", lambda _: [sys.executable, "-m", "stgen", "validate", "one.toml"]),
        Row("`stgen compile`, all files, formatted", lambda n: [stgen, "compile", "one.toml", "-o", f"new{n}"], 20),
        Row(
            "cookiecutter, as many files, not formatted",
            lambda n: [cookiecutter, "--no-input", "--output-dir", f"cookies{n}", folder / "cookie"],
        ),
        Row(
            "copier, as many files, not formatted",
            lambda n: [copier, "copy", "--defaults", "--quiet", folder / "copy", f"copies{n}"],
        ),
    ]


def prepare(folder: Path, specs: int) -> int:
    """Lay out specs, compiled repos and the templates of the others. Returns the number of files of a repo."""
    (folder / "one.toml").write_text(SPEC.format(number=1))
    (folder / "done").mkdir()
    (folder / "done/stgen.toml").write_text(SPEC.format(number=1))
    many = folder / "many"
    many.mkdir()
    for number in range(specs):
        (many / f"spec{number}.toml").write_text(SPEC.format(number=number))
    names = [f"spec{number}.toml" for number in range(specs)]
    subprocess.run([BIN / "stgen", "compile", "--quiet", "done/stgen.toml"], cwd=folder, check=True)
    subprocess.run([BIN / "stgen", "compile", "--quiet", *names], cwd=many, check=True)
    files = sorted(path for path in (many / "spec0").rglob("*") if path.is_file())
    for path in files:
        name = path.relative_to(many / "spec0")
        lay_out(folder / "cookie" / "{{cookiecutter.name}}" / name, path, "{{ cookiecutter.name }}")
        lay_out(folder / "copy" / f"{name}.jinja", path, "{{ name }}")
    (folder / "cookie/cookiecutter.json").write_text(json.dumps({"name": "benchmark"}))
    (folder / "copy/copier.yml").write_text("name:\n  type: str\n  default: benchmark\n")
    return len(files)


def lay_out(target: Path, source: Path, variable: str) -> None:
    """A file of a compiled repo as a template, with a variable at its top."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"# {variable}\n{{% raw %}}{source.read_text()}{{% endraw %}}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=21, help="runs of each process, one after the other (21)")
    parser.add_argument("--specs", type=int, default=200, help="specs checked in one process (200)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        files = prepare(folder, options.specs)
        kinds = rows(folder)
        seconds: dict[str, list[float]] = {row.name: [] for row in kinds}
        for number in range(-1, options.rounds):  # the first round warms caches and isn't counted
            for row in kinds:
                taken = cpu(row.command(number), folder)
                if number >= 0:
                    seconds[row.name].append(taken)
        check = [BIN / "stgen", "check", "--quiet", *(f"spec{number}.toml" for number in range(options.specs))]
        many = statistics.median(cpu(check, folder / "many") for _ in range(5))
        shutil.rmtree(folder, ignore_errors=True)
    report(kinds, seconds, files, many / options.specs, options)


def report(
    kinds: list[Row], seconds: dict[str, list[float]], files: int, each: float, options: argparse.Namespace
) -> None:
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    bare = medians[kinds[0].name]
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("stgen", "pydantic", "jinja2", "ruff", "cookiecutter", "copier")
    )
    print("# What stgen costs\n")
    print(
        f"CPU time of whole processes (user and system, children included), medians of {options.rounds} rounds in turn."
    )
    print(f"The repo has {files} files. Python {platform.python_version()}, {os.cpu_count()} cores; {versions}.")
    print("Made by `tests/benchmark/run.py`.\n")
    print("| process | ms | times a bare Python | aim |")
    print("| --- | ---: | ---: | ---: |")
    for row in kinds:
        aim = f"{row.aim:g}" if row.aim else ""
        print(f"| {row.name} | {medians[row.name] * 1000:.1f} | {medians[row.name] / bare:.2f} | {aim} |")
    print(f"| `stgen check` of {options.specs} specs, each | {each * 1000:.2f} | {each / bare:.2f} | 5 ms |")


if __name__ == "__main__":
    main()
