"""Plans the data: one data set of the spec and its match -> what data.py reads and what prepare.py does."""

from __future__ import annotations

from stgen.detect import named_roles, pair_alias
from stgen.expressions import Call, Expression, Name
from stgen.match import Match
from stgen.paths import Place, from_repo, hub_source, reader
from stgen.plan import SPLITS, Column, DataPlan, Decision, FileSource, HeldOut, PreparePlan, ScoreRange
from stgen.spec import BinaryColumn, Data, Fraction, Rows, ScoreColumn

# The collator takes the first of these four names for the label; everything else is an input.
LABELS = {"class": "label", "binary": "label", "margin": "label", "embedding": "label", "score": "score", "scores": "scores"}
TEST_SHARE = 0.1
EVAL_SHARE = 0.05


def plan_data(data: Data, match: Match, place: Place, rows_needed: int, prepared: bool) -> DataPlan:
    """Plan how one data set is read."""
    columns = _columns(data)
    texts = [column for column in columns if column.role not in LABELS and column.role != "documents"]
    negatives = tuple(column.name for column in columns if column.role == "negative")
    files, hub = _sources(data, place)
    given = named_roles(data.columns) if data.columns else {}
    score = given.get("score")
    binary, klass = given.get("binary"), data.columns.class_ if data.columns else None
    scaled = isinstance(score, ScoreColumn) and (score.min, score.max) != (0.0, 1.0)
    return DataPlan(
        name=data.name or "",
        format=match.format.name,
        documented=match.format.documented,
        trained_format=match.trained_format.name,
        label=match.format.label,
        files=files,
        hub=hub,
        columns=columns,
        texts=tuple((column.name, Name(column.name)) for column in texts),
        negatives=negatives,
        score=(ScoreRange(score.min, score.max) if isinstance(score, ScoreColumn) else ScoreRange(0.0, 1.0))
        if match.format.label == "score"
        else None,
        class_names=tuple(getattr(klass, "names", None) or ()),
        positive=binary.positive if isinstance(binary, BinaryColumn) else None,
        scores_length=_scores_length(match.format.name, negatives),
        decoded=scaled or match.format.label in ("binary", "class"),
        prepared=prepared,
        trained_columns=tuple(column.name for column in columns),
        rows_needed=rows_needed,
    )


def plan_prepare(data: Data, match: Match) -> PreparePlan | None:
    """Plan prepare.py; None when there is nothing for it to do."""
    held = held_out(data)
    if not held and not match.way.rows:
        return None
    key = "anchor" if "anchor" in match.trained_format.roles else "text_1" if "text_1" in match.trained_format.roles else "text"
    shares = " and ".join(f"holds {row.split} rows out" for row in held)
    return PreparePlan(
        reads=tuple(split for split in SPLITS if split not in {row.split for row in held}),
        steps=(),
        holds_out=held,
        key=key,
        summary=shares,
        imports=("hashlib", "collections:Counter") if held else (),
    )


def held_out(data: Data) -> tuple[HeldOut, ...]:
    """The splits that are taken from the training rows, the test first: it must not depend on the eval set's size."""
    found = []
    for split, share in (("test", TEST_SHARE), ("eval", EVAL_SHARE)):
        wanted = getattr(data, split)
        if isinstance(wanted, Fraction):
            found.append(HeldOut(split, wanted.fraction))
        elif isinstance(wanted, Rows):
            found.append(HeldOut(split, wanted.rows))
        elif wanted is None and not (split == "test" and isinstance(data.eval, str)):
            found.append(HeldOut(split, share))
    return tuple(found)


def explain_splits(data: Data) -> tuple[Decision, ...]:
    """Say what was decided about rows to evaluate on, where the spec is silent."""
    found = []
    if data.test is None and isinstance(data.eval, str):
        why = "the spec names no test rows, so the eval rows serve as both; they also pick the checkpoint, which flatters"
        found.append(Decision("test rows", data.eval, why, "[[data]] test"))
    elif data.test is None:
        why = "the spec names no test rows, and without them nobody knows whether training helped"
        found.append(Decision("test rows", f"{TEST_SHARE:.0%} of train", why, "[[data]] test"))
    if data.eval is None:
        why = "the spec names no eval rows; they pick the best checkpoint"
        found.append(Decision("eval rows", f"{EVAL_SHARE:.0%} of train", why, "[[data]] eval"))
    return tuple(found)


def _columns(data: Data) -> tuple[Column, ...]:
    """The columns in the order of the language's roles, which is that of every loss: texts first, label last."""
    if data.columns is None:
        return ()
    given = named_roles(data.columns)
    found = []
    for role, value in given.items():
        if role == "negative":
            sources = value if isinstance(value, list) else [value]
            names = ["negative"] if len(sources) == 1 else [f"negative_{n}" for n in range(1, len(sources) + 1)]
            found += [Column(role, name, str(source)) for name, source in zip(names, sources, strict=True)]
            continue
        role = pair_alias(role, set(given))
        found.append(Column(role, LABELS.get(role, role), str(getattr(value, "column", value))))
    return tuple(found)


def _sources(data: Data, place: Place) -> tuple[dict[str, FileSource], dict[str, dict[str, str]]]:
    files: dict[str, FileSource] = {}
    hub: dict[str, dict[str, str]] = {}
    for split in SPLITS:
        text = getattr(data, split)
        if split == "test" and text is None:
            text = data.eval
        if not isinstance(text, str):
            continue
        if source := hub_source(text):
            hub[split] = source
        elif found := reader(text):
            files[split] = FileSource(found[0], from_repo(text, place), found[1])
    return files, hub


def _scores_length(format: str, negatives: tuple[str, ...]) -> Expression:
    """How many scores a row must have: one for each document, or the positive's and then each negative's."""
    return Call("len", (Name("documents"),)) if format == "list" else 1 + len(negatives)
