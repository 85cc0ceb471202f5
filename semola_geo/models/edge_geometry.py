"""What edges know of space: lengths in a radial basis, directions in spherical harmonics."""

from __future__ import annotations

from e3nn import o3
from torch import Tensor, nn

from semola_geo.models.radial import RadialBasis

__all__ = ["EdgeGeometry"]


class EdgeGeometry(nn.Module):
    """Radial basis and spherical harmonics of the edges within a cutoff.

    Args:
        cutoff: Radius in the unit of the coordinates; longer edges are dropped.
        num_basis: Size K of the radial basis.
        lmax: Highest degree of the harmonics.
        factor: Constant that multiplies the basis.

    Raises:
        ValueError: If the cutoff is not positive, or with less than two functions.

    >>> import torch
    >>> geometry = EdgeGeometry(cutoff=2.0, num_basis=4, lmax=1)
    >>> x = torch.tensor([[0.0, 0, 0], [1.0, 0, 0], [5.0, 0, 0]])
    >>> edges, basis, harmonics = geometry(x, torch.tensor([[1, 2], [0, 0]]))
    >>> edges.tolist(), basis.shape, harmonics.shape
    ([[1], [0]], torch.Size([1, 4]), torch.Size([1, 4, 1]))
    """

    def __init__(self, cutoff: float, num_basis: int, lmax: int, factor: float = 1.0) -> None:
        super().__init__()
        self.radial = RadialBasis(cutoff, num_basis)
        self.degrees = list(range(lmax + 1))
        self.factor = factor

    def forward(self, x: Tensor, edge_index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Describe the edges that are left.

        Args:
            x: Coordinates `[N, 3]`.
            edge_index: `[2, E]`, sources then targets.

        Returns:
            Edges `[2, E']`, basis `[E', K]` and harmonics `[E', (lmax + 1)², 1]` of the directions
            from target to source.
        """
        vector = x.index_select(0, edge_index[0]) - x.index_select(0, edge_index[1])
        near = (vector.square().sum(-1) < self.radial.cutoff**2).nonzero().squeeze(-1)
        edge_index, vector = edge_index[:, near], vector[near]
        # The offset keeps gradients finite for nodes at the same place.
        distance = (vector.square().sum(-1) + 1e-12).sqrt()
        harmonics = o3.spherical_harmonics(
            self.degrees,
            vector / distance.unsqueeze(-1),
            normalize=False,
            normalization="component",
        )
        return edge_index, self.factor * self.radial(distance), harmonics.unsqueeze(-1)
