"""Names the encoding of a file that isn't UTF-8, by its first bytes: the one under which they spell a language's commonest letters."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache

from stgen.language.paths import COMPRESSED
from stgen.reader.files import wide
from stgen.rows.streams import opened
from stgen.values.quoting import shell

HEAD = 1 << 16  # bytes that are looked at: letters come often
RUN = re.compile(rb"[\x80-\xff]+")
ESCAPE = re.compile(rb"\x1b\$[@B]")  # behind which kanji stand
SCRIPT = 3  # more bytes beyond ASCII side by side, on average, than that: a script of its own, and not Latin letters with accents
ACCENTS = 0.3  # share of letters with accents that no language of Latin letters exceeds
CUT = 0.01  # share of what can't be decoded that a cut at the end or a slip may be
Common = Callable[[str], bool]


def _kana(char: str) -> bool:
    return "\u3041" <= char <= "\u30fc"


def _hangul(char: str) -> bool:
    return "\uac00" <= char <= "\ud7a3"


def _simplified(char: str) -> bool:
    return char in _level("gb2312", 0xB0, 0xD8, range(0xA1, 0xFF))


def _traditional(char: str) -> bool:
    return char in _level("big5", 0xA4, 0xC7, (*range(0x40, 0x7F), *range(0xA1, 0xFF)))


@cache
def _level(encoding: str, first: int, end: int, second: tuple[int, ...] | range) -> frozenset[str]:
    """The common characters of a Chinese encoding, which stand before the rare ones."""
    pairs = bytes(byte for lead in range(first, end) for trail in second for byte in (lead, trail))
    return frozenset(pairs.decode(encoding, "ignore"))


# fmt: off
SEVERAL_BYTES: tuple[tuple[str, Common, float], ...] = (  # encoding, its common characters, their least share; the first that fits
    ("cp932", _kana, 0.2), ("euc-jp", _kana, 0.2), ("cp949", _hangul, 0.8), ("gb18030", _simplified, 0.75), ("big5", _traditional, 0.75),
)
SCRIPTS: tuple[tuple[str, str], ...] = (  # encoding, the commonest letters of its language
    ("cp1251", "оеаинтсрвлкмдпу"), ("koi8-r", "оеаинтсрвлкмдпу"), ("cp866", "оеаинтсрвлкмдпу"),
    ("cp1253", "αοιετσνηυρπκάέίόήύώς"), ("cp1255", "יוהלאתרשבמםנ"), ("cp1256", "اليمنورتبهةعد"), ("cp874", "านรอกเงมยลวดท่้ีั"),
)
LATIN: tuple[tuple[str, str], ...] = (  # encoding, the letters with accents of its languages; of several that fit alike the first
    ("cp1252", "éèêëàâäáãåçîïíìñôöóòõøùûüúæœßÉÈÊÀÂÄÁÅÇÎÍÑÔÖÓØÜÚÆŒ’‘“”–—…«»°€£·¿¡"),
    ("cp1250", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűöüăâîşţđĐ„”–"), ("iso-8859-2", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűöüăâîşţđĐ"),
    ("cp1254", "çğıöşüÇĞİÖŞÜâîû’“”"), ("macintosh", "éèêëàâäáãåçîïíìñôöóòõøùûüúæœßÉÈÊÀÂÄÇÖÜ’‘“”–—…«»°"), ("cp850", "éèêëàâäáãåçîïíìñôöóòõøùûüúæßÉÈÊÀÂÄÇÖÜ«»°"),
)
LEAST = 0.5  # share of such letters
# fmt: on


def encoding_of(data: bytes) -> str:
    """The encoding of a file that begins with these bytes, as Python and iconv call it; "" for UTF-8, and where nothing shows it."""
    if found := wide(data[:4]) or _wide_behind(data):
        return found.lower()
    if ESCAPE.search(data):
        return "iso-2022-jp"
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken <= sum(not char.isascii() for char in text) - broken:
        return ""  # UTF-8 with a slip
    runs = RUN.findall(data)
    beyond = sum(map(len, runs))
    if beyond > SCRIPT * len(runs) and (script := _script(data)):
        return script
    return _best(data, LATIN) if beyond < ACCENTS * len(data) else ""


def _script(data: bytes) -> str:
    """The encoding of a language that has letters of its own."""
    several = (encoding for encoding, common, least in SEVERAL_BYTES if _share(data, encoding, common) >= least)
    return next(several, "") or _best(data, SCRIPTS)


def _wide_behind(data: bytes) -> str:
    """UTF-16 that begins with letters of another script: blanks and ends of lines show it."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    if min(even, odd) or max(even, odd) < CUT * len(data):
        return ""
    return "UTF-16BE" if even else "UTF-16LE"


def save_as_utf8(path: str, shown: str) -> str:
    """What makes a file UTF-8, with the encoding that it seems to have."""
    with opened(path, shown) as stream:
        name = encoding_of(stream.read(HEAD))
    if not name:
        return "save the file as UTF-8, with no character cut in half"
    stem, suffix = os.path.splitext(shown)
    if suffix.lower() in COMPRESSED:
        return f"it looks like {name.upper()}: unpack it, and save it as UTF-8 with iconv -f {name.upper()} -t UTF-8"
    made = f"{shell(shown)} > {shell(f'{stem}.utf8{suffix}')}"
    return f"it looks like {name.upper()}: iconv -f {name.upper()} -t UTF-8 {made} makes it UTF-8"


def _best(data: bytes, table: tuple[tuple[str, str], ...]) -> str:
    shares = {encoding: _share(data, encoding, letters.__contains__) for encoding, letters in table}
    name = max(shares, key=lambda encoding: shares[encoding])
    return name if shares[name] >= LEAST else ""


def _share(data: bytes, encoding: str, common: Common) -> float:
    """Which share of the characters beyond ASCII are common ones; 0 where the bytes are none of the encoding."""
    others = [char for char in data.decode(encoding, "replace") if not char.isascii()]
    if others.count("\ufffd") > CUT * len(others) + 1:
        return 0.0
    return sum(map(common, others)) / max(1, len(others))
