"""The plan: everything decided. It is the only thing that templates see; `plan_json` is what `stgen plan --json` prints.

Its records are named tuples, as those of the rules tables are: a dataclass costs every command eight times more to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from stgen.expressions import Call, Expression, Name, to_python
from stgen.record import Record

SPLITS = ("train", "eval", "test")


class Decision(Record):
    """One thing that the compiler decided, and why; `set_by` is the key that changes it."""

    what: str
    value: str
    why: str
    set_by: str = ""


class Candidate(Record):
    """A loss that was looked at for the data, and what became of it."""

    loss: str
    outcome: Literal["chosen", "fits", "lacks", "other data"]
    reason: str


class ProjectPlan(Record):
    name: str  # as a folder
    package: str  # as a distribution
    title: str  # as the spec writes it
    description: str
    license: str
    languages: tuple[str, ...]
    seed: int


class FileSource(Record):
    """A local file or glob, relative to the generated repo, and the `datasets` reader for it."""

    loader: str
    path: str
    options: Mapping[str, Expression]


class Column(Record):
    """A column that is read: its role, its name in training, its name in the file."""

    role: str
    name: str
    source: str


class ScoreRange(Record):
    min: float
    max: float


class DataPlan(Record):
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
    screened: tuple[str, ...]  # splits whose bad lines are set aside one by one
    sifted: bool  # whether bad rows of other splits are set aside
    trained_columns: tuple[str, ...]  # what the loss gets, in order
    evaluated_columns: tuple[str, ...]  # what evaluators get: the columns of the eval and test splits
    rows_needed: int


class HeldOut(Record):
    """Rows that are taken out of the training set: a count, or below 1 a share."""

    split: str
    amount: float


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
    imports: tuple[str, ...]


class PreparePlan(Record):
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
    imports: tuple[str, ...]
    command: tuple[CommandOption, ...]


class CleanPlan(Record):
    """What clean.py does, in order."""

    texts: tuple[str, ...]  # columns of one text each
    lists: bool  # whether there is a column of lists of documents
    label: str  # the column by which equal texts can contradict each other; "": none
    asked: tuple[str, ...]  # columns whose texts must not stand in what is measured on
    symmetric: bool  # whether two texts are the same row when they stand the other way round
    steps: tuple[CleanStep, ...]
    leaks: CleanStep | None
    changes: bool
    judges: bool
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
    imports: tuple[str, ...]
    requirements: Mapping[str, str]


class ModelPlan(Record):
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


class CustomLoss(Record):
    """A loss of the user's own, as its skeleton shows it."""

    module: str
    parameters: tuple[str, ...]  # what `params` passes to it
    config: Expression  # those, as its get_config_dict returns them
    texts: tuple[str, ...]  # the columns that it gets, in order
    label: str  # "": none


class LossPlan(Record):
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


class Contrast(Record):
    """What a contrastive loss holds each anchor against; see `rules/negatives.py`."""

    counted: str
    texts: int  # of each row: the positive and the row's own negatives
    sampled: int
    terms: int  # the loss is the sum of so many: one for each Matryoshka dimension
    softmax: bool
    masks: bool
    gathers: bool


class HubPlan(Record):
    """Where the trained model is pushed."""

    repo: str
    private: bool


class TrainPlan(Record):
    """What the trainer is told. `batch_size` counts the rows of a step over all devices."""

    batch_size: int
    steps: int  # -1: by epochs
    arguments: Mapping[str, Expression]
    callbacks: tuple[Expression, ...]
    hub: HubPlan | None
    imports: tuple[str, ...]


class CustomMetric(Record):
    """A metric of the user's own: a function of a file beside evaluate.py."""

    module: str
    function: str


class EvaluationPlan(Record):
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
    custom: tuple[CustomMetric, ...]
    collapse: str  # what is watched for collapse while training: the template; "": nothing
    leak_columns: tuple[str, ...]  # columns whose texts must not stand in the training rows; empty: not watched
    imports: tuple[str, ...]
    verdict_imports: tuple[str, ...]
    requirements: Mapping[str, str]


class MtebLocalPlan(Record):
    """A task of MTEB that is made of the user's own files."""

    class_: str
    name: str
    type: str
    base: str  # class of mteb.abstasks
    main_score: str
    files_of: str  # what it is made of: the template
    files: Mapping[str, FileSource]
    columns: Mapping[str, str]  # column of the task -> column of the file


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
    imports: tuple[str, ...]
    requirements: Mapping[str, str]


class SetPlan(Record):
    """One of several data sets that are trained together: all that is its own."""

    name: str  # a Python identifier: it stands in the names of modules
    data: DataPlan
    prepare: PreparePlan | None
    clean: CleanPlan | None
    loss: LossPlan
    contrast: Contrast | None
    evaluation: EvaluationPlan
    measuring_imports: tuple[str, ...]
    sampler: str
    share: float  # of the batches


class MixPlan(Record):
    """How the batches of several data sets follow each other. `samplers` is empty where one serves all sets."""

    weighted: bool
    shares: tuple[float, ...]
    samplers: Mapping[str, Expression]
    metric: str  # the key that picks the checkpoint, and the verdict's
    evaluated: tuple[str, ...]  # the sets whose eval rows the loss takes as they are
    main: str


class LaunchPlan(Record):
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


class Plan(Record):
    """A repo. Where several data sets are trained together, `data`, `loss` and so on are those of the first."""

    project: ProjectPlan
    data: DataPlan
    prepare: PreparePlan | None
    clean: CleanPlan | None
    model: ModelPlan
    loss: LossPlan
    contrast: Contrast | None
    train: TrainPlan
    evaluation: EvaluationPlan
    mteb: MtebPlan | None
    sets: tuple[SetPlan, ...]  # empty for a single set
    mix: MixPlan | None
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
    if isinstance(value, Record):
        return {name.rstrip("_"): plan_json(item) for name, item in value.as_dict().items()}
    if isinstance(value, Mapping):
        return {key: plan_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plan_json(item) for item in value]
    return value
