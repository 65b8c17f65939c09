"""Base models that are known by their name on the hub: the prompts they expect, and their measures.

Only what the model's own card or configuration says: `source` is the page of the first, with config.json in its files.
Read there, or in copies that keep the original's measures, on 2026-11-27: E5 and multilingual E5, Qwen3, Nomic Embed,
multilingual MiniLM, ModernBERT, BERT large; EmbeddingGemma in the config.json of two models fine-tuned from it
(acradin/DK_embedding, Etherll/test); Arctic Embed in the README of github.com/Snowflake-Labs/arctic-embed, and its
second version in mteb's registry; e5-mistral in its card and e5/model_config.py of github.com/microsoft/unilm; DeBERTa
in its card and experiments/language_model/rtd_base.json of github.com/microsoft/DeBERTa; BGE-M3 in research/BGE_M3 of
github.com/FlagOpen/FlagEmbedding. Tests hold the rows against the registry of mteb (prompts, widths, lengths,
parameters), against the defaults of transformers' classes, and each row's measures against its count of parameters. A
model that isn't listed is read from its configuration.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile
from string import ascii_letters, digits
from typing import NamedTuple

from stgen.rules.row import Base

HUB = "https://huggingface.co/"
TRANSFORMERS = "https://github.com/huggingface/transformers/blob/main/src/transformers/models/"
PLAIN = frozenset(ascii_letters + digits + "/-_")  # signs that stand for themselves in a pattern
RETRIEVE = "Represent this sentence for searching relevant passages: "
RETRIEVE_ZH = "为这个句子生成表示以用于检索相关文章："
INSTRUCT = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
QWEN3 = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"

BERT, MPNET, XLM_R, MODERN = 30522, 30527, 250002, 50368  # vocabularies

# fmt: off
BASES: tuple[Base, ...] = (
    # --- embedding models that were trained with prompts ---
    Base("E5",               r"intfloat/e5-small(-v2)?",                    "query: ", "passage: ", "expected", "mean", 512, 33.4, 384, 1536, 12, 12, BERT, HUB + "intfloat/e5-small-v2", alike="query: "),
    Base("E5",               r"intfloat/e5-base(-v2)?",                     "query: ", "passage: ", "expected", "mean", 512, 109.5, 768, 3072, 12, 12, BERT, HUB + "intfloat/e5-base-v2", alike="query: "),
    Base("E5",               r"intfloat/e5-large(-v2)?",                    "query: ", "passage: ", "expected", "mean", 512, 335.1, 1024, 4096, 24, 16, BERT, HUB + "intfloat/e5-large-v2", alike="query: "),
    Base("Multilingual E5",  r"intfloat/multilingual-e5-small",             "query: ", "passage: ", "expected", "mean", 512, 117.7, 384, 1536, 12, 12, 250037, HUB + "intfloat/multilingual-e5-small", alike="query: "),
    Base("Multilingual E5",  r"intfloat/multilingual-e5-base",              "query: ", "passage: ", "expected", "mean", 512, 278.0, 768, 3072, 12, 12, XLM_R, HUB + "intfloat/multilingual-e5-base", alike="query: "),
    Base("Multilingual E5",  r"intfloat/multilingual-e5-large",             "query: ", "passage: ", "expected", "mean", 512, 559.9, 1024, 4096, 24, 16, XLM_R, HUB + "intfloat/multilingual-e5-large", alike="query: "),
    Base("E5 Instruct",      r"intfloat/multilingual-e5-large-instruct",    INSTRUCT, "", "task", "mean", 512, 559.9, 1024, 4096, 24, 16, XLM_R, HUB + "intfloat/multilingual-e5-large-instruct"),
    Base("E5 Instruct",      r"intfloat/e5-mistral-7b-instruct",            INSTRUCT, "", "task", "lasttoken", 4096, 7110, 4096, 14336, 32, 32, 32000, HUB + "intfloat/e5-mistral-7b-instruct", kind="mistral", key_heads=8),
    Base("BGE",              r"BAAI/bge-small-en(-v1\.5)?",                 RETRIEVE, "", "expected", "cls", 512, 33.4, 384, 1536, 12, 12, BERT, HUB + "BAAI/bge-small-en-v1.5"),
    Base("BGE",              r"BAAI/bge-base-en(-v1\.5)?",                  RETRIEVE, "", "expected", "cls", 512, 109.5, 768, 3072, 12, 12, BERT, HUB + "BAAI/bge-base-en-v1.5"),
    Base("BGE",              r"BAAI/bge-large-en(-v1\.5)?",                 RETRIEVE, "", "expected", "cls", 512, 335.1, 1024, 4096, 24, 16, BERT, HUB + "BAAI/bge-large-en-v1.5"),
    Base("BGE",              r"BAAI/bge-(small|base|large)-zh(-v1\.5)?",    RETRIEVE_ZH, "", "expected", "cls", 512, source=HUB + "BAAI/bge-base-zh-v1.5"),
    Base("BGE-M3",           r"BAAI/bge-m3",                                pooling="cls", max_length=8192, parameters=567.8, hidden=1024, intermediate=4096, layers=24, heads=16, vocabulary=XLM_R, source=HUB + "BAAI/bge-m3"),
    Base("Qwen3 Embedding",  r"Qwen/Qwen3-Embedding-0\.6B",                 QWEN3, "", "task", "lasttoken", 32768, 596, 1024, 3072, 28, 16, 151669, HUB + "Qwen/Qwen3-Embedding-0.6B", kind="qwen3", key_heads=8, head_size=128),
    Base("Qwen3 Embedding",  r"Qwen/Qwen3-Embedding-4B",                    QWEN3, "", "task", "lasttoken", 32768, 4022, 2560, 9728, 36, 32, 151665, HUB + "Qwen/Qwen3-Embedding-4B", kind="qwen3", key_heads=8, head_size=128),
    Base("Qwen3 Embedding",  r"Qwen/Qwen3-Embedding-8B",                    QWEN3, "", "task", "lasttoken", 32768, 7568, 4096, 12288, 36, 32, 151665, HUB + "Qwen/Qwen3-Embedding-8B", kind="qwen3", key_heads=8, head_size=128),
    Base("GTE-Qwen2",        r"Alibaba-NLP/gte-Qwen2-(1\.5B|7B)-instruct",  INSTRUCT, "", "task", "lasttoken", source=HUB + "Alibaba-NLP/gte-Qwen2-1.5B-instruct"),
    Base("Instructor",       r"hkunlp/instructor-(base|large|xl)",          "Represent the question for retrieving supporting documents: ", "Represent the document for retrieval: ", "task", "mean", 512, source=HUB + "hkunlp/instructor-large"),
    Base("Nomic Embed",      r"nomic-ai/nomic-embed-text-v1(\.5)?",         "search_query: ", "search_document: ", "expected", "mean", 8192, 136.7, 768, 3072, 12, 12, 30528, HUB + "nomic-ai/nomic-embed-text-v1.5", kind="nomic_bert"),
    Base("Nomic Embed",      r"nomic-ai/modernbert-embed-base",             "search_query: ", "search_document: ", "expected", "mean", 8192, 149.0, 768, 1152, 22, 12, MODERN, HUB + "nomic-ai/modernbert-embed-base", kind="modernbert"),
    Base("Nomic Embed",      r"nomic-ai/nomic-embed-text-v2-moe",           "search_query: ", "search_document: ", "expected", "mean", 512, source=HUB + "nomic-ai/nomic-embed-text-v2-moe"),
    Base("mxbai",            r"mixedbread-ai/mxbai-embed-large-v1",         RETRIEVE, "", "expected", "cls", 512, 335.1, 1024, 4096, 24, 16, BERT, HUB + "mixedbread-ai/mxbai-embed-large-v1"),
    Base("Arctic Embed",     r"Snowflake/snowflake-arctic-embed-xs",        RETRIEVE, "", "expected", "cls", 512, 22.6, 384, 1536, 6, 12, BERT, HUB + "Snowflake/snowflake-arctic-embed-xs"),
    Base("Arctic Embed",     r"Snowflake/snowflake-arctic-embed-s",         RETRIEVE, "", "expected", "cls", 512, 33.2, 384, 1536, 12, 12, BERT, HUB + "Snowflake/snowflake-arctic-embed-s"),
    Base("Arctic Embed",     r"Snowflake/snowflake-arctic-embed-m(-v1\.5)?", RETRIEVE, "", "expected", "cls", 512, 108.9, 768, 3072, 12, 12, BERT, HUB + "Snowflake/snowflake-arctic-embed-m-v1.5"),
    Base("Arctic Embed",     r"Snowflake/snowflake-arctic-embed-l",         RETRIEVE, "", "expected", "cls", 512, 334.1, 1024, 4096, 24, 16, BERT, HUB + "Snowflake/snowflake-arctic-embed-l"),
    Base("Arctic Embed 2",   r"Snowflake/snowflake-arctic-embed-(m|l)-v2\.0", "query: ", "", "expected", "cls", 8192, source=HUB + "Snowflake/snowflake-arctic-embed-l-v2.0"),
    Base("EmbeddingGemma",   r"google/embeddinggemma-300m",                 "task: search result | query: ", "title: none | text: ", "expected", "mean", 2048, 302.9, 768, 1152, 24, 3, 262144, HUB + "google/embeddinggemma-300m", kind="gemma3_text", key_heads=1, head_size=256, alike="task: sentence similarity | query: "),
    # --- embedding models without prompts ---
    Base("GTE",              r"thenlper/gte-small",                         pooling="mean", max_length=512, parameters=33.4, hidden=384, intermediate=1536, layers=12, heads=12, vocabulary=BERT, source=HUB + "thenlper/gte-small"),
    Base("GTE",              r"thenlper/gte-base",                          pooling="mean", max_length=512, parameters=109.5, hidden=768, intermediate=3072, layers=12, heads=12, vocabulary=BERT, source=HUB + "thenlper/gte-base"),
    Base("GTE",              r"thenlper/gte-large",                         pooling="mean", max_length=512, parameters=335.1, hidden=1024, intermediate=4096, layers=24, heads=16, vocabulary=BERT, source=HUB + "thenlper/gte-large"),
    Base("GTE",              r"Alibaba-NLP/gte-modernbert-base",            pooling="cls", max_length=8192, parameters=149.0, hidden=768, intermediate=1152, layers=22, heads=12, vocabulary=MODERN, source=HUB + "Alibaba-NLP/gte-modernbert-base", kind="modernbert"),
    Base("GTE",              r"Alibaba-NLP/gte-(base-en-v1\.5|large-en-v1\.5|multilingual-base)", pooling="cls", max_length=8192, source=HUB + "Alibaba-NLP/gte-base-en-v1.5"),
    Base("SBERT MiniLM",     r"sentence-transformers/all-MiniLM-L6-v2",     pooling="mean", max_length=256, parameters=22.7, hidden=384, intermediate=1536, layers=6, heads=12, vocabulary=BERT, source=HUB + "sentence-transformers/all-MiniLM-L6-v2", normalized=True, positions=512),
    Base("SBERT MiniLM",     r"sentence-transformers/all-MiniLM-L12-v2",    pooling="mean", max_length=128, parameters=33.4, hidden=384, intermediate=1536, layers=12, heads=12, vocabulary=BERT, source=HUB + "sentence-transformers/all-MiniLM-L12-v2", normalized=True, positions=512),
    Base("SBERT MiniLM",     r"sentence-transformers/multi-qa-MiniLM-L6-cos-v1", pooling="mean", max_length=512, parameters=22.7, hidden=384, intermediate=1536, layers=6, heads=12, vocabulary=BERT, source=HUB + "sentence-transformers/multi-qa-MiniLM-L6-cos-v1", normalized=True),
    Base("SBERT MiniLM",     r"sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", pooling="mean", max_length=128, parameters=117.7, hidden=384, intermediate=1536, layers=12, heads=12, vocabulary=250037, source=HUB + "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", positions=512),
    Base("SBERT MPNet",      r"sentence-transformers/all-mpnet-base-v2",    pooling="mean", max_length=384, parameters=109.5, hidden=768, intermediate=3072, layers=12, heads=12, vocabulary=MPNET, source=HUB + "sentence-transformers/all-mpnet-base-v2", kind="mpnet", normalized=True, positions=512),
    # --- pretrained language models ---
    Base("BERT",             r"(google-bert/)?bert-base-uncased",           max_length=512, parameters=109.5, hidden=768, intermediate=3072, layers=12, heads=12, vocabulary=BERT, source=HUB + "google-bert/bert-base-uncased"),
    Base("BERT",             r"(google-bert/)?bert-large-uncased",          max_length=512, parameters=335.1, hidden=1024, intermediate=4096, layers=24, heads=16, vocabulary=BERT, source=HUB + "google-bert/bert-large-uncased"),
    Base("DistilBERT",       r"(distilbert/)?distilbert-base-uncased",      max_length=512, parameters=66.4, hidden=768, intermediate=3072, layers=6, heads=12, vocabulary=BERT, source=HUB + "distilbert/distilbert-base-uncased", kind="distilbert"),
    Base("MiniLM",           r"(nreimers/MiniLM-L6-H384-uncased|cross-encoder/ms-marco-MiniLM-L-?6-v2)", max_length=512, parameters=22.7, hidden=384, intermediate=1536, layers=6, heads=12, vocabulary=BERT, source=HUB + "nreimers/MiniLM-L6-H384-uncased"),
    Base("MiniLM",           r"(microsoft/MiniLM-L12-H384-uncased|cross-encoder/ms-marco-MiniLM-L-?12-v2)", max_length=512, parameters=33.4, hidden=384, intermediate=1536, layers=12, heads=12, vocabulary=BERT, source=HUB + "microsoft/MiniLM-L12-H384-uncased"),
    Base("MPNet",            r"microsoft/mpnet-base",                       max_length=512, parameters=109.5, hidden=768, intermediate=3072, layers=12, heads=12, vocabulary=MPNET, source=HUB + "microsoft/mpnet-base", kind="mpnet"),
    Base("RoBERTa",          r"(FacebookAI/)?roberta-base",                 max_length=512, parameters=124.6, hidden=768, intermediate=3072, layers=12, heads=12, vocabulary=50265, source=HUB + "FacebookAI/roberta-base", kind="roberta"),
    Base("RoBERTa",          r"(FacebookAI/)?roberta-large",                max_length=512, parameters=355.4, hidden=1024, intermediate=4096, layers=24, heads=16, vocabulary=50265, source=HUB + "FacebookAI/roberta-large", kind="roberta"),
    Base("XLM-RoBERTa",      r"((FacebookAI/)?xlm-roberta-base|BAAI/bge-reranker-base)", max_length=512, parameters=278.0, hidden=768, intermediate=3072, layers=12, heads=12, vocabulary=XLM_R, source=HUB + "FacebookAI/xlm-roberta-base"),
    Base("XLM-RoBERTa",      r"((FacebookAI/)?xlm-roberta-large|BAAI/bge-reranker-large)", max_length=512, parameters=559.9, hidden=1024, intermediate=4096, layers=24, heads=16, vocabulary=XLM_R, source=HUB + "FacebookAI/xlm-roberta-large"),
    Base("ModernBERT",       r"answerdotai/ModernBERT-base",                max_length=8192, parameters=149.0, hidden=768, intermediate=1152, layers=22, heads=12, vocabulary=MODERN, source=HUB + "answerdotai/ModernBERT-base", kind="modernbert"),
    Base("ModernBERT",       r"answerdotai/ModernBERT-large",               max_length=8192, parameters=394.8, hidden=1024, intermediate=2624, layers=28, heads=16, vocabulary=MODERN, source=HUB + "answerdotai/ModernBERT-large", kind="modernbert"),
    Base("DeBERTa",          r"microsoft/deberta-v3-base",                  max_length=512, parameters=183.8, hidden=768, intermediate=3072, layers=12, heads=12, vocabulary=128100, source=HUB + "microsoft/deberta-v3-base", kind="deberta-v2"),
    Base("SPLADE",           r"naver/splade-cocondenser-(ensemble|self)distil", max_length=512, parameters=109.5, hidden=768, intermediate=3072, layers=12, heads=12, vocabulary=BERT, source=HUB + "naver/splade-cocondenser-ensembledistil"),
    # --- static embeddings ---
    Base("Potion",           r"minishlab/potion-base-8M",                   parameters=7.56, hidden=256, vocabulary=29528, source=HUB + "minishlab/potion-base-8M", static=True),
    Base("Potion",           r"minishlab/potion-base-4M",                   parameters=3.78, hidden=128, vocabulary=29528, source=HUB + "minishlab/potion-base-4M", static=True),
    Base("Potion",           r"minishlab/potion-base-2M",                   hidden=64, vocabulary=29528, source=HUB + "minishlab/potion-base-2M", static=True),
    Base("Potion",           r"minishlab/potion-(base|retrieval)-32M",      parameters=32.3, hidden=512, vocabulary=63091, source=HUB + "minishlab/potion-base-32M", static=True),
    Base("Potion",           r"minishlab/potion-multilingual-128M",         parameters=128, hidden=256, vocabulary=500353, source=HUB + "minishlab/potion-multilingual-128M", static=True),
    Base("SBERT static",     r"sentence-transformers/static-retrieval-mrl-en-v1", parameters=31.3, hidden=1024, vocabulary=BERT, source=HUB + "sentence-transformers/static-retrieval-mrl-en-v1", static=True),
    Base("SBERT static",     r"sentence-transformers/static-similarity-mrl-multilingual-v1", parameters=108.4, hidden=1024, vocabulary=105879, source=HUB + "sentence-transformers/static-similarity-mrl-multilingual-v1", static=True),
)
# fmt: on


ENGLISH = frozenset({BERT, MPNET, MODERN, 30528, 50265, 128100, 29528, 63091})
"""Vocabularies of models of English: of BERT uncased and what was made from it, MPNet, ModernBERT, RoBERTa, DeBERTa and Potion."""


class Unpadded(NamedTuple):
    """A model that has no token to pad with: its name on the hub, and where that can be seen."""

    pattern: str
    source: str


# fmt: off
UNPADDED: tuple[Unpadded, ...] = (  # decoders whose tokenizers have no token to pad with, and where that was read on 2026-11-27
    Unpadded(r"(openai-community/)?gpt2(-(medium|large|xl))?",              TRANSFORMERS + "gpt2/tokenization_gpt2.py (pad_token: None)"),
    Unpadded(r"EleutherAI/(gpt-neo|gpt-j)-.+",                              TRANSFORMERS + "gpt2/tokenization_gpt2.py (theirs is the tokenizer of GPT-2)"),
    Unpadded(r"meta-llama/Llama-2-\d+b.*",                                  "https://github.com/lm-sys/FastChat/issues/466 (special_tokens_map.json)"),
    Unpadded(r"meta-llama/(Meta-Llama-3(\.1)?-\d+B|Llama-3\.[12]-\d+B).*",  "https://github.com/huggingface/transformers/issues/31099 (special_tokens_map.json)"),
    Unpadded(r"mistralai/Mistral-7B-v0\.[12]",                              HUB + "ybelkada/Mistral-7B-v0.1-bf16-sharded/blob/main/special_tokens_map.json (a copy)"),
    Unpadded(r"tiiuae/falcon-\d+b",                                         "https://github.com/ludwig-ai/ludwig/pull/3997"),
)
# fmt: on


@cache  # a compile asks a dozen times for the same name
def known_base(name: str) -> Base | None:
    """The row of a base model; None where the table doesn't know it."""
    if not name:
        return None
    rows = (row for row in BASES if _begins_like(row.pattern, name))
    return next((row for row in rows if re.fullmatch(row.pattern, name, re.IGNORECASE)), None)


def reads_english(name: str) -> bool:
    """Whether a base model is known to have been trained on English alone."""
    row = known_base(name)
    return row is not None and row.vocabulary in ENGLISH


@cache
def is_unpadded(name: str) -> bool:
    """Whether a model is known, by its name on the hub, to have no padding token."""
    rows = (row for row in UNPADDED if _begins_like(row.pattern, name))
    return any(re.fullmatch(row.pattern, name, re.IGNORECASE) for row in rows)


def _begins_like(pattern: str, name: str) -> bool:
    """Whether a name begins as a pattern does, where that is plain text: to compile all patterns takes longer than to plan."""
    plain = "".join(takewhile(PLAIN.__contains__, pattern))
    return name.lower().startswith(plain[:-1].lower())  # as `?` may stand behind the last sign


def reads_pairs(name: str) -> bool:
    """Whether a model is known, by its name on the hub, to be a cross-encoder."""
    owner, _, model = name.lower().rpartition("/")
    return owner == "cross-encoder" or any(word in model for word in ("rerank", "cross-encoder", "crossencoder"))


def is_sparse(name: str) -> bool:
    """Whether a model is known, by its name on the hub, to give sparse embeddings."""
    model = name.lower().rpartition("/")[2]
    return any(word in model for word in ("splade", "sparse"))
