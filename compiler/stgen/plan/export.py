"""Plans the export: [export] and the kind of model -> what export.py writes, and how far it may be off."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.diagnostics.suggest import closest
from stgen.language.facts import architecture
from stgen.language.spec import Spec
from stgen.language.spec_results import Export
from stgen.plan.planned_measures import ExportPlan
from stgen.rules.exports import BY_KIND, FAMILIES, FEATURES, QUANTIZATIONS, ExportRow
from stgen.rules.pins import EXPORTING

PATH = ("export",)


def plan_export(asked: Export, spec: Spec, findings: Findings) -> ExportPlan | None:
    """Plan the export; report into `findings` what can't be exported or quantized."""
    if asked.quantize is not None and asked.quantize not in QUANTIZATIONS:
        near = closest(asked.quantize, QUANTIZATIONS) or QUANTIZATIONS[0]
        message = f'"{asked.quantize}" is not a supported quantization'
        findings.add(Diagnostic("STG175", message, (*PATH, "quantize"), f'write quantize = "{near}"'))
    if asked.quantize is not None and not asked.formats:
        message = "`export.quantize` has nothing to quantize: `formats` names no format"
        findings.add(Diagnostic("STG176", message, (*PATH, "quantize"), 'write formats = ["onnx"]', about="key"))
    if not asked.formats:
        return None
    kind = f"{spec.model.type}/{architecture(spec)}"
    row = BY_KIND["router" if spec.model.router else kind]
    if row.why_not:
        message = f"this model can't be exported: {row.why_not}"
        findings.add(Diagnostic("STG177", message, (*PATH, "formats"), row.instead, about="key"))
        return None
    return _planned(asked, row, spec)


def _planned(asked: Export, row: ExportRow, spec: Spec) -> ExportPlan:
    family = FAMILIES[spec.model.type]
    formats = tuple(dict.fromkeys(asked.formats))
    groups = ["graph", *formats, *(f"{name} quantized" for name in formats if asked.quantize)]
    return ExportPlan(
        formats=formats,
        quantize=asked.quantize is not None,
        graph=row.graph,
        family=family.name,
        outputs=row.outputs,
        features=tuple(FEATURES.get((spec.model.type, name), name) for name in row.outputs),
        difference=family.difference,
        quantized_tolerance=family.quantized_tolerance,
        requirements={name: pin for group in groups for name, pin in EXPORTING.get(group, {}).items()},
    )
