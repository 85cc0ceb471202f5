"""Image lists: how a permutation of node slots is written, checked and shown."""

from __future__ import annotations

from collections.abc import Sequence

from sympy.combinatorics import Permutation

__all__ = ["check_image", "cycle_notation"]


def check_image(image: Sequence[int], num_slots: int) -> tuple[int, ...]:
    """Return a permutation as a tuple: slot ``i`` moves to ``image[i]``.

    Args:
        image: 0-based images of all slots.
        num_slots: Number n of slots.

    Raises:
        TypeError: If an entry is no integer.
        ValueError: If it does not hold every slot exactly once.

    >>> check_image([1, 0, 2], 3)
    (1, 0, 2)
    """
    entries = list(image)
    try:
        images = [int(entry) for entry in entries]
        whole = all(number == entry for number, entry in zip(images, entries, strict=True))
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise TypeError(f"a permutation is a list of integers, got {entries}")
    if sorted(images) != list(range(num_slots)):
        raise ValueError(
            f"{images} is no permutation of {num_slots} slots: it must hold each of "
            f"0 … {num_slots - 1} exactly once"
        )
    return tuple(images)


def cycle_notation(image: Sequence[int]) -> str:
    """Write a permutation as disjoint cycles of 0-based slots.

    >>> cycle_notation([1, 0, 3, 4, 2, 5]), cycle_notation([0, 1])
    ('(0 1)(2 3 4)', '()')
    """
    cycles = Permutation(list(image)).cyclic_form
    return "".join(f"({' '.join(map(str, cycle))})" for cycle in cycles) or "()"
