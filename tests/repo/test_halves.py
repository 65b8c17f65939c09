"""What the tables say of losses in several processes: one that they don't name is a mean over rows, so that each process may have its own."""

from __future__ import annotations

import contextlib
import copy
import io
from pathlib import Path
from typing import Any

import pytest
import torch
from matrix import repos
from matrix.cases import Case, plain
from stgen.rules.processes import APART, EVENED, GATHERED
from stgen.rules.row import Loss
from stgen.rules.tables import BY_NAME

pytestmark = [pytest.mark.trains, pytest.mark.matrix]


def shares_nothing(row: Loss) -> bool:
    """Whether no table says that the rows of the loss belong together."""
    together = row.gathers or row.name in GATHERED or row.name in EVENED or (row.model, row.name) in APART
    return not together and row.ddp == "ok"


CASES = [
    case
    for case in plain()
    if case.architecture in ("transformer", "splade", "inference-free")
    and shares_nothing(BY_NAME[case.model, case.loss])
]


class MeasuredError(Exception):
    """Ends a run once the losses of its first batch are known."""


def half(inputs: dict[str, Any], part: slice) -> dict[str, Any]:
    """Those rows of a batch."""
    rows = repos.BATCH
    return {
        name: value[part] if hasattr(value, "__len__") and not isinstance(value, str) and len(value) == rows else value
        for name, value in copy.deepcopy(inputs).items()
    }


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_loss_that_no_table_names_is_a_mean_over_rows(case: Case, tmp_path: Path) -> None:
    """The mean of both halves of a batch is the loss of the whole."""
    losses: list[float] = []
    repos.compile_all([case], tmp_path)
    repo = tmp_path / case.id
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        if (repo / "prepare.py").exists():
            assert load("prepare").main([]) == 0
        program = load("train")
        name = next(name for name in vars(program) if name.endswith("Trainer") and name != "Trainer")

        class Halving(vars(program)[name]):  # type: ignore[misc]
            def compute_loss(self, model: torch.nn.Module, inputs: dict[str, Any], *given: Any, **named: Any) -> Any:
                model.eval()  # no dropout
                middle = repos.BATCH // 2
                for part in (slice(None), slice(middle), slice(middle, None)):
                    losses.append(super().compute_loss(model, half(inputs, part)).item())
                raise MeasuredError

        setattr(program, name, Halving)
        base = str(repo / (repo / "base.txt").read_text())
        with pytest.raises(MeasuredError):
            program.run(program.parse(["--base", base, "--output", str(repo), "--max-steps", "1"]))
    whole, first, second = losses
    assert (first + second) / 2 == pytest.approx(whole, rel=1e-4)
