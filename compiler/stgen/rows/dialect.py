"""Tells how a table is written where its suffix doesn't: its first rows -> what `file` in a spec would say."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from stgen.language.paths import READERS
from stgen.reader.cells import DELIMITERS, QUOTING, SEPARATOR
from stgen.reader.files import UnreadableError
from stgen.reader.json_list import is_listed
from stgen.reader.numbers import spelled
from stgen.rows.encodings import HEAD as LETTERS
from stgen.rows.encodings import encoding_of, save_as_utf8
from stgen.rows.formats import CELLS, format_of
from stgen.rows.json_splits import SPLITS, split_lists, text_at
from stgen.rows.streams import opened
from stgen.rows.text_signs import mean_words
from stgen.values.quoting import toml

HEAD = 1 << 18  # bytes that are looked at
ROWS = 200
CELLS_A_LINE = 25  # of plain text that is a table
CLASSED = 20  # lines of plain text in which a class shows
SOME = 5  # rows from which a first one can be held against the others
TRAIN = ("train", "training", "train_set", "data", "rows")
COLUMNS = 50  # of lists that may be rows
LONG = 4  # words of the shortest texts that no name of a column looks like
NUMBERS = 0.9  # share of cells that makes a column one of numbers
SIGNS = tuple(
    f"{left}{sign}{right}"
    for sign in ("|||", "@@@", "###", "<sep>", "[SEP]", "</s>", "||", ";;", "=>", "->")
    for left, right in ((" ", " "), ("", ""))
)
"""Signs of several characters that people write between texts."""
KEYS = ("delimiter", "quoting", "header", "encoding", "decimal", "rows")
JSON_SIGNS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[][{}:,]')  # a string may be cut off: only a file's head is looked at
Rows = list[list[str]]
COMMA = re.compile(r"\s*[-+]?\d+([,.]\d+)?\s*%?\s*")


def dialect(path: str, shown: str, given: object = None) -> dict[str, object]:
    """What `file` must say beside what is given, so that a table is read as it is meant; nothing for other files."""
    suffix = format_of(path)
    if suffix not in (*CELLS, ".txt", ".json", ".jsonl"):
        return {}
    data, whole = _head(path, shown)
    if suffix in (".json", ".jsonl"):
        told = getattr(given, "rows", None) or getattr(given, "header", None)
        return {} if told else _json(data.decode("utf-8-sig", "replace"), suffix, "" if whole else path)
    other = "" if getattr(given, "encoding", None) else encoding_of(data[:LETTERS])
    found: dict[str, object] = {"encoding": other} if other else {}
    said_sign = str(getattr(given, "delimiter", None) or "")
    if len(said_sign) > 1 or (said_sign and suffix not in CELLS):
        return found
    text = _text(data, whole, other or getattr(given, "encoding", None) or "utf-8-sig")
    if not said_sign and (joined := _joined(text, suffix)):
        names = [] if getattr(given, "header", None) else _names(text, joined, suffix)
        return found | {"delimiter": joined} | ({"header": names} if names else {})
    if suffix not in CELLS:
        return found
    said = SEPARATOR.match(data[:16])
    if said:
        text = text.partition("\n")[2]
    delimiter = said_sign or READERS[suffix][1].get("delimiter", ",")
    delimiter = said[1].decode() if said else delimiter
    quoting = getattr(given, "quoting", None) or "doubled"
    told, rows = _written(text, delimiter, quoting)
    found |= told
    if not rows:
        return found
    if not getattr(given, "header", None) and looks_like_a_row(rows[0], rows[1:]):
        found["header"] = [f"column_{number}" for number in range(1, len(rows[0]) + 1)]
    if not getattr(given, "decimal", None) and any(map(decimal_commas, zip(*rows[1:], strict=True))):
        found["decimal"] = ","
    return found


def looks_like_a_row(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first line of a table holds what the others hold, and no names of columns."""
    if len(rows) < SOME:
        return False
    alike = [_alike(name, cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)]
    return True in alike and False not in alike


def _is_no_header(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether nothing says that the first line of plain text names columns: a column of numbers or texts that it is unlike."""
    alike = [_alike(name, cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)]
    return True in alike or False not in alike or len(set(names)) < len(names) or not all(map(str.strip, names))


def decimal_commas(texts: Sequence[str]) -> bool:
    """Whether texts are numbers with a comma before their decimals, and not one before their thousands."""
    given = [text for text in texts if text.strip()]
    if not given or not all(map(COMMA.fullmatch, given)):
        return False
    return any("," in text and len(text.rstrip(" \t%").partition(",")[2]) != 3 for text in given)


def _head(path: str, shown: str) -> tuple[bytes, bool]:
    """The first bytes of a file, and whether they are all."""
    with opened(path, shown) as stream:
        data = stream.read(HEAD)
        return data, not stream.peek(1)


def _json(text: str, suffix: str, longer: str) -> dict[str, object]:
    """What says where the rows of JSON stand, or what the items of rows that are lists are called; `longer` is a file of which this is the head."""
    rows, start = _rows_under(text) if suffix == ".json" else ("", 0)
    if longer and SPLITS.get(rows.casefold(), "train") != "train":  # the rows of training may begin behind the head
        places = split_lists(longer, longer)
        if train := next((key for key in places if SPLITS[key.casefold()] == "train"), ""):
            rows, text, start = train, text_at(longer, longer, places[train], HEAD), 0
    if not rows and suffix == ".json" and is_listed(text.encode()):
        start = text.find("[") + 1
    found: dict[str, object] = {"rows": rows} if rows else {}
    lists = list(islice(_values(text, start), ROWS))
    widths = {len(value) if isinstance(value, list) else 0 for value in lists}
    cells = any(isinstance(item, str | int) for value in lists if isinstance(value, list) for item in value)
    if len(lists) < 2 or len(widths) > 1 or not 0 < max(widths) <= COLUMNS or not cells:
        return found
    return found | {"header": [f"column_{number}" for number in range(1, max(widths) + 1)]}


def _values(text: str, at: int) -> Iterator[object]:
    """The values that stand one after another, with blanks and commas between them."""
    decode = json.JSONDecoder().raw_decode
    while at < len(text):
        if text[at] in " \t\r\n,":
            at += 1
            continue
        try:
            value, at = decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value


def _rows_under(text: str) -> tuple[str, int]:
    """The key under which an object holds a list of rows, where it is no row itself, and where that begins; of several that of training, else the longest."""
    depth, last = 0, ("", "", "")
    found: dict[str, int] = {}
    for token in JSON_SIGNS.finditer(text):
        sign = token[0]
        if depth == 0 and found and sign == "{":
            return "", 0  # objects one after another are rows
        within = depth == 2 and last[1:] == (":", "[")
        if within and sign in "[{" and (key := _key(last[0])):
            found.setdefault(key, token.start())
        if sign in "]}":
            depth -= 1
        elif sign in "[{":
            if sign == "[" and depth == 0:
                return "", 0
            depth += 1
        last = (*last[1:], sign)
    starts = [*found.values(), len(text)]
    lengths = {key: end - start for key, (start, end) in zip(found, pairwise(starts), strict=True)}
    longest = max(lengths, key=lambda key: lengths[key], default="")
    key = next((key for key in found if key.casefold() in TRAIN), longest)
    return key, found.get(key, 0)


def _key(token: str) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return ""


def _text(data: bytes, whole: bool, encoding: str) -> str:
    """The first lines of a file."""
    try:
        text = data.decode(encoding, "replace")
    except LookupError:
        return ""
    return text if whole else text[: text.rfind("\n") + 1]


def _joined(text: str, suffix: str | None) -> str:
    """The sign of several characters, in plain text a tab too, that every line has alike; "" where there is none."""
    lines = [line for line in text.splitlines()[:ROWS] if line.strip()]
    signs: tuple[str, ...] = (*SIGNS, "\t") if suffix == ".txt" else SIGNS
    for sign in signs if len(lines) >= SOME else ():
        counts = {line.count(sign) for line in lines}
        if len(counts) == 1 and 0 < max(counts) < CELLS_A_LINE:
            return sign
    return _before_class(lines) if suffix == ".txt" and len(lines) >= CLASSED else ""


def _before_class(lines: list[str]) -> str:
    """The sign that stands once in each line, before one of a few words; "" where none does."""
    for sign in (";", "|", ",", "@"):
        cells = [line.split(sign) for line in lines]
        last = Counter(cell[-1].strip() for cell in cells)
        few = len(last) > 1 and len(last) <= len(lines) // SOME and mean_words(list(last)) <= 2
        if few and all(len(cell) == 2 for cell in cells):
            return sign
    return ""


def _names(text: str, sign: str, suffix: str | None) -> list[str]:
    """What the columns of lines are called that no line names; nothing where the first does, as in a table it may."""
    rows = [line.split(sign) for line in text.splitlines()[:ROWS] if line.strip()]
    alike = looks_like_a_row if suffix in CELLS else _is_no_header
    if not alike(rows[0], rows[1:]):
        return []
    return [f"column_{number}" for number in range(1, len(rows[0]) + 1)]


def _written(text: str, delimiter: str, quoting: str) -> tuple[dict[str, object], Rows]:
    """The delimiter and the quoting under which all first lines have the same cells, where the usual ones aren't them."""
    doubtful: tuple[dict[str, object], Rows] = {}, _cut(text, delimiter, quoting)
    for how in dict.fromkeys((quoting, "doubled", "backslash", "none")):
        if how == "backslash" != quoting and '\\"' not in text:
            continue
        for sign in dict.fromkeys((delimiter, *DELIMITERS)):
            rows = _cut(text, sign, how)
            if len(rows) < 2 or len(rows[0]) < 2:
                continue
            told: dict[str, object] = {} if sign == delimiter else {"delimiter": sign}
            told |= {} if how == quoting else {"quoting": how}
            if not _within_sentences(rows):
                return told, rows
            doubtful = doubtful if doubtful[1] and len(doubtful[1][0]) > 1 else (told, rows)
    return doubtful


def _within_sentences(rows: Rows) -> bool:
    """Whether every cell of a column begins with a blank, as what follows a comma of a sentence does."""
    return any(all(cell.startswith(" ") for cell in cells) for cells in list(zip(*rows, strict=True))[1:])


def _cut(text: str, delimiter: str, quoting: str) -> Rows:
    """The first rows under a delimiter; none where they differ in their number of cells, or are no table."""
    rows: Rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **QUOTING[quoting]):
            rows += [row] if row else []
            if len(rows) > ROWS:
                break
    except csv.Error:
        return []
    widths = Counter(map(len, rows))
    return rows if len(widths) == 1 else []


def _alike(name: str, cells: Sequence[str]) -> bool | None:
    """Whether a name is a value like the cells below it; None where nothing shows it."""
    given = [cell for cell in cells if cell.strip()]
    if len(given) < SOME:
        return None
    if sum(spelled(cell) is not None for cell in given) >= NUMBERS * len(given):
        return spelled(name) is not None
    if not name.strip():
        return None  # a cell without a text, as others may be
    words, usual = mean_words([name]), mean_words(given)
    if usual >= LONG:
        return True if words >= max(LONG, usual / 3) else False if words < LONG else None
    counts = Counter(given)
    return True if counts[name] > 1 and len(counts) <= len(given) // 3 else None


def with_line(error: UnreadableError, path: str, shown: str, given: object = None) -> UnreadableError:
    """What is wrong with a table, with the line that says how it is written, where that makes one of it."""
    try:
        found = dialect(path, shown, given)
    except UnreadableError:
        return error
    listed = format_of(path) in (".json", ".jsonl") and "header" in found
    if not listed and not found.keys() & {"delimiter", "quoting", "encoding"}:
        unsaid = error.code == "STG202" and not getattr(given, "encoding", None)
        return UnreadableError(error.code, error.message, save_as_utf8(path, shown)) if unsaid else error
    if not listed and len(str(found.get("delimiter", ""))) < 2:
        found.pop("header", None)
    return UnreadableError(error.code, error.message, f"write {file_line(given, found)} beside the path", error.notes)


def file_line(given: object, more: dict[str, object]) -> str:
    """The line of a spec that says how files are written: what it says already, and more."""
    said = {key: value for key in KEYS if (value := getattr(given, key, None)) is not None}
    return f"file = {toml(said | more)}"
