"""STG475 and STG476: a folder that holds the repo of another spec."""

from __future__ import annotations

from stgen.diagnostics.codes.row import Code

# fmt: off
CODES: tuple[Code, ...] = (
    Code("STG475", "the folder of another spec",
         "The lock says that the folder was compiled from another spec. That one is still there and compiles to this folder by default, so that each compile of one would undo the other, beside models and results that are the other's.",
         "Compile a.toml, and then run `stgen compile b.toml -o a`; or have stgen.toml and stgen.json in one folder.",
         "Compile into another folder; or remove or rename the other spec, if this one takes its place."),
    Code("STG476", "a repo that was compiled from another spec",
         "Two specs were sent to one folder with -o. Nothing is lost, as each compile writes all of a repo; but models and results there are those of the first.",
         "stgen compile a.toml -o repo; then stgen compile b.toml -o repo",
         "Give each spec a folder of its own.", "warning"),
)
# fmt: on
