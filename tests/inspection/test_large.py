"""A large file is read once: what its first rows show is held against all of them, and the answer is that of reading it again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stgen.inspection import proposing
from stgen.inspection.inspecting import inspect_data
from stgen.inspection.showing import inspection_data, inspection_text
from stgen.reader import json_lines

ROWS = 30_000
Made = Callable[[int], dict[str, object]]
# fmt: off
FILES: dict[str, Made] = {
    "pairs with scores": lambda n: {"id": n, "s1": f"The part number {n} is broken.", "s2": f"Part {n} doesn't work.", "score": n % 51 / 10},
    "lists of texts": lambda n: {"query": f"How is part {n} mended?", "pos": [f"Part {n} is glued."], "neg": [f"Part {n + 1} is screwed.", f"Part {n + 2} is new."]},
    "another guess at the end": lambda n: {"question": f"How is part {n} mended?", "answer": f"Part {n} is glued.", "label": 1 if n < 25_000 else n % 2},
    "a broken row at the end": lambda n: {"question": f"How is part {n} mended?", "answer": f"Part {n} is glued." if n != 29_000 else ""},
}
# fmt: on


def write(path: Path, made: Made) -> Path:
    path.write_text("".join(json.dumps(made(n)) + "\n" for n in range(ROWS)))
    return path


@pytest.mark.parametrize("name", FILES)
def test_one_reading_says_what_several_do(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "train.jsonl", FILES[name])
    expected = inspection_data(inspect_data(str(path)))
    monkeypatch.setattr(proposing, "HEAD", ROWS)
    assert inspection_data(inspect_data(str(path))) == expected
    assert expected["line"]


@pytest.mark.parametrize(
    ("name", "readings"), [("pairs with scores", 1), ("lists of texts", 1), ("another guess at the end", 2)]
)
def test_all_rows_are_read_as_often_as_they_must(
    name: str, readings: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "train.jsonl", FILES[name])
    read = 0

    def counted(*given: object, **named: object) -> Iterator[object]:
        nonlocal read
        for batch in reading(*given, **named):
            read += len(batch.places)
            yield batch

    reading: Callable[..., Iterator[json_lines.Batch]] = json_lines.read
    monkeypatch.setattr(json_lines, "read", counted)
    inspect_data(str(path))
    heads = 4 * proposing.HEAD  # its first rows, more of them than are looked at
    assert readings * ROWS <= read <= readings * ROWS + heads


def test_what_is_counted_in_some_rows_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(
        tmp_path / "train.jsonl",
        lambda n: {"question": f"How is part {n % 700} mended?", "answer": f"Part {n} is glued.", "score": n / ROWS},
    )
    monkeypatch.setattr(proposing, "KEPT", 1000)
    found = inspect_data(str(path))
    columns = {column.name: column for column in found.columns}
    assert (found.rows, found.searched) == (ROWS, 1000)
    assert (columns["question"].distinct, columns["question"].repeated) == (700, 300)
    assert columns["score"].high == (ROWS - 1) / ROWS
    shown = inspection_text(found)
    assert "in the first 1,000 rows" in shown
    assert f"in {found.sampled:,} rows, spread evenly" in shown
    assert (
        shown.count("100%") + shown.count("100.0%") == 1
    )  # the numbers of the first rows lie in one part of the range
