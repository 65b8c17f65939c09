"""Prepares the data that data.py reads, and writes it to prepared/ as Parquet; does nothing where that is up to date.

What is done:
- reads the classes as scores
"""

if __name__ == "__main__":  # before libraries are imported, which takes a while
    import saving

    saving.end_plainly("prepares the rows anew")

import argparse
from collections.abc import Sequence

from datasets import Dataset, disable_progress_bars, enable_progress_bars

import data
import saving
import stamp


def main(argv: Sequence[str] | None = None) -> int:
    """Write the rows of all splits, unless they are up to date; return the exit code."""
    options = parse(argv)
    data.as_pattern(data.PREPARED)  # stops where load_dataset could not read back what is written
    rows = data.PREPARED / "rows"
    with saving.hold(data.PREPARED, wait=True):
        saving.settle(rows)
        saving.remove_previous(rows)
        made_of = data.made_of()
        change = stamp.find_change(rows, made_of)
        if change or options.force:
            print(f"Preparing the rows: {change or '--force'}")
            saving.start_version(rows)
            try:
                prepare()
            finally:
                stamp.require_same(rows, made_of, data.made_of())
            stamp.publish(rows, made_of)
        else:
            print(
                f"{data.PREPARED} is up to date: nothing that it was made from has changed (--force prepares it anew)"
            )
    return 0


def prepare() -> None:
    """Read, check and convert the rows of all splits, and write them."""
    splits = {
        "train": data.read("train"),
        "eval": data.read("eval"),
        "test": data.read("test"),
    }
    splits = {split: score_classes(rows) for split, rows in splits.items()}
    for split, rows in splits.items():
        write(rows, split)


def write(rows: Dataset, split: str) -> None:
    """Write the rows of a split where they wait for the others."""
    needed = data.ROWS_NEEDED if split == "train" else 1
    if len(rows) < needed:
        raise SystemExit(f"prepare: {len(rows)} rows of {split} are left, and there must be {needed}")
    disable_progress_bars()  # a line for each split is enough
    rows.to_parquet(data.unfinished(f"{split}.parquet"))
    enable_progress_bars()
    print(f"{split}: {len(rows)} rows")


# By name: data sets number the classes differently.
SCORES = {
    data.CLASS_NAMES.index(name): score
    for name, score in {"entailment": 1.0, "neutral": 0.5, "contradiction": 0.0}.items()
}


def score_classes(rows: Dataset) -> Dataset:
    """Read the classes as scores of similarity."""
    known = [number for number, label in enumerate(rows["label"][:]) if label in SCORES]
    scores = [SCORES[label] for label in rows["label"][:] if label in SCORES]
    return rows.select(known).remove_columns("label").add_column("score", scores)


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Prepare the data.")
    parser.add_argument("--force", action="store_true", help="prepare anew what is up to date")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
