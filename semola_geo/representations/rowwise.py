"""Matrices of graphs, applied to rows of fields."""

from __future__ import annotations

from torch import Tensor, addcmul

__all__ = ["multiply_rows", "spread_to_rows"]


def spread_to_rows(per_graph: Tensor, values: Tensor, index: Tensor | None) -> Tensor:
    """Bring ``[B, ...]`` to the rows ``[rows, ...]`` and the dtype of the values.

    Args:
        per_graph: What belongs to a graph.
        values: Field values ``[rows, ...]``.
        index: Graph of every row, ``[rows]``; ``None`` when row b belongs to graph b.

    Raises:
        ValueError: If there is no index and the sizes differ.
    """
    per_graph = per_graph.to(values.dtype)
    if index is not None:
        return per_graph.index_select(0, index)
    if len(per_graph) != values.shape[0]:
        raise ValueError(
            f"{len(per_graph)} group element(s) for {values.shape[0]} rows of values; pass "
            "index=, the graph of every row"
        )
    return per_graph


def multiply_rows(matrix: Tensor, values: Tensor) -> Tensor:
    """Multiply the last axis of ``values [rows, *channels, n]`` by ``matrix [rows, n, n]``.

    >>> import torch
    >>> multiply_rows(2 * torch.eye(2).expand(3, 2, 2), torch.ones(3, 5, 2)).shape
    torch.Size([3, 5, 2])
    """
    # Fused multiply-adds: faster than torch.bmm on small vectors, and out of the reach of TF32
    # and autocast, which would move points by 1e-3 of their distance from the origin.
    flat = values.reshape(values.shape[0], values.shape[1:-1].numel(), 1, values.shape[-1])
    first, *others = zip(matrix.unsqueeze(1).unbind(-1), flat.unbind(-1), strict=True)
    result = first[0] * first[1]
    for column, coordinate in others:
        result = addcmul(result, column, coordinate)
    return result.reshape(values.shape)
