"""Lie algebras of matrices: brackets, closure, comparison and names, in float64."""

from __future__ import annotations

from semola_geo.algebra.describe import AlgebraDescription
from semola_geo.algebra.forms import InvariantForms
from semola_geo.algebra.identify import Identification
from semola_geo.algebra.lie_algebra import LieAlgebra

__all__ = ["AlgebraDescription", "Identification", "InvariantForms", "LieAlgebra"]
