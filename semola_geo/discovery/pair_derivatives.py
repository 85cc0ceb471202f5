"""Lie derivatives of pairs of teachers at the same graphs."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.cross_weights import CrossWeights, DerivativePair
from semola_geo.discovery.lie_derivative import (
    OutputMotion,
    Teacher,
    displacements,
    lie_derivative,
)
from semola_geo.fields import Fields

__all__ = ["differentiate_pairs"]


def differentiate_pairs(
    pairs: Sequence[tuple[Teacher, Teacher]],
    batch: Batch,
    declared: Fields,
    inputs: Fields,
    target: str,
    generators: Tensor,
    probe_seed: int,
    weights: CrossWeights | None = None,
    output_motion: OutputMotion | None = None,
) -> tuple[list[DerivativePair], dict[str, Tensor]]:
    """Differentiate all teachers along all generators at one batch.

    Args:
        pairs: Teachers on disjoint halves.
        batch: The graphs.
        declared: All declared fields, the target among them.
        inputs: Those that teachers read.
        target: Name of the target.
        generators: ``[m, n, n]`` in the data's units.
        probe_seed: Seed of the random output probes.
        weights: How much each graph counts; all alike when ``None``.
        output_motion: How each generator moves predictions; as declared when ``None``.

    Returns:
        One entry per pair of teachers, and the displacements of the input fields.

    Raises:
        ValueError: If no input moves, or a teacher does not fit the data.
    """
    inputs.validate(batch, strict=False)
    moved = displacements(batch, inputs, generators)
    if not moved:
        raise ValueError(
            f"no declared input field moves under the group (inputs: {', '.join(inputs)}); declare "
            "the coordinates, such as 'pos': 'point'"
        )
    common = (batch, declared, target, moved, generators, probe_seed, output_motion)
    derivatives = [
        (lie_derivative(one, *common), lie_derivative(two, *common)) for one, two in pairs
    ]
    return derivatives if weights is None else weights.apply(derivatives, batch), moved
