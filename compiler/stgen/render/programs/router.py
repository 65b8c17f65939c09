"""Which fragments the model.py of a router is made of: ModelPlan -> RouterProgram. Their text stands in `templates/router/`."""

from __future__ import annotations

from stgen.plan.planned_model import ModelPlan, RouterPlan
from stgen.render.programs.fragments import those
from stgen.values.record import Record


class RouterProgram(Record):
    """The fragments of a model of two encoders."""

    constants: tuple[str, ...]
    longest: int | None
    joined: tuple[str, ...]  # how the encoders become one model: their widths first
    functions: tuple[str, ...]


def router_program(model: ModelPlan, router: RouterPlan) -> RouterProgram:
    """Choose the fragments."""
    longest = next((one.at_most for one in router.encoders if one.at_most), None)
    projected = bool(model.dimensions and router.measured)
    return RouterProgram(
        constants=those({"root": model.local, "bases": True, "dimensions": model.dimensions, "longest": longest}),
        longest=longest,
        joined=(
            *those({"projected": projected, "as_wide": not projected and "scratch" not in router.starts}),
            "unscaled" if model.normalize is False else "whole",
        ),
        functions=those(
            {
                "load": "" in router.starts,
                "load_static": "pretrained" in router.starts,
                "start": "scratch" in router.starts,
                "width": router.measured,
            }
        ),
    )
