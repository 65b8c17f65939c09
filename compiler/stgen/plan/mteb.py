"""Plans MTEB: [metrics.mteb] -> the tasks that are measured, from the hub and from the user's own files."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath
from stgen.diagnostics.suggest import closest
from stgen.language.paths import Place, from_repo, reader
from stgen.language.spec import Spec
from stgen.language.spec_results import Mteb, MtebLocal
from stgen.match.schema import Read, Schema
from stgen.plan.data import WHOLE, source_expression, type_of
from stgen.plan.planned_data import FileSource
from stgen.plan.planned_measures import MtebLocalPlan, MtebPlan
from stgen.rules.mteb import BY_NAME, LANGUAGES, TYPES, WRAPPERS, TaskType
from stgen.rules.pins import MTEB
from stgen.values.expressions import Call, Expression, Name

UNKNOWN_LANGUAGE = "eng-Latn"
"""What a local task says of a language that the table lacks: MTEB wants one, and shows it in results only."""

# fmt: off
TAKES: dict[str, Expression] = {  # column of a task -> what takes its values
    **dict.fromkeys(("sentence1", "sentence2", "text", "query", "instruction", "sentences"), Name("texts.text")),
    **dict.fromkeys(("human_summaries", "machine_summaries", "documents"), Name("texts.texts")),
    **dict.fromkeys(("relevance", "scores"), Name("numbers.numbers")), **dict.fromkeys(("score", "value"), Name("numbers.number")),
    "id": Name("texts.identifier"), "label": Name("classes.class_name"), "labels": Name("classes.class_name"),
}
OTHERS: dict[tuple[str, str], Expression] = {  # type of a task, column -> the same where another type has a column of that name
    ("PairClassification", "labels"): Call("binary.Binary", (), {"positive": [1], "negative": [0]}),
    ("MultilabelClassification", "label"): Name("classes.class_list"),
}
BEIR: dict[str, Schema] = {  # file of a search -> what is read of it; of the queries the spec says so
    "corpus": Schema((Read("id", "id", "_id", Name("texts.identifier")), Read("title", "title", "title", Name("texts.text_or_nothing"), False),
                      Read("text", "text", "text", Name("texts.text_or_empty")))),
    "qrels": Schema((Read("query", "query", "query-id", Name("texts.identifier")), Read("document", "document", "corpus-id", Name("texts.identifier")),
                     Read("score", "score", "score", Name("numbers.number")))),
}
# fmt: on

USUAL = {"id": "_id"}
"""How files call a column of a task that has another name there; all others go by their own."""

PATH: KeyPath = ("metrics", "mteb")


def plan_mteb(asked: Mteb, spec: Spec, place: Place, findings: Findings) -> MtebPlan:
    """Plan the tasks; report into `findings` what MTEB or this model can't do."""
    _check(asked, spec, findings)
    local = [_local(task, index, spec, place, findings) for index, task in enumerate(asked.local)]
    built = tuple(task for task in local if task is not None)
    return MtebPlan(
        tasks=tuple(asked.tasks),
        types=tuple(asked.types),
        benchmark=asked.benchmark,
        languages=_languages(asked, spec),
        languages_named=bool(asked.languages),
        local_languages=tuple(LANGUAGES.get(code, UNKNOWN_LANGUAGE) for code in spec.project.languages),
        runnable=_fitting(spec),
        wrapper=WRAPPERS[spec.model.type],
        dimensions=tuple(sorted(spec.loss.matryoshka or (), reverse=True)),
        local=built,
        from_hub=bool(asked.tasks or asked.types or asked.benchmark),
        requirements=MTEB,
    )


def _check(asked: Mteb, spec: Spec, findings: Findings) -> None:
    if not (asked.tasks or asked.types or asked.benchmark or asked.local):
        help = (
            'write tasks = ["STSBenchmark.v2"], types = ["STS"], benchmark = "MTEB(eng, v2)" or [[metrics.mteb.local]]'
        )
        findings.add(Diagnostic("STG182", "[metrics.mteb] names no task", PATH, help, about="key"))
    for index, name in enumerate(asked.types):
        _runnable(name, spec, (*PATH, "types", index), findings)


def _runnable(name: str, spec: Spec, path: KeyPath, findings: Findings) -> TaskType | None:
    """The row of a type; None, and reported, where MTEB lacks it or it doesn't run with this type of model."""
    row = BY_NAME.get(name)
    fitting = _fitting(spec)
    if row is None:
        near = closest(name, BY_NAME)
        help = f'did you mean "{near}"?' if near else f"there are {', '.join(BY_NAME)}"
        findings.add(Diagnostic("STG183", f'MTEB has no type "{name}" of text tasks', path, help))
        return None
    if row.name not in fitting:
        message = f"MTEB's {name} tasks don't run with a {spec.model.type} model"
        findings.add(Diagnostic("STG184", message, path, f"this model is measured on {', '.join(fitting)}"))
        return None
    return row


def _fitting(spec: Spec) -> tuple[str, ...]:
    return tuple(row.name for row in TYPES if spec.model.type in row.models)


def _local(task: MtebLocal, index: int, spec: Spec, place: Place, findings: Findings) -> MtebLocalPlan | None:
    path: KeyPath = (*PATH, "local", index)
    row = _runnable(task.type, spec, (*path, "type"), findings)
    if row is None or not _complete(task, row, path, findings):
        return None
    files = {name: _file(getattr(task, name), (*path, name), place, findings) for name in row.needs}
    given = {name: file for name, file in files.items() if file is not None}
    columns = {column: task.columns.get(column, USUAL.get(column, column)) for column in row.columns}
    read = Schema(
        tuple(Read(name, name, source, OTHERS.get((row.name, name), TAKES[name])) for name, source in columns.items())
    )
    schemas = {name: BEIR.get(name, read) for name in given}
    return MtebLocalPlan(
        class_=f"LocalTask{index + 1}",
        name=task.name,
        type=row.name,
        base=row.base,
        main_score=row.main_score,
        files_of=row.files,
        paths=tuple(file.path for file in given.values()),
        sources={name: source_expression(file) for name, file in given.items()},
        schemas=schemas,
        types={
            column.name: WHOLE if column.name == "labels" and row.name == "PairClassification" else type_of(column.take)
            for schema in schemas.values()
            for column in schema.columns
        },
        columns=row.columns,
    )


def _complete(task: MtebLocal, row: TaskType, path: KeyPath, findings: Findings) -> bool:
    """Whether a local task has the files of its type, and maps only columns that the type has."""
    missing = [name for name in row.needs if getattr(task, name) is None]
    extra = [
        name
        for name in ("path", "train", "corpus", "queries", "qrels")
        if getattr(task, name) and name not in row.needs
    ]
    if missing or extra:
        wrong = f"lacks {', '.join(missing)}" if missing else f"has no use for {', '.join(extra)}"
        help = f"a {row.name} task is made of {', '.join(row.needs)}"
        findings.add(Diagnostic("STG185", f'the task "{task.name}" {wrong}', path, help, about="key"))
    unknown = [name for name in task.columns if name not in row.columns]
    for name in unknown:
        help = f"the columns of the task are {', '.join(row.columns)}" if row.columns else "leave `columns` out"
        message = f'a {row.name} task has no column "{name}"'
        findings.add(Diagnostic("STG186", message, (*path, "columns", name), help, about="key"))
    return not (missing or extra or unknown)


def _file(named: str, path: KeyPath, place: Place, findings: Findings) -> FileSource | None:
    found = reader(named)
    if found is None or named.startswith("hf://"):
        help = "write the path of a .jsonl, .json, .csv, .tsv or .parquet file"
        findings.add(Diagnostic("STG185", f'"{named}" is not a file that a local task can be read from', path, help))
        return None
    return FileSource(found[0], from_repo(named, place), found[1])


def _languages(asked: Mteb, spec: Spec) -> tuple[str, ...]:
    """The languages of the hub's tasks as MTEB writes them: those that the spec names, else the project's."""
    wanted = asked.languages or spec.project.languages
    return tuple(LANGUAGES.get(code, code).partition("-")[0] for code in wanted)
