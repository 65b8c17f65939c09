"""STG455 to STG459: what the launchers of clusters would stumble over."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG455", "not an option of sbatch's own",
         "sbatch stops at an option that it doesn't know, before the job is queued. Plugins of a cluster may bring options, such as container-image of pyxis.",
         'hardware = { gpus = 2, launcher = "slurm", slurm = { partion = "gpu" } }',
         "Write the option as the manual of sbatch lists it.",
         "warning"),
)
# fmt: on
