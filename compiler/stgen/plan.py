"""The plan: everything decided. It is the only thing that templates see; `plan_json` is what `stgen plan --json` prints.

Its records are named tuples, as those of the rules tables are: a dataclass costs every command eight times more to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from stgen.expressions import Call, Expression, Name, to_python

SPLITS = ("train", "eval", "test")


class Decision(NamedTuple):
    """One thing that the compiler decided, and why; `set_by` is the key that changes it."""

    what: str
    value: str
    why: str
    set_by: str = ""


class Candidate(NamedTuple):
    """A loss that was looked at for the data, and what became of it."""

    loss: str
    outcome: Literal["chosen", "fits", "lacks", "other data"]
    reason: str


class ProjectPlan(NamedTuple):
    name: str  # as a folder
    package: str  # as a distribution
    title: str  # as the spec writes it
    description: str
    license: str
    languages: tuple[str, ...]
    seed: int


class FileSource(NamedTuple):
    """A local file or glob, relative to the generated repo, and the `datasets` reader for it."""

    loader: str
    path: str
    options: Mapping[str, Expression]


class Column(NamedTuple):
    """A column that is read: its role, its name in training, its name in the file."""

    role: str
    name: str
    source: str


class ScoreRange(NamedTuple):
    min: float
    max: float


class DataPlan(NamedTuple):
    """One data set: where it lies, what is read, and what the loss gets."""

    name: str
    format: str  # as read
    documented: str  # what the library's documentation calls that format
    trained_format: str  # as the loss gets it
    evaluated_format: str  # as evaluators get it: that of the eval and test splits
    label: str
    files: Mapping[str, FileSource]
    hub: Mapping[str, Mapping[str, str]]
    columns: tuple[Column, ...]
    texts: tuple[Expression, ...]  # ("anchor", Name("anchor")) pairs: what is checked to be text
    negatives: tuple[str, ...]
    score: ScoreRange | None
    class_names: tuple[str, ...]
    positive: str | int | bool | None
    scores_length: Expression
    decoded: bool
    prepared: bool
    trained_columns: tuple[str, ...]  # what the loss gets, in order
    evaluated_columns: tuple[str, ...]  # what evaluators get: the columns of the eval and test splits
    rows_needed: int


class HeldOut(NamedTuple):
    """Rows that are taken out of the training set: a count, or below 1 a share."""

    split: str
    amount: float


class CommandOption(NamedTuple):
    """An option of a generated program's command line: `--name`."""

    name: str
    default: Expression
    help: str


class Step(NamedTuple):
    """A conversion in prepare.py: the function, the template that holds it, and its constants."""

    function: str
    template: str
    says: str
    options: Mapping[str, Expression]
    splits: str  # "all" or "train"
    arguments: tuple[Expression, ...]  # beside the rows
    helpers: tuple[str, ...]  # templates of functions that it shares with other steps
    command: tuple[CommandOption, ...]
    imports: tuple[str, ...]


class PreparePlan(NamedTuple):
    """What prepare.py does, in order."""

    reads: tuple[str, ...]  # splits that come from files
    steps: tuple[Step, ...]
    helpers: tuple[str, ...]
    holds_out: tuple[HeldOut, ...]
    key: str  # the column by which rows are split
    key_after: str  # the column that the splits don't share after all steps; "": they may share texts
    seeded: bool
    command: tuple[CommandOption, ...]  # of the models that it runs; none where it runs none
    trial_rows: int  # of each split, in tests
    teacher_width: int | None  # of the teacher's vectors, where the spec fixes it
    does: tuple[str, ...]  # in words, one thing each
    summary: str
    imports: tuple[str, ...]


class ModelPlan(NamedTuple):
    """How the model is built before training."""

    type: str
    architecture: str
    template: str  # folder of the template of model.py
    class_: str  # class of sentence-transformers
    trainer: str  # its trainer
    arguments_class: str  # the arguments of that trainer
    tiny: str  # class of transformers that stands in for the base in tests; "": the tests need no base
    tiny_width: int  # of that stand-in's embeddings
    base: Expression  # a hub id, or the path of a folder; None where there is none
    local: bool
    revision: str | None
    max_length: int | None
    trust_remote_code: bool
    pooling: str  # "": what the base brings
    dimensions: int | None
    normalize: bool | None
    prompts: Mapping[str, str]
    default_prompt: str  # the prompt of texts that are neither queries nor documents; "": none
    outputs: Expression  # cross-encoders: how many numbers the model returns
    activation: Expression  # cross-encoders: what predict() applies to them
    lora: Expression  # configuration of the adapter; None where all weights are trained
    arguments: Mapping[str, Expression]  # training arguments that follow from the model
    imports: tuple[str, ...]


class CustomLoss(NamedTuple):
    """A loss of the user's own, as its skeleton shows it."""

    module: str
    parameters: tuple[str, ...]  # what `params` passes to it
    config: Expression  # those, as its get_config_dict returns them
    texts: tuple[str, ...]  # the columns that it gets, in order
    label: str  # "": none


class LossPlan(NamedTuple):
    name: str
    expression: Expression
    why: str
    source: str
    guide: Expression  # where the guide model lies; None where there is none
    custom: CustomLoss | None  # the user's own; None: a loss of the library
    regularized: bool  # the orthogonal regularizer stands beside it
    same_width: bool  # a teacher's vectors must be as wide as the model's
    imports: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    conversions: tuple[str, ...]


class Contrast(NamedTuple):
    """What a contrastive loss holds each anchor against; see `rules/negatives.py`."""

    counted: str
    texts: int  # of each row: the positive and the row's own negatives
    sampled: int
    terms: int  # the loss is the sum of so many: one for each Matryoshka dimension
    softmax: bool
    masks: bool
    gathers: bool


class HubPlan(NamedTuple):
    """Where the trained model is pushed."""

    repo: str
    private: bool


class TrainPlan(NamedTuple):
    """What the trainer is told. `batch_size` counts the rows of a step over all devices."""

    batch_size: int
    steps: int  # -1: by epochs
    arguments: Mapping[str, Expression]
    callbacks: tuple[Expression, ...]
    hub: HubPlan | None
    imports: tuple[str, ...]


class EvaluationPlan(NamedTuple):
    """How the model is measured: what picks the checkpoint, and what the verdict is about."""

    evaluator: str  # its class
    build: str  # template of what it is built from
    measure: str  # template of what it gives for each example
    statistic: str  # template of how a metric follows from values for each example
    arguments: tuple[str, ...]  # what the evaluator calls its input, in the order of the columns
    metric: str  # the key that picks the checkpoint
    greater_is_better: bool  # of that metric
    main: str  # the key that the verdict is about
    metrics: tuple[str, ...]  # keys that the evaluator returns
    similarity: str  # what embeddings are compared by, as it stands in keys; "" for cross-encoders
    rerank_by: Expression  # the function of that similarity; None where the model's own is always used
    prompts: Mapping[str, str]  # column -> prompt, where the evaluator itself applies none
    measures: str  # the main metric in words
    unit: str  # what an example is
    baseline: bool  # whether BM25 is measured too
    untrained_parts: Literal["", "seeded by the model", "seeded by torch"]  # who seeds what a base may lack
    imports: tuple[str, ...]
    verdict_imports: tuple[str, ...]
    requirements: Mapping[str, str]


class LaunchPlan(NamedTuple):
    """One way to launch the training. `processes` are per machine; `precision` is accelerate's word for it."""

    name: str
    script: str
    template: str
    title: str
    accelerate: Mapping[str, Any]
    processes: int
    machines: int
    precision: str
    on_cpu: bool
    options: Mapping[str, str | int]


class Plan(NamedTuple):
    project: ProjectPlan
    data: DataPlan
    prepare: PreparePlan | None
    model: ModelPlan
    loss: LossPlan
    contrast: Contrast | None
    train: TrainPlan
    evaluation: EvaluationPlan
    launches: tuple[LaunchPlan, ...]
    requirements: Mapping[str, str]
    dev_requirements: Mapping[str, str]
    decisions: tuple[Decision, ...]
    spec_copy: str  # the name under which the spec stands in the repo; "" where it stands there already
    spec_text: str


def plan_json(value: Any) -> Any:
    """The plan as JSON data; expressions stand as the Python that they print."""
    if isinstance(value, (Name, Call)):
        return to_python(value)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name.rstrip("_"): plan_json(item) for name, item in value._asdict().items()}
    if isinstance(value, Mapping):
        return {key: plan_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plan_json(item) for item in value]
    return value
