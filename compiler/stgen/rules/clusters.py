"""What job launchers take: the keys of [hardware] skypilot and kubernetes, and their words for accelerators."""

from __future__ import annotations

from stgen.values.record import Record

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
WORD = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
QUANTITY = r"[1-9][0-9]*(\.[0-9]+)?([KMGTP]i?)?"
SKY_SIZE = r"[1-9][0-9]*\+?"


class Key(Record):
    """A key of a launcher's table: what its value looks like, as a pattern and in words."""

    launcher: str
    key: str
    pattern: str
    looks: str
    needed: str = ""  # why it can't be left out; "": it can


# fmt: off
KEYS: tuple[Key, ...] = (
    #   launcher      key                pattern                                                    looks like
    Key("skypilot",   "accelerators",    r"[A-Za-z0-9-]+:[1-9][0-9]*",                              "H100:8, a name of SkyPilot's and a number"),
    Key("skypilot",   "infra",           r"[A-Za-z0-9*_.-]+(/[A-Za-z0-9*_.-]+){0,2}",               "aws/us-east-1"),
    Key("skypilot",   "instance_type",   WORD,                                                      "p4d.24xlarge"),
    Key("skypilot",   "cpus",            SKY_SIZE,                                                  "8+"),
    Key("skypilot",   "memory",          SKY_SIZE,                                                  "64+, in GB"),
    Key("skypilot",   "disk_size",       r"[1-9][0-9]*",                                            "256, in GB"),
    Key("skypilot",   "image_id",        r"[A-Za-z0-9][A-Za-z0-9_./:@-]*",                          "docker:python:3.11"),
    Key("kubernetes", "image",           r"[A-Za-z0-9][A-Za-z0-9_./:@-]*",                          "registry.example.org/me/training:1",
        "the cluster runs the image that the Dockerfile of the repo makes"),
    Key("kubernetes", "claim",           r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?",                   "training-output",
        "the trained model would be gone with its pod: it is written to a PersistentVolumeClaim"),
    Key("kubernetes", "namespace",       LABEL,                                                     "research"),
    Key("kubernetes", "service_account", r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?",                   "trainer"),
    Key("kubernetes", "gpu",             r"[a-z0-9.-]+/[A-Za-z0-9_.-]+",                            "nvidia.com/gpu"),
    Key("kubernetes", "cpu",             r"[1-9][0-9]*m?",                                          "16"),
    Key("kubernetes", "memory",          QUANTITY,                                                  "64Gi"),
)

COMMANDS = {"skypilot": "sky launch", "kubernetes": "kubectl apply -f"}

# Name in our table of GPUs, in capitals -> SkyPilot's. Others are to be written as SkyPilot lists them.
SKYPILOT_NAMES: dict[str, str] = {
    "B200": "B200", "H200": "H200", "H100-80GB": "H100", "A100-80GB": "A100-80GB", "A100-40GB": "A100", "A10": "A10", "A10G": "A10G",
    "L40S": "L40S", "L40": "L40", "L4": "L4", "T4": "T4", "V100-32GB": "V100-32GB", "V100-16GB": "V100", "P100-16GB": "P100",
    "RTX4090": "RTX4090", "RTX3090": "RTX3090", "RTXA6000": "RTXA6000", "MI300X": "MI300X",
}
GPU_RESOURCE = {"cuda": "nvidia.com/gpu", "rocm": "amd.com/gpu", "xpu": "gpu.intel.com/xe", "mps": "nvidia.com/gpu"}
"""Accelerator -> the resource under which a cluster counts it."""
# fmt: on
