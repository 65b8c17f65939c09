"""The user's own metrics: `custom = ["my_metrics.py:coverage"]` -> the functions that evaluate.py calls."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import loss_tables
from stgen.language.spec import Spec
from stgen.match.own_files import custom_class, fault_of
from stgen.plan.planned_measures import CustomMetric


def custom_metrics(spec: Spec, findings: Findings) -> tuple[CustomMetric, ...]:
    """The metrics of the spec, in its order; reports names that can't be a function beside evaluate.py."""
    made: dict[str, CustomMetric] = {}
    losses = {custom_class(table.custom)[0] for table in loss_tables(spec) if table.custom}
    for index, text in enumerate(spec.metrics.custom):
        module, function = custom_class(text)
        fault = f"{module}.py holds a loss of your own" if module in losses else fault_of(module, function, spec)
        if not fault and function in made:
            fault = f"two metrics are called {function}"
        if fault:
            findings.add(Diagnostic("STG187", fault, ("metrics", "custom", index), 'write "my_metrics.py:coverage"'))
            continue
        made[function] = CustomMetric(module, function)
    return tuple(made.values())
