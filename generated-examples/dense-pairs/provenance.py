"""Names what a model was made of and what its figures were measured with, so that both can be had again."""

import hashlib
import json
import platform
import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from huggingface_hub.constants import HF_HUB_CACHE
from huggingface_hub.file_download import repo_folder_name

import data
import inference
import model
import saving

ROOT = Path(__file__).parent
PINNED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
PACKAGE = re.compile(r"[\w.-]+")
PACKAGES = [PACKAGE.findall(requirement)[0] for requirement in PINNED]
REVISION = "main"  # of the base that model.py names
COMMIT = re.compile("[0-9a-f]{40}")
FILE = "provenance.json"  # in the folder of a trained model: what it was trained with


def made(base: str) -> dict[str, Any]:
    """Return what a model is trained with, which is written beside it: it may be measured elsewhere, and later."""
    return {
        "base": base_commit(base),
        "device": device(),
        "repo": repo_commit(),
        "versions": versions(),
    }


def trace(base: str, folder: Path) -> dict[str, Any]:
    """Return what the model in a folder was trained from and how, what is installed, and a fingerprint of each split."""
    run, trained = saving.read_seal(folder).get("run", {}), saving.read_json(folder / FILE, {})
    rows = {split: data.load(split) for split in ("train", "eval", "test")}
    return {
        "base": {
            "name": base,
            "commit": trained.get("base", base_commit(base)),
            "weights": run.get("weights of the base"),
        },
        "trained with": trained,
        "run": run,
        "seed": run.get("seed"),
        "precision": str(run.get("mixed precision")).replace("no", "fp32"),
        "device": device(),
        "measured in": inference.PRECISION,
        "repo": repo_commit(),
        "versions": versions(),
        "data": {split: {"rows": len(some), "sha256": fingerprint(some)} for split, some in rows.items()},
    }


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}


def version(package: str) -> str:
    """Return the version of a package that may not be installed."""
    return next((found.version for found in distributions(name=package)), "not installed")


def fingerprint(rows: Dataset) -> str:
    """Hash rows, as Arrow holds them."""
    digest = hashlib.sha256(json.dumps(rows.column_names).encode())
    for table in rows.with_format("arrow").iter(10_000):
        for batch in table.combine_chunks().to_batches():
            digest.update(batch.serialize())
    return digest.hexdigest()


def changes(run: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Warn of what is another than in the run: rows that are held out now may have been trained on."""
    hashes = {split: saving.CONTENT + rows["sha256"] for split, rows in now["data"].items()}
    changed = [split for split, found in hashes.items() if run.get(f"{split} rows", found) != found]
    if changed:
        yield f"The rows of {' and '.join(changed)} have changed since the model was trained: train it anew."
    commit, measured = now["base"]["commit"], base_commit(now["base"]["name"])
    if commit and measured != commit:
        yield f"The model was trained from commit {commit} of its base, and is measured against {measured or 'a folder'}."


def base_commit(base: str) -> str | None:
    """Return the commit that the base has on the hub, as it was loaded; None for a folder."""
    return commit_of(base, REVISION if base == model.BASE else "main")


def commit_of(base: str, revision: str) -> str | None:
    if Path(base).exists():
        return None
    if COMMIT.fullmatch(revision):
        return revision
    kept = Path(HF_HUB_CACHE, repo_folder_name(repo_id=base, repo_type="model"), "refs", revision)
    return kept.read_text(encoding="utf-8").strip() if kept.is_file() else None


def device() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else platform.processor() or platform.machine()


def repo_commit() -> str | None:
    """Return the commit of this repo, and whether files have changed since; None where git doesn't have its files."""
    git = ["git", "-C", str(ROOT)]
    command = [*git, "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        subprocess.run([*git, "ls-files", "--error-unmatch", "train.py"], capture_output=True, check=True)
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
