"""Angles between what was found and a known algebra."""

from __future__ import annotations

from typing import Any

from semola_geo.algebra import LieAlgebra

__all__ = ["angles_to"]


def angles_to(algebra: LieAlgebra, reference: str, length_scale: float) -> dict[str, Any]:
    """Return the principal angles to a reference as plain values.

    Args:
        algebra: What was found, in the data's units.
        reference: Name of an algebra, such as ``"se(3)"``.
        length_scale: Unit of length in which rotations and translations are compared.

    Returns:
        ``reference`` and ``reference_dim``; ``angles`` in degrees, ascending, as many as the
        smaller dimension of both; ``largest_angle``, ``None`` where nothing was found.

    Raises:
        ValueError: If there is no algebra of that name, or it acts on another space.

    >>> angles_to(LieAlgebra.from_name("so(2)"), "so(2)", 1.0)["largest_angle"] < 1e-9
    True
    """
    known = LieAlgebra.from_name(reference)
    try:
        angles = algebra.principal_angles(known, length_scale=length_scale)
    except ValueError as error:
        raise ValueError(f"reference={reference!r} cannot be compared: {error}") from None
    return {
        "reference": reference,
        "reference_dim": known.dim,
        "angles": angles,
        "largest_angle": max(angles, default=None),
    }
