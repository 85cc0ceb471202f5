"""Data sets: PyTorch Geometric classes over the files that ship with the library."""

from __future__ import annotations

from semola_geo.datasets.qm9_xtb import QM9XTB

__all__ = ["QM9XTB"]
