"""What a stream changes: the decisions about it, the steps that can work on it, and what it rules out."""

from __future__ import annotations

from stgen.rules.grounds import OBJECTIVE
from stgen.rules.row import Decision, DecisionTable
from stgen.values.record import Record

LOOKED_AT = 5000  # rows that are read before the model loads
ROWS_OF_A_CLASS = 4  # in a batch, by chance, from which most rows have another of their class there


class Change(Record):
    """One thing that is otherwise than without a stream. `{piece}` stands for what the rows come in: file or piece."""

    what: str
    value: str
    why: str
    set_by: str = ""


# fmt: off
BUFFER = DecisionTable("shuffle_buffer", (OBJECTIVE,), (
    Decision(("list",), 1_000,  "Rows are shuffled in a buffer of a thousand: each has a whole list of documents, and the buffer is in memory. Shuffle sorted files beforehand."),
    Decision((None,),   10_000, "Rows are shuffled in a buffer of ten thousand, which fits into memory. Shuffle sorted files beforehand."),
))

CHANGES: tuple[Change, ...] = (
    #       what                     value                    why
    Change("training rows",         "streamed",              "rows are read on demand, and none is written or cached; after the last row the next pass begins, in another order", "[[data]] streaming"),
    Change("share of a process",    "{piece}s of its own",   "in each pass others; with fewer {piece}s than processes, each reads all rows and keeps its share of them; they should be of similar size, as a process that is through with its own begins the next pass"),
    Change("batches",               "put together apart",    "the library's default reads in one process and joins batches there, which fails: they hold texts beside numbers"),
    Change("after a stop",          "reads over",            "--resume reads the rows that were trained on again, without training, and goes on with the same rows as an uninterrupted run"),
    Change("leaked rows",           "not looked for",        "evaluate.py would have to read all training rows; [prepare] decontaminate removes them as they come by", "[prepare] decontaminate"),
)

class AtOnce(Record):
    """A key of a step of [prepare] that needs many rows at once; of a list, what isn't in `allows`."""

    step: str
    key: str
    message: str
    help: str
    allows: tuple[str, ...] | None = None


APART = "run it without `streaming` first: a stream can read the prepared/rows/train.parquet that prepare.py then writes"
AT_ONCE: tuple[AtOnce, ...] = (
    #      step             key         message                                                     help
    AtOnce("deduplicate",   "exact",    "exact duplicates are found among all rows, and a stream yields one at a time", f"write exact = false, or {APART}"),
    AtOnce("deduplicate",   "near",     "near-duplicates are found among all rows, and a stream yields one at a time", f"leave it out, or {APART}"),
    AtOnce("deduplicate",   "semantic", "semantic duplicates are found among all rows, and a stream yields one at a time", f"leave it out, or {APART}"),
    AtOnce("related",       "min",      "a model compares anchors and positives in bulk, and a stream yields one row at a time", f"leave it out, or {APART}"),
    AtOnce("length",        "unit",     "tokens are counted with the model's tokenizer, and a stream is opened before the model loads", 'write unit = "words"', ("words", "chars")),
    AtOnce("decontaminate", "near",     "near-duplicates of eval and test rows are searched in bulk, and a stream yields one row at a time", f"write ngram = 13, or {APART}"),
    AtOnce("decontaminate", "semantic", "semantic matches with eval and test rows are searched in bulk, and a stream yields one row at a time", f"write ngram = 13, or {APART}"),
    AtOnce("decontaminate", "against",  "the texts of tasks are compared with all rows, and a stream yields one at a time", f'write against = ["eval", "test"], or {APART}', ("eval", "test")),
)
# fmt: on
ON_THE_FLY = "they work on each row as it comes by, without a prepare.py; what goes is counted"

BY_ROW: frozenset[str] = frozenset(
    {
        "relabel", "unroll_triplets", "unroll_labelled", "group_lists", "group_n_tuples", "list_scored", "duplicate", "damage", "threshold",
        "drop_negative_pairs", "drop_negatives", "drop_margins", "drop_scores", "unroll_texts", "entailment_scores", "entailment_pairs",
    }
)  # fmt: skip
"""Steps of prepare.py that need but one row at a time: each has a template in templates/convert."""
