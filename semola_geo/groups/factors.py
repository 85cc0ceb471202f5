"""Factors of an ambient group: a continuous group, permutations of node slots, or both."""

from __future__ import annotations

import re

from semola_geo.groups.ambient import AmbientGroup, parse_ambient, parse_slots

__all__ = ["product_name", "split_ambient"]

_TIMES = re.compile(r"\s*[x×]\s*")


def split_ambient(ambient: str | AmbientGroup) -> tuple[AmbientGroup | None, int | None]:
    """Return the continuous factor of an ambient group, and the number of slots it permutes.

    Both factors act on the same graphs: the first one on coordinates, the second one on the order
    of nodes. Their elements commute.

    Args:
        ambient: A continuous group as for :func:`parse_ambient`, ``"S(n)"``, or the product of one
            of each in either order, such as ``"E(3) x S(5)"`` or ``"S(5) × E(3)"``.

    Returns:
        The group, or ``None`` where only slots are permuted; n, or ``None`` where none are.

    Raises:
        TypeError: If given something else than text or an ambient group.
        ValueError: If a factor is unknown, or there are more than one of a kind.

    >>> split_ambient("S(5) x E(3)")
    (AmbientGroup('E(3)', dim=6), 5)
    >>> split_ambient("S(5)"), split_ambient("Aff(2)")
    ((None, 5), (AmbientGroup('Aff(2)', dim=6), None))
    """
    if not isinstance(ambient, str):
        return parse_ambient(ambient), None
    factors = _TIMES.split(ambient.strip())
    slots = [count for count in map(parse_slots, factors) if count is not None]
    groups = [parse_ambient(factor) for factor in factors if parse_slots(factor) is None]
    if len(slots) > 1:
        raise ValueError(
            f"ambient group {ambient!r} has {len(slots)} factors that permute node slots; give one "
            "S(n), where n is the number of nodes of every graph: its subgroups, such as S2 x S3, "
            "are what is looked for"
        )
    if len(groups) > 1:
        raise ValueError(
            f"ambient group {ambient!r} has {len(groups)} continuous factors, which would move the "
            "same coordinates; give one group that holds both, such as 'Aff(3)'"
        )
    return (groups[0] if groups else None), (slots[0] if slots else None)


def product_name(continuous: str, num_slots: int) -> str:
    """Return the name of a product, the continuous factor first.

    >>> product_name("E(3)", 5)
    'E(3) x S(5)'
    """
    return f"{continuous} x S({num_slots})"
