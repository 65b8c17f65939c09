"""The lock of a generated repo, `.stgen/manifest.json`: what the last compile wrote, and from what.

Anybody can have written the file that stands there, a pull request among them: nothing in it is believed before it is
looked at, and what stands in it is a claim, not a proof.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from stgen import __version__
from stgen.disk.fresh import LARGEST_LOCK, LOCK_FORMAT, LOCK_PATH
from stgen.render.tree import Policy, Tree, check_path, check_paths, encoded
from stgen.values.blob import blob_id
from stgen.values.record import Record

__all__ = [
    "LARGEST_LOCK",
    "LOCK_FORMAT",
    "LOCK_PATH",
    "Entry",
    "Lock",
    "LockError",
    "MergedLockError",
    "NewerLockError",
    "blob_id",
]

ID = re.compile(r"[0-9a-f]{40}")
VERSION = re.compile(r"[0-9A-Za-z.+-]{1,64}")
LONGEST_PATH = 4096
LONGEST_REASON = 400  # a path of a hostile lock stands in it
MOST_INPUTS = 64
"""More specs than can extend each other."""


class LockError(ValueError):
    """The lock can't be read: not JSON, or not of our shape. Its message says why."""


class MergedLockError(LockError):
    """Git has left both sides of a merge in the lock, between marks."""


class NewerLockError(LockError):
    """The lock has a format that only a newer stgen knows."""


class Entry(Record):
    """One file that stgen wrote: git blob id of its bytes, who owns it, whether it can be run."""

    id: str
    policy: Policy = "owned"
    executable: bool = False

    def dump(self) -> str:
        """The entry as it stands in the lock."""
        return _entry_json(self.id, self.policy, self.executable)


class Lock(Record):
    """What the last compile wrote.

    `spec` and the keys of `inputs` (the spec and all that it extends, with their blob ids) are relative to the
    repo's folder; `spec` is "-" for standard input. `folder` is the name of the spec's folder where the output
    depends on it, and empty where it doesn't. `written` is the id of the file that holds what stgen wrote; locks of
    format 1 have none.
    """

    files: Mapping[str, Entry]
    spec: str = "-"
    inputs: Mapping[str, str] = {}
    folder: str = ""
    stgen: str = __version__
    written: str = ""

    def dump(self) -> str:
        """The lock as its file's text, with a line for each file: the same lock gives the same bytes."""
        fields = {"lock": LOCK_FORMAT, "stgen": self.stgen, "spec": self.spec}
        fields |= {"folder": self.folder} if self.folder else {}
        fields |= {"written": self.written} if self.written else {}
        lines = [f"  {_json(name)}: {_json(value)}" for name, value in fields.items()]
        lines.append(f'  "inputs": {_lines({path: _json(id) for path, id in self.inputs.items()})}')
        lines.append(f'  "files": {_lines({path: entry.dump() for path, entry in self.files.items()})}')
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def parse(cls, text: str) -> Lock:
        """The lock in `text`. Raises NewerLockError or LockError."""
        try:
            data = json.loads(text, object_pairs_hook=_once)
        except LockError:
            raise
        except (ValueError, RecursionError) as error:
            if "\n<<<<<<< " in text:
                raise MergedLockError("a merge has left both sides in it, between marks") from None
            raise LockError(f"it isn't JSON: {error}") from None
        if not isinstance(data, dict) or type(data.get("lock")) is not int:
            raise LockError("it isn't a lock: it has no `lock` version")
        if not 1 <= data["lock"] < 10_000:
            raise LockError("it isn't a lock: there is no such `lock` version")
        if data["lock"] > LOCK_FORMAT:
            raise NewerLockError(f"it has format {data['lock']}, and this stgen knows up to {LOCK_FORMAT}")
        files = _table(data, "files")
        _check(files)
        return cls(
            files={path: _entry(files, path) for path in files},
            spec=_input(_text(data, "spec")),
            inputs=_inputs(_table(data, "inputs")),
            folder=_text(data, "folder") if "folder" in data else "",
            stgen=_version(_text(data, "stgen")),
            written=_id(data, "written") if "written" in data else "",
        )


def lock_tree(tree: Tree, *, spec: str = "-", inputs: Mapping[str, str] | None = None, folder: str = "") -> Lock:
    """The lock that belongs to `tree`."""
    files = {path: Entry(_id_of(file.text), file.policy, file.mode == 0o755) for path, file in tree.items()}
    return Lock(files, spec, inputs or {}, folder)


@lru_cache(maxsize=128)  # the specs of one run share most of their texts
def _id_of(text: str) -> str:
    return blob_id(encoded(text))


_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder anew for each call of this kind


@lru_cache(maxsize=1024)  # the repos of one run share most of their paths
def _json(value: str | int) -> str:
    """JSON, with bytes of a path that are not UTF-8 escaped."""
    text = _encode(value)
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


@lru_cache(maxsize=1024)  # and most of their texts
def _entry_json(id: str, policy: Policy, executable: bool) -> str:
    return _encode({"id": id, "policy": policy} | ({"executable": True} if executable else {}))


def _lines(table: Mapping[str, str]) -> str:
    """A table of values that are JSON, with a line for each key. With an `indent`, json would encode in Python, ten times slower."""
    if not table:
        return "{}"
    return "{\n" + ",\n".join([f"    {_json(key)}: {table[key]}" for key in sorted(table)]) + "\n  }"


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


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, of which another reader can't see other keys than this one."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise LockError("it names a key twice")
    return made


def _check(paths: Collection[str]) -> None:
    """Raise LockError for paths that leave the folder, that are ours, or of which two are one file somewhere."""
    try:
        for path in paths:
            if len(path) > LONGEST_PATH:
                raise LockError("a path is longer than any")
            check_path(path)
        check_paths(paths)
    except UnicodeError:
        raise LockError("a path isn't text") from None
    except ValueError as error:
        raise LockError(str(error)[:LONGEST_REASON]) from None


def _entry(files: dict[str, Any], path: str) -> Entry:
    data = files[path]
    if not isinstance(data, dict) or data.get("policy") not in ("owned", "once"):
        raise LockError(f"the entry of `{path}` has no policy")
    return Entry(_id(data, "id"), data["policy"], data.get("executable") is True)


def _inputs(table: dict[str, Any]) -> dict[str, str]:
    if len(table) > MOST_INPUTS:
        raise LockError(f"it has more than {MOST_INPUTS} inputs")
    return {_input(path): _id(table, path) for path in table}


def _input(path: str) -> str:
    if not is_input(path):
        raise LockError("an input has no plain relative path")
    return path


def is_input(path: str) -> bool:
    """Whether a path is one that an input can have: relative, and beginning above the folder where the spec lies there."""
    names = path.split("/")
    while names and names[0] == "..":
        del names[0]
    plain = names and not {"", ".", ".."} & set(names)
    return bool(plain) and len(path) <= LONGEST_PATH and "\0" not in path and "\\" not in path


def _id(data: dict[str, Any], key: str) -> str:
    text = _text(data, key)
    if not ID.fullmatch(text):
        raise LockError(f"`{key}` is not the id of a blob")
    return text


def _version(text: str) -> str:
    if not VERSION.fullmatch(text):
        raise LockError("`stgen` is no version")
    return text
