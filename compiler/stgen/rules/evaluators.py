"""How a model is measured on held-out rows: for each model type and data format an evaluator and its main metric."""

from __future__ import annotations

from stgen.rules.row import EvaluatorRow as Row

# fmt: off
SIMILARITY: dict[str, str] = {"dense": "cosine", "sparse": "dot", "multi-vector": "maxsim"}
"""The similarity of a freshly made model of each type, as it stands in metric names."""

SETS_COSINE = ("SparseCoSENTLoss", "SparseAnglELoss", "SparseCosineSimilarityLoss")
"""Losses that change their model's similarity to cosine when they are made."""

SIDE_BLIND = (  # they encode all texts alike: without prompts, and through a router's default
    "EmbeddingSimilarityEvaluator", "BinaryClassificationEvaluator", "MSEEvaluator", "TranslationEvaluator",
    "SparseEmbeddingSimilarityEvaluator", "SparseBinaryClassificationEvaluator", "SparseMSEEvaluator", "SparseTranslationEvaluator",
)
NANOBEIR: dict[str, str] = {
    "dense":         "NanoBEIREvaluator",
    "sparse":        "SparseNanoBEIREvaluator",
    "multi-vector":  "MultiVectorNanoBEIREvaluator",
    "cross-encoder": "CrossEncoderNanoBEIREvaluator",
}
"""Model type -> the library's evaluator of NanoBEIR, which runs beside that of the data where the spec names it."""
NLI = ("entailment", "contradiction")
TRIPLE = ("anchors", "positives", "negatives")
TEXTS = ("sentences1", "sentences2")
SAMPLES = ("samples",)
RETRIEVAL = ("queries", "corpus", "relevant_docs")
ANP = ("anchor", "positive", "negative")
ANN = ("anchor", "positive", "negatives")
AMONG_ALL = "nDCG@10 of finding each anchor's positive among its negatives and other held-out texts"
FOUND = "nDCG@10 of finding each anchor's positive among all held-out documents"
NEARER = "accuracy: share of rows in which the positive is nearer than the negative"
GRADED = "nDCG@10 of the documents of each list, by their grades"
RANKED = "nDCG@10 of the positive among its negatives"
BEST_BY_TEACHER = "nDCG@10 of the text of each row that the teacher likes best, among the others of the row"
CORRELATED = "Spearman correlation of similarities with the scores"
AGREES = "Spearman correlation of similarities with the teacher's scores"
SEPARATED = "average precision of the similarity for the positive label"
# The probes' C was measured at that length: on 300 and 2,000 pairs of SNLI, and 2,000 texts of TREC and banking77, with MiniLM as it
# is, without normalisation (length 5) and its mere word vectors (length 0.5), C = 1 for pairs and 10 for many classes were within
# 0.01 of the best of 0.01 to 100 (MTEB's classification, at the length that embeddings have, takes 1). At their own lengths
# the same C lost up to 0.076.
CLASSES = "accuracy of a logistic regression on frozen embeddings at a mean length of 1, fitted to texts of known class"
NEIGHBOURS = "share of texts whose nearest other text is of the same class"
NLI_ORDER = "Spearman correlation of similarities with entailment 1, neutral 0.5, contradiction 0"
TRANSLATED = "share of texts whose nearest text on the other side is their partner"
COPIED = "negated mean squared distance to the teacher's vectors, times 100"
DAMAGED = "nDCG@10 of finding each text by a copy that lost most of its words"

EVALUATORS: tuple[Row, ...] = (
    # --- dense ---
    Row("dense", "pair",            "InformationRetrievalEvaluator", "{similarity}_ndcg@10",   "retrieval",      RETRIEVAL,           ("anchor", "positive"), FOUND),
    Row("dense", "retrieval",       "InformationRetrievalEvaluator", "{similarity}_ndcg@10",   "retrieval",      RETRIEVAL,           ("queries", "corpus", "qrels"), FOUND),
    Row("dense", "triplet", "InformationRetrievalEvaluator", "{similarity}_ndcg@10", "retrieval", RETRIEVAL, ANP, AMONG_ALL),
    Row("dense", "triplet-margin",  "TripletEvaluator",              "{similarity}_accuracy",  "by-margin",      TRIPLE,              (*ANP, "margin"), NEARER),
    Row("dense", "triplet-scores",  "EmbeddingSimilarityEvaluator",  "spearman_{similarity}",  "unroll",         (*TEXTS, "scores"),  (*ANP, "scores"), AGREES),
    Row("dense", "n-tuple", "InformationRetrievalEvaluator", "{similarity}_ndcg@10", "retrieval", RETRIEVAL, ANN, AMONG_ALL),
    Row("dense", "n-tuple-margin",  "TripletEvaluator",              "{similarity}_accuracy",  "by-margin",      TRIPLE,              (*ANN, "margin"), NEARER),
    Row("dense", "n-tuple-scores",  "EmbeddingSimilarityEvaluator",  "spearman_{similarity}",  "unroll",         (*TEXTS, "scores"),  (*ANN, "scores"), AGREES),
    Row("dense", "list",            "RerankingEvaluator",            "ndcg@10",                "lists",          SAMPLES,             ("anchor", "documents", "scores"), GRADED),
    Row("dense", "pair-score",      "EmbeddingSimilarityEvaluator",  "spearman_{similarity}",  "as-is",          (*TEXTS, "scores"),  ("text_1", "text_2", "score"), CORRELATED),
    Row("dense", "pair-binary",     "BinaryClassificationEvaluator", "{similarity}_ap",        "as-is",          (*TEXTS, "labels"),  ("text_1", "text_2", "binary"), SEPARATED),
    Row("dense", "pair-class",      "EmbeddingSimilarityEvaluator",  "spearman_{similarity}",  "entailment",     (*TEXTS, "scores"),  ("text_1", "text_2", "class"), NLI_ORDER, classes=NLI),
    Row("dense", "pair-class",      "",                              "accuracy",               "classifier",     (),                  ("text_1", "text_2", "class"), "accuracy of a logistic regression on the embeddings of pairs at a mean length of 1, fitted to training rows"),
    Row("dense", "pair-probabilities", "",                           "accuracy",               "classifier",     (),                  ("text_1", "text_2", "probabilities"), "accuracy of a logistic regression on the embeddings of pairs at a mean length of 1, fitted to the likeliest classes of training rows"),
    Row("dense", "text-class", "InformationRetrievalEvaluator", "accuracy", "classes", RETRIEVAL, ("text", "class"), CLASSES, picks="{similarity}_map@100"),
    Row("dense", "text-embedding",  "MSEEvaluator",                  "negative_mse",           "vectors",        ("source_sentences", "target_sentences", "teacher_model"), ("text", "text", "embedding"), COPIED),
    Row("dense", "pair-embedding",  "TranslationEvaluator",          "mean_accuracy",          "as-is",          ("source_sentences", "target_sentences"), ("text_1", "text_2"), TRANSLATED),
    Row("dense", "n-texts-embedding", "TranslationEvaluator", "mean_accuracy", "in-turn", ("source_sentences", "target_sentences"), ("text_1", "texts"), TRANSLATED),
    Row("dense", "n-texts", "TranslationEvaluator", "mean_accuracy", "in-turn", ("source_sentences", "target_sentences"), ("text_1", "texts"), TRANSLATED),
    Row("dense", "damaged-pair",    "InformationRetrievalEvaluator", "{similarity}_ndcg@10",   "retrieval",      RETRIEVAL,           ("damaged", "original"), "nDCG@10 of finding each text by its damaged copy"),
    Row("dense", "tension-pair",    "InformationRetrievalEvaluator", "{similarity}_ndcg@10",   "damaged",        RETRIEVAL,           ("text_1",), DAMAGED),
    Row("dense", "texts",           "TranslationEvaluator",          "mean_accuracy",          "as-is",          ("source_sentences", "target_sentences"), ("text_1", "text_2"), TRANSLATED),
    Row("dense", "duplicated-pair",  "InformationRetrievalEvaluator", "{similarity}_ndcg@10",   "damaged",        RETRIEVAL,           ("text_1",), DAMAGED),
    Row("dense", "text",             "InformationRetrievalEvaluator", "{similarity}_ndcg@10",   "damaged",        RETRIEVAL,           ("text",), DAMAGED),
    # --- sparse ---
    Row("sparse", "pair",           "SparseInformationRetrievalEvaluator", "{similarity}_ndcg@10",  "retrieval",  RETRIEVAL,          ("anchor", "positive"), FOUND),
    Row("sparse", "retrieval",      "SparseInformationRetrievalEvaluator", "{similarity}_ndcg@10",  "retrieval",  RETRIEVAL,          ("queries", "corpus", "qrels"), FOUND),
    Row("sparse", "triplet", "SparseInformationRetrievalEvaluator", "{similarity}_ndcg@10", "retrieval", RETRIEVAL, ANP, AMONG_ALL),
    Row("sparse", "triplet-margin", "SparseTripletEvaluator",              "{similarity}_accuracy", "by-margin",  TRIPLE,             (*ANP, "margin"), NEARER),
    Row("sparse", "triplet-scores", "SparseEmbeddingSimilarityEvaluator",  "spearman_{similarity}", "unroll",     (*TEXTS, "scores"), (*ANP, "scores"), AGREES),
    Row("sparse", "n-tuple", "SparseInformationRetrievalEvaluator", "{similarity}_ndcg@10", "retrieval", RETRIEVAL, ANN, AMONG_ALL),
    Row("sparse", "n-tuple-margin", "SparseTripletEvaluator",              "{similarity}_accuracy", "by-margin",  TRIPLE,             (*ANN, "margin"), NEARER),
    Row("sparse", "n-tuple-scores", "SparseEmbeddingSimilarityEvaluator",  "spearman_{similarity}", "unroll",     (*TEXTS, "scores"), (*ANN, "scores"), AGREES),
    Row("sparse", "list",           "SparseRerankingEvaluator",            "ndcg@10",               "lists",      SAMPLES,            ("anchor", "documents", "scores"), GRADED),
    Row("sparse", "pair-score",     "SparseEmbeddingSimilarityEvaluator",  "spearman_{similarity}", "as-is",      (*TEXTS, "scores"), ("text_1", "text_2", "score"), CORRELATED),
    Row("sparse", "pair-binary",    "SparseBinaryClassificationEvaluator", "{similarity}_ap",       "as-is",      (*TEXTS, "labels"), ("text_1", "text_2", "binary"), SEPARATED),
    Row("sparse", "pair-class",     "SparseEmbeddingSimilarityEvaluator",  "spearman_{similarity}", "entailment", (*TEXTS, "scores"), ("text_1", "text_2", "class"), NLI_ORDER, classes=NLI),
    Row("sparse", "text-class", "SparseInformationRetrievalEvaluator", "accuracy", "classes", RETRIEVAL, ("text", "class"), CLASSES, picks="{similarity}_map@100"),
    Row("sparse", "text-embedding", "SparseMSEEvaluator",                  "negative_mse",          "vectors",    ("source_sentences", "target_sentences", "teacher_model"), ("text", "text", "embedding"), COPIED),
    Row("sparse", "pair-embedding", "SparseTranslationEvaluator",          "mean_accuracy",         "as-is",      ("source_sentences", "target_sentences"), ("text_1", "text_2"), TRANSLATED),
    Row("sparse", "n-texts-embedding", "SparseTranslationEvaluator", "mean_accuracy", "in-turn", ("source_sentences", "target_sentences"), ("text_1", "texts"), TRANSLATED),
    Row("sparse", "n-texts", "SparseTranslationEvaluator", "mean_accuracy", "in-turn", ("source_sentences", "target_sentences"), ("text_1", "texts"), TRANSLATED),
    Row("sparse", "texts",          "SparseTranslationEvaluator",          "mean_accuracy",         "as-is",      ("source_sentences", "target_sentences"), ("text_1", "text_2"), TRANSLATED),
    Row("sparse", "text",           "SparseInformationRetrievalEvaluator", "{similarity}_ndcg@10",  "damaged",    RETRIEVAL,          ("text",), DAMAGED),
    # --- multi-vector: its package has no evaluator for scored or labelled pairs but that of distillation ---
    Row("multi-vector", "pair",           "MultiVectorInformationRetrievalEvaluator", "{similarity}_ndcg@10",  "retrieval",  RETRIEVAL, ("anchor", "positive"), FOUND),
    Row("multi-vector", "retrieval",      "MultiVectorInformationRetrievalEvaluator", "{similarity}_ndcg@10",  "retrieval",  RETRIEVAL, ("queries", "corpus", "qrels"), FOUND),
    Row("multi-vector", "triplet", "MultiVectorInformationRetrievalEvaluator", "{similarity}_ndcg@10", "retrieval", RETRIEVAL, ANP, AMONG_ALL),
    Row("multi-vector", "triplet-margin", "MultiVectorTripletEvaluator",              "{similarity}_accuracy", "by-margin",  TRIPLE,    (*ANP, "margin"), NEARER),
    Row("multi-vector", "triplet-scores", "MultiVectorDistillationEvaluator",         "spearman",              "lists",      ("queries", "documents", "scores"), (*ANP, "scores"), AGREES),
    Row("multi-vector", "n-tuple", "MultiVectorInformationRetrievalEvaluator", "{similarity}_ndcg@10", "retrieval", RETRIEVAL, ANN, AMONG_ALL),
    Row("multi-vector", "n-tuple-margin", "MultiVectorTripletEvaluator",              "{similarity}_accuracy", "by-margin",  TRIPLE,    (*ANN, "margin"), NEARER),
    Row("multi-vector", "n-tuple-scores", "MultiVectorDistillationEvaluator",         "spearman",              "lists",      ("queries", "documents", "scores"), (*ANN, "scores"), AGREES),
    Row("multi-vector", "list",           "MultiVectorRerankingEvaluator",            "ndcg@10",               "lists",      SAMPLES,   ("anchor", "documents", "scores"), GRADED),
    Row("multi-vector", "pair-score",     "MultiVectorDistillationEvaluator",         "spearman",              "as-is",      ("queries", "documents", "scores"), ("text_1", "text_2", "score"), CORRELATED),
    Row("multi-vector", "pair-binary",    "MultiVectorDistillationEvaluator",         "spearman",              "as-is",      ("queries", "documents", "scores"), ("text_1", "text_2", "binary"), CORRELATED),
    Row("multi-vector", "pair-class",     "MultiVectorDistillationEvaluator",         "spearman",              "entailment", ("queries", "documents", "scores"), ("text_1", "text_2", "class"), NLI_ORDER, classes=NLI),
    Row("multi-vector", "text-class", "MultiVectorInformationRetrievalEvaluator", "{similarity}_accuracy@1", "neighbours", RETRIEVAL, ("text", "class"), NEIGHBOURS, picks="{similarity}_map@100"),
    Row("multi-vector", "texts",          "MultiVectorInformationRetrievalEvaluator", "{similarity}_ndcg@10",  "retrieval",  RETRIEVAL, ("text_1", "text_2"), FOUND),
    # --- cross-encoder ---
    Row("cross-encoder", "pair",           "CrossEncoderRerankingEvaluator",      "ndcg@10",           "rerank",     SAMPLES,                     ("anchor", "positive"), RANKED + ", drawn from other rows"),
    Row("cross-encoder", "retrieval",      "CrossEncoderRerankingEvaluator",      "ndcg@10",           "rerank",     SAMPLES,                     ("queries", "corpus", "qrels"), RANKED + ", drawn from the corpus"),
    Row("cross-encoder", "triplet",        "CrossEncoderRerankingEvaluator",      "ndcg@10",           "rerank",     SAMPLES,                     ANP, RANKED),
    Row("cross-encoder", "triplet-margin", "CrossEncoderRerankingEvaluator",      "ndcg@10",           "by-margin",  SAMPLES,                     (*ANP, "margin"), BEST_BY_TEACHER),
    Row("cross-encoder", "triplet-scores", "CrossEncoderCorrelationEvaluator",    "spearman",          "unroll",     ("sentence_pairs", "scores"), (*ANP, "scores"), AGREES),
    Row("cross-encoder", "n-tuple",        "CrossEncoderRerankingEvaluator",      "ndcg@10",           "rerank",     SAMPLES,                     ANN, RANKED),
    Row("cross-encoder", "n-tuple-margin", "CrossEncoderRerankingEvaluator",      "ndcg@10",           "by-margin",  SAMPLES,                     (*ANN, "margin"), BEST_BY_TEACHER),
    Row("cross-encoder", "n-tuple-scores", "CrossEncoderCorrelationEvaluator",    "spearman",          "unroll",     ("sentence_pairs", "scores"), (*ANN, "scores"), AGREES),
    Row("cross-encoder", "list",           "CrossEncoderRerankingEvaluator",      "ndcg@10",           "lists",      SAMPLES,                     ("anchor", "documents", "scores"), GRADED),
    Row("cross-encoder", "pair-score",     "CrossEncoderCorrelationEvaluator",    "spearman",          "zip",        ("sentence_pairs", "scores"), ("text_1", "text_2", "score"), "Spearman correlation of predictions with the scores"),
    Row("cross-encoder", "pair-binary",    "CrossEncoderClassificationEvaluator", "average_precision", "zip",        ("sentence_pairs", "labels"), ("text_1", "text_2", "binary"), "average precision of the prediction for the positive label"),
    Row("cross-encoder", "pair-class",     "CrossEncoderClassificationEvaluator", "f1_macro",          "zip",        ("sentence_pairs", "labels"), ("text_1", "text_2", "class"), "macro F1 of the predicted classes"),
    Row("cross-encoder", "pair-probabilities", "CrossEncoderClassificationEvaluator", "f1_macro",      "zip",        ("sentence_pairs", "labels"), ("text_1", "text_2", "probabilities"), "macro F1 of the predicted classes, the likeliest by its label being right"),
    Row("cross-encoder", "text-class",     "CrossEncoderRerankingEvaluator",      "ndcg@10",           "classes",    SAMPLES,                     ("text", "class"), "nDCG@10 of a text of the same class among texts of others"),
    Row("cross-encoder", "texts",          "CrossEncoderRerankingEvaluator",      "ndcg@10",           "rerank",     SAMPLES,                     ("text_1", "text_2"), RANKED + ", drawn from other rows"),
)
# fmt: on

UPPER_HALF = "for MRR and MAP the upper half of the scale is relevant"
JUDGED = "for all but nDCG a grade above 0 is relevant"
DECLARED = "for all but nDCG grades of {least:g} and more are relevant"
"""What counts as relevant where documents have grades: of lists, of judgements, and where the spec says it."""
