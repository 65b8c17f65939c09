"""Looks at a Spec for what its types can't say: keys that exclude or need each other. A module a table is called from here.

Losses and data formats are the business of `match`.
"""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, few
from stgen.language.languages import bad_language
from stgen.language.semantics.data_sets import check_data, check_data_sets
from stgen.language.semantics.model import check_model
from stgen.language.semantics.named_models import check_models
from stgen.language.semantics.names import bad_name
from stgen.language.spec import Spec


def check_semantics(spec: Spec) -> list[Diagnostic]:
    """The findings of the rules that look at several keys at once. Pure: no file is looked at."""
    return few(_check(spec))


def _check(spec: Spec) -> Iterator[Diagnostic]:
    from stgen.language.semantics.leakage import check_leakage
    from stgen.language.semantics.run import check_run

    yield from _project(spec)
    yield from check_model(spec)
    yield from check_models(spec)
    yield from check_data_sets(spec)
    for index, data in enumerate(spec.data):
        yield from check_data(data, ("data", index))
    yield from check_leakage(spec)
    if any(data.streaming for data in spec.data):
        from stgen.language.semantics.streaming import check_streaming

        yield from check_streaming(spec)
    yield from check_run(spec)
    yield from _allow(spec)


def _project(spec: Spec) -> Iterator[Diagnostic]:
    if spec.project.name is not None and (reason := bad_name(spec.project.name)):
        yield Diagnostic("STG076", f"the project's name becomes a folder, and can't {reason}", ("project", "name"))
    for index, code in enumerate(spec.project.languages):
        yield from bad_language(code, ("project", "languages", index))


def _allow(spec: Spec) -> Iterator[Diagnostic]:
    places: list[tuple[KeyPath, list[str]]] = [(("allow",), spec.allow)]
    places += [(("data", index, "allow"), data.allow) for index, data in enumerate(spec.data)]
    for path, codes in places:
        for index, code in enumerate(codes):
            yield from _allowed_code(code, (*path, index))


def _allowed_code(code: str, path: KeyPath) -> Iterator[Diagnostic]:
    from stgen.diagnostics.codes import BY_CODE
    from stgen.diagnostics.suggest import closest

    row = BY_CODE.get(code)
    if row is None:
        near = closest(code, BY_CODE)
        yield Diagnostic("STG028", f"there is no code {code}", path, f"did you mean {near}?" if near else "")
    elif row.severity == "error":
        message = f"{code} is an error, and errors can't be allowed"
        yield Diagnostic("STG029", message, path, f"correct it: see `stgen explain {code}`")
