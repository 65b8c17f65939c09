"""What several passes read off a spec: small questions with one answer each."""

from __future__ import annotations

from stgen.rules.tables import ARCHITECTURES
from stgen.spec import ClassColumn, Data, Loss, Spec


def architecture(spec: Spec) -> str:
    """The model's architecture: the type's first where the spec doesn't say."""
    return spec.model.architecture or ARCHITECTURES[spec.model.type][0]


def processes(spec: Spec) -> int:
    """How many processes train at once, as far as the spec says."""
    return (spec.hardware.gpus or 1) * spec.hardware.nodes


def class_names(data: Data) -> tuple[str, ...]:
    """The class names that the spec declares for a data set."""
    column = data.columns.class_ if data.columns else None
    return tuple(column.names or ()) if isinstance(column, ClassColumn) else ()


def wanted_modifier(table: Loss) -> str:
    """The modifier that the spec asks for, in the words of the tables; "" for none."""
    if table.matryoshka and table.adaptive_layers:
        return "matryoshka_2d"
    if table.matryoshka:
        return "matryoshka"
    return "adaptive_layers" if table.adaptive_layers else ""


def prompts_of(spec: Spec, index: int) -> dict[str, str]:
    """Side -> the prompt that a data set's texts get: its own, else the model's. An empty one of its own means none."""
    found = {}
    for side in ("query", "document"):
        given = [getattr(table, side) for table in (spec.data[index].prompts, spec.model.prompts) if table]
        if text := next((text for text in given if text is not None), ""):
            found[side] = text
    return found
