"""Known tasks that `stgen new` starts from, with their sample data, and the base models that it proposes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Recipe:
    """One task. `model`, `columns` and `loss` are the tables of the spec; `sample` is a folder of sample data.

    `params` of the loss suit the sample's rows, and no others.
    """

    name: str
    use: str  # one sentence: what it is for
    model: dict[str, Any]
    sample: str
    columns: dict[str, Any]
    loss: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
    """A model type, what it makes of texts, and a base to start from: for English, and for other languages."""

    type: str
    makes: str
    english: str
    multilingual: str


# fmt: off
STARTS: tuple[Start, ...] = (
    #     type             what it makes of texts                                                         English                                   other languages
    Start("dense",         "one vector for each text, compared by their angle: search, similarity, clusters", "sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"),
    Start("cross-encoder", "one score or class for two texts read together: exact, and too slow for search", "cross-encoder/ms-marco-MiniLM-L6-v2",    "cross-encoder/mmarco-mMiniLMv2-L12-H384-v1"),
    Start("sparse",        "a few weighted words for each text: search in an inverted index",              "distilbert/distilbert-base-uncased",     "distilbert/distilbert-base-multilingual-cased"),
    Start("multi-vector",  "a vector for each token: more exact than dense, and a larger index",            "answerdotai/ModernBERT-base",            "FacebookAI/xlm-roberta-base"),
)

ANSWERS: dict[str, Any] = {"anchor": "question", "positive": "answer"}
TRIPLETS: dict[str, Any] = {"anchor": "premise", "positive": "follows", "negative": "contradicts"}
AGREEMENT: dict[str, Any] = {"text_1": "sentence_1", "text_2": "sentence_2", "score": {"column": "agreement", "min": 0, "max": 2}}
INFERENCE: dict[str, Any] = {"text_1": "premise", "text_2": "hypothesis", "class": {"column": "label", "names": ["entailment", "neutral", "contradiction"]}}
DUPLICATES: dict[str, Any] = {"text_1": "question_1", "text_2": "question_2", "binary": {"column": "duplicate", "positive": "yes"}}
JUDGED: dict[str, Any] = {"text_1": "question", "text_2": "sentence", "binary": "answers"}
INTENTS: dict[str, Any] = {"text": "text", "class": {"column": "intent", "names": [
    "card_arrival", "card_delivery_estimate", "card_linking", "card_payment_wrong_exchange_rate", "exchange_rate",
    "extra_charge_on_statement", "fiat_currency_support", "pending_cash_withdrawal",
]}}
TEXTS: dict[str, Any] = {"text": "text"}
LISTS: dict[str, Any] = {"anchor": "question", "documents": "sentences", "scores": "relevant"}
DENSE: dict[str, Any] = {"type": "dense"}
CROSS: dict[str, Any] = {"type": "cross-encoder"}

RECIPES: tuple[Recipe, ...] = (
    # --- one vector for each text ---
    Recipe("semantic-search",       "Finds the text that answers a question, from pairs of the two.",                          DENSE, "pairs", ANSWERS, {}),
    Recipe("compact-search",        "Search with embeddings that can be cut short (Matryoshka), for a smaller index.",        DENSE, "pairs", ANSWERS, {"matryoshka": [384, 192, 96, 48]}),
    Recipe("hard-negatives",        "Search from triplets: a query, what answers it, and what only looks as if it did.",      DENSE, "triplets", TRIPLETS, {}),
    Recipe("mined-negatives",       "Search from pairs, with hard negatives that a model finds among the answers.",           DENSE, "pairs", ANSWERS, {"convert": [{"to": "n-tuple", "mine": {"negatives": 3}}]}),
    Recipe("semantic-similarity",   "Says how alike two texts are, from pairs that people have scored.",                      DENSE, "scores", AGREEMENT, {}),
    Recipe("inference",             "Embeddings from pairs with a class: follows, neutral, contradicts (NLI).",               DENSE, "nli", INFERENCE, {}),
    Recipe("duplicate-detection",   "Finds texts that mean the same, from pairs labelled duplicate or not.",                  DENSE, "duplicates", DUPLICATES, {}),
    Recipe("intent-classification", "Puts texts of one class near each other, for few-shot classification and clusters.",     DENSE, "classes", INTENTS, {}),
    Recipe("static-search",         "Search with static embeddings, which a CPU trains in seconds: no transformer at all.",    {"type": "dense", "architecture": "static", "dimensions": 256}, "pairs", ANSWERS, {}),
    Recipe("fast-queries",          "Search whose queries are looked up in a table, beside a transformer for documents (a router).", {"type": "dense", "router": True, "query": {"architecture": "static"}}, "pairs", ANSWERS, {}),
    Recipe("no-labels",             "Fits a model to a domain from its texts alone, where nobody has labelled anything.",     DENSE, "texts", TEXTS, {}),
    Recipe("distillation",          "A small model that copies the vectors of a large one, from texts alone.",                {"type": "dense", "dimensions": 768}, "texts", TEXTS, {"teacher": "sentence-transformers/all-mpnet-base-v2", "convert": ["text-embedding"]}),
    Recipe("distilled-search",      "Search that learns from a cross-encoder how much better one text answers than another.", DENSE, "triplets", TRIPLETS, {"teacher": "cross-encoder/ms-marco-MiniLM-L6-v2", "convert": ["triplet-margin"]}),
    # --- two texts read together ---
    Recipe("reranking",             "Puts the results of a search in order, from queries with lists of judged documents.",    CROSS, "lists", LISTS, {}),
    Recipe("reranking-pairs",       "Puts results in order, from single pairs: a query, a text, whether it answers.",             CROSS, "judged", JUDGED, {"params": {"pos_weight": 5.6}}),
    Recipe("inference-classifier",  "Says whether the second text follows from the first (NLI), as a classifier.",            CROSS, "nli", INFERENCE, {}),
    # --- weighted words, many vectors ---
    Recipe("sparse-search",         "Search by weighted words (SPLADE), served from an inverted index.",                      {"type": "sparse"}, "pairs", ANSWERS, {}),
    Recipe("inference-free-search", "Sparse search whose queries need no model: a table of word weights, looked up.",         {"type": "sparse", "architecture": "inference-free"}, "pairs", ANSWERS, {}),
    Recipe("late-interaction",      "Search with a vector for each token (ColBERT): more exact, with a larger index.",        {"type": "multi-vector"}, "pairs", ANSWERS, {}),
)
# fmt: on
BY_NAME: dict[str, Recipe] = {recipe.name: recipe for recipe in RECIPES}
STARTS_BY_TYPE: dict[str, Start] = {start.type: start for start in STARTS}
