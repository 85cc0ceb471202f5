"""Particles that scatter: tree-level amplitudes on events from a phase-space generator."""

from semola_geo.datasets.scattering.amplitude import muon_pair_amplitude
from semola_geo.datasets.scattering.dataset import Scattering

__all__ = ["Scattering", "muon_pair_amplitude"]
