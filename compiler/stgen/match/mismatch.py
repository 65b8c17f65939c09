"""What to say when data and loss don't go together: the diagnostics of `match`, each with what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.diagnostics.suggest import closest
from stgen.language.facts import architecture
from stgen.language.spec import Spec
from stgen.match.candidate import Candidate
from stgen.match.formats import BY_NAME as FORMATS
from stgen.match.formats import Format
from stgen.match.reach import Way, all_ways, taught_ways
from stgen.rules.conversions import CONVERSIONS
from stgen.rules.row import Loss
from stgen.rules.tables import ARCHITECTURES, BY_NAME, ONE_SIDED, choices
from stgen.values.quoting import toml


def instead(spec: Spec, found: Format, lacking: Callable[[Loss], str] = lambda row: "") -> str:
    """The losses for this data that lack nothing; "" where there is none."""
    named = [choice.loss for choice in choices(spec.model.type, architecture(spec), found.name)]
    fitting = [name for name in named if not lacking(BY_NAME[spec.model.type, name])]
    return f"losses for this data, best first: {', '.join(fitting)}" if fitting else ""


def unknown_format(target: str, path: KeyPath) -> Diagnostic:
    guess = closest(target, FORMATS)
    return Diagnostic(
        code="STG110",
        message=f'there is no data format "{target}"',
        path=path,
        help=f'did you mean "{guess}"?' if guess else f"the formats are {', '.join(FORMATS)}",
    )


def no_queries(found: Format, possible: Mapping[str, Way]) -> Diagnostic:
    """A router on data in which nothing is a query."""
    agreed = [way for name, way in possible.items() if name not in ONE_SIDED and way.rows]
    said = (" and ".join(row.consent for row in way.rows if row.consent) for way in sorted(agreed, key=cost_of))
    lines = [line for line in said if line]
    return Diagnostic(
        code="STG125",
        message=f"{found.documented} hold no queries, and would never train a router's query encoder",
        path=("model", "router"),
        help=f"write {lines[0]} under [loss]; or leave router out" if lines else "leave router out",
        notes=("its encoders learn from pairs: the first text goes through one, the second through the other",),
        about="key",
    )


def cost_of(way: Way) -> tuple[int, int]:
    """By what ways are sorted: the cheapest first."""
    return way.cost, len(way.rows)


def no_way(found: Format, target: str, possible: list[str], path: KeyPath) -> Diagnostic:
    named = [row for row in CONVERSIONS if (row.source, row.target) == (found.name, target) and row.classes]
    says = (
        ""
        if target == "pair-score"
        else f'; or whose pairs belong together: convert = [{{ to = "{target}", positive = "..." }}]'
    )
    other = f"from {found.name}, conversions lead to {', '.join(possible)}" if possible else "leave `convert` out"
    return Diagnostic(
        code="STG111",
        message=f"no conversion leads from {found.name} to {target}",
        path=path,
        help="say which class is which, in the order of their numbers: "
        'class = { column = "label", names = ["entailment", "neutral", "contradiction"] }' + says
        if named
        else other,
        notes=tuple(f"{row.name} goes by the names {' and '.join(row.classes)}" for row in named),
    )


def nothing_fits(spec: Spec, found: Format, candidates: list[Candidate], path: KeyPath) -> Diagnostic:
    proposals = []
    for way in sorted(all_ways(found.name, spec.model.type).values(), key=lambda way: way.cost):
        if way.rows and choices(spec.model.type, architecture(spec), way.format):
            lines = [row.consent for row in way.rows if row.consent]
            proposals.append(f"to train on {way.format}: {' and '.join(lines)} (loses {_losses_of(way)})")
    kinds = [type for type in ARCHITECTURES if any(choices(type, kind, found.name) for kind in ARCHITECTURES[type])]
    return Diagnostic(
        code="STG104",
        message=f"no loss trains a {spec.model.type} model ({architecture(spec)}) on {found.name} data",
        path=path,
        about="key",
        notes=tuple(f"{candidate.loss} {candidate.reason}" for candidate in candidates)
        + ((f"model types that train on {found.name}: {', '.join(kinds)}",) if kinds else ()),
        help="; or ".join(proposals[:3]) or "give the data other labels, or choose another model type",
    )


def _losses_of(way: Way) -> str:
    return "; ".join(row.loses for row in way.rows if row.loses) or "nothing"


def unknown_loss(spec: Spec, name: str, path: KeyPath) -> Diagnostic:
    own = [row for (model, _), row in BY_NAME.items() if model == spec.model.type]
    elsewhere = [model for model, loss in BY_NAME if loss == name]
    if elsewhere:
        return Diagnostic(
            code="STG102",
            message=f"{name} trains {' and '.join(elsewhere)} models, and this one is {spec.model.type}",
            path=path,
            help=f"for a {spec.model.type} model: {closest(name, [row.name for row in own]) or 'auto'}",
        )
    guess = closest(name, [row.name for row in own if row.kind in ("loss", "inner")])
    return Diagnostic(
        code="STG101",
        message=f"sentence-transformers has no loss {name!r} for {spec.model.type} models",
        path=path,
        help=f"did you mean {guess!r}?" if guess else f"`stgen losses --model {spec.model.type}` lists them",
        notes=("a loss of your own goes under `custom`, not `name`",),
    )


def not_a_main_loss(row: Loss, path: KeyPath) -> Diagnostic:
    # fmt: off
    ways_to_ask = {
        "modifier": "it wraps another loss: write `matryoshka = [...]` or `adaptive_layers = true` under [loss]",
        "regularizer": "it is added to another loss: write `orthogonal = 0.1` under [loss]",
        "wrapper": "stgen puts it around the loss by itself: name the inner loss, or leave `name` out",
        "component": "it is a part of another loss: leave `name` out",
    }
    # fmt: on
    return Diagnostic(
        code="STG117", message=f"{row.name} isn't a loss by itself", path=path, help=ways_to_ask[row.kind]
    )


def deprecated(row: Loss, path: KeyPath) -> Diagnostic:
    parameters = ", ".join(f"{name} = {toml(value)}" for name, value in row.successor_parameters)
    return Diagnostic(
        code="STG109",
        message=f"{row.name} is deprecated",
        path=path,
        help=f'write name = "{row.successor}"' + (f" with params = {{ {parameters} }}" if parameters else ""),
        notes=("the two give equal gradients",),
    )


def not_a_teachers(spec: Spec, row: Loss, way: Way, names: tuple[str, ...], path: KeyPath) -> Diagnostic:
    """A loss that imitates a teacher, on scores that a conversion makes up."""
    made = next(step for step in way.rows if step.invents)
    lines = ways_to_teach(way.rows[0].source, spec.model.type, names)
    return Diagnostic(
        code="STG130",
        message=f"{row.name} distills a teacher's scores, and {made.source} data has none: they would be made up",
        path=path,
        help="name another loss" + (f', or a teacher = "..." that scores the rows: {lines}' if lines else ""),
    )


def ways_to_teach(start: str, model: str, names: tuple[str, ...]) -> str:
    """The lines that let a teacher label the data, with what each loses; "" where nothing does."""
    said = []
    for way in taught_ways(start, model, names):
        steps = [row.consent.removeprefix("convert = [").removesuffix("]") for row in way.rows if row.consent]
        lost = "; ".join(row.loses for row in way.rows if row.loses and not row.loses.startswith("nothing"))
        said.append(f"convert = [{', '.join(steps)}]" + (f" (loses {lost})" if lost else ""))
    return " or ".join(sorted(said))


def wrong_data(spec: Spec, row: Loss, found: Format, possible: Mapping[str, Way], path: KeyPath) -> Diagnostic:
    wanted = " or ".join(FORMATS[name].documented for name in row.formats)
    notes = []
    for name in row.formats:
        if name in possible and possible[name].rows:
            lines = " and ".join(step.consent for step in possible[name].rows if step.consent)
            lines = lines or f"convert = {toml([name])}"
            notes.append(f"a conversion to {name} is possible if you accept it: {lines}")
    return Diagnostic(
        code="STG103",
        message=f"{row.name} wants {wanted}, and this data is {found.documented}",
        path=path,
        notes=tuple(notes),
        help=instead(spec, found) or "map other columns, or name another loss",
    )
