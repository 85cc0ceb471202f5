"""Fields of the plane as fields of space: what lets a network of O(3) work in two dimensions."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pad

from semola_geo.models.cartesian_irreps import CartesianIrreps
from semola_geo.representations import parse_representation

__all__ = ["PlanarIrreps", "field_irreps"]


class PlanarIrreps(nn.Module):
    r"""Components of a field of the plane z = 0 in the basis of irreps of O(3), and back.

    A map A of the plane is :math:`\operatorname{diag}(A, 1)` in space. Vectors and tensors get
    components 0 along z. A pseudoscalar of the plane changes sign under its mirrors, as the z
    component of a pseudovector does. All these are fixed by the mirror :math:`z \mapsto -z`, and
    an equivariant network of such inputs gives such outputs.

    Args:
        representation: Text of a representation in two dimensions (a suffix `@slot` makes no
            difference here).
        shape: Trailing shape of the field, channels first.

    Attributes:
        irreps: One copy of the representation's irreps in space for each channel.

    Raises:
        ValueError: If the representation exists in space only, or the shape is not its own.

    >>> import torch
    >>> vector = PlanarIrreps("vector", (2,))
    >>> vector.irreps, vector(torch.ones(1, 2)), vector.to_field(torch.ones(1, 3))
    (1x1o, tensor([[1., 1., 0.]]), tensor([[1., 1.]]))
    """

    def __init__(self, representation: str, shape: tuple[int, ...]) -> None:
        super().__init__()
        declared = parse_representation(representation)
        name = declared.name
        formula = name.replace("=", "").replace("-", "").isalpha()
        if name == "pseudovector" or not formula:
            raise ValueError(
                f"representation {representation!r} exists for d = 3 only; in the plane declare a "
                "scalar, pseudoscalar, vector, covector, point or tensor"
            )
        own = declared.shape(2)
        channels = tuple(shape)[: len(shape) - len(own)]
        if tuple(shape) != channels + own:
            raise ValueError(
                f"representation {representation!r} has trailing shape {own} in two dimensions, "
                f"which does not fit the trailing shape {tuple(shape)}"
            )
        self.axes, self.normal = len(own), name == "pseudoscalar"
        in_space = (*channels, *(3,) * (self.axes + self.normal))
        self.space = CartesianIrreps("pseudovector" if self.normal else name, in_space)
        self.irreps = self.space.irreps

    def forward(self, values: Tensor) -> Tensor:
        """Map `[rows, *shape]` to `[rows, irreps.dim]`."""
        if self.normal:
            values = pad(values.unsqueeze(-1), (2, 0))
        components: Tensor = self.space(pad(values, (0, 1) * self.axes))
        return components

    def to_field(self, components: Tensor) -> Tensor:
        """Map `[rows, irreps.dim]` to `[rows, *shape]`."""
        values = self.space.to_field(components)
        if self.normal:
            return values[..., 2]
        for axis in range(1, self.axes + 1):
            values = values.narrow(-axis, 0, 2)
        return values


def field_irreps(
    representation: str, shape: tuple[int, ...], dimension: int
) -> CartesianIrreps | PlanarIrreps:
    """Return the change of basis of a field in two or three dimensions.

    >>> field_irreps("pseudoscalar", (), 2).irreps, field_irreps("pseudoscalar", (), 3).irreps
    (1x1e, 1x0o)
    """
    if dimension == 2:
        return PlanarIrreps(representation, tuple(shape))
    return CartesianIrreps(representation, tuple(shape))
