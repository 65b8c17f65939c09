"""What stgen says of a file without a spec: its columns, the roles that they seem to play, and the losses that it can feed."""

from __future__ import annotations

import json
import resource
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from made_rows import (
    CORPUS,
    NUMBER,
    QRELS,
    QUERIES,
    Row,
    classes,
    labelled,
    lists,
    name,
    pairs,
    scored,
    triplets,
    write,
)
from places import SHARED
from stgen.diagnostics.diagnostic import Findings
from stgen.inspection.beir import beir_files
from stgen.inspection.guessing import guess
from stgen.inspection.inspecting import inspect_data
from stgen.inspection.offers import offers
from stgen.language.spec_data import Data
from stgen.match.detect import detect
from stgen.rows.surveying import survey
from stgen.rules.tables import BY_NAME, CHOICES

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared data aren't here")


def guessed(folder: Path, rows: list[Row]) -> tuple[dict[str, Any], str]:
    """The columns that are proposed for rows, and the data format that they make."""
    write(folder, {"t.jsonl": rows})
    columns = guess(survey([(str(folder / "t.jsonl"), "t.jsonl")])).columns
    found = Findings()
    format = detect(Data.model_validate({"columns": columns}), (), found) if columns else None
    assert found.items == []
    return columns, format.name if format else ""


def renamed(rows: list[Row], **names: str) -> list[Row]:
    """Rows whose columns have other names."""
    return [{names.get(column, column): value for column, value in row.items()} for row in rows]


NLI = ["entailment", "neutral", "contradiction"]
VECTORS = [row | {"vector": [0.5] * 32} for row in renamed(classes(), label="id")]

# fmt: off
GUESSES: tuple[tuple[str, list[Row], dict[str, Any]], ...] = (
    ("pair",           pairs(),                                                                {"anchor": "question", "positive": "answer"}),
    ("pair",           [dict(reversed(row.items())) for row in pairs()],                       {"anchor": "question", "positive": "answer"}),
    ("pair",           renamed([dict(reversed(row.items())) for row in pairs()], question="x", answer="y"), {"anchor": "x", "positive": "y"}),
    ("pair",           [row | {"id": n, "source": "wiki"} for n, row in enumerate(pairs())],   {"anchor": "question", "positive": "answer"}),
    ("triplet",        renamed(triplets(), question="anchor", answer="positive", wrong="negative"), {"anchor": "anchor", "positive": "positive", "negative": "negative"}),
    ("n-tuple",        [row | {"negative_1": f"a {name(n)}", "negative_2": f"one {name(n)}"} for n, row in enumerate(renamed(pairs(), question="query"))], {"anchor": "query", "positive": "answer", "negative": ["negative_1", "negative_2"]}),
    ("triplet-scores", [row | {"scores": [2.5, n / 10]} for n, row in enumerate(renamed(triplets(), wrong="negative"))], {"anchor": "question", "positive": "answer", "negative": "negative", "scores": "scores"}),
    ("triplet-margin", [row | {"margin": n / 10 - 1} for n, row in enumerate(renamed(triplets(), wrong="negative"))], {"anchor": "question", "positive": "answer", "negative": "negative", "margin": "margin"}),
    ("pair-score",     renamed(scored(), left="sentence1", right="sentence2"),                 {"text_1": "sentence1", "text_2": "sentence2", "score": "score"}),
    ("pair-score",     renamed(scored(lambda n: n % 51 / 10), left="sentence_A", right="sentence_B", score="similarity"), {"text_1": "sentence_A", "text_2": "sentence_B", "score": {"column": "similarity", "min": 0, "max": 5}}),
    ("pair-binary",    renamed(labelled("is_duplicate", lambda n: n % 2), left="question1", right="question2"), {"text_1": "question1", "text_2": "question2", "binary": "is_duplicate"}),
    ("pair-binary",    renamed(labelled("label", lambda n: ["no", "yes"][n % 2]), left="text1", right="text2"), {"text_1": "text1", "text_2": "text2", "binary": {"column": "label", "positive": "yes"}}),
    ("pair-class",     renamed(labelled("label", lambda n: n % 3), left="premise", right="hypothesis"), {"text_1": "premise", "text_2": "hypothesis", "class": {"column": "label", "names": NLI}}),
    ("pair-class",     renamed(labelled("label", lambda n: NLI[n % 3]), left="premise", right="hypothesis"), {"text_1": "premise", "text_2": "hypothesis", "class": {"column": "label", "names": NLI}}),
    ("pair-binary",    renamed(labelled("label", lambda n: n % 2), left="question", right="answer"), {"text_1": "question", "text_2": "answer", "binary": "label"}),
    ("pair-probabilities", renamed(labelled("votes", lambda n: [0.6, 0.3, 0.1] if n % 2 else [0.0, 0.25, 0.75]), left="premise", right="hypothesis"), {"text_1": "premise", "text_2": "hypothesis", "probabilities": "votes"}),
    ("text-class",     classes(),                                                              {"text": "text", "class": "label"}),
    ("text-class",     [row | {"label": WORD} for row in classes() for WORD in (["rain", "snow", "hail"][row["label"] % 3],)], {"text": "text", "class": "label"}),
    ("text",           [{"text": row["text"]} for row in classes()],                           {"text": "text"}),
    ("text-embedding", VECTORS,                                                                {"text": "text", "embedding": "vector"}),
    ("list",           lists(),                                                                {"anchor": "question", "documents": "docs", "scores": "scores"}),
    ("",               [{"id": n, "size": n * 2} for n in range(NUMBER)],                      {}),
)
# fmt: on


@pytest.mark.parametrize(("format", "rows", "columns"), GUESSES, ids=[row[0] or "nothing" for row in GUESSES])
def test_roles_are_guessed(tmp_path: Path, format: str, rows: list[Row], columns: dict[str, Any]) -> None:
    assert guessed(tmp_path, rows) == (columns, format)


@needs_shared
@pytest.mark.parametrize(
    ("file", "format"),
    [
        ("stsb-en/train.jsonl", "pair-score"),
        ("snli/train.jsonl", "pair-class"),
        ("snli-triplets/train.jsonl", "triplet"),
        ("medquad-pairs/train.jsonl", "pair"),
        ("mrpc/train.jsonl", "pair-binary"),
        ("banking77/train.jsonl", "text-class"),
        ("trec-qc/train.jsonl", "text-class"),
        ("state-union/train.jsonl", "text"),
        ("selqa/train.jsonl", "list"),
        ("liveqa-med/test.jsonl", "list"),
        ("tatoeba/en-ja.train.jsonl", "pair"),
        ("stackoverflow-titles/train.jsonl", "text-class"),
        ("scifact", "retrieval"),
    ],
)
def test_real_data_are_understood(file: str, format: str) -> None:
    found = inspect_data(str(SHARED / file))
    assert found.format is not None
    assert found.format.name == format
    assert found.offers


def test_the_line_can_be_pasted(tmp_path: Path) -> None:
    write(
        tmp_path, {"t.jsonl": renamed(scored(lambda n: n % 51 / 10), left='te"xt 1', right="text2", score="similarity")}
    )
    rows = [
        row | {"text1": row.pop('te"xt 1')} for row in map(json.loads, (tmp_path / "t.jsonl").read_text().splitlines())
    ]
    write(
        tmp_path,
        {
            "t.jsonl": [
                {'my "left"': row["text1"], "text2": row["text2"], "similarity": row["similarity"]} for row in rows
            ]
        },
    )
    found = inspect_data(str(tmp_path / "t.jsonl"))
    data = tomllib.loads(found.line)
    assert Data.model_validate(data).columns is not None
    assert data == {"columns": found.guess.columns}


def test_offers_are_the_tables_choices_in_their_order() -> None:
    for offer in offers("pair-score"):
        ordered = [choice.loss for choice in CHOICES if (choice.model, choice.format) == (offer.model, offer.format)]
        assert [loss for loss in ordered if loss in offer.losses] == list(offer.losses)
        assert all((offer.model, loss) in BY_NAME for loss in offer.losses)
    automatic = [offer for offer in offers("pair-score") if not offer.consent]
    assert [offer.losses[0] for offer in automatic] == [
        "CosineSimilarityLoss",
        "BinaryCrossEntropyLoss",
        "SparseCoSENTLoss",
    ]


def test_inspect_prints_what_there_is(tmp_path: Path) -> None:
    rows = renamed(scored(lambda n: n % 51 / 10), left="sentence1", right="sentence2", score="similarity")
    write(tmp_path, {"t.jsonl": [*rows, rows[0]]})
    done = stgen("inspect", tmp_path / "t.jsonl")
    assert done.code == 0
    for words in (
        "121 rows",
        "0 to 5",
        "1 duplicate row",
        'columns = { text_1 = "sentence1", text_2 = "sentence2", score = { column = "similarity", min = 0, max = 5 } }',
        "CosineSimilarityLoss, CoSENTLoss, AnglELoss",
        'convert = [{ to = "pair-binary", threshold = 0.5 }]',
    ):
        assert words in done.out


def test_inspect_as_json(tmp_path: Path) -> None:
    write(tmp_path, {"t.jsonl": classes()})
    done = stgen("inspect", tmp_path / "t.jsonl", "--format", "json")
    data = json.loads(done.out)
    assert data["rows"] == NUMBER
    assert data["format"] == "text-class"
    assert data["proposed"] == {"text": "text", "class": "label"}
    label = data["columns"][1]
    assert (label["type"], label["range"], label["distinct"]) == ("whole number", [0, 3], 4)
    assert label["histogram"] == [{"value": n, "rows": 30} for n in range(4)]
    assert data["losses"][0]["losses"][0] == "BatchAllTripletLoss"


def test_inspect_tells_what_validate_would(tmp_path: Path) -> None:
    write(tmp_path, {"t.jsonl": [row | ({"answer": ""} if n == 4 else {}) for n, row in enumerate(pairs(200))]})
    said = " ".join(stgen("inspect", tmp_path / "t.jsonl").out.split())
    assert "error[STG211]" in said
    assert "t.jsonl: `answer` is empty" in said


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("no.jsonl", None, "STG200"),
        ("bad.jsonl", b"{", "STG203"),
        ("empty.csv", b"", "STG205"),
        ("x.pdf", b"%PDF", "STG201"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path, file: str, content: bytes | None, code: str) -> None:
    if content is not None:
        (tmp_path / file).write_bytes(content)
    done = stgen("inspect", tmp_path / file)
    assert done.code == 1
    assert f"error[{code}]" in done.out + done.err


def test_a_hostile_file_does_not_steer_the_terminal(tmp_path: Path) -> None:
    rows = [{"\x1b[31mred": f"\x1b]0;{name(n)}\x07 text", "label": "\x1b[2J" if n % 2 else "b"} for n in range(NUMBER)]
    write(tmp_path, {"t.jsonl": rows})
    done = stgen("inspect", tmp_path / "t.jsonl")
    assert done.code == 0
    assert "\x1b" not in done.out


def test_odd_rows_are_no_fault_of_stgen(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"a": {"b": [1, {"c": None}]}},
        {"a": [[]], "": "x"},
        {"a": 10**400, "b": True},
        {"b": [], "c": -1e308},
        {},
    ]
    write(tmp_path, {"t.jsonl": rows * 10})
    assert stgen("inspect", tmp_path / "t.jsonl").code == 0


def test_a_beir_folder(tmp_path: Path) -> None:
    write(tmp_path, {"corpus.jsonl": CORPUS, "queries.jsonl": QUERIES})
    (tmp_path / "qrels").mkdir()
    lines = ["query-id\tcorpus-id\tscore"] + [f"{row['query-id']}\t{row['corpus-id']}\t1" for row in QRELS]
    (tmp_path / "qrels" / "train.tsv").write_text("\n".join(lines[:30]) + "\n")
    (tmp_path / "qrels" / "test.tsv").write_text("\n".join(lines[:1] + lines[30:]) + "\n")
    assert sorted(beir_files(str(tmp_path))) == ["corpus", "queries", "test", "train"]
    found = inspect_data(str(tmp_path))
    layout = tomllib.loads(found.line)["retrieval"]
    assert sorted(layout) == ["corpus", "qrels", "queries", "test_qrels"]
    assert layout["qrels"].endswith("qrels/train.tsv")
    assert found.remarks == ()
    assert stgen("inspect", tmp_path).code == 0


def test_another_folder_is_told_from_a_layout(tmp_path: Path) -> None:
    write(tmp_path, {"pairs.jsonl": pairs()})
    done = stgen("inspect", tmp_path)
    assert done.code == 1
    assert "pairs.jsonl" in done.out + done.err


def test_two_hundred_thousand_rows_take_seconds_and_little_memory(tmp_path: Path) -> None:
    with (tmp_path / "t.jsonl").open("w") as file:
        for n in range(200_000):
            file.write(
                f'{{"question": "how does {n} grow?", "answer": "the tree called {n} grows in damp soil", "score": {n % 50}}}\n'
            )
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = inspect_data(str(tmp_path / "t.jsonl"))
    assert found.rows == 200_000
    assert time.process_time() - begin < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


def test_what_is_said_of_a_file_fits_a_terminal(tmp_path: Path) -> None:
    """Lines to be pasted into a spec stay whole, however long."""
    rows = renamed(lists(), question="a column whose name is long", answers="another column that holds documents")
    write(tmp_path, {"lists.jsonl": rows, "scored.jsonl": scored(), "classes.jsonl": classes()})
    for file in ("lists.jsonl", "scored.jsonl", "classes.jsonl"):
        said = stgen("inspect", str(tmp_path / file)).out.splitlines()[1:]
        assert "words, tokens: median/95th percentile/longest" in "\n".join(said)
        assert [line for line in said if len(line) > 80 and " = " not in line] == []
