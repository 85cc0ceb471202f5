"""Names of groups that leave the dimension of space to the data."""

from __future__ import annotations

__all__ = ["in_dimension"]

_OPEN = "(d)"


def in_dimension(group: str, dimension: int) -> str:
    """Put the dimension of the data into the name of a group.

    Args:
        group: ``"SO(d)"``, ``"E(d)"`` …; any other name comes back as it is.
        dimension: Dimension d of space.

    Raises:
        ValueError: If the group depends on d, and the data are neither in the plane nor in space:
            coordinates of four components may well be momenta, which rotations do not suit.

    >>> in_dimension("SO(d)", 2), in_dimension("SO(1,3)", 4)
    ('SO(2)', 'SO(1,3)')
    """
    if not group.endswith(_OPEN):
        return group
    if dimension not in (2, 3):
        raise ValueError(
            f"{group} needs data in the plane or in space, but these have d = {dimension}; "
            "say which group, such as evaluation.group=SO(1,3) with evaluation.extent=0.5"
        )
    return f"{group.removesuffix(_OPEN)}({dimension})"
