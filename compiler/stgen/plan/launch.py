"""Plans how the training is launched: [hardware] -> accelerate configurations and scripts."""

from __future__ import annotations

from collections.abc import Iterable

from stgen.language.facts import leaves_launch_open, processes, unshared
from stgen.language.spec import Hardware, Spec
from stgen.match.matching import Match
from stgen.plan.accelerate_config import PRECISIONS, TITLES, accelerate_config, kind_of, shared_out
from stgen.plan.plan import LaunchPlan
from stgen.rules.processes import SEVERAL

# fmt: off
DEVICES = {"cuda": "GPU", "rocm": "GPU", "mps": "Apple GPU", "xpu": "Intel GPU"}
# fmt: on


def largest_launch(spec: Spec, losses: Iterable[Match]) -> int:
    """How many processes the largest launch of the repo has.

    Where the spec leaves the launch open, launchers for several devices are offered only to losses that several
    processes can share, and only where the batch can be split over them. `losses` are those that train.py can train.
    """
    if not leaves_launch_open(spec.hardware):
        return processes(spec)
    several, batch = spec.hardware.gpus or SEVERAL, spec.train.batch_size
    if any(unshared(matched.loss) for matched in losses):
        return 1
    return 1 if isinstance(batch, int) and batch % several else several


def share_out(launch: LaunchPlan, layer: str) -> LaunchPlan:
    """The same launch, with the weights shared out over its devices: those of a `layer` are gathered at a time."""
    return launch.replaced(accelerate=shared_out(dict(launch.accelerate), layer))


def plan_launches(hardware: Hardware, precision: str, project: str, largest: int) -> tuple[LaunchPlan, ...]:
    """Plan the launches that [hardware] calls for: one where it names an accelerator, the common ones otherwise.

    `project` is the name of the project as a folder; `largest` is what `largest_launch` found.
    """
    if hardware.launcher == "slurm":
        return (_slurm(hardware, precision),)
    if hardware.launcher in ("skypilot", "kubernetes"):
        from stgen.plan.cluster import plan_cluster

        return (plan_cluster(hardware, precision, project),)
    if hardware.launcher == "torchrun":
        return (_torchrun(hardware, precision),)
    if leaves_launch_open(hardware):
        counts = (1, largest) if largest > 1 else (1,)
        return (*map(_cpu, counts), *(_gpu(hardware, count, precision) for count in counts))
    if hardware.accelerator == "cpu":
        return (_cpu(hardware.gpus or 1),)
    return (_gpu(hardware, hardware.gpus or 1, precision),)


def _cpu(processes: int) -> LaunchPlan:
    if processes == 1:
        accelerate = accelerate_config("NO", 1, "no") | {"use_cpu": True}
        return LaunchPlan("cpu", "cpu.sh", "launch.sh", TITLES["cpu"], accelerate, 1, 1, "no", True, {})
    # accelerate starts several CPU processes only when told that they are GPUs: with MULTI_CPU it runs one and says nothing.
    accelerate = accelerate_config("MULTI_GPU", processes, "no") | {"use_cpu": True}
    return LaunchPlan(
        "multi_cpu", "multi_cpu.sh", "launch.sh", TITLES["multi_cpu"], accelerate, processes, 1, "no", True, {}
    )


def _gpu(hardware: Hardware, processes: int, precision: str) -> LaunchPlan:
    name = "gpu" if processes == 1 else "multi_gpu"
    title = TITLES[name].format(device=DEVICES[hardware.accelerator or "cuda"])
    accelerate = accelerate_config(kind_of(hardware, processes), processes, PRECISIONS[precision])
    return LaunchPlan(
        name, f"{name}.sh", "launch.sh", title, accelerate, processes, 1, PRECISIONS[precision], False, {}
    )


def _torchrun(hardware: Hardware, precision: str) -> LaunchPlan:
    processes = hardware.gpus or 1
    on_cpu = hardware.accelerator == "cpu"
    title = TITLES["nodes"] if hardware.nodes > 1 else "Trains with torchrun"
    mixed = "no" if on_cpu else PRECISIONS[precision]
    return LaunchPlan("torchrun", "torchrun.sh", "torchrun.sh", title, {}, processes, hardware.nodes, mixed, on_cpu, {})


def _slurm(hardware: Hardware, precision: str) -> LaunchPlan:
    devices, on_cpu = hardware.gpus or 1, hardware.accelerator == "cpu"
    mixed = "no" if on_cpu else PRECISIONS[precision]
    accelerate = accelerate_config(kind_of(hardware), devices * hardware.nodes, mixed)
    accelerate |= {"num_machines": hardware.nodes} | ({"use_cpu": True} if on_cpu else {})
    return LaunchPlan(
        "slurm",
        "slurm.sbatch",
        "slurm.sbatch",
        TITLES["nodes"] if hardware.nodes > 1 else "Trains on one machine of a Slurm cluster",
        accelerate,
        devices,
        hardware.nodes,
        mixed,
        on_cpu,
        dict(hardware.slurm or {}),
        command="sbatch",
    )
