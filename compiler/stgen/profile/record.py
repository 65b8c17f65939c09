"""The profile of a spec's data: what `stgen profile` counts, and what decisions may rest on. Its JSON has the same shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stgen.values.record import Record

FORMAT = 1
STATIC = "static"
"""The kind of a base that is a table of token embeddings."""
SPLITS = ("train", "eval", "test", "corpus", "queries")
"""Names that the splits of a set have; the last two are of the BEIR layout."""


class Lengths(Record):
    """How long texts or lists are: the mean, the lengths that so many per cent don't go beyond, and the longest."""

    mean: float
    p50: int
    p90: int
    p95: int
    p99: int
    longest: int


class TextColumn(Record):
    """A column of texts. `pairs` counts the pairs of rows that share a text."""

    role: str
    column: str
    rows: int  # that have a text, and are held against each other
    sampled: int  # whose words and tokens were counted, spread evenly
    distinct: int
    pairs: int
    characters: Lengths
    words: Lengths
    tokens: Lengths
    languages: Mapping[str, float] | None = None  # code or script -> its share of the texts; None: nobody asked


class LabelColumn(Record):
    """A column of labels. `counts` are the rows of each class, in the order of the spec's names, or else by size."""

    role: str
    column: str
    low: float | None
    high: float | None
    distinct: int | None  # None: more than are counted
    counts: tuple[int, ...]
    positive: float | None  # share of the positive label; of judgements, of those that are relevant


class ListColumn(Record):
    """A column of lists: how many items they have, and where those are texts, how long these are."""

    role: str
    column: str
    items: Lengths
    tokens: Lengths | None


class File(Record):
    """A file as it was read: the bytes it has and their SHA-256."""

    path: str
    bytes: int
    sha256: str


class Split(Record):
    """The rows of a split."""

    files: tuple[File, ...]
    rows: int
    distinct: int  # rows, by their texts
    texts: tuple[TextColumn, ...]
    labels: tuple[LabelColumn, ...]
    lists: tuple[ListColumn, ...]
    columns: Mapping[str, str] | None = None  # name -> type, by the hub's own metadata; None: they are files
    spread: int | None = None  # rows that come of them where each item of a list has one; None: as many

    @property
    def made(self) -> int:
        """The rows that the reader makes of them."""
        return self.spread or self.rows


class SetProfile(Record):
    """A data set by the name of each of its splits. Those on the hub are none of it: their rows aren't here."""

    name: str
    columns: Mapping[str, str]  # column -> its role, for which it was counted
    splits: Mapping[str, Split]


class BaseProfile(Record):
    """What the base's own configuration says of it, under BERT's names; 0 where it says nothing."""

    name: str
    kind: str  # `model_type`
    hidden: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    head_size: int
    vocabulary: int
    positions: int  # rows of a table of positions
    types: int
    dropout: float
    parameters: int

    @property
    def config(self) -> dict[str, object]:
        """The configuration, as far as memory follows from it."""
        found: dict[str, object] = {
            "model_type": self.kind,
            "hidden_size": self.hidden,
            "intermediate_size": self.inner,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.key_heads,
            "head_dim": self.head_size,
            "vocab_size": self.vocabulary,
            "max_position_embeddings": self.positions,
            "type_vocab_size": self.types,
            "hidden_dropout_prob": self.dropout,
        }
        return {name: value for name, value in found.items() if value}


class Profile(Record):
    """Everything that was counted."""

    base: BaseProfile | None  # None: the base isn't a local folder with a configuration
    tokens: str  # how tokens were counted: by the base's own "tokenizer", or by an "estimate"
    sets: tuple[SetProfile, ...]
    languages: str = ""  # by what they were told: "py3langid", or "scripts"; "": nobody asked

    def of_set(self, name: str) -> SetProfile | None:
        """What was counted of a data set; None where nothing was."""
        return next((one for one in self.sets if one.name == name), None)


def dump(profile: Profile) -> str:
    """The profile as its file's text: the same profile gives the same bytes."""
    return _written({"profile": FORMAT, **_plain(profile)}, "") + "\n"


def _written(value: Any, indent: str) -> str:
    """JSON in which what holds no further tables stands on one line, so that a change is one line of a diff."""
    import json

    inside = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(inside, list) or not any(isinstance(item, dict | list) for item in inside):
        return json.dumps(value, ensure_ascii=False)
    deeper = indent + "  "
    lines = [_written(item, deeper) for item in inside]
    if isinstance(value, dict):
        lines = [f"{json.dumps(key, ensure_ascii=False)}: {line}" for key, line in zip(value, lines, strict=True)]
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    return opened + ",".join(f"\n{deeper}{line}" for line in lines) + f"\n{indent}{closed}"


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        usual = value._defaults
        return {
            name: _plain(item) for name, item in value.as_dict().items() if name not in usual or item != usual[name]
        }
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
