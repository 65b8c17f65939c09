"""Which data formats a data set can become: the cheapest way along the conversions that its spec accepts."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from functools import cache

from stgen.language.spec_model import Conversion, Loss
from stgen.rules.conversions import CONVERSIONS
from stgen.rules.row import ConversionRow
from stgen.values.record import Record

UNMET = 1000
"""What a conversion costs beside its own price when the spec leaves out what it needs: it is the last to be taken."""
MINED_FIRST: dict[str, str] = {
    "n-tuple-scores": "n-tuple",
    "n-tuple-margin": "n-tuple",
    "triplet-scores": "triplet",
    "triplet-margin": "triplet",
    "list": "n-tuple",
}
"""Format -> what is mined on the way to it where a teacher then scores what was found."""


class Way(Record):
    """How a format is reached: the conversions in order, none where the data already has it."""

    format: str
    cost: int
    rows: tuple[ConversionRow, ...] = ()


def evaluated_format(start: str, way: Way) -> str:
    """The format of the splits that a model is measured on."""
    format = start
    for row in way.rows:
        if trains_only(row):
            break
        format = row.target
    return format


def trains_only(row: ConversionRow) -> bool:
    """Whether training rows alone are converted, and with them all that is done after.

    Hard negatives that the base model itself found would make it look worse than it is before training, and training
    better. A list is measured as it is: whole. And of a teacher's scores, none of which is 0, a list that is ranked
    can't tell which texts are right.
    """
    return row.training_only


def accepted(loss: Loss) -> tuple[str, ...]:
    """The target formats that the spec names under `[loss] convert`, in its order."""
    if isinstance(loss.convert, str):
        return ()
    return tuple(item.to if isinstance(item, Conversion) else item for item in loss.convert)


def options(loss: Loss, row: ConversionRow) -> Conversion | None:
    """What the spec says about a conversion, when it says more than its name."""
    if isinstance(loss.convert, str):
        return None
    for item in loss.convert:
        if isinstance(item, Conversion) and is_about(item, row, loss):
            return item
    return None


def is_about(item: Conversion, row: ConversionRow, loss: Loss) -> bool:
    """Whether an element of `convert` speaks of a conversion: of its own, or of the mining before a teacher's scores."""
    if item.to == row.target:
        return True
    mines = row.template == "mine" and item.mine is not None
    return mines and loss.teacher is not None and MINED_FIRST.get(item.to) == row.target


def ways(start: str, model: str, loss: Loss, class_names: tuple[str, ...] = ()) -> dict[str, Way]:
    """Return every format that can be reached from `start` with what the spec accepts, itself included.

    A teacher that the spec names is asked wherever it can be: what it says replaces every label that a cheaper way
    would make up.
    """
    named = accepted(loss)
    edges = [row for row in CONVERSIONS if _allowed(row, model, loss, named, class_names)]
    found = _cheapest(start, edges, lambda row: row.cost + UNMET * _lacking(row, loss))
    cheapest = _first(found)
    if loss.teacher is None:
        return cheapest
    return {format: found.get((format, True), way) for format, way in cheapest.items()}


@cache  # the specs of one run start from few formats
def all_ways(start: str, model: str, class_names: tuple[str, ...] = ()) -> Mapping[str, Way]:
    """Return every format that could be reached if the spec accepted every conversion: what a diagnostic proposes."""
    edges = [row for row in CONVERSIONS if model in row.models and _has_classes(row, class_names)]
    return _first(_cheapest(start, edges, lambda row: row.cost))


def taught_ways(start: str, model: str, class_names: tuple[str, ...] = ()) -> list[Way]:
    """The cheapest ways on which a teacher could label the rows, if the spec accepted every conversion."""
    edges = [row for row in CONVERSIONS if model in row.models and _has_classes(row, class_names)]
    found = [way for way in _cheapest(start, edges, lambda row: row.cost).values() if asks_teacher(way)]
    least = min((way.cost for way in found), default=0)
    return [way for way in found if way.cost == least]


def asks_teacher(way: Way) -> bool:
    """Whether a teacher labels the rows on the way."""
    return any("teacher" in row.needs for row in way.rows)


def invents(way: Way) -> bool:
    """Whether scores are made up on the way, and no teacher replaces them: they must not be imitated as a teacher's."""
    return any(row.invents for row in way.rows) and not asks_teacher(way)


def _allowed(row: ConversionRow, model: str, loss: Loss, named: tuple[str, ...], class_names: tuple[str, ...]) -> bool:
    if model not in row.models or not (_has_classes(row, class_names) or _says_classes(row, loss)):
        return False
    if row.target in named or options(loss, row) is not None:
        return True
    if loss.convert == "none":
        return False
    return row.cost == 0 or ("teacher" in row.needs and loss.teacher is not None)


def _lacking(row: ConversionRow, loss: Loss) -> int:
    """How little a conversion is asked for, whose needs the spec leaves out: an option of its own is more than a teacher."""
    asked = options(loss, row)
    lacks = [need for need in row.needs if (loss.teacher if need == "teacher" else getattr(asked, need, None)) is None]
    return 2 if set(lacks) - {"teacher"} else len(lacks)


def _has_classes(row: ConversionRow, class_names: tuple[str, ...]) -> bool:
    return not row.classes or set(row.classes) <= {name.lower() for name in class_names}


def _says_classes(row: ConversionRow, loss: Loss) -> bool:
    """Whether the spec itself says which class means that two texts belong together."""
    asked = options(loss, row)
    return row.template == "entailment" and asked is not None and asked.positive is not None


def _has_been(format: str, way: Way, start: str) -> bool:
    return format == start or any(format == row.target for row in way.rows)


def _first(found: dict[tuple[str, bool], Way]) -> dict[str, Way]:
    """For each format the way that was found first, which is the cheapest."""
    ways: dict[str, Way] = {}
    for (format, _), way in found.items():
        ways.setdefault(format, way)
    return ways


def _cheapest(
    start: str, edges: list[ConversionRow], price: Callable[[ConversionRow], int]
) -> dict[tuple[str, bool], Way]:
    """Dijkstra's algorithm; among ways of one cost the one with fewer conversions, then the table's order.

    A format is looked at twice: with labels from a teacher, and without. A teacher that labels rows anew leads from
    the one to the other.
    """
    found: dict[tuple[str, bool], Way] = {}
    queue: list[tuple[int, int, int, Way]] = [(0, 0, 0, Way(start, 0))]
    pushed = 0
    while queue:
        priced, _, _, way = heapq.heappop(queue)
        if (way.format, asks_teacher(way)) in found:
            continue
        found[way.format, asks_teacher(way)] = way
        for row in edges:
            if row.source == way.format and not (row.source != row.target and _has_been(row.target, way, start)):
                pushed += 1
                longer = Way(row.target, way.cost + row.cost, (*way.rows, row))
                heapq.heappush(queue, (priced + price(row), len(longer.rows), pushed, longer))
    return found
