"""Which of the formats that a data set can become the spec's teacher labels, and with what: by what the teacher is."""

from __future__ import annotations

from stgen.language.facts import architecture
from stgen.language.spec import Spec
from stgen.language.spec_model import Loss as LossTable
from stgen.match.formats import BY_NAME as FORMATS
from stgen.match.reach import Way, asks_teacher
from stgen.rules.bases import is_sparse, reads_pairs
from stgen.rules.tables import BY_NAME, ROUTERS


def taught(spec: Spec, table: LossTable, reachable: dict[str, Way]) -> dict[str, Way]:
    """The formats that the teacher labels; all of them where the loss that the spec names takes no label of a teacher."""
    found = {name: way for name, way in reachable.items() if asks_teacher(way)}
    if table.name != "auto":
        row = BY_NAME.get((spec.model.type, table.name))
        return found if row and any(name in row.formats for name in found) else reachable
    wanted = {
        name: way for name, way in found.items() if (FORMATS[name].label == "embedding") == gives_vectors(spec, table)
    }
    return wanted or found or reachable


def taught_further(spec: Spec, table: LossTable, reachable: dict[str, Way], last: str) -> dict[str, Way]:
    """The format that the spec names last, or those that its teacher makes of it."""
    whole = {last: reachable[last]}
    if table.teacher is None or asks_teacher(reachable[last]):
        return whole
    through = {name: way for name, way in reachable.items() if any(row.target == last for row in way.rows)}
    found = taught(spec, table, through)
    return found if any(asks_teacher(way) for way in found.values()) else whole


def gives_vectors(spec: Spec, table: LossTable) -> bool:
    """Whether a teacher that could give vectors or scores gives vectors, as the library's own distillation does.

    A cross-encoder has none. A dense model's don't fit a sparse student, whose dimensions are words. And a router's two
    sides can't both copy one encoder.
    """
    teacher = table.teacher or ""
    if reads_pairs(teacher) or architecture(spec) in ROUTERS:
        return False
    return spec.model.type == "dense" or (spec.model.type == "sparse" and is_sparse(teacher))
