"""How long texts are, as far as they were counted: max_length, the share that it cuts, and what padding costs."""

from __future__ import annotations

import re
from itertools import pairwise

from stgen.language.facts import architecture, base_may_bring_prompts, prompts_of
from stgen.language.spec import Spec
from stgen.language.spec_model import SubModel
from stgen.match.decide import bucket, decide
from stgen.match.matching import Match
from stgen.plan.counts import split_of
from stgen.plan.plan import Decision
from stgen.profile.record import Lengths, Split
from stgen.rules import decisions as tables
from stgen.rules import grounds
from stgen.rules.bases import known_base
from stgen.rules.row import Decision as Row
from stgen.values.once import once

MARK = 2  # tokens that a prompt is longer by than its words: rounded up
TOKENS_A_WORD = 1.3
WORD = re.compile(r"[\u3000-\u9fff\uac00-\ud7af]|[^\s\u3000-\u9fff\uac00-\ud7af]+")
"""A sign of Chinese, Japanese or Korean, or what blanks part."""
STEPS = 100  # points at which the distribution of lengths is looked at


def counted_lengths(spec: Spec, match: Match) -> dict[str, Lengths]:
    """Column of texts -> how many tokens its texts have, in all data sets where they were counted. Prompts come on top."""
    found: dict[str, Lengths] = {}
    for index in range(len(spec.data)):
        judged = split_of(spec, index, match, "corpus")  # then the files of texts hold all that judgements name
        for name in ("corpus", "queries") if judged else ("train",):
            split = split_of(spec, index, match, name)
            found |= _of_split(split, name) if split else {}
    return found


def longest_of_role(spec: Spec, match: Match, role: str) -> int | None:
    """The longest text of a role, in tokens; of all texts where a conversion mixes columns; None where nobody counted."""
    split = split_of(spec, match.index, match, "train")
    keeps = not match.way.rows or match.format.name == "retrieval"  # judgements name texts that have their roles
    own = [text.tokens.longest for text in split.texts if text.role == role] if split and keeps else []
    found = own or [one.longest for one in counted_lengths(spec, match).values()]
    return max(found, default=None)


def _of_split(split: Split, name: str) -> dict[str, Lengths]:
    of = {f"{text.column} of {name}" if name != "train" else text.column: text.tokens for text in split.texts}
    return of | {listed.column: listed.tokens for listed in split.lists if listed.tokens}


def longest_kept(spec: Spec, match: Match) -> int | None:
    """The tokens that 99 of 100 texts don't go beyond: of the longest column, or of the pair that a cross-encoder reads."""
    found = [one.p99 for one in counted_lengths(spec, match).values()]
    if not found:
        return None
    words = max((len(WORD.findall(text)) for text in _prompts(spec)), default=0)
    prompt = round(words * TOKENS_A_WORD) + MARK if words else 0
    if spec.model.type == "cross-encoder":
        return sum(sorted(found)[-2:]) + prompt
    return max(found) + prompt


def _prompts(spec: Spec) -> list[str]:
    """What may stand before texts: what the spec says for any set, or what a known base brings."""
    known = known_base(spec.model.base or "") if base_may_bring_prompts(spec) else None
    if known:
        return [known.query, known.document]
    return [text for index in range(len(spec.data)) for text in prompts_of(spec, index).values()]


def limit_of(spec: Spec, match: Match) -> int | None:
    """The most tokens that the base can read; None where nobody knows."""
    profile = match.profile
    if profile and profile.base and profile.base.name == spec.model.base and profile.base.positions:
        return profile.base.positions
    row = known_base(spec.model.base or "")
    return (row.max_length or None) if row else None


@once
def max_length_of(spec: Spec, match: Match) -> int | None:
    """Tokens that are kept of each text: what the spec says, or what holds nearly all texts; None for what the base brings."""
    said = spec.model.max_length
    if said is not None or architecture(spec) in ("static", "router", "static-router"):
        return said
    if any(side and side.max_length for side in (spec.model.query, spec.model.document)):
        return None
    limit, wanted = limit_of(spec, match), _wanted(_decided_length(spec, match))
    return min(wanted, limit) if wanted is not None and limit is not None else None


def at_most_of(spec: Spec, match: Match) -> int | None:
    """Tokens that are kept at most of each text of a base whose limit nobody knows here; None where `max_length_of` tells."""
    if spec.model.max_length is not None or architecture(spec) in ("static", "router", "static-router"):
        return None
    sided = any(side and side.max_length for side in (spec.model.query, spec.model.document))
    return None if sided or limit_of(spec, match) is not None else _wanted(_decided_length(spec, match))


def at_most_of_side(spec: Spec, match: Match, side: SubModel) -> int | None:
    """The same of one of a router's two encoders, also where its base is known to read more."""
    known = known_base(side.base or "")
    usual = known is not None and bucket(grounds.REACHES, known.max_length or None) == "usual"
    if side.max_length is not None or side.architecture == "static" or usual:
        return None
    longest = bucket(grounds.LENGTHS, longest_kept(spec, match))
    return _wanted(decide(tables.MAX_LENGTH, {"longest": longest, "reach": "unknown"}))


def _wanted(row: Row) -> int | None:
    return row.value if isinstance(row.value, int) else None


def explain_max_length(spec: Spec, match: Match) -> tuple[Decision, ...]:
    """What was decided of max_length, and the share of texts that it cuts, where they were counted."""
    length, found = max_length_of(spec, match), counted_lengths(spec, match)
    row = _decided_length(spec, match)
    if most := at_most_of(spec, match):
        return (Decision("max_length", f"{most} at most", row.why, "[model] max_length"),)
    if length is None or (not found and spec.model.max_length):
        return ()
    if not found:
        return (Decision("max_length", str(length), row.why, "[model] max_length"),)
    cut = ", ".join(f"{name} {_cut(one, length)}" for name, one in found.items())
    why = "the spec says so" if spec.model.max_length else row.why.rstrip(".")
    return (Decision("max_length", str(length), f"{why}; texts that are cut: {cut}.", "[model] max_length"),)


def _decided_length(spec: Spec, match: Match) -> Row:
    longest, reach = longest_kept(spec, match), limit_of(spec, match)
    grounds_of = {"longest": bucket(grounds.LENGTHS, longest), "reach": bucket(grounds.REACHES, reach)}
    return decide(tables.MAX_LENGTH, grounds_of)


def _cut(lengths: Lengths, kept: int) -> str:
    """Which share of the texts is longer than what is kept of them."""
    if lengths.longest <= kept:
        return "none"
    steps = (
        (lengths.p99, "under 1 %"),
        (lengths.p95, "1 to 5 %"),
        (lengths.p90, "5 to 10 %"),
        (lengths.p50, "10 to 50 %"),
    )
    return next((says for length, says in steps if length <= kept), "over half")


def padding_share(spec: Spec, match: Match, batch: int) -> float | None:
    """Which share of the tokens of a random batch is padding: each column is padded to its longest text in the batch."""
    split = split_of(spec, match.index, match, "train")
    columns = [text.tokens for text in split.texts] if split else []
    if not columns:
        return None
    most = max_length_of(spec, match) or limit_of(spec, match) or 512
    padded = sum(padded_tokens(one, batch, most) for one in columns)
    return 1 - sum(min(one.mean, most) for one in columns) / padded if padded else None


def padded_tokens(lengths: Lengths, batch: int, most: int) -> float:
    """The mean of the longest of `batch` texts: the quantile function, over the quantiles of a maximum."""
    points = [((step + 0.5) / STEPS) ** (1 / batch) for step in range(STEPS)]
    return sum(min(_quantile(lengths, point), most) for point in points) / STEPS


def _quantile(lengths: Lengths, part: float) -> float:
    known = (
        (0.0, 0),
        (0.5, lengths.p50),
        (0.9, lengths.p90),
        (0.95, lengths.p95),
        (0.99, lengths.p99),
        (1.0, lengths.longest),
    )
    for (low, under), (high, over) in pairwise(known):
        if part <= high:
            return under + (over - under) * (part - low) / (high - low)
    return float(lengths.longest)
