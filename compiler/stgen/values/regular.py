"""Opens regular files alone: a pipe would be waited for without end, a device has none, and a stranger's path may name either."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

# fmt: off
KINDS: dict[int, str] = {
    stat.S_IFIFO: "a named pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder",
}
# fmt: on


class NotRegularError(OSError):
    """What stands at a path is no regular file; `kind` says what it is: "a named pipe", "a device" ..."""

    def __init__(self, kind: str, path: str) -> None:
        """Keep what it is."""
        self.kind, self.says = kind, f"it is {kind}, not a regular file"
        super().__init__(errno.EINVAL, self.says, path)


def open_regular(path: str) -> BinaryIO:
    """Open a file for reading bytes. Raises NotRegularError, without having opened anything; OSError and ValueError as `open`."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise NotRegularError(KINDS.get(stat.S_IFMT(status.st_mode), "something else"), path)
    return open(path, "rb")
