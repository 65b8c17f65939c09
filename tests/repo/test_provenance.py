"""What a trained model is made of is on record: commits, seed, device, precision, versions, data."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from matrix import repos
from matrix.cases import Case

CASE = Case("dense", "transformer", "auto", "pair", name="recorded")
COMMIT = "c0ffee" * 6 + "abcd"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo in git, trained two steps and measured."""
    pytest.importorskip("sentence_transformers")
    made = tmp_path_factory.mktemp("recorded")
    repos.compile_all([CASE], made)
    folder = made / CASE.id
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "compiled")
    repos.train(CASE, made)
    return folder


def git(folder: Path, *command: str) -> str:
    """What git prints, for a person of no name."""
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    return subprocess.run(
        ["git", *who, *command], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.trains
def test_metrics_name_what_the_model_is_made_of(repo: Path) -> None:
    base = str(repo / (repo / "base.txt").read_text())
    printed = io.StringIO()
    with repos.modules(repo) as load, contextlib.redirect_stdout(printed):
        assert load("evaluate").main(["--base", base, "--output", str(repo)]) == 0
        versions = {package: load("provenance").version(package) for package in load("provenance").PACKAGES}
    found = json.loads((repo / "results" / "metrics.json").read_text())
    assert found["base"]["name"] == base
    assert found["base"]["commit"] is None  # a folder
    assert found["base"]["weights"].startswith("sha256:")
    assert found["seed"] == 42
    assert found["precision"] == "fp32"
    assert found["device"] == json.loads((repo / "results" / "run.json").read_text())["device"]["measured"] != ""
    assert found["repo"].removesuffix("-dirty") == git(repo, "rev-parse", "HEAD")
    assert found["versions"].items() >= versions.items()
    assert found["data"]["train"]["rows"] == 24
    assert "pinned" not in printed.getvalue()
    page = (repo / "results" / "report.html").read_text()
    assert found["repo"] in page
    assert "seed 42" in page


@pytest.mark.trains
def test_a_base_of_the_hub_is_named_with_the_commit_that_was_loaded(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = tmp_path / "models--org--base" / "refs"
    refs.mkdir(parents=True)
    with repos.modules(repo) as load:
        provenance = load("provenance")
        monkeypatch.setattr(provenance, "HF_HUB_CACHE", str(tmp_path))
        monkeypatch.setattr(provenance.model, "BASE", "org/base")
        assert provenance.base_commit("org/base") is None
        for name in ("main", "v2"):
            (refs / name).write_text(COMMIT.replace("abcd", f"{ord(name[0]):04d}"))
        assert provenance.base_commit("org/base") == COMMIT.replace("abcd", "0109")
        monkeypatch.setattr(provenance, "REVISION", "v2")
        assert provenance.base_commit("org/base") == COMMIT.replace("abcd", "0118")
        assert provenance.base_commit("org/other") is None
        monkeypatch.setattr(provenance, "REVISION", COMMIT)
        assert provenance.base_commit("org/base") == COMMIT


def test_data_sets_of_the_hub_are_named_with_their_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without loading them anew; where nobody can say, nothing is made up."""
    import datasets

    spec = repos.spec_of(CASE, "../data/pair-0")
    spec["data"][0] |= {"train": "hf://org/pairs@v1#train"}
    (tmp_path / CASE.id).mkdir()
    repos.compile_all([CASE], tmp_path / "files")
    repos.write_repo(spec, tmp_path / CASE.id)
    asked: list[dict[str, Any]] = []

    def builder(**arguments: Any) -> Any:
        asked.append(arguments)
        if len(asked) > 1:
            raise ConnectionError("offline")
        return type("Builder", (), {"hash": COMMIT})

    with repos.modules(tmp_path / CASE.id) as load:
        provenance = load("provenance")
        monkeypatch.setattr(load("reading"), "load_dataset_builder", builder)
        monkeypatch.setattr(provenance, "fingerprint", lambda rows: rows)
        monkeypatch.setattr(provenance.data, "load", lambda split: split)
        assert provenance.trace("org/base", tmp_path)["data sets"] == {"org/pairs": COMMIT}
        assert provenance.trace("org/base", tmp_path)["data sets"] == {"org/pairs": None}
    assert asked[0] == {"path": "org/pairs", "revision": "v1"}
    assert datasets.load_dataset_builder is not builder


@pytest.mark.parametrize(("revision", "told"), [(None, True), ("v1", False)])
def test_an_unpinned_base_is_told_with_the_line_that_pins_it(revision: str | None, told: bool, tmp_path: Path) -> None:
    spec = repos.spec_of(CASE, "../data/pair-0")
    spec["model"] |= {"base": "org/base"} | ({"revision": revision} if revision else {})
    (tmp_path / CASE.id).mkdir()
    repos.write_repo(spec, tmp_path / CASE.id)
    assert ('revision = "{commit}" under [model]' in (tmp_path / CASE.id / "evaluate.py").read_text()) == told
