"""What a data format can feed: a format -> the losses of each model type, best first, and what each takes."""

from __future__ import annotations

from dataclasses import dataclass

from stgen.language.spec_model import Loss
from stgen.match.reach import Way, all_ways, ways
from stgen.rules.tables import ARCHITECTURES, choices

OFFERS = 3  # conversions that are offered for a model type


@dataclass(frozen=True, slots=True)
class Offer:
    """What a model type makes of the data: the format that is trained on, its losses best first, and what it takes."""

    model: str
    format: str
    losses: tuple[str, ...]
    conversions: tuple[str, ...] = ()
    consent: str = ""  # the line that a spec must hold
    loses: str = ""


def offers(format: str, names: tuple[str, ...] = ()) -> tuple[Offer, ...]:
    """The losses that a data format can feed, for each model type best first; automatic ways before those to agree to."""
    found: list[Offer] = []
    for model, (architecture, *_) in ARCHITECTURES.items():
        automatic = ways(format, model, Loss.model_construct(), names)
        for way in sorted(automatic.values(), key=_effort):
            found += _offer(model, architecture, way)
        others = [way for name, way in all_ways(format, model, names).items() if name not in automatic]
        found += _to_agree_to(model, architecture, others)
    return tuple(found)


def _to_agree_to(model: str, architecture: str, ways: list[Way]) -> list[Offer]:
    """The offers that take one line of the spec each, every line once."""
    found: dict[str, Offer] = {}
    for way in sorted(ways, key=_effort):
        if sum(bool(row.consent) for row in way.rows) == 1:
            for offer in _offer(model, architecture, way):
                found.setdefault(offer.consent, offer)
    return list(found.values())[:OFFERS]


def _effort(way: Way) -> tuple[int, int]:
    return way.cost, len(way.rows)


def _offer(model: str, architecture: str, way: Way) -> list[Offer]:
    losses = tuple(choice.loss for choice in choices(model, architecture, way.format))
    if not losses:
        return []
    consent = next((row.consent for row in way.rows if row.consent), "")
    loses = "; ".join(row.loses for row in way.rows if row.loses)
    return [Offer(model, way.format, losses, tuple(row.name for row in way.rows), consent, loses)]
