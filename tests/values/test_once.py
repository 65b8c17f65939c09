"""An answer is kept for the very arguments that it was given for, and for no others."""

from __future__ import annotations

from stgen.values.once import once


def test_asks_once_for_the_same_arguments():
    asked = []

    @once
    def answer(first: list[int], second: str) -> int:
        asked.append((first, second))
        return len(asked)

    one, equal = [1], [1]
    assert [answer(one, "a"), answer(one, "a")] == [1, 1]
    assert answer(equal, "a") == 2  # what is equal now may be another soon
    assert answer(equal, "b") == 3
    assert answer(one, "a") == 4
    assert asked == [(one, "a"), (equal, "a"), (equal, "b"), (one, "a")]
    assert answer.__name__ == "answer"


def test_what_failed_is_asked_again():
    @once
    def answer(value: list[int]) -> int:
        return value[0]

    empty: list[int] = []
    for _ in range(2):
        try:
            answer(empty)
        except IndexError:
            continue
        raise AssertionError("an answer where there is none")
    empty.append(3)
    assert answer(empty) == 3
