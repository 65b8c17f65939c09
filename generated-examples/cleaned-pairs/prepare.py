"""Prepares the data that data.py reads, and writes it to prepared/ as Parquet; does nothing where that is up to date.

What is done:
- normalizes texts
- removes rows that were decoded with the wrong encoding
- removes rows that are mostly signs
- removes rows that are gibberish
- removes rows that are boilerplate of web pages
- keeps texts of at least 3 and at most 120 words
- removes rows whose two texts are the same
- removes exact duplicates
- removes near-duplicates
- removes training rows that leak what the model is measured on
- holds eval rows out
"""

if __name__ == "__main__":  # before libraries are imported, which takes a while
    import saving

    saving.end_plainly("prepares the rows anew")

import argparse
from collections.abc import Sequence

from datasets import Dataset, disable_progress_bars, enable_progress_bars

import clean
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
        clean.show_funnel()
    return 0


def prepare() -> None:
    """Read, check and convert the rows of all splits, and write them."""
    splits = {
        "train": data.read("train"),
        "test": data.read("test"),
    }
    funnel: list[clean.Stage] = []
    splits = clean.clean(splits, funnel)
    splits["train"], splits["eval"] = data.hold_out(splits["train"], data.HELD_OUT["eval"])
    splits = clean.finish(splits, funnel)
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


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Prepare the data.")
    parser.add_argument("--force", action="store_true", help="prepare anew what is up to date")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
