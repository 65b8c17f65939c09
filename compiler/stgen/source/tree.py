"""Tells which files belong to a spec's author: those of the tree that the spec lies in. A stranger's spec may name any others."""

from __future__ import annotations

import os


def tree_of(path: str) -> str:
    """The tree of a spec, links resolved: the work tree of git that its folder lies in, else that folder alone.

    For "-", standard input, the folder is that of the process.
    """
    folder = os.path.realpath("." if path == "-" else os.path.dirname(path) or ".")
    above = folder
    while not os.path.lexists(os.path.join(above, ".git")):
        parent = os.path.dirname(above)
        if parent == above:
            return folder
        above = parent
    return above


def is_within(path: str, tree: str) -> bool:
    """Whether what a path leads to, links resolved, lies in a tree."""
    real = os.path.realpath(path)
    return real == tree or real.startswith(tree.rstrip(os.sep) + os.sep)
