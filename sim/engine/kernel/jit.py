"""How the kernel is compiled: without reference counts, which nothing in it needs, and with the
floating-point rules of the processor, so that no division is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

_RULES: dict[str, Any] = {"_nrt": False, "error_model": "numpy"}


def entry(function: F) -> F:
    """A function that Python calls: its compiled code is kept for the next time."""
    return cast(F, njit(**_RULES, cache=True)(function))


def part(function: F) -> F:
    """A function that others here call."""
    return cast(F, njit(**_RULES)(function))


def inlined(function: F) -> F:
    """A short function, copied to where it is called."""
    return cast(F, njit(**_RULES, forceinline=True)(function))
