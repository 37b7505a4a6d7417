"""How numba code is compiled, and where it is kept.

Without reference counts, which nothing here needs, and with the floating-point rules of the
processor, so that no division is checked; never with `fastmath`, which reorders sums.

Compiled code is kept in a folder of the user's, named by what it was made of: the sources,
numba's and numpy's versions. So a change of any of them compiles anew, and an installation that
can't be written to does not matter. Of processes that want the same function at the same time the
first compiles it, the others then find it done.
"""

from __future__ import annotations

import contextlib
import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy

import sim

F = TypeVar("F", bound=Callable[..., Any])
config: Any = numba.config


def _digest() -> str:
    """What the compiled code depends on, in short."""
    package = Path(sim.__file__).parent
    sources = sorted(package.glob("*.py"))
    for room in ("engine", "quantiles", "workload"):
        sources += sorted((package / room).rglob("*.py"))
    content = blake2b(digest_size=8)
    for text in (numba.__version__, numpy.__version__, *(s.read_bytes() for s in sources)):
        content.update(text.encode() if isinstance(text, str) else text)
    return content.hexdigest()


def _writable_folder() -> Path:
    """Where compiled code is kept: the user's cache, or a temporary folder if there is none."""
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = home / "callsim" / _digest()
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except (OSError, RuntimeError):  # read-only, full, or nobody's home
        pass
    owner = str(os.getuid()) if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"callsim-{owner}" / _digest()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if not os.environ.get("NUMBA_CACHE_DIR"):
    config.CACHE_DIR = str(_writable_folder())


_KNOWN: set[tuple[str, str]] = set()


def is_compiled(module: str, function: str) -> bool:
    """Whether an entry of a module was compiled before, so that it starts at once."""
    entry = (module, function)
    if entry not in _KNOWN and any(Path(config.CACHE_DIR).rglob(f"{module}.{function}-*.nbi")):
        _KNOWN.add(entry)
    return entry in _KNOWN


_RULES: dict[str, Any] = {"_nrt": False, "error_model": "numpy", "no_cfunc_wrapper": True}
_INSIDE: dict[str, Any] = {**_RULES, "no_cpython_wrapper": True}
"""What Python does not call needs no wrapper, and wrappers take much of the compiler's time."""


class _Compiling:
    """Whether this process compiles just now, and how long it has done so in all."""

    depth = 0
    seconds = 0.0


def compiling_s() -> float:
    """Seconds that this process has spent compiling, or loading what was compiled before."""
    return _Compiling.seconds


@contextlib.contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    """Hold the lock of an entry's compiled code, where the system has such locks.

    Whoever waited finds the compiled code in the folder. A process that dies lets go of it.
    """
    if _Compiling.depth:  # compiled code that calls an entry compiles it in the midst of its own
        yield
        return
    begin = time.perf_counter()
    _Compiling.depth += 1
    # The compiler's millions of objects live until it is done: looking for garbage among them
    # again and again would take a tenth of its time.
    collects = gc.isenabled()
    gc.disable()
    try:
        with contextlib.ExitStack() as held:
            with contextlib.suppress(ImportError, OSError):
                import fcntl

                Path(config.CACHE_DIR).mkdir(parents=True, exist_ok=True)
                lock = held.enter_context(open(Path(config.CACHE_DIR) / f"{name}.lock", "ab"))
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    finally:
        if collects:
            gc.enable()
        _Compiling.depth -= 1
        _Compiling.seconds += time.perf_counter() - begin


def entry(function: F) -> F:
    """A function that Python calls: its compiled code is kept for the next time."""
    compiled = numba.njit(**_RULES, cache=True)(function)
    if compiled is function:  # NUMBA_DISABLE_JIT
        return function
    compile_it = compiled.compile
    name = f"{function.__module__}.{function.__qualname__}"

    def compile_alone(signature: Any) -> Any:
        with _one_at_a_time(name):
            return compile_it(signature)

    compiled.compile = compile_alone
    return cast(F, compiled)


def part(function: F) -> F:
    """A function that compiled code calls. Python must not: there is no way in."""
    return cast(F, _once_for_all_numbers(numba.njit(**_INSIDE)(function)))


def inlined(function: F) -> F:
    """A short function, copied to where it is called."""
    return cast(F, _once_for_all_numbers(numba.njit(**_INSIDE, forceinline=True)(function)))


def _once_for_all_numbers(compiled: Any) -> Any:
    """Compile a function once, not once for each whole number that is written where it is called.

    True and False stay what they are: what they exclude is not compiled.
    """
    template_for = getattr(compiled, "get_call_template", None)
    if template_for is None:  # NUMBA_DISABLE_JIT
        return compiled

    def for_any_number(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return template_for(tuple(map(_any_number, args)), kws)

    compiled.get_call_template = for_any_number
    return compiled


def _any_number(kind: Any) -> Any:
    types: Any = numba.types
    return types.unliteral(kind) if isinstance(kind, types.IntegerLiteral) else kind
