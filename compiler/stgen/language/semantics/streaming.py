"""Looks at data sets with `streaming = true`: what a stream can't do, with what to write instead. Spec -> findings."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.language.facts import architecture, class_names
from stgen.language.paths import hub_source, reader
from stgen.language.spec import Spec
from stgen.language.spec_data import Data, Fraction, Rows
from stgen.rules.streaming import AT_ONCE, AtOnce


def check_streaming(spec: Spec) -> Iterator[Diagnostic]:
    """What the spec alone shows."""
    streamed = [(index, data) for index, data in enumerate(spec.data) if data.streaming]
    index, data = streamed[0]
    if len(spec.data) > 1:
        message = (
            "a stream can't be combined with other data sets: the library's multi-dataset samplers need random access"
        )
        hint = "leave `streaming` out, or bring all rows into files of one data set"
        yield Diagnostic("STG270", message, ("data", index, "streaming"), hint)
    for index, data in streamed:
        yield from _files(data, ("data", index))
        yield from _splits(data, ("data", index))
        yield from _classes(data, ("data", index))
    yield from _length(spec)
    yield from _run(spec)
    yield from _batches(spec)
    if spec.compare:
        message = (
            "losses and seeds are compared on equally many training rows, and a stream has no known number of rows"
        )
        yield Diagnostic(
            "STG280", message, ("compare",), "leave `streaming` out, or compare on a part of the rows", about="key"
        )
    for row in AT_ONCE:
        yield from _at_once(spec, row)
    if spec.prepare and spec.prepare.engine != "local":
        message = "an engine for many machines writes all rows to disk, which a stream is there to avoid"
        hint = "leave the key out, or leave `streaming` out and stream what the engine has written in a second spec"
        yield Diagnostic("STG279", message, ("prepare", "engine"), hint, about="key")


def _files(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    """STG272: rows that can't be read one by one."""
    if data.retrieval is not None:
        message = "the BEIR layout can't be streamed: each judgement needs the texts of its query and its document"
        hint = "leave `streaming` out; a stream can read the prepared/rows/train.parquet that prepare.py then writes"
        yield Diagnostic("STG272", message, (*path, "retrieval"), hint, about="key")
    found = reader(data.train) if data.train and not hub_source(data.train) else None
    if data.train and found and found[0] == "json_list":
        message = "a JSON file holds one value, which is read as a whole: it can't be streamed"
        yield Diagnostic("STG272", message, (*path, "train"), "write the rows as JSON Lines, one on each line: .jsonl")


def _splits(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    """STG271: rows that would have to be held out of the stream."""
    if data.retrieval is not None:
        return
    for split in ("eval", "test"):
        value = getattr(data, split)
        if isinstance(value, (Fraction, Rows)):
            message = f"the rows for {split} can't be held out of a stream: hold-out needs all anchors"
            hint = f'write {split} = "data/{split}.jsonl", a file of rows that the stream does not hold'
            yield Diagnostic("STG271", message, (*path, split), hint)
    if data.eval is None:
        message = "a stream needs eval rows of their own: none can be held out of it"
        hint = 'add eval = "data/eval.jsonl", a file of rows that the stream does not hold'
        yield Diagnostic("STG271", message, (*path, "streaming"), hint, about="key")


def _classes(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    """STG275: classes that can't be collected from a stream."""
    column = (data.columns.class_ or data.columns.probabilities) if data.columns else None
    if data.columns is not None and column is not None and not class_names(data):
        role = "class" if data.columns.class_ else "probabilities"
        name = column if isinstance(column, str) else column.column
        message = "the classes of a stream can't be collected before training, so the spec has to name them"
        hint = f'write {role} = {{ column = "{name}", names = ["...", "..."] }}'
        yield Diagnostic("STG275", message, (*path, "columns", role), hint)


def _length(spec: Spec) -> Iterator[Diagnostic]:
    """STG273: a stream has no length."""
    train = spec.train
    if train.steps is not None:
        return
    message = "a stream has no length, so the spec has to say how many steps to train"
    hint = "steps = 10000: rows of the stream times passes over it, by the batch size"
    if train.epochs is not None:
        yield Diagnostic("STG273", message, ("train", "epochs"), f"in its place, write {hint}", about="key")
    else:
        place = next(index for index, data in enumerate(spec.data) if data.streaming)
        yield Diagnostic("STG273", message, ("data", place, "streaming"), f"under [train], add {hint}", about="key")


def _run(spec: Spec) -> Iterator[Diagnostic]:
    """STG274: a tokenizer that is trained on all texts. STG276: a monitor that reads all rows."""
    if architecture(spec) == "static" and spec.model.base is None:
        message = "a tokenizer can't be trained on a stream: that takes all texts"
        hint = 'add base = "bert-base-uncased", or another model whose tokenizer knows the language'
        yield Diagnostic("STG274", message, ("model", "architecture"), hint)
    if "leakage" in (spec.metrics.monitor or ()):
        message = "leaked rows can't be counted in a stream: evaluate.py would have to read all of it"
        hint = "take it out of the list; [prepare] decontaminate = { ngram = 13 } removes them as they come by"
        yield Diagnostic("STG276", message, ("metrics", "monitor"), hint)


def _batches(spec: Spec) -> Iterator[Diagnostic]:
    """STG281: group_by_length on a stream. STG282: data loader workers, whose counts are lost."""
    if spec.train.group_by_length:
        message = "grouping by length needs the length of all rows, and a stream yields one at a time"
        yield Diagnostic("STG281", message, ("train", "group_by_length"), "leave it out", about="key")
    removes = spec.prepare is not None
    if removes and spec.train.extra.get("dataloader_num_workers"):
        yield Diagnostic(
            "STG282",
            "rows that data loader workers remove aren't counted: train.py would report too few",
            ("train", "extra", "dataloader_num_workers"),
            "leave it out, or count the lines of prepared/train.removed-0.jsonl",
            about="key",
            severity="warning",
        )


def _at_once(spec: Spec, row: AtOnce) -> Iterator[Diagnostic]:
    """STG279: a step of [prepare] that needs all rows at once."""
    step = getattr(spec.prepare, row.step) if spec.prepare else None
    value = getattr(step, row.key) if step else None
    if value and row.allows is not None:
        value = set([value] if isinstance(value, str) else value) - set(row.allows)
    if value:
        yield Diagnostic("STG279", row.message, ("prepare", row.step, row.key), row.help, about="key")
