"""Holds `loss.params` against the rows of a loss, and turns what a spec writes into expressions of the program."""

from __future__ import annotations

from typing import Any

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.diagnostics.suggest import closest
from stgen.rules.row import Loss, Parameter
from stgen.values.expressions import Call, Expression, Name

# fmt: off
TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,), "float": (int, float), "bool": (bool,), "str": (str,), "tensor": (int, float), "choice": (str,),
}
LISTS: dict[str, str] = {"ints": "int", "floats": "float", "choices": "choice"}
WORDS: dict[str, str] = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "str": "a string", "tensor": "a number",
    "choice": "one of these words", "ints": "a list of whole numbers", "floats": "a list of numbers", "choices": "a list of these words",
}
# fmt: on


def expressions(
    params: dict[str, Any], rows: tuple[Loss, ...], path: KeyPath, findings: Findings
) -> dict[str, dict[str, Expression]]:
    """Return, for each loss of `rows` by name, the keyword arguments that the spec sets.

    A parameter goes to the first row that has it: the main loss before its wrapper. Reports STG107 and STG108.
    """
    given: dict[str, dict[str, Expression]] = {row.name: {} for row in rows}
    for name, value in params.items():
        where = (*path, name)
        holder = next((row for row in rows if any(p.name == name for p in row.parameters)), None)
        if holder is None:
            findings.add(_unknown(name, rows, where))
            continue
        parameter = next(p for p in holder.parameters if p.name == name)
        if fault := _fault(parameter, value):
            findings.add(Diagnostic(code="STG108", message=f"`{name}` of {holder.name} {fault}", path=where))
            continue
        given[holder.name][name] = _expression(parameter, value)
    return given


def _fault(parameter: Parameter, value: Any) -> str:
    """What is wrong with a value, or "". TOML has no null, so a parameter that takes None is simply left out."""
    kind = parameter.type.removesuffix(" | None")
    if kind in LISTS:
        if not isinstance(value, list) or not value:
            return f"must be {WORDS[kind]}{_words(parameter)}, and is {value!r}"
        return next((fault for item in value if (fault := _item_fault(parameter, LISTS[kind], item))), "")
    return _item_fault(parameter, kind, value)


def _item_fault(parameter: Parameter, kind: str, value: Any) -> str:
    wrong = not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "bool")
    if wrong or (kind == "choice" and value not in parameter.words):
        return f"must be {WORDS[kind]}{_words(parameter)}, and is {value!r}"
    if kind not in ("int", "float", "tensor"):
        return ""
    if value != value or value in (float("inf"), float("-inf")):
        return f"must be a finite number, and is {value}"
    if parameter.above is not None and value <= parameter.above:
        return f"must be above {parameter.above:g}, and is {value}"
    if parameter.at_least is not None and value < parameter.at_least:
        return f"must be at least {parameter.at_least:g}, and is {value}"
    if parameter.at_most is not None and value > parameter.at_most:
        return f"must be at most {parameter.at_most:g}, and is {value}"
    return ""


def _words(parameter: Parameter) -> str:
    return f" ({', '.join(parameter.words)})" if parameter.words else ""


def _expression(parameter: Parameter, value: Any) -> Expression:
    kind = parameter.type.removesuffix(" | None")
    if kind == "choice":
        return _word(parameter, value)
    if kind == "choices":
        return tuple(_word(parameter, item) for item in value)
    if kind == "tensor":
        return Call("torch.tensor", (float(value),))
    return float(value) if kind == "float" else value


def _word(parameter: Parameter, word: str) -> Expression:
    if not parameter.names:
        return word
    name = parameter.names[parameter.words.index(word)]
    return Call(name[:-2]) if name.endswith("()") else Name(name)


def _unknown(name: str, rows: tuple[Loss, ...], path: KeyPath) -> Diagnostic:
    known = [parameter.name for row in rows for parameter in row.parameters]
    guess = closest(name, known)
    losses = " and ".join(row.name for row in rows)
    listed = f"it takes {', '.join(known)}" if known else "it takes none"
    return Diagnostic(
        code="STG107",
        message=f"{losses} has no parameter `{name}`",
        path=path,
        about="key",
        help=f"did you mean `{guess}`?" if guess else listed,
    )
