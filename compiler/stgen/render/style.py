"""Formats the Python of rendered repos: Trees -> Trees, with one run of `ruff format` for all files of all of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from stgen.render.tree import File, Tree

LINE_LENGTH = 120
"""Of generated Python. The pyproject.toml of a generated repo says the same; a test holds them together."""

TARGET = "py311"


class StyleError(RuntimeError):
    """ruff is missing or failed. Its message says what to do."""


def format_trees(trees: Sequence[Tree]) -> list[Tree]:
    """Return the trees with their Python formatted. Each distinct text is formatted once. Raises StyleError."""
    texts = list(dict.fromkeys(file.text for tree in trees for path, file in tree.items() if path.endswith(".py")))
    formatted = dict(zip(texts, _format(texts), strict=True))
    return [_with(tree, formatted) for tree in trees]


def _with(tree: Tree, formatted: dict[str, str]) -> Tree:
    return Tree(
        {
            path: File(formatted[file.text], file.policy, file.mode) if path.endswith(".py") else file
            for path, file in tree.items()
        }
    )


def _format(texts: list[str]) -> list[str]:
    if not texts:
        return []
    try:
        return _format_in_folder(texts)
    except OSError as error:
        raise StyleError(f"ruff could not be run: {error}") from None


def _format_in_folder(texts: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="stgen-") as folder:
        paths = [os.path.join(folder, f"{number}.py") for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        # Isolated: no configuration of the machine or of a folder above may change the bytes.
        command = [_ruff(), "format", "--isolated", "--no-cache", "--quiet"]
        command += [f"--line-length={LINE_LENGTH}", f"--target-version={TARGET}", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StyleError(f"ruff could not format the generated code: {done.stderr.strip() or done.stdout.strip()}")
        formatted = []
        for path in paths:
            with open(path, encoding="utf-8", newline="") as file:
                formatted.append(file.read())
        return formatted


def _ruff() -> str:
    """The ruff that was installed with stgen, or else one on the path."""
    name = "ruff.exe" if os.name == "nt" else "ruff"
    beside = os.path.join(os.path.dirname(sys.executable), name)
    if os.path.exists(beside):
        return beside
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped]

        return str(find_ruff_bin())
    except (ImportError, FileNotFoundError):
        pass  # some distributions package the program without its Python module
    if found := shutil.which("ruff"):
        return found
    raise StyleError("ruff is missing, and stgen formats what it generates with it: `pip install ruff`")
