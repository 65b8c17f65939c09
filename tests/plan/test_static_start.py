"""What static models start from: random embeddings for the words of a base, or the embeddings of one that is static."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compiling import plan_of
from matrix import bases, repos
from matrix.cases import Case

CASE = Case("dense", "static", "auto", "pair", keys={"start": "pretrained", "dimensions": None}, name="trained-vectors")
TEXTS = ["the red house", "a cold river"]


@pytest.mark.parametrize(
    ("model", "start", "rate", "dimensions"),
    [
        ("", "scratch", 0.2, 256),
        (", dimensions = 64", "scratch", 0.2, 64),
        (', start = "pretrained"', "pretrained", 0.05, None),
        (', start = "pretrained", dimensions = 64', "pretrained", 0.05, 64),
        (', base = "minishlab/potion-base-8M"', "pretrained", 0.05, None),
        (', base = "minishlab/potion-base-8M", start = "scratch"', "scratch", 0.2, 256),
    ],
)
def test_the_start_decides_on_rate_and_width(model: str, start: str, rate: float, dimensions: int | None) -> None:
    plan = plan_of(f'model = {{ architecture = "static"{model} }}')
    assert (plan.model.start, plan.model.dimensions) == (start, dimensions)
    assert plan.train.arguments["learning_rate"] == rate


def test_only_what_starts_at_random_can_differ_by_the_seed() -> None:
    trained = 'model = { architecture = "static", start = "pretrained"'
    assert plan_of(trained + " }").sets[0].evaluation.untrained_parts == ""
    projected = plan_of(trained + ", dimensions = 64 }").sets[0].evaluation
    assert projected.untrained_parts == "seeded by the model"
    assert projected.part_names == {"linear": "the projection"}
    assert plan_of('model = { architecture = "static" }').sets[0].evaluation.untrained_parts == "seeded by the model"


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[tuple[Any, Path]]:
    """model.py of a repo, and the static model that it starts from."""
    pytest.importorskip("sentence_transformers")
    repos.compile_all([CASE], folder)
    repo = folder / CASE.id
    with repos.modules(repo) as load, contextlib.redirect_stdout(io.StringIO()):
        yield load("model"), repo / (repo / "base.txt").read_text()


def test_the_embeddings_are_those_of_the_base(tmp_path: Path) -> None:
    import numpy as np
    from sentence_transformers import SentenceTransformer

    with opened(tmp_path) as (model, base):
        found = model.build(str(base)).encode(TEXTS)
        np.testing.assert_allclose(found, SentenceTransformer(str(base)).encode(TEXTS), atol=1e-6)


def test_the_files_of_model2vec_are_read_without_its_package(tmp_path: Path) -> None:
    import numpy as np

    model2vec = pytest.importorskip("model2vec")
    with opened(tmp_path) as (model, base):
        encoder = model.build(str(base))
        vectors = encoder[0].embedding.weight.detach().numpy()
        distilled = model2vec.StaticModel(vectors=vectors, tokenizer=encoder[0].tokenizer, config={})
        distilled.save_pretrained(str(tmp_path / "distilled"))
        (tmp_path / "distilled" / "modules.json").unlink()
        found = model.build(str(tmp_path / "distilled"))
        np.testing.assert_allclose(found.encode(TEXTS), encoder.encode(TEXTS), atol=1e-6)


def test_a_base_that_is_not_static_is_told_of(tmp_path: Path) -> None:
    with opened(tmp_path) as (model, _):
        from sentence_transformers import SentenceTransformer

        plain = bases.build(tmp_path / "plain", "BertModel")
        with pytest.raises(SystemExit, match="can't be loaded"):
            model.build(str(plain))
        with pytest.raises(SystemExit, match="can't be loaded"):
            model.build(str(tmp_path / "nothing"))
        SentenceTransformer(str(plain)).save_pretrained(str(tmp_path / "pooled"))
        with pytest.raises(SystemExit, match='write start = "scratch"'):
            model.build(str(tmp_path / "pooled"))
