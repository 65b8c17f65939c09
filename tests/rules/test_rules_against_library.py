"""The rules tables held against the installed sentence-transformers, in both directions."""

from __future__ import annotations

import importlib
import inspect
import warnings
from types import ModuleType
from typing import Any

import pytest
from imported import imports_of
from stgen.diagnostics.codes import BY_CODE
from stgen.rules import tables
from stgen.rules.decisions import TABLES
from stgen.rules.loss_arguments import ARGUMENTS, argument_of
from stgen.rules.modules import PACKAGES
from stgen.rules.processes import EVENED, GATHERED
from stgen.rules.row import Loss, Parameter

pytest.importorskip("sentence_transformers")

torch = importlib.import_module("torch")

# Public names of the losses packages that are no losses.
NOT_LOSSES = {
    "dense": {
        "BatchHardTripletLossDistanceFunction",
        "ContrastiveTensionDataLoader",
        "SiameseDistanceMetric",
        "TripletDistanceMetric",
    },
    "cross-encoder": {
        "LambdaRankScheme",
        "NDCGLoss1Scheme",
        "NDCGLoss2PPScheme",
        "NDCGLoss2Scheme",
        "NoWeightingScheme",
        "PListMLELambdaWeight",
    },
    "sparse": set(),
    "multi-vector": set(),
}

# Rows of one model type for a loss of another type's package: the dense loss that sparse wrappers also take.
BORROWED = {("sparse", "ContrastiveLoss")}

# Parameters that `loss.params` doesn't offer, with the reason.
EXCLUDED = {
    "model": "the model that is trained",
    "loss": "the inner loss, which the tables choose",
    "guide": "[loss] guide",
    "matryoshka_dims": "[loss] matryoshka",
    "embedding_dimension": "the model knows it",
    "num_labels": "the data knows it",
    "document_regularizer_weight": "[loss] regularize",
    "query_regularizer_weight": "[loss] regularize",
    "document_regularizer": "takes code: a custom loss",
    "query_regularizer": "takes code: a custom loss",
}
EXCLUDED_HERE = {("SoftmaxLoss", "loss_fct"): "takes code: a custom loss"}

TYPES: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "bool": bool, "str": str}


def package(model: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGES[model]}.losses")


def resolve_alias(alias: str, model: str) -> Any:
    """What train.py imports under a name."""
    (one,) = (one for one in imports_of("imports/losses.py.j2", model) if one.known_as == alias)
    found = __import__(one.module, fromlist=[one.name])  # as `from module import name` does it: `name` may be a module
    return getattr(found, one.name) if one.name else found


def resolve(dotted: str, model: str) -> Any:
    """What a name of the tables is in the generated program, called where it ends in `()`."""
    alias, *parts = dotted.removesuffix("()").split(".")
    value = resolve_alias(alias, model)
    for part in parts:
        value = getattr(value, part)
    return value() if dotted.endswith("()") else value


def class_of(loss: Loss) -> type:
    return getattr(resolve_alias(loss.alias, loss.model), loss.name)


def signature(loss: Loss) -> dict[str, inspect.Parameter]:
    """The constructor's parameters; those of the class itself where the `deprecated` decorator hides them."""
    function = class_of(loss).__init__
    named = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
    parameters = inspect.signature(inspect.unwrap(function)).parameters
    return {name: item for name, item in parameters.items() if item.kind in named and name != "self"}


def same(ours: Any, theirs: Any) -> bool:
    """Equal, or two modules without state that print the same."""
    if isinstance(theirs, torch.nn.Module):
        return type(ours) is type(theirs) and repr(ours) == repr(theirs)
    return ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)


def default_of(parameter: Parameter, model: str) -> Any:
    if parameter.default is None or not parameter.names:
        return parameter.default
    return resolve(parameter.names[parameter.words.index(str(parameter.default))], model)


LOSS_IDS = [f"{loss.model}:{loss.name}" for loss in tables.LOSSES]
PARAMETERS = [(loss, parameter) for loss in tables.LOSSES for parameter in loss.parameters]
PARAMETER_IDS = [f"{loss.model}:{loss.name}:{parameter.name}" for loss, parameter in PARAMETERS]


@pytest.mark.parametrize("model", list(PACKAGES))
def test_each_public_loss_has_a_row_and_each_row_a_loss(model: str) -> None:
    public = set(package(model).__all__) - NOT_LOSSES[model]
    rows = {loss.name for loss in tables.LOSSES if loss.model == model and (model, loss.name) not in BORROWED}
    assert rows == public


@pytest.mark.parametrize("loss", tables.LOSSES, ids=LOSS_IDS)
def test_each_constructor_parameter_is_in_the_row_or_excluded(loss: Loss) -> None:
    theirs = set(signature(loss))
    excluded = {name for name in theirs if name in EXCLUDED or (loss.name, name) in EXCLUDED_HERE}
    ours = {parameter.name for parameter in loss.parameters}
    assert len(ours) == len(loss.parameters), "a parameter stands twice"
    assert not ours & excluded
    assert ours | excluded == theirs


def test_each_exclusion_is_of_use() -> None:
    names = {name for loss in tables.LOSSES for name in signature(loss)}
    assert set(EXCLUDED) <= names
    pairs = {(loss.name, name) for loss in tables.LOSSES for name in signature(loss)}
    assert set(EXCLUDED_HERE) <= pairs


@pytest.mark.parametrize(("loss", "parameter"), PARAMETERS, ids=PARAMETER_IDS)
def test_each_argument_is_decided_or_the_librarys_default_is_right(loss: Loss, parameter: Parameter) -> None:
    """Nothing is left to a default that nobody looked at: what isn't excluded above has a row that says why."""
    row = argument_of(loss.name, parameter.name)
    assert row is not None
    assert row.why.endswith(".")
    assert row.by == "default" or row.by in BY_CODE or row.by in {table.name for table in TABLES}


def test_each_row_about_an_argument_speaks_for_one() -> None:
    spoken = {id(argument_of(loss.name, parameter.name)) for loss, parameter in PARAMETERS}
    assert [row.name for row in ARGUMENTS if id(row) not in spoken] == []


@pytest.mark.parametrize(("loss", "parameter"), PARAMETERS, ids=PARAMETER_IDS)
def test_each_default_is_the_librarys(loss: Loss, parameter: Parameter) -> None:
    theirs = signature(loss)[parameter.name].default
    ours = default_of(parameter, loss.model)
    assert same(ours, theirs), f"{ours!r} here, {theirs!r} there"


@pytest.mark.parametrize(("loss", "parameter"), PARAMETERS, ids=PARAMETER_IDS)
def test_each_type_takes_its_default_and_agrees_with_the_annotation(loss: Loss, parameter: Parameter) -> None:
    base, _, none = parameter.type.partition(" | ")
    annotation = str(signature(loss)[parameter.name].annotation)
    if parameter.default is None:
        assert none == "None"
    elif base in TYPES:
        assert isinstance(parameter.default, TYPES[base])
    if base in ("int", "bool", "str"):
        assert annotation.split(" ")[0] == base
    if none and annotation != str(inspect.Parameter.empty):
        assert "None" in annotation
    if base in ("choice", "choices") and "Literal[" in annotation:
        legal = annotation.partition("Literal[")[2].partition("]")[0]
        assert {f"'{word}'" for word in parameter.words} == {
            part.strip().replace('"', "'") for part in legal.split(",") if part.strip()
        }


@pytest.mark.parametrize(
    ("loss", "parameter"),
    [(loss, parameter) for loss, parameter in PARAMETERS if parameter.names],
    ids=[name for name, (_, parameter) in zip(PARAMETER_IDS, PARAMETERS, strict=True) if parameter.names],
)
def test_each_word_names_something_callable(loss: Loss, parameter: Parameter) -> None:
    assert len(parameter.words) == len(parameter.names)
    values = [resolve(name, loss.model) for name in parameter.names]
    assert all(callable(value) for value in values)
    assert len({repr(value) for value in values}) == len(values)


@pytest.mark.parametrize("loss", tables.LOSSES, ids=LOSS_IDS)
def test_gathering_and_caching_agree_with_the_signature(loss: Loss) -> None:
    names = set(signature(loss))
    assert loss.gathers == ("gather_across_devices" in names)
    # A mini_batch_size that is not optional is GradCache; an optional one only bounds a forward pass.
    size = next((parameter for parameter in loss.parameters if parameter.name == "mini_batch_size"), None)
    assert loss.cached == (size is not None and size.type == "int")


@pytest.mark.parametrize("name", sorted({*GATHERED, *EVENED}))
def test_a_loss_of_several_processes_can_be_given_what_its_table_says(name: str) -> None:
    """One that is gathered for takes embeddings in place of texts; one that is weighed divides by what it counts."""
    for loss in (row for row in tables.LOSSES if row.name == name):
        if name in GATHERED:
            assert list(inspect.signature(class_of(loss).compute_loss_from_embeddings).parameters)[1:] == [
                "embeddings",
                "labels",
            ]
        else:
            source = inspect.getsource(class_of(loss).forward)
            assert (
                "loss.sum() / mask.sum()" in source or "masked_losses.sum() / max(masked_losses.numel(), 1)" in source
            )


@pytest.mark.parametrize("loss", tables.LOSSES, ids=LOSS_IDS)
def test_what_a_loss_needs_agrees_with_the_signature(loss: Loss) -> None:
    names = set(signature(loss))
    assert ("guide" in loss.needs) == ("guide" in names)
    assert ("inner" in loss.needs) == ("loss" in names)
    assert ("weights" in loss.needs) == ("document_regularizer_weight" in names)
    assert ("classes" in loss.needs) == ("num_labels" in names or loss.outputs == "classes")


@pytest.mark.parametrize("loss", tables.LOSSES, ids=LOSS_IDS)
def test_deprecated_losses_and_no_others_have_a_successor(loss: Loss) -> None:
    message = getattr(class_of(loss), "__deprecated__", None)
    assert bool(loss.successor) == bool(message)
    if not loss.successor:
        return
    successor = tables.BY_NAME[loss.model, loss.successor]
    taken = {parameter.name: parameter for parameter in successor.parameters}
    assert f"use {loss.successor} " in message
    for name, value in loss.successor_parameters:
        assert name in message
        words = value if isinstance(value, tuple) else (value,)
        assert set(words) <= set(taken[name].words)
    kept = {parameter.name for parameter in loss.parameters}
    assert kept <= set(taken), "a parameter of the deprecated loss would be lost"


def test_a_deprecated_loss_warns_when_it_is_made() -> None:
    for loss in tables.LOSSES:
        if not loss.successor:
            continue
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            class_of(loss)(torch.nn.Sequential(torch.nn.Identity()))
        assert any(loss.successor in str(item.message) for item in caught)


@pytest.mark.parametrize("loss", [loss for loss in tables.LOSSES if loss.wrapped_by], ids=lambda loss: loss.name)
def test_inner_losses_work_on_embeddings_and_wrappers_take_them(loss: Loss) -> None:
    assert hasattr(class_of(loss), "compute_loss_from_embeddings")
    for wrapper in loss.wrapped_by:
        assert "loss" in signature(tables.BY_NAME[loss.model, wrapper])
