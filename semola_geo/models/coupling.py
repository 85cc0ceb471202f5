"""Products of features in the irreps of O(3), channel by channel."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from e3nn import o3
from torch import Tensor, nn

__all__ = ["ChannelProduct", "IrrepsLinear", "soften"]


class ChannelProduct(nn.Module):
    r"""All products of two features that land in allowed irreps.

    Features are `[N, D, C]`: D components of irreps, one irrep after the other and each once, for
    C channels. With channels last every operation runs over contiguous memory, which makes this
    several times faster on a CPU than the layout of `e3nn.o3.TensorProduct`; the function is
    that of its connection modes `uuu` and (where the right side has one channel) `uvu`, with
    `irrep_normalization="component"`.

    Args:
        left: Irreps of the left side.
        right: Irreps of the right side.
        allowed: Irreps to keep.
        unit: Whether scalars on the right are 1, as those of spherical harmonics; then they are
            not multiplied.

    Attributes:
        outputs: The irrep of every product, in the order of the results.

    >>> product = ChannelProduct([o3.Irrep("1o")], [o3.Irrep("1o")], [o3.Irrep("0e")])
    >>> v = torch.ones(5, 3, 2)
    >>> [tuple(p.shape) for p in product(v, v)], product.outputs
    ([(5, 1, 2)], [0e])
    """

    def __init__(
        self,
        left: Iterable[o3.Irrep],
        right: Iterable[o3.Irrep],
        allowed: Iterable[o3.Irrep],
        *,
        unit: bool = False,
    ) -> None:
        super().__init__()
        self.unit = unit
        self.left, self.right, kept = list(left), list(right), set(allowed)
        self.paths = [
            (i, j, out)
            for i, one in enumerate(self.left)
            for j, two in enumerate(self.right)
            for out in one * two
            if out in kept
        ]
        self.outputs = [out for _, _, out in self.paths]
        for i, j, out in self.paths:
            degrees = (self.left[i].l, self.right[j].l, out.l)
            if 0 not in degrees:
                table = o3.wigner_3j(*degrees, dtype=torch.float64) * math.sqrt(out.dim)
                self.register_buffer(_table(*degrees), table, persistent=False)

    def forward(
        self, left: Tensor, right: Tensor, weights: tuple[Tensor, ...] | None = None
    ) -> list[Tensor]:
        """Multiply.

        Args:
            left: `[N, D, C]`.
            right: `[N, D', C]` or `[N, D', 1]`.
            weights: A factor `[N, 1, C]` for every product, or none.

        Returns:
            One tensor `[N, dim, C]` per product.
        """
        lefts = torch.split(left, [ir.dim for ir in self.left], dim=1)
        rights = torch.split(right, [ir.dim for ir in self.right], dim=1)
        results = []
        for k, (i, j, out) in enumerate(self.paths):
            one, two = lefts[i], rights[j]
            if weights is not None:
                # The factor goes where it costs least: onto the side with fewer components.
                if out.l == 0 and self.left[i].l > 0:
                    results.append(self._couple(one, two, i, j, out) * weights[k])
                    continue
                one = one * weights[k]
            results.append(self._couple(one, two, i, j, out))
        return results

    def _couple(self, one: Tensor, two: Tensor, i: int, j: int, out: o3.Irrep) -> Tensor:
        degrees = (self.left[i].l, self.right[j].l, out.l)
        if degrees[1] == 0 and self.unit:
            return one
        if degrees[0] == 0 or degrees[1] == 0:
            return one * two
        if degrees[2] == 0:
            return (one * two).sum(1, keepdim=True) / math.sqrt(self.left[i].dim)
        table: Tensor = getattr(self, _table(*degrees)).to(one.dtype)
        return torch.einsum("nac,nbc,abd->ndc", one, two.expand(-1, -1, one.shape[-1]), table)


def _table(*degrees: int) -> str:
    return "wigner_{}_{}_{}".format(*degrees)


class IrrepsLinear(nn.Module):
    """Mix the channels of every irrep: `[N, D, C_in]` to `[N, D, C_out]`, no bias.

    Weights are normal and divided by the root of C_in, as in `e3nn.o3.Linear`.

    Args:
        irreps: The irreps, each once.
        channels_in: Channels of the input, for each irrep.
        channels_out: Channels of the output.

    >>> linear = IrrepsLinear([o3.Irrep("0e"), o3.Irrep("1o")], [8, 8], 4)
    >>> [tuple(part.shape) for part in linear([torch.ones(5, 1, 8), torch.ones(5, 3, 8)])]
    [(5, 1, 4), (5, 3, 4)]
    """

    def __init__(
        self, irreps: Iterable[o3.Irrep], channels_in: Iterable[int], channels_out: int
    ) -> None:
        super().__init__()
        self.irreps = list(irreps)
        self.weights = nn.ParameterList(torch.randn(width, channels_out) for width in channels_in)

    def forward(self, parts: Iterable[Tensor]) -> list[Tensor]:
        """Map each irrep's `[N, dim, C_in]` to `[N, dim, C_out]`."""
        return [
            (part.flatten(0, 1) @ (weight / math.sqrt(len(weight)))).view(*part.shape[:2], -1)
            for part, weight in zip(parts, self.weights, strict=True)
        ]


def soften(part: Tensor) -> Tensor:
    r"""Bound features of one irrep, `[N, dim, C]`: :math:`h / \sqrt{0.1 + \langle |h|^2 \rangle}`.

    Products of features would grow with a power of their size from layer to layer; this keeps
    all features at order one, and unlike a plain norm it is smooth at zero.

    >>> soften(torch.tensor([[[3.0, -3.0]]]))
    tensor([[[ 0.9945, -0.9945]]])
    """
    return part * torch.rsqrt(0.1 + part.square().mean(dim=(1, 2), keepdim=True))
