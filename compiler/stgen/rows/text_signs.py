"""What texts look like: how long they are, whether they ask, whether they are texts at all. From a sample of them."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

from stgen.reader.numbers import spelled
from stgen.rules.bases import BASES

TOKENS_A_WORD = 1.3  # of English text under the vocabularies of BERT and its kin
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)  # about a token a character
QUESTION_MARKS = ("?", "\uff1f", "\u061f")
# An id is 8 hexadecimal digits and groups of 4 or more behind dashes, or 12 and more of them at once; or up to two words,
# apart by a sign, that end in digits. No part gives back what it took, so that a text is read once.
ID = r"""
    (?=[a-fA-F-]*+[0-9]) (?: [0-9a-fA-F]{12,}+ (?:-[0-9a-fA-F]{4,}+){0,5} | [0-9a-fA-F]{8} (?:-[0-9a-fA-F]{4,}+){1,6} ) \s*+\Z
  | (?:[A-Za-z]*+[-_:/])? [A-Za-z0-9]*+ (?:[-_:/\#](?=\d))? \d*+ (?<=\d) \s*+\Z
"""
DATE = r"""
    \d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}[\d:.+Z-]*+\s*+\Z
  | (?:[A-Z][a-z]{2},?[ ])?+ (?:[A-Z][a-z]{2,8}\.?[ ]\d{1,2} | \d{1,2}[ ][A-Z][a-z]{2,8}) ,?[ ][\d:A-Z +-]{2,24}\s*+\Z
"""
NUMBERS = "numbers"
# fmt: off
FORMS: dict[str, re.Pattern[str]] = {  # matched against texts without the blanks before them
    "addresses on the web": re.compile(r"(https?://|www\.)\S++\s*+\Z"),
    "dates":                re.compile(DATE, re.VERBOSE),
    "paths":                re.compile(r"/\S++\s*+\Z"),
    NUMBERS:                re.compile(r"[-+]?\d[\d.,eE+-]*+\s*+\Z"),
    "lists of numbers":     re.compile(r"\d++(?: \d++)++\s*+\Z"),
    "ids":                  re.compile(ID, re.VERBOSE),
    "file names":           re.compile(r"[\w./\\-]+\.(txt|pdf|jpe?g|png|html?|json|csv|xml|docx?)\s*+\Z"),
}
# fmt: on
LONGEST = 4096  # characters of a text that may be an address, a number, an id or a path
NEARLY = 0.9  # of the texts: then what they share is no accident
LONGEST_PROMPT = 1000  # characters of a shared start that are looked at
PROMPT_WORDS = 6  # of shared sentences without a colon
SENTENCES = re.compile(r".*[.!]\s+", re.DOTALL)
PROMPT_END = re.compile(r":\s+|\uff1a\s*|\n\s*")
MOSTLY = 0.8  # of the texts: then they are meant to be so
FEW = 5  # texts from which all of them mean something
SOME = 20  # texts from which a share means something


@cache
def script_of(letter: str) -> str:
    """The script of a letter, by the first word of its name in Unicode: LATIN, CYRILLIC, CJK; OTHER where it has none."""
    return unicodedata.name(letter, "OTHER").split()[0]


def tokens(text: str) -> float:
    """About how many tokens a text has: an estimate, since the tokenizer isn't at hand."""
    return TOKENS_A_WORD * len(text.split()) + len(UNSPACED.findall(text))


def form(texts: Sequence[str]) -> str:
    """What most of the texts are in place of language: "ids", "numbers" ...; "" when they are language."""
    if len(texts) < SOME:
        return ""
    short = [text.lstrip() for text in texts if len(text) <= LONGEST]
    if len(short) == len(texts) and all(map(FORMS[NUMBERS].match, short)):
        return NUMBERS
    # Where some are words, the numbers among them are words that people search for.
    others = [text for text in short if not FORMS[NUMBERS].match(text)]
    least = MOSTLY * (len(others) + len(texts) - len(short))
    for name, pattern in FORMS.items():
        if others and sum(map(bool, map(pattern.match, others))) >= least:
            return name
    return ""


def one_of_form(texts: Sequence[str], name: str) -> str:
    """A text that is what most of them are."""
    return next(text for text in texts if FORMS[name].match(text.lstrip()))


def are_numbers(texts: Sequence[str]) -> bool:
    """Whether all texts spell numbers."""
    given = [text for text in texts if text.strip()]
    return len(given) >= FEW and all(spelled(text) is not None for text in given)


def lists_as_text(texts: Sequence[str]) -> bool:
    """Whether texts are lists or objects as Python or JSON write them: `['a', 'b']`, `{"text": "a"}`."""
    some = [text for text in texts[:SOME] if text.strip()]
    return bool(some) and all(map(_is_list, some)) if len(some) >= FEW else False


def bytes_as_text(texts: Sequence[str]) -> bool:
    """Whether texts are bytes as Python writes them: `b'...'`."""
    some = [text.strip() for text in texts[:SOME] if text.strip()]
    return len(some) >= FEW and all(text[:2] in ("b'", 'b"') and text[-1] == text[1] for text in some)


def _is_list(text: str) -> bool:
    text = text.strip()
    if text[:1] + text[-1:] not in ("[]", "()", "{}") or len(text) > LONGEST * 16:
        return False
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text.startswith(('["', "['", '{"', "{'", '[{"', "[{'"))
    return isinstance(value, list | dict | set) or (isinstance(value, tuple) and len(value) > 1)


def asking(texts: Sequence[str]) -> float:
    """Which share of the texts ends with a question mark."""
    return sum(text.rstrip().endswith(QUESTION_MARKS) for text in texts) / len(texts) if texts else 0.0


def mean_words(texts: Sequence[str]) -> float:
    """Mean number of words; characters of languages without blanks count as one each."""
    return sum(map(tokens, texts)) / TOKENS_A_WORD / len(texts) if texts else 0.0


def common_start(texts: Sequence[str], prompts: Sequence[str]) -> str:
    """The prompt with which most of the texts begin: one of `prompts`, of those that known models expect, or any other."""
    if len(texts) < SOME:
        return ""
    known = dict.fromkeys([*prompts, *(prompt for row in BASES for prompt in (row.query, row.document))])
    for prompt in sorted(filter(str.strip, known), key=len, reverse=True):
        if sum(text.startswith(prompt.strip()) for text in texts) >= MOSTLY * len(texts):
            return prompt
    return _prompt_of(_shared_start(texts))


def _shared_start(texts: Sequence[str]) -> str:
    """The longest start that nearly all of the texts have and go on behind."""
    start, alive = "", list(texts)
    while len(start) < LONGEST_PROMPT:
        following = Counter(text[len(start)] for text in alive if len(text) > len(start))
        char, count = max(following.items(), key=lambda item: item[1], default=("", 0))
        if count < NEARLY * len(texts):
            break
        start += char
        alive = [text for text in alive if text.startswith(start)]
    return start


def _prompt_of(start: str) -> str:
    """What of a shared start is a prompt: up to a colon or a line's end; whole sentences of many words; or nothing."""
    ends = [end.end() for end in PROMPT_END.finditer(start) if any(map(str.isalpha, start[: end.start()]))]
    if ends:
        return start[: ends[-1]]
    found = SENTENCES.match(start)
    return found.group() if found and len(found.group().split()) >= PROMPT_WORDS else ""


def overlap(one: str, other: str) -> float:
    """Which share of their words two texts have in common (Jaccard)."""
    left, right = set(one.lower().split()), set(other.lower().split())
    return len(left & right) / len(left | right) if left or right else 0.0


def quantiles(values: Sequence[float], parts: Sequence[float]) -> list[float]:
    """Values below which these parts of all lie."""
    ordered = sorted(values)
    return (
        [ordered[min(len(ordered) - 1, int(part * len(ordered)))] for part in parts] if ordered else [0.0] * len(parts)
    )


def commonest(values: Counter[object], count: int) -> list[tuple[object, int]]:
    """The commonest values, those of one frequency in order."""
    return sorted(values.items(), key=lambda item: (-item[1], str(item[0])))[:count]
