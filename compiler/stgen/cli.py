"""The command line: arguments in, an exit code out. Streams are passed in, and each command imports what it needs.

Exit codes: 0 done and clean; 1 findings; 2 wrong use of the command line; 3 a fault of stgen's own.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO, NoReturn, TextIO

from stgen import __version__

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

SPECS = ("stgen.toml", "stgen.json")
FORMATS = ("text", "json", "sarif", "github")
MODELS = ("dense", "cross-encoder", "sparse", "multi-vector")
SCHEMAS = ("spec", "plan", "lock", "diagnostics")
SHELLS = ("bash", "zsh", "fish")
REPORT = "this is a fault of stgen's own; please report it at https://github.com/stgen/stgen/issues with the spec"


def main(argv: Sequence[str], stdin: BinaryIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run one command."""
    parser = build_parser(stdout, stderr)
    try:
        options = parser.parse_args(list(argv))
        if not hasattr(options, "command"):
            stdout.write(parser.format_help())
            return 0
        code = _run(options, stdin, stdout, stderr)
        stdout.flush()
        return code
    except SystemExit as ending:  # argparse ends the process after --help, --version and wrong arguments
        return ending.code if isinstance(ending.code, int) else 2
    except KeyboardInterrupt:
        stderr.write("stopped\n")
        return 130
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter must not complain while it closes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        return 0


def _run(options: argparse.Namespace, stdin: BinaryIO, stdout: TextIO, stderr: TextIO) -> int:
    from stgen.console import Console

    console = Console(stdin, stdout, stderr, options.format, options.quiet)
    if getattr(options, "specs", None) == []:
        options.specs = [next((name for name in SPECS if os.path.exists(name)), SPECS[0])]
    try:
        run = import_module(f"stgen.commands.{options.command}").run
        code: int = run(options, console)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        if options.debug:
            raise
        stderr.write(f"stgen {__version__}: {type(error).__name__}: {error}\n{REPORT}, and what --debug prints\n")
        return 3
    return code


def build_parser(stdout: TextIO, stderr: TextIO) -> argparse.ArgumentParser:
    """The grammar of the command line. Help goes to `stdout`, what is wrong with the arguments to `stderr`."""

    class Parser(argparse.ArgumentParser):
        def print_help(self, file: SupportsWrite[str] | None = None) -> None:
            super().print_help(file or stdout)

        def error(self, message: str) -> NoReturn:
            stderr.write(f"{self.prog}: {message}\n`{self.prog} --help` says what it takes\n")
            raise SystemExit(2)

    parser = Parser("stgen", description="Compiles a short spec into a training repo for embedding models.")
    parser.add_argument("--version", action="version", version=f"stgen {__version__}")
    shared = Parser(add_help=False)
    shared.add_argument("--format", choices=FORMATS, default="text", help="how findings are printed (text)")
    shared.add_argument("--quiet", "-q", action="store_true", help="print results and errors alone")
    shared.add_argument("--debug", action="store_true", help="show the traceback of a fault of stgen's own")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, help: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".", parents=[shared])
        made.set_defaults(command=name)
        return made

    _add_new(command("new", "scaffold a project with a spec, sample data and CI"))
    validate = command("validate", "report all that is wrong with specs")
    _add_specs(validate)
    validate.add_argument("--data", action="store_true", help="also hold the schema against the real files")
    explain = command("explain", "say why this loss and all else was decided, or what a code means")
    explain.add_argument(
        "what", metavar="SPEC|CODE", nargs="?", default=SPECS[0], help="a spec, or a code such as STG100"
    )
    explain.add_argument("--all", action="store_true", help="also list the losses that want data of another kind")
    plan = command("plan", "print the plan: everything decided, as JSON")
    plan.add_argument("spec", metavar="SPEC", nargs="?", default=SPECS[0])
    compile = command("compile", "write the training repo of each spec")
    _add_specs(compile)
    _add_output(compile)
    compile.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    compile.add_argument("--stdout", action="store_true", help="print the files, and write nothing")
    check = command("check", "for CI: would compile change anything? Prints the difference, and exits with 1 if so")
    _add_specs(check)
    _add_output(check)
    losses = command("losses", "print the rules table: for each data format the losses, best first")
    losses.add_argument("--model", choices=MODELS, help="of this model type alone")
    losses.add_argument("--data", metavar="FORMAT", help="for this data format alone")
    inspect = command("inspect", "say what is in a data file, and which losses it can feed")
    inspect.add_argument("file", metavar="FILE", help="a JSONL, JSON, CSV, TSV or Parquet file, or a BEIR folder")
    schema = command("schema", "print the JSON Schema of specs, plans, locks or diagnostics")
    schema.add_argument("of", nargs="?", choices=SCHEMAS, default="spec")
    completion = command("completion", "print the script that completes commands and options in a shell")
    completion.add_argument("shell", choices=SHELLS, help='for bash: eval "$(stgen completion bash)" in ~/.bashrc')
    return parser


def _add_specs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "specs", metavar="SPEC", nargs="*", help="TOML or JSON; - is standard input; ./stgen.toml where none is named"
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help="folder of the repo: by default that of stgen.toml, or NAME/ for NAME.toml",
    )


def _add_new(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "What isn't given is asked for on a terminal; elsewhere DIR and --recipe or --from-data are needed, or --yes."
    )
    parser.add_argument("directory", metavar="DIR", nargs="?", help="folder of the new project, empty or not there yet")
    parser.add_argument("--recipe", metavar="NAME", help="start from a known task; `--recipe list` names them")
    parser.add_argument("--from-data", metavar="FILE", help="read this file, and write the data schema from it")
    parser.add_argument("--copy-data", action="store_true", help="copy that file into the project's data/")
    parser.add_argument("--model", choices=MODELS, help="type of model (the recipe's, or what the data can feed)")
    parser.add_argument("--base", metavar="MODEL", help="hub id or folder (./...) of the model to start from")
    parser.add_argument("--name", help="name of the project (the folder's)")
    parser.add_argument("--languages", metavar="CODES", help="ISO 639-1 codes of the texts' languages: en,de (en)")
    parser.add_argument("--json", action="store_true", help="write the spec as JSON")
    parser.add_argument("--yes", "-y", action="store_true", help="ask nothing, and take the defaults")
