"""Languages of the texts, on request: what tells them, what is written down, and what follows for base and project."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import mteb
import pytest
from commandline import stgen
from stgen.profile.parsing import ProfileError, parse
from stgen.profiling.languages import BY_LANGUAGE, BY_SCRIPT, shares, teller
from stgen.rules.bases import BASES, HUB, reads_english

ENGLISH = [
    ("When does the library open on Sundays?", "It opens at ten in the morning and closes at four."),
    ("How do I renew my passport before a journey?", "Fill in the form and take it to the office with a photograph."),
]
GERMAN = [
    ("Wann öffnet die Bibliothek an Sonntagen?", "Sie öffnet um zehn Uhr vormittags und schließt um vier."),
    (
        "Wie verlängere ich meinen Reisepass vor einer Reise?",
        "Füllen Sie das Formular aus und bringen Sie ein Foto mit.",
    ),
]
RUSSIAN = [("Когда открывается библиотека по воскресеньям?", "Она открывается в десять часов утра.")]
SPEC = """
stgen = 1
project = {{ name = "pairs", languages = [{languages}] }}
model = {{ type = "dense", base = "{base}" }}
[[data]]
train = "train.jsonl"
columns = {{ anchor = "question", positive = "answer" }}
"""


def write(
    folder: Path, rows: list[tuple[str, str]], base: str = "BAAI/bge-base-en-v1.5", languages: str = '"en"'
) -> None:
    """A spec with so many rows of each pair."""
    (folder / "stgen.toml").write_text(SPEC.format(base=base, languages=languages))
    lines = [json.dumps({"question": q, "answer": a}, ensure_ascii=False) for q, a in rows for _ in range(100)]
    (folder / "train.jsonl").write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def without_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid", None)
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)


def profile(folder: Path, *options: str) -> str:
    ran = stgen("profile", "stgen.toml", *options)
    assert ran.code == 0, ran.err
    return (folder / "stgen.profile.json").read_text()


def codes(*command: str) -> list[str]:
    found = json.loads(stgen(*command, "--format", "json").out)
    return sorted(one["code"] for one in found if one["code"].startswith("STG46"))


def test_languages_are_counted_on_request_alone(folder: Path) -> None:
    write(folder, [*ENGLISH, *GERMAN])
    assert "languages" not in profile(folder)
    text = profile(folder, "--languages")
    read = parse(text.encode())
    assert read.languages == BY_LANGUAGE
    for column in read.sets[0].splits["train"].texts:
        assert column.languages == {"de": 0.5, "en": 0.5}
    assert "library" not in text.replace(BY_LANGUAGE, "")
    assert "Bibliothek" not in text
    assert profile(folder, "--languages") == text


def test_without_the_library_scripts_are_counted_and_it_says_so(folder: Path, without_library: None) -> None:
    write(folder, [*ENGLISH, *RUSSIAN, *RUSSIAN])
    ran = stgen("profile", "stgen.toml", "--languages")
    assert "pip install py3langid" in ran.out + ran.err
    read = parse((folder / "stgen.profile.json").read_bytes())
    assert read.languages == BY_SCRIPT
    assert read.sets[0].splits["train"].texts[0].languages == {"cyrillic": 0.5, "latin": 0.5}
    assert codes("validate") == ["STG460"]


@pytest.mark.parametrize(
    ("rows", "base", "languages", "found"),
    [
        (ENGLISH, "BAAI/bge-base-en-v1.5", '"en"', []),
        ([*ENGLISH, *GERMAN], "BAAI/bge-base-en-v1.5", '"en"', ["STG460", "STG461"]),
        ([*ENGLISH, *GERMAN], "BAAI/bge-base-en-v1.5", '"de", "en"', ["STG460"]),
        ([*ENGLISH, *GERMAN], "intfloat/multilingual-e5-base", '"de", "en"', []),
        (GERMAN, "intfloat/multilingual-e5-base", '"en"', ["STG461"]),
        ([*ENGLISH * 5, *GERMAN], "BAAI/bge-base-en-v1.5", '"en"', []),
    ],
)
def test_a_base_of_english_and_languages_that_nobody_named_are_found(
    folder: Path, rows: list[tuple[str, str]], base: str, languages: str, found: list[str]
) -> None:
    write(folder, rows, base, languages)
    profile(folder, "--languages")
    assert codes("validate") == found


@pytest.mark.parametrize(
    ("rows", "base", "languages", "said"),
    [
        (GERMAN, "BAAI/bge-base-en-v1.5", '"en"', 'and languages = ["de"] under [project]'),
        ([*ENGLISH, *GERMAN], "BAAI/bge-base-en-v1.5", '"en"', 'and languages = ["en", "de"] under [project]'),
        ([*ENGLISH, *GERMAN], "BAAI/bge-base-en-v1.5", '"de", "en"', "paraphrase-multilingual-MiniLM-L12-v2"),
        (GERMAN, "BAAI/bge-base-en-v1.5", '"de"', "the languages of the project are de"),
        (GERMAN, "minishlab/potion-base-8M", '"de"', "static-similarity-mrl-multilingual-v1"),
        (ENGLISH, "BAAI/bge-base-en-v1.5", '"en"', ""),
        (GERMAN, "intfloat/multilingual-e5-base", '"en"', ""),
    ],
)
def test_a_base_of_english_is_found_where_nobody_counted_languages(
    folder: Path, rows: list[tuple[str, str]], base: str, languages: str, said: str
) -> None:
    write(folder, rows, base, languages)
    found = json.loads(stgen("validate", "--data", "--format", "json").out)
    told = [one for one in found if one["code"] == "STG460"]
    assert len(told) == bool(said)
    assert all(said in f"{one['message']} {one['help']}" for one in told)


def test_shares_are_of_the_texts_that_could_be_told() -> None:
    assert shares(["en", "", "de", "en", ""]) == {"en": 0.667, "de": 0.333}
    assert shares(["", ""]) == {}
    tell, _ = teller()
    assert tell("ok") == ""
    assert tell("今天天气很好。") == "zh"


@pytest.mark.parametrize("share", [0, -1, 1.5])
def test_a_share_that_is_none_is_no_profile(folder: Path, share: float) -> None:
    write(folder, ENGLISH)
    read = json.loads(profile(folder, "--languages"))
    read["sets"][0]["splits"]["train"]["texts"][0]["languages"] = {"en": share}
    with pytest.raises(ProfileError, match="don't add up"):
        parse(json.dumps(read).encode())


KNOWN = [base for base in BASES if base.source.startswith(HUB) and reads_english(base.source.removeprefix(HUB))]


@pytest.mark.parametrize("base", KNOWN, ids=lambda base: base.pattern)
def test_bases_of_english_are_so_by_mteb_too(base: object) -> None:
    name = base.source.removeprefix(HUB)
    try:
        meta = mteb.get_model_meta(name)
    except KeyError:
        pytest.skip("mteb doesn't list it")
    if meta.languages:
        assert [str(one) for one in meta.languages] == ["eng-Latn"]
