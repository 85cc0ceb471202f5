"""Data sets: embedded molecules, generated tasks, and readers of users' own files."""

from __future__ import annotations

from semola_geo.datasets.bodies import ChargedBodies, TwoBody
from semola_geo.datasets.crystal_field import CrystalField
from semola_geo.datasets.digits import Digits
from semola_geo.datasets.files import NPZ, SDF, ASEDatabase, ExtXYZ, PyGFile, SmilesCSV, TopTagging
from semola_geo.datasets.labelled_bodies import LabelledBodies
from semola_geo.datasets.md17 import MD17
from semola_geo.datasets.md_xtb import MDXTB
from semola_geo.datasets.mnist_superpixels import MNISTSuperpixels
from semola_geo.datasets.model_net import ModelNet
from semola_geo.datasets.qm9 import QM9
from semola_geo.datasets.qm9_xtb import QM9XTB
from semola_geo.datasets.scattering import Scattering
from semola_geo.datasets.sensor_ring import SensorRing
from semola_geo.datasets.species_mixture import SpeciesMixture
from semola_geo.datasets.split import random_split

__all__ = [
    "MD17",
    "MDXTB",
    "NPZ",
    "QM9",
    "QM9XTB",
    "SDF",
    "ASEDatabase",
    "ChargedBodies",
    "CrystalField",
    "Digits",
    "ExtXYZ",
    "LabelledBodies",
    "MNISTSuperpixels",
    "ModelNet",
    "PyGFile",
    "Scattering",
    "SensorRing",
    "SmilesCSV",
    "SpeciesMixture",
    "TopTagging",
    "TwoBody",
    "random_split",
]
