"""The user's own loss: `custom = "my_losses.py:MyLoss"` -> the row that stands for it in the match."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.language.spec import Spec
from stgen.language.spec_model import Loss as LossTable
from stgen.match.formats import BY_NAME
from stgen.match.own_files import custom_class, fault_of
from stgen.rules.row import Loss
from stgen.rules.sparse import WRAPPERS

ALIAS = "own"
"""The alias of a row that stands for the user's own loss: its class is imported by name."""


def custom_row(spec: Spec, table: LossTable, format: str, path: KeyPath, findings: Findings) -> Loss | None:
    """A row for the user's own loss, which takes the data in the format that it is in; reports STG122 and STG123."""
    module, name = custom_class(table.custom or "")
    message = fault_of(module, name, spec) if module and name else f"{table.custom!r} isn't FILE.py:CLASS"
    if message:
        findings.add(Diagnostic("STG122", message, (*path, "custom"), 'write "my_losses.py:MyLoss"'))
        return None
    model = spec.model.type
    sparse = model == "sparse"
    for key in ("guide", "matryoshka", "adaptive_layers", "orthogonal", *([] if sparse else ["regularize"])):
        if getattr(table, key):
            message = f"{name} is a loss of your own, and stgen doesn't know whether it can stand under `{key}`"
            advice = f"leave it out, and build it in {name} where you need it"
            findings.add(Diagnostic("STG120", message, (*path, key), advice, about="key"))
    if table.name != "auto":
        message = f"`name` and `custom` both name the loss: {table.name} and {name}"
        findings.add(Diagnostic("STG123", message, (*path, "name"), "remove one of the two", about="key"))
    several = model == "cross-encoder" and format in ("pair-class", "pair-probabilities")
    return Loss(
        model,
        name,
        (format,),
        alias=ALIAS,
        outputs="classes" if several else "1" if model == "cross-encoder" else "",
        activation="identity" if model == "cross-encoder" else "",
        objective="labels",
        wrapped_by=WRAPPERS if sparse and table.regularize is not False else (),
    )


def is_measured(model: str, format: str, path: KeyPath, findings: Findings) -> bool:
    """Whether the library has an evaluator for such a model on such rows; reports STG128 where it has none."""
    from stgen.rules.evaluators import EVALUATORS

    formats = [row.format for row in EVALUATORS if row.model == model]
    if format in formats:
        return True
    message = f"the library has no evaluator for a {model} model on {BY_NAME[format].documented}"
    advice = "map columns to anchor and positive, or to text_1, text_2 and a label"
    findings.add(Diagnostic("STG128", message, (*path, "columns"), advice))
    return False
