"""Guesses the data schema of a file: the survey of its columns -> the roles, ranges and class names that a spec would declare."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from stgen.match.schema import is_path
from stgen.reader.nested import root_of
from stgen.rows.column import Column
from stgen.rows.label_values import guess_positive, score_line, score_range
from stgen.rows.survey import Survey
from stgen.rows.text_signs import asking, form, mean_words
from stgen.values.quoting import toml

Nature = Literal["text", "word", "number", "texts", "numbers", "vector", "id", "nothing"]
PATHS = 30  # within objects and lists, up to which they are looked at
VECTOR = 16  # numbers of the shortest list that is taken for an embedding
CLASSES = 100  # values of the largest set of numbers that is taken for classes
NLI = ["entailment", "neutral", "contradiction"]

# fmt: off
NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (  # role -> what people call its column, without case, blanks, dashes
    ("anchor",    ("anchor", "query", "question", "q", "search", "searchquery", "searchtext", "prompt", "keyword", "claim", "english", "source", "src", "title")),
    ("positive",  ("positive", "pos", "answer", "a", "passage", "document", "doc", "context", "response", "reply", "relevant", "evidence", "nonenglish", "translation", "target",
                   "tgt", "body", "abstract", "summary", "content", "chosen", "positivepassage", "positivedocument", "positivectx", "product")),
    ("negative",  ("negative", "neg", "hardnegative", "rejected", "negativepassage", "negativedocument", "negativectx", "hardnegativectx", "irrelevant", "distractor")),
    ("text_1",    ("text1", "texta", "sentence1", "sentencea", "question1", "premise", "sent1", "s1", "left", "first", "string1", "query1")),
    ("text_2",    ("text2", "textb", "sentence2", "sentenceb", "question2", "hypothesis", "sent2", "s2", "right", "second", "string2", "query2")),
    ("text",      ("text", "sentence", "utterance", "content", "review", "body", "message", "comment", "tweet", "title", "question", "query", "abstract")),
    ("documents", ("documents", "docs", "passages", "candidates", "texts", "answers", "contexts", "responses", "choices")),
)
BODIES = frozenset(("text", "content", "contents", "passage", "body", "sentence"))
SCORES = frozenset(("score", "scores", "similarity", "sim", "relatedness", "rating", "gold", "goldscore", "similarityscore", "relatednessscore", "relevance"))
MARGINS = frozenset(("margin", "margins", "scoredifference", "teachermargin"))
BINARY = frozenset(("isduplicate", "duplicate", "ismatch", "match", "isrelevant", "relevant", "paraphrase", "isparaphrase", "equivalent"))
LABELS = frozenset(("label", "labels", "class", "category", "intent", "topic", "tag", "target", "coarselabel", "gold", "goldlabel", "y"))
# fmt: on


@dataclass(slots=True)
class Guess:
    """A proposed data table: `columns` as a spec writes them, why for each role, and the columns that get none."""

    columns: dict[str, object] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The line to paste into `[[data]]`; "" when nothing is proposed."""
        return f"columns = {toml(self.columns)}" if self.columns else ""

    def give(self, role: str, value: object, why: str) -> None:
        """Propose a role."""
        self.columns[role], self.why[role] = value, why


def guess(survey: Survey) -> Guess:
    """Propose roles for the columns of a file, by their names and by what they hold."""
    natures = {name: nature(survey, column) for name, column in survey.columns.items()}
    natures = {name: kind for name, kind in natures.items() if kind == "text" or not is_path(name)}
    found = Guess()
    judged = any(kind in ("numbers", "vector") for kind in natures.values())
    # Lists of texts are ranked where scores stand beside them; else they are read position by position.
    lists = [name for name, kind in natures.items() if kind == "texts" and judged]
    texts = [name for name, kind in natures.items() if kind == "text" and not (lists and is_path(name))]
    _texts(survey, found, texts, lists)
    _label(survey, found, natures)
    order = ("text", "text_1", "text_2", "anchor", "positive", "negative", "documents")
    found.columns = {
        role: found.columns[role]
        for role in sorted(found.columns, key=lambda role: order.index(role) if role in order else len(order))
    }
    used = set(_columns_of(found))
    used |= {root_of(name) for name in used if is_path(name)}
    found.unused = tuple(name for name in survey.columns if name not in used and not is_path(name))
    for role, value in found.columns.items():
        if isinstance(value, str) and "[0]" in value and f"{value.partition('[0]')[0]}[1]" not in used:
            found.why[role] += "; of each list the first"
    return found


def nature(survey: Survey, column: Column) -> Nature:
    """What kind of thing a column holds, as far as roles are concerned."""
    if column.kind == "text":
        return _nature_of_text(survey, column)
    if column.kind in ("number", "truth"):
        return (
            "id"
            if _is_id(column.name) or (column.values is None and column.whole and survey.rows > CLASSES)
            else "number"
        )
    if column.kind != "list":
        return "nothing"
    lists = column.lists
    if not lists.texts and not lists.numbers:
        return "nothing"
    if lists.texts > lists.numbers:
        return "texts"
    widths = set(lists.lengths)
    return "vector" if len(widths) == 1 and min(widths) >= VECTOR else "numbers"


def nested_columns(survey: Survey) -> list[str]:
    """The paths to texts within objects and lists, as far as every row can have them."""
    found = []
    for name, column in survey.columns.items():
        if name in ("", ".") or set(name) & set(".[]"):
            continue
        lengths = set(column.lists.lengths)
        for path in _told(list(column.paths)):
            if not path.startswith("[1]") or len(lengths) == 1:
                found.append(name + path)
    return found if len(found) <= PATHS else []


def _told(paths: list[str]) -> list[str]:
    """Of the texts of an object those that say what it is about, where one of them is called so."""
    bodies = {path.rpartition(".")[0] for path in paths if path.rpartition(".")[2] in BODIES}
    return [path for path in paths if path.rpartition(".")[0] not in bodies or path.rpartition(".")[2] in BODIES]


def _leaf(name: str) -> str:
    """The field that names what a path leads to."""
    parts = re.sub(r"\[\d+\]", "", name).split(".") if is_path(name) else [name]
    return parts[-2] if len(parts) > 1 and parts[-1] in BODIES else parts[-1]


def role_by_name(name: str, roles: Iterable[str]) -> str:
    """The role that people give to a column of this name, among some roles; "" for none."""
    plain = _plain(_leaf(name))
    numbered = plain.rstrip("0123456789")
    one = plain.removesuffix("s") if is_path(name) else plain  # of several in a list
    for role, names in NAMES:
        if role in roles and (plain in names or one in names or (role == "negative" and numbered in names)):
            return role
    return ""


def _nature_of_text(survey: Survey, column: Column) -> Nature:
    texts = survey.texts(column.name)
    if _is_id(column.name) or form(texts):
        return "id"
    distinct = len(column.values) if column.values is not None else column.repeats().distinct
    few = distinct <= max(2, min(CLASSES * 10, survey.rows // 5))
    named = _plain(column.name) in LABELS | BINARY | SCORES
    return "word" if few and mean_words(texts) <= (8 if named else 4) else "text"


def _texts(survey: Survey, found: Guess, texts: list[str], lists: list[str]) -> None:
    if lists and texts:
        named = next((name for name in texts if role_by_name(name, ("anchor",))), texts[0])
        found.give("anchor", named, _because(named, "anchor", "the text beside the lists"))
        documents = next((name for name in lists if role_by_name(name, ("documents",))), lists[0])
        found.give("documents", documents, _because(documents, "documents", "lists of texts"))
        return
    if len(texts) == 1:
        found.give("text", texts[0], "the only column of texts")
        return
    by_role = {role: [name for name in texts if role_by_name(name, (role,)) == role] for role, _ in NAMES}
    if by_role["text_1"] and by_role["text_2"]:
        for role in ("text_1", "text_2"):
            found.give(role, by_role[role][0], "its name says so")
        return
    if by_role["anchor"] and by_role["positive"]:
        _named_pair(found, by_role)
        return
    if len(texts) >= 2:
        _two_texts(survey, found, texts, by_role)


def _named_pair(found: Guess, by_role: dict[str, list[str]]) -> None:
    anchor = by_role["anchor"][0]
    positive = next((name for name in by_role["positive"] if name != anchor), "")
    found.give("anchor", anchor, "its name says so")
    found.give("positive", positive, "its name says so")
    if negatives := by_role["negative"]:
        found.give("negative", negatives[0] if len(negatives) == 1 else negatives, "its name says so")


def _two_texts(survey: Survey, found: Guess, texts: list[str], by_role: dict[str, list[str]]) -> None:
    """Two texts whose names don't say enough: who asks, or is much shorter, is the anchor."""
    left, right = _pair_of(texts, by_role)
    asks, other_asks = asking(survey.texts(left)), asking(survey.texts(right))
    words, other_words = mean_words(survey.texts(left)), mean_words(survey.texts(right))
    if other_asks > asks + 0.3 or (abs(asks - other_asks) <= 0.3 and words > 2 * other_words):
        left, right = right, left
        asks, other_asks, words, other_words = other_asks, asks, other_words, words
    if asks > other_asks + 0.3:
        why = f"{asks:.0%} end with a question mark", "it is what answers the questions"
    elif other_words > 2 * words:
        why = (
            f"its texts are short ({words:.0f} words on average)",
            f"its texts are long ({other_words:.0f} words on average)",
        )
    else:
        why = "the first column of texts", "the second column of texts"
    found.give("anchor", left, why[0])
    found.give("positive", right, why[1])


def _pair_of(texts: list[str], by_role: dict[str, list[str]]) -> tuple[str, str]:
    """Which two of several columns: the named one and its neighbour, or the first two."""
    for role in ("anchor", "positive"):
        if by_role[role]:
            named = by_role[role][0]
            other = (
                next(name for name in texts if name != named and name not in by_role["negative"])
                if set(texts) - {named, *by_role["negative"]}
                else texts[0]
            )
            return (named, other) if role == "anchor" else (other, named)
    return texts[0], texts[1]


# --- labels ----------------------------------------------------------------------------------------------------------


def _label(survey: Survey, found: Guess, natures: dict[str, Nature]) -> None:
    used = set(_columns_of(found))
    free = {name: kind for name, kind in natures.items() if name not in used}
    if "documents" in found.columns or "negative" in found.columns:
        _teacher(survey, found, free)
        return
    if shares := next((name for name in free if _are_shares(survey.columns[name])), ""):
        _probabilities(survey, found, shares)
        return
    if vector := next((name for name, kind in free.items() if kind == "vector"), ""):
        found.give("embedding", vector, f"lists of {max(survey.columns[vector].lists.lengths)} numbers")
        return
    labels = [name for name, kind in free.items() if kind == "word" or (kind == "number" and _finite(survey, name))]
    named = [name for name in labels if _plain(name) in SCORES | BINARY | LABELS]
    chosen = (named or [name for name in labels if _few(survey.columns[name])])[:1]
    if not chosen:
        return
    column = survey.columns[chosen[0]]
    if "text" in found.columns:
        if _few(column) and column.whole:
            _class(found, column)
    elif found.columns:
        _pair_label(found, column)


def _are_shares(column: Column) -> bool:
    """Whether each row has a probability for each of some classes."""
    lists = column.lists
    return column.kind == "list" and len(lists.lengths) == 1 and 0 < lists.numbers == lists.shares


def _probabilities(survey: Survey, found: Guess, name: str) -> None:
    """Class probabilities of two texts; of one text no loss takes them."""
    if "text" in found.columns or len(found.columns) != 2:
        return
    classes = max(survey.columns[name].lists.lengths)
    found.give("probabilities", name, f"lists of {classes} numbers that add up to 1")
    _judged(found)


def _judged(found: Guess) -> None:
    """Two texts that a label judges are no anchor and positive."""
    for old, new in {"anchor": "text_1", "positive": "text_2"}.items():
        if old in found.columns:
            found.columns[new], found.why[new] = found.columns.pop(old), found.why.pop(old)


def _pair_label(found: Guess, column: Column) -> None:
    """A label of two texts: which of the three kinds it is follows from its values, in doubt from its name."""
    values = set(column.values or ())
    name = _plain(column.name)
    if column.kind != "text" and values and values <= {0, 1} and column.whole:
        found.give("binary", column.name, "0 and 1 alone")
    elif column.kind == "text":
        positive = guess_positive(column) if len(values) == 2 else None
        if positive is None:
            _class(found, column)
        else:
            found.give(
                "binary",
                {"column": column.name, "positive": positive},
                f"two values, of which {toml(positive)} seems to mean yes",
            )
    elif column.whole and len(values) <= 20 and name not in SCORES:
        _class(found, column)
    else:
        low, high = score_range(column)
        value: object = column.name if (low, high) == (0.0, 1.0) else score_line(column)
        found.give("score", value, f"numbers from {column.low:g} to {column.high:g}")
    if "class" in found.columns and "premise" in str(found.columns.get("text_1", "")).lower():
        _nli(found, column, values)
    _judged(found)


def _nli(found: Guess, column: Column, values: set[object]) -> None:
    if values - {-1} == {0, 1, 2}:
        found.give(
            "class",
            {"column": column.name, "names": NLI},
            "0, 1, 2 beside premise and hypothesis: the usual order of NLI",
        )
    elif values and values <= set(NLI):
        found.give("class", {"column": column.name, "names": NLI}, "the classes of NLI")


def _class(found: Guess, column: Column) -> None:
    many = len(column.values) if column.values is not None else "many"
    kind = "words" if column.kind == "text" else "numbers"
    found.give("class", column.name, f"{many} different {kind}")


def _teacher(survey: Survey, found: Guess, free: dict[str, Nature]) -> None:
    """What a teacher or judge says of several documents."""
    if lists := [name for name, kind in free.items() if kind in ("numbers", "vector")]:
        best = next((name for name in lists if _plain(name) in SCORES | LABELS | MARGINS), lists[0])
        role = "margin" if _plain(best) in MARGINS else "scores"
        found.give(role, best, "lists of numbers")
        return
    named = MARGINS | SCORES | LABELS
    margin = next((name for name, kind in free.items() if kind == "number" and _plain(name) in named), "")
    if margin and not survey.columns[margin].whole:
        column = survey.columns[margin]
        found.give("margin", margin, f"a number for each triplet, from {column.low:g} to {column.high:g}")


def _finite(survey: Survey, name: str) -> bool:
    return survey.columns[name].low <= survey.columns[name].high


def _few(column: Column) -> bool:
    return column.values is not None and len(column.values) > 1


def _is_id(name: str) -> bool:
    return bool(
        re.search(r"(^|[_\- ])(id|idx|index|uuid|guid|url|key|no|number)s?$|[a-z](Id|ID|Idx)$", name)
    ) or _plain(name) in ("id", "idx", "index", "uuid", "url")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _because(name: str, role: str, otherwise: str) -> str:
    return "its name says so" if role_by_name(name, (role,)) else otherwise


def _columns_of(found: Guess) -> Iterable[str]:
    for value in found.columns.values():
        if isinstance(value, dict):
            yield str(value["column"])
        elif isinstance(value, list):
            yield from map(str, value)
        else:
            yield str(value)
