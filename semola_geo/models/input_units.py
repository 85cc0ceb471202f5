"""Units of inputs, measured on training data before a network is built."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

__all__ = ["input_units"]


def input_units(
    fields: Mapping[str, Tensor], position: str
) -> tuple[list[float], dict[str, float]]:
    """Return the centre of the coordinates and the unit of every field.

    Networks want numbers of order one. One unit for a whole field, so that no direction of space is
    preferred; a field that is zero throughout has unit 1.

    Args:
        fields: Name to values `[rows, ...]` of many graphs, the coordinates among them.
        position: Name of the coordinates `[N, d]`.

    Returns:
        Mean of the coordinates (d numbers), and name to root mean square, of the coordinates about
        their mean.

    >>> import torch
    >>> input_units({"pos": torch.tensor([[1.0, 0.0], [3.0, 0.0]])}, "pos")
    ([2.0, 0.0], {'pos': 0.7071067811865476})
    """
    values = {name: field.detach().double() for name, field in fields.items()}
    points = values[position].reshape(len(values[position]), -1)
    center = points.mean(0)
    values[position] = points - center
    scales = {name: float(rows.square().mean().sqrt()) or 1.0 for name, rows in values.items()}
    return center.tolist(), scales
