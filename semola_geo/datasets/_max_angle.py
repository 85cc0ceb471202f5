"""The option ``max_angle`` of poses that are turned by a limited angle."""

from __future__ import annotations

__all__ = ["check_max_angle"]


def check_max_angle(
    max_angle: float | None, default: float, orientation: str, test_orientation: str | None = None
) -> float:
    """Return the largest angle in degrees.

    Args:
        max_angle: As given; None: the default.
        default: Where none is given.
        orientation: Of all data, or of training and validation.
        test_orientation: Of test data where it differs.

    Raises:
        ValueError: For an angle out of range, or one that nothing is turned by.

    >>> check_max_angle(None, 30.0, "random"), check_max_angle(10, 30.0, "random", "restricted")
    (30.0, 10.0)
    >>> check_max_angle(10, 30.0, "random")
    Traceback (most recent call last):
    ValueError: max_angle=10 only applies to orientation='restricted', got orientation='random'
    """
    if max_angle is None:
        return default
    if "restricted" not in (orientation, test_orientation):
        given = f"orientation={orientation!r}"
        if test_orientation is not None:
            given += f" and test_orientation={test_orientation!r}"
        raise ValueError(
            f"max_angle={max_angle!r} only applies to orientation='restricted', got {given}"
        )
    if not 0.0 <= max_angle <= 180.0:
        raise ValueError(f"max_angle is an angle in degrees between 0 and 180; got {max_angle!r}")
    return float(max_angle)
