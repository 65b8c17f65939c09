"""What is proposed for rows in the layouts that public data sets have, and what is said of those that no role takes as they are."""

from __future__ import annotations

import csv
import io
import json
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_rows import Row
from stgen.inspection.inspecting import Inspection, inspect_data
from stgen.rows.batches import UnreadableError
from stgen.rows.dialect import HEAD
from stgen.rules.recipes import BY_NAME
from stgen.scaffold.propose import propose

ROWS = 40
NLI = ("neutral", "contradiction", "entailment")
Make = Callable[[int], Row]


def ask(n: int) -> str:
    return f"How does the {n}. machine of the old mill work?"


def say(n: int) -> str:
    return (
        f"Machine number {n} turns the stone with a belt, which the miller tightens each morning before it is started."
    )


def short(n: int) -> str:
    return f"A man stands beside machine {n} with a bag."


def zh(n: int) -> str:
    return f"我的银行卡为什么不能使用了{n}次?"


def lines(make: Make) -> str:
    return "".join(json.dumps(make(n), ensure_ascii=False) + "\n" for n in range(ROWS))


def table(make: Make, sign: str = ",") -> str:
    rows, text = [make(n) for n in range(ROWS)], io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=sign)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def plain(make: Callable[[int], tuple[object, ...]], *names: str) -> str:
    """A table without a sign of quoting, with names of columns or none."""
    rows = [names, *map(make, range(ROWS))] if names else map(make, range(ROWS))
    return "".join("\t".join(map(str, row)) + "\n" for row in rows)


# fmt: off
ROLES: dict[str, tuple[Make, str]] = {
    "labels within an object": (
        lambda n: {"guid": f"train_{n:05d}", "sentence1": ask(n), "sentence2": short(n), "labels": {"label": n * 7 % 51 / 10, "real-label": n / 8, "binary-label": n % 2}},
        '{ text_1 = "sentence1", text_2 = "sentence2", score = { column = "labels.label", min = 0, max = 5 } }'),
    "a class within an object": (
        lambda n: {"utterance": ask(n), "meta": {"intent": n % 4, "turn": n}}, '{ text = "utterance", class = "meta.intent" }'),
    "instructions before the texts": (
        lambda n: {"query": ["Represent the question:", ask(n)], "pos": ["Represent the text:", say(n)], "neg": ["Represent the text:", short(n)], "task_id": n % 3},
        '{ anchor = ["query[0]", "query[1]"], positive = ["pos[0]", "pos[1]"], negative = { columns = ["neg[0]", "neg[1]"] } }'),
    "the field of a question and its answer": (
        lambda n: {"Question": ask(n), "Answer": say(n), "Class": ("cards", "loans", "security", "funds")[n % 4]},
        '{ anchor = "Question", positive = "Answer" }'),
    "grades of a question and its answer": (
        lambda n: {"question": ask(n), "answer": say(n), "class": ("Bad", "Fair", "Good")[n % 3]},
        '{ text_1 = "question", text_2 = "answer", score = { column = "class", values = { Good = 0.5, Fair = 0.25, Bad = 0.0 } } }'),
    "how many there are is no score": (
        lambda n: {"product_id": 3 * n, "product_name": short(n), "product_description": say(n), "rating_count": 7.0 * n, "average_rating_count": n / 50},
        '{ anchor = "product_name", positive = "product_description" }'),
    "the passages that are judged, not the answers": (
        lambda n: {"answers": [say(n)], "passages": {"is_selected": [1, 0], "passage_text": [say(n), say(n + 1)]}, "query": ask(n)},
        '{ anchor = "query", documents = "passages.passage_text", scores = "passages.is_selected" }'),
    "a body within objects, not its title": (
        lambda n: {"question": ask(n), "entity_pages": {"title": [f"Mill {n}"], "wiki_context": [say(n)]}, "answer": {"value": f"mill {n}"}},
        '{ anchor = "question", positive = "entity_pages.wiki_context[]" }'),
    "dates are no texts": (
        lambda n: {"": n, "qid": n * 3, "question": ask(n), "timestamp": f"Sep {n} at 14:{n + 10}"}, '{ text = "question" }'),
    "an answer that most rows have": (
        lambda n: {"question": ask(n), "short_answer": None if n % 5 else f"by belt {n}", "answer": say(n)},
        '{ anchor = "question", positive = "answer" }'),
    "a title and the rest of a question": (
        lambda n: {"topic": n % 4, "question_title": ask(n), "question_content": say(n + 1) if n % 2 else "", "best_answer": say(n)},
        '{ anchor = ["question_title", "question_content"], positive = "best_answer" }'),
    "an answer of yes or no is no label": (
        lambda n: {"question": ask(n), "answer": n % 2 == 0, "passage": say(n)}, '{ anchor = "question", positive = "passage" }'),
    "a sentence beside its title": (
        lambda n: {"Question": ask(n), "DocumentTitle": f"Mill number {n}", "Sentence": say(n), "Label": n % 2},
        '{ text_1 = "Question", text_2 = "Sentence", binary = "Label" }'),
    "documented functions": (
        lambda n: {"func_path_in_repository": f"src/m{n}.py", "func_name": f"M.turn{n}", "whole_func_string": f"def turn{n}(): pass", "func_code_string": f"def turn{n}(): pass", "func_documentation_string": short(n)},
        '{ anchor = "func_documentation_string", positive = "func_code_string" }'),
    "posts with votes and judged answers": (
        lambda n: {"Title": ask(n), "Body": say(n), "Score": n % 9, "answers": [{"Body": say(n + 1), "Score": 4}, {"Body": say(n + 2), "Score": 0}]},
        '{ anchor = ["Title", "Body"], documents = "answers[].Body", scores = "answers[].Score" }'),
    "two sides of several columns": (
        lambda n: {"left_title": short(n), "left_description": say(n), "left_price": n + 0.5, "right_title": short(n + 1), "right_description": say(n + 1), "right_price": n + 0.9, "label": n % 2},
        '{ text_1 = ["left_title", "left_description"], text_2 = ["right_title", "right_description"], binary = "label" }'),
    "other forms of the same texts": (
        lambda n: {"gold_label": NLI[n % 3], "sentence1_binary_parse": f"( {short(n)} )", "sentence1": short(n // 3), "sentence1_parse": f"(ROOT {short(n)})", "sentence2_binary_parse": f"( {ask(n)} )", "sentence2": ask(n)},
        '{ text_1 = "sentence1", text_2 = "sentence2", class = { column = "gold_label", names = ["entailment", "neutral", "contradiction"] } }'),
    "an annotated utterance": (
        lambda n: {"utt": short(n), "annot_utt": f"{short(n)} [time : {n}]", "intent": ("set", "mute", "query", "stop")[n % 4], "worker_id": n % 3},
        '{ text = "utt", class = "intent" }'),
    "the mean of raters": (
        lambda n: {"text_a": short(n), "text_b": ask(n), "rater1": n % 5 + 1, "rater2": n * 3 % 5 + 1, "mean": 1 + n % 9 / 2},
        '{ text_1 = "text_a", text_2 = "text_b", score = { column = "mean", min = 1, max = 5 } }'),
    "what a text has is no label of two": (
        lambda n: {"sentence_eng": short(n), "sentence_deu": f"Ein Mann steht neben Maschine {n}.", "has_image": n % 2},
        '{ anchor = "sentence_eng", positive = "sentence_deu" }'),
    "a message has a queue": (
        lambda n: {"ticket_id": f"T-{n}", "subject": short(n), "body": say(n), "queue": ("IT", "Billing", "Sales")[n % 3], "priority": ("low", "high")[n % 2]},
        '{ text = ["subject", "body"], class = "queue" }'),
    "a message has an answer": (
        lambda n: {"subject": short(n), "body": say(n), "answer": say(n + 5), "queue": ("IT", "Billing")[n % 2], "tag_1": ("a", "b")[n % 2]},
        '{ anchor = ["subject", "body"], positive = "answer" }'),
    "a polarity of a title and its text": (
        lambda n: {"label": n % 2, "title": short(n), "content": say(n)}, '{ text = "content", class = "label" }'),
    "goods in stock": (
        lambda n: {"sku": f"A-{n}", "title": short(n), "description": say(n), "brand": ("Acme", "Bosch")[n % 2], "price": f"{n}.99", "in_stock": n % 2},
        '{ anchor = "title", positive = "description" }'),
    "films of directors": (
        lambda n: {"Title": short(n), "Director": f"Jane Doe number {n}", "Genre": ("drama", "comedy")[n % 2], "Plot": say(n)},
        '{ anchor = "Title", positive = "Plot" }'),
    "who wrote it is no class": (
        lambda n: {"listing_id": 2000 + n // 9, "reviewer_name": ("Ann", "Bo", "Cy")[n % 3], "comments": say(n)}, '{ text = "comments" }'),
    "a set's number is its class": (
        lambda n: {"paraphrase_set_id": n // 4, "sentence_id": n * 13, "paraphrase": short(n), "language": "en"},
        '{ text = "paraphrase", class = "paraphrase_set_id" }'),
    "sets of five are no triplets": (
        lambda n: {"cocoid": n, "sentences": [short(n + k) for k in range(5)]}, '{ anchor = "sentences[0]", positive = "sentences[1]" }'),
    "a list of one label": (
        lambda n: {"id": n, "text": say(n), "label": [("bug", "docs")[n % 2]]}, '{ text = "text", class = "label[0]" }'),
    "a vector of a title and its text": (
        lambda n: {"title": short(n), "text": say(n), "emb": [((n * k) % 17) / 9 - 1 for k in range(32)]},
        '{ text = ["title", "text"], embedding = "emb" }'),
    "users ask": (
        lambda n: {"user_query": ask(n), "positive_document": say(n), "hard_negative_document": say(n + 5)},
        '{ anchor = "user_query", positive = "positive_document", negative = "hard_negative_document" }'),
    "texts that are called so": (
        lambda n: {"question_text": short(n), "passage_text": say(n), "created": f"2023-01-{n % 9 + 10}"},
        '{ anchor = "question_text", positive = "passage_text" }'),
}
FILES: dict[str, tuple[str, str, str]] = {  # file, its text, the proposed lines
    "pairs in Chinese without names": ("train.tsv", plain(lambda n: (zh(n), zh(n + 1), n % 2)),
        'file = { header = ["text_1", "text_2", "binary"] }\ncolumns = { text_1 = "text_1", text_2 = "text_2", binary = "binary" }'),
    "a premise before what follows from it": ("train.tsv", plain(lambda n: (say(n), short(n), ("neutral", "entails")[n % 2])),
        'file = { header = ["text_1", "text_2", "class"] }\ncolumns = { text_1 = "text_1", text_2 = "text_2", class = "class" }'),
    "names in plain text": ("SICK.txt", plain(lambda n: (n, short(n), ask(n), 1 + n * 7 % 41 / 10, NLI[n % 3].upper()), "pair_ID", "sentence_A", "sentence_B", "relatedness_score", "entailment_judgment"),
        'file = { delimiter = "\\t" }\ncolumns = { text_1 = "sentence_A", text_2 = "sentence_B", score = { column = "relatedness_score", min = 1, max = 5 } }'),
    "quotes that belong to the texts": ("msr.txt", "\ufeff" + plain(lambda n: (n % 2, n + 700, n + 900, '"' * (n % 3 == 0) + short(n), ask(n)), "Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"),
        'file = { delimiter = "\\t" }\ncolumns = { text_1 = "#1 String", text_2 = "#2 String", binary = "Quality" }'),
    "a class behind a semicolon": ("train.txt", "".join(f"i stood beside machine {n};{('joy', 'fear', 'anger')[n % 3]}\n" for n in range(ROWS)),
        'file = { delimiter = ";", header = ["text", "class"] }\ncolumns = { text = "text", class = "class" }'),
    "an empty cell in the first row": ("train.csv", "".join(f'"{n % 4 + 1}","{ask(n)}","{say(n) if n % 2 else ""}","{say(n + 3)}"\n' for n in range(ROWS)),
        'file = { header = ["class", "column_2", "column_3", "column_4"] }\ncolumns = { text = ["column_2", "column_4"], class = "class" }'),
    "who wrote a pair, before what is said of it": ("mqp.csv", "".join(f'{n // 8},"{ask(n)}","{short(n)}",{n % 2}\n' for n in range(ROWS)),
        'file = { header = ["column_1", "text_1", "text_2", "binary"] }\ncolumns = { text_1 = "text_1", text_2 = "text_2", binary = "binary" }'),
    "the longest list of an object": ("app.json", json.dumps({"intents": [{"name": "greet"}], "utterances": [{"text": ask(n), "intent": ("greet", "bye")[n % 2]} for n in range(ROWS)]}),
        'file = { rows = "utterances" }\ncolumns = { text = "text", class = "intent" }'),
    "topics": ("topics.tsv", plain(lambda n: (f"{n}#0", ask(n))), 'file = { header = ["column_1", "text"] }\ncolumns = { text = "text" }'),
}
FOUND: dict[str, tuple[str, str, str, Row]] = {  # file, its text, the code; of the first row that the command writes
    "choices by number": ("train.jsonl", lines(lambda n: {"question": ask(n), "choices": [short(n + k) for k in range(4)], "answer": (n + 1) % 4}),
        "STG471", {"positive": short(1), "negatives": [short(0), short(2), short(3)]}),
    "choices by letter": ("train.csv", table(lambda n: {"prompt": ask(n), **{letter: short(n + k) for k, letter in enumerate("ABCD")}, "answer": "BCDA"[n % 4]}),
        "STG471", {"positive": short(1), "negatives": [short(0), short(2), short(3)]}),
    "choices in an object": ("train.jsonl", lines(lambda n: {"question": ask(n), "choices": {"label": list("ABC"), "text": [short(n + k) for k in range(3)]}, "answerKey": "CAB"[n % 3]}),
        "STG471", {"positive": short(2), "negatives": [short(0), short(1)]}),
    "numbered choices": ("train.csv", table(lambda n: {"citing_prompt": say(n), **{f"holding_{k}": short(n + k) for k in range(3)}, "label": n % 3}),
        "STG471", {"positive": short(0), "negatives": [short(1), short(2)]}),
    "two answers with scores": ("train.jsonl", lines(lambda n: {"history": ask(n), "human_ref_A": say(n), "human_ref_B": say(n + 1), "score_A": 2, "score_B": 7 + n, "labels": 0}),
        "STG470", {"chosen": say(1), "rejected": say(0)}),
    "a question within": ("train.jsonl", lines(lambda n: {"chosen": f"\n\nHuman: {ask(n)}\n\nAssistant: {say(n)}", "rejected": f"\n\nHuman: {ask(n)}\n\nAssistant: {say(n + 1)}"}),
        "STG470", {"prompt": f"\n\nHuman: {ask(0)}\n", "chosen": f"Assistant: {say(0)}", "rejected": f"Assistant: {say(1)}"}),
    "raters": ("train.csv", table(lambda n: {"text_1": short(n), "text_2": ask(n), "rater1": n % 5 + 1, "rater2": n % 4 + 1, "rater3": 4}),
        "STG472", {"score": 2.0}),
    "classes of several texts": ("test.jsonl", lines(lambda n: {"sentences": [short(n), ask(n)], "labels": ["math", "bio"]}),
        "STG441", {"sentences": short(0), "labels": "math"}),
    "bytes": ("train.csv", table(lambda n: {"sentence1": str(short(n).encode()), "sentence2": str(ask(n).encode()), "label": n % 2}),
        "STG223", {"sentence1": short(0)}),
    "columns under one object": ("test.json", json.dumps({"sent1": [short(n) for n in range(ROWS)], "sent2": [ask(n) for n in range(ROWS)], "labels": [n % 2 for n in range(ROWS)]}),
        "STG417", {"sent1": short(0), "sent2": ask(0), "labels": 0}),
    "texts by their languages": ("train.jsonl", lines(lambda n: {"premise": {"de": zh(n), "en": ask(n)}, "hypothesis": {"language": ["en", "de"], "translation": [say(n), short(n)]}, "label": n % 3}),
        "STG441", {"premise": ask(0), "hypothesis": say(0), "language": "en", "label": 0}),
    "classes as keys": ("train.jsonl", lines(lambda n: {"text": say(n), "cats": {"mill": n % 2 == 1, "river": n % 2 == 0}}),
        "STG442", {"text": say(0), "class": "river"}),
    "rows within an object": ("nlu.json", json.dumps({"rasa_nlu_data": {"common_examples": [{"text": ask(n), "intent": "ab"[n % 2], "entities": []} for n in range(ROWS)], "synonyms": []}}),
        "STG417", {"text": ask(0), "intent": "a"}),
    "a class before each line": ("train.txt", "".join(f"{('DESC:manner', 'HUM:ind')[n % 2]} {ask(n)}\n" for n in range(ROWS)), "STG419", {}),
    "ids alone": ("triples.tsv", plain(lambda n: (1000 + n, 7 * n, 9 * n + 1)), "STG474", {}),
    "ids in one cell": ("train_random.txt", plain(lambda n: (100 + n, f"{n} {n + 1}", " ".join(str(n + k) for k in range(9)))), "STG474", {}),
    "labels that go together": ("train.jsonl", lines(lambda n: {"text": say(n), "labels": [n % 5, 9][: 1 + n % 2]}), "STG209", {}),
    "many flags": ("train.csv", table(lambda n: {"text": say(n), "subreddit": ("a", "b")[n % 2], **{f"is{k}": int(n % 6 == k or n % 5 == k) for k in range(4)}}), "STG442", {}),
}
# fmt: on


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def inspected(file: str, text: str) -> Inspection:
    Path(file).write_text(text, encoding="utf-8")
    return inspect_data(file)


@pytest.mark.parametrize("name", ROLES)
def test_rows_get_their_roles(name: str) -> None:
    make, columns = ROLES[name]
    found = inspected("train.jsonl", lines(make))
    assert found.line == f"columns = {columns}"
    assert found.format is not None  # so that the language takes it


@pytest.mark.parametrize("name", FILES)
def test_files_are_read_as_they_are_meant(name: str) -> None:
    file, text, proposed = FILES[name]
    assert inspected(file, text).line == proposed


def run(command: str) -> dict[str, Any]:
    """Run the program of a command here, and return the first row that it writes."""
    exec(shlex.split(command)[2], {})
    written = next(path for path in sorted(Path().iterdir(), key=lambda path: -path.stat().st_mtime_ns))
    first: dict[str, Any] = json.loads(written.read_text(encoding="utf-8").splitlines()[0])
    return first


@pytest.mark.parametrize("name", FOUND)
def test_rows_that_no_role_takes_are_told_with_the_way_out(name: str) -> None:
    file, text, code, first = FOUND[name]
    told = [item for item in inspected(file, text).remarks if item.code == code]
    assert told
    if first:
        pytest.importorskip("pandas")
        row = run("python -c" + (told[0].help or "").partition("python -c")[2])
        assert {key: row[key] for key in first} == first


def test_rows_of_all_splits_are_told_and_written_apart() -> None:
    pytest.importorskip("pandas")
    splits = ("train", "val", "test")
    text = table(lambda n: {"question1": ask(n), "question2": short(n), "is_duplicate": n % 2, "split": splits[n % 3]})
    found = inspected("data.csv", text)
    assert found.line == 'columns = { text_1 = "question1", text_2 = "question2", binary = "is_duplicate" }'
    (told,) = [item for item in found.remarks if item.code == "STG473"]
    assert 'train = "train.jsonl", eval = "val.jsonl", test = "test.jsonl"' in (told.help or "")
    exec(shlex.split("python -c" + (told.help or "").partition("python -c")[2])[2], {})
    assert [len(Path(f"{split}.jsonl").read_text().splitlines()) for split in splits] == [14, 13, 13]


def test_the_splits_of_an_object_are_told_wherever_training_begins() -> None:
    def rows(some: range) -> list[list[str]]:
        return [[ask(n), ("mill", "river", "road")[n % 3]] for n in some]

    far = rows(range(100, 4_100))
    text = json.dumps(
        {"oos_val": rows(range(3)), "val": far, "train": rows(range(ROWS)), "test": rows(range(ROWS, 2 * ROWS))},
        indent=1,
    )
    assert text.index('"train"') > HEAD
    found = inspected("clinc.json", text)
    assert (
        found.line
        == 'file = { rows = "train", header = ["text", "class"] }\ncolumns = { text = "text", class = "class" }'
    )
    (told,) = [item for item in found.remarks if item.code == "STG473"]
    assert "those under `val`, `test` are not used" in told.message
    assert 'train = "train.jsonl", eval = "eval.jsonl", test = "test.jsonl"' in (told.help or "")
    assert """jq -c '.["test"][]' clinc.json > test.jsonl""" in (told.help or "")


def test_triplets_of_ids_without_names_take_their_texts_from_files_beside() -> None:
    Path("corpus.jsonl").write_text(lines(lambda n: {"_id": f"d{n}", "title": f"Mill {n}", "text": say(n)}))
    Path("qgen-queries.jsonl").write_text(lines(lambda n: {"_id": f"genQ{n}", "text": ask(n)}))
    found = inspected("gpl.tsv", plain(lambda n: (f"genQ{n}", f"d{n}", f"d{(n + 3) % ROWS}", 5.1 - n / 9)))
    assert found.guess.columns == {role: role for role in ("anchor", "positive", "negative", "margin")}
    corpus = {"file": "corpus.jsonl", "text": ["title", "text"]}
    assert found.guess.texts == {"anchor": "qgen-queries.jsonl", "positive": corpus, "negative": corpus}


def test_files_of_texts_in_another_table_are_told_and_written_anew() -> None:
    pytest.importorskip("pandas")
    Path("query.csv").write_text(table(lambda n: {"query_id": n, "query": ask(n), "query_class": "mills"}, "\t"))
    Path("product.csv").write_text(table(lambda n: {"product_id": n, "product_name": say(n), "rating": n}, "\t"))
    labels = table(
        lambda n: {"id": n, "query_id": n % 20, "product_id": n, "label": ("Exact", "Partial", "Irrelevant")[n % 3]},
        "\t",
    )
    told = [item for item in inspected("label.csv", labels).remarks if item.code == "STG204"]
    assert [item.message.partition(" ")[0] for item in told] == ["query.csv", "product.csv"]
    for item in told:
        exec(shlex.split("python -c" + (item.help or "").partition("python -c")[2])[2], {})
        Path(item.message.partition(" ")[0]).unlink()
    found = inspect_data("label.csv")
    assert found.guess.columns == {
        "text_1": "query_id",
        "text_2": "product_id",
        "score": {"column": "label", "values": {"Exact": 1.0, "Partial": 0.5, "Irrelevant": 0.0}},
    }
    assert found.guess.texts == {
        "text_1": {"file": "query.tsv", "id": "query_id", "text": "query"},
        "text_2": {"file": "product.tsv", "id": "product_id", "text": "product_name"},
    }


@pytest.mark.parametrize(("recipe", "label"), [("inference", "class"), ("semantic-similarity", "score")])
def test_a_recipe_decides_between_labels(recipe: str, label: str) -> None:
    rows = lines(
        lambda n: {"sentence_A": short(n), "sentence_B": ask(n), "entailment_label": NLI[n % 3], "relatedness_score": 1 + n * 7 % 41 / 10}
    )  # fmt: skip
    Path("train.jsonl").write_text(rows)
    proposal, _ = propose("train.jsonl", BY_NAME[recipe])
    assert proposal is not None
    assert proposal.columns.keys() == {"text_1", "text_2", label}


@pytest.mark.parametrize(
    ("held", "way"),
    [
        (lambda rows: {str(n): row for n, row in enumerate(rows)}, ".[]"),
        (lambda rows: {"root": {"pairs": rows}}, '.["root"]["pairs"][]'),
    ],
)
def test_an_object_that_goes_over_lines_is_told_how_to_become_rows(
    held: Callable[[list[Row]], object], way: str
) -> None:
    rows = [{"question": ask(n), "answer": say(n)} for n in range(ROWS)]
    Path("data.json").write_text(json.dumps(held(rows), indent=2))
    with pytest.raises(UnreadableError) as told:
        inspect_data("data.json")
    command = shlex.split((told.value.help or "").partition("jq")[2].partition(" > ")[0])
    assert command == ["-c", way, "data.json"]
    if jq := shutil.which("jq"):
        done = subprocess.run([jq, *command], capture_output=True, text=True, check=True)
        assert [json.loads(line) for line in done.stdout.splitlines()] == rows


def test_the_rows_of_an_object_on_one_line_get_a_file_of_their_own() -> None:
    rows = {str(n): {"question": ask(n), "answer": say(n)} for n in range(ROWS)}
    (told,) = [item for item in inspected("data.jsonl", json.dumps(rows)).remarks if item.code == "STG417"]
    assert '"data.rows.jsonl"' in (told.help or "")


def test_numbers_that_stand_in_one_cell_are_no_texts() -> None:
    def row(n: int) -> tuple[object, ...]:
        return (
            90 + n,
            f"{7 * n} {n + 3}" if n % 4 else 5,
            " ".join(str(n * k) for k in range(3, 9)),
            f"{50 + n / 8} 46.3 45.74",
        )

    found = inspected("dev.txt", plain(row))
    assert found.line == ""
    assert "STG474" in [item.code for item in found.remarks]
