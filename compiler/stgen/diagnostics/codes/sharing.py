"""STG430 to STG434: trainings that several devices share."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG430", "a training that can't be shared out",
         "FSDP keeps a share of each weight on every device and gathers a layer when its turn comes. What isn't such a layer, needs the whole model while it trains, or is launched without it can't be shared out.",
         'hardware = { gpu = "A100-80GB", gpus = 8, strategy = "fsdp" }\ntrain = { evaluate_every = 0.1 }',
         "Write what the finding says, or strategy = \"ddp\"."),
)
# fmt: on
