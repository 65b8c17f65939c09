"""The step of prepare.py for each conversion: the function that does it, its template, and what it says of itself."""

from __future__ import annotations

from stgen.values.record import Record


class StepRow(Record):
    """How one conversion is written in prepare.py.

    `template` is a file of templates/steps; conversions that share one differ in their columns and constants. `does`
    completes "prepare.py ...".
    """

    conversion: str
    function: str
    template: str
    does: str
    helpers: tuple[str, ...] = ()  # further templates, which several steps share


CLASSES = ("group_by_class",)
TEACHER = ("remember", "is_cross_encoder")

# fmt: off
STEPS: tuple[StepRow, ...] = (
    #       conversion                     function                template                    does
    StepRow("join-qrels",                  "keep_relevant",        "join_pairs",               "keeps the documents that are judged relevant"),
    StepRow("judgements-to-lists",         "list_judgements",      "join_lists",               "lists the judged documents of each query"),
    StepRow("triplets-as-n-tuples",        "number_negatives",     "relabel",                  "numbers the negatives"),
    StepRow("labels-as-scores",            "read_labels_as_scores", "relabel",                 "takes the labels 1 and 0 as scores"),
    StepRow("texts-to-pairs",              "pair_texts",           "relabel",                  "takes the two texts of a row as anchor and positive"),
    StepRow("n-tuples-to-triplets",        "unroll_negatives",     "unroll_triplets",          "gives each negative a row of its own"),
    StepRow("triplets-to-lists",           "list_documents",       "group_lists",              "lists the positives and negatives of each anchor"),
    StepRow("n-tuples-to-lists",           "list_documents",       "group_lists",              "lists the positives and negatives of each anchor"),
    StepRow("duplicate-texts",             "duplicate",            "duplicate",                "pairs each text with itself"),
    StepRow("damage-texts",                "damage",               "damage",                   "pairs each text with a damaged copy"),
    StepRow("pair-texts-with-texts",       "pair_with_others",     "tension",                  "pairs each text with itself and with others"),
    StepRow("pair-texts-with-others",      "pair_with_others",     "tension_pairs",            "pairs each text with its own and with those of other rows"),
    StepRow("triplets-to-labelled-pairs",  "label_pairs",          "unroll_labelled",          "labels each positive 1 and each negative 0"),
    StepRow("n-tuples-to-labelled-pairs",  "label_pairs",          "unroll_labelled",          "labels each positive 1 and each negative 0"),
    StepRow("labelled-pairs-to-lists",     "list_documents",       "group_labelled_lists",     "lists the texts that each first text was labelled with"),
    StepRow("labelled-pairs-to-triplets",  "match_labels",         "group_labelled_triplets",  "matches positives and negatives of the same first text"),
    StepRow("lists-to-scored-pairs",       "unroll_documents",     "unroll_scores",            "gives each document a row of its own"),
    StepRow("lists-to-scored-n-tuples",    "choose_negatives",     "group_n_tuples",           "takes the best documents and those next in rank"),
    StepRow("lists-to-n-tuples",           "choose_negatives",     "group_n_tuples",           "takes the best documents and those next in rank"),
    StepRow("classes-to-pairs",            "sample_pairs",         "sample_pairs",             "samples pairs from the classes", helpers=CLASSES),
    StepRow("classes-to-triplets",         "sample_triplets",      "sample_triplets",          "samples triplets from the classes", helpers=CLASSES),
    StepRow("classes-to-labelled-pairs",   "sample_labelled_pairs", "sample_labelled",         "samples equal and unequal pairs from the classes", helpers=CLASSES),
    StepRow("entailment-to-triplets",      "match_hypotheses",     "entailment_triplets",      "matches what a premise entails with what it contradicts"),
    StepRow("entailment-to-scores",        "score_classes",        "entailment_scores",        "reads the classes as scores"),
    StepRow("entailment-as-scores",        "score_classes",        "entailment_scores",        "reads the classes as scores"),
    StepRow("entailment-to-pairs",         "keep_entailed",        "entailment_pairs",         "keeps what is entailed"),
    StepRow("scores-to-labels",            "apply_threshold",      "threshold",                "labels pairs by a threshold on their score"),
    StepRow("positives-only",              "keep_positives",       "drop_negative_pairs",      "keeps the pairs that are labelled 1"),
    StepRow("triplets-without-negatives",  "drop_negatives",       "drop_negatives",           "drops the negatives"),
    StepRow("n-tuples-without-negatives",  "drop_negatives",       "drop_negatives",           "drops the negatives"),
    StepRow("triplets-without-margins",    "drop_margins",         "drop_margins",             "drops the margins of the teacher"),
    StepRow("n-tuples-without-margins",    "drop_margins",         "drop_margins",             "drops the margins of the teacher"),
    StepRow("triplets-without-scores",     "drop_scores",          "drop_scores",              "drops the scores of the teacher"),
    StepRow("n-tuples-without-scores",     "drop_scores",          "drop_scores",              "drops the scores of the teacher"),
    StepRow("scored-n-tuples-to-lists",    "list_scored",          "list_scored",              "lists the documents of each row, best first"),
    StepRow("pairs-to-texts",              "single_out",           "unroll_texts",             "takes each text by itself"),
    StepRow("texts-apart",                 "single_out",           "unroll_texts",             "takes each text by itself"),
    StepRow("texts-without-classes",       "single_out",           "unroll_texts",             "drops the classes"),
    StepRow("mine-n-tuples",               "mine",                 "mine",                     "mines hard negatives for the training rows"),
    StepRow("mine-triplets",               "mine",                 "mine",                     "mines hard negatives for the training rows"),
    StepRow("mine-labelled-pairs",         "mine",                 "mine",                     "mines hard negatives for the training rows"),
    StepRow("mine-lists",                  "mine",                 "mine",                     "mines hard negatives for the training rows"),
    StepRow("mine-scored-n-tuples",        "mine",                 "mine",                     "mines hard negatives for the training rows, with their scores"),
    StepRow("mine-scored-triplets",        "mine",                 "mine",                     "mines hard negatives for the training rows, with their scores"),
    StepRow("teach-texts",                 "embed",                "teach_embeddings",         "adds the vectors of the teacher", helpers=TEACHER),
    StepRow("teach-pairs",                 "embed",                "teach_embeddings",         "adds the vectors of the teacher", helpers=TEACHER),
    StepRow("teach-translations",          "embed",                "teach_embeddings",         "adds the vectors of the teacher", helpers=TEACHER),
    StepRow("teach-languages",             "embed",                "teach_embeddings",         "adds the vectors of the teacher", helpers=TEACHER),
    StepRow("score-texts",                 "score",                "teach_scores",             "adds the scores of the teacher", helpers=TEACHER),
    StepRow("score-pairs",                 "score",                "teach_scores",             "adds the scores of the teacher", helpers=TEACHER),
    StepRow("score-triplets",              "score",                "teach_scores",             "adds the scores of the teacher", helpers=TEACHER),
    StepRow("score-triplet-margins",       "score",                "teach_scores",             "adds the margins of the teacher", helpers=TEACHER),
    StepRow("score-n-tuples",              "score",                "teach_scores",             "adds the scores of the teacher", helpers=TEACHER),
    StepRow("score-n-tuple-margins",       "score",                "teach_scores",             "adds the margins of the teacher", helpers=TEACHER),
    StepRow("teach-pairs-apart",           "embed",                "teach_embeddings",         "adds the vectors of the teacher, a row for each text", helpers=TEACHER),
    StepRow("teach-classified-texts",      "embed",                "teach_embeddings",         "puts the vectors of the teacher in the place of the classes", helpers=TEACHER),
    StepRow("score-labelled-pairs",        "score",                "teach_scores",             "puts the scores of the teacher in the place of the labels", helpers=TEACHER),
    StepRow("score-classified-pairs",      "score",                "teach_scores",             "puts the scores of the teacher in the place of the classes", helpers=TEACHER),
    StepRow("score-likely-classes",        "score",                "teach_scores",             "puts the scores of the teacher in the place of the probabilities", helpers=TEACHER),
    StepRow("score-pairs-anew",            "score",                "teach_scores",             "puts the scores of the teacher in the place of those in the files", helpers=TEACHER),
    StepRow("score-lists-anew",            "score",                "teach_scores",             "puts the scores of the teacher in the place of the grades", helpers=TEACHER),
    StepRow("score-triplets-anew",         "score",                "teach_scores",             "puts the scores of the teacher in the place of those in the files", helpers=TEACHER),
    StepRow("score-n-tuples-anew",         "score",                "teach_scores",             "puts the scores of the teacher in the place of those in the files", helpers=TEACHER),
    StepRow("score-margins-anew",          "score",                "teach_scores",             "puts the margins of the teacher in the place of those in the files", helpers=TEACHER),
    StepRow("score-n-tuple-margins-anew",  "score",                "teach_scores",             "puts the margins of the teacher in the place of those in the files", helpers=TEACHER),
    StepRow("teach-texts-anew",            "embed",                "teach_embeddings",         "puts the vectors of the teacher in the place of those in the files", helpers=TEACHER),
    StepRow("teach-pairs-anew",            "embed",                "teach_embeddings",         "puts the vectors of the teacher in the place of those in the files", helpers=TEACHER),
    StepRow("teach-languages-anew",        "embed",                "teach_embeddings",         "puts the vectors of the teacher in the place of those in the files", helpers=TEACHER),
)
# fmt: on

BY_CONVERSION: dict[str, StepRow] = {row.conversion: row for row in STEPS}
"""Conversion -> step."""

MINED: dict[str, tuple[str, str]] = {
    "n-tuple": ("n-tuple", ""),
    "triplet": ("triplet", ""),
    "pair-binary": ("triplet", "triplets-to-labelled-pairs"),
    "list": ("n-tuple", "n-tuples-to-lists"),
    "n-tuple-scores": ("n-tuple-scores", ""),
    "triplet-scores": ("triplet-scores", ""),
}
"""Target of a mining conversion -> what is mined, and the conversion that makes the target of it."""
