"""A task whose symmetry is known exactly: how inputs are drawn, what is predicted, what is true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.algebra import LieAlgebra

__all__ = ["TARGET", "GroundTruthTask", "Inputs"]

Inputs = dict[str, Tensor]
"""Name → values of a node-level input of many graphs, ``[graphs, nodes, *trailing]`` (float64)."""

TARGET = "y"


@dataclass(frozen=True)
class GroundTruthTask:
    """One declarative entry of the suite.

    Attributes:
        name: Short name.
        ambient: Hypothesis space of the discovery.
        inputs: Name → representation of every input.
        target: Representation of the target ``y``, one per graph.
        draw: Count and source of randomness → inputs.
        label: Inputs → target ``[graphs, *trailing]``, differentiable; ``None``: labels are pure
            noise and have nothing to do with the inputs.
        symmetry: The exact algebra among the directions along which the data move.
        constraint: Inputs → ``[graphs, c]``, zero on all data; ``None``: the data fill their space.
            A direction that leaves the zero set is untested, whatever the target does.
        reflections: Whether the reflections of O(d) or E(d) are symmetries; ``None`` where the
            ambient group has none.
        weak: A direction that is weakly broken, whose strength is to be measured.

    >>> from semola_geo.ground_truth import TASKS
    >>> TASKS["so3_scalar"].symmetry.name
    'so(3)'
    """

    name: str
    ambient: str
    inputs: Mapping[str, str]
    target: str
    draw: Callable[[int, torch.Generator], Inputs]
    label: Callable[[Inputs], Tensor] | None
    symmetry: LieAlgebra
    constraint: Callable[[Inputs], Tensor] | None = None
    reflections: bool | None = None
    weak: LieAlgebra | None = None

    @property
    def fields(self) -> dict[str, str]:
        """Representations of all fields."""
        return {**self.inputs, TARGET: self.target}

    def data(self, count: int, noise: float, seed: int) -> list[Data]:
        """Draw graphs with labels (float32).

        Args:
            count: Number of graphs.
            noise: Standard deviation of what is added to every component of the target, in units
                of the root mean square deviation of the target from its mean.
            seed: Seed of inputs and noise.

        Raises:
            ValueError: For less than two graphs, or negative noise.
        """
        if count < 2 or noise < 0:
            raise ValueError(f"need count >= 2 and noise >= 0, got {count} and {noise}")
        generator = torch.Generator().manual_seed(seed)
        inputs = self.draw(count, generator)
        if self.label is None:
            labels = torch.randn(count, generator=generator, dtype=torch.float64)
        else:
            labels = self.label(inputs)
            deviation = (labels - labels.mean(0)).square().mean().sqrt()
            error = torch.randn(labels.shape, generator=generator, dtype=torch.float64)
            if labels.ndim == 3:  # Noise of a symmetric tensor is as symmetric.
                error = (error + error.mT) / 2**0.5
            labels = labels + noise * deviation * error
        return [
            Data(
                **{name: values[row].float() for name, values in inputs.items()},
                **{TARGET: labels[row : row + 1].float()},
            )
            for row in range(count)
        ]
