"""The command line: arguments in, an exit code out. Streams are passed in, and each command imports what it needs.

Exit codes: 0 done and clean; 1 findings; 2 wrong use of the command line; 3 a fault of stgen's own.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from importlib import import_module
from typing import BinaryIO, TextIO

from stgen import __version__
from stgen.cli.grammar import COMMANDS, build_parser
from stgen.cli.streams import UnprintedError, chatter, discard, result

SPECS = ("stgen.toml", "stgen.json")
REPORT = "this is a fault of stgen's own; please report it at https://github.com/stgen/stgen/issues with the spec"


def main(argv: Sequence[str], stdin: BinaryIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run one command."""
    stdout, stderr = result(stdout), chatter(stderr)
    try:
        code = _answer(argv, stdin, stdout, stderr)
        stdout.flush()
        return code
    except UnprintedError as error:
        stderr.write(f"stgen: what was to be printed can't be written: {error}\n")
        return 1
    except BrokenPipeError:
        discard(stdout)  # whoever read it has seen enough
        return 0


def _answer(argv: Sequence[str], stdin: BinaryIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run one command, or say why the arguments are none."""
    parser = build_parser(stdout, stderr, only=argv[0] if argv and argv[0] in COMMANDS else "")
    try:
        options = parser.parse_args(list(argv))
        if not hasattr(options, "command"):
            stdout.write(parser.format_help())
            return 0
        return _run(options, stdin, stdout, stderr)
    except SystemExit as ending:  # argparse ends the process after --help, --version and wrong arguments
        return ending.code if isinstance(ending.code, int) else 2
    except KeyboardInterrupt:
        stderr.write("stopped\n")
        return 130


def _run(options: argparse.Namespace, stdin: BinaryIO, stdout: TextIO, stderr: TextIO) -> int:
    from stgen.diagnostics.console import Console

    try:
        os.getcwd()
    except OSError as error:
        stderr.write(f"stgen: the folder that it was called in is gone: {error.strerror}; `cd` to one that is there\n")
        return 2
    console = Console(stdin, stdout, stderr, options.format, options.quiet)
    try:
        if wrong := _find_specs(options):
            stderr.write(f"stgen {options.command}: {wrong}\n")
            return 2
        run = import_module(f"stgen.cli.commands.{options.command}").run
        code: int = run(options, console)
    except (BrokenPipeError, KeyboardInterrupt, UnprintedError):
        raise
    except Exception as error:
        if options.debug:
            raise
        stderr.write(f"stgen {__version__}: {type(error).__name__}: {error}\n{REPORT}, and what --debug prints\n")
        return 3
    return code


def _find_specs(options: argparse.Namespace) -> str:
    """Put the paths of specs into the options, for the folder's own and for patterns; what is wrong with them, if anything is."""
    from stgen.cli.specs import expand

    default = next((name for name in SPECS if os.path.exists(name)), SPECS[0])
    try:
        if hasattr(options, "specs"):
            options.specs = expand(options.specs or [default])
        if hasattr(options, "spec"):
            found = expand([default if options.spec is None else options.spec])
            if len(found) > 1:
                return f"it takes one spec, and {len(found)} fit `{options.spec}`: {', '.join(found)}"
            options.spec = found[0]
    except OSError as error:
        return f"`{error.filename}` can't be searched for specs: {(error.strerror or str(error)).lower()}"
    return ""
