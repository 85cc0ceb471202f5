"""Compare an action on the target that was found, not declared, with the true one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth.task import GroundTruthTask
from semola_geo.representations import affine_matrices, parse_representation

__all__ = ["output_score"]

_COUNT, _SEED = 500, 10**6
# Share of the largest singular value below which the target never varies that way.
_FLAT = 1e-6


def output_score(
    task: GroundTruthTask,
    output: Mapping[str, Any] | None,
    algebra: LieAlgebra,
    length_scale: float,
    center: Tensor,
) -> dict[str, Any] | None:
    r"""Return how far R is from the truth, and what the target was taken for.

    ``"error"`` is the largest :math:`\|R - R_{true}\|` (Frobenius norms) along a generator that was
    found, in units of the largest :math:`\max(\|R_{true}\|, \|A\|)` of all of them. A is the whole
    generator about the centre of the data and in units of length, so that translations, whose
    linear part is zero, have a unit too. R is compared where targets vary: of a symmetric matrix,
    on symmetric matrices.

    Args:
        task: The task.
        output: What a report says about the output; ``None`` where it was declared.
        algebra: The algebra that was found, in the data's units.
        length_scale: Unit of length.
        center: Centre of the data.

    Returns:
        Plain values, or ``None`` where nothing was found to compare.
    """
    if output is None or task.label is None or not algebra.dim:
        return None
    linear = algebra.linear_parts
    shift = linear.new_zeros(linear.shape[:2])
    if algebra.affine:
        shift = algebra.generators[:, :-1, -1]
    true = affine_matrices(parse_representation(task.target), linear, shift)[:, :-1, :-1]
    found = torch.tensor(output["matrices"], dtype=true.dtype)[:, :-1, :-1]
    onto = _varying(task)
    errors = ((found - true) @ onto).flatten(1).norm(dim=1)
    normal = algebra.normalize(length_scale, center) if algebra.affine else algebra
    sizes = [(true @ onto).flatten(1), normal.generators.flatten(1)]
    unit = max(float(size.norm(dim=1).max()) for size in sizes)
    named = {output["representation"], *output["equivalents"]}
    return {
        "error": float(errors.max()) / unit,
        "representation": output["representation"],
        "equivalents": list(output["equivalents"]),
        "recognised": task.target in named,
        "spread": output["spread"],
    }


def _varying(task: GroundTruthTask) -> Tensor:
    """Projector onto the span of the target's variation, ``[q, q]``."""
    assert task.label is not None  # checked by the caller
    labels = task.label(task.draw(_COUNT, torch.Generator().manual_seed(_SEED)))
    flat = labels.reshape(len(labels), -1)
    _, values, rows = torch.linalg.svd(flat - flat.mean(0), full_matrices=False)
    kept = rows[values > _FLAT * values[0]]
    projector: Tensor = kept.T @ kept
    return projector
