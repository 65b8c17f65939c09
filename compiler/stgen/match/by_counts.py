"""Which of the losses that fit the counts of the data speak for: Spec and Profile -> the row of the table."""

from __future__ import annotations

from stgen.language.facts import accelerator_of, architecture, set_name
from stgen.language.spec import Spec
from stgen.match.decide import bucket, decide
from stgen.profile.record import Profile, Split
from stgen.rules import grounds
from stgen.rules.decisions import LOSS
from stgen.rules.row import Decision


def trained_split(spec: Spec, index: int, profile: Profile | None) -> Split | None:
    """What was counted of the training rows of a data set; None where nobody counted."""
    known = profile.of_set(set_name(spec, index)) if profile else None
    return known.splits.get("train") if known else None


def preferred_loss(spec: Spec, format: str, split: Split | None) -> Decision:
    """The row of the table for a format that the loss could get; its value is None where the counts speak for none."""
    share = next((label.positive for label in split.labels if label.role == "binary"), None) if split else None
    facts = {
        "kind": f"{spec.model.type}/{architecture(spec)}",
        "trained": format if format in grounds.TRAINED.values else "other",
        "rows": bucket(grounds.ROWS, split.made if split else None),
        "balance": bucket(grounds.BALANCES, share or None),
        "spread": bucket(
            grounds.SPREADS, min((text.distinct for text in split.texts), default=None) if split else None
        ),
        "on_cpu": accelerator_of(spec.hardware, "") == "cpu",
    }
    return decide(LOSS, facts)


def classes_counted(split: Split | None) -> int:
    """How many classes the training rows have; 0 where nobody counted them."""
    found = next((label for label in split.labels if label.role == "class"), None) if split else None
    return (len(found.counts) or found.distinct or 0) if found else 0
