"""Discovery: support, teachers, spectrum, refinement, evidence, verdicts."""

from semola_geo.discovery.discover import discover_symmetry
from semola_geo.discovery.measure import lie_derivative_spectrum
from semola_geo.discovery.report import SymmetryReport
from semola_geo.discovery.settings import DiscoverySettings
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.support import Support, tangent_support
from semola_geo.discovery.verdict import Thresholds, Verdict

__all__ = [
    "DiscoverySettings",
    "Spectrum",
    "Support",
    "SymmetryReport",
    "Thresholds",
    "Verdict",
    "discover_symmetry",
    "lie_derivative_spectrum",
    "tangent_support",
]
