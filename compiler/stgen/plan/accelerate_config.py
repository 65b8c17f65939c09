"""What every launch through accelerate shares: its titles, and the configuration of one machine."""

from __future__ import annotations

from typing import Any

# fmt: off
PRECISIONS = {"fp32": "no", "bf16": "bf16", "fp16": "fp16"}
TITLES = {
    "cpu":       "Trains on one CPU",
    "multi_cpu": "Trains in several processes on one CPU",
    "gpu":       "Trains on one {device}",
    "multi_gpu": "Trains on several {device}s of one machine",
    "nodes":     "Trains on several machines",
}
# fmt: on


def accelerate_config(kind: str, processes: int, precision: str) -> dict[str, Any]:
    """The configuration of accelerate for one machine."""
    return {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": kind,
        "mixed_precision": precision,
        "num_machines": 1,
        "num_processes": processes,
    }
