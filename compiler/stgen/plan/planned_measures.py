"""The part of the plan that is about measuring: evaluators, metrics and MTEB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from stgen.match.schema import Schema
from stgen.values.expressions import Expression
from stgen.values.record import Record


class CustomMetric(Record):
    """A metric of the user's own: a function of a file beside evaluate.py."""

    module: str
    function: str


class Reading(Record):
    """What an evaluation reads while training; see `rules/reads.py`."""

    counted: str
    queries: int
    texts: int
    each: int  # of those that are counted, as many as a row of training has of them
    own: int = 1  # documents that each query brings into a search: its positive, and negatives of its own


class EvaluationPlan(Record):
    """How the model is measured: what picks the checkpoint, and what the verdict is about."""

    evaluator: str  # its class
    library: str  # the library's class that the spec may name; "" where it has none
    routed: str  # the library's class, where that one embeds each side of a router by its own encoder; else ""
    stack: str  # the function that makes one value of its embeddings; "": they stay a list
    queries: tuple[str, ...]  # columns that it embeds as queries
    build: str  # template of what it is built from
    measure: str  # template of what it gives for each example
    statistic: str  # template of how a metric follows from values for each example
    arguments: tuple[str, ...]  # what the evaluator calls its input, in the order of the columns
    main: str  # the key that the verdict is about
    best: str  # the key that picks the checkpoint, unless the spec names another
    metrics: tuple[str, ...]  # keys that the evaluator returns
    similarity: str  # what embeddings are compared by, as it stands in keys; "" for cross-encoders
    graded: bool  # whether some grades above the lowest don't count as relevant
    relevant: float | None  # the least grade that counts as relevant; None: it follows from the grades
    measures: str  # the main metric in words
    reported: str  # the same with who reports it, and where that is read
    unit: str  # what an example is
    baseline: bool  # whether BM25 is measured too
    untrained_parts: Literal["", "seeded by the model", "seeded by torch"]  # who seeds what a base may lack
    part_names: Mapping[str, str]  # word of a weight's name -> what people call the part that a base may lack
    nanobeir: str  # the library's evaluator of NanoBEIR for this type of model, where the spec asks for it
    dimensions: tuple[int, ...]  # that embeddings are measured cut to, widest first
    custom: tuple[CustomMetric, ...]
    collapse: str  # what is watched for collapse while training: the template; "": nothing
    training_rows: Expression  # those that the evaluator takes documents or examples from
    class_rows: Expression  # training rows with their classes, before they were converted for the loss
    leak_columns: tuple[
        str, ...
    ]  # of eval and test rows, whose texts must not stand in the training rows; empty: not watched
    trained_leak_columns: tuple[str, ...]  # what the training rows call them
    requirements: Mapping[str, str]
    reading: Reading


class InferencePlan(Record):
    """How a model runs where nothing is learned from it: while it is measured, and while it searches for negatives."""

    batch: int  # texts or pairs at once, on the accelerator
    batch_on_cpu: int
    why: str
    device: str  # PyTorch's word for the accelerator
    precision: str  # on it
    words: str  # PyTorch's word for that
    half: bool  # whether it isn't float32


class MtebLocalPlan(Record):
    """A task of MTEB that is made of the user's own files."""

    class_: str
    name: str
    type: str
    base: str  # class of mteb.abstasks
    main_score: str
    files_of: str  # what it is made of: the template
    paths: tuple[str, ...]  # of its files
    sources: Mapping[str, Expression]  # key of the spec -> what reads the file
    schemas: Mapping[str, Schema]  # key of the spec -> what is read of the file
    types: Mapping[str, Expression]  # column -> its type
    columns: tuple[str, ...]  # of the task


class MtebPlan(Record):
    """The tasks of MTEB that are measured before and after."""

    tasks: tuple[str, ...]
    types: tuple[str, ...]
    benchmark: str | None
    languages: tuple[str, ...]  # of tasks that are found by type, in ISO 639-3
    languages_named: bool  # whether the spec names them, so that they hold for tasks by name too
    local_languages: tuple[str, ...]  # of the user's own, with their script
    runnable: tuple[str, ...]  # types of tasks that this model can do
    wrapper: str  # class of mteb.models
    dimensions: tuple[int, ...]  # that embeddings are cut to
    local: tuple[MtebLocalPlan, ...]
    from_hub: bool
    requirements: Mapping[str, str]


class ExportPlan(Record):
    """What export.py writes of the trained model, and how far that may be off."""

    formats: tuple[str, ...]
    quantize: bool
    graph: str  # template of the graph
    family: str  # template of what is compared
    outputs: tuple[str, ...]  # of the graph
    features: tuple[str, ...]  # the same under the library's own names
    difference: str  # in words, what is compared with the tolerance
    quantized_tolerance: float
    requirements: Mapping[str, str]
