"""The user's own loss: `custom = "my_losses.py:MyLoss"` -> the row that stands for it in the match."""

from __future__ import annotations

import keyword
import sys

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.language.facts import loss_tables, set_name
from stgen.language.spec import Loss as LossTable
from stgen.language.spec import Spec
from stgen.match.formats import BY_NAME
from stgen.rules.modules import IMPORTED, OWN_MODULES, SET_MODULES
from stgen.rules.row import Loss

ALIAS = "own"
"""The alias of a row that stands for the user's own loss: its class is imported by name."""


def custom_row(spec: Spec, table: LossTable, format: str, path: KeyPath, findings: Findings) -> Loss | None:
    """A row for the user's own loss, which takes the data in the format that it is in; reports STG122 and STG123."""
    module, name = custom_class(table.custom or "")
    if not (module.isidentifier() and name.isidentifier()) or keyword.iskeyword(module) or keyword.iskeyword(name):
        message = f"{table.custom!r} isn't FILE.py:CLASS"
        findings.add(Diagnostic("STG122", message, (*path, "custom"), 'write "my_losses.py:MyLoss"'))
        return None
    if message := taken(module, spec):
        findings.add(Diagnostic("STG122", message, (*path, "custom"), 'write "my_losses.py:MyLoss"'))
        return None
    for key in ("guide", "matryoshka", "adaptive_layers", "orthogonal", "regularize"):
        if getattr(table, key):
            message = f"{name} is a loss of your own, and stgen doesn't know whether it can stand under `{key}`"
            advice = f"leave it out, and build it in {name} where you need it"
            findings.add(Diagnostic("STG120", message, (*path, key), advice, about="key"))
    if table.name != "auto":
        message = f"`name` and `custom` both name the loss: {table.name} and {name}"
        findings.add(Diagnostic("STG123", message, (*path, "name"), "remove one of the two", about="key"))
    model = spec.model.type
    several = model == "cross-encoder" and format == "pair-class"
    return Loss(
        model,
        name,
        (format,),
        alias=ALIAS,
        outputs="classes" if several else "1" if model == "cross-encoder" else "",
        activation="identity" if model == "cross-encoder" else "",
        objective="labels",
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


def taken(module: str, spec: Spec) -> str:
    """Why no file of the user's can have the name of this module; "" when it can. Upper and lower case are one on some disks."""
    names = [set_name(spec, index) for index in range(len(spec.data))]
    generated = OWN_MODULES | {f"{kind}_{name}".lower() for name in names if name for kind in SET_MODULES}
    if module.lower() in generated:
        return f"{module.lower()}.py is a file of the generated repo"
    if spelled := [other for other in own_modules(spec) if other.lower() == module.lower() and other != module]:
        return f"{module}.py and {spelled[0]}.py are one file where case doesn't count"
    if module in IMPORTED or module in sys.stdlib_module_names:
        return f"{module}.py would hide the package {module} from the generated repo"
    return ""


def own_modules(spec: Spec) -> list[str]:
    """The modules of the user's own that a spec names: those of losses, then those of metrics."""
    losses = [table.custom for table in loss_tables(spec) if table.custom]
    return [custom_class(text)[0] for text in (*losses, *spec.metrics.custom)]


def custom_class(text: str) -> tuple[str, str]:
    """The module and the class of `FILE.py:CLASS`; empty names where the text isn't that."""
    file, _, name = text.rpartition(":")
    return (file.removesuffix(".py"), name) if file.endswith(".py") else ("", "")
