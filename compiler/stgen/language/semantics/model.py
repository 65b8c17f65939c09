"""Looks at the keys of [model] together: what its type and architecture have no use for, and what they need."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.spec import Spec
from stgen.language.spec_model import Model
from stgen.values.record import Record

ARCHITECTURES: dict[str, tuple[str, ...]] = {  # of each type, the default first
    "dense": ("transformer", "static"),
    "sparse": ("splade", "inference-free", "csr"),
    "cross-encoder": ("transformer",),
    "multi-vector": ("transformer",),
}


class Only(Record):
    """A key of [model] that has a meaning for some types and architectures only."""

    key: str
    types: tuple[str, ...]
    not_static: bool
    why: str


# fmt: off
ONLY: tuple[Only, ...] = (
    Only("pooling",    ("dense",),                                             True,  "only a dense transformer pools its tokens into one embedding"),
    Only("normalize",  ("dense",),                                             False, "only a dense model has one embedding to normalise"),
    Only("dimensions", ("dense",),                                             False, "only a dense model has one embedding to project"),
    Only("router",     ("dense",),                                             False, 'only a dense model can have two encoders; for a sparse one write architecture = "inference-free"'),
    Only("max_length", ("dense", "cross-encoder", "sparse", "multi-vector"),   True,  "a static model reads texts of any length"),
    Only("lora",       ("dense", "cross-encoder", "sparse", "multi-vector"),   True,  "a static model has no layers to adapt: it is one table of embeddings"),
)
# fmt: on


def check_model(spec: Spec) -> Iterator[Diagnostic]:
    """Every finding about [model] that no other table has a say in."""
    model = spec.model
    path: KeyPath = ("model",)
    legal = ARCHITECTURES[model.type]
    architecture = model.architecture or legal[0]
    if architecture not in legal:
        owner = next(kind for kind, names in ARCHITECTURES.items() if architecture in names)
        message = f"a {model.type} model has no architecture {architecture}"
        hint = f'write {_words(legal)}, or type = "{owner}"'
        yield Diagnostic("STG071", message, (*path, "architecture"), hint)
        return
    if model.autoencoder is not None and architecture != "csr":
        yield Diagnostic(
            "STG072",
            f"`model.autoencoder` means nothing for a {model.type} model ({architecture})",
            (*path, "autoencoder"),
            'remove the line, or write type = "sparse" and architecture = "csr"',
            ("only CSR puts an autoencoder on top of a dense model",),
            about="key",
        )
    static = architecture == "static"
    for row in ONLY:
        if getattr(model, row.key) in (None, False) or (model.type in row.types and not (static and row.not_static)):
            continue
        code = "STG075" if model.type in row.types else "STG072"
        kind = "static" if model.type in row.types else model.type
        message = f"`model.{row.key}` has no effect on a {kind} model"
        yield Diagnostic(code, message, (*path, row.key), "remove the line", (row.why,), about="key")
    if model.lora and (model.router or architecture == "inference-free"):
        whole = "the model" if model.router else "an inference-free model"
        message = f"{whole} is a router, and a LoRA adapter inside a router can't be loaded again"
        yield Diagnostic("STG074", message, (*path, "lora"), "leave it out", about="key")
    yield from _base(model, static)
    if model.router or model.query or model.document or model.start:
        from stgen.language.semantics.sides import check_sides

        yield from check_sides(model)
    yield from _prompts(spec)


def _base(model: Model, static: bool) -> Iterator[Diagnostic]:
    if model.base is None and not static and not model.router:
        hint = 'base = "sentence-transformers/all-MiniLM-L6-v2", or the path of a local folder'
        note = "only a static model can be trained from scratch"
        yield Diagnostic("STG070", "the base model is missing", ("model",), f"add {hint}", (note,), about="key")
    if model.revision is not None and model.base is None:
        yield Diagnostic("STG085", "a revision without a base", ("model", "revision"), "remove the line", about="key")


def _prompts(spec: Spec) -> Iterator[Diagnostic]:
    """A base that was trained with prompts, and no word about any. Static embeddings take no more than its words."""
    model = spec.model
    if model.prompts is not None or model.type == "cross-encoder":
        return
    from stgen.rules.bases import known_base
    from stgen.values.quoting import toml

    known = {}
    for name in ("query", "document"):
        side = getattr(model, name) if model.router else None
        row = known_base((side.base if side else None) or model.base or "")
        if row and row.prompts != "none" and "static" not in (model.architecture, side.architecture if side else ""):
            known[name] = row
    prompts = {name: text for name, row in known.items() if (text := getattr(row, name))}
    if not prompts:
        return
    families = " and ".join(dict.fromkeys(row.family for row in known.values()))
    message = f"{families} models were trained with prompts, and the spec has none"
    notes = tuple(dict.fromkeys(f"the model's own page says so: {row.source}" for row in known.values()))
    if any(row.prompts == "task" for row in known.values()):
        message = f"{families} models want an instruction that names the task, and the spec has none"
        notes = ("write your own task into it", *notes)
    alike = {name: row.alike for name, row in known.items() if row.alike}
    if alike and _have(spec, "text"):
        prompts = alike
    elif alike and _have(spec, "text_1"):
        equals = f"texts that are compared as equals, such as paraphrases, want prompts = {toml(alike)}"
        notes = (equals, *notes)
    place: KeyPath = ("model", "router") if model.router else ("model", "base")
    yield Diagnostic("STG090", message, place, f"add prompts = {toml(prompts)}", notes, severity="warning")


def _have(spec: Spec, role: str) -> bool:
    return all(data.columns is not None and getattr(data.columns, role) is not None for data in spec.data)


def _words(names: tuple[str, ...]) -> str:
    return " or ".join(f'architecture = "{name}"' for name in names)
