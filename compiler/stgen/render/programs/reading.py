"""Which fragments reading.py is made of: Plan -> ReadingProgram. Their text stands in the templates."""

from __future__ import annotations

from stgen.plan.plan import Plan
from stgen.render.programs.fragments import those
from stgen.values.expressions import Call, Expression, Name
from stgen.values.globbing import is_pattern
from stgen.values.record import Record


class ReadingProgram(Record):
    """What reading.py must be able to do, and the fragments in `templates/reading/` that do it."""

    sources: tuple[str, ...]  # where rows come from
    source: str  # the type of those
    hub: bool
    way: str  # "kept": what was read is taken from a cache; "afresh": prepare.py runs once, and keeps its rows itself
    kept: bool
    faulty: str  # what becomes of rows that break the contract: "stop" or "set_aside"
    sets_aside: bool
    lists: bool  # whether rows have lists of texts
    rules: bool  # whether several columns must keep something together
    judged: Expression  # what holds a batch against the contract
    streamed: Expression  # the same, for a stream


def reading_program(plan: Plan) -> ReadingProgram:
    """Choose the fragments of a plan's reading.py."""
    sets = [one.data for one in plan.sets]
    paths = [file.path for data in sets for file in data.files.values()]
    paths += [path for task in (plan.mteb.local if plan.mteb else ()) for path in task.paths]
    hub = any(data.hub for data in sets)
    patterns = any(map(is_pattern, paths))
    sources = those({"files": patterns, "paths": paths and not patterns, "hub": hub, "either": paths and hub})
    rules = any("rules" in data.kept or any(part.rules for part in data.layout.values()) for data in sets)
    kept = not all(data.prepared for data in sets)
    return ReadingProgram(
        sources=sources,
        source="Source" if "either" in sources else "Hub" if hub else "Files",
        hub=hub,
        way="kept" if kept else "afresh",
        kept=kept,
        faulty="set_aside" if sets[0].sets_aside else "stop",
        sets_aside=sets[0].sets_aside,
        lists=any(data.spreads for data in sets),
        rules=rules,
        judged=_judged(rules, "schema"),
        streamed=_judged(rules, "data.SCHEMA"),
    )


def _judged(rules: bool, schema: str) -> Expression:
    given = (Name("batch"), Name("columns"))
    return Call("check_rows", (*given, Name(f"{schema}.rules"))) if rules else Call("check_columns", given)
