"""Bodies in motion: simulated systems whose symmetries are known."""

from semola_geo.datasets.bodies.charged import ChargedBodies
from semola_geo.datasets.bodies.dataset import BodiesDataset
from semola_geo.datasets.bodies.two_body import TwoBody

__all__ = ["BodiesDataset", "ChargedBodies", "TwoBody"]
