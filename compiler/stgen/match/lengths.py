"""Checks whether rows can be batched by length: data and losses may need other batches."""

from __future__ import annotations

from stgen.diagnostics.diagnostic import Diagnostic, Findings
from stgen.language.facts import architecture, set_name
from stgen.language.spec import Spec
from stgen.match.matching import Match

# What the sampler of a loss does for it.
WANTS = {
    "no_duplicates": "no duplicate texts in a batch, where they would be false negatives",
    "group_by_label": "several rows of each class in a batch",
}


def check_lengths(spec: Spec, matches: tuple[Match, ...], findings: Findings) -> None:
    """STG178: batches by length contradict a loss or the data, or nothing is padded."""
    for index, (data, matched) in enumerate(zip(spec.data, matches, strict=True)):
        of = f" of {name}" if (name := set_name(spec, index)) else ""
        if data.streaming:
            why, hint = (
                f"the rows{of} are streamed, and can't be sorted before they are read",
                "leave one of the two out",
            )
        elif matched.loss.sampler in WANTS:
            why = f"{matched.loss.name}{of} wants {WANTS[matched.loss.sampler]}"
            hint = "leave group_by_length out: there is only one batch sampler"
        else:
            continue
        findings.add(Diagnostic("STG178", why, ("train", "group_by_length"), hint, about="key"))
    if architecture(spec) == "static":
        why = "a static model doesn't pad, so group_by_length has no effect"
        findings.add(Diagnostic("STG178", why, ("train", "group_by_length"), "leave group_by_length out", about="key"))
