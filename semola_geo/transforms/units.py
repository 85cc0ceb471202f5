"""The unit of length and the centre in which an algebra is expressed."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch_geometric.data import Data

__all__ = ["data_units"]


def data_units(dataset: Iterable[Data], name: str = "pos") -> tuple[float, Tensor]:
    """Return the RMS centred coordinate and the centroid of a data set.

    In these units a unit translation and a unit rotation move points about equally far.

    Args:
        dataset: ``Data`` or ``Batch`` objects.
        name: Field of points ``[rows, d]``.

    Returns:
        The length scale ℓ (RMS radius / √d) and the centroid ``[d]`` (float64).

    Raises:
        ValueError: If the data set is empty, a field is missing, no list of points or not finite,
            or all points coincide.

    >>> data = Data(pos=torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
    >>> scale, center = data_units([data])
    >>> round(scale, 4), center.tolist()
    (0.7071, [0.0, 0.0])
    """
    points = [_points(data, name) for data in dataset]
    if not points:
        raise ValueError("the data set is empty: no length scale can be measured")
    stacked = torch.cat(points).flatten(0, -2)
    center = stacked.mean(0)
    scale = float((stacked - center).square().mean().sqrt())
    if not scale > 0:
        raise ValueError(f"all points of field {name!r} coincide: no length scale can be measured")
    return scale, center


def _points(data: Data, name: str) -> Tensor:
    values = data.get(name)
    if not isinstance(values, Tensor) or values.dim() < 2:
        found = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
        raise ValueError(f"field {name!r} must hold points [rows, d], got {found}")
    points = values.detach().to("cpu", torch.float64)
    if not bool(torch.isfinite(points).all()):
        bad = int((~torch.isfinite(points)).sum())
        raise ValueError(f"field {name!r} has {bad} NaN or infinite value(s); remove them first")
    return points
