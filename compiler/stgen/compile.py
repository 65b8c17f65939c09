"""The compiler as one pure function: a spec, and where its repo lies, in; the repo's files, or what is wrong, out."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings, few
from stgen.language.load import allowed, check
from stgen.language.paths import Place
from stgen.match.beside import profile_beside
from stgen.match.own_files import own_modules
from stgen.plan.plan import Plan
from stgen.plan.planning import plan
from stgen.render.tree import Tree
from stgen.source.source import Source, locate


def plan_source(source: Source, place: Place) -> tuple[Plan | None, list[Diagnostic]]:
    """Check a spec and decide everything. Returns the Plan (None after an error) and all findings, located."""
    spec, found = check(source)
    if spec is None:
        return None, locate(found, source)
    findings = Findings(list(found))
    profile = profile_beside(source, spec, findings)
    made = plan(spec, source, profile, place, findings)
    if made and not findings.failed and own_modules(spec):
        from stgen.render.clashes import find_clashes  # here, because few specs name something of their own

        findings.items += find_clashes(spec, made)
    left = locate(few(allowed(findings.items, spec)), source)
    return (None if findings.failed else made), left


def compile_source(source: Source, place: Place) -> tuple[Tree | None, list[Diagnostic]]:
    """Compile a spec. Returns the Tree, not yet formatted (None after an error), and all findings, located.

    Pure: looks at its arguments and at stgen's own templates, and at nothing else.
    """
    made, findings = plan_source(source, place)
    if made is None:
        return None, findings
    from stgen.render.rendered import render_text  # here, because who only validates doesn't wait for Jinja
    from stgen.render.rendering import render

    return render(made, render_text), findings
