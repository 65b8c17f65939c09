"""Says what a profile holds, for people: a line for each split, and one for the base."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.profile.record import Profile, Split

HOW = {"tokenizer": "tokens of the base's own tokenizer", "estimate": "tokens are an estimate"}


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


def _split(split: Split) -> str:
    parts = [
        f"{split.rows:,} rows" + ("" if split.distinct == split.rows else f", {split.distinct:,} of them distinct")
    ]
    parts += [
        f"{text.column} {text.tokens.p50} tokens (99 % up to {text.tokens.p99}, longest {text.tokens.longest})"
        for text in split.texts
    ]
    parts += [f"{listed.column} {listed.items.p50} items" for listed in split.lists]
    for label in split.labels:
        if label.positive is not None:
            parts.append(f"{label.column} {label.positive:.0%} positive")
        elif label.distinct is not None and label.role == "class":
            parts.append(f"{label.column} {label.distinct} classes")
        elif label.low is not None:
            parts.append(f"{label.column} {label.low:g} to {label.high:g}")
    return "; ".join(parts)
