"""The ids that git gives to the contents of files."""

from __future__ import annotations

from hashlib import sha1


def blob_id(data: bytes) -> str:
    """The id that git gives a file of these bytes."""
    digest = sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()
