"""The shapes of the rows of the rules tables."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["loss", "inner", "wrapper", "modifier", "regularizer", "component"]
Sampler = Literal["batch_sampler", "no_duplicates", "group_by_label"]
Ddp = Literal["ok", "diverges", "head-not-synced"]
"""How a loss fares in several processes under DDP.

`diverges`: it calls the model past DDP. `head-not-synced`: DDP doesn't see the weights that the loss has of its own, so
that the repo averages their gradients itself.
"""
Modifier = Literal["matryoshka", "adaptive_layers", "matryoshka_2d"]
Objective = Literal["", "in-batch", "labels", "classes", "list", "vectors", "teacher", "denoising", "tension"]
"""What a loss optimises, as far as learning rate and batch size depend on it. `""` for what stands around a loss.

`in-batch`: other rows' texts are negatives; `labels`: each row by itself; `classes`: triplets within the batch; `list`:
ranked lists; `vectors`: a teacher's vectors; `teacher`: a teacher's scores or margins; `denoising`, `tension`: texts
without labels.
"""
Need = Literal["guide", "classes", "inner", "weights", "lm-head"]
"""What a loss needs besides its data.

`guide`: `[loss] guide` must name a model; the spec alone can give it. The rest follows from model and data: `classes`
is the number of classes, `inner` the loss inside, `weights` the sparsity weights, `lm-head` a base model that
transformers can load as a causal language model.
"""


class Parameter(NamedTuple):
    """One constructor argument that a spec may set in `loss.params`.

    `type` is what the spec writes: "int", "float", "bool", "str", "ints", "floats", "choice" (one of `words`),
    "choices" (a list of distinct `words`, passed as a tuple) or "tensor" (a number, passed as `torch.tensor(number)`),
    each with `| None` where the library takes None. `default` is written as a spec would write it.
    A choice maps its words to Python names of the generated program, whose first part train.py imports; a
    name that ends in `()` is called. Empty `names` mean that the words themselves are passed as strings.
    """

    name: str
    type: str
    default: object
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    above: float | None = None  # exclusive lower bound of a number
    at_least: float | None = None
    at_most: float | None = None


class Loss(NamedTuple):
    """One public loss of sentence-transformers, for one model type."""

    model: str
    name: str
    formats: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    kind: Kind = "loss"
    objective: Objective = ""
    needs: tuple[Need, ...] = ()
    sampler: Sampler = "batch_sampler"
    modifiers: tuple[Modifier, ...] = ()
    architectures: tuple[str, ...] = ("transformer",)
    wrapped_by: tuple[str, ...] = ()  # an inner loss: the wrappers that take it, best first
    cached: bool = False  # GradCache: the batch may be larger than memory
    gathers: bool = False  # has gather_across_devices
    ddp: Ddp = "ok"
    lora: bool = True
    outputs: Literal["", "1", "classes"] = ""  # cross-encoders
    activation: Literal["", "identity", "sigmoid"] = ""  # cross-encoders: what predict() should apply
    successor: str = ""  # deprecated: the loss to name instead
    successor_parameters: tuple[tuple[str, object], ...] = ()
    note: str = ""
    source: str = ""
    alias: str = "losses"  # the name by which train.py knows the module of the class


class Choice(NamedTuple):
    """For a data format, one loss in order of preference: the first choice that fits is the default."""

    model: str
    architectures: tuple[str, ...]
    format: str
    loss: str
    why: str


class ConversionRow(NamedTuple):
    """An edge between data formats. `cost` 0 loses nothing and is automatic; above that the spec must accept it.

    The least total cost wins. Above 0, cost grows with what is given up: 1 to 9 throw information away or guess,
    10 and more also run a model over the data.
    """

    name: str
    source: str
    target: str
    cost: int
    loses: str  # what is lost, "" for nothing
    consent: str  # the line that a spec must hold, "" where it is automatic
    template: str  # the prepare step that does it
    models: tuple[str, ...] = ("dense", "cross-encoder", "sparse", "multi-vector")
    needs: tuple[str, ...] = ()  # options of the consent that have no default, and `[loss] teacher`
    classes: tuple[str, ...] = ()  # class names (in lower case) that the data must have
    training_only: bool = False  # eval and test rows stay as they are before it
    leads: str = ""  # why what it makes trains better than the source as it stands, which it then comes before
    leads_from: int = 0  # declared classes from which it does
    invents: bool = False  # makes numbers that no teacher gave: a loss that imitates one must not get them


Build = Literal[
    "as-is",
    "in-turn",
    "zip",
    "retrieval",
    "rerank",
    "lists",
    "unroll",
    "by-margin",
    "classes",
    "neighbours",
    "entailment",
    "classifier",
    "vectors",
    "damaged",
]
"""What the generated program makes of the roles before an evaluator takes them.

`as-is`: the columns; `in-turn`: the first column beside each of the others in turn, a row each; `zip`: two columns as one list of pairs; `retrieval`: queries, corpus and who answers whom;
`rerank`: a query with its positive and negatives, drawn from other rows where the data has none; `lists`: the same from
ranked documents, positive where the score is above 0; `unroll`: one (anchor, document, score) for each document;
`by-margin`: the documents change places where the teacher's margin is negative;
`classes`: triplets drawn from the classes; `entailment`: classes as scores 1, 0.5, 0; `classifier`: a probe in place
of the loss's own classifier; `vectors`: the stored vectors in place of a teacher model (whose `encode` gives them; a
sparse one's `sparsity` too); `damaged`: texts are searched for by copies that have lost most of their words.
"""


class EvaluatorRow(NamedTuple):
    """How a model of one type is measured on one data format. Where a format has several rows, the first that fits wins.

    `metric` is what follows `{name}_` in the key that the evaluator returns; the trainer's key is
    `eval_{name}_{metric}`. `{similarity}` in it stands for the model's similarity (`evaluators.SIMILARITY`, unless a
    loss changes it). `columns` are roles, in the order of `arguments`, the evaluator's keyword arguments.
    """

    model: str
    format: str
    evaluator: str  # a name of this model type's evaluation package, "" where the generated program has its own
    metric: str
    build: Build
    arguments: tuple[str, ...]
    columns: tuple[str, ...]
    measures: str
    greater_is_better: bool = True
    classes: tuple[str, ...] = ()  # class names (in lower case) that the data must have for this row
    picks: str = ""  # the metric that picks the checkpoint, where that of the verdict costs too much while training


class Fact(NamedTuple):
    """What a decision looks at: a name and every value it can have."""

    name: str
    values: tuple[object, ...]


class Decision(NamedTuple):
    """A row of a decision table. `when` holds a value, a tuple of values, or None (any) for each fact of the table."""

    when: tuple[object, ...]
    value: object
    why: str


class DecisionTable(NamedTuple):
    """Rows in order of priority: the first that fits wins."""

    name: str
    facts: tuple[Fact, ...]
    rows: tuple[Decision, ...]


class Buckets(NamedTuple):
    """A number as a word: `words[i]` below `edges[i]`, the last word from the last edge on, `unknown` for None."""

    edges: tuple[float, ...]
    words: tuple[str, ...]


class Base(NamedTuple):
    """A family of base models known by the name on the hub: `pattern` is matched in whole, ignoring case.

    Zero and "" mean that members of the family differ. `parameters` is a count in millions.
    """

    family: str
    pattern: str
    query: str = ""  # the prompts that it was trained with
    document: str = ""
    prompts: Literal["none", "expected", "task"] = "none"  # task: an instruction that names the user's task
    pooling: str = ""
    max_length: int = 0
    parameters: float = 0
    hidden: int = 0
    intermediate: int = 0
    layers: int = 0
    heads: int = 0
    vocabulary: int = 0
    source: str = ""
    static: bool = False  # a table of token embeddings; then `hidden` is their width
    kind: str = ""  # `model_type` of its configuration; "": BERT, or XLM-R where the vocabulary is that large
    key_heads: int = 0  # grouped queries: heads of keys and values; 0: as many as of queries
    head_size: int = 0  # 0: the hidden size over the heads
    normalized: bool = False  # its embeddings have length 1
    positions: int = 0  # rows of its table of positions, where it reads fewer tokens than that by default
    alike: str = (
        ""  # the prompt of texts that are compared as equals, none of which is a query, where its page names one
    )


class Rent(NamedTuple):
    """What a device costs: US dollars an hour on demand, from the cheapest to the dearest of the lists that were read.

    `read` is the day of the older list where there are two.
    """

    low: float
    high: float
    read: str
    source: str
    another: str = ""  # a second source: the first has the low price, this one the high price


class Gpu(NamedTuple):
    """An accelerator. `memory` is what a program can address of one device, in GiB, after error correction.

    `tflops` is its dense peak in the 16-bit format that it trains in (bf16, or fp16 where it lacks bf16), with sums in
    fp32; 0 where no source says it. `compute` is its source, "" where `source` has it too.
    """

    name: str
    memory: float
    bf16: bool  # computes bfloat16 natively
    accelerator: Literal["cuda", "rocm"]
    source: str
    tflops: float = 0
    compute: str = ""
    rent: Rent | None = None
    note: str = ""
