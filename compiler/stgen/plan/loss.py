"""Plans the loss: Match -> the expression that builds it in train.py, and what that expression needs."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.language.facts import processes, set_name, wanted_modifier
from stgen.language.paths import Place, model_location
from stgen.language.spec import Loss as LossTable
from stgen.language.spec import Spec
from stgen.match.custom import ALIAS
from stgen.match.matching import Match
from stgen.match.own_files import custom_class, is_name
from stgen.plan.decide import decide
from stgen.plan.model import LABELS
from stgen.plan.parameters import expressions
from stgen.plan.plan import CustomLoss, LossPlan, named
from stgen.rules.decisions import GATHER
from stgen.rules.row import Loss
from stgen.rules.tables import BY_NAME, MODIFIERS, REGULARIZER
from stgen.rules.taken_names import OF_MODULES
from stgen.values.expressions import Call, Expression, Name

MODEL = Name("encoder")
"""What train.py calls the model."""

# Weights of the SPLADE recipes in the library's examples: queries are kept sparser than documents.
QUERY_WEIGHT = 5e-5
DOCUMENT_WEIGHT = 3e-5


def plan_loss(
    spec: Spec, index: int, match: Match, place: Place, columns: tuple[str, ...], findings: Findings
) -> LossPlan:
    """Build the plan of the loss of data set `index`; `columns` are those that it gets."""
    table, path = _table(spec, index)
    _check_asked(spec, table, match, path, findings)
    if match.loss.alias == ALIAS:
        expression: Expression = Call(match.loss.name, (MODEL,), _own_params(table, path, findings))
    else:
        expression = _from_tables(spec, index, table, match, path, findings)
    if table.orthogonal is not None:
        expression = Call("RegularizedLoss", (MODEL, expression), {"weight": table.orthogonal})
    return LossPlan(
        name=match.loss.name,
        expression=expression,
        why=match.why,
        source=match.loss.source,
        guide=None if table.guide is None else model_location(table.guide, place),
        custom=_custom(table, columns) if table.custom else None,
        regularized=table.orthogonal is not None,
        same_width=match.loss.objective == "vectors" and "projection_dim" not in table.params,
        candidates=match.candidates,
        conversions=tuple(row.name for row in match.way.rows),
    )


def _from_tables(
    spec: Spec, index: int, table: LossTable, match: Match, path: KeyPath, findings: Findings
) -> Expression:
    """A loss of the library, with the wrapper or the modifier around it."""
    name = set_name(spec, index)
    rows = [match.loss] + ([match.wrapper] if match.wrapper else [])
    modifier = wanted_modifier(table)
    if modifier and spec.model.type == "dense":
        rows.append(BY_NAME["dense", MODIFIERS[modifier]])
    given = expressions(table.params, tuple(rows), (*path, "params"), findings)
    expression: Expression = Call(
        f"{match.loss.alias}.{match.loss.name}",
        _positional(match.loss, name),
        _keywords(match.loss, given[match.loss.name], processes(spec), name),
    )
    if match.wrapper:
        expression = _wrapped(match.wrapper, expression, table, given[match.wrapper.name], spec)
    if modifier and spec.model.type == "dense":
        expression = _modified(BY_NAME["dense", MODIFIERS[modifier]], expression, table, given)
    return expression


def _own_params(table: LossTable, path: KeyPath, findings: Findings) -> dict[str, Expression]:
    """What the spec passes to a loss of the user's own: values as they stand, since nobody knows its signature."""
    for name in table.params:
        if not _can_be_passed(name):
            message = f"{name!r} can't be the name of an argument of a loss"
            findings.add(Diagnostic("STG107", message, (*path, "params", name), about="key"))
    return {name: value for name, value in table.params.items() if _can_be_passed(name)}


def _can_be_passed(name: str) -> bool:
    """Whether a loss can take an argument of this name and keep it under it."""
    return is_name(name) and name not in OF_MODULES and not name.startswith("__")


def _custom(table: LossTable, columns: tuple[str, ...]) -> CustomLoss:
    """What the skeleton of the user's own loss shows."""
    names = tuple(filter(_can_be_passed, table.params))
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


def _keywords(row: Loss, given: dict[str, Expression], devices: int, name: str) -> dict[str, Expression]:
    if decide(GATHER, {"gathers": row.gathers, "devices": "many" if devices > 1 else "one"}).value:
        return {"gather_across_devices": True} | given
    if "classes" in row.needs and row.model == "dense":
        needed = {
            "embedding_dimension": Call("cast", (Name("int"), Call("encoder.get_embedding_dimension"))),
            "num_labels": Call("len", (Call(f"{named('data', name)}.class_names"),)),
        }
        return needed | given
    return given


def _wrapped(row: Loss, inner: Expression, table: LossTable, given: dict[str, Expression], spec: Spec) -> Expression:
    """A sparse loss inside SpladeLoss or CSRLoss."""
    arguments: dict[str, Expression] = {"loss": inner}
    if "weights" in row.needs:
        asked = table.regularize
        arguments["document_regularizer_weight"] = (
            DOCUMENT_WEIGHT if asked is None or asked.document is None else asked.document
        )
        if spec.model.architecture != "inference-free":
            arguments["query_regularizer_weight"] = (
                QUERY_WEIGHT if asked is None or asked.query is None else asked.query
            )
    return Call(f"{row.alias}.{row.name}", (MODEL,), arguments | given)


def _modified(row: Loss, inner: Expression, table: LossTable, given: dict[str, dict[str, Expression]]) -> Expression:
    arguments: dict[str, Expression] = {}
    if table.matryoshka:
        arguments["matryoshka_dims"] = list(table.matryoshka)
    return Call(f"{row.alias}.{row.name}", (MODEL, inner), arguments | given[row.name])


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
    if sparse and table.regularize is not None:
        sides = {"document": table.regularize.document, "query": table.regularize.query}
        for side, weight in sides.items():
            # The queries of an inference-free model are looked up: they are as sparse as their texts.
            if weight == 0 and not (side == "query" and spec.model.architecture == "inference-free"):
                message = f"the sparsity regularizer of {side} embeddings has weight 0, so they become dense"
                where = (*path, "regularize", side)
                findings.add(
                    Diagnostic("STG127", message, where, "write 3e-5, or leave the key out", severity="warning")
                )
    if table.guide is not None and table.guide == spec.model.base:
        message = "the guide is the model in training: it would mask nearly every hard negative"
        findings.add(Diagnostic("STG121", message, (*path, "guide"), "name another model, best a stronger one"))
