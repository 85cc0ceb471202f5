"""Equivariant convolution: neighbours' features times spherical harmonics and radial weights."""

from __future__ import annotations

import math

import torch
from e3nn import o3
from torch import Tensor, nn

__all__ = ["EquivariantConvolution"]

_VECTORIAL = o3.Irreps("0e+1o")


class EquivariantConvolution(nn.Module):
    r"""Messages :math:`\sum_j W_p(r_{ij}) \, (h_j \otimes Y(\hat r_{ij}))_p`, channel by channel.

    The radial functions :math:`W_p` of a path p are linear in a radial basis, which for functions
    of one variable is as expressive as a network on top of it, and cheaper. Channels do not mix
    here ("depthwise", `uvu` in e3nn's terms); linear layers before and after mix them, once per
    node instead of once per edge. Source: Thomas et al., arXiv:1802.08219, section 4.

    For features `Cx0e + Cx1o` the tensor product is written out; all others go through
    `e3nn.o3.TensorProduct`. Both compute the same function of the same weights.

    Args:
        irreps: Features of nodes, in and out; every block has the same multiplicity C.
        lmax: Highest degree of the spherical harmonics.
        num_basis: Size K of the radial basis.

    Raises:
        ValueError: If the multiplicities differ.

    >>> convolution = EquivariantConvolution(o3.Irreps("4x0e+4x1o"), lmax=1, num_basis=3)
    >>> edge_index = torch.tensor([[0, 1], [1, 0]])
    >>> convolution(torch.randn(2, 16), torch.ones(2, 3), torch.ones(2, 3), edge_index).shape
    torch.Size([2, 16])
    """

    def __init__(self, irreps: o3.Irreps, lmax: int, num_basis: int) -> None:
        super().__init__()
        if len({mul for mul, _ in irreps}) != 1:
            raise ValueError(f"every irrep must have the same multiplicity, got {irreps}")
        self.irreps, self.channels, self.lmax = irreps, irreps[0].mul, lmax
        harmonics = o3.Irreps.spherical_harmonics(lmax)
        paths = [
            (i, j, k, "uvu", True)
            for i, (_, left) in enumerate(irreps)
            for j, (_, right) in enumerate(harmonics)
            for k, (_, out) in enumerate(irreps)
            if out in left * right
        ]
        fused = lmax == 1 and [ir for _, ir in irreps] == [ir for _, ir in _VECTORIAL]
        self.product = None if fused else self.tensor_product(irreps, harmonics, paths)
        self.radial = nn.Parameter(
            torch.randn(num_basis, len(paths) * self.channels) / math.sqrt(num_basis)
        )
        # e3nn's normalisation of the four paths 0x0->0, 0x1->1, 1x0->1, 1x1->0.
        factors = torch.tensor([0.5, 1.5, 0.5, 0.5]).sqrt().repeat_interleave(self.channels)
        self.register_buffer("factors", factors if fused else None, persistent=False)

    @staticmethod
    def tensor_product(
        irreps: o3.Irreps, harmonics: o3.Irreps, paths: list[tuple[int, int, int, str, bool]]
    ) -> o3.TensorProduct:
        """Return e3nn's product of node features and harmonics, weighted edge by edge."""
        return o3.TensorProduct(
            irreps, harmonics, irreps, paths, internal_weights=False, shared_weights=False
        )

    def forward(self, h: Tensor, basis: Tensor, direction: Tensor, edge_index: Tensor) -> Tensor:
        """Sum the messages at every node.

        Args:
            h: `[N, irreps.dim]`.
            basis: Radial basis at every edge, `[E, K]`.
            direction: Unit vectors from target to source, `[E, 3]`.
            edge_index: `[2, E]`, sources then targets.

        Returns:
            `[N, irreps.dim]`.
        """
        if self.product is None:
            return self._vectorial(h, basis @ (self.radial * self.factors), direction, edge_index)
        weights = basis @ self.radial
        harmonics = o3.spherical_harmonics(
            list(range(self.lmax + 1)), direction, normalize=False, normalization="component"
        )
        messages = self.product(h.index_select(0, edge_index[0]), harmonics, weights)
        return torch.zeros_like(h).index_add(0, edge_index[1], messages)

    def _vectorial(
        self, h: Tensor, weights: Tensor, direction: Tensor, edge_index: Tensor
    ) -> Tensor:
        nodes, c = len(h), self.channels
        # Components first, channels last: every operation then runs over contiguous channels.
        scalar, vector = h.split([c, 3 * c], dim=1)
        vector = vector.view(nodes, c, 3).transpose(1, 2).reshape(nodes, 3 * c)
        packed = torch.cat([scalar, vector], dim=1).index_select(0, edge_index[0])
        s, *v = packed.split(c, dim=1)
        keep, turn, move, project = weights.split(c, dim=1)
        r = direction.split(1, dim=1)
        along = torch.addcmul(torch.addcmul(v[0] * r[0], v[1], r[1]), v[2], r[2])
        outward = turn * s
        messages = torch.cat(
            [torch.addcmul(keep * s, project, along)]
            + [torch.addcmul(move * v[a], outward, r[a]) for a in range(3)],
            dim=1,
        )
        total = h.new_zeros(nodes, 4 * c).index_add(0, edge_index[1], messages)
        scalar, vector = total.split([c, 3 * c], dim=1)
        vector = vector.view(nodes, 3, c).transpose(1, 2).reshape(nodes, 3 * c)
        return torch.cat([scalar, vector], dim=1)
