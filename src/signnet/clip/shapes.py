"""Shapes of arrays in annotations, such as `Float32[np.ndarray, "time joint 3"]`.

They are jaxtyping's. The tests import it first and check every call; for a user nothing
is checked, and each command starts sooner without it and the asyncio that it imports.
"""

import sys
from typing import TYPE_CHECKING, Any

__all__ = ["Bool", "Float", "Float16", "Float32", "Int", "Int16", "UInt8"]

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Bool, Float, Float16, Float32, Int, Int16, UInt8
else:

    class _Unchecked:
        def __class_getitem__(cls, kind_and_shape: tuple[Any, str]) -> Any:
            """Return the kind of array."""
            return kind_and_shape[0]

    Bool = Float = Float16 = Float32 = Int = Int16 = UInt8 = _Unchecked
