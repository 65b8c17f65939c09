"""Merges two texts that began as one: a person's, and the one that the spec compiles to now.

Written out rather than left to `git merge-file`, so that a merge needs no git and doesn't depend on how it is configured.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

SIDES = ("yours", "from the spec")
"""What a conflict's markers call the person's text and the new one."""

MARK = "<<<<<<< "
BEGINS, BETWEEN, ENDS = f"{MARK}{SIDES[0]}", "=======", f">>>>>>> {SIDES[1]}"

MOST_LINES = 20_000
"""Lines of a text that is merged: a person's file may have any number, and comparing costs more than reading."""

MOST_PAIRS = 250_000
"""Pairs of lines that are compared with each other where no line tells which belong together."""

Lines = Sequence[str]


class TooLongError(Exception):
    """A text has more lines than are merged."""


class Block(NamedTuple):
    """Lines that two texts share: where they begin in each, and how many they are."""

    one: int
    other: int
    size: int


def merge_texts(yours: str, before: str, compiled: str) -> tuple[str, int]:
    """The merged text, and in how many places both sides changed the same lines. Raises TooLongError.

    Such a place holds both versions, between markers. A text with Windows' line ends is merged as such.
    """
    if _has_windows_ends(yours):
        before, compiled = _with_windows_ends(before), _with_windows_ends(compiled)
    texts = [_lines(text) for text in (yours, before, compiled)]
    if max(map(len, texts)) > MOST_LINES:
        raise TooLongError(f"it has more than {MOST_LINES} lines")
    merged: list[str] = []
    conflicts = 0
    for mine, old, new in _regions(*texts):
        if mine in (old, new):
            merged += new
        elif new == old:
            merged += mine
        else:
            merged += _conflict(mine, new)
            conflicts += 1
    return "".join(merged), conflicts


def unresolved(text: str) -> int:
    """How many conflicts of an earlier merge a text still has markers of, be it one of git's."""
    return sum(line.startswith(MARK) for line in _lines(text))


# --- what belongs together --------------------------------------------------------------------------------------------


def _regions(yours: Lines, before: Lines, compiled: Lines) -> Iterator[tuple[Lines, Lines, Lines]]:
    """The three texts cut where all of them agree: pieces that are the same in all, and pieces that aren't."""
    mine = old = new = 0
    for here, there, anew, size in _shared(blocks(before, yours), blocks(before, compiled)):
        yield yours[mine:there], before[old:here], compiled[new:anew]
        mine, old, new = there + size, here + size, anew + size
        yield yours[there:mine], before[here:old], compiled[anew:new]
    yield yours[mine:], before[old:], compiled[new:]


def _shared(ones: Sequence[Block], others: Sequence[Block]) -> Iterator[tuple[int, int, int, int]]:
    """Where lines of the first text stand in both others: in the first, the second and the third, and how many."""
    first = second = 0
    while first < len(ones) and second < len(others):
        one, other = ones[first], others[second]
        start = max(one.one, other.one)
        end = min(one.one + one.size, other.one + other.size)
        if start < end:
            yield start, one.other + start - one.one, other.other + start - other.one, end - start
        if one.one + one.size < other.one + other.size:
            first += 1
        else:
            second += 1


def blocks(one: Lines, other: Lines) -> list[Block]:
    """The lines that two texts share, in order.

    Lines that each text has once tell what belongs together, as people see it; between two of those the longest common
    subsequence does, where it isn't too long to be found.
    """
    found: list[Block] = []
    todo = [(0, len(one), 0, len(other))]
    while todo:
        low, high, start, end = todo.pop()
        size = _alike(one[low:high], other[start:end])
        found.append(Block(low, start, size))
        low, start = low + size, start + size
        size = _alike(one[low:high][::-1], other[start:end][::-1])
        high, end = high - size, end - size
        found.append(Block(high, end, size))
        if low == high or start == end:
            continue
        if anchors := _anchors(one[low:high], other[start:end]):
            cuts = [(low, start), *((low + here, start + there) for here, there in anchors), (high, end)]
            todo += [(*ones, *others) for ones, others in (zip(*pair, strict=True) for pair in pairwise(cuts))]
        elif (high - low) * (end - start) <= MOST_PAIRS:
            found += [Block(low + here, start + there, 1) for here, there in _common(one[low:high], other[start:end])]
    return sorted(block for block in found if block.size)


def _alike(one: Lines, other: Lines) -> int:
    """How many lines two texts share from the top."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _anchors(one: Lines, other: Lines) -> list[tuple[int, int]]:
    """Where the lines stand that each text has exactly once: as many as keep their order."""
    ones, others = Counter(one), Counter(other)
    places = {line: at for at, line in enumerate(other) if others[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(one) if ones[line] == 1 and line in places]
    # The longest rising sequence of places: `ends[n]` is the least place at which one of n + 1 lines can end.
    ends: list[int] = []
    last: list[int] = []  # index in `pairs` of what `ends` holds
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [index]
        before.append(last[length - 1] if length else -1)
    found = []
    index = last[-1] if last else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]


def _common(one: Lines, other: Lines) -> list[tuple[int, int]]:
    """The longest common subsequence of two short texts, as pairs of places."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for here in reversed(range(len(one))):
        row, below = table[here], table[here + 1]
        for there in reversed(range(len(other))):
            row[there] = below[there + 1] + 1 if one[here] == other[there] else max(below[there], row[there + 1])
    found = []
    here = there = 0
    while here < len(one) and there < len(other):
        if one[here] == other[there]:
            found.append((here, there))
            here, there = here + 1, there + 1
        elif table[here + 1][there] >= table[here][there + 1]:
            here += 1
        else:
            there += 1
    return found


# --- texts ------------------------------------------------------------------------------------------------------------


def _conflict(mine: Lines, new: Lines) -> list[str]:
    """Both versions between markers; what they share at their ends stands once, outside."""
    top = _alike(mine, new)
    low = _alike(mine[top:][::-1], new[top:][::-1])
    end = "\r\n" if _has_windows_ends("".join(mine)) else "\n"
    made = [*mine[:top], BEGINS + end, *_ended(mine[top : len(mine) - low], end), BETWEEN + end]
    return [*made, *_ended(new[top : len(new) - low], end), ENDS + end, *mine[len(mine) - low :]]


def _ended(lines: Lines, end: str) -> list[str]:
    """The lines with a line end behind the last one, as a marker follows it."""
    return [line if line.endswith("\n") else line + end for line in lines]


def _lines(text: str) -> list[str]:
    """The lines with their ends. Only a line feed ends one, unlike in `str.splitlines`."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _has_windows_ends(text: str) -> bool:
    return "\r\n" in text and text.count("\r\n") == text.count("\n")


def _with_windows_ends(text: str) -> str:
    return text if _has_windows_ends(text) else text.replace("\n", "\r\n")
