"""Lists of texts, columns that are joined and negatives with gaps: which rows reach the trainer, from every kind of file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conversions import compile_to, prepare, read, write_lines
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
    spec = spec_of(FORMS[form][0])  # STG380 for rows that lack a negative, else the codes of other rows
    words = f"line 5 of train.jsonl: {said}"
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
    aside = (tmp_path / "prepared/train.set-aside.jsonl").read_text().splitlines()
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
