"""From the representation of a field to e3nn irreps, and between their components."""

from __future__ import annotations

from math import prod

import torch
from e3nn import io, o3
from torch import Tensor, nn

__all__ = ["CartesianIrreps"]

_NAMED = {
    "scalar": "0e",
    "pseudoscalar": "0o",
    "point": "1o",
    "vector": "1o",
    "covector": "1o",
    "pseudovector": "1e",
}


class CartesianIrreps(nn.Module):
    """Components of a field in the basis of irreps, and back: an orthogonal change of basis.

    Under orthogonal maps vectors and covectors are the same irrep; a point is a vector once its
    origin has been subtracted, which is left to the caller.

    Args:
        representation: Text of a representation (a suffix `@slot` makes no difference here).
        shape: Trailing shape of the field, channels first.

    Attributes:
        irreps: One copy of the representation's irreps for each channel.

    Raises:
        ValueError: If the shape is not that of the representation in three dimensions.

    >>> tensor = CartesianIrreps("ij=ji", (3, 3))
    >>> tensor.irreps
    1x0e+1x2e
    >>> values = torch.eye(3)[None]
    >>> torch.allclose(tensor.to_field(tensor.from_field(values)), values, atol=1e-6)
    True
    """

    basis: Tensor

    def __init__(self, representation: str, shape: tuple[int, ...]) -> None:
        super().__init__()
        name = representation.removesuffix("@slot")
        self.shape = tuple(shape)
        if name in _NAMED or "=" in name or name.isalpha():
            formula = None if name in _NAMED else name
            single = o3.Irreps(_NAMED[name]) if formula is None else io.CartesianTensor(formula)
        else:
            formula, single = None, o3.Irreps(name)
        if formula is not None:
            basis = single.reduced_tensor_products().change_of_basis.flatten(1)
            single = o3.Irreps(list(single))
        else:
            basis = torch.eye(single.dim)
        self.register_buffer("basis", basis.to(torch.get_default_dtype()))
        self.channels, remainder = divmod(prod(self.shape), basis.shape[1])
        if remainder or not self.channels:
            raise ValueError(
                f"representation {representation!r} has {basis.shape[1]} components in three "
                f"dimensions, which does not fit the trailing shape {self.shape}"
            )
        self.irreps = o3.Irreps(list(single) * self.channels)

    def from_field(self, values: Tensor) -> Tensor:
        """Map `[rows, *shape]` to `[rows, irreps.dim]`."""
        flat = values.reshape(len(values), self.channels, self.basis.shape[1])
        return (flat @ self.basis.to(values.dtype).T).flatten(1)

    def to_field(self, components: Tensor) -> Tensor:
        """Map `[rows, irreps.dim]` to `[rows, *shape]`."""
        split = components.reshape(len(components), self.channels, self.basis.shape[0])
        return (split @ self.basis.to(components.dtype)).reshape(-1, *self.shape)
