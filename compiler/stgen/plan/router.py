"""Plans a router: [model] query and document -> how the generated program loads the two encoders."""

from __future__ import annotations

from stgen.language.facts import sides, start_of
from stgen.language.paths import Place, model_location
from stgen.language.spec import Spec
from stgen.language.spec_model import SubModel
from stgen.match.matching import Match
from stgen.plan.lengths import at_most_of_side
from stgen.plan.planned_model import EncoderPlan, RouterPlan
from stgen.values.expressions import Call, Expression, Name

LOADERS = {"": "load", "pretrained": "load_static", "scratch": "start"}
"""What an encoder starts from -> the function of the generated program."""


def plan_router(spec: Spec, match: Match, place: Place) -> RouterPlan:
    """Plan the two encoders; one that starts at random comes last, as it takes its width from the other."""
    found = sides(spec)
    starts = {name: start_of(side) if side.architecture == "static" else "" for name, side in found.items()}
    revised = any(side.revision for side in found.values())
    order = sorted(found, key=lambda name: (starts[name] == "scratch", name))
    random = [name for name in order if starts[name] == "scratch"]
    encoders = []
    for name in order:
        arguments: list[Expression] = [Name(f"{name}_base")]
        if name in random:
            beside = len(random) == 1 and spec.model.dimensions is None
            arguments.append(Call("width", (Name(order[0]),)) if beside else Name("DIMENSIONS"))
        if revised:
            arguments.append(found[name].revision)
        most = at_most_of_side(spec, match, found[name])
        encoders.append(_encoder(name, found[name], starts[name], most, arguments))
    return RouterPlan(
        query_base=model_location(found["query"].base, place),
        encoders=tuple(encoders),
        starts=tuple(starts[name] for name in order),
        revised=revised,
        revisions={name: side.revision for name, side in found.items()},
        measured=len(random) < 2,
    )


def _encoder(name: str, side: SubModel, start: str, at_most: int | None, arguments: list[Expression]) -> EncoderPlan:
    return EncoderPlan(
        name=name,
        load=Call(LOADERS[start], tuple(arguments)),
        start=start,
        max_length=side.max_length,
        at_most=at_most,
        pooling=side.pooling or "",
    )
