"""Plans prompts: which texts are queries, and what is put before the texts of each side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.language.facts import (
    base_may_bring_prompts,
    prompts_of,
    routed,
    set_name,
)
from stgen.language.spec import Spec
from stgen.language.spec_model import Prompts
from stgen.match.columns import column_names
from stgen.match.matching import Match
from stgen.values.expressions import Call, Expression, Name

# fmt: off
SIDES = ("query", "document")
LABELS = ("label", "score", "scores")
QUERIES = ("anchor", "text_1")  # what is asked, or stands first; every other text is a document
SYMMETRIC = ("text-class", "duplicated-pair", "tension-pair", "n-texts", "n-texts-embedding")  # text_1 is no query: the same texts stand on all sides
# fmt: on


DEFAULT_PROMPT = Call("default_prompt", (Name("encoder"),))  # of a cross-encoder's base


def check_prompts(spec: Spec, findings: Findings) -> None:
    """STG120: a prompt that a cross-encoder has no place for."""
    asked: dict[KeyPath, Prompts | None] = {("model",): spec.model.prompts}
    asked |= {("data", index): data.prompts for index, data in enumerate(spec.data)}
    for path, given in asked.items():
        if spec.model.type == "cross-encoder" and given is not None and given.document:
            findings.add(
                Diagnostic(
                    code="STG120",
                    message="a cross-encoder reads query and document as one input, and has one prompt",
                    path=(*path, "prompts", "document"),
                    help="write what stands before both as `query`, and leave `document` out",
                    about="key",
                )
            )


def plan_prompts(spec: Spec, matches: tuple[Match, ...]) -> dict[str, str]:
    """The prompts of the saved model: an only data set's; else those of all sets, and under a set's name those of its own."""
    if not set_name(spec, 0):
        return set_prompts(spec, 0, format_of_sides(matches[0]))
    own = {
        f"{set_name(spec, index)}_{side}": text
        for index, data in enumerate(spec.data)
        if data.prompts
        for side in SIDES
        if (text := getattr(data.prompts, side))
    }
    shared = spec.model.prompts or Prompts.model_construct()
    # A cross-encoder puts its default prompt before all pairs: it must have one to be measured without.
    default = {"query": ""} if own and spec.model.type == "cross-encoder" else {}
    said = {side: text for side in SIDES if (text := getattr(shared, side))}
    return default | (_of_documents(said) if one_sided(spec, matches) else said) | own


def set_prompts(spec: Spec, index: int, format: str) -> dict[str, str]:
    """Side -> the prompt of a data set's texts. Where none of them is a query, all have that of documents on either side."""
    said = prompts_of(spec, index)
    return _of_documents(said) if has_no_queries(format) and spec.model.type != "cross-encoder" else said


def prompts_of_sets(spec: Spec, matches: tuple[Match, ...]) -> dict[str, dict[str, str]]:
    """Set name -> what stands before its texts while it is measured; empty where all sets have the model's prompts."""
    sides = ("query",) if spec.model.type == "cross-encoder" else SIDES
    found = {}
    for index, match in enumerate(matches):
        given = set_prompts(spec, index, format_of_sides(match))
        found[set_name(spec, index)] = {side: given.get(side, "") for side in sides}
    alike = all(given == next(iter(found.values())) for given in found.values())
    return {} if alike and all(data.prompts is None for data in spec.data) else found


def sets_of_documents(spec: Spec, matches: tuple[Match, ...]) -> tuple[str, ...]:
    """The sets without a query whose prompts their base decides on, where other sets have queries: theirs is that of documents."""
    if spec.model.type == "cross-encoder" or not base_may_bring_prompts(spec) or one_sided(spec, matches):
        return ()
    return tuple(set_name(spec, index) for index, match in enumerate(matches) if has_no_queries(format_of_sides(match)))


def one_sided(spec: Spec, matches: tuple[Match, ...]) -> bool:
    """Whether a model that tells queries from documents is trained on documents alone."""
    return spec.model.type != "cross-encoder" and all(has_no_queries(format_of_sides(match)) for match in matches)


def has_no_queries(format: str) -> bool:
    """Whether training reads all texts as documents: single texts, and pairs of equals."""
    return all(side_of(name, format) == "document" for name in column_names(format) if name not in LABELS)


def _of_documents(said: dict[str, str]) -> dict[str, str]:
    """The one prompt of texts that are no queries: that of documents, or the only one that the spec gives."""
    text = said.get("document") or said.get("query")
    return {"query": text, "document": text} if text else {}


def sided_of(spec: Spec, matches: tuple[Match, ...], prompts: dict[str, str]) -> Literal["no", "yes", "base"]:
    """Whether the trained model must be told which texts are queries."""
    if spec.model.type == "cross-encoder":
        return "no"
    if routed(spec):
        return "yes"
    if one_sided(spec, matches):
        return "no"
    return "base" if base_may_bring_prompts(spec) else "yes" if prompts else "no"


def default_prompt_of(spec: Spec, matches: tuple[Match, ...], prompts: dict[str, str]) -> str:
    """The prompt that encode() and predict() put before texts of which they don't know the side; "" for none."""
    if spec.model.type == "cross-encoder":
        return "query" if prompts else ""
    known = "document" in prompts or base_may_bring_prompts(spec)
    return "document" if known and one_sided(spec, matches) else ""


def arguments_of_sets(
    spec: Spec, matches: tuple[Match, ...], columns: tuple[tuple[str, ...], ...]
) -> dict[str, Expression]:
    """The training arguments of all data sets: what may differ among several stands under the name of each."""
    differ = any(data.prompts is not None for data in spec.data)
    arguments: dict[str, Expression] = {}
    for index, (match, names) in enumerate(zip(matches, columns, strict=True)):
        for key, value in model_arguments(spec, match, set_prompts(spec, index, format_of_sides(match)), names).items():
            by_set = differ or isinstance(value, Mapping) or (isinstance(value, Call) and value != DEFAULT_PROMPT)
            if (name := set_name(spec, index)) and by_set:
                arguments.setdefault(key, {})[name] = value
            else:
                arguments[key] = value
    return arguments


def model_arguments(
    spec: Spec, match: Match, prompts: dict[str, str], columns: tuple[str, ...]
) -> dict[str, Expression]:
    """Training arguments: the library applies prompts and routes by column, not by the model's own prompts."""
    sides = column_sides(match, columns)
    asked = base_may_bring_prompts(spec)
    if spec.model.type == "cross-encoder":
        return {"prompts": DEFAULT_PROMPT} if asked else {"prompts": prompts["query"]} if "query" in prompts else {}
    arguments: dict[str, Expression] = {"prompts": Call("column_prompts", (Name("encoder"), sides))} if asked else {}
    if applied := column_prompts(prompts, format_of_sides(match), tuple(sides)):
        arguments["prompts"] = applied
    if routed(spec):
        arguments["router_mapping"] = sides
    return arguments


def column_sides(match: Match, columns: tuple[str, ...]) -> dict[str, str]:
    """Column of texts -> whether it holds queries or documents."""
    return {name: side_of(name, format_of_sides(match)) for name in columns if name not in LABELS}


def column_prompts(prompts: dict[str, str], format: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Column of texts -> the prompt of its side, where that side has one."""
    return {name: prompts[side] for name in columns if (side := side_of(name, format)) in prompts}


def format_of_sides(match: Match) -> str:
    """The format that says which texts are queries: pairs of texts of one class are pairs of equals."""
    return match.format.name if match.format.name == "text-class" else match.trained_format.name


def side_of(column: str, format: str) -> str:
    """Whether a column of texts holds queries ("query") or documents ("document")."""
    return "query" if column in QUERIES and format not in SYMMETRIC else "document"
