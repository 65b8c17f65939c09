"""Guesses what values mean: the range of scores, the label that means yes."""

from __future__ import annotations

import math

from stgen.reader.binary import spelling
from stgen.rows.column import Column

SCALES = (1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 100.0)  # highest scores that people use
# fmt: off
YES = (
    "1", "yes", "y", "true", "t", "positive", "pos", "duplicate", "duplicates", "match", "matching", "relevant", "similar", "same", "paraphrase", "equivalent",
    "entailment", "correct", "related",
)
# fmt: on


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
        starts_at_one = found.low == 1 and found.whole and high in (4.0, 5.0, 10.0)
        return (1.0 if starts_at_one else 0.0), high
    low = -next((scale for scale in SCALES if -found.low <= scale), float(math.ceil(-found.low)))
    return low, high


def guess_positive(found: Column) -> str | int | bool | None:
    """The value of a label that most likely means that two texts belong together; None where nothing shows it."""
    if not found.values:
        return None
    values = sorted(found.values, key=str)
    for word in YES:
        for value in values:
            if str(value).strip().lower() == word:
                return value  # type: ignore[no-any-return]
    numbers = [value for value in values if isinstance(value, int)]
    return max(numbers) if len(numbers) == len(values) else None


def guess_binary(found: Column) -> dict[str, object]:
    """What a spec says of binary labels: the values that mean yes, and those that mean no where they are several."""
    positive = guess_positive(found)
    if positive is None or not found.values:
        return {}
    yes = [value for value in sorted(found.values, key=str) if _means_yes(value) or value == positive]
    no = [value for value in sorted(found.values, key=str) if value not in yes]
    found_labels: dict[str, object] = {"positive": yes[0] if len(yes) == 1 else yes}
    return found_labels | ({"negative": no} if len(set(map(spelling, no))) > 1 else {})


def _means_yes(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() in YES
