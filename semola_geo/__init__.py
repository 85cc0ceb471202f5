"""Discover the symmetries of geometric data and encode them softly into any PyG model.

The names below are the public contract. They are imported on first use (PEP 562), so that
``import semola_geo`` stays fast and pulls in no deep-learning stack.

Example:
    >>> import semola_geo as sg
    >>> sg.LieAlgebra.from_name("se(3)").dim
    6
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from semola_geo import datasets, models, testing
    from semola_geo.algebra import LieAlgebra
    from semola_geo.discovery import SymmetryReport, discover_symmetry, lie_derivative_spectrum
    from semola_geo.groups import GroupElement, PermutationSubgroup, PointGroup
    from semola_geo.testing import equivariance_error
    from semola_geo.training import SymmetryRegularizedModule
    from semola_geo.transforms import LearnableSymmetryTransform, RandomSymmetryTransform

__version__ = "0.1.0"

_EXPORTS = {
    "GroupElement": "semola_geo.groups",
    "LearnableSymmetryTransform": "semola_geo.transforms",
    "LieAlgebra": "semola_geo.algebra",
    "PermutationSubgroup": "semola_geo.groups",
    "PointGroup": "semola_geo.groups",
    "RandomSymmetryTransform": "semola_geo.transforms",
    "SymmetryRegularizedModule": "semola_geo.training",
    "SymmetryReport": "semola_geo.discovery",
    "discover_symmetry": "semola_geo.discovery",
    "equivariance_error": "semola_geo.testing",
    "lie_derivative_spectrum": "semola_geo.discovery",
}
_SUBMODULES = frozenset({"datasets", "models", "testing"})

__all__ = [
    "GroupElement",
    "LearnableSymmetryTransform",
    "LieAlgebra",
    "PermutationSubgroup",
    "PointGroup",
    "RandomSymmetryTransform",
    "SymmetryRegularizedModule",
    "SymmetryReport",
    "datasets",
    "discover_symmetry",
    "equivariance_error",
    "lie_derivative_spectrum",
    "models",
    "testing",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _EXPORTS:
        return getattr(importlib.import_module(_EXPORTS[name]), name)
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return [*__all__, "__version__"]
