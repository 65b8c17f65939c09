"""Frozen records: what a frozen dataclass does, they do."""

from __future__ import annotations

import copy
import pickle

import pytest
from stgen.values.record import Record


class Point(Record):
    """Two fields, one of them with a default."""

    x: int
    y: int = 0


class Even(Record):
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError(self.number)


def test_takes_fields_by_place_and_by_name():
    assert Point(1) == Point(x=1) == Point(1, 0) == Point(y=0, x=1)
    assert (Point(1, 2).x, Point(1, 2).y) == (1, 2)


@pytest.mark.parametrize(
    ("args", "kwargs"), [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"y": 1, "z": 2})]
)
def test_refuses_what_is_missing_unknown_or_given_twice(args, kwargs):
    with pytest.raises(TypeError, match="Point takes x, y"):
        Point(*args, **kwargs)


def test_is_frozen():
    point = Point(1)
    with pytest.raises(AttributeError, match="frozen"):
        point.x = 2
    with pytest.raises(AttributeError, match="frozen"):
        del point.x
    with pytest.raises(AttributeError, match="frozen"):
        point.z = 2
    assert point == Point(1)


def test_equal_fields_of_one_class_are_equal_and_hash_alike():
    assert Point(2, 4) != Point(2, 5)
    assert Point(2) != Even(2)
    assert len({Point(1), Point(y=0, x=1), Point(2)}) == 2


def test_replaced_leaves_the_first_as_it_is():
    point = Point(1, 2)
    assert point.replaced(y=3) == Point(1, 3)
    assert point == Point(1, 2)
    with pytest.raises(TypeError):
        point.replaced(z=1)


def test_checks_what_its_class_checks():
    with pytest.raises(ValueError, match="3"):
        Even(3)


def test_shows_itself_as_it_is_made():
    assert repr(Point(y=2, x=1)) == "Point(x=1, y=2)"


def test_fields_come_in_order_whatever_the_order_in_which_they_were_given():
    assert list(Point(y=2, x=1).as_dict().items()) == [("x", 1), ("y", 2)]


def test_can_be_copied_and_pickled():
    assert copy.deepcopy(Point(1, 2)) == pickle.loads(pickle.dumps(Point(1, 2))) == Point(1, 2)
