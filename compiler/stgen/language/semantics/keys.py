"""Looks at a Spec for what its types can't say: keys that exclude or need each other, in [project], [model], [[data]].

Losses and data formats are the business of `match`; the other sections that of `semantics_run`, called from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, few
from stgen.language.languages import bad_language
from stgen.language.semantics.models import check_models
from stgen.language.sources import sources_in
from stgen.language.spec import ClassColumn, Columns, Data, Fraction, Model, NegativeColumn, ScoreColumn, Spec
from stgen.values.record import Record

ARCHITECTURES: dict[str, tuple[str, ...]] = {  # of each type, the default first
    "dense": ("transformer", "static"),
    "sparse": ("splade", "inference-free", "csr"),
    "cross-encoder": ("transformer",),
    "multi-vector": ("transformer",),
}


class Only(Record):
    """A key of [model] that has a meaning for some types and architectures only."""

    key: str
    types: tuple[str, ...]
    not_static: bool
    why: str


# fmt: off
ONLY: tuple[Only, ...] = (
    Only("pooling",    ("dense",),                                             True,  "only a dense transformer pools its tokens into one embedding"),
    Only("normalize",  ("dense",),                                             False, "only a dense model has one embedding to normalise"),
    Only("dimensions", ("dense",),                                             False, "only a dense model has one embedding to project"),
    Only("router",     ("dense",),                                             False, 'only a dense model can have two encoders; for a sparse one write architecture = "inference-free"'),
    Only("max_length", ("dense", "cross-encoder", "sparse", "multi-vector"),   True,  "a static model reads texts of any length"),
    Only("lora",       ("dense", "cross-encoder", "sparse", "multi-vector"),   True,  "a static model has no layers to adapt: it is one table of embeddings"),
)
# fmt: on


def inspect(spec: Spec) -> list[Diagnostic]:
    """The findings of the rules that look at several keys at once. Pure: no file is looked at."""
    return few(_inspect(spec))


def _inspect(spec: Spec) -> Iterator[Diagnostic]:
    from stgen.language.semantics.leakage import check_leakage
    from stgen.language.semantics.run import inspect_run

    yield from _project(spec)
    yield from _model(spec.model)
    yield from check_models(spec)
    yield from _data_sets(spec)
    for index, data in enumerate(spec.data):
        yield from _data(data, ("data", index))
    yield from check_leakage(spec)
    if any(data.streaming for data in spec.data):
        from stgen.language.semantics.streaming import check_streaming

        yield from check_streaming(spec)
    yield from inspect_run(spec)
    yield from _allow(spec)


# --- [project] and [model] -------------------------------------------------------------------------------------------


def _project(spec: Spec) -> Iterator[Diagnostic]:
    if spec.project.name is not None and (reason := bad_name(spec.project.name)):
        yield Diagnostic("STG076", f"the project's name becomes a folder, and can't {reason}", ("project", "name"))
    for index, code in enumerate(spec.project.languages):
        yield from bad_language(code, ("project", "languages", index))


def bad_name(name: str) -> str:
    """Why a name can't be a file's or a folder's on every system, to follow "it can't"; "" when it can."""
    if not name or name in (".", ".."):
        return "be empty or dots"
    if len(name.encode()) > 100:
        return "be longer than 100 bytes"
    if bad := sorted({char for char in name if char in '/\\:*?"<>|' or not char.isprintable()}):
        return f"hold {' '.join(ascii(char) if not char.isprintable() else char for char in bad)}"
    if name[0] in " -~" or name[-1] in " .":
        return "begin with a blank, - or ~, or end with a blank or a dot"
    reserved = {"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10))}
    return "be a device's name on Windows" if name.split(".")[0].lower() in reserved else ""


def _model(model: Model) -> Iterator[Diagnostic]:
    path: KeyPath = ("model",)
    legal = ARCHITECTURES[model.type]
    architecture = model.architecture or legal[0]
    if architecture not in legal:
        owner = next(kind for kind, names in ARCHITECTURES.items() if architecture in names)
        message = f"a {model.type} model has no architecture {architecture}"
        hint = f'write {_words(legal)}, or type = "{owner}"'
        yield Diagnostic("STG071", message, (*path, "architecture"), hint)
        return
    if model.autoencoder is not None and architecture != "csr":
        yield Diagnostic(
            "STG072",
            f"`model.autoencoder` means nothing for a {model.type} model ({architecture})",
            (*path, "autoencoder"),
            'remove the line, or write type = "sparse" and architecture = "csr"',
            ("only CSR puts an autoencoder on top of a dense model",),
            about="key",
        )
    static = architecture == "static"
    for row in ONLY:
        if getattr(model, row.key) in (None, False) or (model.type in row.types and not (static and row.not_static)):
            continue
        code = "STG075" if model.type in row.types else "STG072"
        kind = "static" if model.type in row.types else model.type
        message = f"`model.{row.key}` has no effect on a {kind} model"
        yield Diagnostic(code, message, (*path, row.key), "remove the line", (row.why,), about="key")
    if model.lora and (model.router or architecture == "inference-free"):
        whole = "the model" if model.router else "an inference-free model"
        message = f"{whole} is a router, and a LoRA adapter inside a router can't be loaded again"
        yield Diagnostic("STG074", message, (*path, "lora"), "leave it out", about="key")
    yield from _base(model, static)
    if model.router or model.query or model.document or model.start:
        from stgen.language.semantics.sides import inspect_sides

        yield from inspect_sides(model)
    yield from _prompts(model)


def _base(model: Model, static: bool) -> Iterator[Diagnostic]:
    if model.base is None and not static and not model.router:
        hint = 'base = "sentence-transformers/all-MiniLM-L6-v2", or the path of a local folder'
        note = "only a static model can be trained from scratch"
        yield Diagnostic("STG070", "the base model is missing", ("model",), f"add {hint}", (note,), about="key")
    if model.revision is not None and model.base is None:
        yield Diagnostic("STG085", "a revision without a base", ("model", "revision"), "remove the line", about="key")


def _prompts(model: Model) -> Iterator[Diagnostic]:
    """A base that was trained with prompts, and no word about any. Static embeddings take no more than its words."""
    if model.prompts is not None or model.type == "cross-encoder":
        return
    from stgen.rules.bases import known_base
    from stgen.values.quoting import toml

    known = {}
    for name in ("query", "document"):
        side = getattr(model, name) if model.router else None
        row = known_base((side.base if side else None) or model.base or "")
        if (
            row
            and row.prompts == "expected"
            and "static" not in (model.architecture, side.architecture if side else "")
        ):
            known[name] = row
    prompts = {name: text for name, row in known.items() if (text := getattr(row, name))}
    if not prompts:
        return
    families = " and ".join(dict.fromkeys(row.family for row in known.values()))
    message = f"{families} models were trained with prompts, and the spec has none"
    notes = tuple(dict.fromkeys(f"the model's own page says so: {row.source}" for row in known.values()))
    place: KeyPath = ("model", "router") if model.router else ("model", "base")
    yield Diagnostic("STG090", message, place, f"add prompts = {toml(prompts)}", notes, severity="warning")


# --- [[data]] --------------------------------------------------------------------------------------------------------


def _data_sets(spec: Spec) -> Iterator[Diagnostic]:
    if len(spec.data) == 1:
        if spec.data[0].weight is not None:
            message = "a single data set gets all batches, whatever its weight"
            hint = "leave it out, or add another [[data]]"
            yield Diagnostic("STG057", message, ("data", 0, "weight"), hint, severity="warning", about="key")
        return
    seen: dict[str, int] = {}
    for index, data in enumerate(spec.data):
        if data.name is None:
            message = "one of several data sets has no name"
            yield Diagnostic("STG044", message, ("data", index), 'add name = "..."', about="key")
        elif data.name.lower() in seen:
            message = f'two data sets are called "{data.name}"'
            yield Diagnostic("STG044", message, ("data", index, "name"), "give each its own name")
        else:
            seen[data.name.lower()] = index
            yield from _module_name(data.name, ("data", index, "name"))


def _module_name(name: str, path: KeyPath) -> Iterator[Diagnostic]:
    """Each of several data sets has its own data_NAME.py."""
    if not re.fullmatch(r"[A-Za-z0-9_]{1,60}", name) and not bad_name(name):
        hint = 'write letters, digits and _ only, as in "nli_de"'
        yield Diagnostic("STG052", f"\"{name}\" can't be part of a module's name, data_NAME.py", path, hint)


def _data(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    if data.name is not None and (reason := bad_name(data.name)):
        yield Diagnostic("STG052", f"a data set's name becomes a file's, and can't {reason}", (*path, "name"))
    if data.language is not None:
        yield from bad_language(data.language, (*path, "language"))
    yield from _layout(data, path)
    if data.columns:
        yield from _columns(data.columns, (*path, "columns"))
    held_out = {key: value for key in ("eval", "test") if isinstance(value := getattr(data, key), Fraction)}
    if len(held_out) == 2 and sum(part.fraction for part in held_out.values()) >= 1:
        yield Diagnostic(
            "STG051", "eval and test together hold out all rows, and none is left to train on", (*path, "test")
        )
    yield from _files(data, path)
    if data.texts:
        from stgen.language.semantics.lists import inspect_texts

        yield from inspect_texts(data, path)
    if data.file:
        from stgen.language.semantics.file_format import inspect_file

        yield from inspect_file(data, path)


def _layout(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    """Which of `train`, `columns` and `retrieval` stand together."""
    if data.columns and data.retrieval:
        message = "a data set has columns or the retrieval layout, not both"
        yield Diagnostic("STG042", message, (*path, "retrieval"), "remove one of the two", about="key")
        return
    if data.retrieval:
        for key in ("train", "eval", "test"):
            if not isinstance(getattr(data, key), str):
                continue
            other = "retrieval.qrels" if key == "train" else f"retrieval.{key}_qrels"
            message = f"with the retrieval layout, the rows for {key} are named by `{other}`"
            yield Diagnostic("STG056", message, (*path, key), f"move the path to {other}", about="key")
        return
    if not data.columns:
        hint = 'add columns = { anchor = "question", positive = "answer" } with the names of your columns'
        note = "or, for the BEIR layout, retrieval = { corpus, queries, qrels }"
        message = "the data set doesn't say what its columns hold"
        yield Diagnostic("STG041", message, path, hint, (note,), about="key")
    if data.train is None:
        yield Diagnostic("STG040", "there are no rows to train on", path, 'add train = "data/train.jsonl"', about="key")


PLAIN = (
    "anchor",
    "positive",
    "negative",
    "text_1",
    "text_2",
    "documents",
    "score",
    "scores",
    "margin",
    "embedding",
    "class",
)
"""Roles whose names say what a column holds: one of them over another's column is a slip of the pen."""


def _columns(columns: Columns, path: KeyPath) -> Iterator[Diagnostic]:
    used: dict[str, str] = {}
    sources = sources_in(columns)
    for role, source in sources:
        place, column = source.path, source.name
        if not all(map(str.strip, source.columns)):
            yield Diagnostic("STG050", f"the column for {role} has no name", (*path, *place))
        elif column != role and column in PLAIN and role in PLAIN:
            message = f'the column "{column}" is mapped as {role}, which is another role'
            hint = f'write {column} = "{column}", or rename the column'
            yield Diagnostic("STG060", message, (*path, *place), hint, severity="warning")
        elif column in used:
            message = f'the column "{column}" is both {used[column]} and {role}'
            yield Diagnostic("STG043", message, (*path, *place), "give each role a column of its own")
        used.setdefault(column, role)
    lists = any(source.within or len(source.columns) > 1 for _, source in sources)
    if lists or isinstance(columns.negative, NegativeColumn):
        from stgen.language.semantics.lists import inspect_lists

        yield from inspect_lists(columns, path)
    if not used:
        yield Diagnostic("STG050", "no column has a role", path, 'write { anchor = "question", positive = "answer" }')
    if isinstance(columns.score, ScoreColumn) and columns.score.min >= columns.score.max:
        low, high = columns.score.min, columns.score.max
        yield Diagnostic("STG045", f"the score range is empty: {low:g} to {high:g}", (*path, "score", "max"))
    if isinstance(columns.score, ScoreColumn) and columns.score.values is not None:
        low, high, grades = columns.score.min, columns.score.max, columns.score.values
        for word, grade in grades.items():
            if not low <= grade <= high:
                message = f'the score of "{word}" is {grade:g}, and scores go from {low:g} to {high:g}'
                yield Diagnostic("STG045", message, (*path, "score", "values", word), "declare the range: min and max")
    if isinstance(columns.class_, ClassColumn) and columns.class_.names is not None:
        yield from _class_names(columns.class_.names, (*path, "class", "names"))


def _class_names(names: list[str], path: KeyPath) -> Iterator[Diagnostic]:
    if len(names) < 2:
        yield Diagnostic("STG046", "there must be two classes or more", path, "name every class, or leave names out")
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Diagnostic("STG046", f'two classes are called "{name}"', (*path, index), "give each its own name")
        seen.add(name)


def _files(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    from stgen.language.semantics.files import bad_file

    for key in ("train", "eval", "test"):
        value = getattr(data, key)
        if isinstance(value, str):
            yield from bad_file(value, (*path, key))
    if data.retrieval:
        for key in type(data.retrieval).model_fields:
            value = getattr(data.retrieval, key)
            if isinstance(value, str) and not (data.retrieval.trec and key.endswith("qrels")):
                yield from bad_file(value, (*path, "retrieval", key))


# --- allow -----------------------------------------------------------------------------------------------------------


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


def _words(names: tuple[str, ...]) -> str:
    return " or ".join(f'architecture = "{name}"' for name in names)
