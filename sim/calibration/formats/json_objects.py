"""The objects of JSON answers one after another, whatever the file holds: an envelope, a bare list,
one object, an object a line, or several of these. A million of them are never in memory at once,
and what is damaged costs no more than itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sim.calibration.formats.files import LogFile
from sim.calibration.formats.tally import Tally

NOT_JSON = "not valid JSON"
CUT_OFF = "the file ends in the midst of an object"

_BETWEEN = re.compile(r"[\s,:]*")
_ENVELOPE = re.compile(r'\{[^{}\[\]]{0,4000}?"result"\s*:\s*(?:\[|null\b)')
_TOKEN = re.compile(r'"next_page_token"\s*:\s*"((?:[^"\\]|\\.)*)"')
_FIELD = re.compile(r'"(?:[^"\\]|\\.)*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|null|true|false|[-+.0-9eE]+)')
_NEXT = re.compile(r"\}\s*,?\s*(?=\{)")
_MAX_OBJECT = 1_000_000
_LOOK_AHEAD = 5_000
_SHOWN = 160


class JsonObjects:
    """Goes through the objects of a file; what is damaged goes to the tally, as rows of it."""

    def __init__(self, file: LogFile, tally: Tally) -> None:
        self.file = file
        self.tally = tally
        self._n_pages, self._n_going_on = 0, 0
        self._pieces = file.pieces()
        self._text = ""
        self._at = 0
        self._is_all = False
        self._line, self._counted_to = 1, 0
        self._depth = 0
        self._is_in_list = False
        """Within a list whose objects are no envelopes, as its first was none."""

    @property
    def has_last_page(self) -> bool:
        """Whether one of the envelopes that were gone through has no `next_page_token`, or there
        was none."""
        return self._n_going_on == 0 or self._n_going_on < self._n_pages

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each object with the line on which it begins."""
        decode = json.JSONDecoder().raw_decode
        while self._skip():
            first = self._text[self._at]
            if first == "{" and not self._enters_envelope():
                try:
                    found, end = decode(self._text, self._at)
                except (json.JSONDecodeError, RecursionError) as error:
                    self._unread(error)
                    continue
                line = self._line_here()
                self.tally.rows += 1
                self._at = end
                self._is_in_list = self._depth > 0
                yield line, found
            elif first == "[":
                self._depth += 1
                self._is_in_list = False
                self._at += 1
            elif first in "]}":
                self._depth -= 1
                self._is_in_list = False
                self._at += 1
            elif first != "{":
                self._field()
        if self._depth > 0:
            self.file.notes.append(f"{self.file.name}: it ends before its list does: cut off")

    def _skip(self) -> bool:
        """To what comes next; false at the end of the file."""
        while True:
            found = _BETWEEN.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            if self._at < len(self._text):
                return True
            if not self._more():
                return False

    def _more(self) -> bool:
        """One more piece of the text, in place of what is behind; false when there is none."""
        piece = next(self._pieces, "")
        self._line_here()
        self._text = self._text[self._at :] + piece
        self._at = self._counted_to = 0
        self._is_all = not piece
        return bool(piece)

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        return self._line

    def _enters_envelope(self) -> bool:
        if len(self._text) - self._at < _LOOK_AHEAD and not self._is_all:
            self._more()
        if self._is_in_list:
            return False
        found = _ENVELOPE.match(self._text, self._at)
        if found is None:
            return False
        token = _TOKEN.search(found[0])
        self._n_pages += 1
        self._n_going_on += token is not None and bool(token[1])
        is_list = found[0].endswith("[")
        self._depth += 1 + is_list
        self._at = found.end()
        return True

    def _field(self) -> None:
        """A field of an envelope after its list; anything else is not JSON."""
        if len(self._text) - self._at < _LOOK_AHEAD and not self._is_all and self._more():
            return
        found = _FIELD.match(self._text, self._at)
        if found is None:
            self._damaged(NOT_JSON)
            return
        token = _TOKEN.match(found[0])
        self._n_going_on += token is not None and bool(token[1])
        self._at = found.end()

    def _unread(self, error: Exception) -> None:
        """An object that can't be read: perhaps more of the text helps."""
        unfinished = not isinstance(error, json.JSONDecodeError) or (
            error.msg.startswith("Unterminated") or error.pos >= len(self._text) - 16
        )
        is_short = len(self._text) - self._at < _MAX_OBJECT
        if unfinished and is_short and not self._is_all:
            self._more()
            return
        self._damaged(CUT_OFF if unfinished and self._is_all else NOT_JSON)

    def _damaged(self, reason: str) -> None:
        """One row that can't be read; on to where an object begins."""
        source = self._text[self._at : self._at + _SHOWN].split("\n", 1)[0]
        self.tally.rows += 1
        self.tally.damaged(reason, self.file, self._line_here(), source)
        while True:
            found = _NEXT.search(self._text, self._at)
            after = found.end() if found else self._text.find("{", self._at + 1)
            if after > 0 and (found or self._text[self._at] != "{"):
                self._at = after
                return
            self._at = max(self._at, len(self._text) - 16)
            if not self._more():
                self._at = len(self._text)
                self._depth = 0
                return
