"""Reads structs in Thrift's compact protocol, in which a Parquet file says what it holds: bytes -> numbers, texts, lists, structs."""

from __future__ import annotations

from typing import Any

DEEPEST = 16  # structs and lists in each other
STOP, TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12

Struct = dict[int, Any]
"""The fields of a struct, by their numbers."""


class BrokenStructError(ValueError):
    """No struct of this protocol stands where one should."""


class Compact:
    """Walks bytes; `at` is the place behind what was read. Raises IndexError where they end before a struct does."""

    def __init__(self, data: bytes) -> None:
        """Begin at the first byte."""
        self.data, self.at = data, 0

    def struct(self, depth: int = 0) -> Struct:
        """The struct that begins here. Raises BrokenStructError."""
        if depth > DEEPEST:
            raise BrokenStructError("its structs are nested too deeply")
        found: Struct = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._number()
            found[field] = self._value(head & 15, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind == BYTE:
            return self._byte()
        if kind < DOUBLE:
            return self._number()
        if kind == DOUBLE:
            return self._bytes(8)
        if kind == BINARY:
            return self._bytes(self._varint())
        if kind in (LIST, SET):
            return self._list(depth + 1)
        if kind == STRUCT:
            return self.struct(depth + 1)
        raise BrokenStructError("it holds a type that Parquet doesn't have")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        if depth > DEEPEST:
            raise BrokenStructError("its lists are nested too deeply")
        count = head >> 4 if head >> 4 < 15 else self._varint()
        kind = head & 15
        # Of truths, a list holds a byte each.
        return [self._byte() if kind in (TRUE, FALSE) else self._value(kind, depth) for _ in range(count)]

    def _byte(self) -> int:
        value = self.data[self.at]
        self.at += 1
        return value

    def _bytes(self, count: int) -> bytes:
        begin, self.at = self.at, self.at + count
        if self.at > len(self.data):
            raise IndexError
        return self.data[begin : self.at]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise BrokenStructError("it holds an unterminated integer")

    def _number(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
