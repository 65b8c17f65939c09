"""Measures cleaning: rows a second of each step of a generated repo, its memory, and the plain way beside it.

    python tests/benchmark/prepare.py FOLDER [--rows 1000000] [--plain-rows 100000]

The plain way is a script with the same libraries and settings that maps and filters one row at a time in one process.
Both ways are timed on the same rows, fewer of them: the plain way is slow. It is timed twice, with lingua alone and with
the quick check before it that the generated program makes. Rows are made of the sentences in ../shared/data.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
SPEC = """\
stgen = 1
[model]
type = "dense"
architecture = "static"
[[data]]
train = "train.jsonl"
eval = "eval.jsonl"
test = "test.jsonl"
columns = { text = "text" }
[prepare]
normalize = { mojibake = true, unicode = "NFKC", whitespace = true, urls = "mask" }
junk = { mojibake = true, markup = 0.3, symbols = 0.5, gibberish = true, boilerplate = true }
language = { keep = ["en"] }
length = { min = 4, max = 60 }
deduplicate = { exact = true, near = 0.8 }
"""
PLAIN = """\
import re, sys, time, unicodedata
from datasets import disable_caching, load_dataset
from lingua import Language, LanguageDetectorBuilder
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from rensa import RMinHash, RMinHashLSH

disable_caching()
quick = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True) if "quick" in sys.argv else None
rows = load_dataset("json", data_files=sys.argv[1], split="train")
detector = LanguageDetectorBuilder.from_all_languages().build()
detector.detect_language_of("load the models before the clock starts, as they are loaded once")
start = time.perf_counter()

def timed(name, before, after):
    global start
    now = time.perf_counter()
    print(f"{name}: {len(before)} rows, {len(before) / (now - start):.0f} rows/s", flush=True)
    start = time.perf_counter()
    return after

url = re.compile(r"\\b(?:https?://|www\\.)\\S+")
normalize = lambda row: {"text": " ".join(url.sub("[url]", unicodedata.normalize("NFKC", row["text"])).split())}
rows = timed("normalize", rows, rows.map(normalize))
def english(row):
    if quick:
        found, sure = quick.classify(row["text"])
        if found == "en" and sure >= 0.1:
            return True
    return detector.detect_language_of(row["text"]) == Language.ENGLISH
rows = timed("language", rows, rows.filter(english))
rows = timed("length", rows, rows.filter(lambda row: 4 <= len(row["text"].split()) <= 60))
seen = set()
def first(row):
    known = row["text"].casefold() in seen
    seen.add(row["text"].casefold())
    return not known
rows = timed("exact-duplicates", rows, rows.filter(first))
index = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
kept = {}
def unlike(row, number):
    text = row["text"].casefold()
    sketch = RMinHash(num_perm=128, seed=42)
    sketch.update([text[start : start + 3] for start in range(max(1, len(text) - 2))])
    if any(kept[other].jaccard(sketch) >= 0.8 for other in index.query(sketch)):
        return False
    index.insert(number, sketch)
    kept[number] = sketch
    return True
rows = timed("near-duplicates", rows, rows.filter(unlike, with_indices=True))
print(f"{len(rows)} rows are left")
"""


def main() -> int:
    """Make the rows and the repo, run both ways, print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--plain-rows", type=int, default=100_000)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_rows(options.folder, options.rows)
    (options.folder / "stgen.toml").write_text(SPEC)
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT / "compiler")}
    compiled = [sys.executable, "-m", "stgen", "compile", "stgen.toml", "-o", "."]
    subprocess.run(compiled, cwd=options.folder, env=environment, check=True)
    print("| step | rows in | rows out | seconds | rows/s |\n| --- | ---: | ---: | ---: | ---: |")
    whole = generated(options.folder, options.rows, environment)
    if not options.plain_rows:
        return 0
    small = options.folder / "some"
    shutil.copytree(options.folder, small, ignore=shutil.ignore_patterns("prepared", "results", "some", "train.jsonl"))
    with (options.folder / "train.jsonl").open() as rows, (small / "train.jsonl").open("w") as some:
        some.writelines(line for _, line in zip(range(options.plain_rows), rows, strict=False))
    (small / "plain.py").write_text(PLAIN)
    rates = {"generated": generated(small, options.plain_rows, environment)}
    for name, arguments in (("plain", ()), ("plain, quick check first", ("quick",))):
        cost = run([sys.executable, "plain.py", "train.jsonl", *arguments], small, environment)
        rates[name] = report(name, options.plain_rows, cost)
        print(f"generated against {name}: {rates['generated'] / rates[name]:.1f} times as many rows a second")
    print(
        f"generated on {options.rows} rows: {whole:.0f} rows/s; on {options.plain_rows}: {rates['generated']:.0f} rows/s"
    )
    return 0


def generated(folder: Path, count: int, environment: dict[str, str]) -> float:
    """Run a repo's prepare.py, print what its steps did to train, and return rows a second of the whole program."""
    cost = run([sys.executable, "prepare.py"], folder, environment)
    for step in json.loads((folder / "results" / "prepare.json").read_text())["steps"]:
        if step["split"] == "train":
            rate = step["rows_in"] / max(step["seconds"], 1e-9)
            cells = (step["step"], step["rows_in"], step["rows_out"], f"{step['seconds']:.1f}", f"{rate:.0f}")
            print(f"| {' | '.join(map(str, cells))} |")
    return report("generated", count, cost)


def report(name: str, count: int, cost: Cost) -> float:
    """Print what a program cost; return its rows a second."""
    print(
        f"{name}: {count} rows in {cost.seconds:.0f} s ({count / cost.seconds:.0f} rows/s), "
        f"{cost.cpu:.0f} s of CPU ({count / cost.cpu:.0f} rows a CPU second), {cost.memory / 2**30:.2f} GiB at most",
        flush=True,
    )
    return count / cost.seconds


class Cost(NamedTuple):
    """What a program took: seconds by the clock, seconds of CPU with all its processes, bytes of memory at most."""

    seconds: float
    cpu: float
    memory: int


def write_rows(folder: Path, count: int) -> None:
    """Write short rows: two halves of sentences each; a tenth repeated, a twentieth nearly so, some in other languages."""
    chance = random.Random(42)
    texts = [
        json.loads(line)["text"]
        for name in ("state-union", "scifact-sentences", "stackoverflow-titles")
        for line in (DATA / name / "train.jsonl").read_text().splitlines()
    ]
    foreign = [
        json.loads(line)["non_english"]
        for path in sorted((DATA / "tatoeba").glob("*.train.jsonl"))
        for line in path.read_text().splitlines()
    ]
    made: list[str] = []
    with (folder / "train.jsonl").open("w", encoding="utf-8") as file:
        for number in range(count):
            kind = chance.random()
            if made and kind < 0.1:
                text = chance.choice(made)
            elif made and kind < 0.15:
                text = chance.choice(made) + "..."
            elif kind < 0.2:
                text = chance.choice(foreign)
            else:
                first, second = (chance.choice(texts).split() for _ in range(2))
                text = " ".join([*first[: chance.randint(3, 9)], *second[-chance.randint(3, 9) :]])
            if number % 10 == 0:
                made.append(text)
            file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
    for split in ("eval", "test"):
        (folder / f"{split}.jsonl").write_text(json.dumps({"text": f"a text of the {split} split"}) + "\n")


def run(command: list[str], folder: Path, environment: dict[str, str]) -> Cost:
    """Run a program, and return what it took together with its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    most = [0]
    watcher = threading.Thread(target=watch, args=(process, most))
    watcher.start()
    code = process.wait()
    watcher.join()
    if code:
        raise SystemExit(f"{command} failed with {code}")
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, most[0])


def watch(process: subprocess.Popen[bytes], most: list[int]) -> None:
    """Keep the highest proportional set size of a process and those that it started: shared pages count once."""
    while process.poll() is None:
        most[0] = max(most[0], sum(proportional(number) for number in family(process.pid)))
        time.sleep(2)  # to look costs CPU itself


def family(parent: int) -> list[int]:
    """The process and all that it started."""
    found = [parent]
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return found
    for child in children:
        found += family(int(child))
    return found


def proportional(number: int) -> int:
    """The private memory of a process and its share of what is shared, files that are only mapped aside, in bytes."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    return 1024 * sizes.get("Pss_Anon", sizes.get("Pss", 0))


if __name__ == "__main__":
    raise SystemExit(main())
