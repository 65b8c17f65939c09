"""What `new --from-data` takes over beside the roles: files of other splits, the language of the letters, the width of vectors."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from commandline import stgen
from stgen.inspection.proposal import Guess
from stgen.rows.survey import Survey
from stgen.scaffold.beside import languages_of

ROWS = 40


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def row(n: int, *, labelled: bool = True) -> dict[str, Any]:
    label = {"label": n % 2} if labelled else {"label": -1}
    return {"sentence1": f"How does mill {n} work?", "sentence2": f"What turns the stone of mill {n}?", **label}


def lines(first: int, *, labelled: bool = True) -> str:
    return "".join(json.dumps(row(first + n, labelled=labelled)) + "\n" for n in range(ROWS))


def new(*options: str) -> dict[str, Any]:
    """The spec of a new project."""
    done = stgen("new", "made", "--yes", *options)
    assert done.code == 0, done.err
    spec: dict[str, Any] = tomllib.loads(Path("made/stgen.toml").read_text(encoding="utf-8"))
    return spec


def test_files_of_other_splits_are_named(tmp_path: Path) -> None:
    Path("sts-train.jsonl").write_text(lines(0))
    Path("sts-dev.jsonl").write_text(lines(100))
    Path("sts-test.jsonl").write_text(lines(200))
    Path("other-test.jsonl").write_text(lines(300))
    (data,) = new("--from-data", "sts-train.jsonl")["data"]
    assert (data["train"], data["eval"], data["test"]) == (
        "../sts-train.jsonl",
        "../sts-dev.jsonl",
        "../sts-test.jsonl",
    )
    assert stgen("validate", "--data", "made/stgen.toml").code == 0


def test_a_split_without_labels_is_left_out() -> None:
    Path("train.jsonl").write_text(lines(0))
    Path("validation.jsonl").write_text(lines(100))
    Path("test.jsonl").write_text(lines(200, labelled=False))
    (data,) = new("--from-data", "train.jsonl")["data"]
    assert data["eval"] == "../validation.jsonl"
    assert "test" not in data


@pytest.mark.parametrize("named", ["set", "set/data", "set/data/train-00000-of-00002.jsonl", "set/data/train-*.jsonl"])
def test_a_folder_and_a_part_of_a_file_stand_for_all_parts(named: str) -> None:
    Path("set/data").mkdir(parents=True)
    for part in range(2):
        Path(f"set/data/train-0000{part}-of-00002.jsonl").write_text(lines(100 * part))
    Path("set/data/validation-00000-of-00001.jsonl").write_text(lines(300))
    (data,) = new("--from-data", named, "--copy-data")["data"]
    parts = "-*" if "*" in named else "-*-of-*"
    assert (data["train"], data["eval"]) == (f"data/train{parts}.jsonl", f"data/validation{parts}.jsonl")
    assert len(list(Path("made/data").iterdir())) == 3
    assert stgen("validate", "--data", "made/stgen.toml").code == 0


def test_a_folder_of_splits_is_inspected() -> None:
    Path("set").mkdir()
    Path("set/train.jsonl").write_text(lines(0))
    Path("set/dev.jsonl").write_text(lines(100))
    found = json.loads(stgen("inspect", "set", "--format", "json").out)
    assert found["rows"] == ROWS
    assert found["line"] == 'columns = { text_1 = "sentence1", text_2 = "sentence2", binary = "label" }'


SENTENCES = {  # language -> what stands in the rows; "" for texts that show none
    "en": ["How does the mill work?", "The stone of the mill turns on its own."],
    "tr": ["Değirmen nasıl çalışır ve ne kadar sürer?", "Bu değirmen için bir taş daha gerekli."],
    "vi": ["Cối xay hoạt động như thế nào?", "Tôi không biết cái này của ai."],
    "pl": ["Jak działa młyn i co się w nim dzieje?", "Nie jest to takie trudne."],
    "id": ["Bagaimana cara kerja kincir ini?", "Saya tidak tahu apa yang ada di dalam."],
    "de": ["Wie funktioniert die Mühle?", "Das ist nicht der Stein, den ich suche."],
    "ru": ["Как работает мельница?", "Это не тот камень, что я искал."],
    "uk": ["Як працює млин і що це таке?", "Це не той камінь, який я шукав."],
    "sr": ["Како ради млин и шта је то?", "То није камен који сам тражио."],
    "bg": ["Как работи мелницата и какво е това?", "Това не е камъкът, който търся."],
    "fa": ["آسیاب چگونه کار می کند؟", "این سنگی است که من از آن استفاده می کنم."],
    "ar": ["كيف تعمل الطاحونة؟", "هذا هو الحجر الذي كان في البيت."],
    "hi": ["चक्की कैसे काम करती है?", "यह वह पत्थर नहीं है।"],
    "zh": ["银行卡为什么不能使用了?"],
    "ja": ["男性が公園で歩いています。"],
    "ko": ["남자가 공원에서 걷고 있다."],
    "": ["X-100 M", "2024", "B-7 L"],
}


@pytest.mark.parametrize("installed", [True, False])
@pytest.mark.parametrize("language", SENTENCES)
def test_words_and_letters_show_a_language(language: str, installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not installed:
        monkeypatch.setitem(sys.modules, "py3langid", None)
        monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    rows = Survey(sample={"text": list(SENTENCES[language])})
    assert languages_of(rows, Guess({"text": "text"})) == ((language,) if language else ())


def test_each_column_and_each_fifth_of_one_may_have_a_language_of_its_own() -> None:
    english, german = SENTENCES["en"], SENTENCES["de"]
    sides = Survey(sample={"en": english, "de": german})
    assert languages_of(sides, Guess({"anchor": "en", "positive": "de"})) == ("en", "de")
    mixed = Survey(sample={"text": english * 3 + german * 2 + SENTENCES["zh"] * 4})
    assert set(languages_of(mixed, Guess({"text": "text"}))) == {"en", "de", "zh"}
    lists = Survey(sample={"query": german, "pos": [german]})
    assert languages_of(lists, Guess({"anchor": "query", "positive": "pos[]"})) == ("de",)


def test_turkish_texts_get_a_base_that_reads_them_and_are_told_of() -> None:
    ask, answer = SENTENCES["tr"]
    Path("faq.jsonl").write_text(
        "".join(json.dumps({"q": f"{n} {ask}", "a": f"{n} {answer}"}) + "\n" for n in range(ROWS))
    )
    said = stgen("new", "made", "--from-data", "faq.jsonl", "--yes").err
    assert 'languages = ["tr"], by the words and letters of the texts' in said
    spec = tomllib.loads(Path("made/stgen.toml").read_text())
    assert spec["project"]["languages"] == ["tr"]
    assert "multilingual" in spec["model"]["base"]
    assert "STG460" not in stgen("validate", "--data", "made/stgen.toml").err


def test_texts_that_show_no_language_are_told_of() -> None:
    rows = ({"q": f"Norvo Taki {n}", "a": f"Belun Kadro {n}"} for n in range(ROWS))
    Path("parts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    said = stgen("new", "made", "--from-data", "parts.jsonl", "--yes").err
    assert "nothing in the texts shows their language" in said


def test_texts_in_other_letters_get_a_base_that_reads_them() -> None:
    rows = (
        {"q": f"银行卡为什么不能使用了{n}次?", "a": f"请在第{n}页查看说明,然后联系人工客服处理。"} for n in range(ROWS)
    )
    Path("faq.jsonl").write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    spec = new("--from-data", "faq.jsonl")
    assert spec["project"]["languages"] == ["zh"]
    assert "multilingual" in spec["model"]["base"]


def test_embeddings_are_as_wide_as_the_vectors_of_the_rows() -> None:
    rows = ({"text": f"The stone of mill {n} turns.", "embedding": [n / 99, *([0.5] * 31)]} for n in range(ROWS))
    Path("vectors.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    spec = new("--from-data", "vectors.jsonl")
    assert spec["model"]["dimensions"] == 32
    assert stgen("validate", "--data", "made/stgen.toml").code == 0
