"""Reads what a base's own files say of it, where its folder is here: its configuration, or how large a static model's table is."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import BinaryIO

from stgen.language.spec import Spec
from stgen.plan.memory.shape import LARGEST, Shape, looked_up, read_shape
from stgen.profile.record import STATIC, BaseProfile
from stgen.profiling.tokens import folder_of_base
from stgen.values.regular import open_regular

MOST_BYTES = 1 << 20
TABLES = ("model.safetensors", "0_StaticEmbedding/model.safetensors")  # files that hold static embeddings
NAMED = ("embedding.weight", "embeddings")  # what they are called in there: by sentence-transformers, and by model2vec


def base_of(spec: Spec, folder: str) -> BaseProfile | None:
    """The base's measures; None where its configuration isn't here, or isn't one of a transformer."""
    name = spec.model.base
    place = folder_of_base(name, folder) if name else ""
    if name is None or not place:
        return None
    config = _json_of(os.path.join(place, "config.json"), _whole)
    read, kind = read_shape(config), config.get("model_type")
    shape, kind = (_table(place), STATIC) if isinstance(read, str) else (read, kind)
    if shape is None:
        return None
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


def _table(place: str) -> Shape | None:
    """A table of embeddings, by the head of its file; None where there is none."""
    for file in TABLES:
        head = _json_of(os.path.join(place, file), _head)
        entry = next((found for key in NAMED if isinstance(found := head.get(key), dict)), {})
        sizes = entry.get("shape")
        if not isinstance(sizes, list) or len(sizes) != 2:
            continue
        if all(type(one) is int and 0 < one <= LARGEST for one in sizes):
            return looked_up(*sizes)
    return None


def _json_of(path: str, taken: Callable[[BinaryIO], bytes]) -> Mapping[str, object]:
    """The table that a file holds as JSON; an empty one where it holds none."""
    try:
        with open_regular(path) as file:
            found = json.loads(taken(file))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _whole(file: BinaryIO) -> bytes:
    return file.read(MOST_BYTES)


def _head(file: BinaryIO) -> bytes:
    """The JSON that a file of safetensors begins with, after its length in eight bytes."""
    return file.read(min(int.from_bytes(file.read(8), "little"), MOST_BYTES))
