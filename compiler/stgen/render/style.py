"""Links and formats the Python of rendered repos: Trees -> Trees, with one run of `ruff check` and one of `ruff format` for all of them.

A template imports all that it may use, and the linter drops what the text doesn't name and sorts the rest. A name that
nothing defines, or that an import and a definition share, is an error, as it is to any linker.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from stgen.render.imports import LINE_LENGTH, modules_of
from stgen.render.linking import READER
from stgen.render.tree import Tree

TARGET = "py311"

# The only configuration that ruff reads: none of the machine or of a folder above may change the bytes. `src` is empty,
# or a folder that is called like a package, where stgen happens to run, would be taken for a module of the repo.
CONFIGURATION = """\
line-length = {line_length}
target-version = "{target}"
respect-gitignore = false
src = []

[lint]
select = ["F401", "F811", "F821", "I001"]
unfixable = ["F811"]

[lint.isort]
detect-same-package = false
known-first-party = {own}
split-on-trailing-comma = false
"""
FEW = 64
"""Texts up to which ruff is run in one thread: to start more takes longer than they save."""

MEMORY = "/dev/shm"
"""Where Linux keeps files in memory: on a disk it takes longer to make them than ruff takes to format them."""
ROOM = 8
"""Times the signs of all texts that must be free there: each has up to four bytes, and stands there twice while ruff writes it."""

# A comment with words of a spec must not tell the linter what to look at.
LINK = ("check", "--fix", "--ignore-noqa", "--output-format=concise")
FORMAT = ("format",)


class StyleError(RuntimeError):
    """ruff is missing or failed. Its message says what to do."""


class LinkError(StyleError):
    """A generated file uses a name that nothing defines, or defines one twice: the fault of one tree, not of ruff."""


def format_trees(trees: Sequence[Tree]) -> list[Tree]:
    """Return the trees with their Python linked and formatted. Each distinct text is done once. Raises StyleError.

    No tree changes another's bytes: which modules are a repo's own is known for all of them at once, and none of those
    is called like a package that generated programs import.
    """
    texts = {file.text: path for tree in trees for path, file in tree.items() if _is_rendered(path)}
    formatted = dict(
        zip(texts, _format(texts, sorted(modules_of({path for tree in trees for path in tree}))), strict=True)
    )
    return [_with(tree, formatted) for tree in trees]


def _is_rendered(path: str) -> bool:
    """Whether a path is that of Python which a template made; the reader's stands as it does in stgen, formatted already."""
    return path.endswith(".py") and not path.startswith(f"{READER}/")


def _with(tree: Tree, formatted: dict[str, str]) -> Tree:
    return Tree(
        {path: file.holding(formatted[file.text]) if _is_rendered(path) else file for path, file in tree.items()}
    )


def _format(texts: Mapping[str, str], own: list[str]) -> list[str]:
    """Return the texts as they are when they are linked and formatted; each comes with its path in a repo."""
    if not texts:
        return []
    try:
        return _format_in_folder(texts, own)
    except OSError as error:
        raise StyleError(f"ruff could not be run: {(error.strerror or str(error)).lower()}") from None


def _format_in_folder(texts: Mapping[str, str], own: list[str]) -> list[str]:
    with _folder(_above(sum(map(len, texts)))) as folder:
        configuration = os.path.join(folder, "ruff.toml")
        _write(configuration, _configuration(own))
        files = {os.path.join(folder, f"{number}.py"): text for number, text in enumerate(texts)}
        for path, text in files.items():
            _write(path, text)
        for command in (LINK, FORMAT):
            arguments = (*command, "--no-cache", "--quiet", f"--config={configuration}", folder)
            if fault := _run(*arguments, alone=len(texts) <= FEW):
                kind = LinkError if command is LINK else StyleError
                raise kind(f"ruff could not {command[0]} the generated code: {_named(fault, files, texts)}")
        return [_read(path) for path in files]


@contextmanager
def _folder(above: str) -> Iterator[str]:
    """A folder that nobody else may enter, gone afterwards. `tempfile` would bring `shutil` and three compressors with it."""
    folder = os.path.join(above, f"stgen-{os.urandom(8).hex()}")
    os.mkdir(folder, 0o700)
    try:
        yield folder
    finally:
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def _above(size: int) -> str:
    """The folder that is in memory, where there is one with room for texts of that size; else that of the system."""
    try:
        space = os.statvfs(MEMORY)
        if space.f_bavail * space.f_frsize > ROOM * size and os.access(MEMORY, os.W_OK | os.X_OK):
            return MEMORY
    except (AttributeError, OSError):  # Windows has neither
        pass
    import tempfile  # here, because few need it

    return tempfile.gettempdir()


def _configuration(own: list[str]) -> str:
    return CONFIGURATION.format(line_length=LINE_LENGTH, target=TARGET, own=json.dumps(own, ensure_ascii=False))


def _named(fault: str, files: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """What ruff says, with the files called as in the repo."""
    for path, text in files.items():
        fault = fault.replace(path, texts[text])
    return fault


def _write(path: str, text: str) -> None:
    with open(path, "wb") as file:
        file.write(text.encode())


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return file.read().decode()


def _run(*arguments: str, alone: bool) -> str:
    """Run ruff, in one thread or in as many as it likes; return what is wrong, "" when nothing is."""
    threads = {"RAYON_NUM_THREADS": "1"} if alone else {}
    done = subprocess.run([_ruff(), *arguments], env=os.environ | threads, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}") if done.returncode else ""


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
    import shutil  # here, because few need it

    if found := shutil.which("ruff"):
        return found
    raise StyleError("ruff is missing, and stgen formats what it generates with it: `pip install ruff`")
