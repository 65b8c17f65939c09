"""Files that aren't UTF-8: their encoding is named, with the line that reads them and the command that rewrites them."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from commandline import stgen
from stgen.rows.encodings import encoding_of

ROWS = 40
HEAD = 'stgen = 1\n[model]\ntype = "dense"\nbase = "sentence-transformers/all-MiniLM-L6-v2"\n[train]\nbatch_size = 8\n[[data]]\n'
# fmt: off
TEXTS = {
    "ja": "第{n}号の雨樽をどのように掃除しますか。湿った布で拭いてください", "zh": "如何清洁第{n}号雨水桶，用湿布擦拭然后晾干", "tw": "如何清潔第{n}號雨水桶，用濕布擦拭然後晾乾",
    "ko": "빗물통 {n}번은 어떻게 청소하나요, 젖은 천으로 닦고 말리세요", "ru": "Как почистить бочку номер {n}? Протрите её влажной тканью", "fr": "Comment nettoyer la gouttière n° {n} à l'été ?",
    "de": "Wie säubere ich die Tür Nummer {n}, und für wen?", "pl": "Jak wyczyścić beczkę na deszczówkę numer {n}, żółtą?", "el": "Πώς να καθαρίσω το βαρέλι {n}; Με ένα υγρό πανί",
    "he": "איך מנקים את החבית מספר {n}? נגבו במטלית לחה", "ar": "كيف أنظف برميل المطر رقم {n} امسحه بقطعة قماش", "th": "ฉันจะทำความสะอาดถังน้ำฝน {n} อย่างไร", "tr": "Yağmur fıçısı {n} nasıl temizlenir, ışığı açık mı?",
}
ENCODED: tuple[tuple[str, str, str], ...] = (  # language, how it is saved, what it is called
    ("ja", "cp932", "cp932"), ("ja", "euc-jp", "euc-jp"), ("ja", "iso-2022-jp", "iso-2022-jp"), ("zh", "gbk", "gb18030"), ("tw", "big5", "big5"), ("ko", "euc-kr", "cp949"),
    ("ru", "cp1251", "cp1251"), ("ru", "koi8-r", "koi8-r"), ("ru", "cp866", "cp866"), ("fr", "cp1252", "cp1252"), ("fr", "mac-roman", "macintosh"), ("fr", "cp850", "cp850"), ("de", "latin-1", "cp1252"),
    ("pl", "cp1250", "cp1250"), ("pl", "iso-8859-2", "iso-8859-2"), ("el", "cp1253", "cp1253"), ("he", "cp1255", "cp1255"), ("ar", "cp1256", "cp1256"), ("th", "cp874", "cp874"), ("tr", "cp1254", "cp1254"),
    ("ru", "utf-16-le", "utf-16le"), ("ja", "utf-16-be", "utf-16be"), ("fr", "utf-16", "utf-16"), ("de", "utf-32", "utf-32"),
)
# fmt: on


def text(language: str) -> str:
    return "".join(TEXTS[language].format(n=n) + "\n" for n in range(ROWS))


@pytest.mark.parametrize(("language", "encoding", "called"), ENCODED)
def test_an_encoding_is_named(language: str, encoding: str, called: str) -> None:
    assert encoding_of(text(language).encode(encoding)) == called
    assert text(language).encode(encoding).decode(called) == text(language)


@pytest.mark.parametrize("language", TEXTS)
def test_utf8_is_no_other_encoding_also_with_a_slip(language: str) -> None:
    assert encoding_of(text(language).encode()) == ""
    assert encoding_of((text(language) * 3).encode() + b"\xe9 \xff\n") == ""


def test_the_command_that_is_told_makes_the_file_utf8(tmp_path: Path) -> None:
    rows = [f'{{"q": "{TEXTS["ja"].format(n=n)}", "a": "{TEXTS["ja"].format(n=n + 99)}"}}' for n in range(ROWS)]
    (tmp_path / "t.jsonl").write_bytes("\n".join(rows).encode("cp932"))
    spec = HEAD + 'train = "t.jsonl"\ncolumns = { anchor = "q", positive = "a" }\n'
    (tmp_path / "stgen.toml").write_text(spec)
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert (done.code, "[STG202]: line 1 of t.jsonl: not UTF-8" in done.err) == (1, True)
    command = done.err.partition("it looks like CP932: ")[2].partition(" makes it UTF-8")[0]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    made = shlex.split(command)[-1]
    (tmp_path / "stgen.toml").write_text(spec.replace("t.jsonl", made))
    assert stgen("validate", "--data", tmp_path / "stgen.toml").code == 0
    assert (tmp_path / made).read_text(encoding="utf-8") == "\n".join(rows)


def test_an_encoding_that_no_byte_contradicts_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(text("fr"), encoding="utf-8")
    line = 'train = "t.txt"\ncolumns = { text = "text" }\n'
    (tmp_path / "stgen.toml").write_text(HEAD + line + 'file = { encoding = "latin-1" }\n')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert "[STG466]: t.txt is UTF-8, and is read as LATIN-1" in done.err
    (tmp_path / "stgen.toml").write_text(HEAD + line)
    assert "STG466" not in stgen("validate", "--data", tmp_path / "stgen.toml").err
    (tmp_path / "t.txt").write_text(text("ja"), encoding="iso-2022-jp")
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert 'write file = { encoding = "iso-2022-jp" } beside the path' in done.err


def test_names_that_are_read_as_a_row_are_a_finding(tmp_path: Path) -> None:
    rows = "".join(f"how {n}?,so {n}\n" for n in range(ROWS))
    (tmp_path / "t.csv").write_text("q,a\n" + rows)
    columns = 'columns = { anchor = "q", positive = "a" }\nfile = { header = ["q", "a"] }\n'
    (tmp_path / "stgen.toml").write_text(f'{HEAD}train = "t.csv"\n{columns}')
    done = stgen("validate", "--data", tmp_path / "stgen.toml")
    assert "[STG467]: the first line of t.csv has the names that `header` gives its columns" in done.err
    (tmp_path / "t.csv").write_text(rows)
    assert "STG467" not in stgen("validate", "--data", tmp_path / "stgen.toml").err


@pytest.mark.parametrize("name", ["idna", "punycode", "rot13", "base64", "no-such"])
def test_what_is_no_encoding_of_files_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "stgen.toml").write_text(
        f'{HEAD}train = "t.csv"\ncolumns = {{ text = "q" }}\nfile = {{ encoding = "{name}" }}\n'
    )
    done = stgen("validate", tmp_path / "stgen.toml")
    assert (done.code, "STG059" in done.err) == (1, True)
