"""Which data formats a data set can become: the cheapest way along the conversions that its spec accepts."""

from __future__ import annotations

import heapq

from stgen.language.spec import Conversion, Loss
from stgen.rules.conversions import CONVERSIONS
from stgen.rules.row import ConversionRow
from stgen.values.record import Record


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
    better. And a list is measured as it is: whole.
    """
    return row.template == "mine" or row.source == "list"


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
        if isinstance(item, Conversion) and item.to == row.target:
            return item
    return None


def ways(start: str, model: str, loss: Loss, class_names: tuple[str, ...] = ()) -> dict[str, Way]:
    """Return every format that can be reached from `start` with what the spec accepts, itself included."""
    named = accepted(loss)
    edges = [row for row in CONVERSIONS if _allowed(row, model, loss, named, class_names)]
    return _cheapest(start, edges)


def all_ways(start: str, model: str, class_names: tuple[str, ...] = ()) -> dict[str, Way]:
    """Return every format that could be reached if the spec accepted every conversion: what a diagnostic proposes."""
    return _cheapest(start, [row for row in CONVERSIONS if model in row.models and _has_classes(row, class_names)])


def _allowed(row: ConversionRow, model: str, loss: Loss, named: tuple[str, ...], class_names: tuple[str, ...]) -> bool:
    if model not in row.models or not _has_classes(row, class_names):
        return False
    if row.target in named:
        return True
    return row.cost == 0 and loss.convert != "none"


def _has_classes(row: ConversionRow, class_names: tuple[str, ...]) -> bool:
    return not row.classes or set(row.classes) <= {name.lower() for name in class_names}


def _cheapest(start: str, edges: list[ConversionRow]) -> dict[str, Way]:
    """Dijkstra's algorithm; among ways of one cost the one with fewer conversions, then the table's order."""
    found: dict[str, Way] = {}
    queue: list[tuple[int, int, int, Way]] = [(0, 0, 0, Way(start, 0))]
    pushed = 0
    while queue:
        _, _, _, way = heapq.heappop(queue)
        if way.format in found:
            continue
        found[way.format] = way
        for row in edges:
            if row.source == way.format and row.target not in found:
                pushed += 1
                longer = Way(row.target, way.cost + row.cost, (*way.rows, row))
                heapq.heappush(queue, (longer.cost, len(longer.rows), pushed, longer))
    return found
