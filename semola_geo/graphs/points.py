"""Points in several graphs, checked: what both kinds of neighbour graphs start from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Points"]

_LARGEST = 1e150  # Squares of coordinates stay finite.


@dataclass(frozen=True)
class Points:
    """Coordinates and the graph of each point.

    Attributes:
        pos: Coordinates ``[N, d]``, float64, so that the same pairs come out on every device and
            for every dtype of the same numbers.
        graph: Graph of each point ``[N]``, long.
    """

    pos: Tensor
    graph: Tensor

    @classmethod
    def check(cls, pos: Tensor, batch: Tensor | None) -> Points:
        """Check coordinates and batch vector.

        Raises:
            TypeError: If either is no tensor of the right kind.
            ValueError: For a wrong shape, NaN or infinite coordinates, or negative graph numbers.
        """
        if not isinstance(pos, Tensor) or not pos.is_floating_point():
            kind = pos.dtype if isinstance(pos, Tensor) else type(pos).__name__
            raise TypeError(f"pos must be a floating-point tensor [N, d], got {kind}")
        if pos.dim() != 2 or pos.shape[1] == 0:
            raise ValueError(f"pos must have shape [N, d] with d ≥ 1, got {tuple(pos.shape)}")
        finite = torch.isfinite(pos)
        if not bool(finite.all()):
            rows = (~finite.all(1)).nonzero().flatten().tolist()
            raise ValueError(
                f"pos has NaN or infinite coordinates in {len(rows)} point(s), the first is point "
                f"{rows[0]}; remove these points first"
            )
        if len(pos) and float(pos.detach().abs().max()) > _LARGEST:
            raise ValueError(
                f"pos has coordinates beyond {_LARGEST:.0e}, whose squares overflow; change the "
                "unit"
            )
        if batch is None:
            batch = torch.zeros(len(pos), dtype=torch.long, device=pos.device)
        if not isinstance(batch, Tensor) or batch.dtype != torch.long:
            kind = batch.dtype if isinstance(batch, Tensor) else type(batch).__name__
            raise TypeError(f"batch must be a tensor of dtype torch.int64, got {kind}")
        if batch.shape != pos.shape[:1]:
            raise ValueError(
                f"batch must have one entry per point, {(len(pos),)}, got {tuple(batch.shape)}"
            )
        if len(batch) and int(batch.min()) < 0:
            raise ValueError(f"batch numbers graphs from 0, got {int(batch.min())}")
        return cls(pos.detach().to(torch.float64), batch.to(pos.device))

    def __len__(self) -> int:
        return len(self.pos)
