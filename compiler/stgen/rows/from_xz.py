"""Unpacks .xz in bounded memory: a file may ask for gigabytes of it, and `lzma.open` can't be told to refuse."""

from __future__ import annotations

import io
import lzma
from typing import BinaryIO

from stgen.rows.batches import BLOCK, UnreadableError
from stgen.rows.bounds import MIB, PACKER


class Xz(io.RawIOBase):
    """The bytes that an .xz file holds, its streams one behind the other."""

    def __init__(self, file: BinaryIO, shown: str) -> None:
        """Unpack what is read from `file`, which messages call `shown`."""
        self.file, self.shown = file, shown
        self.decoder = self._new()

    def _new(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(memlimit=PACKER)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a part of the buffer; 0 at the end. Raises EOFError where the file ends before that, OSError, UnreadableError."""
        try:
            data = self._next(len(buffer))
        except lzma.LZMAError as error:
            if "limit" not in str(error):
                raise OSError(str(error)) from None
            message = f"{self.shown} takes more than {PACKER // MIB} MiB of memory to unpack"
            raise UnreadableError("STG341", message, "pack it anew with `xz -9` or less") from None
        buffer[: len(data)] = data
        return len(data)

    def _next(self, size: int) -> bytes:
        data = b""
        while not data:
            packed = b""
            if self.decoder.eof:
                packed = self.decoder.unused_data.lstrip(b"\0") or self._next_stream()
                if not packed:
                    return b""
                self.decoder = self._new()
            elif self.decoder.needs_input:
                packed = self.file.read(BLOCK)
                if not packed:
                    raise EOFError
            data = self.decoder.decompress(packed, size)
        return data

    def _next_stream(self) -> bytes:
        """What follows the end of a stream, without the padding."""
        while packed := self.file.read(BLOCK):
            if begun := packed.lstrip(b"\0"):
                return begun
        return b""
