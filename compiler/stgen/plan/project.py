"""Plans the project: what it is called, and what holds for all of it."""

from __future__ import annotations

import re

from stgen.language.paths import Place
from stgen.language.spec import Spec
from stgen.plan.copies import missing_in_image
from stgen.plan.plan import ProjectPlan


def plan_project(spec: Spec, place: Place) -> ProjectPlan:
    """Name the project: after its folder where the spec doesn't."""
    title = spec.project.name or place.spec_folder.rstrip("/").rpartition("/")[2] or "embedding-model"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", title).strip("-._") or "embedding-model"
    return ProjectPlan(
        name=name,
        package=name.lower(),
        title=title,
        description=spec.project.description or "",
        license=spec.project.license or "",
        languages=tuple(spec.project.languages),
        seed=spec.project.seed,
        card_rows=spec.project.card_rows,
        outside=missing_in_image(spec, place),
    )
