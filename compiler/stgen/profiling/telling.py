"""Says what a profile holds, for people: a line for each split, and one for the base."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.profile.record import Profile, Split, TextColumn

HOW = {"tokenizer": "tokens of the base's own tokenizer", "estimate": "tokens are an estimate"}

TOLD = {
    "py3langid": "languages are told by py3langid, of texts of 20 characters and more",
    "scripts": "languages aren't told, but scripts: `pip install py3langid` for languages",
}


def told(profile: Profile) -> Iterator[str]:
    """The lines."""
    for one in profile.sets:
        for name, split in one.splits.items():
            yield f"{one.name + ' ' if one.name else ''}{name}: {_split(split)}"
        if not one.splits:
            yield f"{one.name or 'the data'}: on the hub, which has no count of its rows or can't be reached from here"
    if profile.base:
        yield f"base: {profile.base.parameters / 1e6:,.0f} million parameters, {profile.base.layers} layers"
    yield HOW[profile.tokens]
    if profile.languages:
        yield TOLD[profile.languages]


def _languages(text: TextColumn) -> str:
    """The three most frequent ones; of a column whose texts are all too short, that they are."""
    if text.languages is None:
        return ""
    shown = ", ".join(f"{name} {share:.0%}" for name, share in list(text.languages.items())[:3])
    return f" in {shown or 'no language that could be told'}"


def _split(split: Split) -> str:
    parts = [
        f"{split.rows:,} rows"
        + (f", of whose lists {split.spread:,} come" if split.spread else "")
        + ("" if split.distinct == split.made else f", {split.distinct:,} of them distinct")
    ]
    parts += [
        f"{text.column} {text.tokens.p50} tokens (99 % up to {text.tokens.p99}, longest {text.tokens.longest})"
        + _languages(text)
        for text in split.texts
    ]
    parts += [f"{listed.column} {listed.items.p50} items" for listed in split.lists]
    for label in split.labels:
        if label.positive is not None:
            parts.append(f"{label.column} {label.positive:.0%} {'positive' if label.role == 'binary' else 'relevant'}")
        elif label.distinct is not None and label.role == "class":
            parts.append(f"{label.column} {label.distinct} classes")
        elif label.low is not None:
            parts.append(f"{label.column} {label.low:g} to {label.high:g}")
    if split.columns:
        parts.append("columns by the hub: " + ", ".join(f"{name} ({kind})" for name, kind in split.columns.items()))
    return "; ".join(parts)
