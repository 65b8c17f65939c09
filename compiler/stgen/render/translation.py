"""Templates -> Python: Jinja reads a template, and what it read is written as a plain function, which needs no Jinja.

Templates use a small part of Jinja, and whatever lies beyond it is refused: TemplateError says what. A name that a
template doesn't see, and an attribute that a value doesn't have, end the rendering; nothing is ever printed for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import indent

from jinja2 import Environment, nodes
from jinja2.ext import Extension

from stgen.render.filters import FILTERS
from stgen.values.quoting import Verbatim

OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in"}
TESTS = {"none": "({} is None)", "string": "isinstance({}, str)"}
STEP = "    "
WRITING = frozenset(
    name for name, made in FILTERS.items() if getattr(made, "__annotations__", {}).get("return") == Verbatim.__name__
)
"""Filters that write in the target language: what they give is Verbatim, which no quoting would change."""


class TemplateError(ValueError):
    """A template uses what can't be translated. The message says what, and in which line."""


class LineStatements(Extension):
    """Turns each line that begins with `%%` into a block before Jinja reads it: a template stays readable as the file it makes.

    Jinja's own line statements swallow the blank lines after them.
    """

    statement = re.compile(r"^[ \t]*%% ?(.*)$", re.MULTILINE)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the text for Jinja; lines keep their numbers."""
        return self.statement.sub(r"{% \1 %}", source)


READER = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, extensions=[LineStatements])


def translated(source: str, name: str, function: str) -> str:
    """The text of a function that renders a template.

    Its arguments are the variables, what takes each piece of text, and what writes a value in the target language.
    """
    try:
        body = list(_body(READER.parse(source, name).body, frozenset()))
    except TemplateError as error:
        raise TemplateError(f"{name}, {error}") from None
    return f"def {function}(see, put, quote):\n{_inside(body)}"


def _body(found: Iterable[nodes.Node], own: frozenset[str]) -> Iterator[str]:
    """The statements for some nodes of a template; `own` are the names that are set in it."""
    for node in found:
        if isinstance(node, nodes.Output):
            yield from (_output(part, own) for part in node.nodes)
        elif isinstance(node, nodes.Assign):
            target = _names(node.target, own)
            yield f"{_target(node.target)} = {_value(node.node, own)}\n"
            own |= target
        elif isinstance(node, nodes.If):
            yield from _branches(node, own)
        elif isinstance(node, nodes.For):
            yield from _loop(node, own)
        elif isinstance(node, nodes.Include):
            yield f"templates[{_value(node.template, own)}]({_seen(own)}, put, quote)\n"
        else:
            raise _refused(node)


def _output(node: nodes.Node, own: frozenset[str]) -> str:
    if isinstance(node, nodes.TemplateData):
        return f"put({node.data!r})\n"
    return f"put({_value(node, own)})\n" if _is_written(node) else f"put(quote({_value(node, own)}))\n"


def _is_written(node: nodes.Node | None) -> bool:
    """Whether what an expression gives is in the target language already, whatever its values are."""
    if isinstance(node, nodes.CondExpr):
        return _is_written(node.expr1) and (node.expr2 is None or _is_written(node.expr2))
    return isinstance(node, nodes.Filter) and node.name in WRITING


def _block(head: str, found: Iterable[nodes.Node], own: frozenset[str]) -> str:
    return f"{head}:\n{_inside(_body(found, own))}"


def _inside(statements: Iterable[str]) -> str:
    return indent("".join(statements) or "pass\n", STEP)


def _branches(node: nodes.If, own: frozenset[str]) -> Iterator[str]:
    for word, branch in (("if", node), *(("elif", one) for one in node.elif_)):
        _refuse_assignments(branch.body)
        yield _block(f"{word} {_value(branch.test, own)}", branch.body, own)
    if node.else_:
        _refuse_assignments(node.else_)
        yield _block("else", node.else_, own)


def _refuse_assignments(found: list[nodes.Node]) -> None:
    """To Jinja a name that is set in a branch is set behind it too, where only a look at all branches tells what it is."""
    for node in found:
        if isinstance(node, nodes.Assign):
            raise _refused(node)


def _loop(node: nodes.For, own: frozenset[str]) -> Iterator[str]:
    if node.else_ or node.recursive:
        raise _refused(node)
    inside = own | _names(node.target, own)
    target, values = _target(node.target), _value(node.iter, own)
    if node.test:
        values = f"[{target} for {target} in {values} if {_value(node.test, inside)}]"
    if any(name.name == "loop" for one in node.body for name in one.find_all(nodes.Name)):
        inside, target, values = inside | {"loop"}, f"own_loop, {target}", f"looped({values})"
    yield _block(f"for {target} in {values}", node.body, inside)


def _names(target: nodes.Node, own: frozenset[str]) -> frozenset[str]:
    """The names that are set, none of which may be one that is set already: it would be another one afterwards."""
    found = target.items if isinstance(target, nodes.Tuple) else [target]
    names = frozenset(one.name for one in found if isinstance(one, nodes.Name))
    if len(names) < len(found) or names & own:
        raise _refused(target)
    return names


def _target(target: nodes.Node) -> str:
    if isinstance(target, nodes.Tuple):
        return f"({', '.join(_target(one) for one in target.items)})"
    return f"own_{target.name}" if isinstance(target, nodes.Name) else ""


def _seen(own: frozenset[str]) -> str:
    """What an included template sees: what this one sees, and the names that are set in it."""
    pairs = ", ".join(f"{name!r}: own_{name}" for name in sorted(own))
    return f"see | {{{pairs}}}" if own else "see"


# --- expressions ------------------------------------------------------------------------------------------------------


def _value(node: nodes.Node, own: frozenset[str]) -> str:
    """An expression of a template as one of Python."""

    def values(found: Iterable[nodes.Node]) -> str:
        return ", ".join(_value(one, own) for one in found)

    match node:
        case nodes.Const():
            return repr(node.value)
        case nodes.Name():
            return f"own_{node.name}" if node.name in own else f"see[{node.name!r}]"
        case nodes.Getattr():
            return f"attribute({_value(node.node, own)}, {node.attr!r})"
        case nodes.Getitem():
            return f"{_value(node.node, own)}[{_index(node.arg, own)}]"
        case nodes.Call() | nodes.Filter():
            return _call(node, own)
        case nodes.Concat():
            return f"joined(({values(node.nodes)},))"
        case nodes.CondExpr():
            otherwise = _value(node.expr2, own) if node.expr2 else "nothing"
            return f"({_value(node.expr1, own)} if {_value(node.test, own)} else {otherwise})"
        case nodes.Compare():
            others = (f" {OPERATORS[one.op]} {_value(one.expr, own)}" for one in node.ops)
            return f"({_value(node.expr, own)}{''.join(others)})"
        case nodes.BinExpr():
            return f"({_value(node.left, own)} {node.operator} {_value(node.right, own)})"
        case nodes.UnaryExpr():
            return f"({node.operator} {_value(node.node, own)})"
        case nodes.Test(name="none" | "string", node=inner, args=[]):
            return TESTS[node.name].format(_value(inner, own))
        case nodes.Tuple(ctx="load"):
            return f"({values(node.items)},)" if node.items else "()"
        case nodes.List():
            return f"[{values(node.items)}]"
        case nodes.Dict():
            return f"{{{', '.join(f'{_value(one.key, own)}: {_value(one.value, own)}' for one in node.items)}}}"
    raise _refused(node)


def _call(node: nodes.Call | nodes.Filter, own: frozenset[str]) -> str:
    arguments = [_value(one, own) for one in node.args]
    arguments += [f"{one.key}={_value(one.value, own)}" for one in node.kwargs]
    if node.dyn_args or node.dyn_kwargs:
        raise _refused(node)
    if isinstance(node, nodes.Call):
        return f"{_value(node.node, own)}({', '.join(arguments)})"
    if node.name not in FILTERS or node.node is None:
        raise _refused(node)
    return f"filters[{node.name!r}]({', '.join([_value(node.node, own), *arguments])})"


def _index(node: nodes.Node, own: frozenset[str]) -> str:
    if not isinstance(node, nodes.Slice):
        return _value(node, own)
    return ":".join(_value(one, own) if one else "" for one in (node.start, node.stop, node.step))


def _refused(node: nodes.Node) -> TemplateError:
    return TemplateError(f"line {node.lineno}: stgen's templates have no {type(node).__name__} like this one: {node!r}")
