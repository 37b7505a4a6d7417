"""Named tuples of arrays, passed on by where they are.

An array is seven arguments to compiled code, so `World` is two hundred and more, which each
function would take apart and put together again: most of the compiler's work, and memory moved
at every call that is not inlined. A reference is one. Attributes are read as from the tuple.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, register_model

T = TypeVar("T")


class Reference(types.Type):
    """The type of a reference to a named tuple of type `to`."""

    def __init__(self, to: Any) -> None:
        self.to = to
        super().__init__(f"Reference({to})")


@register_model(Reference)
class _Address(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        to: Any = manager[kind.to].get_value_type()
        super().__init__(manager, kind, to.as_pointer())


@infer_getattr
class _Attributes(AttributeTemplate):
    key = Reference

    def generic_resolve(self, reference: Any, name: str) -> Any:  # type: ignore[override]
        fields = reference.to.fields
        return reference.to.types[fields.index(name)] if name in fields else None


@lower_getattr_generic(Reference)
def _read(context: Any, builder: Any, kind: Any, address: Any, name: str) -> Any:
    at = cgutils.gep_inbounds(builder, address, 0, kind.to.fields.index(name))
    value = builder.load(at)
    # The tuple does not change while compiled code runs: a value may stay in a register.
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


def _referred(typingctx: Any, value: Any) -> Any:

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return cgutils.alloca_once_value(builder, args[0])

    return Reference(value)(value), codegen


referred: Callable[[T], T] = cast(Any, intrinsic(_referred))
"""A reference to a named tuple, for as long as the compiled function that asks for it runs."""
