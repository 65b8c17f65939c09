"""How much a file of data may ask for before it is refused: what keeps memory flat and a hostile file from holding a command."""

from __future__ import annotations

from collections.abc import Collection

from stgen.reader.files import UnreadableError
from stgen.values.surrogates import has_surrogate

# fmt: off
NAME     = 256      # characters of the longest name of a column
COLUMNS  = 2000     # a file with more has data where names should be
PAGE     = 1 << 27  # bytes of the largest page of a Parquet file, unpacked
UNPACKED = 1 << 26  # bytes that any compressed file may unpack to
RATIO    = 200      # times its own size that a larger one may; text shrinks to a tenth, and hardly ever to a fiftieth
PACKER   = 1 << 27  # bytes of memory for what unpacks
# fmt: on
MIB = 1 << 20


def unpacked_room(size: int) -> int:
    """Bytes that a compressed file of this size may unpack to."""
    return max(UNPACKED, RATIO * size)


def swollen(shown: str, size: int, advice: str) -> UnreadableError:
    """STG341: a compressed file that unpacks to more than it may."""
    message = f"{shown} has {_amount(size)} and unpacks to more than {_amount(unpacked_room(size))}"
    limit = f"a compressed file may unpack to {UNPACKED // MIB} MiB, or to {RATIO} times its size"
    return UnreadableError("STG341", message, advice, (limit,))


def check_names(names: list[str], code: str, shown: str, wanted: Collection[str] | None) -> None:
    """Raise UnreadableError, with the format's own code, for columns that are too many or named by data.

    Half a character is refused in the names of those that are wanted, or where all are: it can't be written in a spec.
    """
    if len(names) > COLUMNS:
        raise UnreadableError(code, f"{shown} has more than {COLUMNS:,} columns", ADVICE[code])
    if any(len(name) > NAME for name in names):
        raise UnreadableError(code, f"{shown} has a column whose name is longer than {NAME} characters", ADVICE[code])
    odd = [name for name in names if not name.isascii() and has_surrogate(name)]
    if any(wanted is None or name in wanted for name in odd):
        raise UnreadableError("STG202", f"{shown} has a lone surrogate in the name of a column", "rename the column")


ADVICE = {
    "STG203": "keep data out of the keys",
    "STG204": "is its first line the header?",
    "STG201": "name its columns",
}


def _amount(size: int) -> str:
    return f"{size / MIB:,.1f} MiB" if size >= MIB // 10 else f"{size:,} bytes"
