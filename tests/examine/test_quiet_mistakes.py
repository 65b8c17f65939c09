"""Mistakes of a spec that the library trains on without a word: each is told, and its unharmed twin passes clean."""

from __future__ import annotations

import pytest
from compiling import findings_of, tree_of

TEXTS = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\n'
CLASSES = 'data = [{ train = "t.jsonl", columns = { text = "t", class = "c" } }]\n'
TRIPLETS = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n" } }]\n'
WEIGHT = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" }, weight = 2 }]\n'
OTHER = WEIGHT.replace(
    "weight = 2 }]", 'weight = 2, name = "a" }, { name = "b", train = "u.jsonl", columns = { text = "t" } }]'
)
ALONE = 'data = [{ train = "t.jsonl", columns = { text = "t" } }]\n'
OWN = 'loss = { custom = "my_losses.py:MyLoss" }\n'
SPARSE = 'model = { type = "sparse" }\n'
FREE = 'model = { type = "sparse", architecture = "inference-free" }\n'

# fmt: off
CASES = [  # code, the mistake, the same without it
    ("STG057", WEIGHT,                                                    OTHER),
    ("STG090", 'model = { base = "intfloat/e5-base-v2" }',                'model = { base = "intfloat/e5-base-v2", prompts = { query = "query: ", document = "passage: " } }'),
    ("STG090", 'model = { base = "BAAI/bge-small-en-v1.5" }',             'model = { base = "BAAI/bge-small-en-v1.5", prompts = { query = "" } }'),
    ("STG090", 'model = { base = "intfloat/e5-base" }',                   'model = { base = "intfloat/e5-base", type = "cross-encoder" }'),
    ("STG126", "train = { batch_size = 1 }",                              "train = { batch_size = 2 }"),
    ("STG126", "train = { batch_size = 1 }",                              TRIPLETS + "train = { batch_size = 1 }"),
    ("STG126", TEXTS + "train = { batch_size = 1 }",                      TEXTS + 'train = { batch_size = 1 }\nloss = { name = "CosineSimilarityLoss" }'),
    ("STG126", TEXTS + 'train = { batch_size = 2 }\nhardware = { gpus = 2 }', TEXTS + 'train = { batch_size = 4 }\nhardware = { gpus = 2 }'),
    ("STG126", CLASSES + "train = { batch_size = 2 }",                    CLASSES + "train = { batch_size = 4 }"),
    ("STG127", SPARSE + "loss = { regularize = { document = 0.0 } }",     SPARSE + "loss = { regularize = { document = 3e-5 } }"),
    ("STG127", SPARSE + "loss = { regularize = { query = 0.0 } }",        FREE + "loss = { regularize = { query = 0.0 } }"),
    ("STG128", ALONE + OWN + 'model = { type = "multi-vector" }',         ALONE + OWN + 'model = { type = "dense" }'),
    ("STG128", ALONE + OWN + 'model = { type = "cross-encoder" }',        TEXTS + OWN + 'model = { type = "cross-encoder" }'),
    ("STG047", 'data = [{ train = "t.jsonl.zip", columns = { anchor = "a", positive = "p" } }]', 'data = [{ train = "t.jsonl.gz", columns = { anchor = "a", positive = "p" } }]'),
    ("STG185", '[[metrics.mteb.local]]\nname = "a"\ntype = "STS"\npath = "t.jsonl.zip"', '[[metrics.mteb.local]]\nname = "a"\ntype = "STS"\npath = "t.jsonl.zst"'),
]
# fmt: on


@pytest.mark.parametrize(("code", "mistake", "twin"), CASES)
def test_a_mistake_is_told_and_its_twin_is_not(code: str, mistake: str, twin: str) -> None:
    found = findings_of(mistake)
    assert [item.code for item in found] == [code]
    assert found[0].help
    assert [item for item in findings_of(twin) if item.code == code] == []


def test_a_batch_that_is_gathered_from_all_devices_is_large_enough() -> None:
    assert findings_of("train = { batch_size = 2 }\nhardware = { gpus = 2 }") == []


@pytest.mark.parametrize("model", ["dense", "sparse", "multi-vector"])
@pytest.mark.parametrize(("data", "uses_torch"), [(CLASSES, False), (TRIPLETS, True)])
def test_the_skeleton_of_a_loss_imports_what_it_uses(model: str, data: str, uses_torch: bool) -> None:
    text = tree_of(f'{data}{OWN}model = {{ type = "{model}" }}')["my_losses.py"].text
    assert ("\nimport torch\n" in text, "torch.stack" in text) == (uses_torch, uses_torch)
