"""Asks git for blobs of the repository that a folder lies in. It is asked for nothing else, and needn't be there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection

from stgen.values.blob import blob_id

ALONE = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C"}
"""What keeps git from asking a server for what isn't here."""


def has_blobs(folder: str, ids: Collection[str]) -> set[str]:
    """Those of `ids`, full ids of blobs, that git has."""
    asked = "".join(f"{id}\n" for id in sorted(ids)).encode()
    lines = _git(folder, "cat-file", "--batch-check=%(objectname) %(objecttype)", given=asked).decode(errors="replace")
    return {id for id in ids if f"{id} blob" in lines.splitlines()}


def blob(folder: str, id: str) -> bytes | None:
    """The bytes of a blob, by its full id; None where git doesn't have it, or isn't there."""
    data = _git(folder, "cat-file", "blob", id)
    return data if blob_id(data) == id else None


def _git(folder: str, *arguments: str, given: bytes = b"") -> bytes:
    """What git prints; nothing where it fails."""
    command = ["git", "-C", folder, *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False, env=os.environ | ALONE)
    except OSError:
        return b""
    return b"" if done.returncode else done.stdout
