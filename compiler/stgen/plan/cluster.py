"""Plans launches through what runs jobs on machines of a cluster: [hardware] skypilot and kubernetes -> a LaunchPlan."""

from __future__ import annotations

import re

from stgen.language.spec import Hardware
from stgen.plan.accelerate_config import PRECISIONS, TITLES, accelerate_config, kind_of
from stgen.plan.plan import LaunchPlan
from stgen.rules.clusters import COMMANDS, GPU_RESOURCE, SKYPILOT_NAMES

LONGEST = 50  # letters of a job's name: a machine's name adds its number, and has 63 at most


def plan_cluster(hardware: Hardware, precision: str, project: str) -> LaunchPlan:
    """Plan one launch: what the cluster is told, and what each of its machines then runs."""
    name: str = hardware.launcher
    devices, machines = hardware.gpus or 1, hardware.nodes
    on_cpu = hardware.accelerator == "cpu"
    mixed = "no" if on_cpu else PRECISIONS[precision]
    accelerate = accelerate_config(kind_of(hardware), devices * machines, mixed) | {"num_machines": machines}
    place = "SkyPilot" if name == "skypilot" else "Kubernetes"
    several = TITLES["nodes"] + f" through {place}"
    return LaunchPlan(
        name,
        f"{name}.sh",
        "machine.sh",
        several if machines > 1 else f"Trains on one machine through {place}",
        accelerate | ({"use_cpu": True} if on_cpu else {}),
        devices,
        machines,
        mixed,
        on_cpu,
        _skypilot(hardware) if name == "skypilot" else dict(hardware.kubernetes or {}),
        command=COMMANDS[name],
        file=f"{name}.yaml",
        manifest=f"{name}.yaml",
        job=job_name(project),
        limits=_limits(hardware) if name == "kubernetes" else {},
    )


def job_name(project: str) -> str:
    """A name that DNS allows for a machine: small letters, digits and dashes, a letter first."""
    name = re.sub(r"[^a-z0-9]+", "-", project.lower()).strip("-")[:LONGEST].strip("-")
    return name if name[:1].isalpha() else f"train-{name}".strip("-")


def _skypilot(hardware: Hardware) -> dict[str, str | int]:
    """The resources that are asked for."""
    asked = dict(hardware.skypilot or {})
    if hardware.accelerator == "cpu" or "accelerators" in asked:
        return asked
    return {"accelerators": f"{SKYPILOT_NAMES[(hardware.gpu or '').upper()]}:{hardware.gpus or 1}", **asked}


def _limits(hardware: Hardware) -> dict[str, str]:
    """What each pod gets: resource of Kubernetes -> amount."""
    asked = hardware.kubernetes or {}
    found: dict[str, str] = {key: str(asked[key]) for key in ("cpu", "memory") if key in asked}
    if hardware.accelerator == "cpu":
        return found
    return {str(asked.get("gpu", GPU_RESOURCE[hardware.accelerator or "cuda"])): str(hardware.gpus or 1), **found}
