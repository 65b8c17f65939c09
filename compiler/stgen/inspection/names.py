"""What people call the columns of their files: names -> roles, kinds of labels, ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from stgen.match.schema import is_path

# fmt: off
NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (  # role -> what people call its column, without case, blanks, dashes
    ("anchor",    ("anchor", "query", "question", "q", "search", "input", "docstring", "searchquery", "searchtext", "searchterm", "prompt", "instruction", "keyword", "claim", "english", "source", "src", "title", "subject", "headline", "betreff", "titel", "titre", "titulo",
                   "frage", "pregunta", "domanda", "vraag")),
    ("positive",  ("positive", "pos", "answer", "a", "passage", "document", "doc", "context", "response", "reply", "relevant", "evidence", "nonenglish", "translation", "target",
                   "tgt", "body", "abstract", "summary", "content", "chosen", "accepted", "output", "completion", "code", "article", "story", "plot", "simplified", "compressed", "entailment", "positivepassage", "positivedocument", "positivectx", "positiveresponse", "product",
                   "antwort", "reponse", "respuesta", "risposta", "antwoord")),
    ("negative",  ("negative", "neg", "hardnegative", "hardneg", "rejected", "rejectedresponse", "rejectedanswer", "rejectedtext", "reversed", "reversedtext", "reversedresponse", "wrong", "wronganswer",
                   "incorrect", "incorrectanswer", "badanswer", "negativepassage", "negativedocument", "negativectx", "negativeresponse", "hardnegativectx", "irrelevant", "distractor")),
    ("text_1",    ("text1", "texta", "sentence1", "sentencea", "question1", "premise", "sent1", "s1", "left", "first", "string1", "query1")),
    ("text_2",    ("text2", "textb", "sentence2", "sentenceb", "question2", "hypothesis", "sent2", "s2", "right", "second", "string2", "query2")),
    ("text",      ("text", "sentence", "utterance", "content", "review", "body", "message", "comment", "tweet", "title", "question", "query", "abstract")),
    ("documents", ("documents", "docs", "passages", "candidates", "texts", "answers", "contexts", "responses", "choices")),
)
# Last words of names with several, and what before them says that a text is none that was wanted.
ASKED = frozenset(("query", "question", "anchor", "claim", "docstring", "documentation"))
ANSWERED = frozenset(("answer", "answers", "response", "responses", "passage", "passages", "document", "documents", "doc", "docs", "reply", "positive", "positives", "ctxs", "code"))
FILLERS = frozenset(("text", "string", "str", "content", "body", "raw"))  # at the end of a name: `question_text`
AGAINST = frozenset(("neg", "negative", "hard", "wrong", "bad", "rejected", "downvoted", "incorrect", "irrelevant", "worst", "false", "random", "easy", "distractor"))
BODIES = frozenset(("text", "content", "contents", "passage", "body", "sentence", "abstract"))
MARGINS = frozenset(("margin", "margins", "scoredifference", "teachermargin"))
# Words of a name: `annotator_rating` and `esciLabel` say by a part what they are.
SCORES = frozenset((
    "score", "scores", "similarity", "sim", "relatedness", "rating", "ratings", "goldscore", "relevance", "relevancy", "rel", "gain", "judgement", "judgment", "grade", "likert", "annotator", "rater", "judge", "votes", "vote", "upvotes", "stars", "agreement", "closeness",
    "ahnlichkeit", "aehnlichkeit", "bewertung", "similitud", "similarite", "puntuacion", "note",
))
BINARY = frozenset((
    "isduplicate", "duplicate", "duplicated", "ismatch", "match", "matches", "isrelevant", "relevant", "paraphrase", "isparaphrase", "equivalent", "same", "clicked", "correct", "isanswer", "ispositive",
))
LABELS = frozenset((
    "label", "labels", "class", "category", "intent", "topic", "tag", "target", "queue", "department", "coarselabel", "gold", "goldlabel", "y", "kategorie", "klasse", "etiqueta", "categoria", "categorie", "genre", "emotion",
    "sentiment", "polarity",
))
# What a text is about or where it comes from: it says nothing of whether two texts belong together.
ABOUT = frozenset((
    "category", "topic", "intent", "tag", "tags", "genre", "domain", "subject", "source", "origin", "language", "lang", "locale", "split", "fold", "subset", "dataset", "year", "month", "date", "type",
    "difficulty", "queue", "department", "priority", "status", "state", "author", "country", "region", "group", "section", "title", "kategorie", "thema", "categoria", "categorie", "sprache",
))
CLASSES = frozenset(("class", "klasse", "clase", "classe"))  # beside a question and its answer, the field that both are of
RATINGS = frozenset(("rating", "ratings", "stars", "bewertung", "sentiment", "polarity"))  # of a review, where a title stands beside it
COUNTS = frozenset(("count", "counts", "num", "total"))  # of `rating_count`: how many there are is no score
TITLES = frozenset(("title", "headline", "subject", "titel", "titre", "titulo"))
VOTES = frozenset(("votes", "vote", "upvotes", "downvotes", "likes", "views"))  # of a post, where a title stands beside its text
EQUALS = frozenset(("set", "sets", "paraphrases", "duplicates", "cluster", "variants", "rephrasings"))  # lists of texts that all say the same
BESIDE = frozenset((  # of where a text comes from: no class of it
    "split", "fold", "subset", "partition", "dataset", "language", "lang", "locale", "year", "month", "date", "name", "role", "author", "user", "username", "rank", "count",
))
PEOPLE = frozenset((  # who made a text, or what it is about: none itself where there are others
    "author", "authors", "submitter", "artist", "director", "cast", "user", "username", "reviewer", "creator", "owner", "editor", "publisher", "brand", "company", "manufacturer",
))
TIMES = frozenset(("date", "time", "timestamp", "datetime", "created", "updated", "modified"))
VARIANTS = frozenset((  # a name with one of these has the same text as the name without it, in another form
    "annot", "annotated", "annotation", "normalised", "normalized", "tokenized", "tokenised", "tokens", "original", "whole", "parse", "parsed", "lemmatized", "stemmed", "cleaned", "lower", "binary",
))
GROUPS = frozenset(("set", "cluster", "group"))  # whose ids are those of texts that belong together
FLAGS = frozenset(("has", "in", "with", "contains", "verified", "active", "deleted", "enabled"))  # before what a thing has: no label of two texts
MEANS = frozenset(("mean", "average", "avg", "median", "gold", "aggregated", "consensus", "final"))  # of what several people say
SUMMARIES = frozenset(("summary", "highlights", "tldr"))
WHOLE = frozenset(("text", "article", "document", "content", "body", "story"))  # of which there is a summary
KINDS = frozenset(("subject", "betreff"))  # of a message, which is sorted by what stands in both
# fmt: on
UNNAMED = re.compile(r"column_\d+")  # of a table without a line of names


def plain(name: str) -> str:
    """A name without case, accents, blanks and dashes."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in folded if char.isalnum() and not unicodedata.combining(char))


def says(name: str, words: Collection[str]) -> bool:
    """Whether a name, or a part of it, is one of some words."""
    own = words_of(leaf(name))
    return plain(leaf(name)) in words or not (own | {word.rstrip("0123456789") for word in own}).isdisjoint(words)


def words_of(name: str) -> frozenset[str]:
    """The words of a name, each plain."""
    return frozenset(plain(part) for part in re.split(r"[^\w]+|_+|(?<=[a-z0-9])(?=[A-Z])", name))


def says_who(name: str) -> bool:
    """Whether a name says at its end that its column has people or firms."""
    return plain(leaf(name)) in PEOPLE or plain(re.split(r"[\W_]+", leaf(name))[-1]) in PEOPLE


def is_variant(name: str, names: Iterable[str]) -> bool:
    """Whether a column has the text of another in another form: `sentence1_parse` beside `sentence1`."""
    words = words_of(name)
    more = words & VARIANTS
    return bool(more) and any(words - more == words_of(other) - more for other in names if words_of(other) < words)


def leaf(name: str) -> str:
    """The field that names what a path leads to."""
    parts = re.sub(r"\[\d+\]", "", name).split(".") if is_path(name) else [name]
    return parts[-2] if len(parts) > 1 and parts[-1] in BODIES else parts[-1]


def role_by_name(name: str, roles: Collection[str]) -> str:
    """The role that people give to a column of this name, among some roles; "" for none."""
    called = plain(leaf(name))
    numbered = called.rstrip("0123456789")
    several = called.removesuffix("s")  # negatives; of a list, whose texts are one each, any role
    for role, names in NAMES:
        if role not in roles:
            continue
        if called in names or (is_path(name) and several in names):
            return role
        if role == "negative" and (numbered in names or several in names):
            return role
    return _role_by_part(name, roles)


def _role_by_part(name: str, roles: Collection[str]) -> str:
    """The role that the last word of a name has, with what stands before it: `upvoted_answer`, `user_query`."""
    words = [plain(word) for word in re.split(r"[\W_]+|(?<=[a-z0-9])(?=[A-Z])", leaf(name)) if word]
    while len(words) > 1 and words[-1] in FILLERS:
        words.pop()
    if len(words) < 2:
        return next((role for role, names in NAMES if role in roles and "".join(words) in names), "")
    last = words[-1].rstrip("0123456789") or words[-2]
    if last in ("neg", "negative", "negatives"):
        return "negative" if "negative" in roles else ""
    if last in ("pos", "positive"):
        return "positive" if "positive" in roles else ""
    if words[0] in ("positive", "pos", "negative", "neg") and words[-1] in ("message", "messages"):
        role = "positive" if words[0].startswith("pos") else "negative"
        return role if role in roles else ""
    if words[-1] in ASKED or (words[-1] in TITLES and words[-2] in ASKED):
        return "anchor" if "anchor" in roles else ""
    if words[-1] not in ANSWERED:
        return ""
    role = "negative" if set(words[:-1]) & AGAINST else "positive"
    return role if role in roles else ""


def is_id(name: str) -> bool:
    """Whether a name says that its column holds ids."""
    return bool(
        re.search(
            r"(^|[_\- ])(id|idx|index|uuid|guid|url|uri|path|sku|slug|hash|key|no|number)s?$|[a-z](Id|ID|Idx|Url|URL|Path|Key)$",
            name,
        )
    ) or plain(name) in ("id", "idx", "index", "uuid", "url")
