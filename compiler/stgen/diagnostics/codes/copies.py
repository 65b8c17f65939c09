"""STG397 to STG402: what a run is made of, and whether a copy of the repo has it."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG397", "a base model that isn't pinned",
         "A base on the hub without a revision is what its main branch holds when the program runs. Whoever pushes to it changes what is trained, and an earlier run can't be repeated.",
         'base = "sentence-transformers/all-MiniLM-L6-v2" under [model], and no revision',
         "Add the revision that the finding shows, or that evaluate.py prints.", "note"),
    Code("STG398", "files that a copy of the repo doesn't have",
         "SkyPilot copies the folder of the repo to its machines, and a cluster of Kubernetes runs an image that is built of it. What lies outside of that folder, or in one that installing or running the repo writes, as results/ and models/, isn't there: preparation stops on the rented machine.",
         'launcher = "skypilot", with train = "../data/train.jsonl"',
         "Put the files into the folder of the repo and name them there; or name a data set or model on the hub.", "warning"),
)
# fmt: on
