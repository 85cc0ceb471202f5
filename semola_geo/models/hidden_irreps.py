"""The smallest feature space that reaches a given output."""

from __future__ import annotations

from e3nn import o3

__all__ = ["hidden_irreps"]


def hidden_irreps(lmax: int, inputs: o3.Irreps, output: o3.Irreps) -> tuple[int, list[o3.Irrep]]:
    """Return the smallest set of irreps that holds the inputs and whose products hold the output.

    Natural parity (as of spherical harmonics) where that is enough; both parities otherwise; then
    higher degrees.

    Args:
        lmax: Least degree.
        inputs: Irreps to hold.
        output: Irreps to reach as features or as products of two features.

    Returns:
        Highest degree, and the irreps, `0e` first.

    Raises:
        ValueError: If `lmax` is less than 1.

    >>> hidden_irreps(1, o3.Irreps("0e"), o3.Irreps("0e+2e"))
    (1, [0e, 1o])
    >>> hidden_irreps(1, o3.Irreps("0e"), o3.Irreps("0o"))
    (1, [0e, 1o, 0o, 1e])
    """
    if lmax < 1:
        raise ValueError(f"lmax must be at least 1: features without vectors, got {lmax}")
    wanted, held = {ir for _, ir in output}, {ir for _, ir in inputs}
    while True:
        natural = [o3.Irrep(degree, (-1) ** degree) for degree in range(lmax + 1)]
        for kinds in (natural, natural + [o3.Irrep(ir.l, -ir.p) for ir in natural]):
            reached = {out for one in kinds for two in kinds for out in one * two}
            if held <= set(kinds) and wanted <= reached | set(kinds):
                return lmax, kinds
        lmax += 1
