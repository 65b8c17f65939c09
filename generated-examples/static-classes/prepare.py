"""Prepares the data that data.py reads, and writes it to prepared/ as Parquet; does nothing where that is up to date.

What is done:
- samples pairs from the classes
"""

if __name__ == "__main__":  # before libraries are imported, which takes a while
    import saving

    saving.end_plainly("prepares the rows anew")

import argparse
import random
from collections.abc import Sequence

from datasets import Dataset, disable_progress_bars, enable_progress_bars

import data
import saving
import stamp
from seed import SEED


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
    splits["train"] = sample_pairs(splits["train"])
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


MANY_CLASSES = 32  # from which on pairs of a class do better than the triplets of a batch


def sample_pairs(rows: Dataset) -> Dataset:
    """Sample pairs of different texts of one class: every text of a class with two or more is an anchor."""
    members = group_by_class(rows)
    if len(members) < MANY_CLASSES:
        print(
            f"{len(members)} classes: rows of one class meet in a batch; BatchAllTripletLoss tells so few apart better"
        )
    chance = random.Random(SEED)
    anchors = [(text, name) for name, texts in members.items() for text in texts if len(texts) > 1]
    chance.shuffle(anchors)
    made: dict[str, list[str]] = {"anchor": [], "positive": []}
    for text, name in anchors:
        made["anchor"].append(text)
        made["positive"].append(choose_other(members[name], {text}, chance))
    return Dataset.from_dict(made)


def group_by_class(rows: Dataset) -> dict[int, list[str]]:
    """Return the different texts of each class, in the order of the rows."""
    members: dict[int, dict[str, None]] = {}
    for text, label in zip(rows["text"][:], rows["label"][:], strict=True):
        members.setdefault(label, {})[text] = None
    if len(members) < 2 or all(len(texts) < 2 for texts in members.values()):
        raise SystemExit("prepare: nothing can be sampled: there must be two classes, one of them with two texts")
    return {name: list(texts) for name, texts in members.items()}


def choose_other(texts: list[str], excluded: set[str], chance: random.Random) -> str:
    """Choose one of the texts that is not excluded; there must be one."""
    for _ in range(20):
        if (text := chance.choice(texts)) not in excluded:
            return text
    return chance.choice([text for text in texts if text not in excluded])


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Prepare the data.")
    parser.add_argument("--force", action="store_true", help="prepare anew what is up to date")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
