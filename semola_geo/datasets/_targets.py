"""Which fields a data set was asked to serve as targets."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["check_targets"]


def check_targets(targets: str | Sequence[str], allowed: Sequence[str]) -> tuple[str, ...]:
    """Return the targets as a tuple.

    Raises:
        ValueError: For an unknown target, or one that is named twice.

    >>> check_targets("dipole", ["dipole", "energy"])
    ('dipole',)
    """
    names = (targets,) if isinstance(targets, str) else tuple(targets)
    for name in names:
        if name not in allowed:
            raise ValueError(f"target {name!r} is unknown; choose among {', '.join(allowed)}")
    if len(set(names)) < len(names):
        raise ValueError(f"targets={names} names a field twice")
    return names
