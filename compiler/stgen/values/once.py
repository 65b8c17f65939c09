"""Answers a question about the same values once: many passes ask the same of one spec and what was matched for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from operator import is_
from typing import TypeVar, TypeVarTuple

Asked = TypeVarTuple("Asked")
Answer = TypeVar("Answer")


def once(answer: Callable[[*Asked], Answer]) -> Callable[[*Asked], Answer]:
    """The function, which gives its last answer again to the very arguments that it was given for.

    Equal ones are other ones: to hold or to hash all of a spec would take longer than most answers. The arguments must
    not change, and nobody may change the answer.
    """
    last: list[tuple[tuple[*Asked], Answer]] = []

    @wraps(answer)
    def answered(*arguments: *Asked) -> Answer:
        if not last or not all(map(is_, arguments, last[0][0])):
            last[:] = [(arguments, answer(*arguments))]
        return last[0][1]

    return answered
