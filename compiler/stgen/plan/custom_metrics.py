"""The user's own metrics: `custom = ["my_metrics.py:coverage"]` -> the functions that evaluate.py calls."""

from __future__ import annotations

import keyword

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import loss_tables
from stgen.language.spec import Spec
from stgen.match.custom import custom_class, taken
from stgen.plan.planned_measures import CustomMetric


def custom_metrics(spec: Spec, findings: Findings) -> tuple[CustomMetric, ...]:
    """The metrics of the spec, in its order; reports names that can't be a function beside evaluate.py."""
    made: dict[str, CustomMetric] = {}
    losses = {custom_class(table.custom)[0] for table in loss_tables(spec) if table.custom}
    for index, text in enumerate(spec.metrics.custom):
        module, function = custom_class(text)
        fault = f"{module}.py holds a loss of your own" if module in losses else _fault(module, function, made)
        if fault := fault or taken(module, spec):
            findings.add(Diagnostic("STG187", fault, ("metrics", "custom", index), 'write "my_metrics.py:coverage"'))
            continue
        made[function] = CustomMetric(module, function)
    return tuple(made.values())


def _fault(module: str, function: str, others: dict[str, CustomMetric]) -> str:
    """What is wrong with a metric's name; "" when nothing is."""
    for name in (module, function):
        if not name.isidentifier() or keyword.iskeyword(name):
            return f"`{name}` can't be the name of a Python module or function"
    if function in others:
        return f"two metrics are called {function}"
    return ""
