"""What `inspect` proposes for files as people have them: under other names, in other languages and formats, and always lines that compile."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from made_rows import WORDS, Row, name

ROWS = 90
NLI = '["entailment", "neutral", "contradiction"]'
ESCI = "{ E = 1.0, S = 0.5, C = 0.2, I = 0.0 }"


def ask(n: int) -> str:
    return f"How does the {name(n)} of house {n} grow?"


def say(n: int) -> str:
    return f"The tree called {name(n)} grows in damp soil, as its leaflet number {n} has it."


def made(**columns: Any) -> list[Row]:
    """Rows whose values are functions of their number, or a list to be gone through again and again."""
    return [
        {key: value(n) if callable(value) else value[n % len(value)] for key, value in columns.items()}
        for n in range(ROWS)
    ]


# fmt: off
GUESSES: tuple[tuple[str, list[Row], str], ...] = (
    # --- labels, whatever they are called ---
    ("scores as texts",          made(frase1=say, frase2=ask, puntuación=lambda n: f"{n % 11 / 2:.2f}"), 'text_1 = "frase1", text_2 = "frase2", score = { column = "puntuación", min = 0, max = 5 }'),
    ("yes and no",               made(id=str, question1=ask, question2=say, is_duplicate=["no", "yes", "no"]), 'text_1 = "question1", text_2 = "question2", binary = { column = "is_duplicate", positive = "yes" }'),
    ("0 and 1 as texts",         made(qid1=str, q1=ask, q2=say, dup=["0", "1", "0"]), 'text_1 = "q1", text_2 = "q2", binary = "dup"'),
    ("yes in many spellings",    made(text1=ask, text2=say, gleich=["Ja", "ja", "nein", "Nein "]), 'text_1 = "text1", text_2 = "text2", binary = { column = "gleich", positive = ["Ja", "ja"], negative = ["Nein ", "nein"] }'),
    ("clicks",                   made(search_query=lambda n: name(n), product_title=say, clicked=[0, 1]), 'text_1 = "search_query", text_2 = "product_title", binary = "clicked"'),
    ("ids with gaps",            made(satz=say, themen_id=[1001, 7, 90017]), 'text = "satz", class = "themen_id"'),
    ("codes",                    made(sentence=say, cluster_key=["A17", "B2", "Z9"]), 'text = "sentence", class = "cluster_key"'),
    ("words",                    made(tweet=say, emotion=["joy", "fear", "anger"], split=["train", "test"]), 'text = "tweet", class = "emotion"'),
    ("unlabelled NLI",           made(sentence1=ask, sentence2=say, gold_label=["-", "entailment", "neutral", "contradiction"]), f'text_1 = "sentence1", text_2 = "sentence2", class = {{ column = "gold_label", names = {NLI} }}'),
    ("words that are grades",    made(query=lambda n: name(n), product=say, esci_label=list("ESCI")), f'text_1 = "query", text_2 = "product", score = {{ column = "esci_label", values = {ESCI} }}'),
    ("1 and -1",                 made(sentence1=ask, sentence2=say, label=[1, -1]), 'text_1 = "sentence1", text_2 = "sentence2", binary = { column = "label", positive = 1 }'),
    ("judgements",               made(query=lambda n: name(n), document=say, rel=[0, 1, 2, 3]), 'text_1 = "query", text_2 = "document", score = { column = "rel", min = 0, max = 3 }'),
    # --- what is no label ---
    ("questions by category",    made(question=ask, answer=say, category=["a", "b", "c"]), 'anchor = "question", positive = "answer"'),
    ("Fragen nach Kategorie",    made(Frage=ask, Antwort=say, Kategorie=["Garten", "Haus"]), 'anchor = "Frage", positive = "Antwort"'),
    ("one value",                made(text=say, source=["wiki"]), 'text = "text"'),
    ("always 1",                 made(anchor=ask, positive=say, label=[1]), 'anchor = "anchor", positive = "positive"'),
    ("numbered rows",            made(n=int, sentence=say), 'text = "sentence"'),
    ("numbered documents",       made(doc_id=lambda n: n // 3, sentence=say), 'text = "sentence"'),
    # --- scales ---
    ("Likert",                   made(text_a=ask, text_b=say, annotator_rating=[1, 2, 3, 4, 5]), 'text_1 = "text_a", text_2 = "text_b", score = { column = "annotator_rating", min = 1, max = 5 }'),
    ("seven points",             made(s1=ask, s2=say, label=[1, 2, 3, 4, 5, 6, 7]), 'text_1 = "s1", text_2 = "s2", score = { column = "label", min = 1, max = 7 }'),
    ("votes",                    made(text_1=ask, text_2=say, votes=[0, 3, 7]), 'text_1 = "text_1", text_2 = "text_2", score = { column = "votes", min = 0, max = 7 }'),
    ("a rating of one text",     made(review=say, rating=[1, 2, 3, 4, 5]), 'text = "review", class = "rating"'),
    ("a rated review",           made(title=lambda n: name(n), review=say, stars=[1, 2, 3, 4, 5]), 'text = "review", class = "stars"'),
    # --- texts ---
    ("rejected",                 made(prompt=ask, chosen=say, rejected=lambda n: say(n + 9)), 'anchor = "prompt", positive = "chosen", negative = "rejected"'),
    ("rejected responses",       made(query=ask, response=say, rejected_response=lambda n: say(n + 9)), 'anchor = "query", positive = "response", negative = "rejected_response"'),
    ("reversed",                 made(sentence=ask, answer=say, reversed=lambda n: say(n + 9)), 'anchor = "sentence", positive = "answer", negative = "reversed"'),
    ("search words and numbers", made(search_term=lambda n: str(1000 + n) if n % 20 else name(n), product=say), 'anchor = "search_term", positive = "product"'),
    ("part numbers",             made(query=lambda n: str(1000 + n), document=say), 'anchor = "query", positive = "document"'),
    ("without telling names",    made(input=ask, output=say), 'anchor = "input", positive = "output"'),
)
# fmt: on


def written(folder: Path, rows: list[Row], suffix: str) -> str:
    """A file that holds the rows."""
    path = folder / f"train.{suffix}"
    if suffix == "jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    elif suffix == "parquet":
        arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        parquet.write_table(arrow.Table.from_pylist(rows), path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return path.name


def inspected(folder: Path, rows: list[Row], suffix: str = "jsonl") -> dict[str, Any]:
    """What `inspect` says of rows; the line that it proposes must compile and read them."""
    named = written(folder, rows, suffix)
    found: dict[str, Any] = json.loads(stgen("inspect", folder / named, "--format", "json").out)
    model = found["losses"][0]["model"]
    (folder / "stgen.toml").write_text(
        f'stgen = 1\nmodel = {{ type = "{model}", base = "org/base" }}\ntrain = {{ batch_size = 8 }}\n[[data]]\ntrain = "{named}"\n{found["line"]}\n'
    )
    done = stgen("validate", "--data", folder / "stgen.toml")
    assert all("STG233" in line for line in done.err.splitlines() if line.startswith("error")), done.err
    return found


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize(("rows", "line"), [row[1:] for row in GUESSES], ids=[row[0] for row in GUESSES])
def test_a_guess(tmp_path: Path, rows: list[Row], line: str, suffix: str) -> None:
    assert inspected(tmp_path, rows, suffix)["line"] == f"columns = {{ {line} }}"


def test_lists_that_are_texts_are_told_and_get_no_role(tmp_path: Path) -> None:
    rows = made(query=ask, positive=say, negatives=lambda n: str([say(n + 3), say(n + 5)]))
    found = inspected(tmp_path, rows, "csv")
    assert found["unused"] == ["negatives"]
    assert found["columns"][2]["type"] == "text (lists)"
    told = [item for item in found["remarks"] if item["code"] == "STG223"]
    assert len(told) == 1
    assert "holds lists serialized as text" in told[0]["message"]


def test_the_command_for_such_lists_makes_lists_of_them(tmp_path: Path) -> None:
    import subprocess

    pytest.importorskip("pandas")
    rows = made(query=ask, positive=say, negatives=lambda n: str([say(n + 3), f"it's {n}"]), id=lambda n: f"00{n}")
    found = inspected(tmp_path, rows, "csv")
    command = next(item["help"] for item in found["remarks"] if item["code"] == "STG223").partition("python -c")[2]
    subprocess.run(["bash", "-c", f"python -c{command}"], check=True, cwd=tmp_path)
    first = json.loads((tmp_path / "train.jsonl").read_text().splitlines()[0])
    assert first["negatives"] == [say(3), "it's 0"]
    assert first["id"] == "000"


def test_several_classes_of_a_text_are_told(tmp_path: Path) -> None:
    found = inspected(tmp_path, made(text=say, labels=lambda n: WORDS[n % 4 : n % 4 + 2]))
    assert found["line"] == 'columns = { text = "text" }'
    told = next(item for item in found["remarks"] if item["code"] == "STG209")
    assert 'class = "labels[0]"' in told["help"]
    (tmp_path / "stgen.toml").write_text(
        'stgen = 1\nmodel = { type = "dense", base = "org/base" }\ntrain = { batch_size = 8 }\n[[data]]\ntrain = "train.jsonl"\n'
        'columns = { text = "text", class = "labels[0]" }\n'
    )
    assert stgen("validate", "--data", tmp_path / "stgen.toml").code == 0


def test_a_line_that_compile_refuses_is_never_printed(tmp_path: Path) -> None:
    rows = [{"a": ask(n), "a ": say(n), "": f"{n % 2}"} for n in range(ROWS)]
    named = written(tmp_path, rows, "jsonl")
    found = json.loads(stgen("inspect", tmp_path / named, "--format", "json").out)
    if found["line"] is not None:
        inspected(tmp_path, rows)
    else:
        assert any(item["severity"] == "error" for item in found["remarks"])


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e308, [], {}, [[]], None, True, "\ud83d"])
@pytest.mark.parametrize("role", ["score", "binary", "class"])
def test_no_label_is_a_fault_of_stgen(tmp_path: Path, role: str, value: Any) -> None:
    rows = [{"left": ask(n), "right": say(n), "label": value if n % 3 else 1} for n in range(ROWS)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "train.jsonl").write_text(text)
    (tmp_path / "stgen.toml").write_text(
        'stgen = 1\nmodel = { type = "dense", base = "org/base" }\ntrain = { batch_size = 8 }\n[[data]]\ntrain = "train.jsonl"\n'
        f'columns = {{ text_1 = "left", text_2 = "right", {role} = "label" }}\n'
    )
    assert stgen("validate", "--data", tmp_path / "stgen.toml").code in (0, 1)
    assert stgen("inspect", tmp_path / "train.jsonl").code == 0
