"""Training: loaders, target units, objectives, the Lightning module and exact resumption."""

from __future__ import annotations

from semola_geo.training.calibrate import calibrate_steps
from semola_geo.training.class_normalizer import ClassNormalizer
from semola_geo.training.closure import ClosureProjection
from semola_geo.training.datamodule import GraphDataModule
from semola_geo.training.fit import fit
from semola_geo.training.loader import GraphLoader
from semola_geo.training.module import SymmetryRegularizedModule
from semola_geo.training.normalizer import TargetNormalizer
from semola_geo.training.objective import Objective
from semola_geo.training.paper_objective import SemolaPaperObjective
from semola_geo.training.result import FitResult
from semola_geo.training.views import Views

__all__ = [
    "ClassNormalizer",
    "ClosureProjection",
    "FitResult",
    "GraphDataModule",
    "GraphLoader",
    "Objective",
    "SemolaPaperObjective",
    "SymmetryRegularizedModule",
    "TargetNormalizer",
    "Views",
    "calibrate_steps",
    "fit",
]
