"""What is wrong with a scenario, and where: problems with positions, and how they are shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

MAX_SHOWN = 20
MAX_LINE = 160
MAX_NAMES = 2000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. `line` and `column` count from 1; 0 when the file has no such place."""

    file: str
    line: int
    column: int
    path: str
    message: str
    source: str = ""

    def render(self) -> str:
        """`file:line:col: path: message`, then the source line with a caret below it."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        head = ": ".join(part for part in (place, self.path, self.message) if part)
        if not self.line or not self.source.strip():
            return head
        source, column = self.source, self.column
        if len(source) > MAX_LINE:
            begin = max(0, min(column - 1 - MAX_LINE // 2, len(source) - MAX_LINE))
            source, column = source[begin : begin + MAX_LINE], column - begin
        shown = "".join(ch if ch.isprintable() else " " for ch in source)
        return f"{head}\n    {shown}\n    {' ' * (column - 1)}^"


class ScenarioError(Exception):
    """A scenario that can't be used: every problem found in it, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def render(self) -> str:
        """The first problems in full, the rest counted."""
        lines = [problem.render() for problem in self.problems[:MAX_SHOWN]]
        more = len(self.problems) - MAX_SHOWN
        if more > 0:
            lines.append(f"... and {more} more error{'s' if more > 1 else ''}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """` (did you mean `x`?)`, or nothing when no known name is near."""
    names = list(known)
    if len(names) > MAX_NAMES:
        return ""
    lowered = {name.lower(): name for name in names}
    near = difflib.get_close_matches(found.lower()[:100], list(lowered), n=1, cutoff=0.6)
    return f"; did you mean `{lowered[near[0]]}`?" if near else ""


def list_names(names: Iterable[str], limit: int = 40) -> str:
    """Names in backticks, separated by commas, cut short when there are very many."""
    every = list(names)
    shown = ", ".join(f"`{name}`" for name in every[:limit])
    return shown + (f" and {len(every) - limit} more" if len(every) > limit else "")


def shown_value(value: object) -> str:
    """A found value as an error names it: short, with its kind where that matters."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return f"{str(value).lower()} (a truth value)"
    if isinstance(value, int | float):
        text = repr(value)
        return f"{text if len(text) <= 40 else text[:37] + '...'} (a number)"
    if isinstance(value, str):
        text = value if len(value) <= 60 else value[:57] + "..."
        return f"`{text}`" if text else "an empty text"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return repr(value)[:60]
