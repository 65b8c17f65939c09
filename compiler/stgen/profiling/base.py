"""Reads what a base's own configuration says of it, where its folder is here."""

from __future__ import annotations

import json
import os

from stgen.language.spec import Spec
from stgen.plan.memory.shape import read_shape
from stgen.profile.record import BaseProfile
from stgen.profiling.tokens import folder_of_base
from stgen.values.regular import open_regular

MOST_BYTES = 1 << 20


def base_of(spec: Spec, folder: str) -> BaseProfile | None:
    """The base's measures; None where its configuration isn't here, or isn't one of a transformer."""
    name = spec.model.base
    place = folder_of_base(name, folder) if name else ""
    if name is None or not place:
        return None
    try:
        with open_regular(os.path.join(place, "config.json")) as file:
            config = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    shape = read_shape(config) if isinstance(config, dict) else ""
    if isinstance(shape, str):
        return None
    kind = config.get("model_type")
    return BaseProfile(
        name=name,
        kind=kind if isinstance(kind, str) else "",
        hidden=shape.hidden,
        inner=shape.inner,
        layers=shape.layers,
        heads=shape.heads,
        key_heads=shape.key_heads,
        head_size=shape.head_size,
        vocabulary=shape.vocabulary,
        positions=shape.positions,
        types=shape.types,
        dropout=0.1 if shape.dropout else 0.0,
        parameters=shape.parameters,
    )
