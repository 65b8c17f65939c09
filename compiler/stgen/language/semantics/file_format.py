"""Looks at `file`: what a spec says of how its files are written, beside what their suffixes say."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from stgen.diagnostics.diagnostic import Diagnostic, KeyPath, enumerated
from stgen.language.paths import OPTIONS, hub_source, reader
from stgen.language.spec_data import Data, FileFormat

ANYWHERE = ("decimal",)  # keys that numbers written as text have a use for, whatever holds them
SUFFIXES = {"cells": ".csv and .tsv", "plain_text": ".txt", "json_lines": ".jsonl", "json_list": ".json"}


def check_file(data: Data, path: KeyPath) -> Iterator[Diagnostic]:
    """STG059: a key that no file of the data set has a use for, or whose value says nothing."""
    file = data.file
    assert file is not None
    named = [value for value in (data.train, data.eval, data.test) if isinstance(value, str) and not hub_source(value)]
    modules = {found[0] for text in named if (found := reader(text))}
    useful = {*ANYWHERE, *(key for module in modules for key in OPTIONS.get(module, ()))}
    if modules == {"plain_text"} and not file.delimiter:
        useful.discard("header")  # without a delimiter a line is one column
    for key in FileFormat.model_fields:
        if getattr(file, key) is not None and key not in useful:
            message = f"no file of this data set has a use for `file.{key}`"
            takes = enumerated([SUFFIXES[module] for module, keys in OPTIONS.items() if key in keys])
            if key == "header" and modules == {"plain_text"}:
                takes += "; a line of .txt is one column, `text`, unless it has a delimiter"
            yield Diagnostic("STG059", message, (*path, "file", key), f"remove it: it is for {takes}", about="key")
    yield from _values(file, (*path, "file"))


def _values(file: FileFormat, path: KeyPath) -> Iterator[Diagnostic]:
    if file.delimiter is not None and (not file.delimiter or set(file.delimiter) & set('"\r\n\\')):
        message = "a delimiter stands within a line, and has no quote"
        yield Diagnostic("STG059", message, (*path, "delimiter"), 'write ";", "|" or " ||| "')
    if file.delimiter is not None and len(file.delimiter) > 1 and file.quoting not in (None, "none"):
        message = "a delimiter of several characters splits lines at any place, within quotes too"
        yield Diagnostic("STG059", message, (*path, "quoting"), "leave `quoting` out")
    if file.rows is not None and not all(file.rows.split("[].")[1:] or [file.rows]):
        message = "`rows` leads to a list of rows, by its key"
        yield Diagnostic(
            "STG059", message, (*path, "rows"), 'write "data", or "data[].paragraphs[].qas" for lists within'
        )
    if file.encoding is not None and not _is_encoding(file.encoding):
        message = f'"{file.encoding}" is not an encoding that Python knows'
        yield Diagnostic("STG059", message, (*path, "encoding"), 'write "latin-1", "cp1252" or "utf-16"')
    if file.header is not None and (len(set(file.header)) < len(file.header) or not all(map(str.strip, file.header))):
        message = "each column has a name of its own, and none is empty"
        yield Diagnostic("STG059", message, (*path, "header"), 'write ["question", "answer"]')


def _is_encoding(name: str) -> bool:
    """Whether Python knows an encoding of texts that can let a broken byte stand for itself: idna and punycode can't."""
    try:
        encoded = "".encode(name)
        codecs.getincrementaldecoder(name)("surrogateescape").decode(b"", True)
    except (LookupError, ValueError, TypeError, AssertionError):
        return False
    return isinstance(encoded, bytes)
