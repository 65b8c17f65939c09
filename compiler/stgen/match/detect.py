"""The roles of a data set -> its data format, or why they make none."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings, KeyPath, enumerated
from stgen.language.sources import negatives_of, sources_of
from stgen.language.spec_data import Columns, Data
from stgen.match.formats import BY_NAME, FORMATS, Format

# fmt: off
PAIRS_UP: dict[str, tuple[str, ...]] = {  # anchor and positive are text_1 and text_2 under another name when a label judges them
    "binary": ("text_1", "text_2"), "score": ("text_1", "text_2"), "class": ("text_1", "text_2"), "probabilities": ("text_1", "text_2"), "embedding": ("text_1", "text_2"),
}
# fmt: on
SEVERAL = {"negative": "negatives", "text_2": "texts"}
"""Role -> what it is called in the formats when the spec gives it several columns."""
MADE = ("damaged-pair", "duplicated-pair", "tension-pair", "retrieval")
"""Formats that no set of roles means: they come from a conversion, or from `retrieval`."""


def detect(data: Data, path: KeyPath, findings: Findings) -> Format | None:
    """Return the format of a data set; report STG100 and return None when its roles don't go together."""
    if data.retrieval is not None:
        return BY_NAME["retrieval"]
    if data.columns is None:
        return None
    roles = {_numbered(role, data.columns) for role in named_roles(data.columns)}
    wanted = _canonical(roles)
    for format in FORMATS:
        if format.name not in MADE and set(format.roles) == wanted:
            return format
    findings.add(_no_format(roles, wanted, (*path, "columns")))
    return None


def named_roles(columns: Columns) -> dict[str, object]:
    """Role -> what the spec says of it, in the language's order, `class` under its own name."""
    given = {name.rstrip("_"): getattr(columns, name) for name in type(columns).model_fields}
    return {role: value for role, value in given.items() if value is not None}


def pair_alias(role: str, roles: set[str]) -> str:
    """`anchor` and `positive` as `text_1` and `text_2` where a label judges the pair, any other role as it is."""
    judged = any(label in roles for label in PAIRS_UP) and not roles & {"negative", "negatives", "documents"}
    return {"anchor": "text_1", "positive": "text_2"}.get(role, role) if judged else role


def _numbered(role: str, columns: Columns) -> str:
    """`negative` with several columns is the role `negatives` of the formats, `text_2` the role `texts`."""
    several = negatives_of(columns) > 1 if role == "negative" else len(sources_of(columns, role)) > 1
    return SEVERAL.get(role, role) if several else role


def _canonical(roles: set[str]) -> set[str]:
    return {pair_alias(role, roles) for role in roles}


def _no_format(roles: set[str], wanted: set[str], path: KeyPath) -> Diagnostic:
    legal = [format for format in FORMATS if format.name not in MADE]
    nearest = min(legal, key=lambda format: len(set(format.roles) ^ wanted))
    lacks = [role for role in nearest.roles if role not in wanted]
    extra = sorted(wanted - set(nearest.roles))
    advice = []
    if lacks:
        advice.append(f"add {_listed(lacks)}")
    if extra:
        advice.append(f"leave out {_listed(extra)}")
    return Diagnostic(
        code="STG100",
        message=_formless(sorted(roles)),
        path=path,
        help=f"the nearest is {nearest.name}, {nearest.documented}: {' and '.join(advice)}",
        notes=("a column that has no role never reaches the trainer, so name only those that the loss should see",),
        about="key",
    )


def _formless(roles: list[str]) -> str:
    if not roles:
        return "no column has a role"
    return f"{_listed(roles)} {'alone is no' if len(roles) == 1 else 'together form no'} data format"


def _listed(roles: list[str]) -> str:
    quoted = [f"`{role}`" for role in roles]
    return enumerated(quoted)
