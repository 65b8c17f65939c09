"""Says whether training made the model better, and how sure that is: values for each example, before and after -> Change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from seed import SEED

RESAMPLES = 2000
LEVEL = 0.95
SATURATED = 0.98  # of a metric that ends at 1: from here on it hardly shows a gain
POWER = 1.43  # half-widths of the interval: a true change of so many is told from chance in four tests of five, one of 1 in half
MOST = 1_000_000  # test rows that anybody could collect
FEWEST = 6  # texts of which anything can be told: 5 all get better, or all worse, in one of 16 tests of equal models
# What the parts that a base model may lack are called, by a word of their weights' names.
PARTS = {
    "layer": "some of its layers",
    "pooler": "the pooler",
    "classifier": "the classification head",
    "pre_classifier": "the classification head",
    "score": "the classification head",
    "head": "the classification head",
}

Examples = dict[str, np.ndarray]  # what is known of each example, under the same position in every array [examples]
Aggregate = Callable[[Examples, np.ndarray], dict[str, float]]  # how metrics follow from the chosen examples
Verdict = Literal["better", "no change", "worse"]


class Change(NamedTuple):
    """A metric of two models on the same examples, and what of its change is sure."""

    before: float
    after: float
    change: float
    low: float  # from here to `high` the true change lies with 95 % confidence
    high: float
    p: float  # how often a change at least this clear comes about where the models are equally good (two-sided)


def compare(
    before: Examples, after: Examples, aggregate: Aggregate, shown: Sequence[Mapping[str, str]]
) -> dict[str, Change]:
    """Return how the metrics changed, by a paired bootstrap: each resample draws the same examples for both models."""
    everything = np.arange(len(shown))
    old, new = aggregate(before, everything), aggregate(after, everything)
    # What no example has can't be had of any: precision where no list has a relevant document.
    changes: dict[str, list[float]] = {name: [] for name, value in old.items() if not np.isnan(value)}
    groups = group(shown)
    for chosen in resample(groups, np.random.default_rng(SEED)):
        resampled_old, resampled_new = aggregate(before, chosen), aggregate(after, chosen)
        for name, values in changes.items():
            values.append(resampled_new[name] - resampled_old[name])
    return {name: estimate(old[name], new[name], np.array(values), len(groups)) for name, values in changes.items()}


def group(shown: Sequence[Mapping[str, str]]) -> list[list[int]]:
    """Return the examples of each first text, which change together; one by one where all have the same."""
    rows: dict[str, list[int]] = {}
    for number, texts in enumerate(shown):
        rows.setdefault(next(iter(texts.values())), []).append(number)
    return list(rows.values()) if len(rows) > 1 else [[number] for number in range(len(shown))]


def resample(groups: Sequence[Sequence[int]], draw: np.random.Generator) -> Iterator[np.ndarray]:
    """Draw as many groups of examples as there are, again and again."""
    members, sizes = np.concatenate(groups), np.array([len(one) for one in groups])
    starts = sizes.cumsum() - sizes
    for _ in range(RESAMPLES):
        drawn = draw.integers(len(groups), size=len(groups))
        gone = sizes[drawn].cumsum() - sizes[drawn]  # examples before each drawn group
        yield members[np.repeat(starts[drawn] - gone, sizes[drawn]) + np.arange(sizes[drawn].sum())]


def estimate(before: float, after: float, resampled: np.ndarray, drawn: int) -> Change:
    """Return a change with its interval, from the changes in resamples of `drawn` groups.

    Of few, resamples differ less than new rows would: their deviation is brought to that of Student's t.
    """
    change = after - before
    known = resampled[~np.isnan(resampled)]  # a metric that hangs on few examples can't be had where none is drawn
    around = change + (known - change) * np.sqrt(drawn / max(1, drawn - 3))
    low, high = np.quantile(around, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    if drawn < FEWEST:
        return Change(before, after, change, min(float(low), 0.0), max(float(high), 0.0), 1.0)
    rarer_side = min((around <= 0).sum(), (around >= 0).sum())
    p = min(1.0, 2 * (rarer_side + 1) / (len(around) + 1))
    return Change(before, after, change, float(low), float(high), float(p))


def decide(main: Change) -> Verdict:
    """Return the verdict: a change counts when its whole interval lies on one side of zero."""
    if main.low > 0:
        return "better"
    return "worse" if main.high < 0 else "no change"


def explain(metric: str, unit: str, main: Change, count: int) -> str:
    said = f"{metric} went from {main.before:.4f} to {main.after:.4f} on {count:,} {unit}: {in_words(main)}."
    if main.low == main.high == 0:
        said += f" These {unit} show no difference between the two models."
    elif decide(main) == "no change":
        said += f" {count:,} {unit} are too few to tell this change from chance{enough(main, count)}."
    if main.before >= SATURATED:
        said += f" It was near its ceiling of 1 before training already: harder {unit} would show more."
    return said


def enough(main: Change, count: int) -> str:
    """Say how many examples would tell a change of this size from chance: the interval shrinks with their square root."""
    if main.change == 0 or count < FEWEST:
        return ""
    needed = count * (POWER * (main.high - main.low) / 2 / main.change) ** 2
    if needed > MOST:
        return f", and so would {MOST:,} be"
    return f"; about {int(float(f'{max(needed, count + 1):.2g}')):,} would do in four tests of five"


def in_words(main: Change) -> str:
    p = f"p = {main.p:.3f}" if main.p >= 0.001 else "p < 0.001"
    return f"{main.change:+.4f} ({LEVEL:.0%} CI {main.low:+.4f} to {main.high:+.4f}, {p})"


def explain_baseline(name: str, against: Change) -> str:
    relation = {"better": "beats", "no change": "can't be told apart from", "worse": "does not beat"}[decide(against)]
    return f"The trained model {relation} {name}, which has {against.before:.4f}: {in_words(against)}."


def explain_untrained(names: Sequence[str]) -> str:
    """Return what it means that the base model lacks weights, in words."""
    parts = list(dict.fromkeys(map(part_of, names)))
    shown = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return (
        f"The base model does not bring {shown} ({names[0]}{more}): before training it guesses, so a better model shows "
        "that training works, and not that it was worth it."
    )


def part_of(name: str) -> str:
    """Return what people call the part of the model that a weight belongs to."""
    words = name.split(".")
    return next((part for word, part in PARTS.items() if word in words), "some other weights")


def metric_rows(results: dict[str, Any]) -> list[list[str]]:
    """Return every metric before and after, under a head; `*` marks the changes that are more than chance."""
    found = [["metric", "base", "trained", "change", f"{LEVEL:.0%} CI", "p"]]
    for name, before in results["before"].items():
        after = results["after"][name]
        row = [name, f"{before:.4f}", f"{after:.4f}", f"{after - before:+.4f}", "", ""]
        if sure := results["changes"].get(name):
            mark = "" if sure["low"] <= 0 <= sure["high"] else " *"
            row[4:] = [f"{sure['low']:+.4f} to {sure['high']:+.4f}{mark}", f"{sure['p']:.3f}"]
        found.append(row)
    return found


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as text whose columns are aligned, the first to the left."""
    first, *widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    cells = ([name.ljust(first), *map(str.rjust, others, widths)] for name, *others in rows)
    return "\n".join("  ".join(row).rstrip() for row in cells)
