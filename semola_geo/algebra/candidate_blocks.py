"""Linear algebras of one block of coordinates: what candidate names are put together from."""

from __future__ import annotations

__all__ = ["Block", "blocks_of", "with_own_translations"]

# A linear algebra, and the name it takes together with the translations of its block.
Block = tuple[str, str]


def blocks_of(size: int) -> list[Block]:
    """Linear algebras that act on all of R^size, pairwise not conjugate.

    >>> blocks_of(2)[:2]
    [('so(2)', 'se(2)'), ('so(1,1)', 'poincare(1,1)')]
    """
    pairs = []
    if size > 1:
        pairs.append((f"so({size})", f"se({size})"))
        for p in range(1, size // 2 + 1):
            pairs.append((f"so({p},{size - p})", f"poincare({p},{size - p})"))
        pairs.append((f"sl({size})", f"sl({size}) ⋉ t({size})"))
    pairs.append((f"gl({size})", f"aff({size})"))
    return pairs


def with_own_translations(block: Block, size: int, dimension: int) -> list[str]:
    """A block with translations of its own R^size and along the fixed axes beyond it."""
    linear, with_translations = block
    names = [with_translations]
    for extra in range(1, dimension - size + 1):
        names.append(f"{linear} + t({extra})")
        if size + extra == dimension:
            names.append(f"{linear} ⋉ t({dimension})")
        elif "⋉" not in with_translations:
            names.append(f"{with_translations} + t({extra})")
    return names
