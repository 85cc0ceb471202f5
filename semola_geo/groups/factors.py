"""Factors of an ambient group: a continuous group, permutations of node slots, time reversal."""

from __future__ import annotations

import re
from typing import NamedTuple

from semola_geo.groups.ambient import TIME, AmbientGroup, parse_ambient, parse_slots

__all__ = ["AmbientFactors", "product_name", "split_ambient"]

_TIMES = re.compile(r"\s*[x×]\s*")


class AmbientFactors(NamedTuple):
    """What an ambient group is the product of.

    Attributes:
        continuous: The group that moves coordinates; ``None``: they are not moved.
        num_slots: Number n of node slots that S(n) permutes; ``None``: they are not permuted.
        time: Whether time may be reversed.
    """

    continuous: AmbientGroup | None = None
    num_slots: int | None = None
    time: bool = False

    @property
    def name(self) -> str:
        """Canonical name, ``"E(3) x S(5) x time"``."""
        group = self.continuous
        return product_name(None if group is None else group.name, self.num_slots, self.time)


def split_ambient(ambient: str | AmbientGroup) -> AmbientFactors:
    """Return the factors of an ambient group.

    All factors act on the same graphs: a continuous one on coordinates, permutations on the order
    of nodes, time reversal on the signs of odd fields. Their elements commute.

    Args:
        ambient: A continuous group as for :func:`parse_ambient`, ``"S(n)"``, ``"time"``, or the
            product of at most one of each in any order, such as ``"E(3) x S(5)"`` or
            ``"time × E(3)"``.

    Raises:
        TypeError: If given something else than text or an ambient group.
        ValueError: If a factor is unknown, or there are more than one of a kind.

    >>> split_ambient("S(5) x E(3)")
    AmbientFactors(continuous=AmbientGroup('E(3)', dim=6), num_slots=5, time=False)
    >>> split_ambient("time x SO(2)").name
    'SO(2) x time'
    """
    if not isinstance(ambient, str):
        return AmbientFactors(parse_ambient(ambient))
    factors = _TIMES.split(ambient.strip())
    slots = [count for count in map(parse_slots, factors) if count is not None]
    reversals = factors.count(TIME)
    groups = [
        parse_ambient(factor)
        for factor in factors
        if factor != TIME and parse_slots(factor) is None
    ]
    if reversals > 1:
        raise ValueError(
            f"ambient group {ambient!r} reverses time {reversals} times; say 'time' once: it "
            "changes the sign of every field declared '@odd'"
        )
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
    return AmbientFactors(
        groups[0] if groups else None, slots[0] if slots else None, bool(reversals)
    )


def product_name(
    continuous: str | None = None, num_slots: int | None = None, time: bool = False
) -> str:
    """Return the name of a product, the continuous factor first and time last.

    >>> product_name("E(3)", 5), product_name("SO(3)", time=True)
    ('E(3) x S(5)', 'SO(3) x time')
    """
    names = [
        *([] if continuous is None else [continuous]),
        *([] if num_slots is None else [f"S({num_slots})"]),
        *([TIME] if time else []),
    ]
    return " x ".join(names)
