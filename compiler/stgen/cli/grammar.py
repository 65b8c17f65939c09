"""The grammar of the command line: each command with its arguments, as an argparse parser."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import TextIO

from stgen import __version__
from stgen.cli.parser import parser_class

FORMATS = ("text", "json", "sarif", "github")
MODELS = ("dense", "cross-encoder", "sparse", "multi-vector")
SCHEMAS = ("spec", "plan", "lock", "profile", "diagnostics")
SHELLS = ("bash", "zsh", "fish")
WITHOUT_TERMINAL = 80  # columns
MARGIN = 2
DESCRIPTION = "Compiles a short spec into a training repo for embedding models."
EXAMPLES = """\
to begin:
  stgen new my-search        asks what to train on what, and writes a spec
  stgen validate             says all that is wrong with ./stgen.toml
  stgen explain              says why this loss, and all else that was decided
  stgen compile              writes the training repo

exit codes: 0 done and clean, 1 findings, 2 wrong use, 3 a fault of stgen's own"""


class _Help(argparse.HelpFormatter):
    """As wide as the terminal. argparse asks for each argument anew, and loads four libraries of compression for it."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - MARGIN)


class _HelpWithExamples(_Help, argparse.RawDescriptionHelpFormatter):
    """With the examples as they are written."""


def _columns() -> int:
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size().columns or WITHOUT_TERMINAL
    except OSError:
        return WITHOUT_TERMINAL


def build_parser(stdout: TextIO, stderr: TextIO, only: str = "") -> argparse.ArgumentParser:
    """The parser. Help goes to `stdout`, what is wrong with the arguments to `stderr`.

    With the name of a command in `only`, the others are left out: making them all takes longer than reading the arguments.
    """
    make = parser_class(stdout, stderr)
    parser = make("stgen", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=_HelpWithExamples)
    parser.add_argument("--version", action="version", version=f"stgen {__version__}")
    shared = make(add_help=False, formatter_class=_Help)
    _add_shared(shared)
    # Without a `prog` it would format a usage to make one of.
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", prog="stgen")
    for name, (help, add) in COMMANDS.items():
        if only in ("", name):
            says = help[0].upper() + help[1:] + "."
            made = commands.add_parser(name, help=help, description=says, parents=[shared], formatter_class=_Help)
            made.set_defaults(command=name)
            add(made)
    return parser


def _add_shared(parser: argparse.ArgumentParser) -> None:
    """What every command takes."""
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings are printed (text)")
    parser.add_argument("--quiet", "-q", action="store_true", help="print results and errors alone")
    parser.add_argument("--debug", action="store_true", help="show the traceback of a fault of stgen's own")


def _add_specs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "specs",
        metavar="SPEC",
        nargs="*",
        help="TOML or JSON; - is standard input, '**/stgen.toml' (quoted) all of that name; ./stgen.toml where none is named",
    )
    _add_outside(parser)


def _add_outside(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--allow-outside",
        action="store_true",
        help="read a spec that `extends` names outside of the spec's git repository (or folder), and quote data from there",
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


def _add_validate(parser: argparse.ArgumentParser) -> None:
    _add_specs(parser)
    parser.add_argument("--data", action="store_true", help="also hold the schema against the real files")
    parser.add_argument(
        "--profile", action="store_true", help="the same as --data, and count the rows, as `stgen profile` does"
    )
    parser.add_argument("--strict", action="store_true", help="fail on warnings too, not only on errors")


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "spec", metavar="SPEC|CODE|LOSS", nargs="?", help="a spec, a code such as STG100, or a loss such as CoSENTLoss"
    )
    parser.add_argument("--all", action="store_true", help="also list the losses that want data of another kind")
    _add_outside(parser)


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", metavar="SPEC", nargs="?", help="./stgen.toml where none is named")
    _add_outside(parser)


def _add_profile(parser: argparse.ArgumentParser) -> None:
    _add_plan(parser)
    parser.add_argument(
        "--languages", action="store_true", help="also tell the languages of the texts (with py3langid installed)"
    )


def _add_compile(parser: argparse.ArgumentParser) -> None:
    _add_specs(parser)
    _add_output(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    parser.add_argument("--stdout", action="store_true", help="print the files, and write nothing")


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_specs(parser)
    _add_output(parser)
    parser.add_argument("--strict", action="store_true", help="fail on files that were edited by hand too")


def _add_update(parser: argparse.ArgumentParser) -> None:
    _add_plan(parser)
    _add_output(parser)


def _add_losses(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", choices=MODELS, help="of this model type alone")
    parser.add_argument("--data", metavar="FORMAT", help="for this data format alone")


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a JSONL, JSON, CSV, TSV, TXT or Parquet file, a BEIR folder, or hf://ORG/NAME#SPLIT",
    )


def _add_schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("of", nargs="?", choices=SCHEMAS, default="spec", help="of specs, where nothing is named")


def _add_completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help='for bash: eval "$(stgen completion bash)" in ~/.bashrc')


# fmt: off
COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "new":        ("scaffold a project with a spec, sample data and CI", _add_new),
    "validate":   ("report all that is wrong with specs", _add_validate),
    "explain":    ("say why this loss and all else was decided, or what a code or a loss means", _add_explain),
    "profile":    ("count the data once, and write stgen.profile.json beside the spec: batch, epochs and more are decided from it", _add_profile),
    "plan":       ("say what the training will take: batch, memory by part, and what would fit; as JSON, everything decided", _add_plan),
    "compile":    ("write the training repo of each spec", _add_compile),
    "check":      ("for CI: exit with 1 and a diff where a repo isn't what its spec compiles to; edits by hand are listed", _add_check),
    "update":     ("compile over a repo that people have edited, and merge their edits with what is new", _add_update),
    "losses":     ("print the rules table: for each data format the losses, best first", _add_losses),
    "inspect":    ("say what is in a data file, and which losses it can feed", _add_inspect),
    "schema":     ("print the JSON Schema of specs, plans, locks, profiles or diagnostics", _add_schema),
    "completion": ("print the script that completes commands and options in a shell", _add_completion),
}
# fmt: on
