"""The part of the language that is about the model and its loss: [model], [loss], and what stands in them."""

from typing import Any, Literal

from pydantic import Field

from stgen.language.table import Count, Later, Probability, Table

ModelType = Literal["dense", "cross-encoder", "sparse", "multi-vector"]
Architecture = Literal["transformer", "static", "splade", "inference-free", "csr"]


class Prompts(Table):
    query: str | None = Field(None, description="Put before every query (anchor, text_1).")
    document: str | None = Field(None, description="Put before every document (positive, negative, text_2).")


class Lora(Table):
    r: Count = Field(16, description="Rank of the update.")
    alpha: Count | None = Field(None, description="Scale of the update: twice r by default.")
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
