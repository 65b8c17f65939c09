"""Plans the loss: Match -> the expression that builds it in train.py, and what that expression needs."""

from __future__ import annotations

from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.language.facts import leaves_launch_open, own_weights, regularize_of, set_name, trains_more, wanted_modifier
from stgen.language.paths import Place, model_location
from stgen.language.spec import Spec
from stgen.language.spec_model import Loss as LossTable
from stgen.language.spec_model import Regularize
from stgen.match.custom import ALIAS
from stgen.match.decide import decide
from stgen.match.matching import Match, learned_from
from stgen.match.own_files import custom_class, fault_of, is_name, own_modules
from stgen.plan.defaults import class_weights, params_of, sparsity_of
from stgen.plan.parameters import expressions
from stgen.plan.plan import CustomLoss, LossPlan, named
from stgen.plan.processes import regularized_together, regularizer, shared
from stgen.plan.prompts import LABELS
from stgen.rules.advice import advice_for
from stgen.rules.decisions import GATHER
from stgen.rules.row import Loss
from stgen.rules.tables import BY_NAME, MODIFIERS, REGULARIZER
from stgen.rules.taken_names import OF_MODULES
from stgen.values.expressions import Call, Expression, Name

MODEL = Name("encoder")
"""What train.py calls the model."""

FLOPS = "FlopsLoss"
"""The library's regularizer."""


def plan_loss(
    spec: Spec,
    index: int,
    match: Match,
    place: Place,
    columns: tuple[str, ...],
    devices: int,
    findings: Findings,
    mini_batch: int = 0,
) -> LossPlan:
    """Build the plan of the loss of data set `index`; `columns` are those that it gets, on `devices` at most.

    `mini_batch` is what was found to fit of GradCache's, 0 where nothing was.
    """
    table, path = _table(spec, index)
    _check_asked(spec, table, match, path, findings)
    if match.loss.alias == ALIAS:
        expression = _of_the_user(spec, table, match, path, findings)
    else:
        expression = _from_tables(spec, index, table, match, path, devices, findings, mini_batch)
    if devices > 1:
        expression = regularized_together(expression, MODEL)
    if table.orthogonal is not None:
        expression = Call("RegularizedLoss", (MODEL, expression, regularizer(table.orthogonal, MODEL, devices)))
    if devices > 1 and own_weights(match.loss, table):
        expression = Call("SharedLoss", (MODEL, expression))
    if spec.model.type == "cross-encoder" and match.trained_format.label == "probabilities":
        expression = Call("StackedLabels", (MODEL, expression))
    return LossPlan(
        name=match.loss.name,
        wrapped=match.wrapper.name if match.wrapper else "",
        regularizers=_own_regularizers(table),
        expression=expression,
        why=match.why,
        note=_note(spec, table, match),
        advice=advice_for(learned_from(match)),
        source=match.loss.source,
        guide=None if table.guide is None else model_location(table.guide, place),
        custom=_custom(table, match, columns) if table.custom else None,
        same_width=match.loss.objective == "vectors" and "projection_dim" not in table.params,
        trains_more=trains_more(match.loss, table),
        candidates=match.candidates,
        conversions=tuple(row.name for row in match.way.rows),
    )


def _from_tables(
    spec: Spec,
    index: int,
    table: LossTable,
    match: Match,
    path: KeyPath,
    devices: int,
    findings: Findings,
    mini_batch: int,
) -> Expression:
    """A loss of the library, with the wrapper or the modifier around it."""
    name = set_name(spec, index)
    rows = [match.loss] + ([match.wrapper] if match.wrapper else [])
    modifier = wanted_modifier(table)
    if modifier and spec.model.type == "dense":
        rows.append(BY_NAME["dense", MODIFIERS[modifier]])
    given = expressions(params_of(spec, table, match), tuple(rows), (*path, "params"), findings)
    weights = class_weights(spec, match) if match.loss.name == "CrossEntropyLoss" else ()  # handed on to PyTorch's
    expression: Expression = Call(
        f"{match.loss.alias}.{match.loss.name}",
        _positional(match.loss, name),
        _keywords(match.loss, given[match.loss.name], _gathering(spec, match.loss, devices), name)
        | ({"weight": Call("torch.tensor", (list(weights),))} if weights else {})
        | _mini_batch(match, given[match.loss.name], mini_batch),
    )
    if devices > 1:
        expression = shared(match, table, expression, MODEL, weights)
    if match.wrapper:
        expression = _wrapped(match, expression, table, given[match.wrapper.name], spec)
    if modifier and spec.model.type == "dense":
        expression = _modified(BY_NAME["dense", MODIFIERS[modifier]], expression, table, given)
    return expression


def _note(spec: Spec, table: LossTable, match: Match) -> str:
    """What the tables say of the loss, its wrapper, its modifier and its regularizer."""
    rows = [match.loss, match.wrapper]
    modifier = wanted_modifier(table)
    if spec.model.type == "dense":
        rows += [BY_NAME["dense", MODIFIERS[modifier]]] if modifier else []
        rows += [BY_NAME["dense", REGULARIZER]] if table.orthogonal is not None else []
    return " ".join(row.note for row in rows if row and row.note)


def _of_the_user(spec: Spec, table: LossTable, match: Match, path: KeyPath, findings: Findings) -> Expression:
    """A loss of the user's own; a sparse one with the wrapper around it, which takes those parameters that it knows."""
    around = {parameter.name for parameter in match.wrapper.parameters} if match.wrapper else set()
    own = {name: value for name, value in table.params.items() if name not in around}
    inner = Call(match.loss.name, (MODEL,), _own_params(own, path, findings))
    if match.wrapper is None:
        return inner
    said = {name: value for name, value in params_of(spec, table, match).items() if name in around}
    given = expressions(said, (match.wrapper,), (*path, "params"), findings)
    return _wrapped(match, inner, table, given[match.wrapper.name], spec)


def own_regularizers_of(table: LossTable) -> dict[str, str]:
    """Side -> what the spec names in place of the library's regularizer."""
    asked = regularize_of(table)
    named = {"document": asked.document_regularizer, "query": asked.query_regularizer} if asked else {}
    return {side: text for side, text in named.items() if text is not None and text != FLOPS}


def _regularizers_built(table: LossTable) -> dict[str, Expression]:
    """The arguments that build them; one that names no class is told elsewhere."""
    named = {side: custom_class(text)[1] for side, text in own_regularizers_of(table).items()}
    return {f"{side}_regularizer": Call(name, (MODEL,)) for side, name in named.items() if name.isidentifier()}


def _own_regularizers(table: LossTable) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(custom_class(text) for text in own_regularizers_of(table).values()))


def _own_params(params: dict[str, Any], path: KeyPath, findings: Findings) -> dict[str, Expression]:
    """What the spec passes to a loss of the user's own: values as they stand, since nobody knows its signature."""
    for name in params:
        if not _can_be_passed(name):
            message = f"{name!r} can't be the name of an argument of a loss"
            findings.add(Diagnostic("STG107", message, (*path, "params", name), about="key"))
    return {name: value for name, value in params.items() if _can_be_passed(name)}


def _can_be_passed(name: str) -> bool:
    """Whether a loss can take an argument of this name and keep it under it."""
    return is_name(name) and name not in OF_MODULES and not name.startswith("__")


def _custom(table: LossTable, match: Match, columns: tuple[str, ...]) -> CustomLoss:
    """What the skeleton of the user's own loss shows."""
    around = {parameter.name for parameter in match.wrapper.parameters} if match.wrapper else set()
    names = tuple(name for name in table.params if name not in around and _can_be_passed(name))
    return CustomLoss(
        module=custom_class(table.custom or "")[0],
        parameters=names,
        config={name: Name(f"self.{name}") for name in names},
        texts=tuple(name for name in columns if name not in LABELS),
        label=next((name for name in columns if name in LABELS), ""),
    )


def _table(spec: Spec, index: int) -> tuple[LossTable, KeyPath]:
    own = spec.data[index].loss
    return (own, ("data", index, "loss")) if own else (spec.loss, ("loss",))


def _positional(row: Loss, name: str) -> tuple[Expression, ...]:
    return (MODEL, Name(named("guide", name))) if "guide" in row.needs else (MODEL,)


def _gathering(spec: Spec, row: Loss, devices: int) -> Expression:
    """Whether the loss takes the texts of other devices too; where launchers for one stand beside others, the run tells."""
    if not decide(GATHER, {"gathers": row.gathers, "devices": "many" if devices > 1 else "one"}).value:
        return None
    return Call("torch.distributed.is_torchelastic_launched") if leaves_launch_open(spec.hardware) else True


def _keywords(row: Loss, given: dict[str, Expression], gathering: Expression, name: str) -> dict[str, Expression]:
    if gathering is not None:
        return {"gather_across_devices": gathering} | given
    if "classes" in row.needs and row.model == "dense":
        needed = {
            "embedding_dimension": Call("cast", (Name("int"), Call("encoder.get_embedding_dimension"))),
            "num_labels": Call("len", (Call(f"{named('data', name)}.class_names"),)),
        }
        return needed | given
    return given


def _mini_batch(match: Match, given: dict[str, Expression], found: int) -> dict[str, Expression]:
    return {"mini_batch_size": found} if found and match.loss.cached and "mini_batch_size" not in given else {}


def _wrapped(match: Match, inner: Expression, table: LossTable, given: dict[str, Expression], spec: Spec) -> Expression:
    """A sparse loss inside SpladeLoss or CSRLoss."""
    row = match.wrapper
    assert row is not None
    arguments: dict[str, Expression] = {"loss": inner}
    if "weights" in row.needs:
        document, query = sparsity_of(spec, table, match)
        arguments["document_regularizer_weight"] = document
        if query is None or given.get("use_document_regularizer_only"):
            arguments["use_document_regularizer_only"] = True
        elif spec.model.architecture != "inference-free":  # whose queries are as sparse as their texts
            arguments["query_regularizer_weight"] = query
        arguments |= _regularizers_built(table)
    return Call(f"{row.alias}.{row.name}", (MODEL,), arguments | given)


def _modified(row: Loss, inner: Expression, table: LossTable, given: dict[str, dict[str, Expression]]) -> Expression:
    arguments: dict[str, Expression] = {}
    if table.matryoshka:
        arguments["matryoshka_dims"] = list(table.matryoshka)
    return Call(f"{row.alias}.{row.name}", (MODEL, inner), arguments | given[row.name])


def _check_regularizers(spec: Spec, table: LossTable, match: Match, path: KeyPath, findings: Findings) -> None:
    """STG120 and STG122: regularizers that nothing would use, or that name no class."""
    document_alone = sparsity_of(spec, table, match)[1] is None or table.params.get("use_document_regularizer_only")
    for side, text in own_regularizers_of(table).items():
        where = (*path, "regularize", f"{side}_regularizer")
        module, name = custom_class(text)
        fault = fault_of(module, name, spec) if module and name else f"{text!r} isn't FILE.py:CLASS"
        if fault:
            findings.add(Diagnostic("STG122", fault, where, 'write "FlopsLoss", or "my_regularizer.py:MyRegularizer"'))
        elif module in own_modules(spec):
            message = f"{module}.py is the file of a loss or a metric"
            findings.add(Diagnostic("STG122", message, where, "put the regularizer in a file of its own"))
        if f"{side}_regularizer_threshold" in table.params:
            message = f"{name} gets no threshold: only FlopsLoss has one"
            key = (*path, "params", f"{side}_regularizer_threshold")
            findings.add(Diagnostic("STG120", message, key, f"leave it out, and build it in {name}", about="key"))
        if spec.model.architecture == "csr" or (side == "query" and document_alone):
            message = "nothing regularizes queries here" if side == "query" else "CSRLoss takes no regularizer"
            findings.add(Diagnostic("STG120", message, where, "leave it out", about="key"))


def _check_weights(spec: Spec, weights: Regularize, match: Match, path: KeyPath, findings: Findings) -> None:
    """STG120 and STG127: weights that nothing takes, and those that switch a regularizer off."""
    around = match.wrapper.name if match.wrapper else match.loss.name
    for side, weight in {"document": weights.document, "query": weights.query}.items():
        where = (*path, "regularize", side)
        looked_up = side == "query" and spec.model.architecture == "inference-free"  # as sparse as their texts
        if weight is None or (weight == 0 and looked_up):
            continue
        if match.wrapper is None or "weights" not in match.wrapper.needs:
            message = f"{around} takes no weights of sparsity"
            hint = "leave it out" + (": k of the autoencoder says how many dimensions stay" if match.wrapper else "")
            findings.add(Diagnostic("STG120", message, where, hint, about="key"))
        elif looked_up:
            message = "queries are looked up, and as sparse as their texts: nothing regularizes them"
            findings.add(Diagnostic("STG120", message, where, "leave it out", about="key"))
        elif weight == 0:
            message = f"the sparsity regularizer of {side} embeddings has weight 0, so they become dense"
            findings.add(Diagnostic("STG127", message, where, "write 3e-5, or leave the key out", severity="warning"))


def _check_asked(spec: Spec, table: LossTable, match: Match, path: KeyPath, findings: Findings) -> None:
    """Report keys of [loss] that have no effect on this loss or model type."""
    sparse = spec.model.type == "sparse"
    # fmt: off
    checks = (
        (table.regularize is not None and not sparse, "regularize", f"{spec.model.type} models have no sparsity to regularize", "leave it out"),
        (bool(table.matryoshka) and spec.model.type != "dense", "matryoshka", f"MatryoshkaLoss does not work for {spec.model.type} models", "leave it out"),
        (table.adaptive_layers and spec.model.type != "dense", "adaptive_layers", f"AdaptiveLayerLoss does not work for {spec.model.type} models", "leave it out"),
        (table.orthogonal is not None and spec.model.type != "dense", "orthogonal", f"{REGULARIZER} is for dense models", "leave it out"),
    )
    # fmt: on
    for wrong, key, message, advice in checks:
        if wrong:
            findings.add(Diagnostic(code="STG120", message=message, path=(*path, key), help=advice, about="key"))
    if sparse and table.regularize is False and not table.custom:
        message = f"{match.loss.name} stands inside {match.wrapper.name if match.wrapper else 'nothing'}"
        findings.add(Diagnostic("STG120", message, (*path, "regularize"), "leave it out", about="key"))
    if sparse and (weights := regularize_of(table)):
        _check_regularizers(spec, table, match, path, findings)
        _check_weights(spec, weights, match, path, findings)
    if table.guide is not None and table.guide == spec.model.base:
        message = "the guide is the model in training: it would mask nearly every hard negative"
        findings.add(Diagnostic("STG121", message, (*path, "guide"), "name another model, best a stronger one"))
