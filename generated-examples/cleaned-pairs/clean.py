"""Cleans the data that prepare.py reads.

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

Nothing is lost: prepared/rows/removed.jsonl holds every row that went, with the step and the reason, and results/prepare.json,
a copy of prepared/rows/prepare.json, counts them. What a step found is kept in prepared/steps/ and taken from there as long as rows, settings and versions
are the same.
"""

import ast
import hashlib
import html
import json
import os
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache, partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from textwrap import shorten
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Dataset
from ftfy import fix_encoding
from ftfy.badness import is_bad
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
    splits = {
        split: change(rows, split, "normalize", normalize, (version("ftfy"),), funnel) for split, rows in splits.items()
    }
    splits["train"] = judge(splits["train"], "train", "mojibake", find_mojibake, (version("ftfy"),), funnel)
    splits["train"] = judge(splits["train"], "train", "symbols", find_symbols, (SYMBOLS_FROM,), funnel)
    splits["train"] = judge(splits["train"], "train", "gibberish", find_gibberish, (), funnel)
    splits["train"] = judge(splits["train"], "train", "boilerplate", find_boilerplate, (), funnel)
    splits["train"] = judge(splits["train"], "train", "length", find_misfit, (SHORTEST, LONGEST), funnel)
    splits["train"] = sift(splits["train"], "train", "identical", find_identical, (), funnel)
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
        for row in shown:
            texts = " | ".join(shorten(str(value), 60) for name, value in row.items() if name not in ("reason", "row"))
            print(f"  row {row['row']}, {row['reason']}: {texts}")
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
    text = html.unescape(text)
    text = fix_encoding(text)
    text = unicodedata.normalize("NFKC", text)
    text = MARKUP.sub(" ", text)
    return " ".join(text.split())


def find_mojibake(text: str) -> str | None:
    """Say so when a text was decoded with the wrong encoding."""
    return "it was decoded with the wrong encoding" if "\ufffd" in text or is_bad(text) else None


SYMBOLS_FROM = 0.5  # share of signs among the letters and signs of a text


def find_symbols(text: str) -> str | None:
    """Say so when a text is mostly signs; digits count as neither, and accents as letters."""
    kinds = Counter(unicodedata.category(character)[0] for character in text)
    signs, letters = kinds["P"] + kinds["S"], kinds["L"] + kinds["M"]
    if signs < SYMBOLS_FROM * (signs + letters) or not signs:
        return None
    return f"{signs} signs and {letters} letters"


# Letter -> how likely a to z follow it in languages of Latin script, in powers of two; 6 is as likely as by chance.
LIKELY = {
    "a": "77786677767989573989775576",
    "b": "73117000720602600631602050",
    "c": "80307008836414700535500044",
    "d": "82069125833435700654633045",
    "e": "66787575767989562998665456",
    "f": "60006400610401700624500030",
    "g": "81037044733534610644613050",
    "h": "80028000723324702515623040",
    "i": "85878575668879763798563256",
    "j": "70028000602013600042620000",
    "k": "91207004714543800666733050",
    "l": "94359343955854830166742051",
    "m": "96128231833353760343704030",
    "n": "93689485955436800378633064",
    "o": "56675675666889761987675135",
    "p": "80107115710602840745601120",
    "q": "30003000200000200000600000",
    "r": "95569464936566841577753055",
    "s": "83628236838654760369753055",
    "t": "93109127934534800866744053",
    "u": "65567354655778561777543335",
    "v": "80018000711304600430400042",
    "w": "80116002600204500330200050",
    "x": "40003000300000110002200000",
    "y": "73555332424456530554333012",
    "z": "72236022702335520233432042",
}
LIKE_CHANCE = 6 - 0.5  # the mean of a text whose letters follow each other as if drawn
ENOUGH = 8  # pairs of letters that tell
LETTERS = re.compile(r"[^\W\d_]+")
SAME_RUN = re.compile(r"(\w)\1{3,}")  # a key that is held


def find_gibberish(text: str) -> str | None:
    """Say so when the letters of a text follow each other as in no language, or when it says the same again and again."""
    words = [word for word in LETTERS.findall(text) if not (word.isupper() and len(word) < 6)]
    letters = unicodedata.normalize("NFKD", " ".join(words).lower())
    pairs = [(one, other) for one, other in pairwise(letters) if one in LIKELY and "a" <= other <= "z"]
    held = sum(len(run[0]) for run in SAME_RUN.finditer(text))
    if 2 * held > len("".join(text.split())):
        return "one letter again and again"
    if len(words) >= 8 and 4 * len(set(map(str.lower, words))) <= len(words):
        return "few words again and again"
    if len(pairs) < ENOUGH:
        return None
    mean = sum(int(LIKELY[one][ord(other) - ord("a")]) for one, other in pairs) / len(pairs)
    return None if mean > LIKE_CHANCE else "its letters follow each other as in no language"


BOILERPLATE = [
    re.compile(r"(?:©|\(c\)|copyright) ?(?:\d{4}|by )"),
    re.compile(r"\blorem ipsum\b"),
    re.compile(r"^(?:\[\w+\] ?){2}"),
    re.compile(r"^[^|»\u203a·\u2022]{1,25}(?: [|»\u203a·\u2022] [^|»\u203a·\u2022]{1,25}){2}"),
    re.compile(r"\ball rights reserved\b"),
    re.compile(r"\bcookies? (?:policy|settings|notice|preferences)\b"),
    re.compile(r"\b(?:use|uses|using|accept) (?:of )?cookies\b"),
    re.compile(r"\bprivacy policy\b"),
    re.compile(r"\bterms (?:of|and) (?:use|service|conditions)\b"),
    re.compile(r"\b(?:subscribe|sign up) (?:to|for) (?:our|the)\b"),
    re.compile(r"\b(?:enable|requires?) javascript\b"),
    re.compile(r"\bclick here\b"),
    re.compile(r"\bskip to (?:main )?content\b"),
    re.compile(r"\bpowered by \w+$"),
    re.compile(r"\b(?:share|follow us|find us|like us)\b.{0,20} on (?:facebook|twitter|instagram|linkedin)\b"),
    re.compile(r"\bpage \d+ of \d+\b"),
    re.compile(r"\bshowing \d+.{0,12} (?:of|results)\b"),
    re.compile(r"\b(?:read|load|show|view) more$"),
    re.compile(r"^(?:log|sign) ?in (?:\||or |to )"),
    re.compile(r"\bback to top\b"),
    re.compile(r"\bprevious\W+next\b"),
    re.compile(r"\badvertisement$"),
]
MOST_WORDS = 30  # a longer text that has such a phrase says something else too
NEXT_SENTENCE = re.compile(r"(?<=[.!?]) ")


def find_boilerplate(text: str) -> str | None:
    """Say so when at least half of a short text is what web pages say around their texts."""
    words = text.lower().split()
    if len(words) > MOST_WORDS:
        return None
    found, said = None, 0
    for sentence in NEXT_SENTENCE.split(" ".join(words)):
        if phrase := next(filter(None, (one.search(sentence) for one in BOILERPLATE)), None):
            found, said = found or phrase[0], said + len(sentence.split())
    return f"boilerplate: {found!r}" if found and 2 * said >= len(words) else None


SHORTEST = 3  # words
LONGEST = 120  # words


def find_misfit(text: str) -> str | None:
    """Say so when a text is too short or too long."""
    length = len(text.split())
    if SHORTEST <= length <= LONGEST:
        return None
    return f"{length} words"


def find_identical(rows: Dataset) -> dict[int, str]:
    """Find the rows of which two texts are the same: such a pair teaches nothing."""
    first, second = (rows[name][:] for name in TEXTS[:2])
    same = [key(one) == key(other) for one, other in zip(first, second, strict=True)]
    return dict.fromkeys(np.flatnonzero(same).tolist(), f"{TEXTS[0]} and {TEXTS[1]} are the same text")


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
BELOW = 0.1  # how far below that similarities are counted, to tell what a lower threshold would merge
BANDS, BAND_WIDTH = 21, 6  # of 100 pairs that are just alike enough, 99 share a band
MOST_COMPARED = 50  # earlier rows of one band that a row is compared with


class Sketched(NamedTuple):
    """A row as it is compared: its number, its words, and the shingles of each of its texts."""

    number: int
    words: list[str]
    shingles: list[np.ndarray]


def find_near_repeats(rows: Dataset) -> dict[int, str]:
    """Find the rows that are nearly an earlier one: MinHash names candidates, similarity and the words that differ decide."""
    bands, shared = sketch_rows(rows)
    suspects = np.flatnonzero(shared.any(axis=1))
    known = count_words(rows, suspects)
    earlier: dict[tuple[int, int], list[int]] = {}
    kept: dict[int, Sketched] = {}
    met: list[Met] = []
    found: dict[int, str] = {}
    for position, row in tqdm(each_sketched(rows.select(suspects), suspects), total=len(suspects), desc="compare"):
        buckets = [(int(band), int(bands[position, band])) for band in np.flatnonzero(shared[position])]
        others = dict.fromkeys(other for bucket in buckets for other in earlier.get(bucket, [])[-MOST_COMPARED:])
        alike = find_alike(row, [kept[other] for other in others], known)
        met += alike[:1]
        if nearest := next((one for one in alike if one.alike >= ALIKE and not one.decides), None):
            found[position] = f"nearly repeats row {nearest.number} (similarity {nearest.alike:.3f})"
            continue
        kept[position] = row
        for bucket in buckets:
            earlier.setdefault(bucket, []).append(position)
    show_thresholds(met)
    return found


class Met(NamedTuple):
    """An earlier row that a row is like, and the word by which the two say different things, if there is one."""

    alike: float
    number: int
    row: int
    decides: str


def find_alike(row: Sketched, others: list[Sketched], known: Counter[str]) -> list[Met]:
    """Return the rows that a row is like, or nearly: those that it may repeat first, and the most alike of them before others."""
    found = []
    for other in others:
        alike = similarity(row.shingles, other.shingles)
        if alike >= ALIKE - BELOW:
            found.append(Met(alike, other.number, row.number, deciding_word(row.words, other.words, known)))
    return sorted(found, key=lambda one: (bool(one.decides), -one.alike))


def show_thresholds(met: list[Met]) -> None:
    """Print how many rows thresholds merge, with what only a lower one would, and what stays apart; removed.jsonl has the rows."""
    merged = [one for one in met if not one.decides]
    thresholds = sorted(
        {round(ALIKE - BELOW, 3), round(ALIKE - BELOW / 2, 3), ALIKE, *(step / 100 for step in range(75, 100, 5))}
    )
    counts = [
        (sum(one.alike >= threshold for one in merged), threshold)
        for threshold in thresholds
        if threshold >= ALIKE - BELOW
    ]
    print(f"near-duplicates, by threshold: {', '.join(f'{count} from {threshold:g}' for count, threshold in counts)}")
    for one in sorted((one for one in merged if one.alike < ALIKE), reverse=True)[:EXAMPLES]:
        print(f"  from {one.alike:.3f} on, row {one.row} would be one with row {one.number}")
    apart = [one for one in met if one.decides and one.alike >= ALIKE]
    if apart:
        print(f"near-duplicates: {len(apart)} rows differ from an earlier one by a word that decides, and stay")
    for one in apart[:EXAMPLES]:
        print(f"  row {one.row} and row {one.number}: {one.decides}")


def sketch_rows(rows: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the bands of each row, and which of them another row shares."""
    sketched = work(rows, sketch, "near-duplicates", columns=TEXTS, bands=BANDS, width=BAND_WIDTH)
    bands = sketched.with_format("numpy")["bands"][:]
    shared = np.zeros(bands.shape, dtype=bool)
    for band in range(BANDS):
        _, groups, counts = np.unique(bands[:, band], return_inverse=True, return_counts=True)
        shared[:, band] = counts[groups] > 1
    return bands, shared


def each_sketched(rows: Dataset, positions: np.ndarray) -> Iterator[tuple[int, Sketched]]:
    """Give each row's position, and the row as it is compared."""
    done = 0
    for batch in rows.iter(1000):
        texts = row_texts(batch, TEXTS)
        found = iter(shingle_sets([text for own in texts for text in own]))
        for number, own in zip(batch["row"], texts, strict=True):
            yield int(positions[done]), Sketched(number, words_of(own), [next(found) for _ in own])
            done += 1


# Numbers, words with their apostrophes, and each character of the scripts that are written without blanks.
TERM = re.compile(
    r"\d+(?:[.,]\d+)*|[\u3040-\u30ff\u3400-\u9fff]|(?:(?![\u3040-\u30ff\u3400-\u9fff])[^\W\d_])+(?:'(?:(?![\u3040-\u30ff\u3400-\u9fff])[^\W\d_])+)*"
)
FOOTNOTES = re.compile(
    r"(?<=[\s.,;:!?)\"'\u201d])(?:\[\d{1,3}\])+\s*\Z"
)  # that end a text which was copied from an article
NEGATIONS = ["no", "not", "never", "none", "nor", "neither", "without", "cannot", "nobody", "nothing"]


def words_of(texts: Iterable[str]) -> list[str]:
    """Return the words and numbers of a row."""
    told = "\n".join(FOOTNOTES.sub("", text) for text in texts)
    return TERM.findall(key(told).replace("\u2019", "'"))


def count_words(rows: Dataset, suspects: np.ndarray) -> Counter[str]:
    """Count in all rows the words of those that may repeat another: a word that stands once is misspelled or a rare name."""
    wanted: set[str] = set()
    for _, row in each_sketched(rows.select(suspects), suspects):
        wanted.update(row.words)
    known: Counter[str] = Counter()
    for batch in rows.select_columns(["row", *TEXTS]).iter(1000) if wanted else ():
        for own in row_texts(batch, TEXTS):
            known.update(word for word in words_of(own) if word in wanted)
    return known


def deciding_word(first: list[str], second: list[str], known: Counter[str]) -> str:
    """Return the words by which two rows say different things; "" where they only say it differently."""
    gone, came = ([*(Counter(own) - Counter(other)).elements()] for own, other in ((first, second), (second, first)))
    numbers = [sorted(word.replace(",", "") for word in words if word[0].isdigit()) for words in (gone, came)]
    if numbers[0] != numbers[1]:
        return f"{' '.join(numbers[0]) or 'no number'} for {' '.join(numbers[1]) or 'none'}"
    negated = [[word for word in words if word in NEGATIONS or word.endswith("n't")] for words in (gone, came)]
    if len(negated[0]) != len(negated[1]):
        return f"negated by {(negated[0] + negated[1])[0]}"
    passed = {*negated[0], *negated[1], *split_words(first, came), *split_words(second, gone)}
    gone, came = ([word for word in words if weighs(word) and word not in passed] for words in (gone, came))
    for word in tuple(gone):
        same = next((other for other in came if same_word(word, other, known)), None)
        if same is not None:
            gone.remove(word)
            came.remove(same)
    replaced = ((one, other) for one in gone for other in came if beside(first, one) & beside(second, other))
    return next((f"{one} for {other}" for one, other in replaced), "")


def split_words(words: list[str], others: list[str]) -> set[str]:
    """Return the words of others that stand here in two parts, and those parts."""
    return {word for one, other in pairwise(words) if one + other in others for word in (one, other, one + other)}


def beside(words: list[str], word: str) -> set[tuple[str, str]]:
    """Return what stands before a word and behind it, wherever it stands."""
    bounded = ["", *words, ""]
    places = [place for place, one in enumerate(bounded) if one == word]
    return {("before", bounded[place - 1]) for place in places} | {("behind", bounded[place + 1]) for place in places}


def same_word(one: str, other: str, known: Counter[str]) -> bool:
    """Whether a word is another one in another form, or misspelled: two words that are both in use are two."""
    short, long = sorted((one, other), key=len)
    if long.startswith(short) and len(long) - len(short) <= 2:
        return True
    rarer, commoner = sorted((known[one], known[other]))
    if sorted(one) == sorted(other) and 20 * rarer <= commoner:
        return True
    if rarer > 1 or (long.endswith(short) and len(long) - len(short) > 1):
        return False
    if len(short) < 4:
        return sorted(one) == sorted(other)
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.75


def weighs(word: str) -> bool:
    """Whether a word in the place of another says something else: articles and the like are shorter."""
    return word[0].isalpha() and (len(word) > 2 or not word.isascii())


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
