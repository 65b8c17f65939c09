"""What stgen says about rows: each mistake is found and told with its rows and its way out, and its unharmed twin passes clean."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from made_rows import (
    CORPUS,
    NUMBER,
    QRELS,
    QUERIES,
    WORDS,
    Row,
    classes,
    labelled,
    lists,
    name,
    pairs,
    scored,
    spoken,
    triplets,
    write,
)
from places import SHARED
from stgen.diagnostics.codes import BY_CODE
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.examining import examine
from stgen.language.load import allowed
from stgen.language.spec import Spec

PAIR = {"anchor": "question", "positive": "answer"}
TRIPLET = {**PAIR, "negative": "wrong"}
TEXTS = {"text_1": "left", "text_2": "right"}
LANGUAGES = {"text_1": "en", "text_2": ["de", "fr"], "embedding": "v"}
LISTS = {"anchor": "question", "documents": "docs", "scores": "scores"}


def with_row(rows: list[Row], number: int, **values: Any) -> list[Row]:
    """The rows, of which row `number` (from 1) holds other values."""
    return [row | values if position == number else row for position, row in enumerate(rows, 1)]


@dataclass(frozen=True)
class Case:
    """A mistake in the rows or in what the spec says of them, beside the same without it."""

    code: str
    columns: dict[str, Any]
    broken: list[Row]
    healthy: list[Row]
    says: tuple[str, ...] = ()  # words of the message and the help
    at: tuple[str | int, ...] = ()  # the last keys of the path
    model: dict[str, Any] = field(default_factory=lambda: {"type": "dense"})
    loss: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    healthy_columns: dict[str, Any] = field(default_factory=dict)
    healthy_loss: dict[str, Any] | None = None
    healthy_model: dict[str, Any] = field(default_factory=dict)
    healthy_data: dict[str, Any] | None = None
    files: dict[str, list[Row]] = field(default_factory=dict)  # others than train.jsonl
    healthy_files: dict[str, list[Row]] = field(default_factory=dict)
    severity: str = ""


CROSS = {"type": "cross-encoder"}
BY_CLASS = {"name": "BatchAllTripletLoss"}  # pairs of a class would have false negatives
LONG = " ".join(WORDS * 12)

# fmt: off
CASES: tuple[Case, ...] = (
    # --- what every row must keep ---
    Case("STG206", {"anchor": "qestion", "positive": "answer"}, pairs(), pairs(), ("no column `qestion`", "did you mean `question`?"), ("columns", "anchor"), healthy_columns=PAIR),
    Case("STG206", {"anchor": "question", "positive": "answer[0].txt"}, [row | {"answer": [{"id": "1", "text": row["answer"]}]} for row in pairs()], [row | {"answer": [{"id": "1", "text": row["answer"]}]} for row in pairs()], ("`answer[0].txt` leads to nothing in any row", "did you mean `answer[0].text`?"), ("columns", "positive"), healthy_columns={"anchor": "question", "positive": "answer[0].text"}),
    Case("STG206", {"anchor": "question", "positive": "anser[0]"}, [row | {"answer": [row["answer"]]} for row in pairs()], [row | {"answer": [row["answer"]]} for row in pairs()], ("no column `anser[0]`", "did you mean `answer[0]`?"), ("columns", "positive"), healthy_columns={"anchor": "question", "positive": "answer[0]"}),
    Case("STG209", {"text": "text", "class": "label"}, classes(lambda n: ["oak", "elm"][n % 2 :]), classes(), ("`label` is not a class: ['oak', 'elm']", 'class = "label[0]"'), ("class",), healthy_loss=BY_CLASS),
    Case("STG209", {"text": "text", "class": "label"}, classes(lambda n: {"a": n}), classes(), ("`label` is not a class",), ("class",), healthy_loss=BY_CLASS),
    Case("STG210", {"text": "text", "class": "label"}, classes(lambda n: None), classes(), ("`label` has no value; 120 of 120 rows",), ("class",), healthy_loss=BY_CLASS),
    Case("STG209", PAIR, with_row(pairs(), 17, answer=12), pairs(), ("line 17 of train.jsonl: `answer` is not a text: 12",), ("columns", "positive")),
    Case("STG209", {**TEXTS, "score": "score"}, with_row(scored(), 9, score="high"), scored(), ("line 9 of train.jsonl: `score` is not a number: 'high'",), ("score",)),
    Case("STG209", {**TEXTS, "score": "score"}, scored(lambda n: "ESCI"[n % 4]), scored(lambda n: "ESCI"[n % 4]), ("is not a number: 'E'", 'score = { column = "score", values = { E = 1.0, S = 0.5, C = 0.2, I = 0.0 } }'), ("score",), healthy_columns={**TEXTS, "score": {"column": "score", "values": {"E": 1.0, "S": 0.5, "C": 0.2, "I": 0.0}}}),
    Case("STG209", {**TEXTS, "score": "score"}, scored(lambda n: f"0,{n % 10}"), scored(lambda n: f"0,{n % 10}"), ("is not a number: '0,0'", 'write file = { decimal = "," } beside the path'), ("score",), healthy_data={"file": {"decimal": ","}}),
    Case("STG209", LISTS, with_row(lists(), 5, docs=["a b", 3, "c d"]), lists(), ("line 5 of train.jsonl: `docs[1]` is not a text: 3", "a list of texts"), ("documents",), CROSS),
    Case("STG209", PAIR, with_row(pairs(), 3, answer=["a b", "c d"]), pairs(), ("line 3 of train.jsonl: `answer` is not a text: ['a b', 'c d']", "`documents`"), ("positive",)),
    Case("STG210", PAIR, with_row(pairs(), 2, answer=None), pairs(), ("line 2 of train.jsonl: `answer` has no value",), ("positive",)),
    Case("STG211", PAIR, with_row(with_row(pairs(), 4, question=" \t"), 8, question=""), pairs(), ("line 4 of train.jsonl: `question` is empty; 2 of 120 rows are like it (lines 4 and 8)",), ("anchor",)),
    Case("STG211", LISTS, with_row(lists(), 6, docs=["a b", "", "c d"]), lists(), ("line 6 of train.jsonl: `docs[1]` is empty",), ("documents",), CROSS),
    # --- texts ---
    Case("STG212", PAIR, [row | {"answer": row["question"]} if n < 6 else row for n, row in enumerate(pairs())], pairs(), ("6 of 120 rows", "rows 1, 2, 3 and 3 more"), ("positive",)),
    Case("STG213", TRIPLET, with_row(triplets(), 3, wrong=triplets()[2]["answer"]), triplets(), ("line 3 of train.jsonl: `wrong` is identical to the positive",), ("negative",)),
    Case("STG213", TRIPLET, with_row(triplets(), 3, question=triplets()[7]["question"], wrong=triplets()[7]["answer"]), with_row(triplets(), 3, wrong=triplets()[7]["answer"]), ("`wrong` is the positive of another row with the same anchor in 1 of 120 rows", "row 3", "draw other negatives"), ("negative",), severity="warning"),
    Case("STG214", {"anchor": "question", "positive": "copy"}, [row | {"copy": row["question"]} for row in pairs()], pairs(), ("identical in all 120 rows", "SimCSE"), ("positive",), healthy_columns=PAIR),
    Case("STG215", TRIPLET, [row | {"wrong": "the wiki"} for row in triplets()], triplets(), ("the same text in all 120 rows",), ("negative",), severity="error"),
    Case("STG215", TRIPLET, [row | {"wrong": f"a stone from {WORDS[n % 5]}"} for n, row in enumerate(triplets())], triplets(), ("5 distinct texts", "batch_size = 2"), ("negative",), severity="error"),
    Case("STG216", PAIR, [row | {"question": f"how does {name(n % 30)} grow?"} for n, row in enumerate(pairs())], pairs(), ("90 of 120 rows have a duplicate text", "holds 3.0 pairs", "occurs 4 times"), ("anchor",), data={"streaming": True}, severity="warning"),
    Case("STG216", PAIR, [row | {"question": f"how does {name(n % 30)} grow?"} for n, row in enumerate(pairs())], pairs(), ("nothing needs to be done",), ("anchor",), severity="note"),
    Case("STG217", PAIR, pairs()[:110] + pairs()[:10], pairs(), ("10 of 120 rows", "row 1 occurs 2 times", "deduplicate"), ("train",)),
    Case("STG217", LISTS, with_row(lists(), 7, docs=["a b", "a b", "c d"]), lists(), ("duplicate texts", "row 7"), ("documents",), CROSS),
    Case("STG218", PAIR, pairs(), pairs(), ("train/eval leakage: 20 of 20 rows", "are in train.jsonl too", "eval = { fraction = 0.1 }"), ("eval",), data={"eval": "eval.jsonl"}, files={"eval.jsonl": pairs(20)}, healthy_files={"eval.jsonl": pairs(20, 500)}, severity="error"),
    Case("STG370", PAIR, pairs(), pairs(), ("5 of 20 rows of eval.jsonl", "are in test.jsonl too (25%)", "decontaminate"), ("eval",), data={"eval": "eval.jsonl", "test": "test.jsonl"}, files={"eval.jsonl": pairs(15, 700) + pairs(5, 500), "test.jsonl": pairs(20, 500)}, healthy_files={"eval.jsonl": pairs(20, 700), "test.jsonl": pairs(20, 500)}, severity="warning"),
    Case("STG218", PAIR, pairs(), pairs(), ("5 of 20 rows of test.jsonl (rows 16, 17, 18 and 2 more)",), ("test",), data={"test": "test.jsonl"}, files={"test.jsonl": pairs(15, 500) + pairs(5)}, healthy_files={"test.jsonl": pairs(20, 500)}, severity="warning"),
    Case("STG219", PAIR, pairs(), pairs(), ("20 of 20 rows", "have an anchor"), ("eval",), data={"eval": "eval.jsonl"}, files={"eval.jsonl": [row | {"answer": f"it likes {name(n)}"} for n, row in enumerate(pairs(20))]}, healthy_files={"eval.jsonl": pairs(20, 500)}),
    Case("STG220", PAIR, pairs(14), pairs(), ("train has 14 rows, fewer than one batch of 16", "batch_size = 2"), ("train",)),
    Case("STG394", PAIR, pairs(), pairs(), ("5 rows choose the checkpoint (the 5% of train.jsonl that are held out for eval)", "collect more rows: the 50 that it takes would be 42% of these"), ("train",), data={}, healthy_files={}, healthy_data={"eval": {"rows": 60}}, severity="note"),
    Case("STG394", PAIR, pairs(), pairs(), ("15 queries choose the checkpoint (eval.jsonl)", "add queries to it"), ("eval",), data={"eval": "eval.jsonl"}, files={"eval.jsonl": [row | {"question": f"how does {name(500 + n % 15)} grow?"} for n, row in enumerate(pairs(60, 500))]}, healthy_files={"eval.jsonl": pairs(60, 500)}, severity="note"),
    Case("STG394", PAIR, pairs(), pairs(), ("20 rows choose the checkpoint (eval.jsonl)", "add rows to it"), ("eval",), data={"eval": "eval.jsonl"}, files={"eval.jsonl": pairs(20, 500)}, healthy_files={"eval.jsonl": pairs(50, 500)}, severity="note"),
    Case("STG220", PAIR, pairs(17), pairs(), ("14 rows of train are left, and there must be 16", "batch_size = 2"), ("train",)),
    Case("STG220", PAIR, pairs(17), pairs(40), ("17 rows are too few to hold 0.02 of them out", "name a file of eval rows"), ("train",), data={"test": "test.jsonl", "eval": {"fraction": 0.02}}, files={"test.jsonl": pairs(5, 100)}, healthy_data={"test": "test.jsonl", "eval": {"fraction": 0.02}}, healthy_files={"test.jsonl": pairs(5, 100)}),
    Case("STG221", {"anchor": "answer", "positive": "question"}, pairs(), pairs(), ("look reversed: 100% of `question` end with a question mark", 'anchor = "question", positive = "answer"'), ("anchor",), healthy_columns=PAIR),
    Case("STG221", {"anchor": "answer", "positive": "title"}, [{"title": name(n), "answer": f"{LONG} {name(n)}"} for n in range(NUMBER)], [{"title": name(n), "answer": f"{LONG} {name(n)}"} for n in range(NUMBER)], ("words on average",), ("anchor",), healthy_columns={"anchor": "title", "positive": "answer"}),
    Case("STG222", PAIR, [row | {"answer": f"{LONG} {n}"} if n % 2 else row for n, row in enumerate(pairs())], pairs(), ("about 50% of `answer` are truncated at 256 tokens", "max_length = 512"), ("positive",), {"type": "dense", "base": "sentence-transformers/all-MiniLM-L6-v2"}),
    Case("STG222", PAIR, [row | {"answer": f"{LONG} {LONG} {n}"} for n, row in enumerate(pairs())], pairs(), ("truncated at 512 tokens", "split the texts: the base has 512 positions"), ("positive",), {"type": "dense", "base": "google-bert/bert-base-uncased"}),
    Case("STG222", PAIR, [row | {"answer": f"{LONG} {LONG} {n}"} for n, row in enumerate(pairs())], pairs(), ("truncated at 384 tokens", "max_length = 512 under"), ("positive",), {"type": "dense", "base": "sentence-transformers/all-mpnet-base-v2"}),
    Case("STG222", {**TEXTS, "binary": "label"}, [row | {"right": f"{LONG} {n}"} for n, row in enumerate(labelled("label", lambda n: n % 2))], labelled("label", lambda n: n % 2), ("of the pairs", "at 100 tokens"), ("text_2",), {"type": "cross-encoder", "max_length": 100}),
    Case("STG222", PAIR, [row | {"answer": f"{LONG} {n}"} for n, row in enumerate(pairs())], pairs(), ("`answer` are truncated at 64 tokens", "max_length = 128 in model.document"), ("positive",), {"type": "multi-vector", "base": "org/base", "query": {"max_length": 16}, "document": {"max_length": 64}}),
    Case("STG222", PAIR, [row | {"question": f"{LONG} {n}?"} for n, row in enumerate(pairs())], pairs(), ("`question` are truncated at 64 tokens", "max_length = 128 in model.query"), ("anchor",), {"type": "dense", "base": "org/base", "router": True, "query": {"max_length": 64}, "document": {"architecture": "static"}}),
    Case("STG223", {"anchor": "qid", "positive": "answer"}, [row | {"qid": f"q-{n}"} for n, row in enumerate(pairs())], pairs(), ("holds ids", '"q-0"'), ("anchor",), healthy_columns=PAIR),
    Case("STG223", PAIR, [row | {"answer": f"https://example.org/{n}"} for n, row in enumerate(pairs())], pairs(), ("addresses on the web",), ("positive",)),
    Case("STG223", PAIR, [row | {"answer": f"{n}"} for n, row in enumerate(pairs())], [row | {"answer": f"{n}" if n % 20 else f"the {name(n)}"} for n, row in enumerate(pairs())], ("holds numbers, such as \"0\"",), ("positive",)),
    Case("STG223", TRIPLET, [row | {"wrong": str([row["wrong"], "a b"])} for row in triplets()], [row | {"wrong": f"[{n}] {row['wrong']}"} for n, row in enumerate(triplets())], ("holds lists serialized as text", "python -c ", "ast.literal_eval"), ("negative",), severity="warning"),
    Case("STG223", TRIPLET, [row | {"wrong": json.dumps({"text": row["wrong"]})} for row in triplets()], [row | {"wrong": f"{{{n}}} {row['wrong']}"} for n, row in enumerate(triplets())], ("holds lists serialized as text",), ("negative",), severity="warning"),
    Case("STG224", PAIR, [row | {"question": f"Instruct: find the leaf\nQuery: {row['question']}"} for row in pairs()], pairs(), (r'already begin with "Instruct: find the leaf\nQuery: "', r'prompts = { query = "Instruct: find the leaf\nQuery: " }'), ("anchor",), severity="warning"),
    Case("STG224", PAIR, [row | {"answer": f"Aufgabe: {row['answer']}" if n % 20 else row["answer"]} for n, row in enumerate(pairs())], [row | {"answer": f"Aufgabe: {row['answer']}" if n % 2 else row["answer"]} for n, row in enumerate(pairs())], ('already begin with "Aufgabe: "', "document ="), ("positive",), severity="warning"),
    Case("STG224", PAIR, [row | {"question": "query: " + row["question"]} for row in pairs()], pairs(), ('already begin with "query: "', 'prompts = { query = "query: " }'), ("anchor",), severity="warning"),
    Case("STG224", PAIR, [row | {"question": "Q> " + row["question"]} for row in pairs()], pairs(), ('already begin with "Q> "',), ("anchor",), {"type": "dense", "prompts": {"query": "Q> "}}, severity="error"),
    Case("STG224", PAIR, [row | {"question": "Q> " + row["question"]} for row in pairs()], pairs(), ('already begin with "Q> "',), ("anchor",), {"type": "dense", "prompts": {"query": "other> "}}, data={"prompts": {"query": "Q> "}}, severity="error"),
    # --- labels of pairs ---
    Case("STG225", {**TEXTS, "score": "score"}, scored(lambda n: n % 6), scored(), ("`score` runs from 0 to 5", "80 of 120 rows", "lines 3, 4, 5 and 77 more", 'score = { column = "score", min = 0, max = 5 }'), ("score",)),
    Case("STG225", {**TEXTS, "score": "score"}, scored(lambda n: n % 6), scored(), ("CosineSimilarityLoss needs scores between 0 and 1",), ("score",), loss={"name": "CosineSimilarityLoss"}),
    Case("STG225", {**TEXTS, "score": "score"}, with_row(scored(), 40, score=1.2), scored(), ("line 40 of train.jsonl", "correct these rows"), ("score",)),
    Case("STG225", {**TEXTS, "score": {"column": "score", "min": 0, "max": 4}}, scored(lambda n: n % 6), scored(lambda n: n % 6), ("is declared 0 to 4",), ("score",), healthy_columns={**TEXTS, "score": {"column": "score", "min": 0, "max": 5}}),
    Case("STG246", {**TEXTS, "score": {"column": "score", "min": 0, "max": 5}}, scored(), scored(), ("looks normalised already", 'score = "score"'), ("score",), healthy_columns={**TEXTS, "score": "score"}),
    Case("STG226", {**TEXTS, "score": "score"}, with_row(scored(), 11, score=float("nan")), scored(), ("line 11 of train.jsonl: `score` is NaN or infinite: nan",), ("score",)),
    Case("STG226", {"text": "text", "embedding": "vector"}, with_row([{"text": row["text"], "vector": [0.5] * 64} for row in classes()], 2, vector=[float("inf")] * 64), [{"text": row["text"], "vector": [0.5] * 64} for row in classes()], ("line 2 of train.jsonl: `vector[0]` is NaN or infinite: inf",), ("embedding",)),
    Case("STG227", {**TEXTS, "score": "score"}, scored(lambda n: 0.5), scored(), ("every `score` of train.jsonl is 0.5",), ("score",)),
    Case("STG228", {**TEXTS, "binary": "label"}, labelled("label", lambda n: n % 5 + 1), labelled("label", lambda n: n % 2), ("96 of 120 rows", 'score = { column = "label", min = 1, max = 5 }'), ("binary",)),
    Case("STG228", {**TEXTS, "binary": "label"}, labelled("label", lambda n: ["no", "yes"][n % 2]), labelled("label", lambda n: ["no", "yes"][n % 2]), ('binary = { column = "label", positive = "yes" }',), ("binary",), healthy_columns={**TEXTS, "binary": {"column": "label", "positive": "yes"}}),
    Case("STG228", {**TEXTS, "binary": {"column": "label", "positive": "Yes"}}, labelled("label", lambda n: ["no", "yes"][n % 2]), labelled("label", lambda n: ["no", "yes"][n % 2]), ('no row of train.jsonl has "Yes"', 'positive = "yes"'), ("binary",), healthy_columns={**TEXTS, "binary": {"column": "label", "positive": "yes"}}),
    Case("STG229", {**TEXTS, "binary": "label"}, [row | ({"right": f"{row['left']} still"} if row["label"] == 0 else {}) for row in labelled("label", lambda n: n % 2)], labelled("label", lambda n: n % 2), ("looks inverted", "positive = 0"), ("binary",)),
    Case("STG229", {**TEXTS, "score": "score"}, [row | ({"right": f"{row['left']} still"} if row["score"] < 0.5 else {}) for row in scored()], scored(), ("looks inverted", "1 - distance"), ("score",)),
    Case("STG230", {**TEXTS, "binary": "label"}, labelled("label", lambda n: 1), labelled("label", lambda n: n % 2), ("every row of train.jsonl is positive", "anchor and positive, without the label"), ("binary",)),
    Case("STG230", {"text": "text", "class": "label"}, classes(lambda n: "weather"), classes(), ('the class "weather"',), ("class",), loss={"name": "BatchAllTripletLoss"}),
    Case("STG231", {**TEXTS, "binary": "label"}, labelled("label", lambda n: int(n % 8 == 0)), labelled("label", lambda n: int(n % 8 == 0)), ("15 of 120 rows", "7.0 negatives a positive", "pos_weight = 7.0"), ("binary",), CROSS, healthy_loss={"params": {"pos_weight": 7.0}}),
    Case("STG232", PAIR, [row | {"label": n % 2} for n, row in enumerate(pairs())], [row | {"label": 1} for row in pairs()], ("`label` is 0 in 60 of 120 rows", "rows 1, 3, 5 and 57 more", 'convert = ["pair"]'), ("columns",)),
    Case("STG232", PAIR, [row | {"is_duplicate": "01"[n % 2]} for n, row in enumerate(pairs())], [row | {"is_duplicate": "1"} for row in pairs()], ("`is_duplicate` says no in 60 of 120 rows", 'binary = "is_duplicate"'), ("columns",)),
    Case("STG232", PAIR, [row | {"match": ["no", "yes"][n % 2]} for n, row in enumerate(pairs())], [row | {"match": ["oak", "yes"][n % 2]} for n, row in enumerate(pairs())], ('binary = { column = "match", positive = "yes" }',), ("columns",)),
    # --- classes ---
    Case("STG233", {**TEXTS, "class": "label"}, labelled("label", lambda n: ["-", "entailment", "neutral", "contradiction"][n % 4]), labelled("label", lambda n: ["entailment", "neutral", "contradiction"][n % 3]), ("`label` is -, which stands for unlabelled; 30 of 120 rows", 'on_bad_row = "set-aside"'), ("class",)),
    Case("STG387", {"text": "text", "class": "label"}, classes(lambda n: ["Refund", "refund ", "other", "rain"][n % 4]), classes(lambda n: ["Refund", "refunds", "other", "rain"][n % 4]), ('"Refund" and "refund "', "spell them alike"), ("class",), severity="warning", healthy_loss=BY_CLASS),
    Case("STG388", {**TEXTS, "class": "label"}, labelled("label", lambda n: n % 5 + 1), labelled("label", lambda n: n % 3), ("runs from 1 to 5", 'score = { column = "label", min = 1, max = 5 }'), ("class",), severity="warning"),
    Case("STG388", {**TEXTS, "class": "user_rating"}, labelled("user_rating", lambda n: n % 4), labelled("genre", lambda n: n % 4), ('score = { column = "user_rating", min = 0, max = 3 }',), ("class",), healthy_columns={**TEXTS, "class": "genre"}),
    Case("STG233", {**TEXTS, "class": "label"}, labelled("label", lambda n: n % 4 - 1), labelled("label", lambda n: n % 3), ("line 1 of train.jsonl: `label` is -1, which stands for unlabelled; 30 of 120 rows",), ("class",)),
    Case("STG233", {**TEXTS, "class": "label"}, labelled("label", lambda n: n % 4 / 2), labelled("label", lambda n: n % 3), ("line 2 of train.jsonl: `label` is no class: 0.5; 60 of 120 rows", "score ="), ("class",)),
    Case("STG234", {"text": "text", "class": {"column": "label", "names": ["a", "b", "c", "d", "e"]}}, classes(), classes(lambda n: n % 5), ('the class "e"',), ("class",)),
    Case("STG234", {"text": "text", "class": "label"}, classes(), classes(), ("test.jsonl has rows of the class \"9\"",), ("class",), data={"test": "test.jsonl"}, files={"test.jsonl": [{"text": f"a new fern {n}", "label": 9} for n in range(2)]}, healthy_files={"test.jsonl": [{"text": f"a new fern {n}", "label": n % 2} for n in range(4)]}, severity="error", loss={"name": "BatchAllTripletLoss"}),
    Case("STG235", {"text": "text", "class": "label"}, classes(lambda n: 4 if n == 50 else n % 4), classes(), ("1 of 5 classes", 'such as "4"'), ("class",), loss={"name": "BatchAllTripletLoss"}),
    Case("STG236", {"text": "text", "class": "label"}, classes(lambda n: n % 20 // 18 * n % 3), classes(), ("of the rows of train.jsonl have the class \"0\"",), ("class",), loss={"name": "BatchAllTripletLoss"}),
    Case("STG237", {"text": "text", "class": "label"}, classes(lambda n: n), classes(), ("a class of its own",), ("class",), loss={"name": "BatchAllTripletLoss"}),
    Case("STG235", {"text": "text", "class": "label"}, classes(lambda n: 40 if n == 50 else n % 40), classes(lambda n: n % 40), ("1 of 41 classes", "such as"), ("class",)),
    Case("STG237", {"text": "text", "class": "label"}, classes(lambda n: n), classes(lambda n: n % 40), ("a class of its own",), ("class",)),
    Case("STG238", {"text": "text", "class": {"column": "label", "names": ["a", "b", "c"]}}, classes(), classes(lambda n: n % 3), ("line 4 of train.jsonl: `label` is not one of the 3 classes: 3; 30 of 120 rows", "holds 3,", "from 0 to 2"), ("class",)),
    Case("STG238", {"text": "text", "class": {"column": "label", "names": ["rain", "snow"]}}, classes(lambda n: ["rain", "Snow"][n % 2]), classes(lambda n: ["rain", "snow"][n % 2]), ('did you mean "snow"?',), ("class",)),
    Case("STG390", {**TEXTS, "probabilities": "label"}, labelled("label", lambda n: [0.5, 0.2, 0.1] if n % 4 == 0 else [0.2, 0.3, 0.5]), labelled("label", lambda n: [0.2, 0.3, 0.5]), ("line 1 of train.jsonl: `label` adds up to 0.8, and the probabilities of a row add up to 1; 30 of 120 rows",), ("probabilities",)),
    Case("STG225", {**TEXTS, "probabilities": "label"}, with_row(labelled("label", lambda n: [0.2, 0.8]), 7, label=[2, 6]), labelled("label", lambda n: [0.2, 0.8]), ("line 7 of train.jsonl: `label[0]` is 2, and a probability lies between 0 and 1", "softmax"), ("probabilities",)),
    Case("STG239", {**TEXTS, "probabilities": "label"}, with_row(labelled("label", lambda n: [0.2, 0.8]), 7, label=[0.2, 0.3, 0.5]), labelled("label", lambda n: [0.2, 0.8]), ("line 7 of train.jsonl: `label` has 3 numbers, and there are 2 classes", "a probability for each class"), ("probabilities",)),
    # --- rows against each other ---
    Case("STG290", {"text": "text", "class": "label"}, [*classes()[:90], {"text": classes()[2]["text"], "label": 1}], classes(), ("in 1 of 91 rows", "contradicts an earlier row with the same text in", "row 91 and row 3"), ("class",), loss={"name": "BatchAllTripletLoss"}),
    Case("STG290", {"text": "text", "class": "label"}, [*classes(lambda n: "wx"[n % 2]), {"text": classes()[2]["text"], "label": "x"}], [*classes(lambda n: "wx"[n % 2]), {"text": classes()[2]["text"], "label": "w"}], ("row 121 and row 3",), ("class",), loss={"name": "BatchAllTripletLoss"}),
    Case("STG290", {**TEXTS, "binary": "label"}, [*labelled("label", lambda n: n % 2), {"left": labelled("label", bool)[4]["right"], "right": labelled("label", bool)[4]["left"], "label": 1}], [*labelled("label", lambda n: n % 2), {"left": labelled("label", bool)[4]["right"], "right": labelled("label", bool)[4]["left"], "label": 0}], ("row 121 and row 5",), ("binary",)),
    Case("STG290", {**TEXTS, "class": "label"}, [*labelled("label", lambda n: n % 3), labelled("label", lambda n: 2)[4]], [*labelled("label", lambda n: n % 3), {"left": labelled("label", bool)[4]["right"], "right": labelled("label", bool)[4]["left"], "label": 2}], ("row 121 and row 5",), ("class",)),
    Case("STG290", {**TEXTS, "score": "score"}, [*scored(), scored(lambda n: 0.95)[4]], [*scored(), scored(lambda n: 0.6)[4]], ("row 121 and row 5",), ("score",)),
    Case("STG291", {"text": "text", "class": "label"}, classes(), classes(lambda n: n // 4), ("a probability of 25%", "of the 15 in-batch negatives", "about 3.8 are false negatives"), ("class",), loss={"convert": ["pair"]}),
    # --- lists, margins, vectors ---
    Case("STG209", {"anchor": "question", "positive": "answer", "negative": ["wrong", "other"], "margin": "margin"}, [row | {"other": f"no {name(n)}", "margin": 0.5} for n, row in enumerate(triplets())], [row | {"other": f"no {name(n)}", "margin": [0.5, n / 10 - 1]} for n, row in enumerate(triplets())], ("line 1 of train.jsonl: `margin` is not a list of numbers: 0.5",), ("margin",)),
    Case("STG239", LISTS, with_row(lists(), 5, scores=[1, 0]), lists(), ("line 5 of train.jsonl: `scores` has 2 numbers for 3 texts", "one for each text in `docs`"), ("scores",), CROSS),
    Case("STG239", {**TRIPLET, "scores": "scores"}, with_row([row | {"scores": [3.5, 1.2 + n / 100]} for n, row in enumerate(triplets())], 8, scores=[1.0]), [row | {"scores": [3.5, 1.2 + n / 100]} for n, row in enumerate(triplets())], ("line 8 of train.jsonl: `scores` has 1 number, and a row has 2", "2: the positive's score"), ("scores",)),
    Case("STG240", LISTS, lists(lambda n: [0, 0, 0] if n % 4 == 0 else [2, 1, 0]), lists(), ("equal in 30 of 120 rows",), ("scores",), CROSS, severity="warning"),
    Case("STG240", LISTS, lists(lambda n: [0, 0, 0]), lists(), ("120 of 120",), ("scores",), CROSS, severity="error"),
    Case("STG241", LISTS, lists(lambda n: [2.5, -1.5, -7]), lists(), ("takes labels from 0", "down to -7"), ("scores",), CROSS),
    Case("STG241", LISTS, lists(lambda n: [200, 100, 0]), lists(), ("goes up to 200",), ("scores",), CROSS),
    Case("STG241", LISTS, lists(lambda n: [100, 50, 0]), lists(), ("softmax", "100 apart"), ("scores",), CROSS, {"name": "ListNetLoss"}),
    Case("STG242", LISTS, lists(lambda n: [0, 2, 1]), lists(), ("PListMLELoss learns the order", "leave respect_input_order out"), ("scores",), CROSS, {"name": "PListMLELoss", "params": {"respect_input_order": True}}),
    Case("STG242", LISTS, lists(lambda n: [0, 2, 1]), lists(lambda n: [0, 2, 1]), ("ListMLELoss",), ("scores",), CROSS, {"name": "ListMLELoss", "params": {"respect_input_order": True}}, healthy_loss={"name": "ListMLELoss"}),
    Case("STG243", {**TRIPLET, "margin": "margin"}, [row | {"margin": 5 + n / 10} for n, row in enumerate(triplets())], [row | {"margin": n / 10 - 1} for n, row in enumerate(triplets())], ("no margin of 120", "raw scores"), ("margin",)),
    Case("STG244", {"text": "text", "embedding": "vector"}, with_row([{"text": row["text"], "vector": [0.5] * 64} for row in classes()], 9, vector=[0.5]), [{"text": row["text"], "vector": [0.5] * 64} for row in classes()], ("line 9 of train.jsonl: `vector` has 1 number, and the first row has 64",), ("embedding",)),
    Case("STG244", {"text": "text", "embedding": "vector"}, [{"text": row["text"], "vector": [0.5] * 64} for row in classes()], [{"text": row["text"], "vector": [0.5] * 64} for row in classes()], ("64 dimensions, and the model's 384", "projection_dim = 64"), ("embedding",), {"type": "dense", "base": "sentence-transformers/all-MiniLM-L6-v2"}, healthy_loss={"params": {"projection_dim": 64}}),
    Case("STG244", LANGUAGES, spoken(lambda n: [[0.5] * 64] * 2), spoken(lambda n: [[0.5] * 64] * 3), ("neither one vector nor one for each of the 3 texts", "120 of 120"), ("embedding",)),
    Case("STG209", {**TRIPLET, "negative": ["wrong", "other"], "margin": "margin"}, [row | {"other": f"other {n}", "margin": 5 + n / 10} for n, row in enumerate(triplets())], [row | {"other": f"other {n}", "margin": [n / 10 - 1, 3.0]} for n, row in enumerate(triplets())], ("`margin`", ), ("margin",)),
    Case("STG209", {**TRIPLET, "scores": "scores"}, [{**row, "scores": [[1.0], [0.5]]} for row in triplets()], [{**row, "scores": [3.0, 0.5]} for row in triplets()], ("line 1 of train.jsonl: `scores[0]` is not a number: [1.0]",), ("scores",)),
    Case("STG245", {**TRIPLET, "scores": "scores"}, [row | {"scores": [1, 0]} for row in triplets()], [row | {"scores": [3.5, 1.2]} for row in triplets()], ("only 0 and 1",), ("scores",)),
    Case("STG244", {"text": "text", "embedding": "vector"}, [{"text": row["text"], "vector": [0.5] * 64} for row in classes()], [{"text": row["text"], "vector": [0.5] * 64} for row in classes()], ("projection_dim is 32", "have 64 dimensions", "projection_dim = 64"), ("params", "projection_dim"), loss={"params": {"projection_dim": 32}}, healthy_loss={"params": {"projection_dim": 64}}),
    Case("STG245", {**TRIPLET, "scores": "scores"}, [row | {"scores": [1, 0]} for row in triplets()], [row | {"scores": [3.5, 1.2]} for row in triplets()], ("MarginMSELoss distils", "name MultipleNegativesRankingLoss"), ("scores",), loss={"name": "MarginMSELoss"}, healthy_loss={"name": "MarginMSELoss"}),
    Case("STG245", {**TRIPLET, "scores": "scores"}, [row | {"scores": [1, 0]} for row in triplets()], [row | {"scores": [3.5, 1.2]} for row in triplets()], ("name MultiVectorMultipleNegativesRankingLoss",), ("scores",), {"type": "multi-vector"}),
    Case("STG245", {**TRIPLET, "scores": "scores"}, [row | {"scores": [1.2, 3.5 + n / 100]} for n, row in enumerate(triplets())], [row | {"scores": [1.2, 3.5 if n % 3 == 0 else 0.5]} for n, row in enumerate(triplets())], ("scores the positive below every negative in 120 of 120 rows", "positive's score first"), ("scores",)),
    Case("STG245", {**TEXTS, "score": "score"}, scored(lambda n: n % 2), scored(), ("holds only 0 and 1", "MSELoss distils", "map it as binary"), ("score",), CROSS, {"name": "MSELoss"}, healthy_loss={"name": "MSELoss"}),
    Case("STG245", LISTS, lists(lambda n: [1, 0, 0]), lists(lambda n: [7.5 + n / 9, 2.5, -1.5]), ("holds only 0 and 1", "DistillKLDivLoss distils", 'to = "n-tuple", negatives'), ("scores",), loss={"convert": [{"to": "n-tuple-scores", "negatives": 2}]}, healthy_loss={"convert": [{"to": "n-tuple-scores", "negatives": 2}]}),
    Case("STG245", {**TRIPLET, "margin": "margin"}, [row | {"margin": -1 - n / 10} for n, row in enumerate(triplets())], [row | {"margin": 1 - n % 3} for n, row in enumerate(triplets())], ("prefers every negative", "100% of the rows", "minus the negative's"), ("margin",)),
    Case("STG225", {**TEXTS, "score": "score"}, scored(lambda n: n % 20 / 10 - 1), scored(), ("SparseCosineSimilarityLoss needs scores between 0 and 1", "from -1 to 0.9"), ("score",), {"type": "sparse"}, {"name": "SparseCosineSimilarityLoss"}, healthy_loss={"name": "SparseCosineSimilarityLoss"}),
    Case("STG221", {"text_1": "answer", "text_2": "question", "binary": "label"}, [row | {"label": n % 2} for n, row in enumerate(pairs())], [row | {"label": n % 2} for n, row in enumerate(pairs())], ("query and document look reversed", 'text_1 = "question", text_2 = "answer"'), ("text_1",), CROSS, healthy_columns={"text_1": "question", "text_2": "answer", "binary": "label"}),
    Case("STG245", {**TRIPLET, "scores": "scores"}, [row | {"scores": [400.5, 1.2]} for row in triplets()], [row | {"scores": [400.5, 1.2]} for row in triplets()], ("399.3 apart", "teacher_temperature = 40"), ("scores",), healthy_loss={"params": {"teacher_temperature": 40.0}}),
    Case("STG245", {**TRIPLET, "scores": "scores"}, [row | {"scores": [0.98, n / 200]} for n, row in enumerate(triplets())], [row | {"scores": [0.98, n / 200]} for n, row in enumerate(triplets())], ("0.98 apart: of 2 texts the best is to get 0.73", "temperature = 0.25"), ("scores",), {"type": "multi-vector"}, healthy_loss={"params": {"temperature": 0.25}}),
    Case("STG245", {**TRIPLET, "scores": "scores"}, [row | {"scores": [0.98, n / 200]} for n, row in enumerate(triplets())], [row | {"scores": [0.98, n / 200]} for n, row in enumerate(triplets())], ("0.98 apart: of 2 texts the best is to get 0.62", "temperature = 0.25"), ("scores",), {"type": "sparse"}, healthy_loss={"params": {"temperature": 0.25}}),
)
# fmt: on


HELD_OUT = {"eval": {"rows": 60}}  # enough to choose a checkpoint by


def spec_of(columns: dict[str, Any], model: dict[str, Any], loss: dict[str, Any], data: dict[str, Any]) -> Spec:
    """A spec of one data set with small batches."""
    table = {"train": "train.jsonl", "columns": columns, **data}
    pinned = {"revision": "v1"} if "base" in model else {}
    return Spec.model_validate(
        {"stgen": 1, "model": pinned | model, "data": [table], "loss": loss, "train": {"batch_size": 16}}
    )


def findings(folder: Path, spec: Spec) -> list[Diagnostic]:
    """What is said of a spec's rows; every code, severity and path must be one that the registry and the spec have."""
    found = examine(spec, str(folder))
    for item in found:
        assert item.code in BY_CODE
        assert item.path
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_a_mistake_is_found(tmp_path: Path, case: Case) -> None:
    write(tmp_path, {"train.jsonl": case.broken} | case.files)
    found = findings(tmp_path, spec_of(case.columns, case.model, case.loss, case.data))
    mine = [item for item in found if item.code == case.code]
    assert mine, [item.message for item in found]
    told = " | ".join(f"{item.message} {item.help}" for item in mine)
    for words in case.says:
        assert words in told
    assert any(item.path[-len(case.at) :] == case.at for item in mine), [item.path for item in mine]
    if case.severity:
        assert case.severity in {item.severity for item in mine}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_its_unharmed_twin_passes_clean(tmp_path: Path, case: Case) -> None:
    write(tmp_path, {"train.jsonl": case.healthy} | (case.healthy_files or case.files))
    loss = case.loss if case.healthy_loss is None else case.healthy_loss
    data = case.data if case.healthy_data is None else case.healthy_data
    found = findings(
        tmp_path, spec_of(case.healthy_columns or case.columns, case.healthy_model or case.model, loss, data)
    )
    few = "STG394" if case.code != "STG394" else ""  # of so few rows hardly any are held out for eval
    assert [(item.code, item.message) for item in found if item.code != few] == []


# --- files -----------------------------------------------------------------------------------------------------------

# fmt: off
FILES: tuple[tuple[str, str, bytes | None, str], ...] = (
    ("STG200", "trian.jsonl",     None,                                              "there is no file trian.jsonl"),
    ("STG200", "part-*.jsonl",    None,                                              "no file fits part-*.jsonl"),
    ("STG201", "cut.jsonl.gz",    gzip.compress(b'{"question": "a"}\n')[:-9],        "cut off"),
    ("STG202", "latin.csv",       "question,answer\ncafé,b\n".encode("latin-1"),     "line 2"),
    ("STG203", "broken.jsonl",    b'{"question": "a", "answer": "b"}\n{"question"\n', "line 2"),
    ("STG204", "ragged.csv",      b"question,answer\na,b\nc\n",                      "line 3"),
    ("STG205", "empty.jsonl",     b"",                                               "has no rows"),
)
# fmt: on


@pytest.mark.parametrize(("code", "file", "content", "words"), FILES, ids=[f"{row[0]}-{row[1]}" for row in FILES])
def test_a_file_that_is_wrong_is_one_finding_at_its_key(
    tmp_path: Path, code: str, file: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / file).write_bytes(content)
    spec = spec_of(PAIR, {"type": "dense"}, {}, {"train": file})
    (item,) = findings(tmp_path, spec)
    assert (item.code, item.severity) == (code, "error")
    assert words in item.message
    assert item.path[:2] == ("data", 0)


def test_words_of_a_table_are_words(tmp_path: Path) -> None:
    """What other readers take for no value is a text here and in the repo."""
    rows = "".join(f"how does {name(n)} grow?,{'NA' if n == 1 else 'it grows on ' + name(n)}\n" for n in range(NUMBER))
    (tmp_path / "words.csv").write_text(f"question,answer\n{rows}")
    assert findings(tmp_path, spec_of(PAIR, {"type": "dense"}, {}, {"train": "words.csv", **HELD_OUT})) == []


def test_parquet_without_pyarrow_is_stg207(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    (item,) = findings(tmp_path, spec_of(PAIR, {"type": "dense"}, {}, {"train": "t.parquet"}))
    assert item.code == "STG207"


def test_rows_on_the_hub_are_left_alone_with_a_note(tmp_path: Path) -> None:
    (item,) = findings(tmp_path, spec_of(PAIR, {"type": "dense"}, {}, {"train": "hf://org/name#train"}))
    assert (item.code, item.severity) == ("STG208", "note")


def test_a_pattern_reads_all_its_files(tmp_path: Path) -> None:
    write(tmp_path, {"part-1.jsonl": pairs(60), "part-2.jsonl": with_row(pairs(60, 60), 7, answer="")})
    (item,) = findings(tmp_path, spec_of(PAIR, {"type": "dense"}, {}, {"train": "part-*.jsonl", **HELD_OUT}))
    assert item.code == "STG211"
    assert item.message == "line 7 of part-2.jsonl: `answer` is empty"


def test_bad_rows_that_are_set_aside_are_warnings(tmp_path: Path) -> None:
    write(tmp_path, {"train.jsonl": with_row(pairs(), 2, answer=None)})
    table = {"train": "train.jsonl", "columns": PAIR, **HELD_OUT}
    prepare = {"on_bad_row": "set-aside"}
    spec = Spec.model_validate(
        {"stgen": 1, "model": {"type": "dense"}, "data": [table], "prepare": prepare, "train": {"batch_size": 16}}
    )
    assert [(item.code, item.severity) for item in findings(tmp_path, spec)] == [("STG210", "warning")]


def test_what_is_allowed_is_silent(tmp_path: Path) -> None:
    write(tmp_path, {"train.jsonl": pairs()})
    reversed_columns = {"anchor": "answer", "positive": "question"}
    spec = spec_of(reversed_columns, {"type": "dense"}, {}, {"allow": ["STG221"], **HELD_OUT})
    assert [item.code for item in allowed(findings(tmp_path, spec), spec)] == []


def test_rows_beyond_those_that_are_kept_are_counted_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stgen.rows.survey.KEPT", 100)
    monkeypatch.setattr("stgen.rows.survey_lists.KEPT", 100)
    write(tmp_path, {"train.jsonl": with_row(scored(), 110, score=4)})
    found = findings(tmp_path, spec_of({**TEXTS, "score": "score"}, {"type": "dense"}, {}, HELD_OUT))
    assert [(item.code, item.severity) for item in found] == [("STG249", "note"), ("STG225", "error")]
    assert "first 100 of 120 rows" in found[0].message


def test_several_data_sets_are_each_looked_at(tmp_path: Path) -> None:
    write(tmp_path, {"a.jsonl": pairs(), "b.jsonl": scored(lambda n: n % 6)})
    sets = [
        {"name": "a", "train": "a.jsonl", "columns": PAIR, **HELD_OUT},
        {"name": "b", "train": "b.jsonl", "columns": {**TEXTS, "score": "score"}, **HELD_OUT},
    ]
    spec = Spec.model_validate({"stgen": 1, "model": {"type": "dense"}, "data": sets, "train": {"batch_size": 16}})
    assert [(item.code, item.path) for item in findings(tmp_path, spec)] == [
        ("STG225", ("data", 1, "columns", "score"))
    ]


# --- the BEIR layout -------------------------------------------------------------------------------------------------


def layout(
    folder: Path, corpus: list[Row], queries: list[Row], qrels: list[Row], test: list[Row] | None = None
) -> list[Diagnostic]:
    """What is said of a set in the BEIR layout."""
    files = {"corpus.jsonl": corpus, "queries.jsonl": queries, "qrels.jsonl": qrels} | (
        {"test.jsonl": test} if test else {}
    )
    write(folder, files)
    retrieval = {"corpus": "corpus.jsonl", "queries": "queries.jsonl", "qrels": "qrels.jsonl"} | (
        {"test_qrels": "test.jsonl"} if test else {}
    )
    spec = Spec.model_validate({"stgen": 1, "model": {"type": "dense"}, "data": [{"retrieval": retrieval}]})
    return findings(folder, spec)


@pytest.mark.parametrize(
    ("code", "part", "rows", "words"),
    [
        ("STG206", "corpus", [{"id": row["_id"], "text": row["text"]} for row in CORPUS], "rename `id`"),
        ("STG210", "corpus", with_row(CORPUS, 3, text=None), "line 3 of corpus.jsonl: `text` has no value"),
        ("STG211", "queries", with_row(QUERIES, 4, text=" "), "line 4 of queries.jsonl: `text` is empty"),
        ("STG248", "queries", with_row(QUERIES, 4, _id="q0"), "1 of 40 rows"),
        ("STG248", "qrels", with_row(QRELS, 6, **{"corpus-id": "x9"}), "row 6"),
        ("STG230", "qrels", [row | {"score": 0} for row in QRELS], "nothing is relevant"),
    ],
)
def test_a_broken_layout(tmp_path: Path, code: str, part: str, rows: list[Row], words: str) -> None:
    files = {"corpus": CORPUS, "queries": QUERIES, "qrels": QRELS} | {part: rows}
    found = [item for item in layout(tmp_path, **files) if item.code == code]
    assert words in found[0].message + found[0].help
    assert part in found[0].path or code == "STG248"


def test_an_unharmed_layout_passes_clean(tmp_path: Path) -> None:
    assert layout(tmp_path, CORPUS, QUERIES, QRELS[:30], QRELS[30:]) == []


def test_queries_on_both_sides_of_a_layout(tmp_path: Path) -> None:
    others = [row | {"corpus-id": f"d{n + 1}"} for n, row in enumerate(QRELS[:5])]
    (found,) = layout(tmp_path, CORPUS, QUERIES, QRELS, others)
    assert (found.code, found.severity) == ("STG219", "warning")


def test_judgements_on_both_sides_of_a_layout(tmp_path: Path) -> None:
    (found,) = layout(tmp_path, CORPUS, QUERIES, QRELS, QRELS[:5])
    assert (found.code, found.severity) == ("STG218", "error")
    assert "5 of 5 rows of test.jsonl" in found.message


def test_ids_that_a_table_reads_as_numbers_are_the_same_ids(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "c.jsonl": [row | {"_id": str(n)} for n, row in enumerate(CORPUS)],
            "q.jsonl": [row | {"_id": str(n)} for n, row in enumerate(QUERIES)],
        },
    )
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(f"{n}\t{n}\t1\n" for n in range(40)))
    retrieval = {"corpus": "c.jsonl", "queries": "q.jsonl", "qrels": "qrels.tsv"}
    assert (
        findings(
            tmp_path, Spec.model_validate({"stgen": 1, "model": {"type": "dense"}, "data": [{"retrieval": retrieval}]})
        )
        == []
    )


# --- the command -----------------------------------------------------------------------------------------------------

SPEC = """\
stgen = 1
[model]
type = "dense"
base = "sentence-transformers/all-MiniLM-L6-v2"
[[data]]
train = "train.jsonl"
columns = { text_1 = "left", text_2 = "right", score = "score" }
"""


def test_validate_data_shows_the_place_in_the_spec(tmp_path: Path) -> None:
    (tmp_path / "stgen.toml").write_text(SPEC)
    write(tmp_path, {"train.jsonl": scored(lambda n: n % 6)})
    assert stgen("validate", tmp_path / "stgen.toml").code == 0
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert done.code == 1
    printed = done.out + done.err
    assert "error[STG225]" in printed
    column = SPEC.splitlines()[6].index('"score"') + 1
    assert f"stgen.toml:7:{column}" in printed
    write(tmp_path, {"train.jsonl": scored()})
    assert stgen("validate", "--data", tmp_path / "stgen.toml").code == 0


# --- real data -------------------------------------------------------------------------------------------------------

REAL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("stsb-en", {"text_1": "sentence1", "text_2": "sentence2", "score": "score"}),
    ("stsb-tr", {"text_1": "sentence1", "text_2": "sentence2", "score": "score"}),
    ("snli", {"text_1": "premise", "text_2": "hypothesis", "class": "label"}),
    ("snli-triplets", {"anchor": "anchor", "positive": "positive", "negative": "negative"}),
    ("medquad-pairs", {"anchor": "anchor", "positive": "positive"}),
    ("mrpc", {"text_1": "sentence1", "text_2": "sentence2", "binary": "label"}),
    ("banking77", {"text": "text", "class": "label"}),
)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data aren't here")
@pytest.mark.parametrize(("folder", "columns"), REAL, ids=[row[0] for row in REAL])
def test_good_real_data_have_no_errors_or_warnings(folder: str, columns: dict[str, Any]) -> None:
    data = {"train": f"{folder}/train.jsonl", "test": f"{folder}/test.jsonl", "columns": columns}
    spec = Spec.model_validate({"stgen": 1, "model": {"type": "dense"}, "data": [data]})
    found = examine(spec, str(SHARED))
    assert [(item.code, item.message) for item in found if item.severity != "note"] == []


BOTH_SIDES = {"query": "q: ", "document": ""}
# fmt: off
SAVED: tuple[tuple[dict[str, Any], dict[str, Any], str, str], ...] = (  # [model] beside the base, the base's settings, and what is said
    ({}, {"prompts": BOTH_SIDES},                                                       "note", 'prompts = { query = "q: " }'),
    ({}, {"prompts": {"query": "", "document": ""}},                                    "",     ""),
    ({}, {"prompts": None},                                                             "",     ""),
    ({}, {"prompts": {"s2p_query": "ask: "}},                                           "note", 'saved prompts for s2p_query, and none for queries'),
    ({"prompts": {"query": "q: "}}, {"prompts": BOTH_SIDES},                            "",     ""),
    ({"type": "cross-encoder"}, {"prompts": {"rank": "r: "}, "default_prompt_name": "rank"}, "note", 'prompts = { query = "r: " }'),
    ({"type": "cross-encoder"}, {"prompts": BOTH_SIDES},                                "note", "none for queries"),
    ({"router": True, "query": {"max_length": 64}}, {"prompts": BOTH_SIDES},            "warning", 'add prompts = { query = "q: " } under [model]'),
)
# fmt: on


@pytest.mark.parametrize(("keys", "settings", "severity", "said"), SAVED)
def test_prompts_that_a_local_base_brings(
    keys: dict[str, Any], settings: dict[str, Any], severity: str, said: str, tmp_path: Path
) -> None:
    """What becomes of them is told, with the line that has others; where they would be lost, with a warning."""
    write(tmp_path, {"train.jsonl": pairs()})
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config_sentence_transformers.json").write_text(json.dumps(settings))
    spec = spec_of(PAIR, {"type": "dense", "base": "./base", **keys}, {}, {})
    told = [item for item in findings(tmp_path, spec) if item.code == "STG090"]
    assert [item.severity for item in told] == ([severity] if severity else [])
    assert all(said in f"{item.message} {item.help}" for item in told)


@pytest.mark.parametrize(("against", "wanted"), [(["eval"], ["STG218"]), (["eval", "test"], [])])
def test_leaks_that_prepare_removes_are_not_told(tmp_path: Path, against: list[str], wanted: list[str]) -> None:
    write(tmp_path, {"train.jsonl": pairs(), "test.jsonl": [*pairs(5), *pairs(15, 500)]})
    spec = spec_of(PAIR, {"type": "dense", "base": "base"}, {}, {"test": "test.jsonl"})
    spec = spec.model_validate(
        {**spec.model_dump(exclude_unset=True, by_alias=True), "prepare": {"decontaminate": {"against": against}}}
    )
    assert [item.code for item in findings(tmp_path, spec) if item.code == "STG218"] == wanted


@pytest.mark.parametrize(("leaked", "wanted"), [(30, ["STG218"]), (1, [])])
def test_rows_that_another_data_set_trains_on(tmp_path: Path, leaked: int, wanted: list[str]) -> None:
    """The rows of one set under the columns of another; a few of them are chance."""
    test = [
        {"left": row["question"], "right": row["answer"], "score": 0.5 + n % 2 / 4} for n, row in enumerate(pairs())
    ]
    rows = labelled("score", lambda n: n % 11 / 10)
    write(
        tmp_path,
        {
            "train.jsonl": pairs(),
            "scored.jsonl": rows,
            "test.jsonl": [*test[:leaked], *scored(lambda n: 0.3)[: 120 - leaked]],
        },
    )
    sets = [
        {"name": "pairs", "train": "train.jsonl", "columns": PAIR},
        {"name": "scored", "train": "scored.jsonl", "test": "test.jsonl", "columns": {**TEXTS, "score": "score"}},
    ]
    tree = {"stgen": 1, "model": {"type": "dense", "base": "b"}, "data": sets, "train": {"batch_size": 16}}
    found = [item for item in findings(tmp_path, Spec.model_validate(tree)) if "trained on too" in item.message]
    assert [item.code for item in found] == wanted
    for item in found:
        assert item.path == ("data", 1, "test")
        assert "30 of 120 rows of test.jsonl" in item.message


@pytest.mark.parametrize("columns", [{"anchor": "question", "negative": "wrong"}, {"negative": ["question", "wrong"]}])
def test_negatives_without_a_positive_are_no_fault_of_stgen(tmp_path: Path, columns: dict[str, Any]) -> None:
    write(tmp_path, {"train.jsonl": triplets()})
    assert findings(tmp_path, spec_of(columns, {"type": "dense"}, {}, {"eval": {"rows": 60}})) == []


def test_a_base_of_the_hub_without_a_revision_is_told_with_the_line_that_pins_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"train.jsonl": pairs()})
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))

    def told(**model: Any) -> list[str]:
        spec = Spec.model_validate(
            {"stgen": 1, "model": {"type": "dense", **model}, "data": [{"train": "train.jsonl", "columns": PAIR}]}
        )
        return [item.help for item in findings(tmp_path, spec) if item.code == "STG397"]

    assert told(base="org/base", revision="v2") == told(base="./base") == []
    (unknown,) = told(base="org/base")
    assert "evaluate.py prints the line" in unknown
    (other,) = told(router=True, base="org/base", revision="v2", query={"base": "org/small"})
    assert other.startswith("add revision under [model.query]; results/metrics.json names")
    refs = tmp_path / "cache" / "models--org--base" / "refs"
    refs.mkdir(parents=True)
    for content, said in (("c0ffee" * 6 + "abcd", True), ("not a commit", False), ("c" * 400, False)):
        (refs / "main").write_text(content)
        (hint,) = told(base="org/base")
        assert (f'revision = "{content}"' in hint) == said


def test_a_file_that_names_a_column_otherwise_than_the_others_is_named(tmp_path: Path) -> None:
    for file, answer in (("t-1.csv", "answer"), ("t-2.csv", "reply")):
        (tmp_path / file).write_text(f"question,{answer}\n" + "".join(f"how {n}?,so {n}\n" for n in range(40)))
    line = 'train = "t-*.csv"\ncolumns = { anchor = "question", positive = "answer" }\n'
    (tmp_path / "stgen.toml").write_text(f'stgen = 1\n[model]\ntype = "dense"\nbase = "o/m"\n[[data]]\n{line}')
    said = " ".join(stgen("validate", "--data", tmp_path / "stgen.toml").err.split())
    assert "line 2 of t-2.csv: `answer` has no value; 40 of 80 rows are like it" in said
    assert "t-2.csv has no column `answer`" in said
    assert "name the columns alike in all files" in said
