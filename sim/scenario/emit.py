"""Plain values as YAML text that the reader reads back to the same values."""

from __future__ import annotations

import re

from sim.scenario.blanks import Blank
from sim.scenario.reader import plain_value

_BARE = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_./% -]*(?<! )")
_WIDTH = 96


def emit(document: dict[str, object]) -> str:
    """A mapping as a YAML document: short lists and mappings on one line."""
    lines: list[str] = []
    _mapping(document, 0, lines)
    return "\n".join(lines) + "\n"


def scalar(value: object) -> str:
    """A scalar as YAML has it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if isinstance(value, Blank):
        return text
    return text if _is_bare(text) else _quoted(text)


def _is_bare(text: str) -> bool:
    if _BARE.fullmatch(text) is None:
        return False
    try:
        return plain_value(text) == text
    except ValueError:
        return False


def _quoted(text: str) -> str:
    out = []
    for ch in text:
        code = ord(ch)
        if ch in '"\\':
            out.append("\\" + ch)
        elif ch == "\n":
            out.append("\\n")
        elif ch == "\t":
            out.append("\\t")
        elif 0x20 <= code < 0x7F or (0xA0 < code < 0xD800 and ch.isprintable()):
            out.append(ch)
        elif code < 0x100:
            out.append(f"\\x{code:02x}")
        elif code < 0x10000:
            out.append(f"\\u{code:04x}")
        else:
            out.append(f"\\U{code:08x}")
    return '"' + "".join(out) + '"'


def _flow(value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{scalar(key)}: {_flow(each)}" for key, each in value.items())
        return "{" + inner + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return scalar(value)


def _mapping(table: dict[str, object], indent: int, lines: list[str]) -> None:
    for key, value in table.items():
        head = " " * indent + scalar(key) + ":"
        flat = f"{head} {_flow(value)}"
        if (
            not isinstance(value, dict | list)
            or not value
            or (len(flat) <= _WIDTH and not _holds_tables(value))
        ):
            lines.append(flat)
        elif isinstance(value, dict):
            lines.append(head)
            _mapping(value, indent + 2, lines)
        else:
            lines.append(head)
            _list(value, indent + 2, lines)


def _holds_tables(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _list(rows: list[object], indent: int, lines: list[str]) -> None:
    if not any(isinstance(row, dict | list) for row in rows):
        _folded([scalar(row) for row in rows], indent, lines)
        return
    for row in rows:
        flat = " " * indent + "- " + _flow(row)
        if not isinstance(row, dict) or len(flat) <= _WIDTH:
            lines.append(flat)
            continue
        inner: list[str] = []
        _mapping(row, indent + 2, inner)
        inner[0] = " " * indent + "- " + inner[0].lstrip()
        lines += inner


def _folded(items: list[str], indent: int, lines: list[str]) -> None:
    """A long list of scalars over several lines."""
    pad = " " * indent
    line = pad + "["
    for n, item in enumerate(items):
        piece = item + ("," if n < len(items) - 1 else "]")
        if len(line) + len(piece) + 1 > _WIDTH and line.strip() != "[":
            lines.append(line)
            line = pad + " " + piece
        else:
            line += piece if line.endswith("[") else " " + piece
    lines.append(line)
