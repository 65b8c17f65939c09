"""The columns of a data format in the generated programs: format -> names, texts first, the label last."""

from __future__ import annotations

from stgen.match.formats import BY_NAME

# fmt: off
LABELS: dict[str, str] = {  # the collator takes the first of these names for the label; everything else is an input
    "class": "label", "probabilities": "label", "binary": "label", "margin": "label", "embedding": "label", "score": "score", "scores": "scores",
}
JUDGED = ("anchor", "document", "relevance")
"""What data.py makes of the three files of the BEIR layout: one row for each judgement."""
# fmt: on


def column_names(format: str, negatives: int = 0) -> tuple[str, ...]:
    """The columns of rows of a format, in the order in which losses take them.

    `negatives` is how many columns the role of several has: that of the negatives, or of the texts after the first.
    """
    if format == "retrieval":
        return JUDGED
    names: list[str] = []
    for role in BY_NAME[format].roles:
        if role == "negatives":
            names += [f"negative_{number}" for number in range(1, negatives + 1)]
        elif role == "texts":
            names += [f"text_{number}" for number in range(2, negatives + 2)]
        else:
            names.append(LABELS.get(role, role))
    return tuple(names)
