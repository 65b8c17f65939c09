"""The plan: everything decided. It is the only thing that templates see; `plan_json` is what `stgen plan --format json` prints.

Its records are named tuples, as those of the rules tables are: a dataclass costs every command eight times more to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from stgen.match.candidate import Candidate
from stgen.plan.planned_data import CleanPlan, DataPlan, PreparePlan, StreamPlan
from stgen.plan.planned_measures import EvaluationPlan, ExportPlan, InferencePlan, MtebPlan
from stgen.plan.planned_model import ModelPlan
from stgen.values.expressions import Call, Expression, Name, to_python
from stgen.values.record import Record


class Decision(Record):
    """One thing that the compiler decided, and why; `set_by` is the key that changes it."""

    what: str
    value: str
    why: str
    set_by: str = ""


class ProjectPlan(Record):
    name: str  # as a folder
    package: str  # as a distribution
    title: str  # as the spec writes it
    description: str
    license: str
    languages: tuple[str, ...]
    seed: int
    card_rows: bool  # whether the model card shows rows of the data
    outside: tuple[tuple[str, str], ...]  # what an image of the repo lacks, and where it looks for that


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
    note: str  # what to know of it and of what stands around it; ""
    advice: str  # the metrics that go with it, and what to try next
    source: str
    wrapped: str  # the sparse loss around it; "": none
    regularizers: tuple[tuple[str, str], ...]  # of the user's own: module and class
    guide: Expression  # where the guide model lies; None where there is none
    custom: CustomLoss | None  # the user's own; None: a loss of the library
    same_width: bool  # a teacher's vectors must be as wide as the model's
    trains_more: bool  # weights that aren't the model's
    candidates: tuple[Candidate, ...]
    conversions: tuple[str, ...]


class Contrast(Record):
    """The candidates of each anchor under a contrastive loss; see `rules/negatives.py`."""

    counted: str
    texts: int  # of each row: the positive and the row's own negatives
    sampled: int
    anchors: bool  # the other anchors of the batch are negatives too
    positives: bool  # the own positive is held against the others
    terms: int  # the loss is the sum of so many: one for each Matryoshka dimension
    softmax: bool
    masks: bool
    gathers: bool


class HubPlan(Record):
    """Where the trained model is pushed."""

    repo: str
    private: bool


class Best(Record):
    """What picks the checkpoint: the metric's key, and whether more of it is better."""

    metric: str
    greater: bool


class Alternative(Record):
    """Another way to train: the line of the spec that asks for it, and the memory and batch that it would bring."""

    what: str
    write: str
    peak: int  # bytes
    fits: bool
    largest: int  # batch; 0: none fits


class MemoryPlan(Record):
    """What a step takes of one device, in bytes; parts aren't all alive at the same time."""

    device: str
    memory: int  # that a training can have
    parts: Mapping[str, int]
    low: int
    high: int
    largest: int  # batch, over all devices, that fits; 0: none
    tokens: tuple[int, ...]  # of each column of texts
    mini_batch: int  # of GradCache: rows of a pass; 0: none
    measured: int  # texts that an evaluation embeds at once
    alternatives: tuple[Alternative, ...]


class Cost(Record):
    """What the run takes on a device: ranges, from the formula and the utilisation of `rules/utilisation.py`."""

    device: str
    seconds_low: float
    seconds_high: float
    rows_low: float  # a second
    rows_high: float
    dollars_low: float | None  # None: no source says what it costs
    dollars_high: float | None
    read: str  # the day on which the prices were


class EffortPlan(Record):
    """The length of a run: its steps, the tokens that it reads, and what they take on the GPU named and on two others."""

    steps: int
    batch: int
    tokens: int
    costs: tuple[Cost, ...]  # empty: nobody knows the base's measures
    core: Cost | None = None  # the same on a core of a CPU
    operations: float = 0  # floating-point, of the whole run
    each: int = 0  # of them, for each weight of a layer and each token
    width: int = 0  # of the layers


class Figures(Record):
    """What the report shows beside the measurement: a range and for what device, or why nothing could be planned."""

    seconds: str
    rows: str  # a second
    memory: str  # GiB, of one process


class TrainPlan(Record):
    """What the trainer is told. `batch_size` counts the rows of a step over all devices."""

    batch_size: int
    steps: int  # -1: by epochs
    best: Best
    keep: int  # checkpoints that stay on disk
    arguments: Mapping[str, Expression]
    by_length: bool  # batches hold rows of similar length
    callbacks: tuple[Expression, ...]
    watches_loss: bool  # whether a NaN or infinite loss ends the run
    hub: HubPlan | None
    memory: MemoryPlan | None  # None: the spec names no device, or the base is none of the table's
    effort: EffortPlan | None  # None: nobody has counted the texts
    figures: Figures
    counts: bool  # whether train.py counts its rows, to decide how often it evaluates
    evaluations: int  # of a run at most; of those that train.py decides on
    sharded: bool = False  # weights are shared out over the devices, and nothing is measured while they are


class SetPlan(Record):
    """A data set: all that is its own where several are trained together."""

    name: str  # a Python identifier, which stands in the names of modules and metrics; "": it is the repo's only one
    data: DataPlan
    prepare: PreparePlan | None
    clean: CleanPlan | None
    loss: LossPlan
    contrast: Contrast | None
    evaluation: EvaluationPlan
    sampler: str
    share: float  # of the batches

    def module(self, kind: str) -> str:
        """What the repo calls its module of a kind: `data`, or one of several sets' `data_NAME`."""
        return named(kind, self.name)


class MixPlan(Record):
    """How the batches of several data sets follow each other. `samplers` is empty where one serves all sets."""

    weighted: bool
    sampler: str  # class of train.py that does it; "": the library's
    shares: tuple[float, ...]
    samplers: Mapping[str, Expression]
    by_class: tuple[str, ...]  # the sets whose batches are of pairs of rows of a class
    evaluated: tuple[str, ...]  # the sets whose eval rows the loss takes as they are
    main: str  # the key that stands for all
    main_set: int  # the set that it is of
    contrasted: tuple[str, ...]  # the sets with a softmax over candidates, whose chance-level loss is known
    prompts: Mapping[str, Mapping[str, str]]  # of each set, where the spec gives them and sets differ; else empty
    documents: tuple[str, ...]  # the sets without a query, where the base gives the prompts and other sets have queries
    prompted: Literal["none", "spec", "base"]  # who says what stands before the texts of a set, where sets differ


class CandidatePlan(Record):
    """A loss that compare.py trains."""

    name: str
    expression: Expression
    conversions: tuple[str, ...]
    rows: str  # the split of prepared/ that it is trained on
    columns: tuple[str, ...]  # of those rows
    takes_eval_rows: bool  # whether the eval rows have the form that it takes
    batch_size: int
    activation: Expression  # cross-encoders: what predict() applies to the outputs
    arguments: Mapping[str, Expression]  # training arguments in which losses differ
    sides: Mapping[str, str]  # column of texts -> whether it holds queries or documents


class ComparePlan(Record):
    """Several losses under several seeds."""

    candidates: tuple[CandidatePlan, ...]  # that train.py can train
    losses: tuple[str, ...]  # of those, the ones that compare.py trains
    own: str  # the one that train.py trains where no other is named
    seeds: tuple[int, ...]
    rows: int | None  # that each run learns from; None: `epochs` times those that there are
    epochs: float
    activations_differ: bool
    eval_rows_differ: bool
    guide: Expression  # where the guide of the losses that take one lies; None where none does
    local_guide: bool


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
    command: str = "bash"  # what starts it, and the file of launch/ that this takes
    file: str = ""
    manifest: str = ""  # the file in which a cluster reads what to run; "": none
    job: str = ""  # what it is called there
    limits: Mapping[str, str] = {}  # what a pod gets: resource -> amount


class Plan(Record):
    """A repo."""

    project: ProjectPlan
    sets: tuple[SetPlan, ...]  # one, or several that are trained together
    mix: MixPlan | None  # None: there is one set
    stream: StreamPlan | None
    model: ModelPlan
    train: TrainPlan
    inference: InferencePlan
    mteb: MtebPlan | None
    exported: ExportPlan | None
    compare: ComparePlan | None
    launches: tuple[LaunchPlan, ...]
    requirements: Mapping[str, str]
    dev_requirements: Mapping[str, str]
    decisions: tuple[Decision, ...]
    spec_copy: str  # the name under which the spec stands in the repo; "" where it stands there already
    spec_text: str


def named(what: str, name: str) -> str:
    """What one of several data sets has of its own is called after both; of an only one, by itself."""
    return f"{what}_{name}" if name else what


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
