"""Spaces that representations act on, as matrices: what an unknown action is compared with."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.representations.base import Representation
from semola_geo.representations.parse import parse_representation

__all__ = ["Carrier", "affine_matrices", "carriers"]

_INVARIANT = 1e-6


@dataclass(frozen=True)
class Carrier:
    """A space of values that the generators at hand leave invariant.

    Attributes:
        name: Words for a reader.
        representation: Text that declares a field of such values.
        basis: Orthonormal columns ``[n, dim]`` in the n numbers of the representation, float64.
        matrices: Derivative of the action along each generator on ``(coordinates, 1)``,
            ``[k, dim + 1, dim + 1]`` with a zero last row.
    """

    name: str
    representation: str
    basis: Tensor
    matrices: Tensor

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.basis.shape[1]


def affine_matrices(representation: Representation, linear: Tensor, translation: Tensor) -> Tensor:
    """Return the derivative of an action as matrices on ``(values, 1)``.

    Args:
        representation: The action.
        linear: Linear parts of generators, ``[k, d, d]``.
        translation: Translation parts, ``[k, d]``.

    Returns:
        ``[k, n + 1, n + 1]`` with a zero last row; n numbers, in row-major order.

    >>> from semola_geo.representations import Point
    >>> affine_matrices(Point(), torch.zeros(1, 1, 1), torch.ones(1, 1)).tolist()
    [[[0.0, 1.0], [0.0, 0.0]]]
    """
    shape = representation.shape(linear.shape[-1])
    size, count = torch.Size(shape).numel(), len(linear)
    probes = torch.cat([linear.new_zeros(1, size), torch.eye(size, dtype=linear.dtype)])
    index = torch.arange(count).repeat_interleave(size + 1)
    values = probes.repeat(count, 1).reshape(-1, *shape)
    images = representation.derivative(linear, translation, values, index)
    images = images.reshape(count, size + 1, size)
    matrices = linear.new_zeros(count, size + 1, size + 1)
    matrices[:, :size, :size] = (images[:, 1:] - images[:, :1]).transpose(1, 2)
    matrices[:, :size, size] = images[:, 0]
    return matrices


def carriers(linear: Tensor, translation: Tensor) -> list[Carrier]:
    """Return the catalogue of carriers in d dimensions, simplest first.

    Numbers, vectors of each kind, points, and Cartesian tensors of two indices with their
    symmetric, antisymmetric and traceless symmetric parts; a part that the generators do not leave
    invariant is left out.

    Args:
        linear: Linear parts of generators, ``[k, d, d]``, float64.
        translation: Translation parts, ``[k, d]``.

    >>> spin = torch.tensor([[[0.0, -1.0], [1.0, 0.0]]], dtype=torch.float64)
    >>> [carrier.name for carrier in carriers(spin, torch.zeros(1, 2).double())][:3]
    ['scalar', 'vector', 'covector']
    """
    size = linear.shape[-1]
    entries: list[tuple[str, str, Tensor | None]] = [("scalar", "scalar", None)]
    kinds = ("vector", "covector", "pseudovector", "point")
    entries += [(kind, kind, None) for kind in kinds if size == 3 or kind != "pseudovector"]
    if size > 1:
        symmetric, antisymmetric, traceless = _parts(size)
        entries += [
            ("symmetric tensor", "ij=ji", symmetric),
            ("antisymmetric tensor", "ij=-ji", antisymmetric),
            ("traceless symmetric tensor", "ij=ji", traceless),
            ("tensor", "ij", None),
        ]
    found = []
    for name, text, basis in entries:
        whole = affine_matrices(parse_representation(text), linear, translation)
        frame = torch.eye(whole.shape[-1] - 1, dtype=torch.float64) if basis is None else basis
        moved = whole[:, :-1, :-1] @ frame
        inside = frame.T @ moved
        if float((moved - frame @ inside).abs().amax()) > _INVARIANT * float(whole.abs().amax()):
            continue
        matrices = whole.new_zeros(len(whole), frame.shape[1] + 1, frame.shape[1] + 1)
        matrices[:, :-1, :-1] = inside
        matrices[:, :-1, -1] = whole[:, :-1, -1] @ frame
        found.append(Carrier(name, text, frame, matrices))
    return found


def _parts(size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Orthonormal columns of symmetric, antisymmetric and traceless symmetric matrices."""
    unit = torch.eye(size * size, dtype=torch.float64).reshape(-1, size, size)
    flip = unit.transpose(1, 2)
    trace = torch.eye(size, dtype=torch.float64).flatten() / size**0.5
    symmetric = ((unit + flip) / 2).flatten(1)
    traceless = symmetric - torch.outer(trace, trace)
    return _range(symmetric), _range(((unit - flip) / 2).flatten(1)), _range(traceless)


def _range(projector: Tensor) -> Tensor:
    values, frame = torch.linalg.eigh(projector)
    columns: Tensor = frame[:, values > 0.5]
    return columns
