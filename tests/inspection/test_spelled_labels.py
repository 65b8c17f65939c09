"""Labels as people spell them: what is proposed for them, what is said of those that can't be read, and the commands that are shown."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stgen.inspection.inspecting import Inspection, inspect_data
from stgen.reader.files import UnreadableError
from stgen.reader.numbers import Score, number
from stgen.rows.label_values import decimal_sign, graded_words, written_otherwise
from stgen.rows.list_texts import parser_of

ROWS = 40
NLI = ("entailment", "neutral", "contradiction")
LISTS = [[f'It is "part" {n}, the old one', f"It's part {n + 1}"] for n in range(ROWS)]


def one(n: int) -> str:
    return f"How is part number {n} of the old mill mended?"


def other(n: int) -> str:
    return f"Part number {n} of the mill is taken out and cleaned with a cloth."


def inspected(rows: list[dict[str, Any]], delimiter: str = ",") -> Inspection:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    Path("train.csv").write_text(text.getvalue())
    return inspect_data("train.csv")


def run(help: str) -> None:
    """Run the command that a finding shows."""
    command = re.search(r"python (-c .*)", help)
    assert command is not None, help
    subprocess.run(f"{shlex.quote(sys.executable)} {command[1]}", shell=True, check=True)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# fmt: off
SPELLED: dict[str, tuple[Callable[[int], str], str]] = {
    "of five":           (lambda n: f"{n % 6}/5", '{ column = "score", values = { "5/5" = 1.0, "4/5" = 0.8, "3/5" = 0.6, "2/5" = 0.4, "1/5" = 0.2, "0/5" = 0.0 } }'),
    "out of":            (lambda n: f"{n % 3} out of 4", '{ column = "score", values = { "2 out of 4" = 0.5, "1 out of 4" = 0.25, "0 out of 4" = 0.0 } }'),
    "stars":             (lambda n: "★" * (1 + n % 3), '{ column = "score", values = { "★★★" = 0.6, "★★" = 0.4, "★" = 0.2 } }'),
    "full rows of stars": (lambda n: "★" * (n % 3) + "☆" * (3 - n % 3) + "☆☆", '{ column = "score", values = { "★★☆☆☆" = 0.4, "★☆☆☆☆" = 0.2, "☆☆☆☆☆" = 0.0 } }'),
    "no-break spaces":   (lambda n: f"{n % 11 / 2}\u00a0", '{ column = "score", min = 0, max = 5 }'),
    "percent, with commas": (lambda n: f"{n * 5 % 100},5 %", '{ column = "score", min = 0, max = 100 }'),
}
# fmt: on


@pytest.mark.parametrize("name", SPELLED)
def test_scores_are_read_as_they_are_spelled(name: str) -> None:
    spell, line = SPELLED[name]
    found = inspected([{"text_1": one(n), "text_2": other(n), "score": spell(n)} for n in range(ROWS)], ";")
    assert f"score = {line}" in found.line
    assert not [item for item in found.remarks if item.severity == "error"]


def test_a_score_is_what_its_spelling_means() -> None:
    assert number("4.5\u00a0") == number(" 4.5 ") == 4.5
    assert Score(0, 100, ",")("62,5 %") == 0.625
    assert (
        graded_words(["1/5", "2/4", "3/5"]) == graded_words(["6/5", "1/5", "2/5"]) == graded_words(["1/5", "2/5"]) == {}
    )
    assert written_otherwise(["3,800", "12 400", "~4", "$3.80"])
    assert not written_otherwise(["3,800", "about 4"])
    assert not written_otherwise(["2024-01-01"])


# fmt: off
OTHERWISE: dict[str, tuple[Callable[[int], str], Callable[[int], float]]] = {
    "thousands":            (lambda n: f"{1000 + n * 37:,}",  lambda n: 1000 + n * 37),
    "dollars":              (lambda n: f"${n}.50",            lambda n: n + 0.5),
    "points and a comma":   (lambda n: f"{1000 + n * 37:,}".replace(",", ".") + ",5", lambda n: 1000.5 + n * 37),
    "blanks and a comma":   (lambda n: f"1 {n + 100},25 €",   lambda n: 1100.25 + n),
}
# fmt: on


@pytest.mark.parametrize("name", OTHERWISE)
def test_numbers_in_another_spelling_are_told_and_are_no_classes(name: str) -> None:
    spell, means = OTHERWISE[name]
    found = inspected([{"text_1": one(n), "text_2": other(n), "score": spell(n)} for n in range(ROWS)])
    assert 'score = "score"' in found.line
    (told,) = [item for item in found.remarks if item.code == "STG209"]
    assert "`score` is not a number" in told.message
    run(told.help)
    made = [json.loads(line)["score"] for line in Path("train.jsonl").read_text().splitlines()]
    assert made == [means(n) for n in range(ROWS)]


def test_the_sign_before_decimals_is_told_only_where_one_may_be_meant() -> None:
    assert [decimal_sign(texts) for texts in (["1,500", "2,000"], ["1.500", "2.000"], ["1.500,5"], ["1,500.5"])] == [
        ".",
        ",",
        ",",
        ".",
    ]
    assert decimal_sign(["0,500", "1,500"]) == decimal_sign(["1,500", "1,5"]) == decimal_sign(["12"]) == ""
    assert not written_otherwise(["(3.80)"])  # which a ledger means to be below 0
    assert not written_otherwise(["4/5", "3/4"])


def test_what_an_annotator_chose_is_the_class() -> None:
    said = [
        {"result": [{"value": {"choices": [("card", "limit")[n % 2]]}, "from_name": "topic", "type": "choices"}]}
        for n in range(ROWS)
    ]
    rows = [{"id": n, "data": {"text": one(n)}, "annotations": [said[n]]} for n in range(ROWS)]
    Path("export.json").write_text(json.dumps(rows))
    found = inspect_data("export.json")
    assert found.line == 'columns = { text = "data.text", class = "annotations[0].result[0].value.choices[0]" }'


def test_entities_are_told() -> None:
    found = inspected([{"question": f"{one(n)} R&amp;D, it&#39;s", "answer": other(n)} for n in range(ROWS)])
    assert [item.code for item in found.remarks if item.code == "STG418"] == ["STG418"]
    found = inspected([{"question": f"{one(n)} R&D; A&B;", "answer": other(n)} for n in range(ROWS)])
    assert not [item for item in found.remarks if item.code == "STG418"]


@pytest.mark.parametrize("sign", ["; ", "|", ", "])
def test_several_classes_in_one_text_are_told(sign: str) -> None:
    words = ("billing", "card", "transfer", "limit")
    classes = [sign.join(words[n % 3 : n % 3 + 1 + n % 2]) for n in range(ROWS)]
    found = inspected([{"text": one(n), "tags": classes[n]} for n in range(ROWS)])
    assert 'class = "tags"' in found.line
    (told,) = [item for item in found.remarks if item.code == "STG209"]
    assert told.severity == "warning"
    assert "has several classes in one text" in told.message
    run(told.help)
    made = [json.loads(line)["tags"] for line in Path("train.jsonl").read_text().splitlines()]
    assert made == [words[n % 3] for n in range(ROWS)]


@pytest.mark.parametrize(
    "names", [("a, b and c", "d", "e"), ("sci;med", "sci;space", "rec;autos"), ("Paris, France", "Rome, Italy", "Bonn")]
)
def test_signs_within_the_names_of_classes_are_no_several(names: tuple[str, ...]) -> None:
    found = inspected([{"text": one(n), "label": names[n % 3]} for n in range(ROWS)])
    assert not [item for item in found.remarks if item.code == "STG209"]


@pytest.mark.parametrize("unlabelled", ["_", "unknown", "n/a"])
def test_a_value_beside_the_classes_of_entailment_is_told(unlabelled: str) -> None:
    labels = [unlabelled if n == 7 else NLI[n % 3] for n in range(ROWS)]
    found = inspected([{"premise": one(n), "hypothesis": other(n), "label": labels[n]} for n in range(ROWS)])
    (told,) = [item for item in found.remarks if item.code == "STG233"]
    assert f'"{unlabelled}" beside the three classes' in told.message


@pytest.mark.parametrize(
    "write",
    [
        str,
        json.dumps,
        lambda items: json.dumps([*items, None]),
        lambda items: "[" + "\n ".join(map(repr, items)) + "]",
        lambda items: "{" + ",".join('"' + item.replace('"', '\\"') + '"' for item in items) + "}",
    ],
    ids=["Python", "JSON", "JSON with null", "numpy", "PostgreSQL"],
)
def test_the_command_makes_lists_of_texts_in_any_language(write: Callable[[list[str]], str]) -> None:
    found = inspected([{"query": one(n), "positive": other(n), "negatives": write(LISTS[n])} for n in range(ROWS)])
    (told,) = [item for item in found.remarks if item.code == "STG223"]
    run(told.help)
    made = [json.loads(line)["negatives"] for line in Path("train.jsonl").read_text().splitlines()]
    assert [[item for item in items if item is not None] for items in made] == LISTS


def test_objects_are_told_from_lists_of_postgres() -> None:
    assert parser_of(["{'text': 'a'}"] * 9) == ("ast, pandas", "ast.literal_eval")
    assert parser_of(['{"text": true}'] * 9) == ("json, pandas", "json.loads")
    assert parser_of(["['a' 'b']", "['a', 'b']"])[0] == "ast, pandas, re"


def test_a_run_of_trec_has_no_texts() -> None:
    Path("run.txt").write_text("".join(f"{n} Q0 d{k} {k + 1} {9.5 - k} bm25\n" for n in range(9) for k in range(5)))
    with pytest.raises(UnreadableError) as raised:
        inspect_data("run.txt")
    assert (raised.value.code, "holds a run as TREC writes it" in raised.value.message) == ("STG444", True)


def test_maps_of_parquet_are_objects() -> None:
    import pyarrow
    import pyarrow.parquet

    texts = pyarrow.map_(pyarrow.string(), pyarrow.string())
    rows = [[("question", one(n)), ("answer", other(n))] for n in range(ROWS)]
    pyarrow.parquet.write_table(
        pyarrow.table({"id": range(ROWS), "texts": pyarrow.array(rows, texts)}), "train.parquet"
    )
    assert inspect_data("train.parquet").line == 'columns = { anchor = "texts.question", positive = "texts.answer" }'


def test_several_columns_of_lists_are_made_lists_by_one_command() -> None:
    rows = [{"query": one(n), "pos": str([other(n)]), "neg": json.dumps(LISTS[n])} for n in range(ROWS)]
    found = inspected(rows)
    told = [item for item in found.remarks if item.code == "STG223"]
    assert len(told) == 2
    assert len({item.help for item in told}) == 1  # a second one would write the file anew without the first's lists
    run(told[0].help)
    made = [json.loads(line) for line in Path("train.jsonl").read_text().splitlines()]
    assert [(row["pos"], row["neg"]) for row in made] == [([other(n)], LISTS[n]) for n in range(ROWS)]


def test_truth_in_several_types_is_one_label_of_two() -> None:
    labels = [True, "false", "TRUE", False]
    rows = [{"text_1": one(n), "text_2": other(n), "same": labels[n % 4]} for n in range(ROWS)]
    Path("train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = inspect_data("train.jsonl")
    assert found.line == 'columns = { text_1 = "text_1", text_2 = "text_2", binary = "same" }'
    assert found.remarks == ()
