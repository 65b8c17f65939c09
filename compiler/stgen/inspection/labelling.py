"""Guesses the label of texts: the columns that are no texts -> class, binary, score, or what a teacher says."""

from __future__ import annotations

from stgen.inspection.label_signs import (
    Label,
    are_bits,
    are_shares,
    can_be,
    is_about,
    is_beside_pair,
    is_binary,
    is_kind,
    is_named,
    is_unnamed_class,
    looks_scored,
    may_be_label,
    spells_numbers,
)
from stgen.inspection.names import (
    ANSWERED,
    ASKED,
    BESIDE,
    BINARY,
    BODIES,
    KINDS,
    LABELS,
    MARGINS,
    MEANS,
    RATINGS,
    SCORES,
    TITLES,
    UNNAMED,
    VOTES,
    leaf,
    plain,
    role_by_name,
    says,
    words_of,
)
from stgen.inspection.natures import Nature, few_values
from stgen.inspection.one_hot import FEWEST, flags, one_hot_columns
from stgen.inspection.proposal import Guess, columns_in
from stgen.rows.column import Column
from stgen.rows.label_values import (
    UNLABELLED,
    graded_words,
    guess_binary,
    guess_positive,
    is_likert,
    score_line,
    score_range,
    yes_or_no,
)
from stgen.rows.survey import Survey
from stgen.values.quoting import toml

NLI = ["entailment", "neutral", "contradiction"]
SYMMETRIC = frozenset(("text_1", "text_2"))
PARTS = frozenset(
    ("description", "review", "summary", "message", "comment", "details", "plot", "body", "text")
)  # below a title


def label(survey: Survey, found: Guess, natures: dict[str, Nature], wanted: Label = "") -> None:
    """Give a label to the texts that have roles; `wanted` is what it shall be, where that is known."""
    used = set(found.sources())
    used |= set(one_hot_columns(survey))  # none of which is a label by itself
    free = {name: kind for name, kind in natures.items() if name not in used}
    if "documents" in found.columns or "negative" in found.columns:
        _teacher(survey, found, free)
        return
    shares = next((name for name in free if are_shares(survey.columns[name])), "")
    if shares and "text" not in found.columns:
        _probabilities(survey, found, shares)
        return
    if vector := next((name for name, kind in free.items() if kind == "vector"), ""):
        if _is_of_one(found):
            found.columns = {"text": [*found.sources()]}
            found.why = {"text": "a title and its text, of which there is one vector"}
        found.give("embedding", vector, f"lists of {max(survey.columns[vector].lists.lengths)} numbers")
        return
    labels = [survey.columns[name] for name, kind in free.items() if may_be_label(survey, name, kind)]
    if "text" in found.columns:
        if column := _class_of_text(survey, labels):
            _class(found, column)
        elif listed := _class_in_a_list(survey, natures):
            found.give("class", f"{listed}[0]", "lists of one class each")
        return
    if classes := _class_without_a_name(survey, found, labels):
        _unnamed_class(found, classes)
    elif wanted in ("", "class") and _is_of_one(found) and "negative" not in found.columns:
        _label_of_one(survey, found, labels)
    elif column := _label_of_pair(found, labels, wanted) if found.columns else None:
        _pair_label(found, column, wanted, spells_numbers(survey, column.name))


def _class_in_a_list(survey: Survey, natures: dict[str, Nature]) -> str:
    """The column of which each list has the one class of its text; "" for none."""
    lists = [name for name, kind in natures.items() if kind in ("texts", "numbers") and says(name, LABELS)]
    return next((name for name in lists if set(survey.columns[name].lists.lengths) == {1}), "")


def _probabilities(survey: Survey, found: Guess, name: str) -> None:
    """Class probabilities of two texts; of one text no loss takes them."""
    if len(found.columns) != 2:
        return
    classes = max(survey.columns[name].lists.lengths)
    found.give("probabilities", name, f"lists of {classes} numbers that add up to 1")
    rename(found, {"anchor": "text_1", "positive": "text_2"})


def _class_of_text(survey: Survey, labels: list[Column]) -> Column | None:
    """The classes of single texts: the column that is called so, else any of few values."""
    few = [column for column in labels if few_values(survey, column) and (column.whole or column.kind == "text")]
    named = [column for column in few if says(column.name, LABELS)]
    others = [column for column in few if not says(column.name, BESIDE)]
    found = next(iter([*named, *others]), None)
    several = flags(survey)
    # Where a text may have several labels, whatever else has few values is none of them.
    return None if found and found not in named and len(several) >= FEWEST and found.name not in several else found


def _label_of_pair(found: Guess, labels: list[Column], wanted: Label) -> Column | None:
    """What is said of two texts together: by its name, by saying yes and no, or for want of anything else."""
    labels = [column for column in labels if column.kind == "text" or column.low < column.high]
    labels = [column for column in labels if not is_beside_pair(column)]
    labels = [column for column in labels if can_be(column, wanted)] or labels
    labels.sort(key=lambda column: not says(column.name, MEANS))  # what several people say of it comes after their mean
    if _is_answered(found):
        labels = [column for column in labels if not is_kind(column)]
    if plain(leaf(str(found.columns.get("anchor", "")))) in TITLES:
        labels = [column for column in labels if not says(column.name, VOTES)]  # which rate a post, and no pair
    named = [column for column in labels if is_named(column)]
    binary = [column for column in labels if is_binary(column) and not is_about(column)]
    symmetric = found.columns.keys() >= SYMMETRIC
    others = [
        column
        for column in labels
        if not is_about(column) and (symmetric or looks_scored(column) or is_unnamed_class(column))
    ]
    return next(iter([*named, *binary, *others]), None)


def _is_answered(found: Guess) -> bool:
    """Whether the two texts are a question and its answer."""
    asked, answered = (words_of(leaf(str(found.columns.get(role, "")))) for role in ("anchor", "positive"))
    return bool(asked & ASKED and answered & ANSWERED)


def _class_without_a_name(survey: Survey, found: Guess, labels: list[Column]) -> Column | None:
    """The first column of a table without names, where it has few values and two texts stand behind it."""
    first = next(iter(survey.columns), "")
    column = next((column for column in labels if column.name == first and UNNAMED.fullmatch(first)), None)
    # Where something says yes or no of the pair, the numbers before it say where the pair comes from.
    pair = found.columns.keys() == {"anchor", "positive"} and not any(map(is_binary, labels))
    return column if pair and column and few_values(survey, column) and len(column.values or ()) > 2 else None


def _unnamed_class(found: Guess, column: Column) -> None:
    texts = [str(found.columns[role]) for role in ("anchor", "positive")]
    found.columns, found.why = {}, {}
    found.give("text", sorted(texts), "what stands beside the classes, a title and its text")
    _class(found, column)


def _is_of_one(found: Guess) -> bool:
    """Whether the two texts are a title and what stands below it, so that no label is of the two of them."""
    titled = plain(leaf(str(found.columns.get("anchor", "")))) in TITLES
    return titled and plain(leaf(str(found.columns.get("positive", "")))) in BODIES | PARTS


def _label_of_one(survey: Survey, found: Guess, labels: list[Column]) -> None:
    """Take the class of what has a title and a text, where it has one: a rating, or the queue of a message."""
    kinds = plain(leaf(str(found.columns["anchor"]))) in KINDS
    classes = [
        column
        for column in labels
        if few_values(survey, column)
        and (column.whole or column.kind == "text")
        and (says(column.name, RATINGS) or (says(column.name, LABELS) and (kinds or not is_about(column))))
    ]
    if kinds and not classes:
        words = [column for column in labels if few_values(survey, column) and column.kind == "text"]
        words = [column for column in words if not is_about(column) and not says(column.name, BESIDE)]
        classes = words if len(words) == 1 else []
    if not classes:
        return
    title, body = found.columns["anchor"], found.columns["positive"]
    found.columns, found.why = {}, {}
    if kinds:
        found.give("text", [title, body], "a title and its text, which have a class")
    else:
        found.give("text", body, "what is rated, beside its title")
    _class(found, classes[0])


def _pair_label(found: Guess, column: Column, wanted: Label, otherwise: bool) -> None:
    """A label of two texts: which of the three kinds it is follows from its values, in doubt from its name."""
    values = {value for value in column.values or () if value not in UNLABELLED}
    if wanted == "class" and (column.whole or column.kind == "text"):
        _class(found, column)
    elif len(values) > 2 and are_bits(values):
        found.give("binary", column.name, "0 and 1 alone, in several spellings")
    elif column.kind != "text":
        _number(found, column, values, wanted)
    elif grades := graded_words(values):
        given = {"column": column.name, "values": {str(word): grade for word, grade in grades.items()}}
        found.give("score", given, f"words that are grades, {', '.join(grades)}: see whether their numbers are right")
    elif otherwise and wanted in ("", "score"):
        found.give("score", column.name, "numbers, in a spelling that has to be changed")
    else:
        _words(found, column, values, wanted)
    if "class" in found.columns:
        _nli(found, column, values)
    rename(found, {"anchor": "text_1", "positive": "text_2"})
    texts = [str(found.columns[role]) for role in ("text_1", "text_2") if role in found.columns]
    if len(texts) == 2 and (
        role_by_name(texts[1], SYMMETRIC) == "text_1" or role_by_name(texts[0], SYMMETRIC) == "text_2"
    ):
        found.columns["text_1"], found.columns["text_2"] = found.columns["text_2"], found.columns["text_1"]
    if len(texts) == 2 and all(map(UNNAMED.fullmatch, texts)):  # then they stand in their order
        ordered = sorted(texts, key=lambda name: int(name.rpartition("_")[2]))
        found.give("text_1", ordered[0], "the first text of a row")
        found.give("text_2", ordered[1], "the second text of a row")


def rename(found: Guess, roles: dict[str, str]) -> None:
    """Give the columns of some roles others."""
    for old, new in roles.items():
        if old in found.columns:
            found.columns[new], found.why[new] = found.columns.pop(old), found.why.pop(old)


def _number(found: Guess, column: Column, values: set[object], wanted: Label) -> None:
    whole = column.whole and 0 < len(values) <= 20
    scored = says(column.name, SCORES) or is_likert(values)
    if values == {-1, 1}:
        found.give("binary", {"column": column.name, "positive": 1}, "1 and -1 alone")
    elif values <= {0, 1} and values and column.whole and wanted != "score":
        found.give("binary", column.name, "0 and 1 alone")
    elif whole and len(values) == 2 and (wanted == "binary" or says(column.name, BINARY)):
        found.give("binary", {"column": column.name, "positive": guess_positive(column)}, "two numbers")
    elif whole and not scored and wanted != "score":
        _class(found, column)
    else:
        low, high = score_range(column)
        value: object = column.name if (low, high) == (0.0, 1.0) else score_line(column)
        found.give("score", value, f"numbers from {column.low:g} to {column.high:g}")


def _words(found: Guess, column: Column, values: set[object], wanted: Label) -> None:
    positive = guess_positive(column) if len(values) == 2 else None
    if yes_or_no(values) or (wanted == "binary" and guess_binary(column)):
        found.give("binary", {"column": column.name, **guess_binary(column)}, f"{len(values)} words that say yes or no")
    elif positive is not None:
        why = f"two values, of which {toml(positive)} seems to mean yes"
        found.give("binary", {"column": column.name, "positive": positive}, why)
    else:
        _class(found, column)


def _nli(found: Guess, column: Column, values: set[object]) -> None:
    named = "premise" in str(found.columns.get("text_1", "")).lower()
    if named and column.kind != "text" and values - {-1} == {0, 1, 2}:
        why = "0, 1, 2 beside premise and hypothesis: the usual order of NLI"
        found.give("class", {"column": column.name, "names": NLI}, why)
        return
    spelled = {str(value).casefold(): value for value in values}
    if len(values) > 1 and spelled.keys() <= set(NLI) and len(spelled) == len(values):
        names = [spelled.get(name, name) for name in NLI]
        found.give("class", {"column": column.name, "names": names}, "the classes of NLI")


def _class(found: Guess, column: Column) -> None:
    many = len(column.values) if column.values is not None else "many"
    kind = "words" if column.kind == "text" else "numbers"
    found.give("class", column.name, f"{many} different {kind}")


def _teacher(survey: Survey, found: Guess, free: dict[str, Nature]) -> None:
    """What a teacher or judge says of several documents."""
    negatives = found.columns.get("negative")
    each = isinstance(negatives, dict) or any("[" in name for name in columns_in(negatives or []))
    # Where negatives stand in lists, each list has scores of its own, which no role takes.
    if lists := [name for name, kind in free.items() if kind in ("numbers", "vector") and not each]:
        best = next((name for name in lists if plain(name) in SCORES | LABELS | MARGINS), lists[0])
        texts = 1 + len(columns_in(negatives or []))
        if negatives is not None and set(survey.columns[best].lists.lengths) - {texts, texts - 1}:
            return  # a vector, or scores of something else
        role = "margin" if plain(best) in MARGINS else "scores"
        found.give(role, best, "lists of numbers")
        return
    named = MARGINS | SCORES | LABELS
    numbers = [name for name, kind in free.items() if kind == "number"]
    alone = len(numbers) == 1 and UNNAMED.fullmatch(numbers[0])
    margin = next((name for name in numbers if alone or says(name, MARGINS) or plain(name) in named), "")
    if margin and not survey.columns[margin].whole:
        column = survey.columns[margin]
        found.give("margin", margin, f"a number for each triplet, from {column.low:g} to {column.high:g}")
