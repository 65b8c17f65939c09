"""The table of paths that a compile can write holds all that is rendered, and nothing that isn't."""

from __future__ import annotations

import io
import json
import tomllib

import pytest
from compiling import HERE, over, raw_tree_of, source_of
from stgen.compile import compile_source
from stgen.render import rendering
from stgen.render.shapes import EARLIER, OWNED, can_be_owned
from stgen.render.tree import Tree
from stgen.source.source import read

SKYPILOT = 'launcher = "skypilot"\naccelerator = "cuda"\ngpu = "H200"\nskypilot = { accelerators = "H200:1" }'
KUBERNETES = """launcher = "kubernetes"
accelerator = "cuda"
kubernetes = { image = "org/image:1", claim = "output" }"""
LAUNCHERS = ['launcher = "slurm"', 'launcher = "torchrun"', SKYPILOT, KUBERNETES, 'accelerator = "cpu"']
PAIRS = '{ anchor = "a", positive = "p" }'
SETS = f"""
[[data]]
name = "one"
train = "data/one.jsonl"
columns = {PAIRS}
[[data]]
name = "Two_2"
train = "data/two.jsonl"
columns = {PAIRS}
"""
STREAMED = """[[data]]
train = "data/train.jsonl"
eval = "data/eval.jsonl"
streaming = true
columns = { anchor = "a", positive = "p", negative = ["n", "m"] }
[train]
steps = 10
"""
READ = [  # files and roles that together take all of the reader
    ("t.csv", 'text = "a", class = "c"'),
    ("t.json", 'text_1 = "a", text_2 = "b", score = "s"'),
    ("t.parquet", 'text_1 = "a", text_2 = "b", binary = "c"'),
    ("t.txt.gz", 'text = "text"'),
    ("t.jsonl", 'anchor = "set[0]", positive = "set[1]"'),
    ("t.jsonl", 'anchor = ["i", "q"], positive = "pos[]", negative = "neg[]"'),
]
WRITTEN = [  # and what is said of how they are written
    ("t.jsonl", 'header = ["a", "p"]'),
    ("t.json", 'rows = "data"'),
    ("t.csv", 'delimiter = " ||| "'),
]
IDS = """[[data]]
train = "data/train.jsonl"
columns = { anchor = "q", positive = "p" }
texts = { positive = "documents.jsonl" }
"""
JUDGED = """[[data]]
retrieval = { corpus = "c.jsonl", queries = "q.jsonl", qrels = "qrels.txt", trec = true }
"""
# Each with what it alone makes; together they make all that there is.
FRAGMENTS = [
    "",
    *(f"[hardware]\n{launcher}" for launcher in LAUNCHERS),
    '[hardware]\ngpu = "A100-80GB"\ngpus = 2\nstrategy = "fsdp"',
    *(f"[compare]\nseeds = [1, 2]\n[hardware]\n{launcher}" for launcher in LAUNCHERS),
    "[compare]\nseeds = [1, 2]",
    '[metrics]\nevaluators = ["nanobeir"]\n[metrics.mteb]\ntasks = ["SciFact"]',
    '[export]\nformats = ["onnx"]',
    "[prepare]\ndeduplicate = { exact = true }",
    '[prepare]\ndecontaminate = { against = ["SciFact"], ngram = 13 }\n[metrics.mteb]\ntasks = ["SciFact"]',
    SETS + "[prepare]\ndeduplicate = { exact = true }",
    STREAMED,
    IDS,
    JUDGED,
    STREAMED + '[loss]\nname = "CachedMultipleNegativesRankingLoss"\nconvert = ["pair"]',
    '[model]\ntype = "dense"\n[loss]\northogonal = 0.1',
    *(f'[[data]]\ntrain = "data/{file}"\ncolumns = {{ {roles} }}' for file, roles in READ),
    *(f'[[data]]\ntrain = "data/{file}"\nfile = {{ {how} }}\ncolumns = {PAIRS}' for file, how in WRITTEN),
]


def of_json() -> Tree:
    text = json.dumps(tomllib.loads(over("")))
    source, found = read("-", io.BytesIO(text.encode()))
    assert source is not None, found
    tree, found = compile_source(source, HERE)
    assert tree is not None, found
    return tree


def owned(tree: Tree) -> set[str]:
    return {path for path, file in tree.items() if file.policy == "owned"}


def test_holds_what_is_rendered_and_nothing_else() -> None:
    made = owned(of_json()).union(*(owned(raw_tree_of(fragment)) for fragment in FRAGMENTS))
    assert made - OWNED == {
        f"{module}_{name}.py" for module in ("data", "prepare", "clean", "measure") for name in ("one", "Two_2")
    }
    assert OWNED - made == set()
    assert made.isdisjoint(EARLIER)
    assert all(can_be_owned(path) for path in (*made, *EARLIER))


@pytest.mark.parametrize(
    "path",
    ["data/notes.txt", "data_.py", "data_a-b.py", "data_a/b.py", "data_x.pyc", "my_data_x.py", "Train.py", "train.py\n", "launch/mine.sh",
     "tests/mine.py", ".gitignore", "Dockerfile", ".github/workflows/ci.yml", "data_" + "x" * 61 + ".py", ".stgen/manifest.json"],
)  # fmt: skip
def test_holds_nothing_of_a_persons(path: str) -> None:
    assert not can_be_owned(path)


def test_nothing_is_rendered_that_could_never_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "can_be_owned", lambda path: path != "train.py")
    with pytest.raises(ValueError, match=r"train\.py"):
        compile_source(source_of(over("")), HERE)
