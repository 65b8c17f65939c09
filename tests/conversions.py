"""What the tests of conversions share: small data files with groups in them, and repos compiled and prepared in this process."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from compiling import write_tree
from matrix import bases, repos, samples
from stgen.compile import plan_source
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.language.paths import Place
from stgen.plan.plan import Plan
from stgen.render.rendered import render_text
from stgen.render.rendering import render
from stgen.source.source import Source

ROWS = 48
STARTS = {"train": 0, "eval": 60, "test": 120}
BATCH = 8
NLI = {"column": "c", "names": ["neutral", "Contradiction", "ENTAILMENT"]}
# fmt: off
COLUMNS: dict[str, dict[str, Any]] = samples.COLUMNS | {
    "pair-class": {"text_1": "a", "text_2": "b", "class": NLI},
}
OPTIONS: dict[str, dict[str, Any]] = {  # template of a conversion, or `list` for one out of lists -> what its element of `convert` needs
    "mine": {"mine": {"negatives": 2, "range_min": 0, "model": "../bases/dense"}}, "threshold": {"threshold": 2.5}, "list": {"negatives": 2},
}
# fmt: on


def write_data(folder: Path, format: str) -> None:
    """Write train, eval and test rows of a format, in which anchors and premises occur several times."""
    folder.mkdir(parents=True, exist_ok=True)
    if format == "retrieval":
        write_retrieval(folder)
        return
    for split, start in STARTS.items():
        write_lines(folder / f"{split}.jsonl", [row(format, number, start) for number in range(ROWS)])


def row(format: str, number: int, start: int) -> dict[str, Any]:
    """One row; `start` sets the texts of the splits apart."""
    group = {"pair-class": 3, "pair-binary": 2, "triplet": 2, "n-tuple": 2}.get(format, 1)
    made = samples.row(format, start + number, bases.WIDTH) if format != "pair-class" else {}
    anchor = samples.sentence(start + number // group, "a")
    if format == "pair-class":
        made = {"a": anchor, "b": samples.sentence(start + number, "the"), "c": NLI["names"][number % 3]}
    if "a" in made:
        made["a"] = anchor
    return made


def write_retrieval(folder: Path) -> None:
    """Write the BEIR layout, with ids that only text keeps, several answers to a query, and judged wrong ones."""
    documents = [
        {"_id": f"00{n}", "title": samples.sentence(n, "a"), "text": samples.sentence(n, "the")} for n in range(150)
    ]
    write_lines(folder / "corpus.jsonl", documents)
    write_lines(folder / "queries.jsonl", [{"_id": f"0{n}", "text": samples.sentence(n, "this")} for n in range(150)])
    for split, start in STARTS.items():
        lines = ["query-id\tcorpus-id\tscore"]
        for number in range(start, start + 24):
            lines += [f"0{number}\t00{number}\t2", f"0{number}\t00{number + 1}\t1", f"0{number}\t00{number + 5}\t0"]
        (folder / f"{split}.tsv").write_text("\n".join(lines) + "\n")


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def spec_of(format: str, model: str, loss: dict[str, Any], **data: Any) -> dict[str, Any]:
    """A spec on the files that `write_data` wrote to ../data/FORMAT."""
    place = f"../data/{format}"
    if format == "retrieval":
        files = {name: f"{place}/{name}.jsonl" for name in ("corpus", "queries")}
        judged = {"qrels": f"{place}/train.tsv", "eval_qrels": f"{place}/eval.tsv", "test_qrels": f"{place}/test.tsv"}
        rows = {"retrieval": files | judged}
    else:
        rows = {split: f"{place}/{split}.jsonl" for split in STARTS} | {"columns": COLUMNS[format]}
    return {
        "stgen": 1,
        "project": {"name": "conversion"},
        "model": {"type": model, "base": "../bases/dense"},
        "data": [{name: value for name, value in (rows | data).items() if value is not None}],
        "loss": loss,
        "train": {"batch_size": BATCH, "learning_rate": 0.01, "warmup": 0},
        "hardware": {"accelerator": "cpu"},
    }


def plan_of(spec: dict[str, Any], repo: Path) -> tuple[Plan | None, list[Diagnostic]]:
    """Plan a spec as if it stood in a folder."""
    source = Source(str(repo / "stgen.json"), json.dumps(spec), "json", spec, spec)
    return plan_source(source, Place(str(repo), str(repo)))


def compile_to(spec: dict[str, Any], repo: Path) -> Plan:
    """Write the repo of a spec."""
    plan, found = plan_of(spec, repo)
    assert plan is not None, [f"{item.code} {item.message}; {item.help}" for item in found]
    write_tree(render(plan, render_text), repo)
    return plan


def convert_loss(source: str, target: str, template: str, needs: tuple[str, ...]) -> dict[str, Any]:
    """The [loss] table that accepts one conversion."""
    kind = "list" if source == "list" and target.startswith("n-tuple") else template
    element: Any = {"to": target, **OPTIONS[kind]} if kind in OPTIONS else target
    return {"convert": [element]} | ({"teacher": "../bases/dense"} if "teacher" in needs else {})


@contextlib.contextmanager
def program(repo: Path) -> Iterator[ModuleType]:
    """The prepare.py of a repo as a module, with data.py beside it."""
    with repos.modules(repo) as load:
        yield load("prepare")


def prepare(repo: Path, plan: Plan, *further: str) -> str:
    """Run prepare.py; return what it printed."""
    assert plan.sets[0].prepare is not None
    arguments = [[f"--{option.name}", str(repo / "../bases/dense")] for option in plan.sets[0].prepare.command]
    printed = io.StringIO()
    with program(repo) as module, contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        assert module.main([*(word for words in arguments for word in words), *further]) == 0
    return printed.getvalue()


def read(repo: Path, split: str) -> list[dict[str, Any]]:
    """The prepared rows of a split."""
    import pyarrow.parquet

    return pyarrow.parquet.read_table(repo / "prepared" / "rows" / f"{split}.parquet").to_pylist()


def columns(repo: Path, split: str) -> tuple[str, ...]:
    """The columns of a prepared split, in their order."""
    import pyarrow.parquet

    return tuple(pyarrow.parquet.read_schema(repo / "prepared" / "rows" / f"{split}.parquet").names)
