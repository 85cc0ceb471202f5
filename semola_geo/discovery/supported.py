"""The part of the ambient algebra that the data can test."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.support import Support
from semola_geo.groups import AmbientGroup

__all__ = ["SupportedSpan"]

# Degrees by which sampling may have turned the span away from a closed one.
_LARGEST_TURN = 15.0


@dataclass(frozen=True)
class SupportedSpan:
    r"""The span of the supported directions, and the projection onto it.

    Two directions that differ by one that moves no data act alike on all of them, and what leaves
    the data is unknown: a generator is known only up to what is untested. Its part along the
    supported directions stands for it, the one whose displacement of the data comes closest.

    Motions that keep the data where they are form a group, so that the span is closed but for
    sampling; the nearest closed one takes its place.

    Attributes:
        frame: Orthonormal columns ``[m, s]`` of the supported directions.
        projection: ``[m, m]``, orthogonal in the form T of :class:`Support`.

    >>> from semola_geo.groups import parse_ambient
    >>> eye, group = torch.eye(2).double(), parse_ambient("T(2)")
    >>> span = SupportedSpan.of(Support(torch.diag(eye[1]), eye, "by hand"), 0.2, group)
    >>> span.project(torch.tensor([[1.0], [2.0]]).double()).abs().flatten().tolist()
    [1.0, 0.0]
    """

    frame: Tensor
    projection: Tensor

    @classmethod
    def of(cls, support: Support | None, limit: float, group: AmbientGroup) -> SupportedSpan:
        """Return the span of directions whose support is established.

        Args:
            support: Share of each displacement that leaves the data; ``None``: all are supported.
            limit: Share above which a direction counts as unsupported.
            group: The ambient group.
        """
        whole = torch.eye(len(group), dtype=torch.float64)
        if support is None:
            return cls(whole, whole)
        supported, unsupported = support.split(limit)
        if not unsupported.shape[1]:
            return cls(whole, whole)
        frame = _closed(torch.linalg.qr(supported).Q, group)
        weighed = frame.T @ support.total
        return cls(frame, frame @ torch.linalg.solve(weighed @ frame, weighed))

    def project(self, directions: Tensor) -> Tensor:
        """Return what the data can test of directions (columns ``[m, k]``)."""
        return self.projection @ directions


def _closed(frame: Tensor, group: AmbientGroup) -> Tensor:
    """Orthonormal columns of the closed span nearest to a frame; the frame where none is near."""
    if not frame.shape[1]:
        return frame
    whole = LieAlgebra(group.basis, affine=group.affine)
    span = LieAlgebra(group.combine(frame.T), affine=group.affine)
    try:
        closed = span.nearest_subalgebra(whole, _LARGEST_TURN)
    except ValueError:
        return frame
    columns: Tensor = torch.linalg.qr(group.coordinates(closed).T).Q
    return columns
