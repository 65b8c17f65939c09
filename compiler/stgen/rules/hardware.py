"""Accelerators by the names that a spec may write in `[hardware] gpu`.

`source` is the vendor's page of the device. Its memory is the one named there less what error correction takes of GDDR6
and less the half to two GiB that the driver keeps. Speed is the dense one (vendors print twice as much, for matrices of
which half is zeros), with sums in fp32, as training needs it: half of what white papers name first for GeForce cards.
The pages were read through two public tables that cite them: ml-engineering's compute/accelerator (744d01e, 2026-08-22)
and Lightning's fabric/utilities/throughput.py (7f0c343, 2026-07-20); figures of the white papers through notes that
quote their rows (2026-09-07). A figure for which no source was found is left out: 0, or no rent.
"""

from __future__ import annotations

from stgen.rules.row import Gpu, Rent

NVIDIA = "https://www.nvidia.com/en-us/data-center/"
GEFORCE = "https://www.nvidia.com/en-us/geforce/graphics-cards/"
WORKSTATION = "https://www.nvidia.com/en-us/products/workstations/"
AMD = "https://www.amd.com/en/products/accelerators/instinct/"
ECC = "GDDR6 with error correction: a sixteenth of the named memory is spent on it."

DGX_B200 = "https://resources.nvidia.com/en-us-dgx-systems/dgx-b200-datasheet"
H100_DATASHEET = "https://resources.nvidia.com/en-us-gpu-resources/h100-datasheet-24306"
AMPERE_BLOG = "https://developer.nvidia.com/blog/nvidia-ampere-architecture-in-depth/"
AMPERE_PAPER = "https://www.nvidia.com/content/PDF/nvidia-ampere-ga-102-gpu-architecture-whitepaper-v2.pdf"
ADA_PAPER = "https://images.nvidia.com/aem-dam/Solutions/Data-Center/l4/nvidia-ada-gpu-architecture-whitepaper-v2.1.pdf"
BLACKWELL_PAPER = (
    "https://images.nvidia.com/aem-dam/Solutions/geforce/blackwell/nvidia-rtx-blackwell-gpu-architecture.pdf"
)
RTX_PRO_PAPER = "https://www.nvidia.com/content/dam/en-zz/Solutions/design-visualization/quadro-product-literature/NVIDIA-RTX-Blackwell-PRO-GPU-Architecture-v1.0.pdf"
A40_DATASHEET = "https://images.nvidia.com/content/Solutions/data-center/a40/nvidia-a40-datasheet.pdf"
A10_DATASHEET = "https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/a10/pdf/a10-datasheet.pdf"
T4_DATASHEET = (
    "https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/tesla-t4/t4-tensor-core-datasheet-951643.pdf"
)
V100_DATASHEET = (
    "https://images.nvidia.com/content/technologies/volta/pdf/volta-v100-datasheet-update-us-1165301-r5.pdf"
)
GPUMAP = "https://github.com/lamonoai/gpumap/blob/a2dfba25de6b207b939fdd2233aeab297035f1af/nvidia/GPU.md"

# Where what a device costs was read: list prices on demand, taken down from the providers' own pages on that day.
RECEIPTS = "https://github.com/datareceipts/data-receipts/tree/main/109-gpu-pricing"  # RunPod, Lambda, AWS, Azure
RUNPOD = "https://github.com/runpod/docs/blob/a900806e253c4f8c16da27d1a4370e72456da4cb/snippets/serverless-gpu-pricing-table.mdx"
RUNPOD_PODS = "https://huggingface.co/datasets/privum/ai-compute-prices"  # RunPod's pods, community and secure
AKASH = "https://github.com/api-evangelist/akash/blob/main/plans/plans.yml"  # https://akash.network/pricing/gpus/
OPENRELAY = (
    "https://github.com/api-evangelist/openrelay/blob/main/plans/openrelay-plans-pricing.yml"  # openrelay.inc/pricing
)
VERDA = "https://huggingface.co/datasets/lanternworks/gpu-cloud-prices"  # https://verda.com/pricing

GIB = 2.0**30
"""Bytes."""

# fmt: off
GPUS: tuple[Gpu, ...] = (
    #   name             GiB  bf16   accelerator  source                               TFLOPS their source     USD an hour
    Gpu("B200",          178, True,  "cuda",      NVIDIA + "b200/",                    2250,  DGX_B200,        Rent(5.00, 6.79, "2026-08-19", AKASH, RUNPOD_PODS)),
    Gpu("H200",          139, True,  "cuda",      NVIDIA + "h200/",                    989,   "",              Rent(4.45, 5.58, "2026-08-20", AKASH, RUNPOD)),
    Gpu("H100-80GB",      79, True,  "cuda",      NVIDIA + "h100/",                    989,   "",              Rent(2.69, 6.88, "2026-11-09", RECEIPTS), "The SXM board; the PCIe one computes 756 TFLOPS."),
    Gpu("H100-94GB",      93, True,  "cuda",      NVIDIA + "h100/",                    835,   H100_DATASHEET,  Rent(2.59, 6.98, "2026-11-09", RECEIPTS)),
    Gpu("A100-80GB",      79, True,  "cuda",      NVIDIA + "a100/",                    312,   "",              Rent(1.19, 3.67, "2026-11-09", RECEIPTS)),
    Gpu("A100-40GB",    39.5, True,  "cuda",      NVIDIA + "a100/",                    312,   "",              Rent(1.99, 3.40, "2026-11-09", RECEIPTS)),
    Gpu("A40",          44.5, True,  "cuda",      NVIDIA + "a40/",                     149.7, A40_DATASHEET,   Rent(0.44, 1.22, "2026-08-19", RUNPOD_PODS, RUNPOD), ECC),
    Gpu("A30",            23, True,  "cuda",      NVIDIA + "products/a30-gpu/",        165,   GPUMAP),
    Gpu("A16",          14.5, True,  "cuda",      NVIDIA + "products/a16-gpu/",        note="One of the four devices of a board. " + ECC),
    Gpu("A10",            22, True,  "cuda",      NVIDIA + "products/a10-gpu/",        125,   A10_DATASHEET,   note=ECC),
    Gpu("A10G",           22, True,  "cuda",      "https://aws.amazon.com/ec2/instance-types/g5/", note=ECC),
    Gpu("L40S",         44.5, True,  "cuda",      NVIDIA + "l40s/",                    362,   "",              Rent(1.91, 1.91, "2026-08-20", RUNPOD), ECC),
    Gpu("L40",          44.5, True,  "cuda",      NVIDIA + "l40/",                     181,   ADA_PAPER,       Rent(1.91, 1.91, "2026-08-20", RUNPOD), ECC),
    Gpu("L4",             22, True,  "cuda",      NVIDIA + "l4/",                      121,   ADA_PAPER,       Rent(0.68, 0.68, "2026-08-20", RUNPOD), ECC),
    Gpu("T4",           14.5, False, "cuda",      NVIDIA + "tesla-t4/",                65,    T4_DATASHEET,    note=ECC),
    Gpu("V100-32GB",      31, False, "cuda",      NVIDIA + "v100/",                    125,   V100_DATASHEET,  note="The SXM board; the PCIe one computes 112 TFLOPS."),
    Gpu("V100-16GB",      15, False, "cuda",      NVIDIA + "v100/",                    125,   V100_DATASHEET,  note="The SXM board; the PCIe one computes 112 TFLOPS."),
    Gpu("P100-16GB",      15, False, "cuda",      NVIDIA + "tesla-p100/",              21.2,  AMPERE_BLOG),
    Gpu("RTX6000Ada",     47, True,  "cuda",      WORKSTATION + "rtx-6000/",           364,   RTX_PRO_PAPER,   Rent(1.91, 1.91, "2026-08-20", RUNPOD)),
    Gpu("RTXA6000",       47, True,  "cuda",      WORKSTATION + "rtx-a6000/",          154.8, AMPERE_PAPER,    Rent(0.82, 1.22, "2026-08-20", VERDA, RUNPOD)),
    Gpu("RTXA5000",       23, True,  "cuda",      WORKSTATION + "rtx-a5000/",          111,   GPUMAP,          Rent(0.68, 0.68, "2026-08-20", RUNPOD)),
    Gpu("RTX5090",        31, True,  "cuda",      GEFORCE + "50-series/rtx-5090/",     209.5, BLACKWELL_PAPER),
    Gpu("RTX5080",        15, True,  "cuda",      GEFORCE + "50-series/rtx-5080/",     113,   GPUMAP),
    Gpu("RTX4090",      23.5, True,  "cuda",      GEFORCE + "40-series/rtx-4090/",     165.2, ADA_PAPER,       Rent(0.29, 1.12, "2026-08-20", OPENRELAY, RUNPOD)),
    Gpu("RTX4080",      15.5, True,  "cuda",      GEFORCE + "40-series/rtx-4080/",     97,    GPUMAP),
    Gpu("RTX4070",      11.5, True,  "cuda",      GEFORCE + "40-series/rtx-4070-4070ti/", 58, GPUMAP),
    Gpu("RTX3090",      23.5, True,  "cuda",      GEFORCE + "30-series/rtx-3090-3090ti/", 71.2, BLACKWELL_PAPER, Rent(0.18, 0.68, "2026-08-20", OPENRELAY, RUNPOD)),
    Gpu("RTX3080",       9.5, True,  "cuda",      GEFORCE + "30-series/rtx-3080-3080ti/", 59.5, GPUMAP),
    Gpu("RTX3060",      11.5, True,  "cuda",      GEFORCE + "30-series/rtx-3060-3060ti/"),
    Gpu("RTX2080Ti",    10.5, False, "cuda",      GEFORCE + "compare/"),
    Gpu("MI325X",        255, True,  "rocm",      AMD + "mi300/mi325x.html",           1300),
    Gpu("MI300X",        191, True,  "rocm",      AMD + "mi300/mi300x.html",           1300),
    Gpu("MI250X",         63, True,  "rocm",      AMD + "mi200/mi250x.html",           191.5, note="One of the two devices of a board: set gpus to twice the boards."),
    Gpu("MI210",          63, True,  "rocm",      AMD + "mi200/mi210.html"),
)

# fmt: on

BY_NAME: dict[str, Gpu] = {gpu.name.lower(): gpu for gpu in GPUS}


def known_gpu(name: str | None) -> Gpu | None:
    """The row of a GPU, in whatever case it is written; None for one that the table lacks, and for none."""
    return BY_NAME.get((name or "").lower())
