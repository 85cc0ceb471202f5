r"""Do held-out labels bear out what teachers see violated?

A violation that teachers see may be an error that all of them make. Labels tell: let A f be the
mean of :math:`\rho(g)^{-1} f(gx)` over a graph as it is, and moved there and back; f - A f is the
part of a teacher f that it takes away. If the truth F has the symmetry, A F = F, and labels that
are compared with the smoothed teacher hold its smoothed error only:

.. math:: E\langle y - A f_2, f_1 - A f_1\rangle = -E\langle A b, b - A b\rangle \le 0

for any error b that both teachers share, since A is self-adjoint with a spectrum in [0, 1] wherever
the data are distributed alike in all poses along the direction. If the violation is real, the left
side is the mean square of :math:`f - A f`. So the ratio of both is the share of the violation that
labels bear out: 1 where it is real, 0 or less where it is made up, however weak the teachers are.

That the data come in all poses alike is told from their second moments alone: poses that are
regular but not uniform, such as multiples of 90° and a little beside them, are not noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from scipy.stats import norm
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.answers import brought_back
from semola_geo.discovery.lie_derivative import Teacher, displacements
from semola_geo.discovery.support import as_batch
from semola_geo.fields import Fields, row_graphs
from semola_geo.groups import GroupElement, matrix_exponential
from semola_geo.representations import Representation

__all__ = ["Corroboration", "drift", "smoothed", "stretch"]

# A weighs a graph as it is by 1/2, and moved there and back by 1/4 each, so that its spectrum,
# (1 + cos)/2, has no negative part. In units of a generator that moves isotropic data by their root
# mean square coordinate: 61° of a rotation.
_STEP = 1.5
# Violations are borne out where more than this share of them is.
_SHARE = 0.5
_LEVEL = 0.05
_FEWEST = 30


@dataclass(frozen=True)
class Corroboration:
    """What held-out labels say about the violation of one direction.

    Attributes:
        share: Share of the violation that labels bear out; NaN where teachers agree on none.
        lower: Lower confidence bound of it, one-sided at 5 % for all directions together.
        drift: How much second moments of the data change along the direction, see :func:`drift`, or
            how much it stretches a target, see :func:`stretch`.
    """

    # Poses count as alike up to this drift. In random poses it is one over the root of the number
    # of graphs; for rotations within 45° it is near 1.
    ALIKE: ClassVar[float] = 0.1

    share: float
    lower: float
    drift: float

    @property
    def confirmed(self) -> bool:
        """Whether the violation is real, and not an error of the teachers."""
        return self.drift < self.ALIKE and self.lower > _SHARE

    @classmethod
    def of(cls, borne: Tensor, seen: Tensor, drift: float, comparisons: int) -> Corroboration:
        r"""Estimate the share from independent samples, with its error (delta method).

        Args:
            borne: :math:`(y - A f_2) \cdot (f_1 - A f_1)` of every sample, ``[samples]``.
            seen: :math:`(f_1 - A f_1) \cdot (f_2 - A f_2)`.
            drift: See :func:`drift`.
            comparisons: How many directions are asked about in all (Bonferroni).

        >>> seen = torch.linspace(1.0, 2.0, 100).double()
        >>> found = Corroboration.of(0.9 * seen, seen, drift=0.01, comparisons=2)
        >>> round(found.share, 3), round(found.lower, 3), found.confirmed
        (0.9, 0.9, True)
        """
        count, mean = len(seen), float(seen.mean()) if len(seen) else 0.0
        if count < _FEWEST or not mean > 0.0:
            return cls(float("nan"), float("nan"), drift)
        share = float(borne.mean()) / mean
        error = float((borne - share * seen).std()) / mean / count**0.5
        return cls(share, share - float(norm.ppf(1 - _LEVEL / comparisons)) * error, drift)

    def __str__(self) -> str:
        if not self.drift < self.ALIKE:
            return (
                "labels cannot be asked: data differ between poses along it, or it stretches them"
            )
        if self.share != self.share:
            return "labels cannot be asked: teachers agree on no violation"
        shares = (f"{100 * share:.0f} %" for share in (self.share, self.lower))
        return "held-out labels bear out {} of it, at least {}".format(*shares)


def smoothed(
    teacher: Teacher,
    batch: Batch,
    inputs: Fields,
    target: Representation,
    direction: Tensor,
    plain: Tensor,
) -> Tensor:
    """Return the mean A f of a teacher over elements of one direction (float64).

    Args:
        teacher: A model.
        batch: Graphs.
        inputs: Input fields.
        target: Representation of the target.
        direction: Generator ``[n, n]`` in the data's units.
        plain: What the teacher says of these graphs as they are.
    """
    affine = direction.shape[-1] == inputs.dimension + 1
    mean = plain / 2
    for step in (-_STEP, _STEP):
        matrix = matrix_exponential(step * direction)
        element = GroupElement(matrix.expand(batch.num_graphs, -1, -1), affine)
        mean = mean + brought_back(teacher, element, batch, inputs, target) / 4
    return mean


def drift(graphs: Sequence[Data], inputs: Fields, directions: Tensor) -> list[float]:
    r"""How much first and second moments of the inputs change along directions.

    :math:`\|E[\dot m]\| / \sqrt{E\|\dot m\|^2}` for the rate of change of the moments
    :math:`m = \sum_r (x_r, x_r x_r^\top)` of single graphs, about the mean over all rows: 0 where
    data are distributed alike in all poses along the direction, 1 where all have one pose.

    Args:
        graphs: The graphs.
        inputs: Input fields.
        directions: Generators ``[k, n, n]`` in the data's units.

    >>> g = torch.Generator().manual_seed(0)
    >>> turn = torch.tensor([[[0.0, -1.0], [1.0, 0.0]]]).double()
    >>> sizes = torch.tensor([3.0, 1.0])
    >>> flat = [Data(x=torch.randn(5, 2, generator=g) * sizes) for _ in range(99)]
    >>> drift(flat, Fields({"x": "vector"}, dimension=2), turn)[0] > 0.5
    True
    """
    batch = as_batch(graphs)
    mean, size = torch.zeros(2, len(directions), dtype=torch.float64)
    for name, field in displacements(batch, inputs, directions).items():
        value = batch[name].to(torch.float64).reshape(len(field), -1)
        value = value - value.mean(0)
        for index, rate in enumerate(field.unbind(1)):
            change = rate[:, :, None] * value[:, None, :]
            both = torch.cat([rate, (change + change.transpose(1, 2)).flatten(1)], dim=1)
            sums = both.new_zeros(batch.num_graphs, both.shape[1])
            sums.index_add_(0, row_graphs(batch, name), both)
            mean[index] += sums.mean(0).square().sum()
            size[index] += sums.square().sum(1).mean()
    ratios: list[float] = (mean / size.clamp_min(1e-300)).sqrt().tolist()
    return ratios


def stretch(representation: Representation, directions: Tensor, dimension: int) -> list[float]:
    r"""How far directions are from rotations, which alone keep lengths of a target.

    Args:
        representation: Of the target; an invariant one keeps its length along any direction.
        directions: Generators ``[k, n, n]``, linear ones or affine ones.
        dimension: Dimension d of space.

    Returns:
        :math:`\|L + L^\top\| / \|2L\|` of each linear part.

    >>> from semola_geo.representations import parse_representation
    >>> half = torch.tensor([[[0.0, -1.0], [0.0, 0.0]]]).double()
    >>> vector, scalar = (parse_representation(name) for name in ("vector", "scalar"))
    >>> round(stretch(vector, half, 2)[0], 3), stretch(scalar, half, 2)
    (0.707, [0.0])
    """
    if representation.is_invariant:
        return [0.0] * len(directions)
    linear = directions[:, :dimension, :dimension]
    parts = (linear + linear.transpose(1, 2)).flatten(1).norm(dim=1)
    lengths: list[float] = (parts / (2 * linear.flatten(1).norm(dim=1)).clamp_min(1e-300)).tolist()
    return lengths
