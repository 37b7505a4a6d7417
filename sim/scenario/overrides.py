"""`--set PATH=VALUE`: changes to the raw document, before it is checked; and lists of values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from sim.scenario.blanks import Blank
from sim.scenario.errors import Problem, ScenarioError, did_you_mean, list_names, shown_value
from sim.scenario.nodes import OTHER_NAMES, Map, Mark, Path, Seq, Source, Value
from sim.scenario.reader import plain_value, read_document
from sim.scenario.targets import split_path

NAMED_LISTS = ("queues", "agents", "flows")
MAX_VALUES = 100_000
_RANGE = re.compile(r"\s*(-?[0-9]{1,15})\s*\.\.\s*(-?[0-9]{1,15})\s*(?::\s*([0-9]{1,15})\s*)?")


class Given(str):
    """An override that an option or an argument of its own stands for; errors say its `name`."""

    name: str
    field: str

    @classmethod
    def of(cls, name: str, field: str, value: object) -> Given:
        """Of the option or argument `name`, for a field at the top."""
        made = cls(f"{field}={value}")
        made.name, made.field = name, field
        return made


def by_option(problems: Iterable[Problem], overrides: Iterable[str]) -> list[Problem]:
    """The problems with the name of the option in the place of a line that nobody wrote."""
    fields = {each.name: each.field for each in overrides if isinstance(each, Given)}
    return [
        replace(
            each, line=0, column=0, path="" if fields[each.file] == each.path else each.path,
            source="",
        )
        if each.file in fields
        else each
        for each in problems
    ]  # fmt: skip


def apply_override(root: Map, override: str) -> None:
    """Change the document in place. Raises ScenarioError when the path leads nowhere."""
    source = Source(override.name if isinstance(override, Given) else "--set", override)
    left, equals, _ = _split(override)
    if not equals:
        raise _wrong(source, (), "expected PATH=VALUE, such as `queues.support.wait_timeout=60s`")
    try:
        parts = split_path(left.strip())
    except ValueError as error:
        raise _wrong(source, (), str(error)) from None
    column = len(left) + 2
    value = _value(source, override, len(left) + 1)
    _put(root, parts, value, Mark(source, 1, column), Mark(source, 1, 1))


def split_override(override: str) -> tuple[str, str]:
    """The path and the value's text of `PATH=VALUE`. Raises ValueError."""
    left, equals, right = _split(override)
    if not equals or not left.strip():
        raise ValueError(f"expected PATH=VALUE, found `{override[:80]}`")
    return left.strip(), right.strip()


def parse_values(text: str) -> tuple[str, ...]:
    """The values of a sweep: `60s,100s` is a list, `8..16` whole numbers, `8..16:2` steps.

    Commas inside brackets, braces or quotes do not divide. Raises ValueError.
    """
    values: list[str] = []
    for part in _divided(text):
        if not part.strip():
            raise ValueError(f"a value is missing in `{text[:80]}`")
        found = _RANGE.fullmatch(part)
        if found is None:
            values.append(part.strip())
            continue
        low, high, step = int(found[1]), int(found[2]), int(found[3] or 1)
        if step < 1:
            raise ValueError(f"the step of `{part.strip()}` must be at least 1")
        if high < low:
            raise ValueError(f"the range `{part.strip()}` is empty: it ends before it begins")
        if (high - low) // step >= MAX_VALUES:
            raise ValueError(f"the range `{part.strip()}` has more than {MAX_VALUES:,} values")
        values += [str(value) for value in range(low, high + 1, step)]
    return tuple(values)


def _divided(text: str) -> list[str]:
    parts, depth, quote, begin = [], 0, "", 0
    for at, ch in enumerate(text):
        if quote:
            quote = "" if ch == quote else quote
        elif ch in "\"'":
            quote = ch
        elif ch in "[{":
            depth += 1
        elif ch in "]}":
            depth -= 1
        elif ch == "," and depth <= 0:
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]


def _split(override: str) -> tuple[str, str, str]:
    """At the first `=` that is not inside double quotes."""
    inside = False
    for at, ch in enumerate(override):
        if ch == '"' and (at == 0 or override[at - 1] != "\\"):
            inside = not inside
        if ch == "=" and not inside:
            return override[:at], "=", override[at + 1 :]
    return override, "", ""


def _value(source: Source, override: str, begin: int) -> Value:
    """The value by the rules of the file, its places counted in the override."""
    text = override[begin:]
    stripped = text.strip()
    if not re.match(r"[\[{\"'&*!|>%@`#]", stripped) and ": " not in stripped:
        try:
            return plain_value(stripped)
        except ValueError as error:
            raise _wrong(source, (), str(error), begin + 1) from None
    return read_document(Source(source.name, " " * begin + text))


def _put(root: Map, parts: list[str], value: Value, value_mark: Mark, key_mark: Mark) -> None:
    here: Value = root
    path: Path = ()
    source = key_mark.source
    for n, part in enumerate(parts):
        last = n == len(parts) - 1
        if isinstance(here, Map):
            key = _key(here, part)
            if last:
                here.place(
                    key,
                    placed(value, (*path, key)),
                    here.key_marks.get(key, key_mark) if key in here else key_mark,
                    value_mark,
                )
                return
            if here.get(key) is None or isinstance(here[key], Blank):
                here.place(key, Map(value_mark, (*path, key)), key_mark, value_mark)
            path, here = (*path, key), here[key]
        elif isinstance(here, Seq):
            place = _item(here, part, path, source)
            if last:
                here[place] = placed(value, (*path, place))
                here.value_marks[place] = value_mark
                return
            path, here = (*path, place), here[place]
        else:
            raise _wrong(
                source,
                path,
                f"`{'.'.join(parts[:n])}` is {shown_value(here)}: there is no `{part}` in it",
            )


def placed(value: Value, path: Path) -> Value:
    """The value with its paths beginning at its place in the document."""
    if isinstance(value, Map):
        value.path = path
        for key, part in value.items():
            placed(part, (*path, key))
    elif isinstance(value, Seq):
        value.path = path
        for i, part in enumerate(value):
            placed(part, (*path, i))
    return value


def _key(table: Map, part: str) -> str:
    """The key as the file spells it, which may be the real API's name for the field."""
    for other, name in OTHER_NAMES.items():
        if name == part and other in table:
            return other
        if other == part and name in table:
            return name
    return part


def _item(rows: Seq, part: str, path: Path, source: Source) -> int:
    by_number = re.fullmatch(r"\[?([0-9]{1,9})\]?", part)
    names: list[str] = []
    for field in ("name", "id"):
        for i, row in enumerate(rows):
            if isinstance(row, Map) and isinstance(row.get(field), str):
                if row[field] == part:
                    return i
                names.append(str(row[field]))
    if by_number is not None and int(by_number[1]) < len(rows):
        return int(by_number[1])
    where = ".".join(str(each) for each in path)
    if by_number is not None:
        raise _wrong(source, path, f"there is no `{part}` in `{where}`: it has {len(rows)} items")
    raise _wrong(
        source,
        path,
        f"no `{part[:60]}` in `{where}`: the names are {list_names(names) or 'none'}"
        f"{did_you_mean(part, names)}",
    )


def _wrong(source: Source, path: Path, message: str, column: int = 1) -> ScenarioError:
    return ScenarioError([Mark(source, 1, column).problem(path, message)])
