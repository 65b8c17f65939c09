"""The part of the language that is about data: [[data]] and what stands in it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from stgen.language.spec_model import Loss, Prompts
from stgen.language.table import Count, Later, Table


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

    usual: ClassVar[tuple[str, ...]] = ("anchor", "positive")

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


class CorpusColumns(Table):
    id: str = Field("_id", description="Column of the ids, or a path within one.")
    title: str = Field("title", description="Column of the titles, which may be missing.")
    text: str = Field("text", description="Column of the texts, or a path within one, such as passage.text.")


class QueryColumns(Table):
    id: str = Field("_id", description="Column of the ids, or a path within one.")
    text: str = Field("text", description="Column of the texts, or a path within one.")


class JudgementColumns(Table):
    query: str = Field("query-id", description="Column of the ids of queries.")
    document: str = Field("corpus-id", description="Column of the ids of documents.")
    grade: str = Field("score", description="Column of the grades.")


class LayoutColumns(Table):
    """What the columns of the layout's files are called, where it isn't as in BEIR."""

    corpus: Later[CorpusColumns] | None = Field(None, description="Those of the documents.")
    queries: Later[QueryColumns] | None = Field(None, description="Those of the queries.")
    qrels: Later[JudgementColumns] | None = Field(None, description="Those of the judgements.")


class Retrieval(Table):
    """The BEIR layout."""

    corpus: str = Field(description="Documents: _id, title, text.")
    queries: str = Field(description="Queries: _id, text.")
    qrels: str = Field(description="Relevance for training: query-id, corpus-id, score.")
    eval_qrels: str | None = Field(None, description="Relevance for evaluation while training.")
    test_qrels: str | None = Field(None, description="Relevance for the test.")
    trec: bool = Field(False, description="Relevance is written as TREC does: query 0 document grade, without header.")
    columns: Later[LayoutColumns] | None = Field(None, description="What the columns are called, or paths to them.")


class FileFormat(Table):
    """How the files of a data set are written, where their suffix doesn't say it all."""

    delimiter: str | None = Field(
        None, description="CSV, TSV, TXT: what stands between two cells: a character, or several as in a ||| b."
    )
    quoting: Literal["doubled", "backslash", "none"] | None = Field(
        None, description="CSV, TSV: how a quote within a quoted cell is written; none: a quote is a character."
    )
    header: list[str] | None = Field(
        None,
        description="Names of the columns, where nothing has them: a CSV without such a line, JSON rows that are lists.",
    )
    encoding: str | None = Field(None, description="CSV, TSV, TXT: encoding; UTF-8 by default.")
    decimal: Literal[".", ","] | None = Field(None, description="The sign before decimals in numbers that are text.")
    rows: str | None = Field(
        None, description="JSON: where the list of rows stands: data, or within others: data[].paragraphs[].qas."
    )


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
