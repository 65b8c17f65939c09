"""The spec language, version 1: what a user writes, as frozen pydantic models. Defaults stand here, decisions don't.

`None` always means "not said": what follows from it is decided in `plan`. Field descriptions are the text of the
published JSON Schema. Rules between keys live in `semantics`, so that each gets its own diagnostic.
"""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from stgen.language.spec_data import Data
from stgen.language.spec_model import Loss, Model
from stgen.language.table import Count, Elsewhere, Later, Table

if TYPE_CHECKING:
    from stgen.language.spec_prepare import Prepare
    from stgen.language.spec_results import Compare, Export, Hub, Mteb
else:
    Prepare = Elsewhere["stgen.language.spec_prepare", "Prepare"]
    Compare = Elsewhere["stgen.language.spec_results", "Compare"]
    Export = Elsewhere["stgen.language.spec_results", "Export"]
    Hub = Elsewhere["stgen.language.spec_results", "Hub"]
    Mteb = Elsewhere["stgen.language.spec_results", "Mteb"]


class Project(Table):
    name: str | None = Field(None, description="Name of the project; the spec's folder by default.")
    description: str | None = Field(None, description="One sentence for the README and the model card.")
    license: str | None = Field(None, description="SPDX identifier of the trained model's licence.")
    languages: list[str] = Field(["en"], description="ISO 639-1 codes of the languages in the data.")
    seed: int = Field(42, ge=0, le=2**32 - 1, description="Random seed: shuffling, splits, sampling, initial weights.")
    card_rows: bool = Field(False, description="Show some of the rows in the model card, which is often public.")


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
