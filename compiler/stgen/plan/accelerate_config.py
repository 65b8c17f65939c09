"""What every launch through accelerate shares: its titles, and the configuration of one machine."""

from __future__ import annotations

from typing import Any

from stgen.language.spec import Hardware

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


def shared_out(config: dict[str, Any], layer: str) -> dict[str, Any]:
    """The configuration of a launch that shares out the weights (FSDP, in its second version)."""
    fsdp = {
        "fsdp_version": 2,
        "fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
        "fsdp_transformer_layer_cls_to_wrap": layer,
        "fsdp_reshard_after_forward": True,
        "fsdp_state_dict_type": "SHARDED_STATE_DICT",
        "fsdp_cpu_ram_efficient_loading": False,
        "fsdp_offload_params": False,
        "fsdp_activation_checkpointing": False,
    }
    return config | {"distributed_type": "FSDP", "fsdp_config": fsdp}


def kind_of(hardware: Hardware, processes: int | None = None) -> str:
    """What accelerate calls a launch of so many processes: of as many as the spec says, where nothing else is given."""
    if (processes or (hardware.gpus or 1) * hardware.nodes) == 1:
        return "NO"
    # It starts several CPU processes only when told that they are GPUs.
    return "MULTI_XPU" if hardware.accelerator == "xpu" else "MULTI_GPU"


def accelerate_config(kind: str, processes: int, precision: str) -> dict[str, Any]:
    """The configuration of accelerate for one machine."""
    return {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": kind,
        "mixed_precision": precision,
        "num_machines": 1,
        "num_processes": processes,
    }
