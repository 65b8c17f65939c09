"""Checks [hardware] slurm: what can stand in a line `#SBATCH --option=value`, and mean what it says."""

from __future__ import annotations

from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath
from stgen.diagnostics.suggest import closest
from stgen.rules.slurm import BARE, OPTIONS, VALUED, WRITTEN
from stgen.values.quoting import SBATCH_OPTION, SBATCH_VALUE


def check_slurm(options: dict[str, str | int], path: KeyPath) -> Iterator[Diagnostic]:
    """STG174 and STG455: sbatch has rules of its own for quotes, blanks and comments, and names of its own."""
    for key, value in options.items():
        here = (*path, key)
        if not SBATCH_OPTION.fullmatch(key):
            message = f'"{key}" is not an option of sbatch'
            yield Diagnostic("STG174", message, here, "write it as sbatch does, without the dashes", about="key")
        elif key in WRITTEN:
            message = f"`{key}` isn't the spec's to say: {WRITTEN[key]}"
            yield Diagnostic("STG174", message, here, "leave it out", about="key")
        elif key in BARE:
            message = f"sbatch takes no value for `{key}`, and a key has one"
            yield Diagnostic(
                "STG174",
                message,
                here,
                f"leave it out, and write `sbatch --{key}` where you start the job",
                about="key",
            )
        elif not SBATCH_VALUE.fullmatch(str(value)):
            message = f'"{value}" can\'t be the value of an option of sbatch'
            note = "letters of ASCII, digits and _ @ % + = : , . / & | ( ) [ ] * ! - can stand there"
            yield Diagnostic(
                "STG174", message, here, "leave out blanks, quotes and what else isn't among these", (note,)
            )
        elif key not in OPTIONS:
            near = closest(key, VALUED)
            hint = f"did you mean `{near}`?" if near else "leave it out where nothing brings it"
            message = f"sbatch has no option `{key}` of its own"
            note = "plugins of a cluster bring options, such as pyxis"
            yield Diagnostic("STG455", message, here, hint, (note,), about="key", severity="warning")
