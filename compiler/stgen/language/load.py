"""The front end in one call: from a path to a checked Spec, or to everything that is wrong with it, each with its place."""

from __future__ import annotations

from typing import BinaryIO

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.spec import Spec
from stgen.source.source import Source, locate, read

__all__ = ["load", "locate"]


def load(path: str, stdin: BinaryIO | None = None) -> tuple[Spec | None, Source | None, list[Diagnostic]]:
    """Read and check a spec; `-` reads `stdin`.

    Returns the Spec (None when there is an error), the Source (None when the file can't be read or parsed) and all
    findings, located, those aside that the spec allows. Later passes send theirs through `locate(findings, source)`.
    """
    source, findings = read(path, stdin)
    if source is None:
        return None, None, findings
    spec, findings = check(source)
    return spec, source, locate(findings, source)


def check(source: Source) -> tuple[Spec | None, list[Diagnostic]]:
    """The Spec of a Source and all findings, without their places. Pure: looks at nothing but the Source."""
    from stgen.language.semantics.checking import check_semantics
    from stgen.language.unbuilt import unbuilt
    from stgen.language.validate import salvage, validate

    spec, wrong = validate(source.data, source.kind)
    # What is left of an invalid spec is looked at too, so that one run says all; but not where it was cut.
    looked_at = spec or salvage(source.data, wrong, source.kind)
    further = check_semantics(looked_at) if looked_at else []
    if wrong:
        further = [item for item in further if not any(_touch(item.path, cut.path) for cut in wrong)]
    further += [item for item in unbuilt(source.data) if not any(item.path == cut.path for cut in wrong)]
    if any(item.severity == "error" for item in (*wrong, *further)):
        return None, wrong + (allowed(further, looked_at) if looked_at else further)
    return spec, allowed(further, looked_at) if looked_at else further


def allowed(findings: list[Diagnostic], spec: Spec) -> list[Diagnostic]:
    """The findings without those that the spec's author accepts. Errors stay."""
    codes = set(spec.allow)
    by_set = {index: set(data.allow) for index, data in enumerate(spec.data) if data.allow}
    if not codes and not by_set:
        return findings
    return [item for item in findings if item.severity == "error" or item.code not in codes | _of_set(item, by_set)]


def _of_set(item: Diagnostic, by_set: dict[int, set[str]]) -> set[str]:
    if len(item.path) > 1 and item.path[0] == "data" and isinstance(item.path[1], int):
        return by_set.get(item.path[1], set())
    return set()


def _touch(path: KeyPath, cut: KeyPath) -> bool:
    """Whether one of two key paths lies within the other."""
    return path[: len(cut)] == cut[: len(path)]
