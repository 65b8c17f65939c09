"""Three texts become one: both sides' changes are there, and what both changed is marked."""

from __future__ import annotations

import random
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from stgen.disk.three_way import BEGINS, BETWEEN, ENDS, MOST_LINES, TooLongError, blocks, merge_texts, unresolved

BASE = "".join(f"line {number}\n" for number in range(30))


def changed(**lines: str | None) -> str:
    """The thirty lines, some (`l3="..."`) replaced, or gone where they are None."""
    made = [lines.get(f"l{number}", f"line {number}") for number in range(30)]
    return "".join(f"{line}\n" for line in made if line is not None)


@pytest.mark.parametrize("text", ["", "a", "a\n", BASE, BASE + "no end"])
def test_one_side_alone_is_taken_as_it_is(text: str) -> None:
    assert merge_texts(text, BASE, BASE) == (text, 0)
    assert merge_texts(BASE, BASE, text) == (text, 0)
    assert merge_texts(text, BASE, text) == (text, 0)
    assert merge_texts(BASE, text, BASE) == (BASE, 0)


def test_changes_in_other_places_are_both_there() -> None:
    assert merge_texts(changed(l3="mine"), BASE, changed(l20="new")) == (changed(l3="mine", l20="new"), 0)
    assert merge_texts(changed(l3=None), BASE, changed(l20="a\nb")) == (changed(l3=None, l20="a\nb"), 0)


def test_one_place_that_both_changed_holds_both() -> None:
    merged, conflicts = merge_texts(changed(l3="mine"), BASE, changed(l3="new", l20="too"))
    assert conflicts == 1
    assert merged == changed(l3=f"{BEGINS}\nmine\n{BETWEEN}\nnew\n{ENDS}", l20="too")
    assert unresolved(merged) == 1


def test_what_both_sides_of_a_conflict_share_stands_once() -> None:
    merged, conflicts = merge_texts(changed(l3="a\nmine\nb"), BASE, changed(l3="a\nnew\nb"))
    assert conflicts == 1
    assert merged == changed(l3=f"a\n{BEGINS}\nmine\n{BETWEEN}\nnew\n{ENDS}\nb")


def test_neighbouring_lines_are_one_place() -> None:
    assert merge_texts(changed(l3="mine"), BASE, changed(l4="new"))[1] == 1


def test_markers_stand_on_lines_of_their_own() -> None:
    merged, conflicts = merge_texts("mine", "old", "new")
    assert (merged, conflicts) == (f"{BEGINS}\nmine\n{BETWEEN}\nnew\n{ENDS}\n", 1)


def test_only_a_line_feed_ends_a_line() -> None:
    odd = changed(l3="form\x0cfeed\x85and \u2028 more\rreturn")
    assert merge_texts(odd, BASE, changed(l20="new"))[0].replace("new", "line 20") == odd


def test_line_ends_of_windows_stay() -> None:
    mine = changed(l3="mine").replace("\n", "\r\n")
    assert merge_texts(mine, BASE, changed(l20="new")) == (changed(l3="mine", l20="new").replace("\n", "\r\n"), 0)
    merged, conflicts = merge_texts(mine, BASE, changed(l3="new"))
    assert (conflicts, unresolved(merged)) == (1, 1)
    assert merged.count("\n") == merged.count("\r\n")


def test_text_of_any_length_ends_soon() -> None:
    """The worst that there is: lines that are all alike, and none that tells which belong together."""
    ones, others = "a\nb\n" * (MOST_LINES // 2), "b\na\na\n" * (MOST_LINES // 3)
    assert merge_texts(ones, others, "b\n" * MOST_LINES)[1] >= 1
    with pytest.raises(TooLongError):
        merge_texts("\n" * (MOST_LINES + 1), "", "")


def test_shared_lines_are_in_order_and_alike() -> None:
    draw = random.Random(0)
    for _ in range(200):
        one, other = ([draw.choice("abcdefg") for _ in range(draw.randrange(30))] for _ in range(2))
        found = blocks(one, other)
        for block in found:
            assert one[block.one : block.one + block.size] == other[block.other : block.other + block.size]
        for before, after in pairwise(found):
            assert before.one + before.size <= after.one
            assert before.other + before.size <= after.other


def edited(lines: list[str], draw: random.Random) -> list[str]:
    """What a person might do to a text: up to five changes."""
    made = list(lines)
    for _ in range(draw.randrange(6)):
        at = draw.randrange(len(made))
        what = draw.randrange(4)
        if what == 0:
            made[at] += f"  # {draw.randrange(100)}"
        elif what == 1:
            made[at:at] = [f"new = {draw.randrange(1000)}"] * draw.randrange(1, 4)
        elif what == 2:
            del made[at : at + draw.randrange(1, 5)]
        else:
            made[at:at] = made[max(0, at - 5) : at]
    return made or [""]


@pytest.mark.skipif(not shutil.which("git"), reason="git is what it is compared with")
def test_merges_as_git_does(tmp_path: Path) -> None:
    """On a real file, this one: where git merges without a conflict, so does this, and nearly always to the same text."""
    base = Path(__file__).read_text().split("\n")
    draw = random.Random(7)
    same = clean = agreed = 0
    for _ in range(150):
        texts = ["\n".join(lines) for lines in (edited(base, draw), base, edited(base, draw))]
        for name, text in zip("abc", texts, strict=True):
            (tmp_path / name).write_text(text)
        command = ["git", "merge-file", "-p", "a", "b", "c"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        merged, conflicts = merge_texts(*texts)
        agreed += (conflicts > 0) == (done.returncode > 0)
        if not conflicts and not done.returncode:
            clean += 1
            same += merged == done.stdout
    assert clean > 100
    assert agreed >= 145
    assert same >= clean - 5
