"""Node update of the equivariant network: products of features, gated by invariants."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from e3nn import o3
from torch import Tensor, nn

from semola_geo.models.coupling import ChannelProduct, IrrepsLinear

__all__ = ["GatedProduct"]

_INVARIANT = o3.Irrep("0e")


class GatedProduct(nn.Module):
    r"""Two linear maps, their product channel by channel, and gates that invariants open.

    :math:`l = L_1 x,\; r = L_2 x,\; p = l \otimes r`. A network on the invariants of l and p gives
    the invariants of the result and one factor per channel of everything else, which is a linear
    map of l and p. This generalises the update of PaiNN (Schütt et al., arXiv:2102.03150, figure
    2c) to any irreps.

    Args:
        irreps: Irreps of the input, each once, the invariant `0e` first.
        channels_in: Channels of the input, for each irrep.
        outputs: Irreps of the result, each once.
        channels: Channels C inside and in the result.

    >>> block = GatedProduct([o3.Irrep("0e"), o3.Irrep("1o")], [4, 5], [o3.Irrep("1e")], 8)
    >>> block([torch.randn(6, 1, 4), torch.randn(6, 3, 5)])[0].shape
    torch.Size([6, 3, 8])
    """

    def __init__(
        self,
        irreps: Iterable[o3.Irrep],
        channels_in: Iterable[int],
        outputs: Iterable[o3.Irrep],
        channels: int,
    ) -> None:
        super().__init__()
        self.irreps, self.outputs, self.channels = list(irreps), list(outputs), channels
        self.linear = IrrepsLinear(self.irreps, channels_in, 2 * channels)
        self.product = ChannelProduct(self.irreps, self.irreps, {*self.outputs, _INVARIANT})
        self.found = [*self.irreps, *self.product.outputs]
        self.gate = nn.Sequential(
            nn.Linear(channels * self.found.count(_INVARIANT), channels),
            nn.SiLU(),
            nn.Linear(channels, channels * len(self.outputs)),
        )
        rest = [irrep for irrep in self.outputs if irrep != _INVARIANT]
        widths = [channels * self.found.count(irrep) for irrep in rest]
        self.mix = IrrepsLinear(rest, widths, channels)

    def forward(self, parts: Iterable[Tensor]) -> list[Tensor]:
        """Map each irrep's `[N, dim, C_in]` to `[N, dim, C]` of each output irrep."""
        both = [part.chunk(2, dim=-1) for part in self.linear(parts)]
        left, right = [one for one, _ in both], [two for _, two in both]
        found = left + self.product(torch.cat(left, dim=1), torch.cat(right, dim=1))
        invariants = self._gather(found, _INVARIANT)
        gates = iter(self.gate(invariants).split(self.channels, dim=-1))
        rest = [irrep for irrep in self.outputs if irrep != _INVARIANT]
        mixed = iter(self.mix([self._gather(found, irrep) for irrep in rest]))
        return [
            next(gates) if irrep == _INVARIANT else next(mixed) * (1 + next(gates))
            for irrep in self.outputs
        ]

    def _gather(self, found: list[Tensor], irrep: o3.Irrep) -> Tensor:
        parts = [part for part, kind in zip(found, self.found, strict=True) if kind == irrep]
        return torch.cat(parts, dim=-1)
