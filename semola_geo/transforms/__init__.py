"""PyG transforms that move every field of a graph by one group element."""

from semola_geo.transforms.learnable import LearnableSymmetryTransform
from semola_geo.transforms.random import RandomSymmetryTransform
from semola_geo.transforms.reach import reach
from semola_geo.transforms.units import data_units

__all__ = ["LearnableSymmetryTransform", "RandomSymmetryTransform", "data_units", "reach"]
