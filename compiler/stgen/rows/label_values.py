"""Guesses what values mean: the range of scores, the labels that mean yes, words that are grades."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping

from stgen.reader.binary import spelling
from stgen.rows.column import Column

SCALES = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 100.0)  # highest scores that people use
LIKERT = (5.0, 7.0, 10.0)  # highest of scales that begin at 1
# fmt: off
YES = (
    "1", "yes", "y", "true", "t", "positive", "pos", "duplicate", "duplicates", "match", "matching", "relevant", "similar", "same", "paraphrase", "equivalent",
    "entailment", "correct", "related", "ja", "oui", "si", "sí", "sim", "wahr", "vrai", "verdadero",
)
NO = (
    "0", "no", "n", "false", "f", "negative", "neg", "not duplicate", "non-duplicate", "no match", "mismatch", "irrelevant", "not relevant", "different", "not paraphrase",
    "not equivalent", "not_entailment", "incorrect", "wrong", "unrelated", "nein", "non", "não", "falsch", "faux", "falso",
)
GRADES: tuple[dict[str, float], ...] = (  # words that are degrees of belonging together, best first
    {"exact": 1.0, "substitute": 0.5, "complement": 0.2, "irrelevant": 0.0},
    {"e": 1.0, "s": 0.5, "c": 0.2, "i": 0.0},  # the same of ESCI, by their first letters
    {"perfect": 1.0, "excellent": 0.75, "good": 0.5, "fair": 0.25, "bad": 0.0},
    {"exact": 1.0, "partial": 0.5, "irrelevant": 0.0},
    {"exact match": 1.0, "partial match": 0.5, "irrelevant": 0.0},
    {"highly relevant": 1.0, "relevant": 0.7, "partially relevant": 0.4, "somewhat relevant": 0.3, "marginally relevant": 0.2, "not relevant": 0.0, "irrelevant": 0.0},
    {"very high": 1.0, "high": 0.75, "medium": 0.5, "low": 0.25, "very low": 0.0},
    {"very similar": 1.0, "similar": 0.7, "somewhat similar": 0.4, "different": 0.0, "dissimilar": 0.0, "not similar": 0.0},
    {"full": 1.0, "partial": 0.5, "none": 0.0},
    {"strongly agree": 1.0, "agree": 0.75, "neutral": 0.5, "disagree": 0.25, "strongly disagree": 0.0},
)
# fmt: on
OUT_OF = re.compile(r"\s*(\d{1,3}(?:\.\d{1,4})?) ?(?:/|of|out of) ?(\d{1,3})\s*")
MOST_POINTS = 100
STAR = "\u2605"
STARS = re.compile(r"\s*+\u2605{0,10}+\u2606{0,10}+\s*+")
FEWEST_STARS = 5  # of a full row of them
OTHERWISE = re.compile(
    r"[-+~$\u20ac\u00a3\u00a5\u2248]{0,2}\s?\d[\d.,'\u2019 \u00a0\u202f]{0,30}[%$\u20ac\u00a3\u00a5]?"
)
GROUPED = re.compile(r"\D*+[1-9]\d{0,2}(?:([,.])\d{3})(?:\1\d{3})*\D*")
UNLABELLED = frozenset(("-", "", "-1"))


def score_line(found: Column) -> dict[str, object]:
    """What a spec writes to declare the range of scores: the column, its lowest and its highest."""
    low, high = (int(bound) if bound.is_integer() else bound for bound in score_range(found))
    return {"column": found.name, "min": low, "max": high}


def score_range(found: Column) -> tuple[float, float]:
    """The range that scores are most likely given in: from 0 or their lowest to the next usual maximum."""
    if found.low > found.high:
        return 0.0, 1.0  # no number is finite
    high = next((scale for scale in SCALES if found.high <= scale), float(math.ceil(found.high)))
    if found.low >= 0:
        # STS and reviews have scales that begin at 1.
        starts_at_one = found.low == 1 and high in (3.0, 4.0, *LIKERT) and (found.whole or found.high == high)
        return (1.0 if starts_at_one else 0.0), high
    low = -next((scale for scale in SCALES if -found.low <= scale), float(math.ceil(-found.low)))
    return low, high


def is_likert(values: Collection[object]) -> bool:
    """Whether whole numbers run from 1 to a usual end, all of them used: people's judgements, not numbers of classes."""
    return len(values) in LIKERT and set(values) == set(range(1, len(values) + 1))


def graded_words(values: Collection[object]) -> Mapping[str, float]:
    """The grade that each word stands for, spelled as the rows have it; empty where they are none, or say yes and no."""
    words = {str(value).strip().casefold().replace("_", " "): str(value) for value in values}
    for grades in GRADES:
        if len(words) == len(values) > 2 and words.keys() <= grades.keys():
            return {words[word]: grade for word, grade in grades.items() if word in words}
    return _shares(values)


def _shares(values: Collection[object]) -> Mapping[str, float]:
    """The shares that are written with what they are of: 4/5, 4 out of 5, and stars; empty where any value is none."""
    texts = [str(value) for value in values]
    if all(map(STARS.fullmatch, texts)):
        most = max([FEWEST_STARS, *(len(text.strip()) for text in texts)])
        parts = [(float(text.count(STAR)), most) for text in texts]
    else:
        found = [match for text in texts if (match := OUT_OF.fullmatch(text))]
        parts = [(float(match[1]), int(match[2])) for match in found]
    whole = {most for _, most in parts}
    if len(parts) < len(texts) or len(texts) < 3 or len(whole) != 1 or not 0 < max(whole) <= MOST_POINTS:
        return {}
    graded = {text: round(part / most, 4) for text, (part, most) in zip(texts, parts, strict=True)}
    return dict(sorted(graded.items(), key=lambda item: -item[1])) if max(graded.values()) <= 1 else {}


def written_otherwise(texts: Collection[str]) -> bool:
    """Whether texts are numbers with signs that no number has for a program: 3,800 and 3 800, $3.80, ~4."""
    given = [text for text in texts if text.strip()]
    return bool(given) and all(map(OTHERWISE.fullmatch, given))


def decimal_sign(texts: Collection[str]) -> str:
    """The sign before the decimals of such numbers, "," or "."; "" where either may be meant."""
    signs = set()
    for text in texts:
        grouped = GROUPED.fullmatch(text)
        if grouped:
            signs.add("." if grouped[1] == "," else ",")
        elif "," in text or "." in text:
            signs.add("," if text.rfind(",") > text.rfind(".") else ".")
    return signs.pop() if len(signs) == 1 else ""


def guess_positive(found: Column) -> str | int | bool | None:
    """The value of a label that most likely means that two texts belong together; None where nothing shows it."""
    if not found.values:
        return None
    values = sorted(found.values, key=str)
    for word in YES:
        for value in values:
            if str(value).strip().casefold() == word:
                return value  # type: ignore[no-any-return]
    numbers = [value for value in values if isinstance(value, int)]
    return max(numbers) if len(numbers) == len(values) else None


def guess_binary(found: Column) -> dict[str, object]:
    """What a spec says of binary labels: the values that mean yes, and those that mean no where they are several."""
    positive = guess_positive(found)
    if positive is None or not found.values:
        return {}
    yes = [value for value in sorted(found.values, key=str) if _means(value, YES) or value == positive]
    no = [value for value in sorted(found.values, key=str) if value not in yes and value not in ("-", "")]
    found_labels: dict[str, object] = {"positive": yes[0] if len(yes) == 1 else yes}
    return found_labels | ({"negative": no} if len(set(map(spelling, no))) > 1 else {})


def yes_or_no(values: Collection[object]) -> bool:
    """Whether all values say yes or no, in whatever spelling, and some say each."""
    yes = [value for value in values if _means(value, YES)]
    return 0 < len(yes) < len(values) and all(_means(value, NO) for value in values if value not in yes)


def says_no(value: object) -> bool:
    """Whether a word says that two texts don't belong together."""
    return _means(value, NO)


def _means(value: object, words: Collection[str]) -> bool:
    return isinstance(value, str) and value.strip().casefold() in words
