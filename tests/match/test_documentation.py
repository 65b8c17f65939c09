"""Every item of the library's loss tables and of the pipeline's steps has a spec that says it: it is valid, matched and planned."""

from __future__ import annotations

import pytest
from compiling import plan_of

# fmt: off
ITEMS: list[tuple[str, str, str]] = [  # item of the documentation, lines of a spec, the loss that is planned
    ('single sentences, class: BatchAllTripletLoss and its three kin', 'data = [{ train = "t.jsonl", columns = { text = "t", class = "c" } }]\nloss = { name = "BatchAllTripletLoss" }', 'BatchAllTripletLoss'),
    ('single sentences: ContrastiveTensionLoss', 'data = [{ train = "t.jsonl", columns = { text = "t" } }]\nloss = { name = "ContrastiveTensionLoss" }', 'ContrastiveTensionLoss'),
    ('(anchor, anchor): ContrastiveTensionLossInBatchNegatives', 'data = [{ train = "t.jsonl", columns = { text = "t" } }]\nloss = { name = "ContrastiveTensionLossInBatchNegatives" }', 'ContrastiveTensionLossInBatchNegatives'),
    ('(damaged, original): DenoisingAutoEncoderLoss', 'data = [{ train = "t.jsonl", columns = { text = "t" } }]\nloss = { name = "DenoisingAutoEncoderLoss" }', 'DenoisingAutoEncoderLoss'),
    ('pairs, class: SoftmaxLoss', 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", class = "c" } }]', 'SoftmaxLoss'),
    ('(anchor, positive): MNRL', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]', 'MultipleNegativesRankingLoss'),
    ('(anchor, positive): CachedMNRL', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { name = "CachedMultipleNegativesRankingLoss" }', 'CachedMultipleNegativesRankingLoss'),
    ('symmetric MNRL and its cached one (deprecated: directions)', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { params = { directions = ["query_to_doc", "doc_to_query"], partition_mode = "per_direction" } }', 'MultipleNegativesRankingLoss'),
    ('GISTEmbedLoss', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { name = "GISTEmbedLoss", guide = "BAAI/bge-base-en-v1.5" }', 'GISTEmbedLoss'),
    ('CachedGISTEmbedLoss', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { name = "CachedGISTEmbedLoss", guide = "BAAI/bge-base-en-v1.5" }', 'CachedGISTEmbedLoss'),
    ('MegaBatchMarginLoss', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { name = "MegaBatchMarginLoss" }', 'MegaBatchMarginLoss'),
    ('(anchor, positive/negative), 1/0: ContrastiveLoss, OnlineContrastiveLoss', 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", binary = "y" } }]', 'OnlineContrastiveLoss'),
    ('pairs, float: CoSENTLoss', 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\nloss = { name = "CoSENTLoss" }', 'CoSENTLoss'),
    ('pairs, float: AnglELoss', 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\nloss = { name = "AnglELoss" }', 'AnglELoss'),
    ('pairs, float: CosineSimilarityLoss', 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]', 'CosineSimilarityLoss'),
    ('triplets: MNRL, TripletLoss', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n" } }]\nloss = { name = "TripletLoss" }', 'TripletLoss'),
    ('MatryoshkaLoss', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { matryoshka = [256, 128] }', 'MultipleNegativesRankingLoss'),
    ('AdaptiveLayerLoss', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { adaptive_layers = true }', 'MultipleNegativesRankingLoss'),
    ('Matryoshka2dLoss', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { matryoshka = [256, 128], adaptive_layers = true }', 'MultipleNegativesRankingLoss'),
    ('sentence, embeddings: MSELoss', 'data = [{ train = "t.jsonl", columns = { text = "t", embedding = "e" } }]', 'MSELoss'),
    ('sentence_1 .. sentence_N, embeddings: MSELoss', 'data = [{ train = "t.jsonl", columns = { text_1 = "en", text_2 = ["de", "fr"], embedding = "e" } }]', 'MSELoss'),
    ('triplets, margin: MarginMSELoss', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n", margin = "m" } }]', 'MarginMSELoss'),
    ('pairs with classes into triplets by sampling', 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", class = { column = "c", names = ["same", "other"] } } }]\nloss = { convert = [{ to = "triplet", positive = "same" }] }', 'MultipleNegativesRankingLoss'),
    ('custom loss', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { custom = "my_losses.py:MyLoss" }', 'MyLoss'),
    ('pairs, class: CrossEntropyLoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", class = "c" } }]', 'CrossEntropyLoss'),
    ('(anchor, positive): MNRL', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]', 'MultipleNegativesRankingLoss'),
    ('(anchor, positive): CachedMNRL', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { name = "CachedMultipleNegativesRankingLoss" }', 'CachedMultipleNegativesRankingLoss'),
    ('1/0: BinaryCrossEntropyLoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", binary = "y" } }]', 'BinaryCrossEntropyLoss'),
    ('float 0..1: BinaryCrossEntropyLoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]', 'BinaryCrossEntropyLoss'),
    ('triplets: MNRL', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n" } }]', 'MultipleNegativesRankingLoss'),
    ('n-tuples: MNRL', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["n1", "n2"] } }]', 'MultipleNegativesRankingLoss'),
    ('lists: LambdaLoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", documents = "d", scores = "s" } }]\nloss = { name = "LambdaLoss" }', 'LambdaLoss'),
    ('lists: PListMLELoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", documents = "d", scores = "s" } }]\nloss = { name = "PListMLELoss" }', 'PListMLELoss'),
    ('lists: ListNetLoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", documents = "d", scores = "s" } }]\nloss = { name = "ListNetLoss" }', 'ListNetLoss'),
    ('lists: RankNetLoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", documents = "d", scores = "s" } }]\nloss = { name = "RankNetLoss" }', 'RankNetLoss'),
    ('lists: ListMLELoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", documents = "d", scores = "s" } }]\nloss = { name = "ListMLELoss" }', 'ListMLELoss'),
    ('pairs, teacher score: MSELoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\nloss = { name = "MSELoss" }', 'MSELoss'),
    ('triplets, margin: MarginMSELoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n", margin = "m" } }]', 'MarginMSELoss'),
    ('n-tuples, margins: MarginMSELoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["n1", "n2"], margin = "m" } }]', 'MarginMSELoss'),
    ('triplets, scores: MarginMSELoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n", scores = "s" } }]\nloss = { name = "MarginMSELoss" }', 'MarginMSELoss'),
    ('n-tuples, scores: MarginMSELoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["n1", "n2"], scores = "s" } }]\nloss = { name = "MarginMSELoss" }', 'MarginMSELoss'),
    ('n-tuples with a teacher: MarginMSELoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["n1", "n2"] } }]\nloss = { name = "MarginMSELoss", teacher = "BAAI/bge-reranker-base" }', 'MarginMSELoss'),
    ('mined negatives, also with output_scores', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { name = "MarginMSELoss", convert = [{ to = "n-tuple-scores", mine = { model = "sentence-transformers/all-mpnet-base-v2", negatives = 5 } }] }', 'MarginMSELoss'),
    ('SpladeLoss, FlopsLoss: weights of both sides', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { regularize = { query = 5e-5, document = 3e-5 } }', 'SparseMultipleNegativesRankingLoss'),
    ("regularizers of each side, also of one's own", 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { regularize = { query_regularizer = "my.py:Size" } }', 'SparseMultipleNegativesRankingLoss'),
    ('thresholds of both sides', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { params = { query_regularizer_threshold = 8, document_regularizer_threshold = 64 } }', 'SparseMultipleNegativesRankingLoss'),
    ('CSRLoss with its autoencoder', 'model = { type = "sparse", architecture = "csr", autoencoder = { k = 128, k_aux = 256, hidden_dim = 2048 } }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]', 'SparseMultipleNegativesRankingLoss'),
    ('pairs, float: SparseCoSENTLoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\nloss = { name = "SparseCoSENTLoss" }', 'SparseCoSENTLoss'),
    ('pairs, float: SparseAnglELoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\nloss = { name = "SparseAnglELoss" }', 'SparseAnglELoss'),
    ('pairs, float: SparseCosineSimilarityLoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", score = "s" } }]\nloss = { name = "SparseCosineSimilarityLoss" }', 'SparseCosineSimilarityLoss'),
    ('triplets: SparseMNRL', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n" } }]', 'SparseMultipleNegativesRankingLoss'),
    ('triplets: SparseTripletLoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n" } }]\nloss = { name = "SparseTripletLoss" }', 'SparseTripletLoss'),
    ('n-tuples: SparseMNRL', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["n1", "n2"] } }]', 'SparseMultipleNegativesRankingLoss'),
    ('sentence, embeddings: SparseMSELoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { text = "t", embedding = "e" } }]', 'SparseMSELoss'),
    ('sentence_1 .. N, embeddings: SparseMSELoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "en", text_2 = ["de", "fr"], embedding = "e" } }]', 'SparseMSELoss'),
    ('triplets and n-tuples, margins: SparseMarginMSELoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["n1", "n2"], margin = "m" } }]', 'SparseMarginMSELoss'),
    ('triplets, scores: SparseDistillKLDivLoss, SparseMarginMSELoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = "n", scores = "s" } }]\nloss = { name = "SparseDistillKLDivLoss" }', 'SparseDistillKLDivLoss'),
    ('n-tuples, scores: SparseDistillKLDivLoss, SparseMarginMSELoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p", negative = ["n1", "n2"], scores = "s" } }]\nloss = { name = "SparseMarginMSELoss" }', 'SparseMarginMSELoss'),
    ('custom loss inside SpladeLoss', 'model = { type = "sparse" }\ndata = [{ train = "t.jsonl", columns = { anchor = "a", positive = "p" } }]\nloss = { custom = "my_losses.py:MyLoss" }', 'MyLoss'),
    ('deduplication', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nprepare = { deduplicate = { exact = true, near = 0.8 } }', 'MultipleNegativesRankingLoss'),
    ('decontamination', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nprepare = { decontaminate = { against = ["test"], ngram = 13 } }', 'MultipleNegativesRankingLoss'),
    ('lemmatization', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nprepare = { lemmatize = { language = "en" } }', 'MultipleNegativesRankingLoss'),
    ('stemming', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nprepare = { stem = { language = "en" } }', 'MultipleNegativesRankingLoss'),
    ('normalization', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nprepare = { normalize = { unicode = "NFKC" } }', 'MultipleNegativesRankingLoss'),
    ('language filtering', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nprepare = { language = { keep = ["en"] } }', 'MultipleNegativesRankingLoss'),
    ('length filtering', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nprepare = { length = { min = 4, max = 100 } }', 'MultipleNegativesRankingLoss'),
    ('class probabilities for SoftmaxLoss', 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", probabilities = "p" } }]\nloss = { name = "SoftmaxLoss" }', 'SoftmaxLoss'),
    ('class probabilities for CrossEntropyLoss', 'model = { type = "cross-encoder" }\ndata = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", probabilities = "p" } }]', 'CrossEntropyLoss'),
    ('own pairs for ContrastiveTensionLoss, without labels', 'data = [{ train = "t.jsonl", columns = { anchor = "a", positive = "b" } }]\nloss = { name = "ContrastiveTensionLoss", convert = ["tension-pair"] }', 'ContrastiveTensionLoss'),
    ('own pairs for ContrastiveTensionLoss, labelled', 'data = [{ train = "t.jsonl", columns = { text_1 = "a", text_2 = "b", binary = "y" } }]\nloss = { name = "ContrastiveTensionLoss" }', 'ContrastiveTensionLoss'),
    ('model evaluation with MTEB', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nmetrics = { mteb = { tasks = ["STSBenchmark", "NFCorpus", "Banking77Classification"] } }', 'MultipleNegativesRankingLoss'),
    ("metrics of one's own", 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nmetrics = { custom = ["mine.py:coverage"] }', 'MultipleNegativesRankingLoss'),
    ('data leakage and mode collapse are monitored', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\nmetrics = { monitor = ["collapse", "leakage", "loss"] }', 'MultipleNegativesRankingLoss'),
    ('compatible losses are tried against each other', 'data = [{ train = "t.jsonl", test = "u.jsonl", columns = { anchor = "a", positive = "p" } }]\ncompare = { losses = ["auto", "MegaBatchMarginLoss"], seeds = [1, 2] }', 'MultipleNegativesRankingLoss'),
]
# fmt: on


@pytest.mark.parametrize(
    ("item", "lines", "loss"), ITEMS, ids=[f"{number}-{item}" for number, (item, _, _) in enumerate(ITEMS)]
)
def test_a_spec_says_it(item: str, lines: str, loss: str) -> None:
    plan = plan_of(lines)
    assert plan.sets[0].loss.name == loss
