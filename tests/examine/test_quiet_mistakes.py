"""Mistakes of a spec that the library trains on without a word: each is told, and its unharmed twin passes clean."""

from __future__ import annotations

import pytest
from compiling import findings_of, tree_of

TEXTS = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\n'
CLASSES = 'data = [{ train = "t.jsonl", columns = { text = "t", class = "c" } }]\n'
BATCH_ALL = CLASSES + 'loss = { name = "BatchAllTripletLoss" }\n'
TRIPLETS = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n" } }]\n'
WEIGHT = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" }, weight = 2 }]\n'
OTHER = WEIGHT.replace(
    "weight = 2 }]", 'weight = 2, name = "a" }, { name = "b", train = "u.jsonl", columns = { text = "t" } }]'
)
ALONE = 'data = [{ train = "t.jsonl", columns = { text = "t" } }]\n'
OWN = 'loss = { custom = "my_losses.py:MyLoss" }\n'
PARAMS = "loss = { params = { %s } }"
TSDAE = 'loss = { name = "DenoisingAutoEncoderLoss", params = { %s } }'
TEACHER = 'loss = { teacher = "%s" }'
GUIDED = 'loss = { name = "GISTEmbedLoss", guide = "%s" }'
INSTRUCTED = 'model = { prompts = { query = "Represent this sentence for searching relevant passages: " } }\n'
CLASSED = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", class = "c" } }]\n'
JUDGED = 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", binary = "y" } }]\n'
TAUGHT = 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n", scores = "s" } }]\n'
CROSS = 'model = { type = "cross-encoder" }\n'
SPARSE = 'model = { type = "sparse" }\n'
FREE = 'model = { type = "sparse", architecture = "inference-free" }\n'
CSR = 'model = { type = "sparse", architecture = "csr" }\n'

# fmt: off
CASES = [  # code, the mistake, the same without it
    ("STG057", WEIGHT,                                                    OTHER),
    ("STG090", 'model = { base = "intfloat/e5-base-v2" }',                'model = { base = "intfloat/e5-base-v2", prompts = { query = "query: ", document = "passage: " } }'),
    ("STG090", 'model = { base = "BAAI/bge-small-en-v1.5" }',             'model = { base = "BAAI/bge-small-en-v1.5", prompts = { query = "" } }'),
    ("STG090", 'model = { base = "intfloat/e5-base" }',                   'model = { base = "intfloat/e5-base", type = "cross-encoder" }'),
    ("STG090", ALONE + 'model = { base = "intfloat/e5-base-v2" }',        ALONE + 'model = { base = "intfloat/e5-base-v2", prompts = { query = "query: ", document = "query: " } }'),
    ("STG126", "train = { batch_size = 1 }",                              "train = { batch_size = 2 }"),
    ("STG126", "train = { batch_size = 1 }",                              TRIPLETS + "train = { batch_size = 1 }"),
    ("STG126", TEXTS + 'train = { batch_size = 1 }\nloss = { name = "CoSENTLoss" }', TEXTS + 'train = { batch_size = 1 }\nloss = { name = "CosineSimilarityLoss" }'),
    ("STG126", TEXTS + 'train = { batch_size = 2 }\nhardware = { gpus = 2 }\nloss = { name = "CoSENTLoss" }', TEXTS + 'train = { batch_size = 4 }\nhardware = { gpus = 2 }\nloss = { name = "CoSENTLoss" }'),
    ("STG126", BATCH_ALL + "train = { batch_size = 2 }",                    BATCH_ALL + "train = { batch_size = 4 }"),
    ("STG127", SPARSE + "loss = { regularize = { document = 0.0 } }",     SPARSE + "loss = { regularize = { document = 3e-5 } }"),
    ("STG127", SPARSE + "loss = { regularize = { query = 0.0 } }",        FREE + "loss = { regularize = { query = 0.0 } }"),
    ("STG128", ALONE + OWN + 'model = { type = "multi-vector" }',         ALONE + OWN + 'model = { type = "dense" }'),
    ("STG128", ALONE + OWN + 'model = { type = "cross-encoder" }',        TEXTS + OWN + 'model = { type = "cross-encoder" }'),
    ("STG120", SPARSE + "loss = { regularize = false }",                  SPARSE + 'loss = { regularize = false, custom = "my_losses.py:MyLoss" }'),
    ("STG120", SPARSE + 'loss = { regularize = { document_regularizer = "my.py:Size" }, params = { document_regularizer_threshold = 4 } }', SPARSE + 'loss = { regularize = { document_regularizer = "FlopsLoss" }, params = { document_regularizer_threshold = 4 } }'),
    ("STG120", CSR + "loss = { regularize = { document = 1e-4 } }",        SPARSE + 'loss = { custom = "my_losses.py:MyLoss", regularize = { document = 1e-4 } }'),
    ("STG120", FREE + "loss = { regularize = { query = 1e-4 } }",          FREE + "loss = { regularize = { document = 1e-4, query = 0.0 } }"),
    ("STG120", FREE + 'loss = { params = { use_document_regularizer_only = true }, regularize = { query_regularizer = "my.py:Size" } }', SPARSE + 'loss = { regularize = { query_regularizer = "my.py:Size" } }'),
    ("STG122", SPARSE + 'loss = { regularize = { query_regularizer = "Size" } }', SPARSE + 'loss = { regularize = { query_regularizer = "FlopsLoss" } }'),
    ("STG072", 'model = { type = "sparse", autoencoder = { k = 8 } }','model = { type = "sparse", architecture = "csr", autoencoder = { k = 8 } }'),
    ("STG060", 'data = [{ train = "t.jsonl", columns = { anchor = "positive", positive = "p" } }]', 'data = [{ train = "t.jsonl", columns = { anchor = "query", positive = "positive" } }]'),
    ("STG126", ALONE + "train = { batch_size = 1 }",                      ALONE + "train = { batch_size = 2 }"),
    ("STG132", PARAMS % 'directions = ["query_to_doc", "doc_to_doc"], partition_mode = "per_direction"', PARAMS % 'directions = ["query_to_doc", "doc_to_query"], partition_mode = "per_direction"'),
    ("STG132", PARAMS % 'hardness_mode = "hard_negatives", hardness_strength = 2', TRIPLETS + PARAMS % 'hardness_mode = "hard_negatives", hardness_strength = 2'),
    ("STG132", PARAMS % 'hardness_mode = "in_batch_negatives"',           PARAMS % 'hardness_mode = "in_batch_negatives", hardness_strength = 2'),
    ("STG132", PARAMS % "hardness_strength = 2",                          PARAMS % 'hardness_mode = "all_negatives", hardness_strength = 2'),
    ("STG132", ALONE + TSDAE % "tie_encoder_decoder = false",             ALONE + TSDAE % 'tie_encoder_decoder = false, decoder_name_or_path = "b"'),
    ("STG132", ALONE + TSDAE % 'decoder_name_or_path = "b"',              ALONE + TSDAE % "tie_encoder_decoder = true"),
    ("STG132", JUDGED + CROSS + PARAMS % 'activation_fn = "sigmoid"',     JUDGED + CROSS + PARAMS % 'activation_fn = "identity"'),
    ("STG133", "loss = { matryoshka = [768, 256] }",                      "loss = { matryoshka = [384, 256] }"),
    ("STG133", "loss = { matryoshka = [] }",                              "loss = { matryoshka = [128] }"),
    ("STG133", "loss = { matryoshka = [384, 128], params = { matryoshka_weights = [1.0] } }", "loss = { matryoshka = [384, 128], params = { matryoshka_weights = [1.0, 0.5] } }"),
    ("STG133", "model = { dimensions = 64 }\nloss = { matryoshka = [128, 64] }", "model = { dimensions = 128 }\nloss = { matryoshka = [128, 64] }"),
    ("STG134", TRIPLETS + 'loss = { name = "TripletLoss", params = { triplet_margin = 5.0 } }', TRIPLETS + 'model = { normalize = false }\nloss = { name = "TripletLoss", params = { triplet_margin = 5.0 } }'),
    ("STG134", CLASSES + 'model = { base = "b" }\nloss = { name = "BatchAllTripletLoss", params = { margin = 2.0, distance_metric = "cosine" } }', CLASSES + 'model = { base = "b" }\nloss = { name = "BatchAllTripletLoss", params = { margin = 2.0 } }'),
    ("STG134", PARAMS % "scale = 0.05",                                   PARAMS % "scale = 20.0"),
    ("STG134", 'model = { type = "multi-vector" }\n' + PARAMS % "scale = 20.0", 'model = { type = "multi-vector" }\n' + PARAMS % "scale = 1.0"),
    ("STG134", SPARSE + PARAMS % "scale = 20.0",                          SPARSE + PARAMS % 'scale = 20.0, similarity_fct = "cosine"'),
    ("STG135", TAUGHT + "model = { normalize = true }",                   TAUGHT + "model = { normalize = false }"),
    ("STG135", TAUGHT + "loss = { matryoshka = [384, 128] }",             TAUGHT + "loss = { matryoshka = [384, 128], params = { student_temperature = 0.05 } }"),
    ("STG136", GUIDED % "mixedbread-ai/mxbai-rerank-large-v1",            GUIDED % "mixedbread-ai/mxbai-embed-large-v1"),
    ("STG136", ALONE + TEACHER % "BAAI/bge-reranker-base",                ALONE + TEACHER % "BAAI/bge-small-en-v1.5"),
    ("STG137", INSTRUCTED + GUIDED % "sentence-transformers/all-mpnet-base-v2", INSTRUCTED + GUIDED % "BAAI/bge-base-en-v1.5"),
    ("STG137", INSTRUCTED + GUIDED % "./guide",                           'model = { prompts = { query = "query: " } }\n' + GUIDED % "./guide"),
    ("STG137", INSTRUCTED + GUIDED % "./guide",                           INSTRUCTED + GUIDED.replace(" }", ", params = { contrast_anchors = false } }") % "./guide"),
    ("STG244", ALONE + TEACHER % "BAAI/bge-base-en-v1.5",                 ALONE + 'loss = { teacher = "BAAI/bge-base-en-v1.5", params = { projection_dim = 768 } }'),
    ("STG244", ALONE + TEACHER % "BAAI/bge-base-en-v1.5",                 ALONE + TEACHER % "BAAI/bge-base-en-v1.5" + "\nmodel = { dimensions = 768 }"),
    ("STG244", ALONE + 'loss = { teacher = "BAAI/bge-base-en-v1.5", params = { projection_dim = 512 } }', TRIPLETS + TEACHER % "BAAI/bge-base-en-v1.5"),
    ("STG450", TEXTS + TEACHER % "BAAI/bge-reranker-base",                TRIPLETS + TEACHER % "BAAI/bge-reranker-base"),
    ("STG451", TEACHER % "BAAI/bge-small-en-v1.5",                        TEACHER % "BAAI/bge-reranker-base"),
    ("STG136", SPARSE + ALONE + TEACHER % "BAAI/bge-reranker-base",       TRIPLETS + TEACHER % "BAAI/bge-reranker-base"),
    ("STG136", GUIDED % "BAAI/bge-reranker-base",                         GUIDED % "BAAI/bge-base-en-v1.5"),
    ("STG153", 'train = { extra = { router_mapping = { anchor = "query" } } }', "train = { extra = { dataloader_num_workers = 2 } }"),
    ("STG385", 'model = { base = "google-bert/bert-base-uncased", max_length = 1024 }', 'model = { base = "google-bert/bert-base-uncased", max_length = 512 }'),
    ("STG385", 'model = { base = "sentence-transformers/all-mpnet-base-v2", max_length = 513 }', 'model = { base = "sentence-transformers/all-mpnet-base-v2", max_length = 512 }'),
    ("STG385", 'model = { type = "multi-vector", base = "FacebookAI/xlm-roberta-base", document = { max_length = 600 } }', 'model = { type = "multi-vector", base = "answerdotai/ModernBERT-base", document = { max_length = 600 } }'),
    ("STG386", 'model = { base = "openai-community/gpt2" }',          'model = { base = "Qwen/Qwen3-Embedding-0.6B", prompts = { query = "" } }'),
    ("STG161", 'hardware = { gpu = "T4", precision = "bf16" }',        'hardware = { gpu = "T4", precision = "fp16" }'),
    ("STG161", 'hardware = { gpu = "v100-16gb", precision = "bf16" }', 'hardware = { gpu = "A100-40GB", precision = "bf16" }'),
    ("STG195", "train = { learning_rate = 2.0 }",                         "train = { learning_rate = 2e-4 }"),
    ("STG195", "train = { learning_rate = 0.2 }",                         'model = { architecture = "static" }\ntrain = { learning_rate = 0.2 }'),
    ("STG196", BATCH_ALL + "train = { batch_size = 5 }",                    BATCH_ALL + "train = { batch_size = 6 }"),
    ("STG196", BATCH_ALL + "train = { batch_size = 3 }",                    BATCH_ALL + "train = { batch_size = 4 }"),
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


@pytest.mark.parametrize(
    ("data", "shown", "noted"),
    [
        ("", 'prompts = { query = "query: ", document = "passage: " }', False),
        (ALONE, 'prompts = { query = "query: ", document = "query: " }', False),
        (TEXTS, 'prompts = { query = "query: ", document = "passage: " }', True),
    ],
)
def test_texts_that_are_no_queries_get_the_prompt_of_equals(data: str, shown: str, noted: bool) -> None:
    (found,) = findings_of(data + 'model = { base = "intfloat/e5-base-v2" }')
    assert found.help == f"add {shown}"
    assert any('document = "query: "' in note for note in found.notes) == noted


def test_a_batch_that_is_gathered_from_all_devices_is_large_enough() -> None:
    assert findings_of("train = { batch_size = 2 }\nhardware = { gpus = 2 }") == []


@pytest.mark.parametrize("model", ["dense", "sparse", "multi-vector"])
@pytest.mark.parametrize(("data", "uses_torch"), [(CLASSES, False), (TRIPLETS, True)])
def test_the_skeleton_of_a_loss_imports_what_it_uses(model: str, data: str, uses_torch: bool) -> None:
    text = tree_of(f'{data}{OWN}model = {{ type = "{model}" }}')["my_losses.py"].text
    assert ("\nimport torch\n" in text, "torch.stack" in text) == (uses_torch, uses_torch)
