"""The spec language, version 1: what a user writes, as frozen pydantic models. Defaults stand here, decisions don't.

`None` always means "not said": what follows from it is decided in `plan`. Field descriptions are the text of the
published JSON Schema. Cross-field rules live in `semantics.py`, so that each gets its own diagnostic.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from stgen.language.table import Count, Elsewhere, Later, Probability, Table

if TYPE_CHECKING:
    from stgen.language.spec_prepare import Prepare
    from stgen.language.spec_results import Compare, Export, Hub, Mteb
else:
    Prepare = Elsewhere["stgen.language.spec_prepare", "Prepare"]
    Compare = Elsewhere["stgen.language.spec_results", "Compare"]
    Export = Elsewhere["stgen.language.spec_results", "Export"]
    Hub = Elsewhere["stgen.language.spec_results", "Hub"]
    Mteb = Elsewhere["stgen.language.spec_results", "Mteb"]

ModelType = Literal["dense", "cross-encoder", "sparse", "multi-vector"]
Architecture = Literal["transformer", "static", "splade", "inference-free", "csr"]


# --- [project] -------------------------------------------------------------------------------------------------------


class Project(Table):
    name: str | None = Field(None, description="Name of the project; the spec's folder by default.")
    description: str | None = Field(None, description="One sentence for the README and the model card.")
    license: str | None = Field(None, description="SPDX identifier of the trained model's licence.")
    languages: list[str] = Field(["en"], description="ISO 639-1 codes of the languages in the data.")
    seed: int = Field(42, ge=0, le=2**32 - 1, description="Random seed: shuffling, splits, sampling, initial weights.")
    card_rows: bool = Field(False, description="Show some of the rows in the model card, which is often public.")


# --- [model] ---------------------------------------------------------------------------------------------------------


class Prompts(Table):
    query: str | None = Field(None, description="Put before every query (anchor, text_1).")
    document: str | None = Field(None, description="Put before every document (positive, negative, text_2).")


class Lora(Table):
    r: Count = Field(16, description="Rank of the update.")
    alpha: Count = Field(32, description="Scale of the update.")
    dropout: Probability = Field(0.05, description="Dropout on the update's input.")
    targets: Literal["auto"] | list[str] = Field("auto", description="Module names, or auto.")
    merged: bool = Field(
        False, description="Save the model with the update in its weights too: it loads without peft and base."
    )


class Autoencoder(Table):
    k: Count | None = Field(None, description="Dimensions that a text has: 256 by default.")
    k_aux: Count | None = Field(None, description="Unused dimensions that each step tries to revive: 512 by default.")
    hidden_dim: Count | None = Field(None, description="Dimensions in all: four times the base's by default.")
    frozen: bool | None = Field(None, description="Train the autoencoder alone: true by default, unless with lora.")


Pooling = Literal["mean", "cls", "max", "lasttoken", "weightedmean", "mean_sqrt_len_tokens"]
Start = Literal["scratch", "pretrained"]


class SubModel(Table):
    base: str | None = Field(None, description="Hub id or local folder of this side's encoder; the model's by default.")
    architecture: Literal["transformer", "static"] = Field("transformer", description="What this side's encoder is.")
    start: Start | None = Field(None, description="Static: random embeddings, or those that the base brings.")
    revision: str | None = Field(None, description="Branch, tag or commit on the hub.")
    max_length: int | None = Field(None, ge=2, le=1_048_576, description="Tokens kept of a text on this side.")
    pooling: Pooling | None = Field(None, description="How token embeddings become one; the model's by default.")
    learning_rate: float | None = Field(None, gt=0, description="Learning rate of this side alone.")


class Model(Table):
    type: ModelType = Field(description="Kind of model.")
    base: str | None = Field(None, description="Hub id or local folder of the model to start from.")
    revision: str | None = Field(None, description="Branch, tag or commit on the hub.")
    max_length: int | None = Field(None, ge=2, le=1_048_576, description="Tokens kept of each text.")
    trust_remote_code: bool = Field(False, description="Run Python code that the base model's repository brings.")
    architecture: Architecture | None = Field(None, description="Architecture within the type.")
    start: Start | None = Field(None, description="Static: random embeddings, or those that the base brings.")
    pooling: Pooling | None = Field(None, description="Dense: how token embeddings become one.")
    normalize: bool | None = Field(None, description="Dense: scale embeddings to length 1.")
    dimensions: Count | None = Field(None, description="Dense: project embeddings to this many dimensions.")
    prompts: Later[Prompts] | None = Field(
        None, description="Prompts, applied in training, evaluation and the saved model."
    )
    router: bool = Field(False, description="Separate encoders for queries and documents.")
    query: Later[SubModel] | None = Field(None, description="The query encoder of a router; its lengths elsewhere.")
    document: Later[SubModel] | None = Field(None, description="The same for documents.")
    autoencoder: Later[Autoencoder] | None = Field(None, description="Sparse, csr: what makes embeddings sparse.")
    lora: Later[Lora] | None = Field(None, description="LoRA: train low-rank adapters in place of all weights.")


# --- [loss] ----------------------------------------------------------------------------------------------------------


class Mine(Table):
    model: str | None = Field(None, description="Model that retrieves candidates; the base by default.")
    negatives: Count = Field(5, description="Negatives for each pair.")
    margin: float | None = Field(None, ge=0, description="A negative scores at least this far below the positive.")
    relative_margin: Probability | None = Field(None, description="The same, as a share of the positive's score.")
    min_score: float | None = Field(None, description="Lowest score of a negative.")
    max_score: float | None = Field(None, description="Highest score of a negative.")
    range_min: int = Field(0, ge=0, description="Rank from which candidates are taken.")
    range_max: Count | None = Field(None, description="Rank up to which candidates are taken.")
    sampling: Literal["top", "random"] = Field("top", description="Which of the candidates are taken.")
    cross_encoder: str | None = Field(None, description="Cross-encoder that scores the candidates again.")


class Conversion(Table):
    to: str = Field(description="Data format to convert to.")
    mine: Later[Mine] | None = Field(None, description="Hard-negative mining.")
    threshold: float | None = Field(None, description="Score from which a pair is positive.")
    positive: str | list[str] | None = Field(None, description="Classes whose pairs belong together.")
    rows: Count | None = Field(None, description="Training rows to sample; one for each text by default.")
    negatives: Count | None = Field(None, description="Negatives kept of each list.")


class Regularize(Table):
    query: float | None = Field(None, ge=0, description="Weight of the sparsity regularizer of queries.")
    document: float | None = Field(None, ge=0, description="Weight of the sparsity regularizer of documents.")
    query_regularizer: str | None = Field(None, description="FlopsLoss, or FILE.py:CLASS of the user's own.")
    document_regularizer: str | None = Field(None, description="The same for documents.")


class Loss(Table):
    name: str = Field("auto", description="auto, or a loss of the tables.")
    params: dict[str, Any] = Field({}, description="Arguments of the loss, checked against its signature.")
    convert: Literal["auto", "none"] | list[str | Later[Conversion]] = Field(
        "auto", description="Conversions between data formats that are accepted."
    )
    matryoshka: list[Count] | None = Field(None, description="Dimensions that embeddings can be cut to.")
    adaptive_layers: bool = Field(False, description="Train every layer's output.")
    orthogonal: float | None = Field(None, gt=0, description="Weight of the orthogonal regularizer.")
    guide: str | None = Field(None, description="GISTEmbed: the model that masks false negatives.")
    teacher: str | None = Field(None, description="Distillation: the teacher model.")
    regularize: Literal[False] | Later[Regularize] | None = Field(
        None, description="Sparse: weights of the sparsity regularizers; false: a custom loss does without them."
    )
    custom: str | None = Field(None, description="FILE.py:CLASS of the user's own loss.")


# --- [[data]] --------------------------------------------------------------------------------------------------------


class Fraction(Table):
    fraction: float = Field(gt=0, lt=1, description="Hold-out: share of the training anchors.")


class Rows(Table):
    rows: Count = Field(description="Hold-out: number of training rows, rounded to whole anchors.")


class ClassColumn(Table):
    column: str = Field(description="Column of the class.")
    names: list[str] | None = Field(None, description="Names of the classes, in the order of their numbers.")


class BinaryColumn(Table):
    column: str = Field(description="Column of the label.")
    positive: str | int | bool | list[str | int | bool] = Field(
        description="The value of the positive label, or its spellings."
    )
    negative: str | int | bool | list[str | int | bool] | None = Field(
        None, description="The values of the negative label; where they aren't named, there is a single one."
    )


class ScoreColumn(Table):
    column: str = Field(description="Column of the similarity.")
    min: float = Field(0.0, description="Lowest score there can be.")
    max: float = Field(1.0, description="Highest score there can be.")
    values: dict[str, float] | None = Field(None, description="Word -> score, where scores stand as words.")


Several = Annotated[list[str], Field(min_length=1)]


class JoinedColumns(Table):
    """Several columns, whose texts make one."""

    columns: Several = Field(description="Columns, in the order in which their texts stand.")
    separator: str = Field(" ", description="What stands between two texts; a text that is missing is left out.")


class NegativeColumn(Table):
    """Negatives, of which rows may have different numbers."""

    column: str | Later[JoinedColumns] | Annotated[list[str | Later[JoinedColumns]], Field(min_length=1)] = Field(
        description="Column of the negatives, such as neg[], or several."
    )
    count: Count | None = Field(None, description="Negatives that the loss gets for each row; fewer are repeated.")


class Columns(Table):
    """The data schema: role -> column of the file, or a path within one.

    In a path, `[]` stands for every item of a list: each makes a row, or together they are the negatives or documents of one.
    """

    text: str | Several | Later[JoinedColumns] | None = Field(
        None, description="One text by itself; a list is joined to one."
    )
    text_1: str | Several | Later[JoinedColumns] | None = Field(
        None, description="First of two texts whose relation the label states; a list is joined to one."
    )
    text_2: str | Several | Later[JoinedColumns] | None = Field(
        None, description="Second of two texts whose relation the label states; several for translations of the first."
    )
    anchor: str | Several | Later[JoinedColumns] | None = Field(
        None, description="A query, or a text to which others are compared; a list is joined to one."
    )
    positive: str | Several | Later[JoinedColumns] | None = Field(
        None, description="A text that answers or matches the anchor; a list is joined to one."
    )
    negative: (
        str
        | Later[JoinedColumns]
        | Later[NegativeColumn]
        | Annotated[list[str | Later[JoinedColumns]], Field(min_length=1)]
        | None
    ) = Field(None, description="One or more texts that don't.")
    documents: str | Later[JoinedColumns] | None = Field(
        None, description="A list of texts, ranked against the anchor."
    )
    class_: str | Later[ClassColumn] | None = Field(None, alias="class", description="A class, integer or string.")
    binary: str | Later[BinaryColumn] | None = Field(None, description="1 / 0, true / false, or one of two strings.")
    probabilities: str | Later[ClassColumn] | None = Field(
        None, description="A list with a probability for each class: how sure the label is."
    )
    score: str | Later[ScoreColumn] | None = Field(
        None, description="A similarity; its range is 0 to 1 unless declared."
    )
    scores: str | None = Field(None, description="A list of scores: for documents, or positive then negatives.")
    margin: str | None = Field(None, description="A teacher's margin: a number, or a list of one per negative.")
    embedding: str | None = Field(None, description="A teacher's vector, or one for each text.")


class TextFile(Table):
    """A file in which texts stand under the ids that rows have in their place."""

    file: str = Field(description="Local file or glob, or hf://ORG/NAME[/CONFIG][@REVISION]#SPLIT.")
    id: str = Field("_id", description="Column of the ids.")
    text: str | Several | Later[JoinedColumns] = Field("text", description="Column of the texts; several are joined.")


class Texts(Table):
    """Role -> the file that has its texts, where its column holds their ids."""

    text: str | Later[TextFile] | None = Field(None, description="The texts, or the file with columns _id and text.")
    text_1: str | Later[TextFile] | None = Field(None, description="The same for first texts.")
    text_2: str | Later[TextFile] | None = Field(None, description="The same for second texts.")
    anchor: str | Later[TextFile] | None = Field(None, description="The same for anchors.")
    positive: str | Later[TextFile] | None = Field(None, description="The same for positives.")
    negative: str | Later[TextFile] | None = Field(None, description="The same for negatives.")
    documents: str | Later[TextFile] | None = Field(None, description="The same for lists of documents.")


class Retrieval(Table):
    """The BEIR layout."""

    corpus: str = Field(description="Documents: _id, title, text.")
    queries: str = Field(description="Queries: _id, text.")
    qrels: str = Field(description="Relevance for training: query-id, corpus-id, score.")
    eval_qrels: str | None = Field(None, description="Relevance for evaluation while training.")
    test_qrels: str | None = Field(None, description="Relevance for the test.")
    trec: bool = Field(False, description="Relevance is written as TREC does: query 0 document grade, without header.")


class FileFormat(Table):
    """How the files of a data set are written, where their suffix doesn't say it all."""

    delimiter: str | None = Field(None, description="CSV, TSV: the character between two cells.")
    quoting: Literal["doubled", "backslash", "none"] | None = Field(
        None, description="CSV, TSV: how a quote within a quoted cell is written; none: a quote is a character."
    )
    header: list[str] | None = Field(None, description="CSV, TSV: names of the columns, where no line has them.")
    encoding: str | None = Field(None, description="CSV, TSV, TXT: encoding; UTF-8 by default.")
    decimal: Literal[".", ","] | None = Field(None, description="The sign before decimals in numbers that are text.")
    rows: str | None = Field(None, description="JSON: the key of the object under which the list of rows stands.")


class Data(Table):
    name: str | None = Field(None, description="Name of the data set, when there are several.")
    train: str | None = Field(None, description="Local file or glob, or hf://ORG/NAME[/CONFIG][@REVISION]#SPLIT.")
    eval: str | Later[Fraction] | Later[Rows] | None = Field(
        None, description="Rows to evaluate on while training; they pick the checkpoint."
    )
    test: str | Later[Fraction] | Later[Rows] | None = Field(None, description="Rows to measure on before and after.")
    columns: Columns | None = Field(None, description="Role -> column of the file.")
    texts: Later[Texts] | None = Field(None, description="Role -> file of its texts, where rows hold their ids.")
    file: Later[FileFormat] | None = Field(None, description="How the files are written: delimiter, encoding ...")
    retrieval: Later[Retrieval] | None = Field(None, description="The BEIR layout, in place of train and columns.")
    streaming: bool = Field(False, description="Read rows as they are needed: for data larger than the disk.")
    weight: float | None = Field(None, gt=0, description="Share of the mix.")
    language: str | None = Field(None, description="ISO 639-1 code of this set's language.")
    prompts: Later[Prompts] | None = Field(None, description="Prompts for this set only.")
    loss: Later[Loss] | None = Field(None, description="Loss for this set only.")
    allow: list[str] = Field([], description="Warnings about this set that the author accepts, by code.")


# --- [train] [hardware] [metrics] ... --------------------------------------------------------------------------------


class Train(Table):
    epochs: float | None = Field(None, gt=0, description="Epochs: passes over the data.")
    steps: Count | None = Field(None, description="Optimizer steps, in place of epochs.")
    batch_size: Literal["auto"] | Count = Field("auto", description="Global batch size: rows a step, over all devices.")
    learning_rate: float | None = Field(None, gt=0, description="Peak learning rate.")
    warmup: float | None = Field(None, ge=0, description="Steps of warm-up; below 1, a share of all steps.")
    scheduler: Literal["linear", "cosine", "constant", "constant_with_warmup"] | None = Field(
        None, description="Learning rate scheduler."
    )
    weight_decay: float | None = Field(None, ge=0, description="Weight decay.")
    optimizer: str | None = Field(None, description="Name of an optimizer of transformers.")
    gradient_checkpointing: Literal["auto"] | bool = Field(
        "auto", description="Gradient checkpointing: less memory for more time."
    )
    compile: bool = Field(False, description="torch.compile.")
    group_by_length: bool | None = Field(
        None, description="Batches of texts of similar length; by default where that saves much padding."
    )
    evaluate_every: float | None = Field(None, gt=0, description="Steps; below 1, a share of all steps.")
    early_stopping: Count | None = Field(
        None, description="Early stopping: evaluations without improvement that end the run."
    )
    keep: Count | None = Field(None, description="Checkpoints that stay on disk.")
    tracker: Literal["none", "tensorboard", "wandb", "mlflow", "trackio"] = Field("none", description="Tracker.")
    hub: Hub | None = Field(None, description="Where the trained model is pushed.")
    extra: dict[str, Any] = Field({}, description="Further training arguments of the library.")


class Hardware(Table):
    accelerator: Literal["cpu", "cuda", "rocm", "mps", "xpu"] | None = Field(None, description="What computes.")
    gpu: str | None = Field(None, description="A GPU of the hardware table.")
    memory: str | None = Field(None, description="Memory of one accelerator, such as 24GiB.")
    gpus: Count | None = Field(None, description="Accelerators per node; on cpu, processes.")
    nodes: Count = Field(1, description="Machines.")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field("auto", description="Floating-point format.")
    strategy: Literal["auto", "ddp", "fsdp", "zero2", "zero3"] = Field(
        "auto", description="How the model is distributed over devices."
    )
    launcher: Literal["local", "slurm", "torchrun", "skypilot", "kubernetes"] = Field("local", description="Launcher.")
    slurm: dict[str, str | int] | None = Field(None, description="Keys for sbatch.")
    skypilot: dict[str, str | int] | None = Field(None, description="Keys for SkyPilot.")
    kubernetes: dict[str, str | int] | None = Field(None, description="Keys for Kubernetes.")


class Metrics(Table):
    best: str | None = Field(None, description="Metric that picks the checkpoint.")
    evaluators: Literal["auto"] | list[str] = Field(
        "auto", description="Evaluators; nanobeir is measured beside the data's own."
    )
    relevant: float | None = Field(None, description="Least grade that counts as relevant: for recall, MRR and MAP.")
    custom: list[str] = Field([], description="FILE.py:FUNCTION of the user's own metrics.")
    monitor: list[Literal["collapse", "leakage", "loss"]] | None = Field(None, description="Monitors.")
    mteb: Mteb | None = Field(None, description="MTEB.")


class Spec(Table):
    stgen: int = Field(ge=1, le=1, description="Version of the language.")
    extends: str | None = Field(None, description="Another spec whose tables this one overrides.")
    allow: list[str] = Field([], description="Warnings that the author accepts, by code.")
    project: Later[Project] = Field(
        default_factory=Project.model_construct, description="What it is called, and what holds for all of it."
    )
    model: Model = Field(description="What is trained.")
    data: list[Data] = Field(min_length=1, description="What it is trained on.")
    prepare: Prepare | None = Field(None, description="What is done to the data before training.")
    loss: Later[Loss] = Field(default_factory=Loss.model_construct, description="What the model is trained toward.")
    train: Later[Train] = Field(default_factory=Train.model_construct, description="How long and how it is trained.")
    hardware: Later[Hardware] = Field(default_factory=Hardware.model_construct, description="What it is trained on.")
    metrics: Later[Metrics] = Field(default_factory=Metrics.model_construct, description="How it is measured.")
    compare: Compare | None = Field(None, description="Losses and seeds to try against each other.")
    export: Export | None = Field(None, description="What the trained model is exported to.")
