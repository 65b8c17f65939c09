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
        assert load("provenance").version("a-package-that-nobody-installed") == "not installed"  # and evaluate goes on
    found = json.loads((repo / "results" / "metrics.json").read_text())
    assert found["base"]["name"] == base
    assert found["base"]["commit"] is None  # a folder
    assert found["base"]["weights"].startswith("sha256:")
    assert found["seed"] == 42
    assert found["precision"] == "fp32"
    assert found["device"] == json.loads((repo / "results" / "run.json").read_text())["device"]["measured"] != ""
    assert found["repo"].removesuffix("-dirty") == git(repo, "rev-parse", "HEAD")
    assert found["versions"].items() >= versions.items()
    assert "not installed" not in found["versions"].values()
    assert found["trained with"]["versions"] == found["versions"]
    assert found["data"]["train"]["rows"] == 24
    assert "pinned" not in printed.getvalue()
    page = (repo / "results" / "report.html").read_text()
    assert found["repo"] in page
    assert "seed 42" in page


def test_a_commit_that_lacks_the_repo_is_not_its_own(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies in another repo's folder: ignored there, or not added yet."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "before it was compiled")
    (tmp_path / "train.py").touch()
    with repos.modules(repo) as load:
        provenance = load("provenance")
        monkeypatch.setattr(provenance, "ROOT", tmp_path)
        assert provenance.repo_commit() is None
        git(tmp_path, "add", "train.py")
        assert provenance.repo_commit() == git(tmp_path, "rev-parse", "HEAD") + "-dirty"
        git(tmp_path, "commit", "-qm", "compiled")
        assert provenance.repo_commit() == git(tmp_path, "rev-parse", "HEAD")


@pytest.mark.trains
def test_what_a_model_was_trained_with_is_kept_beside_it(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is measured after another commit, another version and another device have come: both are told apart."""
    base = str(repo / (repo / "base.txt").read_text())
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        evaluate, provenance = load("evaluate"), load("provenance")
        kept = json.loads((evaluate.model_folder(repo) / "provenance.json").read_text())
        assert kept["repo"].removesuffix("-dirty") == git(repo, "rev-parse", "HEAD")
        git(repo, "commit", "-q", "--allow-empty", "-m", "later")
        monkeypatch.setattr(provenance, "version", lambda package: "0")
        monkeypatch.setattr(provenance, "device", lambda: "another")
        assert evaluate.main(["--base", base, "--output", str(repo)]) == 0
    found = json.loads((repo / "results" / "metrics.json").read_text())
    assert found["trained with"] == kept
    assert found["repo"].removesuffix("-dirty") == git(repo, "rev-parse", "HEAD") != kept["repo"].removesuffix("-dirty")
    assert (found["device"], found["versions"]["torch"]) == ("another", "0")
    assert kept["device"] != "another"
    page = (repo / "results" / "report.html").read_text()
    assert kept["repo"] in page
    assert f"torch 0 (trained with {kept['versions']['torch']})" in page


def test_a_base_that_has_moved_on_the_hub_is_told_of(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with repos.modules(repo) as load:
        provenance = load("provenance")
        monkeypatch.setattr(provenance, "commit_of", lambda base, revision: COMMIT)
        now = {"data": {}, "base": {"name": "org/base", "commit": COMMIT}}
        assert list(provenance.changes({}, now)) == []
        now["base"]["commit"] = "before"
        assert list(provenance.changes({}, now)) == [
            f"The model was trained from commit before of its base, and is measured against {COMMIT}."
        ]


def test_both_bases_of_a_router_are_named_with_their_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case("dense", "router", "auto", "pair", keys={"base": "org/base", "router": True})
    repos.compile_all([], tmp_path)
    spec = repos.spec_of(case, "../data/pair-0")
    spec["model"]["query"] = {"base": "org/small", "revision": "v2"}
    (tmp_path / case.id).mkdir()
    repos.write_repo(spec, tmp_path / case.id)
    with repos.modules(tmp_path / case.id) as load:
        provenance = load("provenance")
        monkeypatch.setattr(provenance, "commit_of", lambda base, revision: f"{base} at {revision}")
        assert (
            provenance.made("org/base").items()
            >= {"base": "org/base at main", "base of queries": "org/small at v2"}.items()
        )
        assert provenance.made("another")["base of queries"] is None


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
        assert provenance.made("org/base")["data sets"] == {"org/pairs@v1": COMMIT}
        assert provenance.made("org/base")["data sets"] == {"org/pairs@v1": None}
    assert asked[0] == {"path": "org/pairs", "revision": "v1"}
    assert datasets.load_dataset_builder is not builder


@pytest.mark.parametrize(("revision", "told"), [(None, True), ("v1", False)])
def test_an_unpinned_base_is_told_with_the_line_that_pins_it(revision: str | None, told: bool, tmp_path: Path) -> None:
    spec = repos.spec_of(CASE, "../data/pair-0")
    spec["model"] |= {"base": "org/base"} | ({"revision": revision} if revision else {})
    (tmp_path / CASE.id).mkdir()
    repos.write_repo(spec, tmp_path / CASE.id)
    assert ('revision = "{commit}" under [model]' in (tmp_path / CASE.id / "evaluate.py").read_text()) == told
