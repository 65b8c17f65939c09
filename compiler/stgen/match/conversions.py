"""Checks what a spec says about the conversions that its data goes through: a match -> diagnostics."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.facts import architecture, class_names
from stgen.language.spec import Spec
from stgen.language.spec_data import Data, ScoreColumn
from stgen.language.spec_model import Conversion, Mine
from stgen.language.spec_model import Loss as LossTable
from stgen.match.matching import Match
from stgen.match.reach import is_about
from stgen.match.teaching import check_teacher
from stgen.rules.row import ConversionRow
from stgen.values.quoting import toml
from stgen.values.record import Record

OPTIONS = ("mine", "threshold", "rows", "negatives", "positive")
# fmt: off
USES: dict[str, tuple[str, ...]] = {  # template -> the options that it looks at
    "mine": ("mine",), "threshold": ("threshold",), "sample_classes": ("rows",), "group": ("negatives",), "entailment": ("positive",),
}
# fmt: on


class Asked(Record):
    """An element of `convert` and where it stands."""

    item: Conversion
    path: KeyPath


def check_conversions(spec: Spec, index: int, match: Match) -> list[Diagnostic]:
    """All that is wrong with the options of the conversions of data set `index`."""
    data = spec.data[index]
    table = data.loss or spec.loss
    path: KeyPath = ("data", index, "loss") if data.loss else ("loss",)
    asked = _asked(table, path)
    found = [*check_teacher(table, match, spec, path)]
    for row in match.way.rows:
        found += _lacking(row, next((one for one in asked if is_about(one.item, row, table)), None), table, path)
    for one in asked:
        found += _useless(one, [row for row in match.way.rows if is_about(one.item, row, table)])
        if one.item.threshold is not None:
            found += _threshold(one, match, data)
        if one.item.positive is not None:
            found += _positive(one.item.positive, data, (*one.path, "positive"))
        if one.item.mine is not None:
            found += _mining(one.item.mine, spec, (*one.path, "mine"))
            if table.teacher is None:
                found += _own_scores(one, (*one.path, "mine"))
    return found


def _asked(table: LossTable, path: KeyPath) -> list[Asked]:
    items = enumerate([] if isinstance(table.convert, str) else table.convert)
    return [Asked(item, (*path, "convert", place)) for place, item in items if isinstance(item, Conversion)]


def _lacking(row: ConversionRow, asked: Asked | None, table: LossTable, path: KeyPath) -> Iterator[Diagnostic]:
    """STG112 and STG113: a conversion on the way lacks what it has no default for."""
    for need in row.needs:
        if need == "teacher" and table.teacher is None:
            yield Diagnostic(
                "STG113",
                f"the conversion to {row.target} needs a teacher, and the spec names none",
                asked.path if asked else (*path, "convert"),
                'add teacher = "..." beside `convert`: a hub id or a folder',
                (f"it loses {row.loses}",),
            )
        elif need != "teacher" and (asked is None or getattr(asked.item, need) is None):
            yield Diagnostic(
                "STG112",
                f"the conversion to {row.target} needs `{need}`, and the spec doesn't say it",
                asked.path if asked else (*path, "convert"),
                f"write {row.consent}",
                (f"it loses {row.loses}",),
            )


def _useless(asked: Asked, rows: list[ConversionRow]) -> Iterator[Diagnostic]:
    """STG114: an option without effect."""
    uses = {option for row in rows for option in _uses(row)}
    for key in OPTIONS:
        if getattr(asked.item, key) is None or key in uses:
            continue
        reason = f"the data reaches {asked.item.to} without it" if rows else f"the data doesn't pass {asked.item.to}"
        yield Diagnostic("STG114", f"`{key}` has no effect: {reason}", (*asked.path, key), "leave it out", about="key")


def _uses(row: ConversionRow) -> tuple[str, ...]:
    """The options that a conversion looks at."""
    if row.template == "group" and (row.source != "list" or not row.target.startswith("n-tuple")):
        return ()
    return () if row.template == "entailment" and row.target == "pair-score" else USES.get(row.template, ())


def _threshold(asked: Asked, match: Match, data: Data) -> Iterator[Diagnostic]:
    """STG115: all scores lie on one side of the threshold."""
    if match.format.name != "pair-score" or data.columns is None:
        return
    column = data.columns.score
    low, high = (column.min, column.max) if isinstance(column, ScoreColumn) else (0.0, 1.0)
    threshold = asked.item.threshold
    if threshold is None or low < threshold <= high:
        return
    side = "positive" if threshold <= low else "negative"
    yield Diagnostic(
        "STG115",
        f"with the threshold {threshold:g} every pair is {side}: scores are declared {low:g} to {high:g}",
        (*asked.path, "threshold"),
        f"write a number above {low:g} and up to {high:g}; a pair is positive from it on",
    )


def _positive(said: str | list[str], data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    """STG131: classes that the spec doesn't declare, or all of them."""
    names, asked = class_names(data), [said] if isinstance(said, str) else said
    unknown = [name for name in asked if name not in names]
    if not names:
        hint = f'declare them: class = {{ column = "label", names = [{toml(asked[0] if asked else "same")}, ...] }}'
        yield Diagnostic("STG131", "the spec doesn't say which classes there are", path, hint)
    elif unknown:
        yield Diagnostic(
            "STG131", f"no class is called {toml(unknown[0])}", path, f"the classes are {', '.join(names)}"
        )
    elif not asked or set(asked) == set(names):
        which = "every" if asked else "no"
        hint = "name those whose pairs belong together, and leave out those whose pairs don't"
        yield Diagnostic("STG131", f"{which} class is positive: there is nothing to tell apart", path, hint)


def _mining(mine: Mine, spec: Spec, path: KeyPath) -> Iterator[Diagnostic]:
    """STG116: no model to search with. STG118: mining options that contradict each other, or have no effect."""
    if mine.model is None and (spec.model.type != "dense" or architecture(spec) != "transformer"):
        kind = f"a {architecture(spec) if spec.model.type == 'dense' else spec.model.type} model"
        yield Diagnostic(
            "STG116",
            f"{kind} can't search for hard negatives before it is trained",
            path,
            'add model = "sentence-transformers/all-MiniLM-L6-v2", or another dense model that knows these texts',
        )
    if mine.range_max is not None and mine.range_max - mine.range_min < mine.negatives:
        yield Diagnostic(
            "STG118",
            f"{mine.negatives} negatives can't be taken from ranks {mine.range_min} to {mine.range_max}",
            (*path, "range_max"),
            f"write range_max = {mine.range_min + 10 * mine.negatives}, or fewer negatives",
        )
    if mine.min_score is not None and mine.max_score is not None and mine.min_score >= mine.max_score:
        yield Diagnostic(
            "STG118", "no score lies between min_score and max_score", (*path, "min_score"), "exchange the two"
        )
    bounds = (mine.margin, mine.relative_margin, mine.min_score, mine.max_score)
    if mine.cross_encoder is not None and all(bound is None for bound in bounds):
        yield Diagnostic(
            "STG118",
            "the cross-encoder would not be used: there is no margin and no bound of scores to hold candidates against",
            (*path, "cross_encoder"),
            "add relative_margin = 0.05, or leave cross_encoder out",
            ("the library then silently ignores it",),
        )


def _own_scores(asked: Asked, path: KeyPath) -> Iterator[Diagnostic]:
    """STG116: scores to imitate that the trained model would give itself."""
    mine = asked.item.mine
    if mine is not None and asked.item.to.endswith("-scores") and mine.model is None and mine.cross_encoder is None:
        yield Diagnostic(
            "STG116",
            "the negatives would get the scores of the model that is trained: it would distill itself",
            path,
            'add model = "sentence-transformers/all-mpnet-base-v2", or a cross_encoder that scores what is found',
        )
