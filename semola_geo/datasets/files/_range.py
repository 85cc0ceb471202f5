"""How far the values of a field spread, and whether rounding leaves anything of that."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np

__all__ = ["Range"]

_RESOLVED = 1e-3  # Of the spread.
_NOISE = 1e-12  # Of the values: what rounding in float64 leaves of a constant.


class Range(NamedTuple):
    """Least and largest value, of all components together and before they are rounded.

    >>> Range.of(np.array([1.0, -4.0])) | Range.of(np.array([2.0]))
    Range(low=-4.0, high=2.0)
    """

    low: float
    high: float

    @classmethod
    def of(cls, values: np.ndarray[Any, Any]) -> Self:
        """Return the range of some values; of none it is 0, and NaN where there is one."""
        return cls(float(values.min()), float(values.max())) if values.size else cls(0.0, 0.0)

    def __or__(self, other: Self) -> Self:
        return type(self)(min(self.low, other.low), max(self.high, other.high))

    @property
    def size(self) -> float:
        """Largest absolute value."""
        return max(self.high, -self.low)

    def loss(self, kind: str) -> str | None:
        """Say what is lost in floating-point numbers of a kind, and what to do; ``None``: little.

        Single values that become zero beside larger ones are no loss, but all together are.

        Args:
            kind: ``"float32"`` or ``"float64"``.

        >>> Range(-17617380.5, -17617379.0).loss("float64")
        >>> Range(-17617380.5, -17617379.0).loss("float32")
        'is up to 17617380.5 and differs by 1.5 at most, in steps of 2 once rounded to float32; ...
        """
        limits, size, spread = np.finfo(kind), self.size, self.high - self.low
        remedy = ", or use dtype=torch.float64" if kind == "float32" else ""
        if 0 < size < float(limits.tiny) ** 0.5:
            return (
                f"is {size:.2g} at most, whose square is zero in {kind}; take another unit{remedy}"
            )
        steps = float(limits.eps) * size
        if steps > _RESOLVED * spread > _RESOLVED * _NOISE * size:
            return (
                f"is up to {size:.9g} and differs by {spread:.3g} at most, in steps of {steps:.1g} "
                f"once rounded to {kind}; subtract a reference, such as the mean{remedy}"
            )
        return None
