"""What a model reads of a row that it trains on: the format that the loss gets, and counted lengths -> texts, or pairs of them."""

from __future__ import annotations

from collections.abc import Mapping

from stgen.language.spec import Spec
from stgen.match.matching import Match
from stgen.plan.counts import share_of_anchors, split_of
from stgen.plan.ledger import drawn_of
from stgen.plan.steps import negatives_after
from stgen.profile.record import Lengths, Split
from stgen.rules.processes import COPIED
from stgen.values.record import Record

LABELS = ("class", "probabilities", "binary", "score", "scores", "margin", "embedding")
FIRST = ("anchor", "text_1", "text", "damaged", "original")
"""Roles whose texts are those of a row's first column, where a conversion has made them."""


class Texts(Record):
    """Texts of a role: how long they are, and how many a row has."""

    role: str
    lengths: Lengths
    times: float


def texts_read(spec: Spec, match: Match) -> tuple[Texts, ...]:
    """The texts of a row; a cross-encoder's are pairs. None of them where nobody counted."""
    split = split_of(spec, match.index, match, "train")
    counted = _counted(split) if split else {}
    if split is None or not counted:
        return ()
    found = []
    for role in match.trained_format.roles:
        if role not in LABELS:
            columns = _columns_of(role, counted)
            times = texts_of_role(spec, match, role) / len(columns)
            found += [Texts(role, lengths, times) for lengths in columns]
    if spec.model.type == "cross-encoder":
        return _pairs(spec, match, found)
    return tuple(found * 2 if match.loss.name in COPIED and len(found) == 1 else found)


def texts_of_role(spec: Spec, match: Match, role: str) -> float:
    """How many texts of a role a row has."""
    data = spec.data[match.index]
    if role == "documents":
        split = split_of(spec, match.index, match, "train")
        listed = next((one.items.mean for one in split.lists if one.role == role), None) if split else None
        return listed or _grouped(split, match, negatives_after(data, data.loss or spec.loss, match))
    if role in ("negatives", "texts"):
        return max(negatives_after(data, data.loss or spec.loss, match), 1)
    return 1


def _grouped(split: Split | None, match: Match, negatives: int) -> float:
    """The documents of a list that is made of the rows of an anchor."""
    by_row = any(row.source in ("retrieval", "pair-binary") for row in match.way.rows[-1:])
    rows = 1 / share_of_anchors(split) if split else 1
    return rows * (1 if by_row else 1 + max(negatives, 1))


def _counted(split: Split) -> dict[str, list[Lengths]]:
    """Role -> the lengths of each of its columns."""
    found: dict[str, list[Lengths]] = {}
    for text in split.texts:
        found.setdefault(text.role, []).append(text.tokens)
    for listed in split.lists:
        if listed.tokens:
            found.setdefault(listed.role, []).append(listed.tokens)
    return found


def _columns_of(role: str, counted: Mapping[str, list[Lengths]]) -> list[Lengths]:
    """The lengths of a role; of one that a conversion makes, those of what it is made of."""
    own = counted.get("negative" if role == "negatives" else role)
    first, *others = counted.values()
    made = first if role in FIRST else [lengths for columns in others for lengths in columns]
    return own or made or first


def _pairs(spec: Spec, match: Match, found: list[Texts]) -> tuple[Texts, ...]:
    """The pairs of the first text with each of the others, and with those of other rows."""
    first, *others = found
    if not others:
        return tuple(found)
    more = drawn_of(match, (spec.data[match.index].loss or spec.loss).params) / len(others)
    return tuple(Texts(one.role, _together(first.lengths, one.lengths), one.times + more) for one in others)


def _together(one: Lengths, other: Lengths) -> Lengths:
    """The lengths of two texts in a row, as if the longest met: an upper bound but for the mean."""
    both = zip(one.as_dict().items(), other.as_dict().values(), strict=True)
    return Lengths(**{name: value + beside for (name, value), beside in both})
