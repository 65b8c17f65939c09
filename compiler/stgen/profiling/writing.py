"""Writes a profile beside its spec: whole or not at all, and never over what is none."""

from __future__ import annotations

import os
import stat

from stgen.diagnostics.diagnostic import Diagnostic
from stgen.source.beside import profile_path
from stgen.source.source import Beside, Source
from stgen.values.blob import blob_id
from stgen.values.unfinished import file_beside


def write_beside(source: Source, text: str) -> tuple[Beside, str, list[Diagnostic]]:
    """Write the profile of a spec. Returns what lies beside it then, what became of it, and what is wrong."""
    path, data = profile_path(source.path), text.encode()
    beside = Beside(path, data, blob_id(data))
    if source.profile is not None and source.profile.data == data:
        return beside, "unchanged", []
    if os.path.lexists(path) and (os.path.islink(path) or not os.path.isfile(path)):
        message = f"`{path}` is a link or a folder, and a profile would go there"
        return beside, "", [Diagnostic("STG304", message, help="move it out of the way", file=path)]
    how = "updated" if os.path.lexists(path) else "created"
    try:
        _replace(path, data)
    except OSError as error:
        message = f"can't write `{path}`: {error.strerror or error}"
        return beside, "", [Diagnostic("STG304", message, help="solve this, and run it again", file=path)]
    return beside, how, []


def _replace(path: str, data: bytes) -> None:
    with file_beside(path) as (descriptor, beside):
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.chmod(beside, stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else 0o666 & ~_umask())
        os.replace(beside, path)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
