"""The noisy sets that settings are tuned on: those of the shared data, with kinds that they lack, made of their own sources."""

from __future__ import annotations

import random
import re
from typing import Any

from benchmark.noise.made import DROP, KEEP, MEND, ONE, NoisySet, Row, read

NAMES = {"sentences": "text", "pairs": "pair", "scored": "score"}
BOILERPLATE = [
    "We use cookies to give you the best experience. Accept all cookies?",
    "Copyright 2019 The Example Company",
    "Home | Products | Support | Contact",
    "Read our privacy policy and terms of service.",
    "Page 3 of 17",
    "Sign up for our weekly newsletter!",
    "You need to enable JavaScript to run this app.",
    "Follow us on Facebook and Instagram",
    "Skip to main content",
    "Click here to read more",
]
CODE = [
    "<table><tr><td>7</td><td>12</td></tr></table>",
    "if (a[0] == b) { return a[0] + 1; } else { return f(b); }",
    "{'name': 'x12', 'value': 7, 'children': [1, 2, 3]}",
    "https://www.example.com/a/b/c?d=e",
    "&nbsp;&nbsp;&gt;&gt; <b>7</b>",
]
OPPOSITES = [
    ("increase", "decrease"), ("high", "low"), ("before", "after"), ("all", "none"), ("left", "right"), ("men", "women"),
    ("more", "fewer"), ("first", "second"), ("early", "late"), ("American", "European"), ("January", "June"),
]  # fmt: skip


def decisive(text: str, draw: random.Random) -> str | None:
    """Change the one word that decides, in the way that the text allows."""
    if found := re.search(r"\b\d+\b", text):
        return f"{text[: found.start()]}{int(found[0]) + 1}{text[found.end() :]}"
    for one, other in OPPOSITES:
        if re.search(rf"\b{one}\b", text):
            return re.sub(rf"\b{one}\b", other, text, count=1)
    if found := re.search(r"\b(is|are|was|were|should|can|must) (?!not)", text):
        return f"{text[: found.end()]}not {text[found.end() :]}"
    return None


def mash(draw: random.Random) -> str:
    """Random keys, mostly of the row in the middle."""
    letters = draw.choice(["asdfghjkl", "asdfjkl", "qwertyuiopasdfghjklzxcvbnm"])
    return " ".join("".join(draw.choices(letters, k=draw.randint(3, 8))) for _ in range(draw.randint(3, 7)))


def made(name: str, seed: int) -> NoisySet:
    """Read a set, and add to it what it lacks."""
    draw = random.Random(seed)
    folder = f"noisy-{name}"
    key = {row["id"]: row for row in read(f"{folder}/key.jsonl")}
    noisy = NoisySet(NAMES[name], test=read(f"{folder}/test.jsonl"))
    if name == "sentences":
        noisy.test = [{"text": row[side]} for row in noisy.test for side in ("sentence1", "sentence2")]
    groups: dict[str, int] = {}
    for fields in read(f"{folder}/train.jsonl"):
        known = key[fields.pop("id")]
        noisy.rows.append(_row(fields, known, groups))
    clean = [row.fields for row in noisy.rows if row.kind == "clean" and row.action == KEEP]
    column = next(iter(clean[0]))
    for fields in draw.sample(clean, len(clean)):
        changed = decisive(str(fields[column]), draw)
        if changed and sum(row.kind == "decisive" for row in noisy.rows) < 80:
            noisy.rows.append(Row(fields | {column: changed}, "decisive"))
    if name != "scored":
        last = list(clean[0])[-1]
        junk = {"boilerplate": BOILERPLATE, "code": CODE, "mash": [mash(draw) for _ in range(30)]}
        for kind, texts in junk.items():
            noisy.rows += [Row(draw.choice(clean) | {last: text}, kind, DROP) for text in texts]
    draw.shuffle(noisy.rows)
    return noisy


def _row(fields: dict[str, Any], known: dict[str, Any], groups: dict[str, int]) -> Row:
    group = groups.setdefault(known["group"], len(groups)) if known["action"] == "one_of_group" else None
    actions = {"one_of_group": ONE, "conflict": DROP, "coerce": KEEP, "drop": DROP, "keep": KEEP}
    action = MEND if known["kind"] == "mojibake" else actions[known["action"]]
    return Row(fields, known["kind"], action, group)


SETS = {name: lambda seed, name=name: made(name, seed) for name in NAMES}
