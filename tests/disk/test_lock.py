"""The lock: what is written is what is read, and nothing in a damaged or hostile one is believed."""

from __future__ import annotations

import json
import subprocess

import pytest
from stgen.disk.lock import LOCK_FORMAT, Lock, LockError, MergedLockError, NewerLockError, blob_id, lock_tree
from stgen.render.tree import File, Tree

TREE = Tree(
    {"train.py": File("print()\n"), "launch/local.sh": File("#!/bin/sh\n", mode=0o755), "my.py": File("", "once")}
)
LOCK = lock_tree(TREE, spec="../a.toml", inputs={"../a.toml": blob_id(b"x")}, folder="project")


def test_reads_what_it_wrote():
    assert Lock.parse(LOCK.dump()) == LOCK


def test_says_who_owns_a_file_and_whether_it_runs():
    entries = json.loads(LOCK.dump())["files"]
    assert entries["my.py"]["policy"] == "once"
    assert entries["launch/local.sh"]["executable"] is True
    assert "executable" not in entries["train.py"]


def test_holds_nothing_that_changes_by_itself():
    assert (
        LOCK.dump() == lock_tree(TREE, spec="../a.toml", inputs={"../a.toml": blob_id(b"x")}, folder="project").dump()
    )
    assert set(json.loads(LOCK.dump())) == {"lock", "stgen", "spec", "folder", "inputs", "files"}


@pytest.mark.parametrize("data", [b"", b"print()\n", b"\x00\xff" * 1000])
def test_ids_are_those_of_git(data, tmp_path):
    (tmp_path / "file").write_bytes(data)
    git = subprocess.run(
        ["git", "hash-object", "--no-filters", tmp_path / "file"], capture_output=True, text=True, check=True
    )
    assert blob_id(data) == git.stdout.strip()


def test_tells_a_newer_lock_from_a_broken_one():
    text = LOCK.dump().replace(f'"lock": {LOCK_FORMAT}', f'"lock": {LOCK_FORMAT + 1}')
    with pytest.raises(NewerLockError, match=f"format {LOCK_FORMAT + 1}"):
        Lock.parse(text)


def test_tells_a_lock_that_git_has_merged():
    begin, rest = LOCK.dump().split("\n", 1)
    with pytest.raises(MergedLockError, match="a merge has left both sides in it"):
        Lock.parse(f"{begin}\n<<<<<<< HEAD\n{rest}")


def with_entry(path: str, entry: object) -> str:
    return json.dumps(json.loads(LOCK.dump()) | {"files": {path: entry}})


def with_entries(*paths: str) -> str:
    return json.dumps(json.loads(LOCK.dump()) | {"files": dict.fromkeys(paths, ENTRY)})


def with_(key: str, value: object) -> str:
    return json.dumps(json.loads(LOCK.dump()) | {key: value})


ENTRY = {"id": "0" * 40, "policy": "owned"}


def test_reads_a_lock_of_the_format_before():
    old = json.loads(LOCK.dump()) | {"lock": 1}
    assert Lock.parse(json.dumps(old)) == LOCK


def test_reason_is_short_whatever_the_lock_holds():
    with pytest.raises(LockError) as refused:
        Lock.parse(with_entry("a/../" * 100_000, ENTRY))
    assert len(str(refused.value)) < 500


def test_carries_a_path_that_is_no_text():
    """POSIX file names are bytes."""
    path = b"../caf\xe9.toml".decode(errors="surrogateescape")
    lock = lock_tree(TREE, spec=path, inputs={path: blob_id(b"x")})
    assert Lock.parse(lock.dump().encode().decode()) == lock


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"lock": "1"}',
        '{"lock": 1}',
        "[" * 100_000,
        "<<<<<<< ours",
        json.dumps(json.loads(LOCK.dump()) | {"files": []}),
        json.dumps(json.loads(LOCK.dump()) | {"inputs": {"a": 1}}),
        json.dumps(json.loads(LOCK.dump()) | {"spec": None}),
        with_entry("a.py", "0" * 40),
        with_entry("a.py", {"id": 1, "policy": "owned"}),
        with_entry("a.py", {"id": "0" * 40, "policy": "mine"}),
        # Files of a lock are removed when the spec no longer makes them: none may lie outside.
        with_entry("/etc/passwd", ENTRY),
        with_entry("../../spec.toml", ENTRY),
        with_entry("a\\..\\b", ENTRY),
        with_entry("C:/x", ENTRY),
        with_entry("", ENTRY),
        with_entry("a\x00b", ENTRY),
        with_entry(".git/config", ENTRY),
        with_entry(".stgen/manifest.json", ENTRY),
        with_entry("a/" * 3000 + "b", ENTRY),
        with_entry("x" * 300, ENTRY),
        with_entry("\ud800", ENTRY),
        with_entries("a.py", "A.py"),
        with_entries("a", "a/b.py"),
        with_entries("caf\u00e9.py", "cafe\u0301.py"),
        # What is run on an id, or printed, is an id, and a version.
        with_entry("a.py", {"id": "--textconv", "policy": "owned"}),
        with_entry("a.py", {"id": "0" * 39, "policy": "owned"}),
        with_entry("a.py", {"id": "A" * 40, "policy": "owned"}),
        with_("stgen", "\x1b[31m"),
        with_("stgen", "1" * 100),
        with_("written", "0"),
        with_("lock", True),
        with_("lock", 0),
        with_("lock", -1),
        with_("lock", 10**9),
        with_("lock", 2.0),
        # Each is read by `stgen compile` before anything else is looked at.
        with_("spec", "/etc/passwd"),
        with_("spec", "a/../../b"),
        with_("spec", "a\\b"),
        with_("spec", ""),
        with_("inputs", {"/dev/zero": "0" * 40}),
        with_("inputs", {"a/../b": "0" * 40}),
        with_("inputs", {"..": "0" * 40}),
        with_("inputs", {"a\x00": "0" * 40}),
        with_("inputs", {"x" * 5000: "0" * 40}),
        with_("inputs", {f"{number}.toml": "0" * 40 for number in range(65)}),
        '{"lock": 1, "lock": 2}',
        LOCK.dump().replace('"files": {', '"files": {"train.py": {"id": "' + "0" * 40 + '", "policy": "owned"},'),
    ],
)
def test_believes_no_damaged_lock(text):
    with pytest.raises(LockError):
        Lock.parse(text)
