"""Plans the data: one data set of the spec and its match -> what data.py reads, and what the loss and evaluators get."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Literal

from stgen.language.facts import class_names
from stgen.language.paths import COMPRESSED, Place, from_repo, hub_source, reader, way_to_read
from stgen.language.sources import TEXTS, negatives_of, sources_of
from stgen.language.spec import Spec
from stgen.language.spec_data import Data, NegativeColumn
from stgen.match.columns import column_names
from stgen.match.matching import Match
from stgen.match.schema import Read, layout_of, lookups, schema_of
from stgen.plan.counts import anchors_measured, measured_rows, rows_of_file
from stgen.plan.parts import Context
from stgen.plan.plan import Decision
from stgen.plan.planned_data import SPLITS, CleanPlan, DataPlan, FileSource, HeldOut
from stgen.plan.splits import held_out, held_out_row, shares, source_of
from stgen.plan.steps import negatives_after
from stgen.rules.steps import BY_CONVERSION
from stgen.values.expressions import Call, Expression, Name

SURE = 1.96  # standard errors: 95 %
SPREAD = 0.1  # of the difference that training makes to one row: measured on medical questions, 0.05 to 0.11
GAIN_WHY = "a smaller gain could be chance, 19 times of 20, where the metric of single rows changes by a tenth"
TEXT = Call("Value", ("string",))
NUMBER = Call("Value", ("float64",))
WHOLE = Call("Value", ("int64",))
NUMBERS = Call("List", (NUMBER,))
VECTOR = Call("List", (Call("Value", ("float32",)),))
VARIETY = ("class", "binary", "score", "scores")  # labels that teach nothing when they are all the same
CHECKED = ("class", "binary")  # labels of which two can contradict each other


def plan_data(
    spec: Spec, index: int, match: Match, place: Place, rows_needed: int, prepared: bool, clean: CleanPlan | None
) -> DataPlan:
    """Plan how data set `index` is read, and which columns come of it."""
    data = spec.data[index]
    context = Context(spec, data, data.loss or spec.loss, match, place)
    schema = schema_of(data)
    layout = (
        {part: layout_of(data.retrieval)[part] for part in ("corpus", "queries", "qrels")} if data.retrieval else {}
    )
    files, hub = _sources(data, place)
    aside = spec.prepare is not None and spec.prepare.on_bad_row == "set-aside"
    names = class_names(data)
    label = match.format.label
    held = () if data.streaming else held_out(data, rows_of_file(spec, index, match))
    return DataPlan(
        name=data.name or "",
        title=data.name or _origin(data),
        credit={"name": data.name or _origin(data)} | ({"id": hub["train"]["path"]} if "train" in hub else {}),
        format=match.format.name,
        documented=match.format.documented,
        trained_format=match.trained_format.name,
        evaluated_format=match.evaluated_format.name,
        label=label,
        files=files,
        hub=hub,
        sources=_read_by(files, hub),
        columns=schema.columns,
        kept=schema.kept,
        spreads=schema.spread is not None,
        lookups=lookups(data),
        features={name: _type_of(column) for name, column in schema.names.items()},
        layout=layout,
        layout_types={column.name: type_of(column.take) for part in layout.values() for column in part.columns},
        class_names=names,
        prepared=prepared,
        held_out={one.split: one.amount for one in held},
        key=column_names(match.format.name)[0],
        key_after=_key_after(context),
        sets_aside=aside,
        numbers_classes=label == "class" and not names,
        numbering=_numbering(clean is not None and not data.streaming, aside),
        parts=_parts(data, match, spec, prepared, clean, held),
        checks=_checks(data, match, spec, bool(held) and not prepared),
        trained_columns=column_names(match.trained_format.name, negatives_after(data, context.table, match)),
        evaluated_columns=column_names(
            match.evaluated_format.name, negatives_after(data, context.table, match, evaluated=True)
        ),
        rows_needed=rows_needed,
    )


def _type_of(column: Read) -> Expression:
    """The type of a column in training."""
    if column.role in TEXTS:
        return Call("List", (TEXT,)) if column.role == "documents" else TEXT
    return type_of(column.take)


def type_of(take: Expression) -> Expression:
    """The type of a column in training, by what takes its values."""
    name, _, function = str(getattr(take, "dotted", getattr(take, "function", ""))).partition(".")
    if name == "classes":
        return {"Class": WHOLE, "class_list": Call("List", (TEXT,))}.get(function, TEXT)
    if name in ("texts", "binary"):
        return {"texts": Call("List", (TEXT,)), "Binary": NUMBER}.get(function, TEXT)
    if function == "Vectors":
        return VECTOR if take.args == (1,) else Call("List", (VECTOR,))
    return NUMBERS if function in ("numbers", "Numbers", "Probabilities") else NUMBER


def source_expression(file: FileSource) -> Expression:
    """What reads a file or a pattern of files in the generated repo."""
    read = Name(f"{file.module}.read")
    unpacked = {"opened": Name("compressed.opened")} if file.path.lower().endswith(COMPRESSED) else {}
    options = {**file.options, **unpacked}
    return Call("Files", (file.path, Call("partial", (read,), options) if options else read))


def _read_by(files: Mapping[str, FileSource], hub: Mapping[str, Mapping[str, str]]) -> dict[str, Expression]:
    """Split -> what reads its rows."""
    found = {name: source_expression(file) for name, file in files.items()}
    return found | {name: Call("Hub", (source,)) for name, source in hub.items()}


def _numbering(cleaned: bool, aside: bool) -> Literal["", "add", "drop"]:
    """Rows that are set aside are counted as they are read, and what is cleaned is called by its number."""
    if cleaned:
        return "" if aside else "add"
    return "drop" if aside else ""


def _key_after(context: Context) -> str:
    """The column that no two splits share after all steps; "" where there is none, or the texts of a row go separate ways."""
    templates = {BY_CONVERSION[row.name].template for row in context.match.way.rows}
    if "unroll_texts" in templates and context.match.format.name != "text-class":
        return ""
    if "damage" in templates:
        return "original"
    first = column_names(context.match.trained_format.name)[0]
    return first if first in column_names(context.match.evaluated_format.name) else ""  # classes are measured as such


def _parts(
    data: Data, match: Match, spec: Spec, prepared: bool, clean: CleanPlan | None, held: tuple[HeldOut, ...]
) -> tuple[str, ...]:
    """The templates of what data.py defines, in order."""
    numbered = match.format.label == "class" and not class_names(data)
    plain = "load/held_out" if held else "load/plain"
    found = ["load/prepared" if prepared else "load/streamed" if data.streaming else plain]
    found += [_hold_out(match), "seeded_hash"] if held else []
    found += ["read"]
    if data.retrieval:
        changed = clean is not None and clean.changes
        found += ["judged", "queries", "changed_corpus" if changed else "corpus"]
    elif numbered:
        found += ["rows_of_classes"]
    elif match.format.label == "probabilities" and not class_names(data):
        found += ["rows"]
    if checks := _checks(data, match, spec, bool(held) and not prepared):
        found += ["check"] + ["find_conflict"] * ("conflicts" in checks)
    if match.format.label == "class" and not numbered:
        found += ["classes"]
    if match.format.label == "probabilities":
        found += ["classes" if class_names(data) else "class_numbers", "likeliest"]
    return tuple(found)


def _hold_out(match: Match) -> str:
    """How rows are held out: those with classes so that some of a class are among them."""
    classes = match.format.name == match.evaluated_format.name == "text-class"
    return "hold_out_classes" if classes else "hold_out"


def _checks(data: Data, match: Match, spec: Spec, counted: bool) -> tuple[str, ...]:
    """What is looked for in the training rows as a whole; whether they are `enough`, where nobody counts them afterwards."""
    if data.streaming:
        return ()
    label = match.format.label
    found = ["enough"] if match.format.name == match.trained_format.name and not counted else []
    found += ["conflicts"] if label in CHECKED and not _removes_conflicts(spec) else []
    return (*found, *((label,) if label in VARIETY else ()))


def _removes_conflicts(spec: Spec) -> bool:
    return bool(spec.prepare and spec.prepare.deduplicate and spec.prepare.deduplicate.exact)


def _origin(data: Data) -> str:
    """Where the training rows come from: the name of the file, or of the data set on the hub."""
    train = data.train or (data.retrieval.corpus if data.retrieval else "")
    return re.split("[@#]", train)[0].removeprefix("hf://") if train.startswith("hf://") else train.rpartition("/")[2]


def explain_splits(spec: Spec, match: Match, of: str = "") -> tuple[Decision, ...]:
    """Say what was decided about rows to evaluate on, where the spec is silent; `of` names one of several sets."""
    data, found = spec.data[match.index], []
    rows = rows_of_file(spec, match.index, match)
    test, evaluated = shares(rows)
    row = held_out_row(rows)
    named = source_of(data, "eval")
    if data.test is None and source_of(data, "test") is None and named is not None:
        why = "the spec names no test rows, so the eval rows serve as both; since they also select the checkpoint, test metrics are biased upwards"
        found.append(Decision(f"test rows{of}", named, why, "[[data]] test"))
    elif data.test is None and source_of(data, "test") is None:
        why = "the spec names no test rows, and without them no improvement can be measured"
        found.append(Decision(f"test rows{of}", _share(test), f"{why}. {row.why}", "[[data]] test"))
    if data.eval is None and named is None:
        why = "the spec names no eval rows; they select the best checkpoint"
        found.append(Decision(f"eval rows{of}", _share(evaluated), why, "[[data]] eval"))
    if tested := measured_rows(spec, match.index, match, "test"):
        asked = anchors_measured(spec, match, tested)
        why = f"{tested:,} test rows{f' of some {asked:,} queries' if asked < tested else ''}: {GAIN_WHY}"
        tested = asked
        found.append(Decision(f"gain that the test shows{of}", f"{100 * gain_shown(tested):.1f} points", why))
    return tuple(found)


def gain_shown(rows: int) -> float:
    """The least gain of a metric between 0 and 1 that so many test rows tell from chance, 19 times of 20."""
    return SURE * SPREAD / math.sqrt(rows)


def _share(amount: float) -> str:
    return f"{amount:.0%} of train" if amount < 1 else f"{amount:,.0f} rows of train"


def explain_lists(data: Data, of: str = "") -> tuple[Decision, ...]:
    """Say how many negatives of a list a row gets, where the spec is silent."""
    columns = data.columns
    if columns is None or (isinstance(columns.negative, NegativeColumn) and columns.negative.count):
        return ()
    lists = [source.name for source in sources_of(columns, "negative") if source.within]
    if not lists:
        return ()
    why = f"every row has as many columns, and the spec doesn't say how many of `{lists[0]}` are taken: the first, and where a row has fewer, its own again"
    return (Decision(f"negatives a row{of}", str(negatives_of(columns)), why, "[[data]] columns.negative.count"),)


def _sources(data: Data, place: Place) -> tuple[dict[str, FileSource], dict[str, dict[str, str]]]:
    files: dict[str, FileSource] = {}
    hub: dict[str, dict[str, str]] = {}
    named = {split: source_of(data, split) for split in SPLITS}
    if data.test is None and named["test"] is None:
        named["test"] = named["eval"]
    if data.retrieval is not None:
        named |= {"queries": data.retrieval.queries, "corpus": data.retrieval.corpus}
    named |= {name.lower(): item.file for name, item in lookups(data).items()}
    for name, text in named.items():
        if text is None:
            continue
        if data.retrieval is not None and data.retrieval.trec and name in SPLITS:
            files[name] = FileSource("trec", from_repo(text, place), {})
        elif source := hub_source(text):
            hub[name] = source
        elif found := reader(text):
            written = data.file if data.retrieval is None and name in SPLITS else None
            module, options = way_to_read(found, written)
            files[name] = FileSource(module, from_repo(text, place), options)
    return files, hub
