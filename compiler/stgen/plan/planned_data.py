"""The part of the plan that is about data: how rows are read, cleaned and converted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from stgen.match.schema import Lookup, Read, Schema
from stgen.values.expressions import Expression
from stgen.values.record import Record

SPLITS = ("train", "eval", "test")


class FileSource(Record):
    """A local file or glob, relative to the generated repo, and the module of the reader for it."""

    module: str
    path: str
    options: Mapping[str, Expression]


class HeldOut(Record):
    """Rows that are taken out of the training set: a count, or below 1 a share."""

    split: str
    amount: float


class DataPlan(Record):
    """One data set: where it lies, what is read, and what the loss gets."""

    name: str
    title: str  # its name, or where its training rows come from
    credit: Mapping[str, str]  # what the model card calls it, and where it is on the hub
    format: str  # as read
    documented: str  # what the library's documentation calls that format
    trained_format: str  # as the loss gets it
    evaluated_format: str  # as evaluators get it: that of the eval and test splits
    label: str
    files: Mapping[str, FileSource]
    hub: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, Expression]  # split -> what reads its rows
    columns: tuple[Read, ...]
    kept: Mapping[str, Expression]  # what a row must keep, and how rows with lists are spread
    spreads: bool  # whether rows have lists
    lookups: Mapping[str, Lookup]  # what finds texts by their ids -> where they stand
    features: Mapping[str, Expression]  # column -> its type, as read
    layout: Mapping[str, Schema]  # part of the BEIR layout -> what is read of it; empty for other data
    layout_types: Mapping[str, Expression]  # column of the layout -> its type
    class_names: tuple[str, ...]
    prepared: bool
    held_out: Mapping[str, float]  # split -> how many of the training rows it gets, or below 1 which share, in order
    key: str  # the column by which they are split
    key_after: str  # the column that the splits don't share after all steps; "": they may share texts
    sets_aside: bool
    numbers_classes: bool  # whether classes are numbered as the training rows name them
    numbering: Literal["", "add", "drop"]  # what becomes of the column that counts rows
    parts: tuple[str, ...]  # templates of what data.py defines
    checks: tuple[str, ...]  # templates of what is looked for in the training rows as a whole
    trained_columns: tuple[str, ...]  # what the loss gets, in order
    evaluated_columns: tuple[str, ...]  # what evaluators get: the columns of the eval and test splits
    rows_needed: int


class CommandOption(Record):
    """An option of a generated program's command line: `--name`."""

    name: str
    default: Expression
    help: str


class Step(Record):
    """A conversion in prepare.py: the function, the template that holds it, and its constants."""

    function: str
    template: str
    says: str
    options: Mapping[str, Expression]
    splits: str  # "all" or "train"
    arguments: tuple[Expression, ...]  # beside the rows
    helpers: tuple[str, ...]  # templates of functions that it shares with other steps
    command: tuple[CommandOption, ...]


class OtherRows(Record):
    """The training rows in the form that another loss takes, which compare.py trains."""

    name: str  # of the file
    after: int  # steps of the repo's own loss that come before
    steps: tuple[Step, ...]


class PreparePlan(Record):
    """What prepare.py does, in order."""

    reads: tuple[str, ...]  # splits that come from files
    steps: tuple[Step, ...]
    others: tuple[OtherRows, ...]
    functions: tuple[Step, ...]  # what it defines: the steps of both, each once
    helpers: tuple[str, ...]
    command: tuple[CommandOption, ...]  # of the models that it runs; none where it runs none
    trial_rows: int  # of each split, in tests
    teacher_width: int | None  # of the teacher's vectors, where the spec fixes it
    programs: tuple[str, ...]  # files of the repo that decide what it writes
    does: tuple[str, ...]  # in words, one thing each
    summary: str
    local: bool  # whether a model that it runs lies in a folder


class CleanStep(Record):
    """One step of clean.py: what it is called, the template that holds it, and how it is called."""

    name: str
    template: str
    kind: Literal[
        "change", "judge", "find", "leak"
    ]  # changes texts; judges each text; looks at all rows; at all splits
    says: str
    options: Mapping[str, Expression]
    function: str
    call: Expression  # that function, with the models that it runs
    settings: tuple[Expression, ...]  # beside the rows, what decides its result
    packages: tuple[str, ...]  # groups of the table of pins
    command: tuple[CommandOption, ...]


class CleanPlan(Record):
    """What clean.py does, in order."""

    engine: Literal["local", "datatrove"]
    texts: tuple[str, ...]  # columns of one text each
    lists: bool  # whether there is a column of lists of documents
    label: str  # the column of which equal texts can have conflicting labels; "": none
    unequal: str  # the column that keeps near-duplicates apart where it differs; "": none
    asked: tuple[str, ...]  # columns whose texts must not be among those that the model is measured on
    symmetric: bool  # whether two texts are the same row when they stand the other way round
    steps: tuple[CleanStep, ...]
    leaks: CleanStep | None
    changes: bool
    judges: bool
    sifts: bool  # whether rows are removed by their position
    works: bool  # whether anything is done in batches
    compares: bool  # whether texts are compared by their key
    pairs_up: bool  # whether several texts of a row are compared at once
    whole_lists: bool  # and their lists of documents with them
    sketches: bool  # whether MinHash signatures are made
    seeded: bool
    before: tuple[CommandOption, ...]  # models of the steps before rows are held out
    after: tuple[CommandOption, ...]  # and of those after
    trial: Mapping[str, float]  # constants of the tests, whose models have random weights
    does: tuple[str, ...]  # in words, one thing each
    command: tuple[CommandOption, ...]
    requirements: Mapping[str, str]


class StreamPlan(Record):
    """How the training rows come by where they are streamed; see templates/stream.py.j2."""

    reads: Literal["files", "hub"]
    shard: Literal["str", "int"]  # the type of what names a part of the rows
    piece: Literal["file", "piece"]  # what such a part is called
    features: Mapping[str, Expression]  # column of the loss -> its type
    buffer: int
    looked_at: int
    watched: Literal["", "label", "repeats"]  # what the first rows are looked at for
    column: str  # in this column
    sets_aside: bool
    removes: bool  # whether rows can go: those that break the contract, or those that a step removes
    converts: bool  # whether eval and test rows go through steps too
    measured: Expression  # what data.load makes of eval and test rows then
    swapped: bool  # whether the trainer gets its stream only after its constructor, which refuses one
    steps: tuple[Step, ...]
    converters: tuple[tuple[str, str, tuple[Step, ...]], ...]  # functions of convert.py: what they say, and their steps
    measured_by: str  # the one that rows of eval and test go through; "": none
    clean: CleanPlan | None
