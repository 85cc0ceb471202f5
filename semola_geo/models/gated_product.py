"""Node update of the equivariant network: products of features, gated by invariants."""

from __future__ import annotations

import torch
from e3nn import o3
from torch import Tensor, nn

__all__ = ["GatedProduct", "couplings"]

_INVARIANT = o3.Irrep("0e")


def couplings(irreps: o3.Irreps, allowed: o3.Irreps) -> list[tuple[int, int, o3.Irrep]]:
    """Pairs of blocks of `irreps`, and the allowed irreps in the product of each pair.

    >>> [(i, j, str(ir)) for i, j, ir in couplings(o3.Irreps("0e+1o"), o3.Irreps("1e+1o"))]
    [(0, 1, '1o'), (1, 0, '1o'), (1, 1, '1e')]
    """
    return [
        (i, j, irrep)
        for i, (_, left) in enumerate(irreps)
        for j, (_, right) in enumerate(irreps)
        for irrep in left * right
        if irrep in allowed
    ]


class GatedProduct(nn.Module):
    r"""Two linear maps, their product channel by channel, and gates that invariants open.

    :math:`l = L_1 x,\; r = L_2 x,\; p = l \otimes r`; a network on the invariants of l and p gives
    the invariants of the result and one factor per channel of everything else, which is a linear
    map of l and p. This generalises the update of PaiNN (Schütt et al., arXiv:2102.03150, figure
    2c) to any irreps.

    Args:
        irreps_in: Irreps of the input.
        irreps: Irreps between (every block has multiplicity C), which holds `Cx0e`.
        irreps_out: Irreps of the result.

    >>> block = GatedProduct(o3.Irreps("1o"), o3.Irreps("4x0e+4x1o"), o3.Irreps("2x0e+1e"))
    >>> block(torch.randn(5, 3)).shape
    torch.Size([5, 5])
    """

    def __init__(self, irreps_in: o3.Irreps, irreps: o3.Irreps, irreps_out: o3.Irreps) -> None:
        super().__init__()
        channels = irreps[0].mul
        self.left = o3.Linear(irreps_in, irreps)
        self.right = o3.Linear(irreps_in, irreps)
        paths = couplings(irreps, irreps_out + o3.Irreps("0e"))
        products = o3.Irreps([(channels, irrep) for _, _, irrep in paths])
        self.product = o3.TensorProduct(
            irreps,
            irreps,
            products,
            [(i, j, k, "uuu", False) for k, (i, j, _) in enumerate(paths)],
        )
        both = irreps + products
        self.widths = [mul * ir.dim for mul, ir in both]
        self.invariants = [k for k, (_, ir) in enumerate(both) if ir == _INVARIANT]
        width = sum(self.widths[k] for k in self.invariants)
        self.scalars = sum(mul for mul, ir in irreps_out if ir == _INVARIANT)
        rest = o3.Irreps([(mul, ir) for mul, ir in irreps_out if ir != _INVARIANT])
        self.gate = nn.Sequential(
            nn.Linear(width, channels),
            nn.SiLU(),
            nn.Linear(channels, self.scalars + rest.num_irreps),
        )
        self.linear = o3.Linear(both, rest)
        self.open = o3.ElementwiseTensorProduct(o3.Irreps([(rest.num_irreps, "0e")]), rest)
        # Results come in the order asked for: invariant and other blocks may alternate.
        taken, source = {True: 0, False: self.scalars}, []
        for mul, ir in irreps_out:
            first = taken[ir == _INVARIANT]
            taken[ir == _INVARIANT] += mul * ir.dim
            source.append(torch.arange(first, first + mul * ir.dim))
        self.register_buffer("order", torch.cat(source), persistent=False)
        self.sorted = bool((self.order.diff() == 1).all())

    def forward(self, x: Tensor) -> Tensor:
        """Map `[N, irreps_in.dim]` to `[N, irreps_out.dim]`."""
        left = self.left(x)
        both = torch.cat([left, self.product(left, self.right(x))], dim=-1)
        blocks = both.split(self.widths, dim=-1)
        gates = self.gate(torch.cat([blocks[k] for k in self.invariants], dim=-1))
        scalars, gates = gates.split([self.scalars, gates.shape[-1] - self.scalars], dim=-1)
        out = torch.cat([scalars, self.open(gates, self.linear(both))], dim=-1)
        return out if self.sorted else out[:, self.order]
