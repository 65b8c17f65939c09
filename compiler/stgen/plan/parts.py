"""Plans the parts of prepare.py's steps: what a step's template needs beside the columns before and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stgen.language.facts import architecture, class_names
from stgen.language.languages import UNSPACED
from stgen.language.paths import Place, model_location
from stgen.language.spec import Spec
from stgen.language.spec_data import Data, ScoreColumn
from stgen.language.spec_model import Loss as LossTable
from stgen.language.spec_model import Mine
from stgen.match.columns import LABELS, column_names
from stgen.match.detect import named_roles
from stgen.match.matching import Match
from stgen.match.reach import options
from stgen.plan.defaults import STATIC_DIMENSIONS, candidates_of, mining_of
from stgen.plan.planned_data import CommandOption
from stgen.rules.conversions import CONVERSIONS
from stgen.rules.row import ConversionRow
from stgen.values.expressions import Call, Expression, Name
from stgen.values.record import Record

SIMILARITY = {"entailment": 1.0, "neutral": 0.5, "contradiction": 0.0}
RAW = {("cross-encoder", "MSELoss")}  # losses that take a teacher's scores as they are; others want 0 to 1
GAINS = ("LambdaLoss",)  # losses whose gain is 0 for a label below 0, as half of a teacher's raw scores are
BASE = CommandOption("base", Name("model.BASE"), "model before training: hub id or folder")
TEACHER = Name("options.teacher")


class Context(Record):
    """What the steps of one data set are planned from."""

    spec: Spec
    data: Data
    table: LossTable
    match: Match
    place: Place


class State(Record):
    """The rows before a step: their format and how many negatives each has."""

    format: str
    negatives: int

    @property
    def columns(self) -> tuple[str, ...]:
        return column_names(self.format, self.negatives)


class Parts(Record):
    """What a template needs beside the columns before and after it."""

    options: Mapping[str, Expression] = {}
    arguments: tuple[Expression, ...] = ()
    helpers: tuple[str, ...] = ()
    command: tuple[CommandOption, ...] = ()


def _sampling(row: ConversionRow, after: State, context: Context) -> Parts:
    asked = options(context.table, row)
    many: dict[str, Expression] = {"many": row.leads_from}
    if asked is None or asked.rows is None:
        return Parts(many)
    wanted = Call("rows_wanted", (Name("rows"), Name("split")))
    return Parts({"rows": asked.rows, **many}, (wanted,), ("rows_wanted",))


def _entailment(row: ConversionRow, after: State, context: Context) -> Parts:
    """The classes by the names that the spec gives them, whatever their case."""
    names = class_names(context.data)
    spelled = {name.lower(): name for name in names}
    scores = {spelled[name]: score for name, score in SIMILARITY.items() if name in spelled}
    asked = options(context.table, row)
    said = asked.positive if asked else None
    positive = [said] if isinstance(said, str) else said or [name for name, score in scores.items() if score == 1]
    if said is None:
        negative = [name for name, score in scores.items() if score == 0]
    else:
        negative = [name for name in names if name not in positive]
    sampled = said is not None and row.target == "triplet"
    return Parts(
        {"positive": positive, "negative": negative, "sampled": sampled, "scores": scores},
    )


def _threshold(row: ConversionRow, after: State, context: Context) -> Parts:
    """The threshold as data.py scales the scores, by the same arithmetic, so that equal scores compare as equal."""
    asked = options(context.table, row)
    threshold = asked.threshold if asked and asked.threshold is not None else 0.5
    column = score_column(context)
    if column is None or (column.min, column.max) == (0.0, 1.0):
        return Parts({"threshold": threshold, "declared": ""})
    return Parts({"threshold": (threshold - column.min) / (column.max - column.min), "declared": f"{threshold:g}"})


def score_column(context: Context) -> ScoreColumn | None:
    """The declared range of the scores in the files; None where there are none, or it is the default range."""
    given = named_roles(context.data.columns).get("score") if context.data.columns else None
    return given if isinstance(given, ScoreColumn) else None


def _damage(row: ConversionRow, after: State, context: Context) -> Parts:
    languages = {context.data.language} if context.data.language else set(context.spec.project.languages)
    return Parts({"characters": bool(languages & UNSPACED)})


def _lists(row: ConversionRow, after: State, context: Context) -> Parts:
    documents = tuple(name for name in after.columns if name not in ("anchor", "scores"))
    return Parts({"number": after.negatives, "documents": documents})


def _texts(row: ConversionRow, after: State, context: Context) -> Parts:
    return Parts({"texts": tuple(name for name in column_names(row.source) if name != "label")})


def _mine(row: ConversionRow, after: State, context: Context) -> Parts:
    asked = mining_of(context.spec, context.table, context.match, row)[0]
    source = "base" if asked.model is None else "miner"
    scored = after.format.endswith("-scores")
    miner = CommandOption(
        "miner", model_location(asked.model, context.place), "model that finds the negatives: hub id or folder"
    )
    made: dict[str, Expression] = {
        "filter": candidates_of(asked),
        "number": asked.negatives,
        "source": source,
        "format": after.format.removesuffix("-scores"),
        "mined": after.columns if scored else (*after.columns, "scores"),
        "scored": scored,
        "unit": context.match.loss.name in GAINS,
        "corpus": context.match.format.name == "retrieval",
        "cross_encoder": model_location(asked.cross_encoder, context.place),
        "random": asked.sampling == "random",
        "enough": f"all {asked.negatives} negatives" if after.format.startswith("n-tuple") else "a negative",
    }
    arguments = (Name(f"options.{source}"), *([Name("options.rows")] if made["corpus"] else []))
    return Parts(made, arguments, (), (BASE if source == "base" else miner,))


def mining(asked: object) -> Mine:
    """The settings of a mining conversion; the defaults of the language where the spec gives none."""
    return getattr(asked, "mine", None) or Mine()


def _embeddings(row: ConversionRow, after: State, context: Context) -> Parts:
    width = fixed_width(context)
    first, *others = _texts_of(row.source, after)
    apart = row.target == "text-embedding" and others  # each text gets a row of its own
    scored = any((other.source, other.target) == (row.source, "pair-score") for other in CONVERSIONS)
    class_ = "SparseEncoder" if context.spec.model.type == "sparse" else "SentenceTransformer"
    projects = class_ == "SentenceTransformer" and "projection_dim" not in context.table.params
    made: dict[str, Expression] = {
        "class_": class_,
        "first": first,
        "texts": (first, *others) if apart else (),
        "scored": scored,
        "width": width,
        "otherwise": ", or set projection_dim under loss.params to its width" if projects else "",
        **_replaced(row, after),
    }
    if width is not None:
        return Parts(made, (TEACHER,), (), (_teacher(context),))
    return Parts(made, (TEACHER, Name("options.base")), (), (_teacher(context), BASE))


def fixed_width(context: Context) -> int | None:
    """The width of the teacher's vectors, where it follows from the spec; None where the base decides it."""
    model, projection = context.spec.model, context.table.params.get("projection_dim")
    if isinstance(projection, int):
        return projection
    if architecture(context.spec) == "static" and model.base is None:
        return model.dimensions or STATIC_DIMENSIONS
    return model.dimensions


def _scores(row: ConversionRow, after: State, context: Context) -> Parts:
    scored = row.target == "pair-score" and (context.spec.model.type, context.match.loss.name) not in RAW
    unit = scored or context.match.loss.name in GAINS
    kinds = {"pair-score": "score", "list": "list"}
    made: dict[str, Expression] = {
        "documents": _texts_of(row.source, after)[1:],
        "label": kinds.get(row.target, "scores" if row.target.endswith("scores") else "margin"),
        "unit": unit,
        "kind": "scores from 0 to 1" if unit else "scores",
        **_replaced(row, after),
    }
    return Parts(made, (TEACHER,), (), (_teacher(context),))


def _texts_of(format: str, rows: State) -> tuple[str, ...]:
    """The columns of texts of rows of a format."""
    return tuple(name for name in column_names(format, rows.negatives) if name not in LABELS.values())


def _replaced(row: ConversionRow, after: State) -> dict[str, Expression]:
    """What becomes of the columns of rows that a teacher labels: new names, and a label of their own that goes."""
    before = column_names(row.source, after.negatives)
    texts = _texts_of(row.source, after)
    renames = {old: new for old, new in zip(texts, _texts_of(row.target, after), strict=False) if old != new}
    return {"renames": renames, "replaces": next((name for name in before if name not in texts), None)}


def _teacher(context: Context) -> CommandOption:
    where = model_location(context.table.teacher, context.place)
    return CommandOption("teacher", where, "teacher to distill: hub id or folder")


PARTS: dict[str, Callable[[ConversionRow, State, Context], Parts]] = {
    "sample_pairs": _sampling,
    "sample_triplets": _sampling,
    "sample_labelled": _sampling,
    "entailment_triplets": _entailment,
    "entailment_scores": _entailment,
    "entailment_pairs": _entailment,
    "threshold": _threshold,
    "damage": _damage,
    "group_n_tuples": _lists,
    "unroll_texts": _texts,
    "mine": _mine,
    "teach_embeddings": _embeddings,
    "teach_scores": _scores,
}
"""Template -> what it needs beside its columns."""
