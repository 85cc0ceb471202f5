"""Forces from an energy: minus its gradient, of any network that predicts a scalar."""

from __future__ import annotations

import copy
from collections.abc import Callable

from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.e3nn_model import E3NNModel
from semola_geo.models.gradient import minus_gradient
from semola_geo.models.inputs import NodeInputs, check_width, read_field
from semola_geo.representations import parse_representation

__all__ = ["ConservativeForces"]

_FORCES = ("covector", "vector")


class ConservativeForces(nn.Module):
    r"""Forces :math:`f_i = -\partial E / \partial x_i` of a learned energy.

    Exactly conservative: no work is done along a closed path, which no network that predicts
    forces directly can promise. They are as equivariant as the energy is invariant, and sum to zero
    where it does not change under translations. The energy has the unit of the target times that of
    coordinates and is never seen; there is nothing to learn it from but forces. A step costs two to
    three times one of the energy. Source: Schütt et al., SchNet, arXiv:1706.08566, equation 6.

    The gradient is taken inside `forward`, under `torch.no_grad` and `torch.inference_mode`, too.

    Args:
        representation: Representation of the target: `"covector"`, or `"vector"` where only
            orthogonal maps matter.
        level: `"node"`.
        output_shape: `(d,)`.
        dimension: Dimension d of space.
        node_inputs: Further inputs, name to (representation, trailing shape).
        species: Whether the data carry an integer `z` per node.
        energy: Makes the network of the energy from `representation`, `level`, `output_shape`,
            `dimension`, `node_inputs` and `species`, a scalar per graph.
        scale: Constant factor; keeps forces of order 1 at the start.

    Raises:
        ValueError: For a target that is no force on every node; in `forward`, for missing
            coordinates or ones of another dimension, as the energy does, or if it does not depend
            on coordinates.

    >>> import torch
    >>> model = ConservativeForces(
    ...     representation="covector", level="node", output_shape=(3,), species=False)
    >>> with torch.no_grad():
    ...     forces = model(Data(pos=torch.randn(5, 3)))
    >>> forces.shape, bool(forces.sum(0).abs().max() < 1e-5)
    (torch.Size([5, 3]), True)
    """

    def __init__(
        self,
        *,
        representation: str,
        level: str,
        output_shape: tuple[int, ...],
        dimension: int = 3,
        node_inputs: NodeInputs | None = None,
        species: bool = True,
        energy: Callable[..., nn.Module] = E3NNModel,
        scale: float = 1.0,
    ) -> None:
        super().__init__()
        declared = parse_representation(representation)
        # What reverses with time, such as friction, is no gradient of an energy.
        force = declared.name in _FORCES and not declared.odd
        if not force or level != "node" or tuple(output_shape) != (dimension,):
            raise ValueError(
                f"minus the gradient of an energy is a covector ({dimension},) on every node, got "
                f"a target declared {representation!r} per {level} of shape {tuple(output_shape)}; "
                "use E3NNModel or MPNN"
            )
        self.dimension, self.scale = dimension, float(scale)
        self.energy = energy(
            representation="scalar",
            level="graph",
            output_shape=(),
            dimension=dimension,
            node_inputs=node_inputs,
            species=species,
        )

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units, `[N, d]`."""
        pos = check_width("pos", read_field(data, "pos"), self.dimension)

        def energies(moving: Tensor) -> Tensor:
            here = _recordable(data)
            here.pos = moving
            energy: Tensor = self.energy(here)
            if not energy.requires_grad:
                raise ValueError(
                    f"the energy of {type(self.energy).__name__} does not depend on coordinates, "
                    "so that it has no forces"
                )
            return energy

        return self.scale * minus_gradient(energies, pos)


def _recordable(data: Data) -> Data:
    """Copy shallowly; tensors made in inference mode, which autograd refuses, are cloned."""
    data = copy.copy(data)
    for store in data.stores:
        for name, value in store.items():
            if isinstance(value, Tensor) and value.is_inference():
                store[name] = value.clone()
    return data
