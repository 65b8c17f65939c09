"""What reads the texts of a step: Spec and what is known of its bases -> the model, and beside it what reads queries in a router."""

from __future__ import annotations

from stgen.language.facts import architecture, sides, start_of
from stgen.language.spec import Spec
from stgen.language.spec_model import SubModel
from stgen.match.matching import Match
from stgen.plan.defaults import STATIC_DIMENSIONS
from stgen.plan.memory.heads import HeadKind
from stgen.plan.memory.peak import Reader
from stgen.plan.memory.shape import Shape, looked_up, read_shape, shape_of_base
from stgen.profile.record import STATIC
from stgen.rules.bases import known_base
from stgen.rules.processes import COPIED
from stgen.rules.tables import ROUTERS
from stgen.values.record import Record

OWN_TOKENS = 30_000
"""Of the tokenizer that a static model without a base trains on its own texts."""
UNKNOWN = "the measures of the base aren't known"
HEADS: dict[str, HeadKind] = {
    "dense/transformer": "pooling",
    "cross-encoder/transformer": "classifier",
    "sparse/splade": "vocabulary",
    "multi-vector/transformer": "tokens",
}


class Readers(Record):
    """The model, and what reads queries where that is another one."""

    model: Reader
    query: Reader | None = None


def readers_of(spec: Spec, match: Match) -> Readers | None:
    """What reads the texts; None where the measures of one of its bases aren't known."""
    kind = architecture(spec)
    if kind in ROUTERS:
        return _router(spec, match)
    if kind == "static":
        table = _table_of(
            spec, match, spec.model.base, start_of(spec.model), spec.model.dimensions or STATIC_DIMENSIONS
        )
        return Readers(Reader(table, "vectors")) if table else None
    shape = shape_of(spec, match)
    if shape is None:
        return None
    if kind == "inference-free":
        return Readers(Reader(shape, "vocabulary"), Reader(looked_up(shape.vocabulary, 1), "words"))
    head = HEADS.get(f"{spec.model.type}/{kind}")
    if head is None or match.loss.objective == "denoising":
        return None
    return Readers(Reader(shape, head), Reader(shape, head) if match.loss.name in COPIED else None)


def unread(spec: Spec, match: Match) -> str:
    """Why what a step takes can't be worked out."""
    if architecture(spec) == "csr":
        return "no formula covers the autoencoder of a CSR model"
    if match.loss.objective == "denoising":
        return "no formula covers the decoder that TSDAE trains beside the model"
    readers = readers_of(spec, match)
    if readers and not any(one.shape.layers for one in (readers.model, readers.query) if one):
        return "static embeddings are looked up: reading and tokenizing take the time, which no formula covers"
    return UNKNOWN


def shape_of(spec: Spec, match: Match, base: str | None = None) -> Shape | None:
    """The measures of a base, the spec's own where none is named: of its configuration where that was read, else of the table."""
    name = base or spec.model.base
    read = match.profile.base if match.profile else None
    if read and read.name == name:
        found = looked_up(read.vocabulary, read.hidden) if read.kind == STATIC else read_shape(read.config)
        return None if isinstance(found, str) else found
    known = known_base(name or "")
    if known and known.static:
        return looked_up(known.vocabulary, known.hidden) if known.vocabulary else None
    return shape_of_base(known) if known else None


def _router(spec: Spec, match: Match) -> Readers | None:
    """The two encoders. One that starts from nothing is as wide as the other, unless the spec says how wide."""
    found = sides(spec)
    width = spec.model.dimensions
    if width is None:
        known = [shape_of(spec, match, side.base) for side in found.values() if not _starts_from_nothing(side)]
        width = next((shape.hidden for shape in known if shape), None)
    made = {name: _side(spec, match, side, width) for name, side in found.items()}
    query, document = made["query"], made["document"]
    return Readers(document, query) if query and document else None


def _side(spec: Spec, match: Match, side: SubModel, width: int | None) -> Reader | None:
    if side.architecture == "static":
        table = _table_of(spec, match, side.base, start_of(side), width)
        return Reader(table, "vectors") if table else None
    shape = shape_of(spec, match, side.base)
    return Reader(shape, "pooling") if shape else None


def _starts_from_nothing(side: SubModel) -> bool:
    return side.architecture == "static" and start_of(side) == "scratch"


def _table_of(spec: Spec, match: Match, base: str | None, start: str, width: int | None) -> Shape | None:
    """Static embeddings: those of the base, or new ones for the tokens of its tokenizer."""
    if base is None:
        return looked_up(OWN_TOKENS, width) if width else None
    shape = shape_of(spec, match, base)
    if shape is None or start != "scratch":
        return shape if shape and not shape.layers else None
    return looked_up(shape.vocabulary, width) if width else None
