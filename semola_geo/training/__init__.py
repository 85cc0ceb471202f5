"""Training: loaders, target units, objectives, the Lightning module and exact resumption."""

from __future__ import annotations

from semola_geo.training.loader import GraphLoader
from semola_geo.training.normalizer import TargetNormalizer

__all__ = ["GraphLoader", "TargetNormalizer"]
