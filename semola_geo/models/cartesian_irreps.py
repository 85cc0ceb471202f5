"""From the representation of a field to e3nn irreps, and between their components."""

from __future__ import annotations

from functools import cache
from math import prod

import torch
from e3nn import io, o3
from torch import Tensor, nn

from semola_geo.representations import parse_representation

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
        representation: Text of a representation (suffixes make no difference here).
        shape: Trailing shape of the field, channels first.

    Attributes:
        irreps: One copy of the representation's irreps for each channel.

    Raises:
        ValueError: If the shape is not that of the representation in three dimensions.

    >>> tensor = CartesianIrreps("ij=ji", (3, 3))
    >>> tensor.irreps
    1x0e+1x2e
    >>> values = torch.eye(3)[None]
    >>> torch.allclose(tensor.to_field(tensor(values)), values, atol=1e-6)
    True
    """

    basis: Tensor

    def __init__(self, representation: str, shape: tuple[int, ...]) -> None:
        super().__init__()
        name = parse_representation(representation).name
        self.shape = tuple(shape)
        if name in _NAMED or not name.replace("=", "").replace("-", "").isalpha():
            single = o3.Irreps(_NAMED.get(name, name))
            basis = torch.eye(single.dim)
        else:
            single, basis = _tensor_basis(name)
        # In float64 whatever the parameters: this decides how exact the equivariance is.
        self.register_buffer("basis", basis.double())
        self.channels, remainder = divmod(prod(self.shape), basis.shape[1])
        if remainder or not self.channels:
            raise ValueError(
                f"representation {representation!r} has {basis.shape[1]} components in three "
                f"dimensions, which does not fit the trailing shape {self.shape}"
            )
        self.irreps = o3.Irreps(list(single) * self.channels)

    def forward(self, values: Tensor) -> Tensor:
        """Map `[rows, *shape]` to `[rows, irreps.dim]`."""
        flat = values.reshape(len(values), self.channels, self.basis.shape[1])
        return (flat @ self.basis.to(values.dtype).T).flatten(1)

    def to_field(self, components: Tensor) -> Tensor:
        """Map `[rows, irreps.dim]` to `[rows, *shape]`."""
        split = components.reshape(len(components), self.channels, self.basis.shape[0])
        return (split @ self.basis.to(components.dtype)).reshape(-1, *self.shape)


@cache
def _tensor_basis(formula: str) -> tuple[o3.Irreps, Tensor]:
    """Irreps of Cartesian tensors with these index symmetries, and the basis `[irreps, 3^rank]`."""
    tensor = io.CartesianTensor(formula)
    default = torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)  # e3nn solves for the basis in this type
        basis = tensor.reduced_tensor_products().change_of_basis.flatten(1)
    finally:
        torch.set_default_dtype(default)
    return o3.Irreps(list(tensor)), basis.detach()
