"""Why a name of a spec can't be a file's."""

from __future__ import annotations


def bad_name(name: str) -> str:
    """Why a name can't be a file's or a folder's on every system, to follow "it can't"; "" when it can."""
    if not name or name in (".", ".."):
        return "be empty or dots"
    if len(name.encode()) > 100:
        return "be longer than 100 bytes"
    if bad := sorted({char for char in name if char in '/\\:*?"<>|' or not char.isprintable()}):
        return f"hold {' '.join(ascii(char) if not char.isprintable() else char for char in bad)}"
    if name[0] in " -~" or name[-1] in " .":
        return "begin with a blank, - or ~, or end with a blank or a dot"
    reserved = {"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10))}
    return "be a device's name on Windows" if name.split(".")[0].lower() in reserved else ""
