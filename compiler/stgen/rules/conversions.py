"""Edges between data formats: what it takes to get from the data that there is to the data that a loss wants."""

from __future__ import annotations

from stgen.rules.row import ConversionRow as Row

DENSE = ("dense",)
VECTORS = ("dense", "sparse")
CROSS = ("cross-encoder",)
OTHERS = ("cross-encoder", "sparse", "multi-vector")
NLI = ("entailment", "contradiction")
BY_CLASS = (
    "With many classes pairs sampled by class were a little ahead of the triplets of a batch (BatchAllTripletLoss), in single runs whose "
    "differences are small: accuracy by the nearest text 0.883 against 0.870 with 77 intents, 0.912 against 0.903 with 50, 0.930 both with 32, "
    "0.985 against 0.993 with 10."
)  # tests/benchmark/facts/RESULTS.md

ENTAILMENT = (
    "from all-MiniLM-L6-v2, 40 steps over 420 rows of SNLI, means of three seeds, Spearman on 1,000 others was 0.633 before, 0.632 with SoftmaxLoss on "
    "the classes and 0.664 with CosineSimilarityLoss on the scores."
)  # tests/benchmark/facts/RESULTS.md
AS_SCORES = (
    f"Entailment is measured as the scores 1, 0.5 (neutral) and 0 (contradiction), and so it is trained: {ENTAILMENT}"
)

# Costs: 0 nothing is lost; 1 to 3 a guess or a sample; 4 to 6 labels or texts are thrown away; 10 hard negatives are
# mined; 20 a teacher scores every row.

# fmt: off
CONVERSIONS: tuple[Row, ...] = (
    # --- nothing is lost: automatic ---
    Row("join-qrels", "retrieval", "pair", 0, "", "", "join"),
    Row("triplets-as-n-tuples", "triplet", "n-tuple", 0, "", "", "relabel"),
    Row("n-tuples-to-triplets", "n-tuple", "triplet", 0, "", "", "unroll"),
    Row("triplets-to-lists", "triplet", "list", 0, "", "", "group", CROSS, invents=True),
    Row("n-tuples-to-lists", "n-tuple", "list", 0, "", "", "group", CROSS, invents=True),
    Row("labels-as-scores", "pair-binary", "pair-score", 0, "", "", "relabel", invents=True),
    Row("duplicate-texts", "text", "duplicated-pair", 0, "", "", "duplicate", DENSE),
    Row("damage-texts", "text", "damaged-pair", 0, "", "", "damage", DENSE),
    Row("classes-to-pairs", "text-class", "pair", 0, "", "", "sample_classes", training_only=True, leads=BY_CLASS, leads_from=32),
    Row("pair-texts-with-texts", "text", "tension-pair", 0, "", "", "tension", DENSE),
    Row("entailment-as-scores", "pair-class", "pair-score", 0, "", "", "entailment", DENSE, classes=NLI, leads=AS_SCORES, invents=True),
    # --- a guess or a sample ---
    Row("triplets-to-labelled-pairs", "triplet", "pair-binary", 1, "which negative was chosen for which positive",
        'convert = ["pair-binary"]', "unroll"),
    Row("n-tuples-to-labelled-pairs", "n-tuple", "pair-binary", 1, "which negatives were chosen for which positive",
        'convert = ["pair-binary"]', "unroll"),
    Row("labelled-pairs-to-lists", "pair-binary", "list", 1, "anchors that don't have both a positive and a negative",
        'convert = ["list"]', "group", CROSS, invents=True),
    Row("labelled-pairs-to-triplets", "pair-binary", "triplet", 2, "anchors that don't have both a positive and a negative",
        'convert = ["triplet"]', "group"),
    Row("judgements-to-lists", "retrieval", "list", 2, "queries whose judged documents all have one grade",
        'convert = ["list"]', "join", CROSS, invents=True),
    Row("lists-to-scored-pairs", "list", "pair-score", 1, "which documents were ranked against each other",
        'convert = ["pair-score"]', "unroll", training_only=True),
    Row("lists-to-scored-n-tuples", "list", "n-tuple-scores", 2, "documents beyond `negatives`, and lists that have fewer below their best",
        'convert = [{ to = "n-tuple-scores", negatives = 4 }]', "group", training_only=True),
    Row("lists-to-n-tuples", "list", "n-tuple", 3, "the grades, documents beyond `negatives`, and lists that have fewer below their best",
        'convert = [{ to = "n-tuple", negatives = 4 }]', "group", training_only=True),
    Row("classes-to-triplets", "text-class", "triplet", 2, "all but a sample of the triplets that the classes allow", 'convert = ["triplet"]', "sample_classes"),
    Row("classes-to-labelled-pairs", "text-class", "pair-binary", 3, "all but a sample of the pairs that the classes allow",
        'convert = ["pair-binary"]', "sample_classes"),
    Row("entailment-to-triplets", "pair-class", "triplet", 2, "neutral rows, and first texts that nothing belongs to or stands apart from",
        'convert = ["triplet"]', "entailment", classes=NLI),
    Row("entailment-to-scores", "pair-class", "pair-score", 3, "classes, read as the scores 1 (entailment), 0.5 (neutral), 0 (contradiction)",
        'convert = ["pair-score"]', "entailment", OTHERS, classes=NLI, invents=True),
    Row("entailment-to-pairs", "pair-class", "pair", 4, "rows of every class but entailment", 'convert = ["pair"]', "entailment", classes=NLI),
    Row("pair-texts-with-others", "pair", "tension-pair", 1, "nothing, but it assumes that a text belongs to no row but those that it stands in",
        'convert = ["tension-pair"]', "tension_pairs", DENSE, training_only=True),
    Row("texts-to-pairs", "texts", "pair", 2, "nothing, but it assumes that the two texts of each row are a positive pair", 'convert = ["pair"]', "relabel"),
    # --- labels or texts are thrown away ---
    Row("scores-to-labels", "pair-score", "pair-binary", 4, "the degrees of similarity on either side of the threshold",
        'convert = [{ to = "pair-binary", threshold = 0.5 }]', "threshold", needs=("threshold",)),
    Row("positives-only", "pair-binary", "pair", 5, "every row that is labelled negative", 'convert = ["pair"]', "drop"),
    Row("triplets-without-negatives", "triplet", "pair", 5, "the negatives", 'convert = ["pair"]', "drop"),
    Row("n-tuples-without-negatives", "n-tuple", "pair", 5, "the negatives", 'convert = ["pair"]', "drop"),
    Row("triplets-without-margins", "triplet-margin", "triplet", 4, "the teacher's margins, and rows in which it prefers the negative", 'convert = ["triplet"]', "drop"),
    Row("triplets-without-scores", "triplet-scores", "triplet", 4, "the teacher's scores, and rows in which it prefers the negative", 'convert = ["triplet"]', "drop"),
    Row("n-tuples-without-margins", "n-tuple-margin", "n-tuple", 4, "the teacher's margins, and rows in which it prefers a negative", 'convert = ["n-tuple"]', "drop"),
    Row("n-tuples-without-scores", "n-tuple-scores", "n-tuple", 4, "the teacher's scores, and rows in which it prefers a negative", 'convert = ["n-tuple"]', "drop"),
    Row("scored-n-tuples-to-lists", "n-tuple-scores", "list", 1, "which document was the positive", 'convert = ["list"]', "group", CROSS, training_only=True),
    Row("pairs-to-texts", "pair", "text", 6, "which texts are pairs", 'convert = ["text"]', "unroll", DENSE),
    Row("texts-apart", "texts", "text", 4, "which texts stand together", 'convert = ["text"]', "unroll", DENSE),
    Row("texts-without-classes", "text-class", "text", 6, "the classes", 'convert = ["text"]', "drop", DENSE),
    # --- hard negatives are mined: a model runs over all texts ---
    Row("mine-n-tuples", "pair", "n-tuple", 10, "pairs for which too few negatives are found",
        'convert = [{ to = "n-tuple", mine = { negatives = 5 } }]', "mine", needs=("mine",), training_only=True),
    Row("mine-triplets", "pair", "triplet", 11, "pairs for which no negative is found",
        'convert = [{ to = "triplet", mine = { negatives = 5 } }]', "mine", needs=("mine",), training_only=True),
    Row("mine-labelled-pairs", "pair", "pair-binary", 10, "pairs for which no negative is found",
        'convert = [{ to = "pair-binary", mine = { negatives = 5 } }]', "mine", needs=("mine",), training_only=True),
    Row("mine-lists", "pair", "list", 11, "pairs for which too few negatives are found",
        'convert = [{ to = "list", mine = { negatives = 5 } }]', "mine", CROSS, needs=("mine",), training_only=True, invents=True),
    Row("mine-scored-n-tuples", "pair", "n-tuple-scores", 12, "pairs for which too few negatives are found",
        'convert = [{ to = "n-tuple-scores", mine = { model = "sentence-transformers/all-mpnet-base-v2" } }]', "mine", needs=("mine",), training_only=True),
    Row("mine-scored-triplets", "pair", "triplet-scores", 13, "pairs for which no negative is found",
        'convert = [{ to = "triplet-scores", mine = { model = "sentence-transformers/all-mpnet-base-v2" } }]', "mine", needs=("mine",), training_only=True),
    # --- a teacher scores every row ---
    Row("teach-texts", "text", "text-embedding", 20, "nothing, but the teacher runs over every text", 'convert = ["text-embedding"]', "teach_embeddings",
        VECTORS, needs=("teacher",)),
    Row("teach-pairs", "texts", "pair-embedding", 20, "nothing, but the teacher runs over every first text", 'convert = ["pair-embedding"]',
        "teach_embeddings", VECTORS, needs=("teacher",)),
    Row("teach-pairs-apart", "pair", "text-embedding", 20, "which texts are pairs: each learns the vector that the teacher has for it",
        'convert = ["text-embedding"]', "teach_embeddings", VECTORS, needs=("teacher",), training_only=True),
    Row("teach-translations", "pair", "pair-embedding", 21, "nothing, but the teacher runs over every anchor", 'convert = ["pair-embedding"]',
        "teach_embeddings", VECTORS, needs=("teacher",)),
    Row("teach-languages", "n-texts", "n-texts-embedding", 20, "nothing, but the teacher runs over every first text", 'convert = ["n-texts-embedding"]',
        "teach_embeddings", VECTORS, needs=("teacher",)),
    Row("score-texts", "texts", "pair-score", 20, "nothing, but the teacher scores every pair", 'convert = ["pair-score"]', "teach_scores",
        needs=("teacher",)),
    Row("score-pairs", "pair", "pair-score", 20, "nothing, but the teacher scores every pair", 'convert = ["pair-score"]', "teach_scores",
        needs=("teacher",)),
    Row("score-triplets", "triplet", "triplet-scores", 20, "nothing, but the teacher scores two pairs for each row", 'convert = ["triplet-scores"]',
        "teach_scores", needs=("teacher",)),
    Row("score-triplet-margins", "triplet", "triplet-margin", 21, "nothing, but the teacher scores two pairs for each row", 'convert = ["triplet-margin"]',
        "teach_scores", needs=("teacher",)),
    Row("score-n-tuples", "n-tuple", "n-tuple-scores", 20, "nothing, but the teacher scores each document of each row", 'convert = ["n-tuple-scores"]',
        "teach_scores", needs=("teacher",)),
    Row("score-n-tuple-margins", "n-tuple", "n-tuple-margin", 21, "nothing, but the teacher scores each document of each row",
        'convert = ["n-tuple-margin"]', "teach_scores", needs=("teacher",)),
    # --- a teacher's labels take the place of those that the data have ---
    Row("teach-classified-texts", "text-class", "text-embedding", 20, "the classes of the training rows", 'convert = ["text-embedding"]', "teach_embeddings",
        VECTORS, needs=("teacher",), training_only=True),
    Row("score-labelled-pairs", "pair-binary", "pair-score", 20, "the labels of the training rows", 'convert = ["pair-score"]', "teach_scores",
        needs=("teacher",), training_only=True),
    Row("score-classified-pairs", "pair-class", "pair-score", 20, "the classes", 'convert = ["pair-score"]', "teach_scores", needs=("teacher",)),
    Row("score-likely-classes", "pair-probabilities", "pair-score", 20, "the probabilities of the classes", 'convert = ["pair-score"]', "teach_scores",
        needs=("teacher",)),
    Row("score-pairs-anew", "pair-score", "pair-score", 20, "the scores of the training rows", 'convert = ["pair-score"]', "teach_scores",
        needs=("teacher",), training_only=True),
    Row("score-lists-anew", "list", "list", 22, "the grades of the training rows", 'convert = ["list"]', "teach_scores", needs=("teacher",), training_only=True),
    Row("score-triplets-anew", "triplet-scores", "triplet-scores", 20, "the scores of the training rows", 'convert = ["triplet-scores"]', "teach_scores",
        needs=("teacher",), training_only=True),
    Row("score-n-tuples-anew", "n-tuple-scores", "n-tuple-scores", 20, "the scores of the training rows", 'convert = ["n-tuple-scores"]', "teach_scores",
        needs=("teacher",), training_only=True),
    Row("score-margins-anew", "triplet-margin", "triplet-margin", 20, "the margins of the training rows", 'convert = ["triplet-margin"]', "teach_scores",
        needs=("teacher",), training_only=True),
    Row("score-n-tuple-margins-anew", "n-tuple-margin", "n-tuple-margin", 20, "the margins of the training rows", 'convert = ["n-tuple-margin"]',
        "teach_scores", needs=("teacher",), training_only=True),
    Row("teach-texts-anew", "text-embedding", "text-embedding", 20, "the vectors", 'convert = ["text-embedding"]', "teach_embeddings", VECTORS, needs=("teacher",)),
    Row("teach-pairs-anew", "pair-embedding", "pair-embedding", 20, "the vectors", 'convert = ["pair-embedding"]', "teach_embeddings", VECTORS, needs=("teacher",)),
    Row("teach-languages-anew", "n-texts-embedding", "n-texts-embedding", 20, "the vectors", 'convert = ["n-texts-embedding"]', "teach_embeddings", VECTORS,
        needs=("teacher",)),
)
# fmt: on
