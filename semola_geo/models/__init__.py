"""Networks. Contract: `model(data) -> Tensor` in normalised units, `[B, ...]` or `[N, ...]`."""

from __future__ import annotations

from semola_geo.models.mpnn import MPNN

__all__ = ["MPNN"]
