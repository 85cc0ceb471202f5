"""Equivariant convolution: neighbours' features times spherical harmonics and radial weights."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from e3nn import o3
from torch import Tensor, nn

from semola_geo.models.coupling import ChannelProduct

__all__ = ["EquivariantConvolution"]


class EquivariantConvolution(nn.Module):
    r"""Messages :math:`\sum_j W_p(r_{ij}) \, (h_j \otimes Y(\hat r_{ij}))_p`, channel by channel.

    The radial functions :math:`W_p` of a path p are linear in a radial basis, which for functions
    of one variable is as expressive as a network on top of it, and cheaper. Channels do not mix
    here ("depthwise"); linear layers before and after do that, once per node instead of once per
    edge. Source: Thomas et al., arXiv:1802.08219, section 4.

    Args:
        irreps: Irreps of the features, in and out, each once.
        lmax: Highest degree of the spherical harmonics.
        channels: Channels C.
        num_basis: Size K of the radial basis.

    >>> irreps = [o3.Irrep("0e"), o3.Irrep("1o")]
    >>> convolution = EquivariantConvolution(irreps, 1, channels=2, num_basis=3)
    >>> edges = torch.tensor([[0, 1], [1, 0]])
    >>> convolution(torch.ones(2, 4, 2), torch.ones(2, 3), torch.ones(2, 4, 1), edges).shape
    torch.Size([2, 4, 2])
    """

    def __init__(
        self, irreps: Iterable[o3.Irrep], lmax: int, *, channels: int, num_basis: int
    ) -> None:
        super().__init__()
        self.irreps, self.lmax, self.channels = list(irreps), lmax, channels
        harmonics = [o3.Irrep(degree, (-1) ** degree) for degree in range(lmax + 1)]
        self.product = ChannelProduct(self.irreps, harmonics, self.irreps, unit=True)
        outputs = self.product.outputs
        # Sums of as many independent terms as paths lead to an irrep.
        shares = [1 / math.sqrt(outputs.count(out) * num_basis) for out in outputs]
        self.radial = nn.Parameter(
            torch.cat([torch.randn(num_basis, channels) * share for share in shares], dim=1)
        )

    def forward(self, h: Tensor, basis: Tensor, harmonics: Tensor, edge_index: Tensor) -> Tensor:
        """Sum the messages at every node.

        Args:
            h: Features of nodes `[N, D, C]`.
            basis: Radial basis at every edge, `[E, K]`.
            harmonics: Spherical harmonics up to `lmax` from target to source, `[E, D', 1]`.
            edge_index: `[2, E]`, sources then targets.

        Returns:
            `[N, D, C]`.
        """
        weights = torch.split((basis @ self.radial).unsqueeze(1), self.channels, dim=-1)
        neighbours = h.index_select(0, edge_index[0])
        products = self.product(neighbours, harmonics, weights)
        sums = []
        for irrep in self.irreps:
            terms = [
                p for p, out in zip(products, self.product.outputs, strict=True) if out == irrep
            ]
            total = terms[0]
            for term in terms[1:]:
                total = total + term
            sums.append(total)
        return torch.zeros_like(h).index_add(0, edge_index[1], torch.cat(sums, dim=1))
