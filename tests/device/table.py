"""What the compiler expects of each case, and the table of it beside what was measured.

`python3 table.py CARD.json` plans a card's cases anew, after a change of the memory model, and writes its table.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from device.cases import VOCABULARY, Case
from stgen.plan.memory.activations import Pass, Setting
from stgen.plan.memory.peak import Step, peak_of
from stgen.plan.memory.shape import Shape, read_shape

HEADS = {"dense": "pooling", "cross-encoder": "classifier", "sparse": "vocabulary", "multi-vector": "tokens"}


def main(path: Path) -> int:
    """Plan the cases of a file anew."""
    read = json.loads(path.read_text())
    cases = [replanned(case) for case in read["cases"]]
    path.write_text(json.dumps({**read, "cases": cases}, indent=1) + "\n")
    path.with_suffix(".md").write_text(table(read["machine"], cases))
    return 0


def replanned(case: dict[str, Any]) -> dict[str, Any]:
    """A measured case beside what is planned for it now."""
    if "error" in case:
        return case
    fields = Case(**{name: case[name] for name in Case._fields})
    return {**case, "planned": parts(fields, case["parameters"], case["peak"] is not None)}


def shape_of(case: Case) -> Shape:
    """The shape of the case's base, read as the compiler reads it."""
    positions = {"vocab_size": VOCABULARY, "max_position_embeddings": 512, "type_vocab_size": 2}
    shape = read_shape({"model_type": "bert", "hidden_dropout_prob": 0.1, **positions, **case.config})
    if isinstance(shape, str):
        raise ValueError(shape)
    return shape


def parts(case: Case, parameters: int, on_gpu: bool) -> dict[str, int]:
    """The peak that the compiler expects, in bytes by part."""
    shape = shape_of(case).replaced(parameters=parameters)
    lengths = (case.document,) if case.kind == "cross-encoder" else (case.query, case.document)
    setting = Setting(half=case.precision == "bf16", gpu=on_gpu, checkpointing=case.checkpointing)
    peak = peak_of(
        Step(
            shape=shape,
            head=HEADS[case.kind],
            passes=tuple(Pass(case.rows, length) for length in lengths),
            rows=case.rows,
            setting=setting,
            mini_batch=case.mini_batch,
            contrast=case.kind != "cross-encoder",
        )
    )
    return {name: round(value) for name, value in peak.as_dict().items()}


def table(machine: list[str], cases: list[dict[str, Any]]) -> str:
    """The cases as Markdown."""
    lines = [
        "# Plan beside measurement",
        "",
        *(f"- {line}" for line in machine),
        "- models with random weights, AdamW, weights in fp32",
        "",
        "| model type | model | rows | tokens | precision | peak planned, GiB | measured | error | rows a second |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join((*lines, *map(line, cases))) + "\n"


def line(case: dict[str, Any]) -> str:
    """One case."""
    how = case["precision"] + (", checkpointing" if case["checkpointing"] else "")
    how += f", GradCache {case['mini_batch']}" if case["mini_batch"] else ""
    begin = f"| {case['kind']} | {case['name']} | {case['rows']} | {case['query']} + {case['document']} | {how} |"
    if "error" in case:
        return f"{begin} {case['error']} | | | |"
    planned, peak = case["planned"]["total"], case["peak"]
    measured = f"{peak / 2**30:.2f} | {planned / peak - 1:+.0%}" if peak else "no GPU | "
    return f"{begin} {planned / 2**30:.2f} | {measured} | {case['rows_a_second']:.0f} |"


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
