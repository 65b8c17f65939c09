"""`stgen losses`: the rules table, for each data format the losses in order of preference."""

from __future__ import annotations

import argparse

from stgen.diagnostics.console import Console
from stgen.diagnostics.suggest import closest
from stgen.match.formats import BY_NAME as FORMATS
from stgen.rules.row import Choice, Loss
from stgen.rules.tables import BY_NAME, CHOICES, LOSSES
from stgen.values.documents import document
from stgen.values.quoting import toml
from stgen.values.wrapping import hung

ROLES = {
    "modifier": "Stands around another loss: matryoshka = [...], adaptive_layers = true, or both, under [loss].",
    "regularizer": "Stands beside another loss: orthogonal = 0.1 under [loss].",
    "wrapper": "Stands around every loss of its architecture by itself.",
    "component": "",
}


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
        others = [_around(row) for row in _others(options)]
        console.result(document([*(_record(choice) for choice in chosen), *others]))
        return 0
    for model in dict.fromkeys(choice.model for choice in chosen):
        for format in dict.fromkeys(choice.format for choice in chosen if choice.model == model):
            rows = [choice for choice in chosen if (choice.model, choice.format) == (model, format)]
            console.result(_table(model, format, rows))
    for model in dict.fromkeys(row.model for row in _others(options)):
        console.result(_table_of_others(model, [row for row in _others(options) if row.model == model]))
    return 0


def tell_loss(name: str, console: Console) -> int:
    """Print what a loss is for and takes, on each kind of data and for each type of model that it trains."""
    own = [choice for choice in CHOICES if choice.loss == name]
    around = [
        row for (_, loss), row in BY_NAME.items() if loss == name and not any(row.model == one.model for one in own)
    ]
    if console.format == "json":
        console.result(document([*(_record(choice) for choice in own), *(_around(row) for row in around)]))
        return 0
    for choice in own:
        console.result(_table(choice.model, choice.format, [choice]))
    for row in around:
        console.result(_table_of_others(row.model, [row]))
    for (model, loss), row in BY_NAME.items():
        if loss == name:
            console.result("\n".join((*hung(f"{model}: ", _taken(row)), f"  {row.source}\n")))
    return 0


def _taken(row: Loss) -> str:
    """The arguments that a loss takes, as `params` under [loss] has them."""
    given = ", ".join(
        f"{one.name} = {toml(one.default)}" if one.default is not None else one.name for one in row.parameters
    )
    return f"params = {{ {given} }}" if given else "it takes no params"


def _others(options: argparse.Namespace) -> list[Loss]:
    """What stands around or beside a loss, is a part of one, or is deprecated: no data format leads to it."""
    if options.data:
        return []
    wanted = [row for row in LOSSES if options.model is None or row.model == options.model]
    return [row for row in wanted if row.kind not in ("loss", "inner") or row.successor]


def _table_of_others(model: str, rows: list[Loss]) -> str:
    width = max(len(row.name) for row in rows)
    lines = [f"{model}: around or beside a loss, and what is deprecated"]
    for row in rows:
        lines += hung(f"  {row.name:<{width}}  ", " ".join(filter(None, (_role(row), row.note))))
    return "\n".join(lines) + "\n\n"


def _role(row: Loss) -> str:
    """What a loss that trains nothing by itself is for, and how a spec asks for it."""
    if row.successor:
        parameters = ", ".join(f"{name} = {toml(value)}" for name, value in row.successor_parameters)
        return f"Deprecated: {row.successor} with params = {{ {parameters} }} gives equal gradients."
    return ROLES[row.kind]


def _around(row: Loss) -> dict[str, object]:
    return {
        "model": row.model,
        "architectures": list(row.architectures),
        "loss": row.name,
        "kind": "deprecated" if row.successor else row.kind,
        "why": _role(row),
        "note": row.note,
        "successor": row.successor,
        "parameters": _parameters(row),
        "source": row.source,
    }


def _parameters(row: Loss) -> dict[str, dict[str, object]]:
    return {p.name: {"type": p.type, "default": p.default, "words": list(p.words)} for p in row.parameters}


def _table(model: str, format: str, rows: list[Choice]) -> str:
    width = max(len(choice.loss) for choice in rows)
    lines = hung(f"{model}, {format}: ", FORMATS[format].documented)
    for choice in rows:
        note = BY_NAME[choice.model, choice.loss].note
        text = f"{choice.why} [{', '.join(choice.architectures)}]" + (f" Note: {note}" if note else "")
        lines += hung(f"  {choice.loss:<{width}}  ", text)
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
        "note": row.note,
        "parameters": _parameters(row),
        "source": row.source,
    }
