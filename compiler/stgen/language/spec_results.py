"""The tables of MTEB, comparison, export and the hub, which most specs don't have: imported when a spec has one."""

from typing import Annotated, Literal

from pydantic import Field

from stgen.language.table import Count, Later, Table

Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]


class Hub(Table):
    repo: str = Field(description="ORG/NAME.")
    private: bool = Field(True, description="Whether only its owner sees the repository.")


class MtebLocal(Table):
    name: str = Field(description="Name of the task.")
    type: str = Field(description="Task type of MTEB.")
    path: str | None = Field(None, description="File of the task.")
    corpus: str | None = Field(None, description="Retrieval: documents.")
    queries: str | None = Field(None, description="Retrieval: queries.")
    qrels: str | None = Field(None, description="Retrieval: relevance.")
    train: str | None = Field(None, description="Classification: rows to fit on.")
    columns: dict[str, str] = Field({}, description="Column of the task -> column of the file.")


class Mteb(Table):
    tasks: list[str] = Field([], description="Tasks by name.")
    types: list[str] = Field([], description="Tasks by type.")
    benchmark: str | None = Field(None, description="A benchmark by name.")
    languages: list[str] = Field([], description="ISO codes.")
    local: list[Later[MtebLocal]] = Field([], description="The user's own files as tasks.")


class Compare(Table):
    losses: list[str] | None = Field(
        None,
        min_length=1,
        description="Losses to train side by side; auto is that of [loss]. By default those that fit.",
    )
    seeds: list[Seed] = Field([1, 2, 3], min_length=1, description="Seeds to train each with.")
    rows: Count | None = Field(
        None, description="Training rows that each run learns from; by default those of train.py."
    )


class Export(Table):
    formats: list[Literal["onnx", "openvino"]] = Field([], description="Formats.")
    quantize: str | None = Field(None, description="Quantization.")
