"""Lists of texts, columns that are joined and negatives with gaps: which rows reach the trainer, from every kind of file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conversions import compile_to, plan_of, prepare, read, write_lines
from matrix import repos
from stgen.examine.examining import examine
from stgen.language.spec import Spec

Row = dict[str, Any]
NOT = ["it rains {n}", "it snows {n}", "the wind blows {n}"]


def row(number: int) -> Row:
    """A row of what people have: one or two positives, one to three negatives, some of them missing."""
    no = [text.format(n=number) for text in NOT[: 1 + number % 3]]
    yes = [f"the red house {number}", f"an old garden {number}"][: 1 + number % 2]
    objects = [{"title": f"house {number}" if number % 4 else "", "text": text} for text in yes]
    return {
        "query": f"what stands there {number}", "pos": yes, "neg": no, "instruction": "find the house", "positive_passages": objects,
        "negative_passages": [{"title": "weather", "text": text} for text in no], "hard": [f"a cold letter {number}"], "title": objects[0]["title"], "body": yes[0],
        "n1": no[0], "n2": no[1] if len(no) > 1 else None, "n3": no[2] if len(no) > 2 else "", "set": {"query": f"what stands there {number}", "pos": yes, "neg": no},
        "pairs": [{"q": f"what stands there {number}", "a": text} for text in yes], "docs": [{"title": "a", "text": text} for text in [*yes, *no]],
        "grades": [1] * len(yes) + [0] * len(no),
    }  # fmt: skip


def several(number: int, positives: list[str], count: int, query: str = "") -> list[Row]:
    """A row for each positive, with so many negatives: the row's own, again where they are fewer."""
    no = row(number)["neg"]
    names = [f"negative_{place}" for place in range(1, count + 1)] if count > 1 else ["negative"]
    chosen = {name: no[place % len(no)] for place, name in enumerate(names)}
    return [{"anchor": query or row(number)["query"], "positive": text, **chosen} for text in positives]


def titled(number: int, between: str) -> list[str]:
    """The positives with their titles."""
    return [between.join(filter(None, part.values())) for part in row(number)["positive_passages"]]


# fmt: off
FORMS: dict[str, tuple[dict[str, Any], Any]] = {  # what it is -> columns, and the rows that come of row `n`
    "lists":        ({"anchor": "query", "positive": "pos[]", "negative": {"column": "neg[]", "count": 2}}, lambda n: several(n, row(n)["pos"], 2)),
    "as decided":   ({"anchor": "query", "positive": "pos[]", "negative": "neg[]"}, lambda n: several(n, row(n)["pos"], 4)),
    "one negative": ({"anchor": "query", "positive": "body", "negative": {"column": "neg[]", "count": 1}}, lambda n: several(n, [row(n)["body"]], 1)),
    "in an object": ({"anchor": "set.query", "positive": "set.pos[]", "negative": {"column": "set.neg[]", "count": 3}}, lambda n: several(n, row(n)["pos"], 3)),
    "passages":     ({"anchor": "query", "positive": {"columns": ["positive_passages[].title", "positive_passages[].text"], "separator": ": "},
                      "negative": {"column": "negative_passages[].text", "count": 2}}, lambda n: several(n, titled(n, ": "), 2)),
    "two lists":    ({"anchor": "query", "positive": "body", "negative": {"column": ["hard[]", "negative_passages[].text"], "count": 2}},
                     lambda n: [several(n, [row(n)["body"]], 2)[0] | {"negative_1": f"a cold letter {n}", "negative_2": row(n)["neg"][0]}]),
    "with gaps":    ({"anchor": "query", "positive": "body", "negative": ["n1", "n2", "n3"]}, lambda n: several(n, [row(n)["body"]], 3)),
    "joined":       ({"anchor": ["instruction", "query"], "positive": ["title", "body"], "negative": {"columns": ["n1", "n2"], "separator": " / "}},
                     lambda n: [{"anchor": f"find the house {row(n)['query']}", "positive": titled(n, " ")[0], "negative": " / ".join(filter(None, (row(n)["n1"], row(n)["n2"])))}]),
    "two of one":   ({"anchor": "pairs[].q", "positive": "pairs[].a"}, lambda n: [{"anchor": row(n)["query"], "positive": text} for text in row(n)["pos"]]),
    "texts":        ({"text": "pos[]"}, lambda n: [{"text": text} for text in row(n)["pos"]]),
}
# fmt: on
ROWS = 24
SPLITS = {"train": 0, "eval": 40, "test": 80}


def write(folder: Path, suffix: str, rows: dict[str, list[Row]]) -> None:
    """Write the splits in a format."""
    import pyarrow
    import pyarrow.parquet

    for split, made in rows.items():
        if suffix == "parquet":
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(made), folder / f"{split}.parquet")
        else:
            write_lines(folder / f"{split}.jsonl", made)


def spec_of(columns: dict[str, Any], suffix: str = "jsonl", **tables: Any) -> dict[str, Any]:
    """A spec over the files of a folder."""
    files = {split: f"{split}.{suffix}" for split in SPLITS}
    kind = tables.pop("model", "dense")
    return {
        "stgen": 1,
        "model": {"type": kind, "base": "../bases/dense"},
        "data": [files | {"columns": columns} | tables.pop("data", {})],
        "train": {"batch_size": 8} | tables.pop("train", {}),
        **tables,
    }


def made_rows() -> dict[str, list[Row]]:
    return {split: [row(number) for number in range(start, start + ROWS)] for split, start in SPLITS.items()}


def findings(folder: Path, spec: dict[str, Any]) -> list[str]:
    """The errors of `validate --data`."""
    found = examine(Spec.model_validate(spec), str(folder))
    return [item.message for item in found if item.severity == "error"]


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
@pytest.mark.parametrize("form", FORMS)
def test_rows_reach_the_trainer(tmp_path: Path, form: str, suffix: str) -> None:
    columns, expected = FORMS[form]
    write(tmp_path, suffix, made_rows())
    spec = spec_of(columns, suffix, prepare={"normalize": {"whitespace": True}})
    assert findings(tmp_path, spec) == []
    prepare(tmp_path, compile_to(spec, tmp_path))
    for split, start in SPLITS.items() if form != "texts" else ():
        assert read(tmp_path, split) == [one for n in range(start, start + ROWS) for one in expected(n)]
    if form == "texts":  # which the loss takes in pairs
        wanted = [one["text"] for n in range(ROWS) for one in expected(n)]
        assert [next(iter(made.values())) for made in read(tmp_path, "train")] == wanted


@pytest.mark.parametrize("form", ["lists", "passages", "with gaps", "joined"])
def test_a_stream_gives_the_same_rows(tmp_path: Path, form: str) -> None:
    columns, expected = FORMS[form]
    write(tmp_path, "jsonl", made_rows())
    spec = spec_of(columns, data={"streaming": True}, train={"steps": 2})
    compile_to(spec, tmp_path)
    with repos.modules(tmp_path) as load:
        stream = load("stream")
        stream.look()
        assert list(stream.each_row(stream.shards())) == [one for n in range(ROWS) for one in expected(n)]


def test_lists_of_objects_are_ranked_with_their_scores(tmp_path: Path) -> None:
    write(tmp_path, "jsonl", made_rows())
    columns = {"anchor": "query", "documents": {"columns": ["docs[].title", "docs[].text"]}, "scores": "grades"}
    compile_to(spec_of(columns, model="cross-encoder"), tmp_path)
    with repos.modules(tmp_path) as load:
        rows = load("data").load("train")
    assert rows["documents"][1] == [f"a {text}" for text in row(1)["pos"] + row(1)["neg"]]
    assert rows["scores"][1] == [1.0, 1.0, 0.0, 0.0]


# fmt: off
BROKEN: list[tuple[str, Row, str]] = [  # form, what the fifth row holds, what is said of it
    ("lists",     {"neg": []},                     "`neg[]` is empty, and a row needs a negative"),
    ("lists",     {"neg": None},                   "`neg[]` is empty, and a row needs a negative"),
    ("lists",     {"neg": ["", None]},             "`neg[]` is empty, and a row needs a negative"),
    ("lists",     {"neg": "it rains"},             "`neg[]` is not a list of texts: 'it rains'"),
    ("lists",     {"neg": ["it rains", 5]},        "`neg[1]` is not a text: 5"),
    ("lists",     {"pos": []},                     "`pos[]` is an empty list"),
    ("lists",     {"pos": None},                   "`pos[]` has no value"),
    ("lists",     {"pos": ["a house", " "]},       "`pos[1]` is empty"),
    ("lists",     {"pos": ["a", "b"], "neg": ["c", "b"]}, "`neg[1]` is identical to the positive"),
    ("passages",  {"positive_passages": [{"title": "a", "text": 7}]}, "`positive_passages[0].title + positive_passages[0].text` is not a text: 7"),
    ("passages",  {"positive_passages": [{"title": "", "text": None}]}, "`positive_passages[0].title + positive_passages[0].text` is empty"),
    ("passages",  {"negative_passages": [{"text": "a"}, {"text": ["b"]}]}, "`negative_passages[1].text` is not a text: ['b']"),
    ("with gaps", {"n1": None, "n2": "", "n3": None}, "`n1` is empty, and a row needs a negative"),
    ("with gaps", {"n2": " "},                     "`n2` is empty"),
    ("joined",    {"title": None, "body": None},   "`title + body` has no value"),
    ("joined",    {"title": "", "body": "  "},     "`title + body` is empty"),
    ("joined",    {"body": 3},                     "`title + body` is not a text: 3"),
]
# fmt: on


@pytest.mark.parametrize(("form", "change", "said"), BROKEN)
def test_a_bad_row_is_found_as_the_repo_finds_it(tmp_path: Path, form: str, change: Row, said: str) -> None:
    made = made_rows()
    made["train"][4] |= change
    write(tmp_path, "jsonl", made)
    spec = spec_of(FORMS[form][0])
    words = f"line 5 of train.jsonl: {said}"
    if "needs a negative" in said:
        assert "STG380" in {item.code for item in examine(Spec.model_validate(spec), str(tmp_path))}
    assert words in findings(tmp_path, spec)
    compile_to(spec, tmp_path)
    with repos.modules(tmp_path) as load, pytest.raises(SystemExit, match=r"1 of 24 rows of train break") as stopped:
        load("data").read("train")
    assert f"\n  {words}" in str(stopped.value)


def test_bad_rows_are_set_aside_whole(tmp_path: Path) -> None:
    columns, expected = FORMS["lists"]
    made = made_rows()
    made["train"][4]["neg"] = []
    made["train"][7]["pos"][1:] = [""]
    write(tmp_path, "jsonl", made)
    spec = spec_of(columns, prepare={"on_bad_row": "set-aside"})
    printed = prepare(tmp_path, compile_to(spec, tmp_path))
    assert "train: 2 of 24 rows are set aside" in printed
    assert read(tmp_path, "train") == [one for n in range(ROWS) if n not in (4, 7) for one in expected(n)]
    aside = (tmp_path / "prepared/rows/train.set-aside.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in aside] == [5, 8]
    assert json.loads(json.loads(aside[0])["raw"]) == made["train"][4]


def test_a_column_that_is_joined_and_missing_is_named(tmp_path: Path) -> None:
    write(tmp_path, "jsonl", made_rows())
    spec = spec_of({"anchor": "query", "positive": ["title", "boddy"]})
    assert findings(tmp_path, spec) == [f"{split}.jsonl has no column `boddy`" for split in SPLITS]
    compile_to(spec, tmp_path)
    with repos.modules(tmp_path) as load, pytest.raises(SystemExit, match="train has no column `boddy`"):
        load("data").read("train")


@pytest.mark.parametrize(
    ("negative", "severity", "said"),
    [
        ({"column": "neg[]", "count": 2}, "note", "fewer than 2 negatives in 12 of 36 rows, made of 24 of train.jsonl (rows 1, 4, 7 and 9 more): their own are repeated; more in 12: the first 2 are used"),
        ({"column": "neg[]", "count": 5}, "warning", "no row has more than 3 negatives, and the loss gets 5: each row repeats its own"),
        ("neg[]", "warning", "no row has more than 3 negatives, and the loss gets 4: each row repeats its own"),
        ({"column": "neg[]", "count": 3}, "note", "fewer than 3 negatives in 24 of 36 rows"),
    ],
)  # fmt: skip
def test_how_many_negatives_rows_have_is_said(tmp_path: Path, negative: Any, severity: str, said: str) -> None:
    """STG382, where the number of the spec isn't that of the rows."""
    write(tmp_path, "jsonl", made_rows())
    spec = spec_of({"anchor": "query", "positive": "pos[]", "negative": negative})
    (found,) = [item for item in examine(Spec.model_validate(spec), str(tmp_path)) if item.code == "STG382"]
    assert said in found.message
    assert found.severity == severity


def test_only_repos_with_lists_hold_what_reads_them(tmp_path: Path) -> None:
    write(tmp_path, "jsonl", made_rows())
    compile_to(spec_of({"anchor": "query", "positive": "body"}), tmp_path)
    assert {path.stem for path in (tmp_path / "reader").iterdir()}.isdisjoint({"lists", "joined", "nested"})
    assert "spread" not in (tmp_path / "reading.py").read_text()


# --- ids -------------------------------------------------------------------------------------------------------------

IDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # what it is -> columns, texts
    "triplets": ({"anchor": "query_id", "positive": "yes", "negative": "no[]"}, {"anchor": "queries.jsonl", "positive": "documents.jsonl", "negative": "documents.jsonl"}),
    "lists":    ({"anchor": "query_id", "documents": "all", "scores": "scores"}, {"anchor": "queries.jsonl", "documents": {"file": "documents.jsonl", "text": ["title", "text"]}}),
    "gaps":     ({"anchor": "query", "positive": "yes", "negative": ["n1", "n2"]}, {"positive": "documents.jsonl", "negative": "documents.jsonl"}),
}  # fmt: skip
NUMBERS = (7, "007", 2**62, "2021-03-04", "a b")
"""Ids as people have them: numbers, zeros before them, dates; all are text."""


def write_ids(folder: Path) -> None:
    """Write texts under ids, and rows that hold these."""
    documents = [
        {"_id": number, "title": f"house {place}", "text": f"it is red {place}"} for place, number in enumerate(NUMBERS)
    ]
    queries = [{"_id": number, "text": f"what stands there {number}"} for number in range(100)]
    write_lines(folder / "documents.jsonl", documents)
    write_lines(folder / "queries.jsonl", queries)
    made = {
        split: [row_of_ids(number) for number in range(start, start + 12)]
        for split, start in {"train": 0, "eval": 20, "test": 40}.items()
    }
    write(folder, "jsonl", made)


def row_of_ids(number: int) -> Row:
    """A row whose texts stand elsewhere."""
    documents = [NUMBERS[(number + place) % 5] for place in range(3)]
    return {"query_id": number, "query": f"what stands there {number}", "yes": documents[0], "no": documents[1:], "n1": documents[1], "n2": None if number % 2 else documents[2], "all": documents, "scores": [2, 1, 0]}  # fmt: skip


def text_of(number: object, title: bool = False) -> str:
    """The text that stands under an id."""
    place = NUMBERS.index(number)
    return f"house {place} it is red {place}" if title else f"it is red {place}"


@pytest.mark.parametrize("form", IDS)
def test_ids_are_read_as_the_texts_that_they_stand_for(tmp_path: Path, form: str) -> None:
    columns, texts = IDS[form]
    write_ids(tmp_path)
    model = "cross-encoder" if form == "lists" else "dense"
    spec = spec_of(columns, model=model, data={"texts": texts}, train={"batch_size": 4})
    assert findings(tmp_path, spec) == []
    compile_to(spec, tmp_path)
    with repos.modules(tmp_path) as load:
        rows = load("data").read("train").to_list()
    for number, made in enumerate(rows):
        ids = row_of_ids(number)
        assert made["anchor"] == ids["query"]
        if form == "lists":
            assert made["documents"] == [text_of(one, title=True) for one in ids["all"]]
        else:
            others = ids["no"] if form == "triplets" else [one for one in (ids["n1"], ids["n2"]) if one is not None]
            names = [name for name in made if name.startswith("negative")]
            assert made["positive"] == text_of(ids["yes"])
            assert [made[name] for name in names] == [
                text_of(others[place % len(others)]) for place in range(len(names))
            ]


def test_an_id_without_a_text_is_named(tmp_path: Path) -> None:
    """STG383, in the words of the repo."""
    columns, texts = IDS["triplets"]
    write_ids(tmp_path)
    write_lines(tmp_path / "train.jsonl", [*map(row_of_ids, range(11)), row_of_ids(11) | {"no": [7, "7 "]}])
    spec = spec_of(columns, data={"texts": texts}, train={"batch_size": 4})
    words = "line 12 of train.jsonl: `no[1]` is '7 ', an id that documents.jsonl doesn't have"
    assert findings(tmp_path, spec) == [words]
    compile_to(spec, tmp_path)
    with repos.modules(tmp_path) as load, pytest.raises(SystemExit, match="an id that") as stopped:
        load("data").read("train")
    assert words in str(stopped.value)


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        ([{"_id": 7, "text": ""}], "line 1 of documents.jsonl: `text` is empty"),
        ([{"_id": 7, "text": "a"}, {"_id": None, "text": "b"}], "line 2 of documents.jsonl: `_id` has no value"),
        ([{"id": 7, "text": "a"}], "documents.jsonl has no column `_id`"),
        ([], "documents.jsonl has no rows"),
    ],
)
def test_a_file_of_texts_that_cannot_be_read_is_named(tmp_path: Path, documents: list[Row], words: str) -> None:
    columns, texts = IDS["triplets"]
    write_ids(tmp_path)
    write_lines(tmp_path / "documents.jsonl", documents)
    spec = spec_of(columns, data={"texts": texts}, train={"batch_size": 4})
    assert findings(tmp_path, spec) == [words]
    compile_to(spec, tmp_path)
    with repos.modules(tmp_path) as load, pytest.raises(SystemExit) as stopped:
        load("data").read("train")
    assert str(stopped.value).startswith(f"data: {words}")


def test_other_texts_make_prepared_rows_old(tmp_path: Path) -> None:
    columns, texts = IDS["triplets"]
    write_ids(tmp_path)
    spec = spec_of(columns, data={"texts": texts}, train={"batch_size": 4}, prepare={"normalize": {"whitespace": True}})
    prepare(tmp_path, compile_to(spec, tmp_path))
    assert read(tmp_path, "train")[0]["positive"] == text_of(7)
    lines = (tmp_path / "documents.jsonl").read_text()
    (tmp_path / "documents.jsonl").write_text(lines.replace("it is red 0", "it is blue"))
    with repos.modules(tmp_path) as load, pytest.raises(SystemExit, match=r"documents\.jsonl changed since"):
        load("data").load("train")
    with repos.modules(tmp_path) as load:
        assert load("data").read("train")[0]["positive"] == "it is blue"


def test_texts_of_a_role_that_no_column_has(tmp_path: Path) -> None:
    """STG384."""
    spec = spec_of({"anchor": "query_id", "positive": "yes"}, data={"texts": {"negative": "documents.jsonl"}})
    _, found = plan_of(spec, tmp_path)
    assert [item.code for item in found] == ["STG384"]
    joined = spec_of({"anchor": ["a", "b"], "positive": "yes"}, data={"texts": {"anchor": "queries.jsonl"}})
    assert [item.code for item in plan_of(joined, tmp_path)[1]] == ["STG384"]
