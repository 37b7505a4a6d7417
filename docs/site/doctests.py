"""Docstrings for mkdocstrings: examples that begin with `>>>` become blocks of code."""

from __future__ import annotations

import re
from typing import Any

import griffe

_EXAMPLE = re.compile(r"(?m)^>>> .*(?:\n(?!\s*$).*)*")


class Doctests(griffe.Extension):
    """Fences the examples in each docstring; they are run by the tests as they are."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            text = re.sub(r"\n\n+(?=>>> )", "\n\n", obj.docstring.value)
            obj.docstring.value = _EXAMPLE.sub(_fenced, text)


def _fenced(found: re.Match[str]) -> str:
    return f"```python\n{found[0]}\n```"
