"""Accelerators by the names that a spec may write in `[hardware] gpu`."""

from __future__ import annotations

from stgen.rules.row import Gpu

NVIDIA = "https://www.nvidia.com/en-us/data-center/"
GEFORCE = "https://www.nvidia.com/en-us/geforce/graphics-cards/"
WORKSTATION = "https://www.nvidia.com/en-us/products/workstations/"
AMD = "https://www.amd.com/en/products/accelerators/instinct/"
ECC = "GDDR6 with error correction: a sixteenth of the named memory is spent on it."

GIB = 2.0**30
"""Bytes."""

# fmt: off
GPUS: tuple[Gpu, ...] = (
    #   name             GiB  bf16   accelerator  source
    Gpu("B200",          178, True,  "cuda",      NVIDIA + "b200/"),
    Gpu("H200",          139, True,  "cuda",      NVIDIA + "h200/"),
    Gpu("H100-80GB",      79, True,  "cuda",      NVIDIA + "h100/"),
    Gpu("H100-94GB",      93, True,  "cuda",      NVIDIA + "h100/"),
    Gpu("A100-80GB",      79, True,  "cuda",      NVIDIA + "a100/"),
    Gpu("A100-40GB",    39.5, True,  "cuda",      NVIDIA + "a100/"),
    Gpu("A40",          44.5, True,  "cuda",      NVIDIA + "a40/", ECC),
    Gpu("A30",            23, True,  "cuda",      NVIDIA + "products/a30-gpu/"),
    Gpu("A16",          14.5, True,  "cuda",      NVIDIA + "products/a16-gpu/", "One of the four devices of a board. " + ECC),
    Gpu("A10",            22, True,  "cuda",      NVIDIA + "products/a10-gpu/", ECC),
    Gpu("A10G",           22, True,  "cuda",      "https://aws.amazon.com/ec2/instance-types/g5/", ECC),
    Gpu("L40S",         44.5, True,  "cuda",      NVIDIA + "l40s/", ECC),
    Gpu("L40",          44.5, True,  "cuda",      NVIDIA + "l40/", ECC),
    Gpu("L4",             22, True,  "cuda",      NVIDIA + "l4/", ECC),
    Gpu("T4",           14.5, False, "cuda",      NVIDIA + "tesla-t4/", ECC),
    Gpu("V100-32GB",      31, False, "cuda",      NVIDIA + "v100/"),
    Gpu("V100-16GB",      15, False, "cuda",      NVIDIA + "v100/"),
    Gpu("P100-16GB",      15, False, "cuda",      NVIDIA + "tesla-p100/"),
    Gpu("RTX6000Ada",     47, True,  "cuda",      WORKSTATION + "rtx-6000/"),
    Gpu("RTXA6000",       47, True,  "cuda",      WORKSTATION + "rtx-a6000/"),
    Gpu("RTXA5000",       23, True,  "cuda",      WORKSTATION + "rtx-a5000/"),
    Gpu("RTX5090",        31, True,  "cuda",      GEFORCE + "50-series/rtx-5090/"),
    Gpu("RTX5080",        15, True,  "cuda",      GEFORCE + "50-series/rtx-5080/"),
    Gpu("RTX4090",      23.5, True,  "cuda",      GEFORCE + "40-series/rtx-4090/"),
    Gpu("RTX4080",      15.5, True,  "cuda",      GEFORCE + "40-series/rtx-4080/"),
    Gpu("RTX4070",      11.5, True,  "cuda",      GEFORCE + "40-series/rtx-4070-4070ti/"),
    Gpu("RTX3090",      23.5, True,  "cuda",      GEFORCE + "30-series/rtx-3090-3090ti/"),
    Gpu("RTX3080",       9.5, True,  "cuda",      GEFORCE + "30-series/rtx-3080-3080ti/"),
    Gpu("RTX3060",      11.5, True,  "cuda",      GEFORCE + "30-series/rtx-3060-3060ti/"),
    Gpu("RTX2080Ti",    10.5, False, "cuda",      GEFORCE + "compare/"),
    Gpu("MI325X",        255, True,  "rocm",      AMD + "mi300/mi325x.html"),
    Gpu("MI300X",        191, True,  "rocm",      AMD + "mi300/mi300x.html"),
    Gpu("MI250X",         63, True,  "rocm",      AMD + "mi200/mi250x.html", "One of the two devices of a board: set gpus to twice the boards."),
    Gpu("MI210",          63, True,  "rocm",      AMD + "mi200/mi210.html"),
)

BY_NAME: dict[str, Gpu] = {gpu.name: gpu for gpu in GPUS}
# fmt: on
