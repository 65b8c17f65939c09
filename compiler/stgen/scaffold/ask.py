"""Asks on a terminal: a question, what it means and a default -> the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stgen.diagnostics.console import Console
from stgen.diagnostics.suggest import closest

Check = Callable[[str], str]
"""Says what is wrong with an answer, "" when nothing is."""


def on_terminal(console: Console) -> bool:
    """Whether somebody reads the questions and can answer them."""
    return console.stdin.isatty() and console.stderr.isatty()


def ask(console: Console, what: str, means: str, default: str, check: Check) -> str:
    """Ask until the answer is right; a mere Enter takes the default. Raises KeyboardInterrupt where input ends."""
    console.stderr.write(f"\n{what}: {means}\n")
    while True:
        console.stderr.write(f"  [{default}] " if default else "  > ")
        console.stderr.flush()
        line = console.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        answer = line.decode(errors="replace").strip() or default
        wrong = check(answer)
        if not wrong:
            return answer
        console.stderr.write(f"  {wrong}\n")


def choose(console: Console, what: str, means: str, rows: Sequence[tuple[str, str]], default: str) -> str:
    """Ask for one of `rows`, each a name and what it is; by name or number."""
    names = [name for name, _ in rows]
    width = max(len(name) for name in names)
    lines = [f"  {number:>2}  {name:<{width}}  {says}" for number, (name, says) in enumerate(rows, start=1)]

    def check(answer: str) -> str:
        return "" if _chosen(answer, names) else f"there is no `{answer}`{did_you_mean(answer, names)}"

    answer = ask(console, what, means + "\n" + "\n".join(lines), default, check)
    return _chosen(answer, names)


def did_you_mean(word: str, names: Sequence[str]) -> str:
    """`; did you mean X?` or nothing."""
    near = closest(word, names)
    return f"; did you mean {near}?" if near else ""


def _chosen(answer: str, names: Sequence[str]) -> str:
    if answer in names:
        return answer
    return names[int(answer) - 1] if answer.isdecimal() and 1 <= int(answer) <= len(names) else ""
