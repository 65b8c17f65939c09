"""The lock of a generated repo, `.stgen/manifest.json`: what the last compile wrote, and from what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stgen import __version__
from stgen.disk.fresh import LOCK_FORMAT, LOCK_PATH, blob_id
from stgen.render.tree import Policy, Tree, check_path
from stgen.values.record import Record

__all__ = ["LOCK_FORMAT", "LOCK_PATH", "Entry", "Lock", "LockError", "NewerLockError", "blob_id", "lock_tree"]


class LockError(ValueError):
    """The lock can't be read: not JSON, or not of our shape. Its message says why."""


class NewerLockError(LockError):
    """The lock has a format that only a newer stgen knows."""


class Entry(Record):
    """One file that stgen wrote: git blob id of its bytes, who owns it, whether it can be run."""

    id: str
    policy: Policy = "owned"
    executable: bool = False

    def as_json(self) -> dict[str, object]:
        """The entry as it stands in the lock."""
        return {"id": self.id, "policy": self.policy} | ({"executable": True} if self.executable else {})


class Lock(Record):
    """What the last compile wrote.

    `spec` and the keys of `inputs` (the spec and all that it extends, with their blob ids) are relative to the
    repo's folder; `spec` is "-" for standard input. `folder` is the name of the spec's folder where the output
    depends on it, and empty where it doesn't.
    """

    files: Mapping[str, Entry]
    spec: str = "-"
    inputs: Mapping[str, str] = {}
    folder: str = ""
    stgen: str = __version__

    def dump(self) -> str:
        """The lock as its file's text, with a line for each file: the same lock gives the same bytes."""
        fields = {"lock": LOCK_FORMAT, "stgen": self.stgen, "spec": self.spec}
        fields |= {"folder": self.folder} if self.folder else {}
        lines = [f"  {_json(name)}: {_json(value)}" for name, value in fields.items()]
        lines.append(f'  "inputs": {_lines(self.inputs)}')
        lines.append(f'  "files": {_lines({path: entry.as_json() for path, entry in self.files.items()})}')
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def parse(cls, text: str) -> Lock:
        """The lock in `text`. Raises NewerLockError or LockError."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise LockError(f"it isn't JSON: {error}") from None
        if not isinstance(data, dict) or not isinstance(data.get("lock"), int):
            raise LockError("it isn't a lock: it has no `lock` version")
        if data["lock"] > LOCK_FORMAT:
            raise NewerLockError(f"it has format {data['lock']}, and this stgen knows up to {LOCK_FORMAT}")
        return cls(
            files={path: _entry(path, entry) for path, entry in _table(data, "files").items()},
            spec=_text(data, "spec"),
            inputs={path: _text(_table(data, "inputs"), path) for path in _table(data, "inputs")},
            folder=_text(data, "folder") if "folder" in data else "",
            stgen=_text(data, "stgen"),
        )


def lock_tree(tree: Tree, *, spec: str = "-", inputs: Mapping[str, str] | None = None, folder: str = "") -> Lock:
    """The lock that belongs to `tree`."""
    files = {path: Entry(blob_id(file.data), file.policy, file.mode == 0o755) for path, file in tree.items()}
    return Lock(files, spec, inputs or {}, folder)


_json = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder anew for each call of this kind


def _lines(table: Mapping[str, object]) -> str:
    """A table with a line for each key. With an `indent`, json would encode in Python, ten times slower."""
    if not table:
        return "{}"
    return "{\n" + ",\n".join(f"    {_json(key)}: {_json(table[key])}" for key in sorted(table)) + "\n  }"


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    if not isinstance(value, dict):
        raise LockError(f"`{key}` is not a table")
    return value


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise LockError(f"`{key}` is not a string")
    return value


def _entry(path: str, data: object) -> Entry:
    """One entry. A path that leaves the folder would have us delete what isn't ours, so it is refused here."""
    try:
        check_path(path)
    except ValueError as error:
        raise LockError(str(error)) from None
    if not isinstance(data, dict) or data.get("policy") not in ("owned", "once"):
        raise LockError(f"the entry of `{path}` has no policy")
    return Entry(_text(data, "id"), data["policy"], data.get("executable") is True)
