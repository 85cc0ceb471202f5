"""Names of sums: of two blocks, of a block and the scaling of everything, and with a shear."""

from __future__ import annotations

from itertools import combinations_with_replacement, product

from semola_geo.algebra.candidate_blocks import Block, blocks_of, with_own_translations

__all__ = ["dilated_names", "paired_names", "sheared_names"]

_LINE = ("gl(1)", "aff(1)")


def paired_names(dimension: int, affine: bool) -> list[str]:
    """Sums of two blocks: without translations, with those of one, of both, of further axes.

    >>> paired_names(3, affine=False)[:3]
    ['gl(1) + gl(1)', 'so(2) + gl(1)', 'so(1,1) + gl(1)']
    """
    names = []
    for first_size in range(1, dimension):
        for second_size in range(1, min(first_size, dimension - first_size) + 1):
            for first, second in _pairs_of_blocks(first_size, second_size):
                # On the plane these two are called so(1,1) + scaling, with and without t(2).
                plane = dimension == 2 and first == second == _LINE
                names += [] if plane else [f"{first[0]} + {second[0]}"]
                if affine:
                    names += _one_translated(first, second, first_size)
                    names += (
                        []
                        if plane
                        else _both_translated(
                            f"{first[0]} + {second[0]}", first_size + second_size, dimension
                        )
                    )
    return names


def dilated_names(dimension: int, affine: bool) -> list[str]:
    """Blocks of fewer coordinates than the space has, with the scaling of all of them.

    >>> dilated_names(3, affine=False)
    ['gl(1) + scaling', 'so(2) + scaling', 'so(1,1) + scaling', 'sl(2) + scaling']
    """
    names = []
    for size in range(1, dimension):
        for block in blocks_of(size):
            if block[0].startswith("gl") and size == dimension - 1:
                continue  # the same span as gl(d - 1) + gl(1)
            plain = [block[0]]
            plain += with_own_translations(block, size, dimension) if affine else []
            names += [_with_scaling(name) for name in plain]
    return names


def sheared_names(dimension: int, affine: bool) -> list[str]:
    """One shear alone, with the scaling of everything, or with translations.

    >>> sheared_names(2, affine=True)
    ['shear', 'shear + scaling', 'shear ⋉ t(1)', 'shear ⋉ t(2)']
    """
    names = ["shear", "shear + scaling"]
    if affine:
        names += [f"shear ⋉ t({count})" for count in range(1, dimension + 1)]
        names += [f"shear + t({count})" for count in range(1, dimension - 1)]
    return names


def _pairs_of_blocks(first_size: int, second_size: int) -> list[tuple[Block, Block]]:
    if first_size == second_size:
        return list(combinations_with_replacement(blocks_of(first_size), 2))
    return list(product(blocks_of(first_size), blocks_of(second_size)))


def _one_translated(first: Block, second: Block, first_size: int) -> list[str]:
    if "⋉" in first[1]:
        names = [f"{first[0]} + {second[0]} ⋉ t({first_size})"]
    else:
        names = [f"{first[1]} + {second[0]}"]
    # The catalogue cannot write semidirect translations of the second block alone.
    if second != first and "⋉" not in second[1]:
        names.append(f"{first[0]} + {second[1]}")
    return names


def _both_translated(linear: str, size: int, dimension: int) -> list[str]:
    names = [f"{linear} ⋉ t({size})"]
    if size < dimension:
        names += [f"{linear} + t({extra})" for extra in range(1, dimension - size + 1)]
        names.append(f"{linear} ⋉ t({dimension})")
    return names


def _with_scaling(name: str) -> str:
    linear, semidirect, translations = name.partition(" ⋉ ")
    return f"{linear} + scaling{semidirect}{translations}"
