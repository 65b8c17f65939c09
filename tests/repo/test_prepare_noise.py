"""Precision and recall of cleaning against the noisy sets' keys.

The settings for one text are tuned on noisy-sentences, the threshold for near-duplicates of two columns on noisy-pairs.
A row that the key wants dropped for another reason counts for no step and against none.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from typing import Any

import pytest
from cleaning import COLUMNS, Cleaned, outcome, spec_of
from conversions import compile_to, prepare
from places import SHARED as DATA

# Of two columns the one less alike decides, so that a row of two needs a lower threshold than a text by itself.
NEAR = {"noisy-sentences": 0.77, "noisy-pairs": 0.65, "noisy-scored": 0.7}
LEAKS_NEAR = 0.65
STEPS: dict[str, Any] = {
    "on_bad_row": "set-aside",
    "language": {"keep": ["en"]},
    "decontaminate": {"against": ["test"], "near": LEAKS_NEAR},
}
SHORTEST = {"noisy-sentences": 4, "noisy-pairs": 3, "noisy-scored": 3}  # questions have three words now and then
FORMATS = {"noisy-sentences": "text", "noisy-pairs": "pair", "noisy-scored": "score"}
NAMES = {"score": {"text_1": "sentence1", "text_2": "sentence2", "score": "score"}}
ELSEWHERE = {  # an eval row that stands nowhere else
    "text": '{"text": "Vexing daft zebras jump over nothing"}\n',
    "pair": '{"anchor": "Do zebras jump?", "positive": "Vexing daft zebras jump over nothing"}\n',
    "score": '{"sentence1": "Do zebras jump?", "sentence2": "Vexing daft zebras do", "score": 0.5}\n',
}
# fmt: off
CASES = [  # set, step, kinds of the key that the step is to remove, least precision and recall
    ("noisy-sentences", "length",           {"too_short", "too_long"},                         0.98),
    ("noisy-sentences", "language",         {"foreign"},                                       0.95),
    ("noisy-sentences", "exact-duplicates", {"exact_dup"},                                     0.98),
    ("noisy-sentences", "near-duplicates",  {"near_dup"},                                      0.95),
    ("noisy-sentences", "leaks",            {"leak_exact", "leak_near"},                       0.98),
    ("noisy-pairs",     "length",           {"too_short", "too_long"},                         0.98),
    ("noisy-pairs",     "language",         {"foreign_positive", "foreign_both"},              0.95),
    ("noisy-pairs",     "exact-duplicates", {"exact_dup", "swapped_dup"},                      0.98),
    ("noisy-pairs",     "near-duplicates",  {"near_dup"},                                      0.95),
    ("noisy-pairs",     "leaks",            {"leak_exact", "leak_near", "leak_anchor"},        0.98),
    ("noisy-scored",    "exact-duplicates", {"exact_dup", "swapped_dup"},                      0.98),
    ("noisy-scored",    "leaks",            {"leak_exact", "leak_swapped", "leak_one_side"},   0.98),
]
# fmt: on

pytestmark = pytest.mark.skipif(not (DATA / "noisy-pairs").exists(), reason="the noisy sets are not at hand")


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Clean a noisy set, once."""
    for library in ("rensa", "lingua"):
        pytest.importorskip(library)

    @cache
    def run(name: str) -> tuple[Cleaned, dict[str, dict[str, Any]], dict[str, str]]:
        repo = tmp_path_factory.mktemp(name)
        format = FORMATS[name]
        measured = [json.loads(line) for line in (DATA / name / "test.jsonl").read_text().splitlines()]
        if format == "text":
            measured = [{"text": row[side]} for row in measured for side in ("sentence1", "sentence2")]
        lines = "".join(json.dumps(row) + "\n" for row in measured)
        train = (DATA / name / "train.jsonl").read_text()
        for split, text in (("train", train), ("test", lines), ("eval", ELSEWHERE[format])):
            (repo / f"{split}.jsonl").write_text(text)
        steps = STEPS | {"length": {"min": SHORTEST[name], "max": 100}, "deduplicate": {"near": NEAR[name]}}
        spec = spec_of(format, steps, columns=NAMES.get(format, COLUMNS[format]))
        prepare(repo, compile_to(spec, repo))
        ids = [json.loads(line)["id"] for line in (repo / "train.jsonl").read_text().splitlines()]
        key = {row["id"]: row for row in map(json.loads, (DATA / name / "key.jsonl").read_text().splitlines())}
        found = outcome(repo)
        by = {ids[row["row"] - 1]: row["step"] for row in found.removed if row["split"] == "train"}
        aside = (repo / "prepared" / "rows" / "train.set-aside.jsonl").read_text().splitlines()
        by |= {ids[json.loads(line)["line"] - 1]: "set aside" for line in aside}
        return found, key, by

    return run


@pytest.mark.parametrize(("name", "step", "kinds", "least"), CASES)
def test_precision_and_recall(cleaned: Any, name: str, step: str, kinds: set[str], least: float) -> None:
    _, key, removed_by = cleaned(name)
    wanted = [row for row in key.values() if row["kind"] in kinds]
    if wanted[0]["action"] == "one_of_group":
        missed = surplus(key, removed_by, kinds)
        fine = {"one_of_group", "conflict", "drop"}
        wrong = [row for row, by in removed_by.items() if by == step and key[row]["action"] not in fine]
    else:
        missed = [row["id"] for row in wanted if row["id"] not in removed_by]
        wrong = [row for row, by in removed_by.items() if by == step and key[row]["action"] != "drop"]
    right = len(wanted) - len(missed)
    precision, recall = right / (right + len(wrong)), right / len(wanted)
    print(f"{name} {step}: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= least
    assert recall >= least


def surplus(key: dict[str, dict[str, Any]], removed_by: dict[str, str], kinds: set[str]) -> list[str]:
    """The repeats of these kinds that are left beside another row of their group."""
    left = defaultdict(list)
    for row in key.values():
        if "group" in row and row["id"] not in removed_by:
            left[row["group"]].append(row["id"])
    return [row for group in left.values() if len(group) > 1 for row in group if key[row]["kind"] in kinds]


@pytest.mark.parametrize("name", ["noisy-sentences", "noisy-pairs"])
def test_of_each_group_of_repeats_one_row_is_left(cleaned: Any, name: str) -> None:
    """Unless another step wants it gone."""
    _, key, removed_by = cleaned(name)
    groups = defaultdict(list)
    for row in key.values():
        if row["action"] == "one_of_group" and removed_by.get(row["id"]) not in ("language", "length", "leaks"):
            groups[row["group"]].append(row["id"])
    gone = [group for group, rows in groups.items() if all(row in removed_by for row in rows)]
    assert len(gone) <= 0.02 * len(groups)


def test_contradicting_scores_are_not_trained_on(cleaned: Any) -> None:
    _, key, removed_by = cleaned("noisy-scored")
    conflicts = [row["id"] for row in key.values() if row["action"] == "conflict"]
    assert conflicts
    assert all(row in removed_by for row in conflicts)


def test_what_is_no_score_is_set_aside(cleaned: Any) -> None:
    _, key, removed_by = cleaned("noisy-scored")
    aside = {row for row, by in removed_by.items() if by == "set aside"}
    kinds = {"negative_score", "null_score", "scale_error"}
    assert {key[row]["kind"] for row in aside} <= kinds
    assert all(row["id"] in aside for row in key.values() if row["kind"] in kinds - {"scale_error"})
