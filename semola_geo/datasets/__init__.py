"""Data sets: PyTorch Geometric classes over shipped files, and tasks generated in code."""

from __future__ import annotations

from semola_geo.datasets.charged_bodies import ChargedBodies
from semola_geo.datasets.qm9_xtb import QM9XTB
from semola_geo.datasets.sensor_ring import SensorRing
from semola_geo.datasets.species_mixture import SpeciesMixture

__all__ = ["QM9XTB", "ChargedBodies", "SensorRing", "SpeciesMixture"]
