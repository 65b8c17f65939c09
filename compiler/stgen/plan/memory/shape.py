"""Reads a model's shape: config.json, already parsed, or a row of the table of bases -> the numbers that memory is made of."""

from __future__ import annotations

from collections.abc import Mapping

from stgen.profile.record import Profile
from stgen.rules.bases import known_base
from stgen.rules.encoders import BY_KIND, GENERIC, LOOKED_UP, Encoder
from stgen.rules.layers import LAYERS
from stgen.rules.row import Base
from stgen.values.record import Record

LARGEST = 2**40  # of any number in a configuration: none is near it
# What configurations call the same thing: BERT's name first.
NAMES: dict[str, tuple[str, ...]] = {
    "hidden": ("hidden_size", "dim", "d_model", "n_embd"),
    "inner": ("intermediate_size", "hidden_dim", "d_ff", "n_inner"),
    "layers": ("num_hidden_layers", "n_layers", "num_layers", "n_layer"),
    "heads": ("num_attention_heads", "n_heads", "num_heads", "n_head"),
    "vocabulary": ("vocab_size",),
    "positions": ("max_position_embeddings", "n_positions"),
    "key_heads": ("num_key_value_heads",),
    "head_size": ("head_dim",),
    "types": ("type_vocab_size",),
}
NEEDED = ("hidden", "layers", "heads", "vocabulary")
DROPOUTS = ("hidden_dropout_prob", "dropout", "resid_pdrop")
DROPPING = ("bert", "roberta", "xlm-roberta", "distilbert", "mpnet")  # published with dropout
ROTARY = ("modernbert", "nomic_bert", "gemma3_text")  # no table of positions
BEHIND_PADDING = ("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet")
ABSOLUTE = (
    "bert",
    "electra",
    "ernie",
    "distilbert",
    "albert",
    "gpt2",
    *BEHIND_PADDING,
)  # with a table of positions that ends
RELATIVE = ("deberta-v2",)  # without one
LARGE_VOCABULARY = 200_000


class Shape(Record):
    """The numbers of a transformer, or of a table of embeddings, that its memory follows from."""

    encoder: Encoder
    known: bool  # False: the family is none of the table's, and BERT stands for it
    hidden: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    head_size: int
    vocabulary: int
    positions: int  # rows of a table of positions; 0: it has none
    types: int
    dropout: bool
    parameters: int

    @property
    def query(self) -> int:
        """Width of the queries of a layer, all heads together."""
        return self.heads * self.head_size

    @property
    def key(self) -> int:
        """Width of the keys of a layer, all heads together."""
        return self.key_heads * self.head_size

    @property
    def linear(self) -> int:
        """Weights of the matrices of all layers: what autocast copies in half precision."""
        attention = 2 * self.hidden * self.query + 2 * self.hidden * self.key
        return self.layers * (attention + (3 if self.encoder.gated else 2) * self.hidden * self.inner)


def read_shape(config: Mapping[str, object]) -> Shape | str:
    """The shape that a configuration describes, or what is wrong with it."""
    found: dict[str, int] = {}
    for name, keys in NAMES.items():
        key = next((key for key in keys if config.get(key) is not None), None)
        if key is None:
            if name in NEEDED:
                return f"it has no `{keys[0]}`"
            continue
        value = config[key]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
            return f"`{key}` is {value!r}, and must be a whole number"
        if name in NEEDED and value == 0:
            return f"`{key}` is 0"
        found[name] = value
    kind = config.get("model_type")
    encoder = BY_KIND.get(kind) if isinstance(kind, str) else None
    drops = any(isinstance(rate := config.get(key), int | float) and rate > 0 for key in DROPOUTS)
    return _shape(encoder, found, drops, str(kind))


def looked_up(tokens: int, width: int) -> Shape:
    """The shape of a table that has a row of so many weights for each token, and of nothing else."""
    nothing = dict.fromkeys(("inner", "layers", "heads", "key_heads", "head_size", "positions", "types"), 0)
    return Shape(
        encoder=LOOKED_UP,
        known=True,
        hidden=width,
        vocabulary=tokens,
        dropout=False,
        parameters=tokens * width,
        **nothing,
    )


def shape_of_base(base: Base) -> Shape | None:
    """The shape of a base of the table; None where the table has no measures for it."""
    if not base.layers:
        return None
    kind = kind_of(base)
    found = {
        "hidden": base.hidden,
        "inner": base.intermediate,
        "layers": base.layers,
        "heads": base.heads,
        "key_heads": base.key_heads,
        "head_size": base.head_size,
        "vocabulary": base.vocabulary,
        "positions": base.positions or base.max_length,
    }
    shape = _shape(BY_KIND.get(kind), found, kind in DROPPING, kind)
    return shape.replaced(parameters=int(base.parameters * 1e6)) if base.parameters else shape


def kind_of(base: Base) -> str:
    """The `model_type` of a base of the table."""
    return base.kind or ("xlm-roberta" if base.vocabulary > LARGE_VOCABULARY else "bert")


def layer_class(name: str, profile: Profile | None) -> str | None:
    """What transformers calls a layer of a base, by its configuration where that was read; None where nobody knows."""
    read = profile.base if profile else None
    if read and read.name == name:
        return LAYERS.get(str(read.config.get("model_type")))
    base = known_base(name)
    return LAYERS.get(kind_of(base)) if base and base.layers else None


def most_tokens(base: Base) -> int | None:
    """Tokens that a base of the table has positions for; None where its positions have no end, or aren't known."""
    shape = shape_of_base(base)
    return shape.positions or None if shape and base.kind not in RELATIVE else None


def most_tokens_of(config: Mapping[str, object]) -> int | None:
    """The same of a configuration. Families that count positions from behind the padding token have some less."""
    shape = read_shape(config)
    kind = config.get("model_type")
    if isinstance(shape, str) or kind not in ABSOLUTE or not shape.positions:
        return None
    padding = config.get("pad_token_id")
    unused = (padding if isinstance(padding, int) else 1) + 1 if kind in BEHIND_PADDING else 0
    return shape.positions - unused


def _shape(encoder: Encoder | None, found: dict[str, int], drops: bool, kind: str) -> Shape:
    row = encoder or GENERIC
    heads, hidden = found["heads"], found["hidden"]
    given = {
        "inner": found.get("inner", 4 * hidden),
        "key_heads": found.get("key_heads") or heads,
        "head_size": found.get("head_size") or max(hidden // heads, 1),
        "positions": 0 if row.decoder or kind in ROTARY else found.get("positions", 0),
        "types": found.get("types", 0),
    }
    shape = Shape(
        encoder=row,
        known=encoder is not None,
        hidden=hidden,
        layers=found["layers"],
        heads=heads,
        vocabulary=found["vocabulary"],
        dropout=drops,
        parameters=0,
        **given,
    )
    tables = (shape.vocabulary + shape.positions + shape.types) * hidden
    norms = shape.layers * (9 if not row.gated else 2) * hidden  # the biases of a BERT layer are among them
    return shape.replaced(parameters=tables + shape.linear + norms + 2 * hidden)
