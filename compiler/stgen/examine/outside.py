"""Keeps what stands in files outside of a spec's tree out of findings: a stranger's spec may name any file of the machine as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stgen.diagnostics.codes import BY_CODE
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.rows.survey import Survey
from stgen.source.tree import is_within

HELP = "--allow-outside shows the whole finding, which may quote the file; so does a copy of it within the project"
WHY = "nothing is quoted of a file outside of the spec's git repository (or folder): the spec may be a stranger's"


def are_outside(paths: Iterable[str], tree: str | None) -> bool:
    """Whether any of the paths, links resolved, leads out of a tree; None stands for all of the machine."""
    return tree is not None and not all(is_within(path, tree) for path in paths)


def unquoted(item: Diagnostic, shown: str) -> Diagnostic:
    """A finding about a file that says no more than what kind of finding it is."""
    return item.replaced(message=f"{BY_CODE[item.code].title}: {shown}", help=HELP, notes=(WHY,))


def as_allowed(found: Iterable[Diagnostic], *surveys: Survey) -> Iterator[Diagnostic]:
    """Findings about rows, with what they quote where all the rows are the author's."""
    outside = next((survey for survey in surveys if survey.outside), None)
    for item in found:
        yield unquoted(item, outside.shown) if outside else item
