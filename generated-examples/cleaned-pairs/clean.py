"""Cleans the data that prepare.py reads.

What is done:
- normalizes texts
- keeps texts of at least 3 and at most 120 words
- removes exact duplicates
- removes near-duplicates
- removes training rows that leak what the model is measured on

Nothing is lost: prepared/rows/removed.jsonl holds every row that went, with the step and the reason, and results/prepare.json,
a copy of prepared/rows/prepare.json, counts them. What a step found is kept in prepared/steps/ and taken from there as long as rows, settings and versions
are the same.
"""

from __future__ import annotations

import ast
import hashlib
import html
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Dataset
from rensa import RMinHash
from tqdm.auto import tqdm

import data
import saving

TEXTS = ["anchor", "positive"]
SEED = 42
RESULTS = data.ROOT / "results"
EXAMPLES = 5  # removed rows of each step that the funnel shows
WORTH_A_PROCESS = 20_000  # rows for which one more process pays


class Stage(NamedTuple):
    """What a step did to a split: how many rows came in and went out, and which it removed for what reason."""

    step: str
    split: str
    rows_in: int
    rows_out: int
    seconds: float
    removed: Dataset
    reasons: list[str]


def clean(splits: dict[str, Dataset], funnel: list[Stage]) -> dict[str, Dataset]:
    """Clean the splits, noting in the funnel what each step does."""
    (data.PREPARED / "steps").mkdir(parents=True, exist_ok=True)
    splits = {split: change(rows, split, "normalize", normalize, (), funnel) for split, rows in splits.items()}
    splits["train"] = judge(splits["train"], "train", "length", find_misfit, (SHORTEST, LONGEST), funnel)
    splits["train"] = sift(splits["train"], "train", "exact-duplicates", find_repeats, (), funnel)
    splits["train"] = sift(
        splits["train"], "train", "near-duplicates", find_near_repeats, (ALIKE, version("rensa")), funnel
    )
    return splits


def finish(splits: dict[str, Dataset], funnel: list[Stage]) -> dict[str, Dataset]:
    """Take out of the rows what the model is measured on; write what was removed, and the funnel; drop the rows' numbers."""
    for split, others in SIEVED.items():
        measured = {other: splits[other] for other in others}
        find = partial(find_leaks, measured)
        settings = (*(LEAKS_FROM, version("rensa")), *map(fingerprint, measured.values()))
        splits[split] = sift(splits[split], split, "leaks", find, settings, funnel)
    write_removed(funnel)
    write_funnel(funnel)
    for pattern in ("cache-*", "tmp*"):  # of this run, and of one that was killed
        for leftover in (data.PREPARED / "steps").glob(pattern):
            leftover.unlink()
    for folder in (data.PREPARED / "steps").glob("working-*"):
        shutil.rmtree(folder)
    return {split: rows.remove_columns("row") for split, rows in splits.items()}


def change(
    rows: Dataset, split: str, step: str, function: Callable[[str], str], settings: tuple[Any, ...], funnel: list[Stage]
) -> Dataset:
    """Apply a function to every text, in all processes, and remove the rows of which it leaves nothing."""
    start = perf_counter()
    found = remember(f"{step}-{split}", ".arrow", fingerprint(rows, made_of(rewrite, function), settings))
    rows = rows.map(
        rewrite,
        batched=True,
        fn_kwargs={"function": function},
        num_proc=processes(rows),
        cache_file_name=str(found),
        desc=f"{step}: {split}",
    )
    left = judge(rows, split, step, find_nothing, (), funnel)
    funnel[-1] = funnel[-1]._replace(seconds=perf_counter() - start)
    return left


def rewrite(batch: dict[str, list[Any]], function: Callable[[str], str]) -> dict[str, list[Any]]:
    """Apply a function to every text of a batch."""
    return {name: [function(text) for text in batch[name]] for name in TEXTS}


def find_nothing(text: str) -> str | None:
    """Say so when nothing is left of a text."""
    return None if text.strip() else "nothing is left"


def judge(
    rows: Dataset,
    split: str,
    step: str,
    fault: Callable[[str], str | None],
    settings: tuple[Any, ...],
    funnel: list[Stage],
) -> Dataset:
    """Remove the rows that have a text with a fault."""
    find = partial(find_faulty, fault, f"{step}: {split}")
    return sift(rows, split, step, find, (made_of(fault), *settings), funnel)


def find_faulty(fault: Callable[[str], str | None], says: str, rows: Dataset) -> dict[int, str]:
    """Find the rows that have a text with a fault."""
    judged = work(rows, find_faults, says, fault=fault)
    return {position: reason for position, reason in enumerate(judged["reason"][:]) if reason}


def find_faults(batch: dict[str, list[Any]], fault: Callable[[str], str | None]) -> dict[str, list[str]]:
    """Say for each row what is wrong with its first text that has a fault."""
    reasons = [""] * len(batch["row"])
    for name in TEXTS:
        for position, text in enumerate(batch[name]):
            if not reasons[position] and (found := fault(text)):
                reasons[position] = f"{name}: {found}"
    return {"reason": reasons}


def sift(
    rows: Dataset,
    split: str,
    step: str,
    find: Callable[[Dataset], dict[int, str]],
    settings: tuple[Any, ...],
    funnel: list[Stage],
) -> Dataset:
    """Remove the rows for which `find` gives a reason, by their position."""
    start = perf_counter()
    path = remember(f"{step}-{split}", ".parquet", fingerprint(rows, made_of(find), settings))
    if not path.exists():
        wrong = find(rows) if len(rows) else {}
        columns = {"position": pa.array(wrong, pa.int64()), "reason": pa.array(wrong.values(), pa.string())}
        unfinished = path.with_suffix(".parquet.tmp")
        pq.write_table(pa.table(columns), unfinished)
        unfinished.replace(path)
    found = pq.read_table(path)
    positions, reasons = found["position"].to_numpy(), found["reason"].to_pylist()
    left = rows.select(np.setdiff1d(np.arange(len(rows)), positions, assume_unique=True)) if len(positions) else rows
    note(Stage(step, split, len(rows), len(left), perf_counter() - start, rows.select(positions), reasons), funnel)
    return left


def note(stage: Stage, funnel: list[Stage]) -> None:
    """Add a stage to the funnel, and warn of one that removes most rows."""
    funnel.append(stage)
    if stage.rows_out < stage.rows_in / 2:
        print(
            f"warning: {stage.step} removes more than half of {stage.split}: "
            f"{stage.rows_in} rows come in, {stage.rows_out} are left"
        )


def work(rows: Dataset, function: Callable[..., dict[str, Any]], says: str, **arguments: Any) -> Dataset:
    """Apply a function to batches of rows in all processes, and return the columns that it makes."""
    folder = mkdtemp(prefix="working-", dir=data.PREPARED / "steps")
    return rows.map(
        function,
        batched=True,
        fn_kwargs=arguments,
        remove_columns=rows.column_names,
        num_proc=processes(rows),
        cache_file_name=str(Path(folder, "rows.arrow")),
        desc=says,
    )


def processes(rows: Dataset) -> int | None:
    """How many processes share the work: all cores, when there are rows enough for them."""
    wanted = min(os.cpu_count() or 1, len(rows) // WORTH_A_PROCESS)
    return wanted if wanted > 1 else None


def remember(name: str, suffix: str, identity: str) -> Path:
    """Return where a result is kept, and forget those of other rows, settings or versions."""
    folder = data.PREPARED / "steps"
    for path in folder.glob(f"{name}-*{suffix}"):
        if identity not in path.name:
            path.unlink()
    return folder / f"{name}-{identity}{suffix}"


def made_of(*functions: Callable[..., Any]) -> list[str]:
    """Return the functions, with all functions and constants of this file that they use, as they stand here."""
    found: dict[str, str] = {}
    wanted = [str(getattr(function, "func", function).__name__) for function in functions]
    while wanted:
        name = wanted.pop()
        if name in found or name not in definitions():
            continue
        found[name] = ast.unparse(definitions()[name])
        wanted += [node.id for node in ast.walk(definitions()[name]) if isinstance(node, ast.Name)]
    return sorted(found.values())


@cache
def definitions() -> dict[str, ast.stmt]:
    """Return what this file defines, by name."""
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse(Path(__file__).read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.FunctionDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            targets = (node for target in statement.targets for node in ast.walk(target))
            found |= {node.id: statement for node in targets if isinstance(node, ast.Name)}
    return found


def fingerprint(rows: Dataset, *settings: Any) -> str:
    """Hash rows, and whatever else decides what a step makes of them."""
    digest = hashlib.blake2b(repr(settings).encode(), digest_size=8)
    for table in rows.with_format("arrow").iter(10_000):
        for batch in table.combine_chunks().to_batches():
            digest.update(batch.serialize())
    return digest.hexdigest()


def write_removed(funnel: list[Stage]) -> None:
    """Write every removed row with its split, the step that removed it and the reason."""
    with data.unfinished("removed.jsonl").open("w", encoding="utf-8") as file:
        for stage in funnel:
            for row, reason in zip(each_row(stage.removed), stage.reasons, strict=True):
                line = {"split": stage.split, "step": stage.step, "reason": reason, **row}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def each_row(rows: Dataset) -> Iterator[dict[str, Any]]:
    """Give rows one by one, read in batches: several times as fast."""
    for table in rows.with_format("arrow").iter(1000):
        yield from table.to_pylist()


def write_funnel(funnel: list[Stage]) -> None:
    """Write and print how many rows came into each step and out of it."""
    steps = []
    for stage in funnel:
        examples = zip(stage.reasons[:EXAMPLES], stage.removed, strict=False)
        counts = {"rows_in": stage.rows_in, "rows_out": stage.rows_out, "seconds": round(stage.seconds, 3)}
        shown = [{"reason": reason, **row} for reason, row in examples]
        steps.append({"step": stage.step, "split": stage.split, **counts, "removed": shown})
        print(f"{stage.step}: {stage.rows_in} rows of {stage.split} in, {stage.rows_out} out")
    text = json.dumps({"steps": steps}, ensure_ascii=False, indent=1) + "\n"
    data.unfinished("prepare.json").write_text(text, encoding="utf-8")


def show_funnel() -> None:
    """Copy the counts of the steps into results/."""
    counted = data.PREPARED / "rows" / "prepare.json"
    if counted.exists():
        saving.write(RESULTS / "prepare.json", counted.read_text(encoding="utf-8"))


def key(text: str) -> str:
    """Return a text as it is compared: case, width and white space don't count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def row_texts(batch: dict[str, list[Any]], columns: list[str]) -> list[tuple[str, ...]]:
    """Return the texts of each row."""
    return list(zip(*(batch[name] for name in columns), strict=True))


# A tag, a comment or a declaration; a lone < or > is none.
MARKUP = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--[^<>]*--|![a-zA-Z][^<>]*)>")


def normalize(text: str) -> str:
    """Return a text in the form in which the model sees all texts."""
    text = MARKUP.sub(" ", html.unescape(text))
    text = unicodedata.normalize("NFKC", text)
    return " ".join(text.split())


SHORTEST = 3  # words
LONGEST = 120  # words


def find_misfit(text: str) -> str | None:
    """Say so when a text is too short or too long."""
    length = len(text.split())
    if SHORTEST <= length <= LONGEST:
        return None
    return f"{length} words"


def find_repeats(rows: Dataset) -> dict[int, str]:
    """Find the rows that repeat an earlier one."""
    digests = np.array(work(rows, hash_texts, "exact duplicates")["digest"][:], dtype="S32")
    numbers = rows["row"][:]
    _, first, groups = np.unique(digests, return_index=True, return_inverse=True)
    reasons: dict[int, str] = {}
    for position, group in enumerate(groups):
        original = first[group]
        if original != position:
            reasons[position] = f"repeats row {numbers[original]}"
    return reasons


def hash_texts(batch: dict[str, list[Any]]) -> dict[str, list[str]]:
    """Hash the texts of each row, in whatever order they stand."""
    joined = ("\x1f".join(sorted(map(key, texts))) for texts in row_texts(batch, TEXTS))
    return {"digest": [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in joined]}


ALIKE = 0.8  # Jaccard similarity from which two rows are one, if each of their texts has it
BANDS, BAND_WIDTH = 21, 6  # of 100 pairs that are just alike enough, 99 share a band
MOST_COMPARED = 50  # earlier rows of one band that a row is compared with


def find_near_repeats(rows: Dataset) -> dict[int, str]:
    """Find the rows that are nearly an earlier one: MinHash names candidates, their exact similarity decides."""
    bands, shared = sketch_rows(rows)
    suspects = np.flatnonzero(shared.any(axis=1))
    earlier: dict[tuple[int, int], list[int]] = {}
    kept: dict[int, tuple[int, list[np.ndarray]]] = {}
    found: dict[int, tuple[float, int]] = {}
    for position, number, shingles in tqdm(
        each_shingled(rows.select(suspects), suspects), total=len(suspects), desc="compare"
    ):
        buckets = [(int(band), int(bands[position, band])) for band in np.flatnonzero(shared[position])]
        met = dict.fromkeys(other for bucket in buckets for other in earlier.get(bucket, [])[-MOST_COMPARED:])
        alike = ((similarity(shingles, kept[other][1]), kept[other][0]) for other in met)
        if nearest := next((one for one in alike if one[0] >= ALIKE), None):
            found[position] = nearest
            continue
        kept[position] = number, shingles
        for bucket in buckets:
            earlier.setdefault(bucket, []).append(position)
    show_thresholds([alike for alike, _ in found.values()])
    return {
        position: f"nearly repeats row {number} (similarity {alike:.3f})" for position, (alike, number) in found.items()
    }


def sketch_rows(rows: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the bands of each row, and which of them another row shares."""
    sketched = work(rows, sketch, "near-duplicates", columns=TEXTS, bands=BANDS, width=BAND_WIDTH)
    bands = sketched.with_format("numpy")["bands"][:]
    shared = np.zeros(bands.shape, dtype=bool)
    for band in range(BANDS):
        _, groups, counts = np.unique(bands[:, band], return_inverse=True, return_counts=True)
        shared[:, band] = counts[groups] > 1
    return bands, shared


def show_thresholds(found: list[float]) -> None:
    """Print how many of these rows higher thresholds would merge; removed.jsonl has the similarity of each."""
    higher = sorted({ALIKE, *(percent / 100 for percent in range(75, 100, 5) if percent / 100 > ALIKE)})
    counts = ", ".join(f"{sum(alike >= threshold for alike in found)} from {threshold:g}" for threshold in higher)
    print(f"near-duplicates, by threshold: {counts}")


def each_shingled(rows: Dataset, positions: np.ndarray) -> Iterator[tuple[int, int, list[np.ndarray]]]:
    """Give each row's position, its number, and the sets of shingles of its texts."""
    done = 0
    for batch in rows.iter(1000):
        texts = row_texts(batch, TEXTS)
        found = iter(shingle_sets([text for own in texts for text in own]))
        for number, own in zip(batch["row"], texts, strict=True):
            yield int(positions[done]), number, [next(found) for _ in own]
            done += 1


# A split -> those whose rows must not stand in it: neither training nor the choice of a checkpoint may see them.
SIEVED = {"eval": ("test",), "train": ("eval", "test")}
ASKED = ["anchor", "positive"]  # a text of a training row leaks where it stands in one of these columns
LEAKS_FROM = 0.8  # Jaccard similarity of a row with one that is measured on
LEAK_BANDS, LEAK_BAND_WIDTH = 21, 6  # of 100 pairs that are just alike enough, 99 share a band


def find_leaks(splits: dict[str, Dataset], rows: Dataset) -> dict[int, str]:
    """Find the rows of which a text stands in what the model is measured on."""
    measured = measured_texts(splits)
    places = {key(text): place for text, place in measured.items()}
    found = work(rows, find_copies, "leaks", places=places)
    reasons = {position: reason for position, reason in enumerate(found["reason"][:]) if reason}
    reasons = find_near_leaks(rows, splits) | reasons
    return dict(sorted(reasons.items()))


def measured_texts(splits: dict[str, Dataset]) -> dict[str, str]:
    """Return every text that the model is measured on, with where it stands first."""
    found: dict[str, str] = {}
    for split, rows in splits.items():
        for name in ASKED:
            for number, text in zip(rows["row"][:], rows[name][:], strict=True):
                found.setdefault(text, f"{split}, {name} of row {number}")
    return found


def find_copies(batch: dict[str, list[Any]], places: dict[str, str]) -> dict[str, list[str]]:
    """Say for each row where one of its texts stands."""
    reasons = [""] * len(batch["row"])
    for name in ASKED:
        for position, text in enumerate(batch[name]):
            if reasons[position]:
                continue
            if place := places.get(key(text)):
                reasons[position] = f"{name} stands in {place}"
    return {"reason": reasons}


def find_near_leaks(rows: Dataset, splits: dict[str, Dataset]) -> dict[int, str]:
    """Find the rows that are nearly one that is measured on."""
    places = [f"row {number} of {split}" for split, part in splits.items() for number in part["row"]]
    texts = [texts for part in splits.values() for texts in row_texts(part.select_columns(ASKED)[:], ASKED)]
    return {position: f"nearly {places[number]}" for position, number in each_near(rows, ASKED, texts)}


def each_near(rows: Dataset, columns: list[str], texts: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """Give the position of each row that is nearly one of the texts, and the number of those.

    MinHash names candidates, their exact similarity decides.
    """
    columns_known = {name: [row[place] for row in texts] for place, name in enumerate(columns)}
    known = sketch(columns_known, columns, LEAK_BANDS, LEAK_BAND_WIDTH)["bands"]
    buckets: dict[tuple[int, int], list[int]] = {}
    for number, hashes in enumerate(known.tolist()):
        for bucket in enumerate(hashes):
            buckets.setdefault(bucket, []).append(number)
    sketched = work(rows, sketch, "near leaks", columns=columns, bands=LEAK_BANDS, width=LEAK_BAND_WIDTH)
    bands = sketched.with_format("numpy")["bands"][:]
    shared = np.stack([np.isin(bands[:, band], known[:, band]) for band in range(LEAK_BANDS)], axis=1)
    suspects = np.flatnonzero(shared.any(axis=1))
    for position, own in zip(suspects.tolist(), row_texts(rows.select(suspects)[:], columns), strict=True):
        met = {number for bucket in enumerate(bands[position].tolist()) for number in buckets.get(bucket, [])}
        shingles = shingle_sets(own)
        alike = (number for number in sorted(met) if similarity(shingles, shingle_sets(texts[number])) >= LEAKS_FROM)
        if (nearest := next(alike, None)) is not None:
            yield position, nearest


def sketch(batch: dict[str, list[Any]], columns: list[str], bands: int, width: int) -> dict[str, np.ndarray]:
    """Hash each row into bands of a MinHash signature, so that rows that are alike share one."""
    rows = row_texts(batch, columns)
    shingles, starts = shingle([text for texts in rows for text in texts])
    starts = np.ascontiguousarray(starts[:: len(rows[0])])
    signatures = RMinHash.digest_matrix_from_flat_token_hashes(shingles, starts, num_perm=bands * width, seed=SEED)
    found = np.array(signatures.to_rows(), dtype=np.uint64).reshape(len(rows), bands, width)
    weights = np.random.default_rng(SEED).integers(2**63, size=width, dtype=np.uint64) * 2 + 1
    return {"bands": (found * weights).sum(axis=2, dtype=np.uint64)}


def shingle(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the runs of three characters of all texts, scrambled to 64-bit numbers, and where those of each text begin."""
    keys = [key(text).ljust(3) for text in texts]
    ends = np.cumsum([len(text) for text in keys])
    codes = np.frombuffer("".join(keys).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    # A code point takes 21 bits, so three of them fit into one number.
    runs = codes[:-2] << 42 | codes[1:-1] << 21 | codes[2:]
    within = np.ones(len(codes), dtype=bool)
    within[ends - 1] = within[ends - 2] = False
    starts = np.concatenate([[0], ends - 2 * np.arange(1, len(keys) + 1)]).astype(np.uint64)
    return runs[within[:-2]] * np.uint64(0x9E3779B97F4A7C15), starts


def shingle_sets(texts: Sequence[str]) -> list[np.ndarray]:
    """Return the distinct shingles of each text."""
    shingles, starts = shingle(list(texts))
    return [np.unique(part) for part in np.split(shingles, starts[1:-1].astype(np.int64))]


def jaccard(first: np.ndarray, second: np.ndarray) -> float:
    """Return the share of their shingles that two texts have in common."""
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / (len(first) + len(second) - common)


def similarity(first: list[np.ndarray], second: list[np.ndarray]) -> float:
    """Return how alike two rows are, with their texts in the order that makes them more so: that of the texts least alike."""
    straight = min(jaccard(first[0], second[0]), jaccard(first[1], second[1]))
    crossed = min(jaccard(first[0], second[1]), jaccard(first[1], second[0]))
    return max(straight, crossed)
