"""Counts the rows of a spec's local files, each read once through the reader of the generated repo: Spec and folder -> Profile."""

from __future__ import annotations

import hashlib
import os
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stgen.diagnostics.codes import BY_CODE
from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.outside import are_outside, unquoted
from stgen.examine.texts_by_id import text_or_nothing, texts_by_id
from stgen.language.facts import class_names, set_name
from stgen.language.paths import is_on_hub
from stgen.language.spec import Spec
from stgen.language.spec_data import Data
from stgen.match.reading import columns_of
from stgen.match.schema import Schema, columns_read, layout_of, lookups, schema_of
from stgen.profile.record import File, LabelColumn, Profile, SetProfile, Split, TextColumn
from stgen.profiling.base import base_of
from stgen.profiling.counting import Counting, Documents, Grades, Ids, Labels, Lists, Measure, Texts
from stgen.profiling.languages import Teller, teller
from stgen.profiling.tokens import measure_of
from stgen.reader.contract import Column
from stgen.reader.ids import Texts as ByIds
from stgen.rows import hub
from stgen.rows.batches import UnreadableError
from stgen.rows.column import repeats
from stgen.rows.reading import read
from stgen.rows.sources import files_of
from stgen.rows.streams import open_data
from stgen.source.source import Source, locate

BLOCK = 1 << 20
LISTS = ("documents", "scores", "embedding", "probabilities")
LABELS = ("class", "binary", "score", "margin")
JUDGED = {"query-id", "corpus-id"}
READ = {"anchor": "queries", "positive": "corpus"}  # role of the judged -> the split that has its texts
JUDGING = ("train", "eval", "test")


class Part:
    """One split of a data set: the path that the spec names, and what is read of it."""

    def __init__(self, name: str, named: str, schema: Schema, file: object = None) -> None:
        """Keep what is asked for."""
        self.name, self.named, self.schema, self.file = name, named, schema, file


def profiled(spec: Spec, source: Source, languages: bool = False) -> tuple[Profile | None, list[Diagnostic]]:
    """Count the local files of a spec; None with a finding, located, where one can't be read."""
    try:
        return profile_of(spec, source.folder, languages), []
    except UnreadableError as error:
        item = Diagnostic(error.code, error.message, ("data",), error.help, error.notes, BY_CODE[error.code].severity)
        outside = not source.outside and are_outside(_paths(spec, source.folder), source.tree)
        return None, locate([unquoted(item, "a file of the data") if outside else item], source)


def _paths(spec: Spec, folder: str) -> list[str]:
    return [os.path.join(folder, part.named) for data in spec.data for part in parts_of(data)]


def profile_of(spec: Spec, folder: str, languages: bool = False) -> Profile:
    """Count all local files of a spec, whose paths start from `folder`. Raises UnreadableError for one that can't be read."""
    measure, how = measure_of(spec, folder)
    tell, by = teller() if languages else (None, "")
    sets = tuple(_set(spec, index, data, folder, measure, tell) for index, data in enumerate(spec.data))
    return Profile(base_of(spec, folder), how, sets, by)


def parts_of(data: Data) -> Iterator[Part]:
    """The splits of a data set that are local files."""
    if data.retrieval is not None:
        judged = {
            "train": "qrels",
            "eval": "eval_qrels",
            "test": "test_qrels",
            "corpus": "corpus",
            "queries": "queries",
        }
        named = {
            name: (getattr(data.retrieval, part), layout_of(data.retrieval)[part]) for name, part in judged.items()
        }
        for name, (path, schema) in named.items():
            if isinstance(path, str) and not is_on_hub(path):
                yield Part(name, path, schema)
        return
    for name in ("train", "eval", "test"):
        path = getattr(data, name)
        if isinstance(path, str) and not is_on_hub(path):
            yield Part(name, path, schema_of(data), data.file)


def _set(spec: Spec, index: int, data: Data, folder: str, measure: Measure, tell: Teller | None) -> SetProfile:
    splits: dict[str, Split] = {}
    counted: dict[str, Split] = {}  # a file that serves as two splits is read once, and so are texts by their ids
    by_id = texts_by_id(data, folder)
    parts = list(parts_of(data))
    for part in sorted(parts, key=lambda part: part.name in JUDGING):  # whose texts are counted before
        if part.named not in counted:
            judged = {role: splits.get(name) for role, name in READ.items()}
            counted[part.named] = _split(part, folder, data, by_id, judged, measure, tell)
        splits[part.name] = counted[part.named]
    splits = {part.name: splits[part.name] for part in parts}
    return SetProfile(set_name(spec, index), columns_read(data), splits | _splits_on_hub(data))


def _splits_on_hub(data: Data) -> dict[str, Split]:
    """The splits whose rows the hub has counted. Of their texts nothing is known."""
    named = {name: path for name in ("train", "eval", "test") if isinstance(path := getattr(data, name), str)}
    found = {name: one for name, path in named.items() if is_on_hub(path) and (one := hub.described(path))}
    return {name: _on_hub(one, named[name], columns_read(data)) for name, one in found.items()}


def _on_hub(one: hub.Described, named: str, roles: Mapping[str, str]) -> Split:
    """A split as the hub describes it. Raises UnreadableError for one without a column that the spec names."""
    for name in roles:
        top = re.split(r"[.\[]", name, maxsplit=1)[0]
        if one.columns and name not in one.columns and top not in one.columns:
            listed = ", ".join(f"{column} ({kind})" for column, kind in one.columns.items())
            raise UnreadableError("STG206", f"{named} has no column `{name}`", f"its columns are {listed}")
    labels = tuple(
        LabelColumn(role, name, None, None, one.classes[name], (), None)
        for name, role in roles.items()
        if role == "class" and name in one.classes
    )
    return Split((), one.rows, one.rows, (), labels, (), one.columns or None)


def _split(
    part: Part,
    folder: str,
    data: Data,
    by_id: Mapping[str, ByIds],
    judged: Mapping[str, Split | None],
    measure: Measure,
    tell: Teller | None,
) -> Split:
    names = class_names(data)
    columns = columns_of(part.schema, {"CLASS_NAMES": names, **by_id})
    known = {role: by_id[name] for name, item in lookups(data).items() for role in item.roles}
    counters = _counters(part, columns, names, measure, tell)
    each = part.schema.spread.each if part.schema.spread else ()
    wanted = frozenset(name for column in columns for name in column.wanted)
    rows, made, files = 0, 0, []
    for path, shown in files_of(part.named, folder):
        for batch in read(path, shown, wanted, part.file):
            rows += len(batch.places)
            values = [_texts_of(known.get(one.role), one.values(batch)) for one in counters]
            spread = _spread(values, [one.column.name in each for one in counters]) if each else values
            made += len(spread[0]) if spread else 0
            for counter, given in zip(counters, spread, strict=True):
                counter.add(given)
        files.append(file_of(path, shown))
    if not rows:
        raise UnreadableError("STG205", f"{part.named} has no rows", "write rows to it, or leave it out")
    return Split(
        files=tuple(files),
        rows=rows,
        distinct=_distinct([one.keys for one in counters if isinstance(one, Texts | Ids)], made or rows),
        texts=tuple(_texts(counters, judged)),
        labels=tuple(label for counter in counters if isinstance(counter, Labels) and (label := counter.counted())),
        lists=tuple(listed for counter in counters if isinstance(counter, Lists) and (listed := counter.counted())),
        spread=made if each and made != rows else None,
    )


def _counters(
    part: Part, columns: Sequence[Column], names: Sequence[str], measure: Measure, tell: Teller | None
) -> list[Counting]:
    """What counts each column that is read."""
    found = {column.name: column for column in columns}
    if part.name == "corpus":
        return [Documents(found["title"], found["text"], measure, tell)]
    if found.keys() >= JUDGED:
        query, document, grade = (found[name] for name in ("query-id", "corpus-id", "score"))
        return [Ids("anchor", query), Ids("positive", document), Grades(grade)]
    counters: list[Counting] = []
    for item, column in zip(part.schema.columns, columns, strict=True):
        if item.role in LISTS:
            counters.append(Lists(item.role, column, measure))
        elif item.role in LABELS:
            counters.append(Labels(item.role, column, names))
        elif not item.role.endswith("id"):
            counters.append(Texts(item.role, column, measure, tell))
    return counters


def _spread(values: Sequence[Sequence[Any]], each: Sequence[bool]) -> list[Sequence[Any]]:
    """The values of columns where each item of some lists has a row: the others stand in as many."""
    lists = [column for column, listed in zip(values, each, strict=True) if listed]
    counts = [len(value) if isinstance(value, list) else 1 for value in lists[0]]
    return [
        [item for value in column for item in (value if isinstance(value, list) else [value])]
        if listed
        else [value for value, count in zip(column, counts, strict=True) for _ in range(count)]
        for column, listed in zip(values, each, strict=True)
    ]


def _texts(counters: Sequence[Counting], judged: Mapping[str, Split | None]) -> Iterator[TextColumn]:
    """The columns of texts; those of judgements are as long as what the files of texts hold."""
    relevant = next((one.relevant for one in counters if isinstance(one, Grades)), b"")
    for counter in counters:
        split = judged.get(counter.role) if isinstance(counter, Ids) else None
        if isinstance(counter, Texts):
            found = counter.counted()
        else:
            found = counter.counted(relevant, split.texts[0]) if isinstance(counter, Ids) and split else None
        if found:
            yield found


def _texts_of(known: ByIds | None, values: Sequence[Any]) -> Sequence[Any]:
    """Values, or the texts that stand for them where they are ids."""
    return values if known is None else [text_or_nothing(known, value) for value in values]


def _distinct(keys: Sequence[array[int]], rows: int) -> int:
    """How many rows differ in their texts; all of them where none has any."""
    whole = keys[0] if len(keys) == 1 else array("q", map(hash, zip(*keys, strict=True)))
    return repeats(whole).distinct or rows


def file_of(path: str, shown: str) -> File:
    """The fingerprint of a file. Raises UnreadableError."""
    digest, size = hashlib.sha256(), 0
    with open_data(path, shown) as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return File(shown, size, digest.hexdigest())
