"""Files as people have them, by their shapes: what `inspect` proposes, or the finding that says what to do instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from stgen.inspection.inspecting import inspect_data

ROWS = 40
Row = dict[str, Any]


def asked(n: int) -> str:
    return f"How do I mend part number {n} of the machine?"


def answer(n: int) -> str:
    return f"Part number {n % ROWS} is unscrewed, cleaned with a cloth and put back in its place."


def turns(*texts: str) -> list[Row]:
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]


def passages(*numbers: int) -> list[Row]:
    return [{"title": f"part {n}", "text": answer(n), "score": 1.5, "passage_id": str(n)} for n in numbers]


# fmt: off
SHAPES: dict[str, tuple[Any, str]] = {
    "FlagEmbedding with scores": (
        lambda n: {"query": asked(n), "pos": [answer(n)], "neg": [answer(n + 1), answer(n + 2)], "pos_scores": [0.9], "neg_scores": [0.1, n / 99], "prompt": "Represent: ", "type": "normal"},
        '{ anchor = "query", positive = "pos[]", negative = { column = "neg[]", count = 2 } }'),
    "DPR": (
        lambda n: {"dataset": "nq", "question": asked(n), "answers": [f"part {n}"], "positive_ctxs": passages(n), "negative_ctxs": [], "hard_negative_ctxs": passages(n + 1)},
        '{ anchor = "question", positive = "positive_ctxs[].text", negative = { column = "hard_negative_ctxs[].text", count = 1 } }'),
    "ms-swift's messages": (
        lambda n: {"messages": turns(asked(n)), "positive_messages": [turns(answer(n))], "negative_messages": [turns(answer(n + 1))]},
        '{ anchor = "messages[0].content", positive = "positive_messages[][0].content", negative = { column = "negative_messages[][0].content", count = 1 } }'),
    "conversations": (
        lambda n: {"conversations": turns(asked(n), answer(n))},
        '{ anchor = "conversations[0].content", positive = "conversations[1].content" }'),
    "preferences of conversations": (
        lambda n: {"chosen": turns(asked(n), answer(n)), "rejected": turns(asked(n), answer(n + 1))},
        '{ anchor = "chosen[0].content", positive = "chosen[1].content", negative = "rejected[1].content" }'),
    "MS MARCO": (
        lambda n: {"answers": ["it"], "passages": {"is_selected": [1, 0], "passage_text": [answer(n), answer(n + 1)], "url": ["u", "v"]}, "query": asked(n), "query_id": n, "query_type": "DESCRIPTION"},
        '{ anchor = "query", documents = "passages.passage_text", scores = "passages.is_selected" }'),
    "answers with votes": (
        lambda n: {"question": asked(n), "answers": [{"text": answer(n), "votes": 3}, {"text": answer(n + 1), "votes": 0}]},
        '{ anchor = "question", documents = "answers[].text", scores = "answers[].votes" }'),
    "a title, a body and votes in names": (
        lambda n: {"title": asked(n), "body": f"It is number {n} that is broken since spring.", "upvoted_answer": answer(n), "downvoted_answer": answer(n + 1)},
        '{ anchor = ["title", "body"], positive = "upvoted_answer", negative = "downvoted_answer" }'),
    "SQuAD": (
        lambda n: {"id": str(n), "title": f"Part {n % 4}", "context": answer(n), "question": asked(n), "answers": {"text": ["a cloth"], "answer_start": [1]}},
        '{ anchor = "question", positive = "context" }'),
    "deep objects": (
        lambda n: {"query": {"id": n, "text": asked(n)}, "result": {"top": [{"doc": {"body": answer(n)}}]}},
        '{ anchor = "query.text", positive = "result.top[].doc.body" }'),
    "triplets in a list": (
        lambda n: {"triplet": [asked(n), answer(n), answer(n + 1)]},
        '{ anchor = "triplet[0]", positive = "triplet[1]", negative = "triplet[2]" }'),
    "sets of texts that say the same": (
        lambda n: {"set": [asked(n), f"What mends part {n}?", f"Mending part {n}, how?"]},
        '{ anchor = "set[0]", positive = "set[1]" }'),
    "Alpaca": (
        lambda n: {"instruction": asked(n), "input": "" if n % 2 else f"It is machine {n}.", "output": answer(n)},
        '{ anchor = ["instruction", "input"], positive = "output" }'),
    "SPECTER": (
        lambda n: {name: {"title": f"Part {n}", "abstract": answer(n + k)} for k, name in enumerate(("query", "pos", "neg"))},
        '{ anchor = "query.abstract", positive = "pos.abstract", negative = "neg.abstract" }'),
    "CodeSearchNet": (
        lambda n: {"repo": "a/b", "func_name": f"mend{n}", "code": f"def mend{n}(part):\n    return part + {n}", "docstring": f"Mend part {n} of a machine."},
        '{ anchor = "docstring", positive = "code" }'),
    "posts with votes": (
        lambda n: {"title": asked(n), "body": answer(n), "votes": n % 17},
        '{ anchor = "title", positive = "body" }'),
    "clusters": (
        lambda n: {"id": n, "sentences": [asked(n), asked(n + 1), asked(n + 2)][:2 + n % 2]},
        '{ anchor = "sentences[0]", positive = "sentences[1]" }'),
    "numbered parts of names": (
        lambda n: {"query": asked(n), "doc_pos": answer(n), "doc_neg_1": answer(n + 1), "doc_neg_2": answer(n + 2)},
        '{ anchor = "query", positive = "doc_pos", negative = ["doc_neg_1", "doc_neg_2"] }'),
    "a margin by a part of its name": (
        lambda n: {"query": asked(n), "pos": answer(n), "neg": answer(n + 1), "ce_margin": n / 7 - 1},
        '{ anchor = "query", positive = "pos", negative = "neg", margin = "ce_margin" }'),
    "scores of each text": (
        lambda n: {"query": asked(n), "positive": answer(n), "negative": answer(n + 1), "positive_score": 9.0 + n / 7, "negative_score": n / 9},
        '{ anchor = "query", positive = "positive", negative = "negative" }'),
    "a vector beside triplets": (
        lambda n: {"anchor": asked(n), "positive": answer(n), "negative": answer(n + 1), "anchor_embedding": [n / 9] * 32},
        '{ anchor = "anchor", positive = "positive", negative = "negative" }'),
    "NLI in capitals": (
        lambda n: {"premise": asked(n), "hypothesis": answer(n), "gold_label": ("NEUTRAL", "ENTAILMENT", "CONTRADICTION")[n % 3]},
        '{ text_1 = "premise", text_2 = "hypothesis", class = { column = "gold_label", names = ["ENTAILMENT", "NEUTRAL", "CONTRADICTION"] } }'),
    "labels of which many have one row": (
        lambda n: {"text": answer(n), "label": f"class {n // 2}" if n < 24 else f"only {n}"},
        '{ text = "text", class = "label" }'),
    "percent": (
        lambda n: {"text1": asked(n), "text2": answer(n), "similarity": f"{n * 5 % 101}%"},
        '{ text_1 = "text1", text_2 = "text2", score = { column = "similarity", min = 0, max = 100 } }'),
}
TABLES: dict[str, tuple[str, list[str]]] = {
    "reviews without names": (
        "\n".join(f'"{1 + n % 5}","Of part {n}, a review","{answer(n)}"' for n in range(ROWS)),
        ['file = { header = ["class", "column_2", "column_3"] }', 'columns = { text = ["column_2", "column_3"], class = "class" }']),
    "STS-B without names": (
        "\n".join(f'captions\tMSRvid\t2012\t{n:04}\t{n % 26 / 5:.3f}\t"A man rides horse {n}.\tSomebody rides animal {n}.' for n in range(ROWS)),
        ['file = { delimiter = "\\t", quoting = "none", header = ["column_1", "column_2", "column_3", "column_4", "score", "text_1", "text_2"] }',
         'columns = { text_1 = "text_1", text_2 = "text_2", score = { column = "score", min = 0, max = 5 } }']),
    "Excel's first line": (
        "sep=;\nquestion;answer\n" + "\n".join(f"{asked(n)};{answer(n)}" for n in range(ROWS)),
        ['columns = { anchor = "question", positive = "answer" }']),
    "delimiters at the end": (
        "question,answer,,\n" + "\n".join(f'"{asked(n)}","{answer(n)}",,' for n in range(ROWS)),
        ['columns = { anchor = "question", positive = "answer" }']),
    "both signs before decimals": (
        "text1;text2;score\n" + "\n".join(f"{asked(n)};{answer(n)};{(n % 9 / 2):.1f}".replace(".5", (",5", ".5")[n % 2]) for n in range(ROWS)),
        ['file = { delimiter = ";", decimal = "," }', 'columns = { text_1 = "text1", text_2 = "text2", score = { column = "score", min = 0, max = 4 } }']),
}
FOUND: dict[str, tuple[str, str, str]] = {
    "rows under keys": ("train.json", json.dumps({f"id {n}": {"q": asked(n), "a": answer(n)} for n in range(ROWS)}), "STG417"),
    "columns under keys": ("train.json", json.dumps({"q": {n: asked(n) for n in range(ROWS)}, "a": {n: answer(n) for n in range(ROWS)}}), "STG417"),
    "HTML": ("train.jsonl", "\n".join(json.dumps({"question": asked(n), "answer": f"<p>{answer(n)}</p>"}) for n in range(ROWS)), "STG418"),
    "fastText": ("train.txt", "\n".join(f"__label__{n % 3} {answer(n)}" for n in range(ROWS)), "STG419"),
}
# fmt: on


@pytest.mark.parametrize("name", SHAPES)
def test_rows_of_a_shape_get_their_roles(name: str, tmp_path: Path) -> None:
    row, columns = SHAPES[name]
    (tmp_path / "train.jsonl").write_text("\n".join(json.dumps(row(n)) for n in range(ROWS)))
    found = inspect_data(str(tmp_path / "train.jsonl"))
    assert found.line == f"columns = {columns}"
    assert found.format is not None  # so that the language takes it


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_a_dialect_are_read(name: str, tmp_path: Path) -> None:
    text, lines = TABLES[name]
    (tmp_path / "train.csv").write_text(text + "\n")
    found = inspect_data(str(tmp_path / "train.csv"))
    assert found.line.splitlines() == lines
    assert (found.rows, [item.code for item in found.remarks if item.severity == "error"]) == (ROWS, [])


@pytest.mark.parametrize("name", FOUND)
def test_what_is_not_what_it_seems_is_a_finding(name: str, tmp_path: Path) -> None:
    file, text, code = FOUND[name]
    (tmp_path / file).write_text(text)
    assert code in [item.code for item in inspect_data(str(tmp_path / file)).remarks]


def test_intents_under_the_names_of_splits_are_those_of_training(tmp_path: Path) -> None:
    splits = {"val": 9, "train": ROWS, "test": 9}
    rows = {
        split: [[asked(n), ("mend", "clean", "send")[n % 3]] for n in range(count)] for split, count in splits.items()
    }
    (tmp_path / "full.json").write_text(json.dumps(rows))
    found = inspect_data(str(tmp_path / "full.json"))
    assert found.rows == ROWS
    assert (
        found.line
        == 'file = { rows = "train", header = ["text", "class"] }\ncolumns = { text = "text", class = "class" }'
    )


def test_where_sentences_come_from_is_no_negative(tmp_path: Path) -> None:
    source = "CC-BY 2.0 (France) Attribution: tatoeba.org #"
    (tmp_path / "eng-fra.txt").write_text("".join(f"{asked(n)}\t{answer(n)}\t{source}{n}\n" for n in range(ROWS)))
    found = inspect_data(str(tmp_path / "eng-fra.txt"))
    assert found.guess.columns == {"anchor": "anchor", "positive": "positive"}


def test_one_of_several_labels_is_told_to_be_one(tmp_path: Path) -> None:
    rows = [
        {"text": answer(n), "toxic": int(n % 3 == 0), "rude": int(n % 4 == 1), "spam": int(n % 5 == 2)}
        for n in range(ROWS)
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = inspect_data(str(tmp_path / "t.jsonl"))
    assert found.guess.columns["class"] == "toxic"
    assert [item.code for item in found.remarks] == ["STG442"]


def test_bytes_that_are_text_are_texts_and_dates_are_none(tmp_path: Path) -> None:
    import datetime

    import pyarrow
    import pyarrow.parquet

    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    columns = {
        "at": pyarrow.array([start + datetime.timedelta(n) for n in range(ROWS)]),
        "q": pyarrow.array([asked(n).encode() for n in range(ROWS)], pyarrow.binary()),
        "a": [answer(n) for n in range(ROWS)],
        "image": pyarrow.array([b"\xff\xd8" + bytes([n]) for n in range(ROWS)], pyarrow.binary()),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "train.parquet")
    found = inspect_data(str(tmp_path / "train.parquet"))
    assert found.line == 'columns = { anchor = "q", positive = "a" }'
    assert set(found.guess.unused) == {"at", "image"}
