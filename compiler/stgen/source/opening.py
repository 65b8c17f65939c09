"""Opens the file of a spec: a path -> its bytes and its text, or the one finding why there is none."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

from stgen.diagnostics.diagnostic import Diagnostic, Span
from stgen.values.regular import NotRegularError, open_regular

MAX_BYTES = 1024 * 1024
PIPED = "stgen validate -"
# The longer marks first: that of UTF-32 begins with that of UTF-16.
# fmt: off
FOREIGN_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe",         "UTF-16"),
    (b"\xfe\xff",         "UTF-16"),
)
# fmt: on


class RefusedError(Exception):
    """A file can't be used as a spec; `diagnostic` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def spec_bytes(path: str, shown: str, stdin: BinaryIO | None = None) -> bytes:
    """The bytes of the file at `path`, which findings call `shown`; of standard input for "-". Raises RefusedError."""
    data = (stdin or sys.stdin.buffer).read(MAX_BYTES + 1) if path == "-" else _file_bytes(path, shown)
    if len(data) > MAX_BYTES:
        raise RefusedError(
            Diagnostic(
                "STG004",
                f"the file is larger than {MAX_BYTES // 1024} KiB, which no spec is",
                help="name the data in the spec, don't put it there; and check that this is the file you meant",
                file=shown,
            )
        )
    return data


def _file_bytes(path: str, shown: str) -> bytes:
    try:
        if os.path.isdir(path):
            inside = [name for name in sorted(os.listdir(path)) if name.endswith((".toml", ".json"))]
            hint = f"name a file in it: {os.path.join(path, inside[0])}" if inside else "name a .toml or .json file"
            raise RefusedError(Diagnostic("STG002", "this is a folder, not a spec", help=hint, file=shown))
        with open_regular(path) as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise RefusedError(_missing(path, shown)) from None
    except NotRegularError as error:
        hint = f"to read what another program writes, let it write into stgen: PROGRAM | {PIPED}"
        raise RefusedError(unreadable(error.says, shown, hint)) from None
    except OSError as error:
        raise RefusedError(unreadable((error.strerror or str(error)).lower(), shown)) from None


def unreadable(reason: str, shown: str, hint: str = "") -> Diagnostic:
    return Diagnostic("STG003", f"the file can't be read: {reason}", help=hint, file=shown)


def _missing(path: str, shown: str) -> Diagnostic:
    from stgen.diagnostics.suggest import closest
    from stgen.values.globbing import is_pattern

    if is_pattern(shown):
        hint = "hidden folders, node_modules, virtual environments and links to folders are not searched"
        return Diagnostic("STG001", f"no file fits the pattern `{shown}`", help=hint, file=shown)
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        return Diagnostic("STG001", "there is no such file", help=f"the folder {folder} doesn't exist", file=shown)
    there = _specs_in(folder)
    near = closest(os.path.basename(path), there) or (there[0] if len(there) == 1 else None)
    hint = f"did you mean {os.path.join(os.path.dirname(path), near)}?" if near else "`stgen new` writes one"
    return Diagnostic("STG001", "there is no such file", help=hint, file=shown)


def _specs_in(folder: str) -> list[str]:
    try:
        there = [name for name in sorted(os.listdir(folder)) if name.endswith((".toml", ".json"))]
        return [name for name in there if name != "pyproject.toml" and not name.endswith(".profile.json")]
    except OSError:
        return []  # a folder whose files one may read, and not list


def decode(data: bytes, shown: str) -> str:
    """The text of a spec's bytes. Raises RefusedError. A UTF-8 byte-order mark is dropped: it says what is so; those of other encodings are refused."""
    for mark, encoding in FOREIGN_MARKS:
        if data.startswith(mark):
            raise RefusedError(
                Diagnostic(
                    "STG005",
                    f"the file is {encoding}, and a spec is UTF-8",
                    help="save it as UTF-8 in your editor",
                    file=shown,
                    span=Span(1, 1, 1),
                )
            )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(_not_utf8(data, error, shown)) from None
    if not text.strip():
        raise RefusedError(
            Diagnostic(
                "STG006",
                "the file is empty",
                help="`stgen new` writes a spec to start from",
                file=shown,
                span=Span(1, 1, 1),
            )
        )
    return text


def _not_utf8(data: bytes, error: UnicodeDecodeError, shown: str) -> Diagnostic:
    # The codec has cut off a byte-order mark, so its offsets count from behind it.
    start = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
    line = data.count(b"\n", 0, start) + 1
    begin = data.rfind(b"\n", 0, start) + 1
    column = len(data[begin:start].decode("utf-8-sig", "replace")) + 1
    end = data.find(b"\n", start)
    text = data[begin : end if end >= 0 else len(data)].decode("utf-8-sig", "replace").removesuffix("\r")
    return Diagnostic(
        "STG005",
        f"the file is not UTF-8: byte 0x{data[start]:02x} at offset {start} is not the start of a character",
        help="save it as UTF-8 in your editor",
        file=shown,
        span=Span(line, column, column + 1),
        line=text,
    )
