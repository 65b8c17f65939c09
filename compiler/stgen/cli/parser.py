"""An argument parser that writes to the streams it is given, and says what is meant where a word is none that it takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

REPO_DOES = {  # what people look for here, and a compiled repo does by itself
    "train": "a compiled repo trains by itself: `bash launch/cpu.sh` in its folder",
    "run": "a compiled repo trains by itself: `bash launch/cpu.sh` in its folder",
    "evaluate": "a compiled repo measures by itself: `python evaluate.py` in its folder",
    "eval": "a compiled repo measures by itself: `python evaluate.py` in its folder",
    "prepare": "a compiled repo prepares by itself: `python prepare.py` in its folder, where it has one",
}


def parser_class(stdout: TextIO, stderr: TextIO) -> type[argparse.ArgumentParser]:
    """The class of a parser and of those of its commands. Help goes to `stdout`, what is wrong with the arguments to `stderr`."""

    class Parser(argparse.ArgumentParser):
        def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
            stdout.write(message)  # help and version; argparse would take sys.stdout

        def error(self, message: str) -> NoReturn:
            stderr.write(f"{self.prog}: {message}\n`{self.prog} --help` says what it takes\n")
            raise SystemExit(2)

        def _check_value(self, action: argparse.Action, value: Any) -> None:
            if action.choices is not None and value not in action.choices:
                raise argparse.ArgumentError(None, _not_among(action, str(value)))

        def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
            found, more = super().parse_known_args(args, namespace)
            if more:
                self.error(_unknown(more[0], list(self._option_string_actions)))
            return found, more

    return Parser


def _not_among(action: argparse.Action, value: str) -> str:
    """What is wrong with a word that is none of an argument's, and which one may be meant."""
    from stgen.diagnostics.suggest import closest

    words = [str(word) for word in action.choices or ()]
    near = closest(value, words)
    meant = f"did you mean `{near}`?" if near else f"there are {', '.join(words)}"
    if action.nargs == argparse.PARSER:
        return f"there is no command `{value}`; {meant if near or value not in REPO_DOES else REPO_DOES[value]}"
    named = action.option_strings[0] if action.option_strings else "it"
    return f"{named} can't be `{value}`; {meant}"


def _unknown(word: str, options: list[str]) -> str:
    """What is wrong with an argument that a command doesn't take."""
    from stgen.diagnostics.suggest import closest

    if not word.startswith("-"):
        return f"`{word}` is an argument too many"
    near = closest(word.partition("=")[0], options)
    return f"there is no option {word}" + (f"; did you mean {near}?" if near else "")
