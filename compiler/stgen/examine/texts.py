"""Checks texts: identical ones in two roles, ids instead of texts, prompts in the rows, reversed roles, truncation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from operator import and_, eq

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.exam import Exam, Field, column, finding, percent, quoted, tallied, where
from stgen.language.facts import prompts_of
from stgen.rows.survey import Survey
from stgen.rows.tally import Tally
from stgen.rows.text_signs import SOME, asking, common_start, form, lists_as_text, mean_words, one_of_form, tokens
from stgen.values.quoting import toml

CUT = 0.05  # share of truncated texts that is worth a warning
FEW = 0.01  # share of pairs of identical texts that does no harm
LONG_PROMPT = 160  # characters up to which one is shown as it is
LONGER = 3.0  # times as many words: then the longer one is the document
SIDES = {"anchor": "query", "text_1": "query", "text": "document"}


def equal_texts(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG212: a text paired with itself; STG213: a negative identical to the positive; STG214: identical columns."""
    for one, other in combinations(exam.texts, 2):
        same = _equal(survey, one, other)
        if not same.count or (_removes_equal(exam) and other.role != "negative"):
            continue
        if same.count == survey.kept > 1:
            message = f"`{one.column}` and `{other.column}` are identical in all {survey.rows:,} rows of {survey.shown}"
            yield finding(
                "STG214",
                message,
                other.path,
                "map another column, or leave one out; for pairs of equal texts (SimCSE) declare `text` alone",
            )
        elif (one.role, other.role) == ("positive", "negative"):
            continue  # the contract tells
        elif {one.role, other.role} == {"negative"}:
            continue
        elif other.role == "negative" or (
            (one.role, other.role) == ("anchor", "positive") and same.count > FEW * survey.rows
        ):
            message = f"`{one.column}` and `{other.column}` are the same text in {where(survey, same)}"
            asked = "identical = true, exact = false" if exam.data.streaming else "identical = true"
            hint = (
                "remove the rows"
                if other.role == "negative"
                else f"write prepare = {{ deduplicate = {{ {asked} }} }}, or remove the rows"
            )
            notes = ("a pair of identical texts gives no gradient",)
            yield finding("STG212", message, other.path, hint, notes)


def _removes_equal(exam: Exam) -> bool:
    """Whether prepare.py removes the rows whose first two texts are the same."""
    asked = exam.spec.prepare.deduplicate if exam.spec.prepare else None
    return asked is not None and asked.identical


def not_texts(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG223: ids, numbers or URLs instead of texts."""
    for item in exam.texts:
        texts = survey.texts(item.column)
        if what := form(texts):
            message = f"`{item.column}` holds {what}, such as {quoted(one_of_form(texts, what))}"
            notes = ("they are tokenized like words, and the model learns their characters",)
            yield finding("STG223", message, item.path, "map the column that holds the texts themselves", notes)


def prompts_inside(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG224: a prompt in the texts, which would be applied twice, or only in training."""
    given = prompts_of(exam.spec, exam.index)
    for item in exam.texts:
        texts = survey.texts(item.column)
        side = SIDES.get(item.role, "document")
        declared = given.get(side)
        prompt = common_start(texts, [declared] if declared else [])
        if not prompt or lists_as_text(texts):
            continue
        message = f"the texts of `{item.column}` already begin with {toml(prompt) if len(prompt) <= LONG_PROMPT else quoted(prompt, LONG_PROMPT)}"
        if declared:
            hint = "remove it from the texts: the generated program adds the prompt"
            yield finding("STG224", message, item.path, hint, ("the prompt would be applied twice",), "error")
        else:
            hint = f"remove it from the texts, and write prompts = {toml({side: prompt})} under [model]"
            notes = ("the saved model doesn't know a prompt that is part of the rows",)
            yield finding("STG224", message, item.path, hint, notes)


def reversed_roles(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG221: the anchor looks like the document, and the positive like the query."""
    if exam.match and exam.match.trained_format.label == "embedding":
        return  # translations differ in length
    roles = ("anchor", "positive") if exam.has("anchor", "positive") else ("text_1", "text_2")
    if roles[0] == "text_1" and (exam.spec.model.type != "cross-encoder" or exam.has("class")):
        return  # of two texts to compare, neither is the query
    anchor, positive = (exam.field(role) for role in roles)
    left, right = survey.texts(anchor.column), survey.texts(positive.column)
    if min(len(left), len(right)) < SOME:
        return
    words, other_words = mean_words(left), mean_words(right)
    asks, other_asks = asking(left), asking(right)
    if other_asks >= 0.3 and asks <= 0.1 * other_asks:
        why = f"{percent(other_asks)} of `{positive.column}` end with a question mark, and {percent(asks)} of `{anchor.column}`"
    elif words >= LONGER * other_words and words >= 20 and asks < 0.3:
        why = f"`{anchor.column}` has {words:.0f} words on average, and `{positive.column}` {other_words:.0f}"
    else:
        return
    names = "anchor and positive" if roles[0] == "anchor" else "query and document"
    message = f"{names} look reversed: {why}"
    hint = f"if so, write {toml({roles[0]: positive.column, roles[1]: anchor.column})[2:-2]}"
    notes = ("the model trains either way, for the wrong direction of retrieval",)
    yield finding("STG221", message, anchor.path, hint, notes)


def cut_off(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG222: texts longer than max_length."""
    if exam.spec.model.type == "cross-encoder":
        yield from _cut_off_together(exam, survey)
        return
    for item in exam.fields:
        side = SIDES.get(item.role, "document")
        limit = _limit(exam, side)
        texts = _texts_of(survey, item)
        if limit is None or not texts or not (item.is_text or item.role == "documents"):
            continue
        long = sum(tokens(text) > limit for text in texts) / len(texts)
        if long >= CUT:
            message = f"about {percent(long)} of `{item.column}` are truncated at {limit} tokens"
            yield finding("STG222", message, item.path, *_room(exam, limit, side))


def _cut_off_together(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """A cross-encoder reads both texts of a pair as one input."""
    limit = _limit(exam, "query")
    texts = [survey.texts(item.column) for item in exam.texts[:2]]
    if limit is None or len(texts) < 2:
        return
    pairs = list(zip(*texts, strict=False))
    long = sum(tokens(one) + tokens(other) > limit for one, other in pairs) / max(1, len(pairs))
    if long >= CUT:
        one, other = exam.texts[:2]
        message = (
            f"about {percent(long)} of the pairs of `{one.column}` and `{other.column}` are truncated at {limit} tokens"
        )
        yield finding("STG222", message, other.path, *_room(exam, limit, "query"))


def _limit(exam: Exam, side: str) -> int | None:
    """Tokens that are kept of a text: never more than the base has positions for."""
    limit, most = exam.max_lengths.get(side), exam.most_tokens.get(side)
    return min(limit, most) if limit and most else limit


def _room(exam: Exam, limit: int, side: str) -> tuple[str, tuple[str, ...]]:
    """What to do about truncated texts, and how many they are."""
    own = getattr(exam.spec.model, side)
    place = f"in model.{side}" if own and own.max_length else "under [model]"
    notes = ("estimated at 1.3 tokens a word, from a sample of the rows",)
    most = exam.most_tokens.get(side)
    if most and limit >= most:
        return f"split the texts: the base has {most:,} positions, and takes no longer ones", notes
    if most:
        return f"write max_length = {min(2 * limit, most)} {place}, or split the texts", notes
    return f"write max_length = {limit * 2} {place} if the base model supports it, or split the texts", notes


def _texts_of(survey: Survey, item: Field) -> list[str]:
    if item.role != "documents":
        return survey.texts(item.column)
    lists = [value for value in survey.sample.get(item.column, []) if type(value) is list]
    return [text for value in lists for text in value if type(text) is str]


def _equal(survey: Survey, one: Field, other: Field) -> Tally:
    keys, others = column(survey, one).keys, column(survey, other).keys
    return tallied(map(and_, map(eq, keys, others), map(bool, keys)))
