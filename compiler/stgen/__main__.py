"""The entry point. What costs nothing is answered before anything is imported."""

from __future__ import annotations

import io
import sys


def main() -> int:
    """Run stgen on the arguments of the process, and return its exit code."""
    argv = sys.argv[1:]
    if None in (sys.stdin, sys.stdout, sys.stderr):
        from stgen.cli.streams import reopen

        reopen()
    if argv == ["--version"] and _is_told():
        return 0
    if argv[:1] == ["compile"] and _is_fresh(argv[1:]):
        return 0
    from stgen.cli.coldstart import hurry
    from stgen.cli.main import main as run

    hurry()
    _print_anything()
    return run(argv, sys.stdin.buffer, sys.stdout, sys.stderr)


def _is_told() -> bool:
    """Print the version; False where that fails, as the whole way then says."""
    from stgen import __version__

    try:
        sys.stdout.write(f"stgen {__version__}\n")
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _print_anything() -> None:
    """Results are UTF-8 in a file or a pipe, whatever the locale; a terminal gets escapes for what it can't show."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def _is_fresh(arguments: list[str]) -> bool:
    """Answer `stgen compile [SPEC] [-o DIR]` when the hashes in the lock say that there is nothing to do."""
    output = ""
    if arguments[-2:-1] in (["-o"], ["--output"]):
        *arguments, _, output = arguments
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        return False  # for argparse to read
    import os

    from stgen.disk.fresh import SPEC_NAMES, nothing_to_do, output_folder

    spec = arguments[0] if arguments else next((name for name in SPEC_NAMES if os.path.exists(name)), SPEC_NAMES[0])
    folder = output or output_folder(spec)
    count = nothing_to_do(spec, folder)
    if not count:
        return False
    try:
        sys.stderr.write(f"{folder}: {count} files up to date\n")
    except OSError:
        return False  # the whole way knows what to do with a stream that refuses
    return True


if __name__ == "__main__":
    sys.exit(main())
