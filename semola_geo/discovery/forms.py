"""Quadratic forms on the ambient algebra, accumulated over batches: violation, scale, noise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.discovery.lie_derivative import LieDerivative

__all__ = ["ViolationForms", "combine"]


@dataclass
class ViolationForms:
    r"""Running sums of the forms of one pair of teachers, ``[m, m]`` float64.

    Memory does not depend on the number of samples.

    * violation :math:`M = \frac12\langle C_1^\top C_2 + C_2^\top C_1\rangle`: teachers that share
      no sample have independent errors, which cancel in the cross product;
    * scale :math:`P`: the same cross product without cancellation between displaced rows or
      between the two terms of the derivative, :math:`P_{jk} = \frac12\langle\sum_r
      \operatorname{tr}(D_rF_1 D_rF_2^\top)\, \xi^r_j\cdot\xi^r_k\rangle + \frac12\langle
      d\rho_{out}(E_j)F_1 \cdot d\rho_{out}(E_k)F_2\rangle`;
    * single: the same as M from each teacher with itself, biased by its own error (LieGG);
    * motion: ⟨ξⱼ·ξₖ⟩, which vanishes for directions that move no field at all;
    * noise :math:`\Sigma = \frac12\langle (C_1 - C_2)^\top (C_1 - C_2)\rangle`.

    ``graphs`` is the sum of the weights of all graphs.
    """

    violation: Tensor
    scale: Tensor
    noise: Tensor
    single: Tensor
    motion: Tensor
    slopes: Tensor
    graphs: float = 0.0

    @classmethod
    def zeros(cls, size: int) -> ViolationForms:
        """Return empty sums for an ambient algebra of dimension ``size``."""
        violation, scale, noise, single, motion = torch.zeros(5, size, size, dtype=torch.float64)
        slopes = torch.zeros(3, dtype=torch.float64)
        return cls(violation, scale, noise, single, motion, slopes)

    def update(self, first: LieDerivative, second: LieDerivative, moved: dict[str, Tensor]) -> None:
        """Add one batch, on which both teachers were differentiated with the same probes."""
        one, two = first.columns.flatten(0, 1), second.columns.flatten(0, 1)
        cross = one.T @ two
        self.violation += ((cross + cross.T) / 2).cpu()
        self.noise += ((one - two).T @ (one - two) / 2).cpu()
        self.single += ((one.T @ one + two.T @ two) / 2).cpu()
        motion = first.output_motion.flatten(0, 1).T @ second.output_motion.flatten(0, 1)
        self.scale += ((motion + motion.T) / 4).cpu()
        for name, field in moved.items():
            left, right = first.gradients[name], second.gradients[name]
            slope = (left * right).sum((0, 2))
            self.scale += torch.einsum("r,rjw,rkw->jk", slope, field, field).cpu() / 2
            self.motion += torch.einsum("rjw,rkw->jk", field, field).cpu()
            weight = field.square().sum((1, 2))
            for place, product in enumerate((left * right, left * left, right * right)):
                self.slopes[place] += (product.sum((0, 2)) * weight).sum().cpu()
        self.graphs += float(first.weight.sum())

    def agreement(self) -> float:
        """Correlation of the two teachers' derivatives: near 0 when they learned only noise."""
        cross, left, right = self.slopes.tolist()
        norm = (left * right) ** 0.5
        return float(cross / norm) if norm > 0 else 0.0


def combine(
    first: ViolationForms, second: ViolationForms, frame: Tensor, trust: Tensor
) -> ViolationForms:
    """Join the forms of two families of teachers, each where it may be believed.

    Args:
        first: Forms of a pair of the one family.
        second: Forms of a pair of the other, at the same graphs.
        frame: Orthogonal matrix of directions, columns ``[m, m]``.
        trust: Weight of either family for each direction, ``[2, m]``. Entries between two
            directions that no family may judge both become zero.

    >>> one, two = ViolationForms.zeros(2), ViolationForms.zeros(2)
    >>> one.violation += 1.0
    >>> joined = combine(one, two, torch.eye(2).double(), torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    >>> joined.violation.tolist()
    [[0.0, 0.0], [0.0, 1.0]]
    """
    products = trust.to(torch.float64).unsqueeze(2) * trust.to(torch.float64).unsqueeze(1)
    weights = products / products.sum(0).clamp_min(1e-300)

    def join(name: str) -> Tensor:
        parts = torch.stack([getattr(first, name), getattr(second, name)])
        joined: Tensor = (weights * (frame.T @ parts @ frame)).sum(0)
        return frame @ joined @ frame.T

    return ViolationForms(
        violation=join("violation"),
        scale=join("scale"),
        noise=join("noise"),
        single=join("single"),
        motion=first.motion,
        slopes=first.slopes + second.slopes,
        graphs=first.graphs,
    )
