"""The generated export.py: what it writes runs without the library, answers as the model does, and is refused where it doesn't."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import planned
import pytest
from compiling import findings_of, plan_of, tree_of
from matrix import repos
from matrix.cases import Case
from stgen.language.semantics.model import ARCHITECTURES
from stgen.rules.exports import EXPORTS, FAMILIES

PROMPTS = {"query": "the: ", "document": "a: "}
CASES = {
    "dense": Case(
        "dense", "transformer", "auto", "pair", {"matryoshka": [16, 8]}, {"prompts": PROMPTS, "dimensions": 16}
    ),
    "sparse": Case("sparse", "splade", "auto", "pair", keys={"prompts": PROMPTS}),
    "multi-vector": Case("multi-vector", "transformer", "auto", "pair", keys={"prompts": PROMPTS}),
    "cross-encoder": Case("cross-encoder", "transformer", "auto", "pair"),
    "lora": Case("dense", "transformer", "auto", "pair", keys={"lora": {"r": 4}}, name="lora"),
}
ASKED = {
    "dense": {"formats": ["onnx", "openvino"], "quantize": "int8"},
    "sparse": {"formats": ["onnx"]},
    "multi-vector": {"formats": ["onnx"], "quantize": "int8"},
    "cross-encoder": {"formats": ["openvino"]},
    "lora": {"formats": ["onnx"]},
}
WRITTEN = {
    "dense": [
        "onnx/model.onnx",
        "onnx/model_int8.onnx",
        "openvino/openvino_model.xml",
        "openvino/openvino_model_int8.xml",
    ],
    "sparse": ["onnx/model.onnx"],
    "multi-vector": ["onnx/model.onnx", "onnx/model_int8.onnx"],
    "cross-encoder": ["openvino/openvino_model.xml"],
    "lora": ["onnx/model.onnx"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo of each kind, trained two steps."""
    for package in ("sentence_transformers", "onnxscript", "onnxruntime", "openvino", "nncf"):
        pytest.importorskip(package)
    made = tmp_path_factory.mktemp("export")
    repos.compile_all(list(CASES.values()), made)
    for name, case in CASES.items():
        spec = repos.spec_of(case, "../data/pair-0") | {"export": ASKED[name]}
        repos.write_repo(spec, made / case.id)
        repos.train(case, made)
    return made


@contextlib.contextmanager
def opened(name: str, folder: Path) -> Any:
    """The repo's export.py, its folder, and what it prints."""
    repo = folder / CASES[name].id
    printed = io.StringIO()
    with repos.modules(repo) as load, contextlib.redirect_stdout(printed):
        yield load("export"), repo, printed


@pytest.mark.trains
def test_needs_no_fix(folder: Path) -> None:
    assert repos.lint(folder) == ""


@pytest.mark.trains
@pytest.mark.parametrize("name", CASES)
def test_what_is_exported_answers_as_the_model(name: str, folder: Path) -> None:
    with opened(name, folder) as (export, repo, printed):
        assert export.main(["--output", str(repo)]) == 0, printed.getvalue()
        measured = json.loads((repo / "results" / "export.json").read_text())
        assert [found["file"] for found in measured] == WRITTEN[name]
        for found in measured:
            assert found["difference"] <= found["tolerance"]
            assert found["bytes"] > 1000
        saved = export.evaluate.model_folder(repo)
        encoder = type(export.evaluate.build_base(str(repo / (repo / "base.txt").read_text())))(str(saved))
    assert (saved / measured[0]["file"]).exists()
    if name == "dense":  # what serves it still finds its prompts, its head and its dimensions
        assert encoder.prompts["query"] == PROMPTS["query"]
        assert encoder.encode_query(["a"]).shape == (1, 16)


@pytest.mark.trains
def test_what_is_exported_is_not_held_against_another_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened("sparse", folder) as (export, repo, _):
        saved = export.evaluate.model_folder(repo)
        run, distance = export.saving.read_seal(saved)["run"], export.distance
        again = lambda *of: (export.saving.seal(saved, run | {"learning_rate": 1.0}), distance(*of))[1]  # noqa: E731
        monkeypatch.setattr(export, "distance", again)
        (repo / "results/export.json").unlink(missing_ok=True)
        with pytest.raises(SystemExit, match="another model in the place of the exported one"):
            export.main(["--output", str(repo)])
    assert not (repo / "results/export.json").exists()


@pytest.mark.trains
def test_a_graph_runs_with_a_tokenizer_and_nothing_else(folder: Path) -> None:
    """As a server does it that knows nothing of the library: prompt, tokenizer, graph, and a cut to fewer dimensions."""
    import numpy as np
    import onnxruntime
    from sentence_transformers import SentenceTransformer
    from transformers import AutoTokenizer

    with opened("dense", folder) as (export, repo, _):
        assert export.main(["--output", str(repo)]) == 0
        saved = export.evaluate.model_folder(repo)
    tokenizer = AutoTokenizer.from_pretrained(saved)
    session = onnxruntime.InferenceSession(saved / "onnx" / "model.onnx")
    inputs = tokenizer(PROMPTS["query"] + "a cold river", return_tensors="np")
    names = [given.name for given in session.get_inputs()]
    found = session.run(["sentence_embedding"], {name: inputs[name] for name in names})[0]
    wanted = SentenceTransformer(str(saved), truncate_dim=8).encode_query(["a cold river"])
    np.testing.assert_allclose(found[:, :8], wanted, atol=1e-5)


@pytest.mark.trains
def test_a_file_that_answers_otherwise_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened("sparse", folder) as (export, repo, printed):
        before, load = exported(export.evaluate.model_folder(repo)), export.runner
        spoilt = lambda path: lambda inputs: [made * 1.01 for made in load(path)(inputs)]  # noqa: E731
        monkeypatch.setattr(export, "runner", spoilt)
        assert export.main(["--output", str(repo)]) == 1
        place = export.evaluate.model_folder(repo)
        assert (place / "onnx.unfinished" / "model.onnx").exists()
        assert exported(place) == before
    assert "export: onnx/model.onnx must not be used: its outputs differ from the model's" in printed.getvalue()


@pytest.mark.trains
@pytest.mark.parametrize("name", ["dense", "cross-encoder"])
def test_an_export_that_is_cut_off_leaves_no_half_model_and_loses_none(name: str, folder: Path) -> None:
    with opened(name, folder) as (export, repo, _):
        place = export.evaluate.model_folder(repo)
        for format in ASKED[name]["formats"]:
            shutil.rmtree(place / format, ignore_errors=True)
        cut_off(export, repo)
        assert exported(place) == {}
        assert export.main(["--output", str(repo)]) == 0
        whole = exported(place)
        assert set(WRITTEN[name]) <= set(whole)
        cut_off(export, repo)
        assert exported(place) == whole
        for format in ASKED[name]["formats"]:
            assert export.saving.find_flaw(place / format) is None
            assert export.saving.read_seal(place / format)["run"] == export.saving.read_seal(place)["run"]


def cut_off(export: Any, repo: Path) -> None:
    """Let an export end while its first file is written, and once that file is whole."""

    def ends(*given: Any) -> None:
        if isinstance(given[-1], Path):
            given[-1].write_bytes(b"half")
        raise KeyboardInterrupt

    for function in ("write_onnx", "distance"):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(export, function, ends)
            with pytest.raises(KeyboardInterrupt):
                export.main(["--output", str(repo)])


def exported(place: Path) -> dict[str, bytes]:
    """What a program finds that loads an exported model."""
    files = [*place.glob("onnx/*"), *place.glob("openvino/*")]
    return {file.relative_to(place).as_posix(): file.read_bytes() for file in files}


@pytest.mark.trains
def test_without_a_trained_model_it_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    with opened("sparse", folder) as (export, _, _), pytest.raises(SystemExit, match=r"run train\.py first"):
        export.main(["--output", str(tmp_path)])


def test_every_kind_of_model_has_its_row() -> None:
    kinds = {f"{model}/{architecture}" for model, own in ARCHITECTURES.items() for architecture in own}
    assert {row.kind for row in EXPORTS} == kinds | {"router"}
    assert set(FAMILIES) == set(ARCHITECTURES)
    assert all(bool(row.why_not) == bool(row.instead) != bool(row.graph) for row in EXPORTS)


# fmt: off
REFUSED = (
    ('[export]\nformats = ["onnx"]\nquantize = "int4"',                                "STG175", 'quantize = "int8"'),
    ('[export]\nquantize = "int8"',                                                    "STG176", 'formats = ["onnx"]'),
    ('[export]\nformats = ["onnx"]\n[model]\narchitecture = "static"',                 "STG177", "leave [export] out"),
    ('[export]\nformats = ["onnx"]\n[model]\ntype = "sparse"\narchitecture = "csr"',   "STG177", 'architecture = "splade"'),
)
# fmt: on


@pytest.mark.parametrize(("fragment", "code", "help"), REFUSED)
def test_what_cannot_be_exported_is_said_with_what_to_write(fragment: str, code: str, help: str) -> None:
    found = findings_of(fragment)
    assert [item.code for item in found] == [code]
    assert help in (found[0].help or "")


def test_two_encoders_are_no_graph() -> None:
    sides = {"base": None, "router": True, "query": {"base": "org/small"}, "document": {"base": "org/large"}}
    columns = {"anchor": "a", "positive": "p"}
    assert planned.plan_of(sides, columns, export={"formats": ["onnx"]})[1] == ["STG177"]
    assert planned.plan_of(sides, columns)[1] == []


@pytest.mark.parametrize(
    "fragment",
    ['[export]\nformats = ["onnx"]\nquantize = "int8"', '[export]\nformats = ["openvino"]', "[export]\nformats = []"],
)
def test_their_unharmed_twins_are_clean(fragment: str) -> None:
    assert findings_of(fragment) == []


def test_only_what_is_asked_for_is_there() -> None:
    assert "export.py" not in tree_of("")
    text = tree_of('[export]\nformats = ["openvino"]\n')["export.py"].text
    for absent in ("onnxruntime", "quantize", "nncf", "QUANTIZED"):
        assert absent not in text
    pins = plan_of('[export]\nformats = ["openvino"]\n').requirements
    assert {"onnx", "onnxscript", "openvino"} <= set(pins)
    assert not {"onnxruntime", "nncf"} & set(pins)
