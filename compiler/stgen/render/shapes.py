"""The paths that a repo's files can have: what `render` may make, and so what a compile may ever remove.

`render` holds every file against this table, so that none can be made that isn't in it.
"""

from __future__ import annotations

import re
from functools import cache

# fmt: off
LAUNCHES: dict[str, tuple[str, ...]] = {  # launch -> its scripts in launch/
    "cpu":        ("cpu.sh",),
    "multi_cpu":  ("multi_cpu.sh",),
    "gpu":        ("gpu.sh",),
    "multi_gpu":  ("multi_gpu.sh",),
    "torchrun":   ("torchrun.sh",),
    "slurm":      ("slurm.sbatch",),
    "skypilot":   ("skypilot.sh", "skypilot.yaml"),
    "kubernetes": ("kubernetes.sh", "kubernetes.yaml"),
}
PROGRAMS = ("", "compare-")  # what the names of scripts begin with

MODULES = (
    "candidates", "card", "checkpoints", "clean", "compare", "convert", "data", "evaluate", "export", "inference", "losses", "measure", "model",
    "monitor", "mteb_tasks", "nanobeir", "prepare", "provenance", "reading", "report", "saving", "seed", "sharding", "stamp", "stream",
    "task_texts", "train", "verdict",
)
OF_A_SET = ("data", "prepare", "clean", "measure")  # modules that each of several data sets has of its own
TESTS = ("conftest", "tiny", "test_compare", "test_data", "test_smoke")
READER = (
    "__init__", "binary", "cells", "classes", "compressed", "contract", "files", "ids", "joined", "json_items", "json_lines", "json_list", "json_rows", "lists",
    "nested", "numbers", "parquet", "plain_text", "rules", "signs", "texts", "trec",
)
OTHERS = ("README.md", "pyproject.toml", "report.html.jinja", "stgen.toml", "stgen.json")
EARLIER = ("loss_monitor.py", "run_cost.py", "run_lock.py")  # what stgen wrote once: a compile still removes it, and makes none
# fmt: on

OWNED = frozenset(
    (
        *OTHERS,
        *(f"{name}.py" for name in MODULES),
        *(f"reader/{name}.py" for name in READER),
        *(f"tests/{name}.py" for name in TESTS),
        *(f"launch/{prefix}{file}" for files in LAUNCHES.values() for file in files for prefix in PROGRAMS),
        *(f"launch/accelerate/{name}.yaml" for name in LAUNCHES if name != "torchrun"),  # which configures itself
    )
)

OF_ITS_NAME = re.compile(r"[A-Za-z0-9_]{1,60}\.py")  # what follows `data_` and the like


@cache
def can_be_owned(path: str) -> bool:
    """Whether a compile can write a file of this path again and again, and so remove it when the spec drops it."""
    module, _, rest = path.partition("_")
    of_a_set = module in OF_A_SET and OF_ITS_NAME.fullmatch(rest) is not None
    return path in OWNED or path in EARLIER or of_a_set
