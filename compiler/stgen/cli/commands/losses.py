"""`stgen losses`: the rules table, for each data format the losses in order of preference."""

from __future__ import annotations

import argparse
from textwrap import wrap

from stgen.diagnostics.console import Console
from stgen.diagnostics.suggest import closest
from stgen.match.formats import BY_NAME as FORMATS
from stgen.rules.row import Choice
from stgen.rules.tables import BY_NAME, CHOICES
from stgen.values.documents import document

WIDTH = 110


def run(options: argparse.Namespace, console: Console) -> int:
    """Print the choices for a model type and a data format, or for all of them."""
    if options.data and options.data not in FORMATS:
        guess = closest(options.data, FORMATS)
        console.complain(
            f"there is no data format {options.data}; "
            + (f"did you mean {guess}?" if guess else f"there are {', '.join(FORMATS)}")
        )
        return 2
    chosen = [
        choice
        for choice in CHOICES
        if (options.model is None or choice.model == options.model)
        and (options.data is None or choice.format == options.data)
    ]
    if not chosen:
        console.say(
            f"no loss trains {options.model or 'any'} models on {options.data} data directly; conversions may lead there"
        )
        return 1
    if console.format == "json":
        console.result(document([_record(choice) for choice in chosen]))
        return 0
    for model in dict.fromkeys(choice.model for choice in chosen):
        for format in dict.fromkeys(choice.format for choice in chosen if choice.model == model):
            rows = [choice for choice in chosen if (choice.model, choice.format) == (model, format)]
            console.result(_table(model, format, rows))
    return 0


def _table(model: str, format: str, rows: list[Choice]) -> str:
    width = max(len(choice.loss) for choice in rows)
    lines = [f"{model}, {format}: {FORMATS[format].documented}"]
    for choice in rows:
        head = f"  {choice.loss:<{width}}  "
        for number, line in enumerate(wrap(f"{choice.why} [{', '.join(choice.architectures)}]", WIDTH - len(head))):
            lines.append((head if number == 0 else " " * len(head)) + line)
    return "\n".join(lines) + "\n\n"


def _record(choice: Choice) -> dict[str, object]:
    row = BY_NAME[choice.model, choice.loss]
    return {
        "model": choice.model,
        "architectures": list(choice.architectures),
        "format": choice.format,
        "documented": FORMATS[choice.format].documented,
        "loss": choice.loss,
        "why": choice.why,
        "needs": list(row.needs),
        "sampler": row.sampler,
        "modifiers": list(row.modifiers),
        "parameters": {p.name: {"type": p.type, "default": p.default, "words": list(p.words)} for p in row.parameters},
        "source": row.source,
    }
