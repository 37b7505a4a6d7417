"""gzip unpacked as far as it goes: a file that is cut off gives what is whole of it."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

MAGIC = b"\x1f\x8b"
_GZIP_WBITS = 31
_PIECE = 65_536


def unpacked(file: BinaryIO, on_damage: Callable[[], None]) -> BinaryIO:
    """The content of a file, unpacked if it is gzip; `on_damage` is called where that breaks off.

    The file must be at its beginning, and able to go back to it.
    """
    start = file.read(len(MAGIC))
    file.seek(0)
    if start != MAGIC:
        return file
    return io.BufferedReader(_Gunzip(file, on_damage), _PIECE)


class _Gunzip(io.RawIOBase):
    """Members one after another, as `cat a.gz b.gz` makes them."""

    def __init__(self, packed: BinaryIO, on_damage: Callable[[], None]) -> None:
        self._packed = packed
        self._on_damage = on_damage
        self._member: Any = zlib.decompressobj(_GZIP_WBITS)
        self._rest = b""
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._is_over:
            if self._member.eof:
                self._rest = self._member.unused_data.lstrip(b"\0") or self._packed.read(_PIECE)
                if not self._rest.startswith(MAGIC[:1]):
                    self._end(damaged=bool(self._rest.strip(b"\0")))
                    break
                self._member = zlib.decompressobj(_GZIP_WBITS)
            packed = self._rest or self._packed.read(_PIECE)
            if not packed:
                self._end(damaged=True)
                break
            try:
                found = self._member.decompress(packed, len(buffer))
            except zlib.error:
                self._end(damaged=True)
                break
            self._rest = self._member.unconsumed_tail
            if found:
                buffer[: len(found)] = found
                return len(found)
        return 0

    def _end(self, *, damaged: bool) -> None:
        self._is_over = True
        if damaged:
            self._on_damage()
