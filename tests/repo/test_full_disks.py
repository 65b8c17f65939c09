"""A disk that takes no more ends a program of a generated repo with a line: what, where, and how to go on."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from compiling import tree_of, write_tree
from places import EXAMPLES

HOOKED = "import pathlib, saving; saving.end_plainly('goes on'); "
GOES_ON = ". Once that is mended, the same command goes on\n"
HIDDEN = {  # how libraries tell of a file that the system cut off
    "safetensors": "raise RuntimeError('Error while serializing: I/O error: Disk quota exceeded (os error 122)')",
    "torch": "raise RuntimeError('[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0')",
    "in another": """
try:
    raise OSError(28, "No space left on device", "rows.parquet")
except OSError as error:
    raise ValueError("no data set was made") from error
""",
}
NAMED = {
    "safetensors": "(os error 122)",
    "torch": "unexpected pos 64",
    "in another": "No space left on device: 'rows.parquet'",
}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("disks")
    write_tree(tree_of(""), folder)
    return folder


def run(repo: Path, code: str, output: int | Path = subprocess.PIPE) -> tuple[int, str]:
    """What a program with these lines returns and complains of."""
    command = [sys.executable, "-c", HOOKED + code]
    if isinstance(output, Path):
        with output.open("w") as stdout:
            done = subprocess.run(command, cwd=repo, stdout=stdout, stderr=subprocess.PIPE, text=True)
    else:
        done = subprocess.run(command, cwd=repo, stdout=output, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize("library", HIDDEN)
def test_a_file_that_was_cut_off_is_told_whatever_a_library_makes_of_it(library: str, repo: Path) -> None:
    code, said = run(repo, "\n" + HIDDEN[library])
    assert code == 1
    assert said.startswith("-c: a file can't be written or read: ")
    assert NAMED[library] in said
    assert said.endswith(GOES_ON)
    assert said.count("\n") == 1


def test_a_full_disk_is_named(repo: Path) -> None:
    code, said = run(repo, "saving.FULL = 2**70; raise RuntimeError('cut off')")
    assert (code, said) == (1, f"-c: the disk of {repo} is full (cut off){GOES_ON}")


def test_a_disk_that_no_line_can_be_printed_to_is_one(repo: Path) -> None:
    code, said = run(repo, "print('a line')", Path("/dev/full"))
    assert (code, said) == (
        1,
        f"-c: a file can't be written or read: [Errno 28] No space left on device{GOES_ON}",
    )


def test_other_faults_keep_their_traceback(repo: Path) -> None:
    code, said = run(repo, "raise ValueError('a fault of the program')")
    assert code == 1
    assert said.startswith("Traceback")
    assert said.endswith("ValueError: a fault of the program\n")


def test_rows_that_were_prepared_stay_where_the_next_ones_find_no_room(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    shutil.copytree(EXAMPLES / "cleaned-pairs", repo, ignore=shutil.ignore_patterns("prepared", "results"))
    prepare = [sys.executable, "prepare.py"]
    subprocess.run(prepare, cwd=repo, check=True, capture_output=True)
    sealed = (repo / "prepared" / "rows" / "seal.json").read_bytes()
    shutil.rmtree(repo / "prepared" / "steps")
    done = subprocess.run(
        [*prepare, "--force"],
        cwd=repo,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("prepare: a file can't be written or read: [Errno 27]")
    assert (repo / "prepared" / "rows" / "seal.json").read_bytes() == sealed
    assert (
        subprocess.run(prepare, cwd=repo, capture_output=True, text=True, check=True).stdout.count("is up to date") == 1
    )
