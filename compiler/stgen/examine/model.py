"""What the checks of rows must know of the model: its max_length in tokens, and its embedding dimension."""

from __future__ import annotations

import json
import os
import re
from typing import Any, NamedTuple

from stgen.language.facts import architecture, sides, start_of
from stgen.language.paths import is_local
from stgen.language.spec import Spec
from stgen.plan.defaults import STATIC_DIMENSIONS
from stgen.plan.memory import shape
from stgen.rules.bases import known_base
from stgen.rules.tables import ROUTERS
from stgen.values.regular import open_regular

CONFIGS = ("sentence_bert_config.json", "config.json", "tokenizer_config.json")
DECODERS = (
    "gpt2", "gpt_neo", "gptj", "gpt_neox", "opt", "bloom", "llama", "mistral", "mixtral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "phi", "phi3", "falcon", "stablelm", "olmo", "olmo2",
)  # fmt: skip
SETTINGS = 1 << 24  # bytes of the largest file of settings: some tokenizers' hold their vocabulary
SHA = 40  # letters of a commit's name
ENDLESS = 1 << 20  # tokenizers without a limit store a number above this


def max_lengths(spec: Spec, folder: str) -> dict[str, int]:
    """Tokens that are kept of a text on each side, "query" and "document", where that is known."""
    if architecture(spec) == "static":
        return {}  # embeds every token
    found: dict[str, int] = {}
    for name, side in sides(spec).items():
        if side.architecture == "static":
            continue
        if length := side.max_length or _length_of(side.base, folder):
            found[name] = length
    return found


def most_tokens(spec: Spec, folder: str) -> dict[str, int]:
    """Tokens that a base has positions for on each side, where that is known."""
    if architecture(spec) == "static":
        return {}
    found: dict[str, int] = {}
    for name, side in sides(spec).items():
        if side.architecture != "static" and (most := _most_of(side.base, folder)):
            found[name] = most
    return found


def _most_of(base: str | None, folder: str) -> int | None:
    if base is None:
        return None
    if known := known_base(base):
        return shape.most_tokens(known)
    return shape.most_tokens_of(_json(os.path.join(folder, base, "config.json"))) if is_local(base) else None


def known_files(base: str, folder: str) -> list[str]:
    """The files of a local base model that say what it is."""
    return [os.path.join(folder, base, name) for name in CONFIGS]


def local_width(base: str, folder: str) -> int | None:
    """Dimensions of a local base model's embeddings, where nothing projects them."""
    found = shape.read_shape(_json(os.path.join(folder, base, "config.json")))
    return None if isinstance(found, str) or _projects(base, folder) else found.hidden


def lacks_padding(base: str, folder: str) -> bool:
    """Whether a local base model is a decoder whose tokenizer has no token to pad with."""
    config = _json(os.path.join(folder, base, "config.json"))
    tokenizer = _json(os.path.join(folder, base, "tokenizer_config.json"))
    special = _json(os.path.join(folder, base, "special_tokens_map.json"))
    if not tokenizer or config.get("model_type") not in DECODERS:
        return False
    return not tokenizer.get("pad_token") and not special.get("pad_token")


def guesses_no_words(base: str, folder: str) -> bool:
    """Whether a local base model says that it has no head which guesses masked words."""
    found = _json(os.path.join(folder, base, "config.json")).get("architectures")
    return isinstance(found, list) and bool(found) and not any(str(name).endswith("ForMaskedLM") for name in found)


class Brought(NamedTuple):
    """The prompts that a local base model has saved, those that are empty left out."""

    named: dict[str, str]
    default: str  # the name of the one before texts of which nothing is said; "": none

    def by_side(self) -> dict[str, str]:
        """Side -> its prompt, as the generated model.py takes them."""
        otherwise = self.named.get(self.default, "")
        document = next(
            (self.named[name] for name in ("document", "passage", "corpus") if name in self.named), otherwise
        )
        found = {"query": self.named.get("query", otherwise), "document": document}
        return {side: text for side, text in found.items() if text}

    def of_pairs(self) -> dict[str, str]:
        """The same of a cross-encoder, which puts its default prompt before each pair and no other."""
        return {"query": self.named[self.default]} if self.default in self.named else {}


def saved_prompts(base: str, folder: str) -> Brought:
    """The prompts that a local base model brings."""
    config = _json(prompts_file(base, folder))
    prompts, default = config.get("prompts"), config.get("default_prompt_name")
    named = prompts.items() if isinstance(prompts, dict) else ()
    return Brought(
        {name: text for name, text in named if isinstance(text, str) and text},
        default if isinstance(default, str) else "",
    )


def prompts_file(base: str, folder: str) -> str:
    """Where a local base model keeps its prompts."""
    return os.path.join(folder, base, "config_sentence_transformers.json")


def cached_commit(base: str) -> str:
    """The commit of a base on the hub, as a cache on this machine knows it; "" where none does."""
    home = os.environ.get("HF_HOME") or os.path.join("~", ".cache", "huggingface")
    cache = os.environ.get("HF_HUB_CACHE") or os.path.join(home, "hub")
    ref = os.path.join(os.path.expanduser(cache), "models--" + base.replace("/", "--"), "refs", "main")
    try:
        with open_regular(ref) as file:
            found = file.read(SHA + 1).decode("ascii").strip()
    except (OSError, ValueError):
        return ""
    return found if re.fullmatch(r"[0-9a-f]{40}", found) else ""


def width(spec: Spec, folder: str) -> int | None:
    """The dimensions of the model's embeddings, where they are known."""
    if spec.model.dimensions or architecture(spec) in ROUTERS:
        return spec.model.dimensions
    if architecture(spec) == "static" and start_of(spec.model) == "scratch":
        return STATIC_DIMENSIONS
    if spec.model.type != "dense" or spec.model.base is None:
        return None
    if known := known_base(spec.model.base):
        return known.hidden or None
    return local_width(spec.model.base, folder) if is_local(spec.model.base) else None


def _length_of(base: str | None, folder: str) -> int | None:
    if base is None:
        return None
    if known := known_base(base):
        return known.max_length or None
    return _configured(base, folder, ("max_seq_length", "max_position_embeddings", "model_max_length"))


def _configured(base: str, folder: str, keys: tuple[str, ...]) -> int | None:
    """A whole number from the configuration files of a local base model."""
    if not is_local(base):
        return None
    for name in CONFIGS:
        config = _json(os.path.join(folder, base, name))
        for key in keys:
            value = config.get(key)
            if isinstance(value, int) and 0 < value < ENDLESS:
                return value
    return None


# A folder of several modules may project its embeddings; its own configuration is then not the last word.
def _projects(base: str, folder: str) -> bool:
    return is_local(base) and any(os.path.isdir(os.path.join(folder, base, name)) for name in ("2_Dense", "3_Dense"))


def _json(path: str) -> dict[str, Any]:
    try:
        with open_regular(path) as file:
            data = file.read(SETTINGS + 1)
        found = json.loads(data) if len(data) <= SETTINGS else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
