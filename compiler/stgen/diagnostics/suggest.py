"""Finds what somebody may have meant by a word that the language doesn't have."""

from __future__ import annotations

from collections.abc import Collection, Iterable

LONGEST = 100  # characters of a word that may be a slip

# What people write -> what the language calls it, where that key is legal.
# fmt: off
ALIASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lr",                          ("learning_rate",)),
    ("batch",                       ("batch_size",)),
    ("bs",                          ("batch_size",)),
    ("per_device_train_batch_size", ("batch_size",)),
    ("train_batch_size",            ("batch_size",)),
    ("num_epochs",                  ("epochs",)),
    ("num_train_epochs",            ("epochs",)),
    ("max_steps",                   ("steps",)),
    ("warmup_ratio",                ("warmup",)),
    ("warmup_steps",                ("warmup",)),
    ("lr_scheduler",                ("scheduler",)),
    ("lr_scheduler_type",           ("scheduler",)),
    ("optim",                       ("optimizer",)),
    ("gradient_accumulation_steps", ("batch_size",)),
    ("eval_strategy",               ("evaluate_every",)),
    ("fp16",                        ("precision",)),
    ("bf16",                        ("precision",)),
    ("mixed_precision",             ("precision",)),
    ("hub_model_id",                ("hub",)),
    ("random_state",                ("seed",)),
    ("random_seed",                 ("seed",)),
    ("loss_name",                   ("name", "loss")),
    ("eval_steps",                  ("evaluate_every",)),
    ("eval_every",                  ("evaluate_every",)),
    ("patience",                    ("early_stopping",)),
    ("save_total_limit",            ("keep",)),
    ("report_to",                   ("tracker",)),
    ("logger",                      ("tracker",)),
    ("torch_compile",               ("compile",)),
    ("grad_checkpointing",          ("gradient_checkpointing",)),
    ("push_to_hub",                 ("hub",)),
    ("model_name",                  ("base", "model")),
    ("name_or_path",                ("base",)),
    ("model_name_or_path",          ("base",)),
    ("pretrained",                  ("base",)),
    ("path",                        ("base", "train")),
    ("model_type",                  ("type",)),
    ("kind",                        ("type",)),
    ("max_seq_length",              ("max_length",)),
    ("max_len",                     ("max_length",)),
    ("dim",                         ("dimensions",)),
    ("embedding_dim",               ("dimensions",)),
    ("pool",                        ("pooling",)),
    ("peft",                        ("lora",)),
    ("file",                        ("train",)),
    ("files",                       ("train",)),
    ("dataset",                     ("train", "data")),
    ("datasets",                    ("data",)),
    ("validation",                  ("eval",)),
    ("valid",                       ("eval",)),
    ("dev",                         ("eval",)),
    ("val",                         ("eval",)),
    ("schema",                      ("columns",)),
    ("column",                      ("columns",)),
    ("lang",                        ("language", "languages")),
    ("label",                       ("score", "class", "binary")),
    ("soft_label",                  ("probabilities",)),
    ("soft_labels",                 ("probabilities",)),
    ("probs",                       ("probabilities",)),
    ("distribution",                ("probabilities",)),
    ("labels",                      ("scores", "class", "binary", "names")),
    ("similarity",                  ("score",)),
    ("sim",                         ("score",)),
    ("query",                       ("anchor",)),
    ("question",                    ("anchor",)),
    ("answer",                      ("positive",)),
    ("passage",                     ("positive", "document")),
    ("document",                    ("positive",)),
    ("doc",                         ("positive",)),
    ("context",                     ("positive",)),
    ("response",                    ("positive",)),
    ("pos",                         ("positive",)),
    ("neg",                         ("negative",)),
    ("negatives",                   ("negative",)),
    ("hard_negative",               ("negative",)),
    ("sentence",                    ("text",)),
    ("sentence1",                   ("text_1",)),
    ("sentence_1",                  ("text_1",)),
    ("sentence2",                   ("text_2",)),
    ("premise",                     ("text_1",)),
    ("hypothesis",                  ("text_2",)),
    ("sentence_2",                  ("text_2",)),
    ("text1",                       ("text_1",)),
    ("text2",                       ("text_2",)),
    ("docs",                        ("documents",)),
    ("preprocessing",               ("prepare",)),
    ("preprocess",                  ("prepare",)),
    ("training",                    ("train",)),
    ("evaluation",                  ("metrics",)),
    ("dedup",                       ("deduplicate",)),
    ("dedupe",                      ("deduplicate",)),
    ("device",                      ("accelerator",)),
    ("dtype",                       ("precision",)),
    ("num_gpus",                    ("gpus",)),
    ("n_gpus",                      ("gpus",)),
    ("num_nodes",                   ("nodes",)),
    ("vram",                        ("memory",)),
    ("mrl",                         ("matryoshka",)),
    ("matryoshka_dims",             ("matryoshka",)),
    ("version",                     ("stgen", "revision")),
    ("ignore",                      ("allow",)),
)

# The same for what isn't a key: values, losses, commands.
WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("bi_encoder",                  ("dense",)),
    ("biencoder",                   ("dense",)),
    ("embedding",                   ("dense",)),
    ("embeddings",                  ("dense",)),
    ("sentence_transformer",        ("dense",)),
    ("sbert",                       ("dense",)),
    ("bert",                        ("dense",)),
    ("reranker",                    ("cross-encoder",)),
    ("reranking",                   ("cross-encoder",)),
    ("ranker",                      ("cross-encoder",)),
    ("splade",                      ("sparse",)),
    ("bm25",                        ("sparse",)),
    ("colbert",                     ("multi-vector",)),
    ("late_interaction",            ("multi-vector",)),
    ("pylate",                      ("multi-vector",)),
    ("gpu",                         ("cuda",)),
    ("float32",                     ("fp32",)),
    ("float16",                     ("fp16",)),
    ("half",                        ("fp16",)),
    ("bfloat16",                    ("bf16",)),
    ("average",                     ("mean",)),
    ("last",                        ("lasttoken",)),
    ("deepspeed",                   ("zero2",)),
    ("mnrl",                        ("MultipleNegativesRankingLoss",)),
    ("mnr",                         ("MultipleNegativesRankingLoss",)),
    ("infonce",                     ("MultipleNegativesRankingLoss",)),
    ("info_nce",                    ("MultipleNegativesRankingLoss",)),
    ("nt_xent",                     ("MultipleNegativesRankingLoss",)),
    ("in_batch_negatives",          ("MultipleNegativesRankingLoss",)),
    ("cached_mnrl",                 ("CachedMultipleNegativesRankingLoss",)),
    ("cmnrl",                       ("CachedMultipleNegativesRankingLoss",)),
    ("gradcache",                   ("CachedMultipleNegativesRankingLoss",)),
    ("tsdae",                       ("DenoisingAutoEncoderLoss",)),
    ("bce",                         ("BinaryCrossEntropyLoss",)),
    ("cross_entropy",               ("CrossEntropyLoss", "SoftmaxLoss")),
    ("softmax",                     ("SoftmaxLoss", "CrossEntropyLoss")),
    ("kl",                          ("DistillKLDivLoss",)),
    ("cosine",                      ("CosineSimilarityLoss", "cosine")),
    ("init",                        ("new",)),
    ("create",                      ("new",)),
    ("build",                       ("compile",)),
    ("generate",                    ("compile",)),
    ("lint",                        ("validate",)),
    ("diff",                        ("check",)),
    ("merge",                       ("update",)),
)
# fmt: on


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is known elsewhere as `word`, or spelled nearly like it, letter case and dashes aside; None when none is near.

    Words longer than any name are not compared: that takes time that grows with the square of their length.
    """
    if len(word) > LONGEST:
        return None
    candidates = tuple(candidates)
    if known := _known_as(word, candidates, WORDS):
        return known[0]
    import difflib

    folded = {_fold(candidate): candidate for candidate in candidates if len(candidate) <= LONGEST}
    near = difflib.get_close_matches(_fold(word), list(folded), n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def meant_keys(word: str, legal: Iterable[str]) -> tuple[str, ...]:
    """The keys, legal in a table, that somebody who wrote `word` there may have meant: by another name, or a slip."""
    legal = tuple(legal)
    if known := other_names(word, legal):
        return known
    near = closest(word, legal)
    return (near,) if near else ()


def other_names(word: str, legal: Collection[str]) -> tuple[str, ...]:
    """The keys, legal in a table, that are known elsewhere as `word`."""
    return _known_as(word, legal, ALIASES)


def _known_as(word: str, legal: Collection[str], table: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    return tuple(name for alias, names in table if alias == _fold(word) for name in names if name in legal)


def _fold(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")
