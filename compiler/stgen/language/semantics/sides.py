"""Looks at what [model] says of queries and documents apart: a router's two encoders, lengths of their own, how one starts."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.spec_model import Model, SubModel

SIDES = ("query", "document")
START = "a transformer starts from the pretrained weights of its base"


def check_sides(model: Model) -> Iterator[Diagnostic]:
    """All findings about `router`, `query`, `document` and `start`."""
    if model.start is not None and not model.router:
        yield from _start(model.start, model.architecture == "static", model.base, ("model", "start"))
    if model.router:
        yield from _router(model)
        return
    for name in SIDES:
        if side := getattr(model, name):
            yield from _lengths(model, name, side)


def _lengths(model: Model, name: str, side: SubModel) -> Iterator[Diagnostic]:
    """Without a router a side has a length at most, and only where the library cuts both sides apart."""
    others = sorted(side.model_fields_set - {"max_length"})
    if model.type == "multi-vector" and not others:
        return
    if model.type == "multi-vector":
        message = f"`model.{name}.{others[0]}` configures an encoder of its own, and this model has one for both sides"
        hint = f"keep {name} = {{ max_length = ... }}, and write the rest in [model]"
        yield Diagnostic("STG073", message, ("model", name, others[0]), hint, about="key")
        return
    message = f"`model.{name}` is an encoder of a router, and there is no router"
    hint = "add router = true, or remove it" if model.type == "dense" else "remove it"
    yield Diagnostic("STG073", message, ("model", name), hint, about="key")


def _router(model: Model) -> Iterator[Diagnostic]:
    own = {name: getattr(model, name) for name in SIDES}
    for name, side in own.items():
        if model.base is None and (side is None or side.base is None):
            message = f"a router needs both encoders, and that of `model.{name}` is missing"
            yield Diagnostic("STG073", message, ("model", "router"), f'add {name} = {{ base = "ORG/NAME" }}')
    if all(side and side.base for side in own.values()) and model.base is not None:
        message = "no encoder starts from `model.base`: each of the two has a base of its own"
        yield Diagnostic("STG087", message, ("model", "base"), "remove the line", about="key")
    for key in ("architecture", "start"):
        if getattr(model, key) is not None:
            message = f"a router's encoders have a `{key}` each"
            line = f'query = {{ {key} = "{getattr(model, key)}" }}'
            yield Diagnostic(
                "STG087", message, ("model", key), f"write it where it belongs, such as {line}", about="key"
            )
    for name, side in own.items():
        if side is not None:
            yield from _side(side, side.base or model.base, ("model", name))
    if model.dimensions is None:
        yield from _widths(model)


def _widths(model: Model) -> Iterator[Diagnostic]:
    """STG089: both bases are known, and their embeddings differ in width. A static encoder that starts at random fits."""
    from stgen.rules.bases import known_base

    widths: dict[str, int] = {}
    for name in SIDES:
        side = getattr(model, name) or SubModel.model_construct()
        row = known_base(side.base or model.base or "")
        if row and row.hidden and (side.architecture == "transformer" or row.static):
            widths[name] = row.hidden
    if len(set(widths.values())) == 2:
        message = f"embeddings of queries have {widths['query']} dimensions, those of documents {widths['document']}"
        hint = f"add dimensions = {min(widths.values())}: the other encoder gets a projection, which is trained"
        yield Diagnostic("STG089", message, ("model", "router"), hint, about="key")


def _side(side: SubModel, base: str | None, path: KeyPath) -> Iterator[Diagnostic]:
    static = side.architecture == "static"
    for key, why in (("pooling", "it has no layers to pool"), ("max_length", "it reads texts of any length")):
        if static and getattr(side, key) is not None:
            message = f"`{'.'.join(map(str, path))}.{key}` has no effect on a static encoder"
            yield Diagnostic("STG075", message, (*path, key), "remove the line", (why,), about="key")
    if side.revision is not None and side.base is None:
        yield Diagnostic("STG085", "a revision without a base", (*path, "revision"), "remove the line", about="key")
    if side.start is not None:
        yield from _start(side.start, static, base, (*path, "start"))


def _start(start: str, static: bool, base: str | None, path: KeyPath) -> Iterator[Diagnostic]:
    if not static:
        message = f"`{'.'.join(map(str, path))}` is for static embeddings, and this encoder is a transformer"
        hint = 'remove the line, or write architecture = "static" beside it'
        yield Diagnostic("STG088", message, path, hint, (START,), about="key")
    elif start == "pretrained" and base is None:
        message = "there is no base to take embeddings from"
        hint = 'add base = "ORG/NAME" of a static model, or remove the line'
        yield Diagnostic("STG088", message, path, hint)
