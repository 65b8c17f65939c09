"""Checks what texts teach: the same text in two places, texts that are none, roles reversed, texts cut off."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from operator import and_, eq

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.examine.exam import Exam, Field, column, finding, percent, quoted, tallied, where
from stgen.language.facts import prompts_of
from stgen.rows.survey import Survey
from stgen.rows.tally import Tally
from stgen.rows.text_signs import SOME, asking, common_start, form, mean_words, tokens
from stgen.values.quoting import toml

CUT = 0.05  # share of texts that may be cut off before it is worth a word
FEW = 0.01  # share of pairs of equal texts that does no harm
LONGER = 3.0  # times as many words: then the longer one is the document
SIDES = {"anchor": "query", "text_1": "query", "text": "document"}


def equal_texts(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG212: a text is its own positive; STG213: a negative is the positive; STG214: two columns are one."""
    for one, other in combinations(exam.texts, 2):
        same = _equal(survey, one, other)
        if not same.count:
            continue
        if same.count == survey.kept > 1:
            message = f"`{one.column}` and `{other.column}` are the same in all {survey.rows:,} rows of {survey.shown}"
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
            yield finding("STG212", message, other.path, "remove the rows: a text says nothing about itself")


def not_texts(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG223: ids, numbers or addresses in the place of texts."""
    for item in exam.texts:
        texts = survey.texts(item.column)
        if what := form(texts):
            message = f"`{item.column}` holds {what}, such as {quoted(texts[0])}"
            notes = ("a tokenizer takes them for words, and the model learns to tell them apart by their letters",)
            yield finding("STG223", message, item.path, "map the column that holds the texts themselves", notes)


def prompts_inside(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG224: the texts begin with a prompt, which the model would see twice, or only in training."""
    given = prompts_of(exam.spec, exam.index)
    for item in exam.texts:
        texts = survey.texts(item.column)
        side = SIDES.get(item.role, "document")
        declared = given.get(side)
        prompt = common_start(texts, [declared] if declared else [])
        if not prompt:
            continue
        message = f'the texts of `{item.column}` already begin with "{prompt}"'
        if declared:
            hint = "remove it from the texts: the generated program puts the prompt before them"
            yield finding("STG224", message, item.path, hint, ("the model would see two prompts",), "error")
        else:
            hint = f"remove it from the texts, and write prompts = {toml({side: prompt})} under [model]"
            notes = ("the saved model and the evaluation know nothing of prompts that stand in the rows",)
            yield finding("STG224", message, item.path, hint, notes)


def reversed_roles(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG221: what is mapped as the anchor looks like the document, and the other way round."""
    if exam.match and exam.match.trained_format.label == "embedding":
        return  # two languages ask and explain at other lengths
    anchor, positive = exam.field("anchor"), exam.field("positive")
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
    message = f"anchor and positive look reversed: {why}"
    hint = f"if so, write {toml({'anchor': positive.column, 'positive': anchor.column})[2:-2]}"
    notes = ("the model trains either way, and searches with the wrong side afterwards: queries then find nothing",)
    yield finding("STG221", message, anchor.path, hint, notes)


def cut_off(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """STG222: texts that are longer than the model reads."""
    if exam.spec.model.type == "cross-encoder":
        yield from _cut_off_together(exam, survey)
        return
    for item in exam.fields:
        side = SIDES.get(item.role, "document")
        limit = exam.max_lengths.get(side)
        texts = _texts_of(survey, item)
        if limit is None or not texts or not (item.is_text or item.role == "documents"):
            continue
        long = sum(tokens(text) > limit for text in texts) / len(texts)
        if long >= CUT:
            message = f"about {percent(long)} of `{item.column}` loses text at {limit} tokens"
            yield finding("STG222", message, item.path, *_room(exam, limit, side))


def _cut_off_together(exam: Exam, survey: Survey) -> Iterator[Diagnostic]:
    """A cross-encoder reads both texts of a pair at once."""
    limit = exam.max_lengths.get("query")
    texts = [survey.texts(item.column) for item in exam.texts[:2]]
    if limit is None or len(texts) < 2:
        return
    pairs = list(zip(*texts, strict=False))
    long = sum(tokens(one) + tokens(other) > limit for one, other in pairs) / max(1, len(pairs))
    if long >= CUT:
        one, other = exam.texts[:2]
        message = (
            f"about {percent(long)} of the pairs of `{one.column}` and `{other.column}` lose text at {limit} tokens"
        )
        yield finding("STG222", message, other.path, *_room(exam, limit, "query"))


def _room(exam: Exam, limit: int, side: str) -> tuple[str, tuple[str, ...]]:
    own = getattr(exam.spec.model, side)
    place = f"in model.{side}" if own and own.max_length else "under [model]"
    hint = f"write max_length = {limit * 2} {place} if the base model reads as much, or split the texts"
    return hint, ("an estimate of 1.3 tokens for each word, from a sample of the rows",)


def _texts_of(survey: Survey, item: Field) -> list[str]:
    if item.role != "documents":
        return survey.texts(item.column)
    lists = [value for value in survey.sample.get(item.column, []) if type(value) is list]
    return [text for value in lists for text in value if type(text) is str]


def _equal(survey: Survey, one: Field, other: Field) -> Tally:
    keys, others = column(survey, one).keys, column(survey, other).keys
    return tallied(map(and_, map(eq, keys, others), map(bool, keys)))
