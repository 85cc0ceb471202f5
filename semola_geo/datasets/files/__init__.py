"""Data sets over users' own files, one format each."""

from semola_geo.datasets.files.ase_db import ASEDatabase
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.extxyz import ExtXYZ
from semola_geo.datasets.files.npz import NPZ
from semola_geo.datasets.files.pyg import PyGFile
from semola_geo.datasets.files.sdf import SDF
from semola_geo.datasets.files.smiles_csv import SmilesCSV
from semola_geo.datasets.files.top_tagging import TopTagging

__all__ = [
    "NPZ",
    "SDF",
    "ASEDatabase",
    "ExtXYZ",
    "FileDataset",
    "PyGFile",
    "SmilesCSV",
    "TopTagging",
]
