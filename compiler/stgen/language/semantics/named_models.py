"""Every model that a spec names is a hub id or a local folder: Spec in, findings out."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.spec import Spec
from stgen.language.spec_model import Conversion, Loss

HUB = "https://huggingface.co/"


def check_models(spec: Spec) -> Iterator[Diagnostic]:
    """STG086: a name that is neither."""
    for path, name in named_models(spec):
        if name is not None and (not name.strip() or "://" in name or name.startswith("~")):
            shown = name.removeprefix(HUB).strip("/")
            hint = f'write "{shown}"' if shown not in (name, "") else 'a hub id is "ORG/NAME"; ~ is not expanded'
            yield Diagnostic("STG086", f'"{name}" is neither a hub id nor a local folder', path, hint)


def named_models(spec: Spec) -> Iterator[tuple[KeyPath, str | None]]:
    """Every key whose value is a model."""
    model, prepare = spec.model, spec.prepare
    yield ("model", "base"), model.base
    yield ("model", "query", "base"), model.query.base if model.query else None
    yield ("model", "document", "base"), model.document.base if model.document else None
    yield from _of_loss(spec.loss, ("loss",))
    for index, data in enumerate(spec.data):
        if data.loss:
            yield from _of_loss(data.loss, ("data", index, "loss"))
    if prepare and prepare.deduplicate:
        yield ("prepare", "deduplicate", "model"), prepare.deduplicate.model
    if prepare and prepare.decontaminate:
        yield ("prepare", "decontaminate", "model"), prepare.decontaminate.model
    if prepare and prepare.related:
        yield ("prepare", "related", "model"), prepare.related.model


def _of_loss(loss: Loss, path: KeyPath) -> Iterator[tuple[KeyPath, str | None]]:
    yield (*path, "guide"), loss.guide
    yield (*path, "teacher"), loss.teacher
    for index, conversion in enumerate(loss.convert):
        if isinstance(conversion, Conversion) and conversion.mine:
            where = (*path, "convert", index, "mine")
            yield (*where, "model"), conversion.mine.model
            yield (*where, "cross_encoder"), conversion.mine.cross_encoder
