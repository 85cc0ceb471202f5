"""A readable name for the structure of a permutation group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from math import factorial, prod

from sympy.combinatorics import Permutation, PermutationGroup

__all__ = ["structure_name"]

# Groups up to this order are listed to look for rotations and reflections.
_LISTED = 2000


def structure_name(group: PermutationGroup) -> str:
    """Name a group by its action on the slots that it moves.

    Orbits that move independently of each other are factors of a direct product. Factors are
    symmetric, alternating, cyclic, dihedral (``Dn`` has order 2n), abelian or wreath products;
    anything else is named by order and orbit sizes.

    >>> structure_name(PermutationGroup([Permutation(4)(0, 1), Permutation(2, 3, 4)]))
    'S2 x C3'
    >>> structure_name(PermutationGroup([Permutation([1, 0, 3, 2])]))
    'C2'
    """
    if group.order() == 1:
        return "trivial"
    orbits = sorted((sorted(orbit) for orbit in group.orbits()), key=lambda o: (len(o), o))
    factors = _independent(group, [orbit for orbit in orbits if len(orbit) > 1])
    names = [_factor_name(_restricted(group, points), points) for points in factors]
    if len(names) > 1 and any(name is None for name in names):
        names = [None]  # A product of partly known factors reads worse than its size.
    if names == [None]:
        sizes = ", ".join(str(len(orbit)) for orbit in reversed(orbits))
        return f"order {group.order()}, orbits {{{sizes}}}"
    return " x ".join(str(name) for name in names)


def _restricted(group: PermutationGroup, points: Sequence[int]) -> PermutationGroup:
    """Return the action on a union of orbits, with slots renumbered."""
    place = {point: number for number, point in enumerate(points)}
    images = {tuple(place[g(point)] for point in points) for g in group.generators}
    return PermutationGroup([Permutation(list(image)) for image in sorted(images)])


def _independent(group: PermutationGroup, orbits: list[list[int]]) -> list[list[int]]:
    """Join orbits that move together, so that the group is the product of its factors."""
    parts = orbits
    orders = [int(_restricted(group, part).order()) for part in parts]
    merged = True
    while merged and prod(orders) != group.order():
        merged = False
        for one in range(len(parts)):
            for two in range(one + 1, len(parts)):
                joined = sorted(parts[one] + parts[two])
                order = int(_restricted(group, joined).order())
                if order < orders[one] * orders[two]:
                    parts = [p for k, p in enumerate(parts) if k not in (one, two)] + [joined]
                    orders = [o for k, o in enumerate(orders) if k not in (one, two)] + [order]
                    merged = True
                    break
            if merged:
                break
    if prod(orders) != group.order():
        return [sorted(point for part in parts for point in part)]
    return sorted(parts, key=lambda part: (len(part), part))


def _factor_name(group: PermutationGroup, points: Sequence[int]) -> str | None:
    order, orbits = int(group.order()), [sorted(orbit) for orbit in group.orbits()]
    if len(orbits) > 1:
        # Where one orbit shows the whole group, its action there says most.
        faithful = [o for o in orbits if int(_restricted(group, o).order()) == order]
        if not faithful:
            return _abstract_name(group, order)
        best = min(faithful, key=len)
        restricted = _restricted(group, best)
        # Two pairs that swap together are no exchange of two slots: C2 rather than S2.
        return "C2" if order == 2 else _transitive_name(restricted, len(best), order)
    return _transitive_name(group, len(points), order)


def _transitive_name(group: PermutationGroup, degree: int, order: int) -> str | None:
    if order == factorial(degree):
        return f"S{degree}"
    if degree > 3 and 2 * order == factorial(degree):
        return f"A{degree}"
    return _abstract_name(group, order) or _wreath_name(group, degree, order)


def _abstract_name(group: PermutationGroup, order: int) -> str | None:
    if group.is_abelian:
        primes = Counter(group.abelian_invariants())
        return " x ".join(f"C{size}" for size in _invariant_factors(primes))
    if order > _LISTED or order % 2:
        return None
    elements = list(islice(group.generate(), order))
    rotation = next((g for g in elements if g.order() == order // 2), None)
    if rotation is None:
        return None
    turns = PermutationGroup([rotation])
    flips = [g for g in elements if g.order() == 2 and g not in turns]
    if flips and flips[0] * rotation * flips[0] == rotation**-1:
        return f"D{order // 2}"
    return None


def _invariant_factors(primes: Counter[int]) -> list[int]:
    """Join cyclic groups of coprime prime-power orders: C2 x C3 is C6."""
    remaining = sorted(primes.elements(), reverse=True)
    factors: list[int] = []
    while remaining:
        taken: dict[int, int] = {}
        for power in remaining:
            prime = next(p for p in range(2, power + 1) if power % p == 0)
            taken.setdefault(prime, power)
        for power in taken.values():
            remaining.remove(power)
        factors.append(prod(taken.values()))
    return sorted(factors)


def _wreath_name(group: PermutationGroup, degree: int, order: int) -> str | None:
    """Recognise blocks whose members and which themselves are exchanged freely."""
    for size in (d for d in range(2, degree) if degree % d == 0):
        count = degree // size
        if order != factorial(size) ** count * factorial(count):
            continue
        if any(len(set(block)) == count for block in group.minimal_blocks()):
            return f"S{size} wr S{count}"
    return None
