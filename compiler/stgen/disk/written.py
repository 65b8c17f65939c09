"""What stgen wrote, kept in `.stgen/written`: the texts of a repo's files as they were compiled.

An edit is merged from three texts, and this file has the one that both others began from, whether or not anybody
committed it. It is also the proof that a file may be written over or removed: its bytes are here, so that none are lost.

It is not compressed. git stores it as a difference to the one before, some hundred bytes a compile, where a compressed
file would be stored anew each time; measured over thirty compiles, 27 KiB against 600. The null characters make git and
grep take it for binary, so that no diff and no search shows everything twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from stgen.disk.folder import Folder
from stgen.disk.fresh import WRITTEN_PATH
from stgen.disk.git import has_blobs
from stgen.render.shapes import can_be_owned
from stgen.render.tree import Tree
from stgen.values.blob import blob_id

MARK = "stgen written 1"


def dump(texts: Mapping[str, str]) -> str:
    """The file's text: the mark, then path and text in turn, each with a null character behind it."""
    return "\0".join([MARK, *(part for path in sorted(texts) for part in (path, texts[path])), ""])


def parse(data: bytes) -> dict[str, str]:
    """Path -> text. What isn't such a file holds nothing: it only ever proves, and merges."""
    try:
        mark, *parts = data.decode().split("\0")
    except UnicodeDecodeError:
        return {}
    if mark != MARK or len(parts) % 2 == 0 or parts.pop():
        return {}
    return {path: text for path, text in zip(parts[::2], parts[1::2], strict=True) if can_be_owned(path)}


def read(folder: Folder) -> dict[str, str]:
    """What the file in a folder holds; nothing where there is none. Raises OSError or InTheWayError."""
    held = folder.read(WRITTEN_PATH)
    return parse(held.data) if held else {}


def texts_of(tree: Tree) -> dict[str, str]:
    """The texts of a tree that are kept: those of files that stgen writes again."""
    return {path: file.text for path, file in tree.items() if file.policy == "owned" and "\0" not in file.text}


def not_kept(root: str, texts: Mapping[str, str], ids: Mapping[str, str]) -> set[str]:
    """Those paths of `ids`, path -> blob id, whose bytes would be lost with the file: neither `texts` nor git has them."""
    missing = {path: id for path, id in ids.items() if path not in texts or blob_id(texts[path].encode()) != id}
    in_git = has_blobs(root, set(missing.values())) if missing else set()
    return {path for path, id in missing.items() if id not in in_git}
