"""Guesses the data schema of a file: the survey of its columns -> the roles, ranges and class names that a spec would declare."""

from __future__ import annotations

import re

from stgen.inspection.joining import propose_instructed, propose_joined, propose_lists
from stgen.inspection.label_signs import Label
from stgen.inspection.labelling import label, rename
from stgen.inspection.names import (
    BINARY,
    BODIES,
    EQUALS,
    LABELS,
    NAMES,
    SCORES,
    SUMMARIES,
    TITLES,
    UNNAMED,
    WHOLE,
    is_variant,
    leaf,
    plain,
    role_by_name,
    says,
    says_who,
    words_of,
)
from stgen.inspection.natures import Nature, nature
from stgen.inspection.proposal import Guess
from stgen.inspection.sides import twins
from stgen.match.formats import BY_NAME
from stgen.match.schema import is_path
from stgen.reader.nested import root_of
from stgen.rows.survey import Survey
from stgen.rows.text_signs import asking, mean_words

POSITION = re.compile(r"\[(\d+)\]")  # within a path
ANNOTATED = frozenset(("annotations", "completions"))  # lists of what annotators said, the first of which is taken
PATHS = 30  # within objects and lists, up to which they are looked at
MISSING = 4  # where one row in so many lacks a text, another column is rather meant
ORDER = ("text", "text_1", "text_2", "anchor", "positive", "negative", "documents")


def guess(survey: Survey, task: str = "") -> Guess:
    """Propose roles for the columns of a file, by their names and by what they hold; which are left is noted when all have theirs.

    `task` is the data format that they shall make, where somebody has said so.
    """
    natures = natures_of(survey)
    found = Guess()
    judged = any(kind in ("numbers", "vector") for kind in natures.values())
    # Lists of texts are ranked where scores stand beside them; else they are read position by position.
    lists = [name for name, kind in natures.items() if kind == "texts" and judged]
    if any(role_by_name(name, ("negative",)) for name in lists):
        lists = []  # positives and negatives, whatever else is said of them
    texts = _themselves([name for name, kind in natures.items() if kind == "text" and not (lists and is_path(name))])
    roles = BY_NAME[task].roles if task else ()
    if "text" in roles and texts:
        found.give("text", *_one_text(texts))
    else:
        _texts(survey, found, texts, lists)
    if roles != ("text",):
        label(survey, found, natures, _wanted(roles))
    if found.columns.keys() == {"text_1", "text_2"}:
        rename(found, {"text_1": "anchor", "text_2": "positive"})
    found.columns = {
        role: found.columns[role]
        for role in sorted(found.columns, key=lambda role: ORDER.index(role) if role in ORDER else len(ORDER))
    }
    propose_lists(found, survey)
    propose_instructed(found, survey)
    propose_joined(found, survey)
    return found


def natures_of(survey: Survey) -> dict[str, Nature]:
    """What the columns hold; of those within others the ones with texts."""
    found = {name: nature(survey, column) for name, column in survey.columns.items()}
    return {name: kind for name, kind in found.items() if kind == "text" or not is_path(name) or _is_label(name, kind)}


def _is_label(path: str, kind: Nature) -> bool:
    """Whether what lies within a column of objects is called as labels are."""
    named = kind in ("number", "word") and (says(path, LABELS | SCORES | BINARY) or leaf(path) == "choices")
    return named and ("[" not in path or (root_of(path) in ANNOTATED and set(POSITION.findall(path)) == {"0"}))


def _themselves(texts: list[str]) -> list[str]:
    """The columns of texts without those that say who made them, and without other forms of the same; all where none is left."""
    return [name for name in texts if not says_who(name) and not is_variant(name, texts)] or texts


def _wanted(roles: tuple[str, ...]) -> Label:
    for kind in ("class", "binary", "score"):
        if kind in roles:
            return kind
    return ""


def _one_text(texts: list[str]) -> tuple[str, str]:
    named = next((name for name in texts if role_by_name(name, ("text",))), texts[0])
    return named, "the task has one text a row"


def nested_columns(survey: Survey) -> list[str]:
    """The paths to texts within objects and lists, as far as every row can have them."""
    found = []
    for name, column in survey.columns.items():
        if name in ("", ".") or set(name) & set(".[]"):
            continue
        lengths = set(column.lists.lengths)
        found += [name + path for path in column.number_paths if _is_label(name + path, "number")]
        for path in _told(list(column.paths)):
            position = POSITION.match(path)
            if position is None or int(position[1]) < min(lengths, default=0) or position[1] == "0":
                found.append(name + path)
    return found if len(found) <= PATHS else []


def _told(paths: list[str]) -> list[str]:
    """Of the texts of an object those that say what it is about, where one of them is called so."""
    bodies = {path.rpartition(".")[0] for path in paths if _is_body(path)}
    return [path for path in paths if path.rpartition(".")[0] not in bodies or _is_body(path)]


def _is_body(path: str) -> bool:
    return not words_of(path.rpartition(".")[2].partition("[")[0]).isdisjoint(BODIES | {"context"})


def _texts(survey: Survey, found: Guess, texts: list[str], lists: list[str]) -> None:
    if lists and texts:
        _text_beside_lists(found, texts, lists)
        return
    if len(texts) == 1:
        found.give("text", texts[0], "the only column of texts")
        return
    if _in_order(survey, found, texts):
        return
    if _conversations(found, texts):
        return
    by_role = {role: [name for name in texts if role_by_name(name, (role,)) == role] for role, _ in NAMES}
    if by_role["text_1"] and by_role["text_2"]:
        for role in ("text_1", "text_2"):
            found.give(role, by_role[role][0], "its name says so")
        return
    others = [
        name
        for name in texts
        if not UNNAMED.fullmatch(name) and not role_by_name(name, ("anchor", "positive", "negative"))
    ]
    sides = twins(others)
    if sides[0] and not by_role["anchor"]:
        for role, side in zip(("text_1", "text_2"), sides, strict=True):
            found.give(role, side[0] if len(side) == 1 else side, "their names are alike")
        return
    summaries = [name for name in texts if plain(leaf(name)) in SUMMARIES]
    whole = [name for name in texts if plain(leaf(name)) in WHOLE]
    if summaries and whole and not any(plain(leaf(name)) not in TITLES for name in by_role["anchor"]):
        found.give("anchor", summaries[0], "a summary")
        found.give("positive", whole[0], "what it is the summary of")
        return
    if by_role["anchor"] and by_role["positive"]:
        _named_pair(survey, found, by_role)
        return
    if len(texts) >= 2:
        _two_texts(survey, found, texts, by_role)


def _in_order(survey: Survey, found: Guess, texts: list[str]) -> bool:
    """Whether the texts have their roles by where they stand: in lists of what says the same, or three without names."""
    lists = [re.sub(r"\[\d+\]$", "", name) for name in texts]
    of_one_list = len(set(lists)) == 1 and not set(lists) & set(texts)
    equals = of_one_list and any(plain(leaf(name)) in EQUALS for name in lists)
    if equals and len(texts) > 1:
        for role, name in zip(("anchor", "positive"), texts, strict=False):
            found.give(role, name, "lists of texts that say the same")
        return True
    three = of_one_list and set(survey.columns[lists[0]].lists.lengths) == {len(texts)}
    whole = not any(_often_missing(survey, name) for name in texts)
    if len(texts) == 3 and ((whole and all(map(UNNAMED.fullmatch, texts))) or three):
        for role, name in zip(("anchor", "positive", "negative"), texts, strict=True):
            found.give(role, name, "three texts without names, in the order of triplets")
        return True
    return False


def _text_beside_lists(found: Guess, texts: list[str], lists: list[str]) -> None:
    """A query, and the lists of what is ranked against it."""
    named = next((name for name in texts if role_by_name(name, ("anchor",))), texts[0])
    found.give("anchor", named, _because(named, "anchor", "the text beside the lists"))
    documents = next((name for name in lists if role_by_name(name, ("documents",))), lists[0])
    found.give("documents", documents, _because(documents, "documents", "lists of texts"))


def _conversations(found: Guess, texts: list[str]) -> bool:
    """Whether what was chosen and what was rejected each begin with the question: `chosen[0].content`."""
    lists: dict[str, list[str]] = {}
    for name in texts:
        lists.setdefault(root_of(name), []).append(name)
    chosen = next((names for root, names in lists.items() if role_by_name(root, ("positive",)) and len(names) == 2), [])
    rejected = next(
        (names for root, names in lists.items() if role_by_name(root, ("negative",)) and len(names) == 2), []
    )
    if not chosen or not rejected or not chosen[1].endswith(".content"):
        return False
    for role, name in (("anchor", chosen[0]), ("positive", chosen[1]), ("negative", rejected[1])):
        found.give(role, name, "conversations that were chosen and rejected")
    return True


def _often_missing(survey: Survey, name: str) -> bool:
    column = survey.columns.get(name)
    return column is not None and MISSING * (column.of("none").count + column.empty.count) > survey.rows


def _named_pair(survey: Survey, found: Guess, by_role: dict[str, list[str]]) -> None:
    # A title asks only where nothing else does.
    anchor = min(by_role["anchor"], key=_least_asking)
    others = [name for name in by_role["positive"] if name != anchor]
    positive = next(iter(sorted(others, key=lambda name: (_often_missing(survey, name), _least_sure(name)))), "")
    found.give("anchor", anchor, "its name says so")
    found.give("positive", positive, "its name says so")
    _negatives(found, by_role)


def _least_asking(name: str) -> tuple[bool, bool]:
    called = plain(leaf(name))
    return called in TITLES, called in TITLES and called != "title"


def _least_sure(name: str) -> int:
    """How little a name says that its texts are what was asked for."""
    called = plain(leaf(name))
    if called.startswith("pos") or called == "answer":
        return 0
    if is_path(name):
        return 3  # within a list, beside a column of its own
    return 1 if any(word in called for word in ("answer", "response", "reply", "code")) else 2


def _negatives(found: Guess, by_role: dict[str, list[str]]) -> None:
    used = set(found.sources())
    if negatives := [name for name in by_role["negative"] if name not in used]:
        found.give("negative", negatives[0] if len(negatives) == 1 else negatives, "its name says so")


def _two_texts(survey: Survey, found: Guess, texts: list[str], by_role: dict[str, list[str]]) -> None:
    """Two texts whose names don't say enough: who asks, or is much shorter, is the anchor."""
    if len(set(texts) - set(by_role["negative"])) < 2:
        return
    left, right = _pair_of(survey, texts, by_role)
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
    _negatives(found, by_role)


def _pair_of(survey: Survey, texts: list[str], by_role: dict[str, list[str]]) -> tuple[str, str]:
    """Which two of several columns: the named one and the likeliest other, or the first two."""
    for role in ("anchor", "positive"):
        if by_role[role]:
            named = min(by_role[role], key=_least_asking)
            others = [name for name in texts if name != named and name not in by_role["negative"]]
            others = [name for name in others if not _is_asked(name, others)]
            other = min(others, key=lambda name: _least_like_text(survey, name)) if others else texts[0]
            return (named, other) if role == "anchor" else (other, named)
    left, right, *_ = sorted(texts, key=lambda name: _often_missing(survey, name))
    return left, right


def _is_asked(name: str, names: list[str]) -> bool:
    """Whether a path leads to the first turn of a conversation whose second stands beside it."""
    place = POSITION.search(name)
    if place is None or not name.endswith((".content", ".value")):
        return False
    start, end = name[: place.start()], name[place.end() :]
    return any(other.startswith(start) and other.endswith(end) and other > name for other in names)


def _least_like_text(survey: Survey, name: str) -> tuple[bool, bool]:
    """How little a column beside a named one looks as if it held the other text."""
    return _often_missing(survey, name), not says(name, BODIES)


def _because(name: str, role: str, otherwise: str) -> str:
    return "its name says so" if role_by_name(name, (role,)) else otherwise
