"""PyG transforms that move every field of a graph by one group element."""

from semola_geo.transforms.base import move_fields
from semola_geo.transforms.learnable import LearnableSymmetryTransform
from semola_geo.transforms.permutation import (
    LearnablePermutationTransform,
    RandomPermutationTransform,
)
from semola_geo.transforms.random import RandomSymmetryTransform
from semola_geo.transforms.reach import reach
from semola_geo.transforms.replay import ReplayableTransform
from semola_geo.transforms.slots import SlotTransform, permute_slots
from semola_geo.transforms.units import data_units

__all__ = [
    "LearnablePermutationTransform",
    "LearnableSymmetryTransform",
    "RandomPermutationTransform",
    "RandomSymmetryTransform",
    "ReplayableTransform",
    "SlotTransform",
    "data_units",
    "move_fields",
    "permute_slots",
    "reach",
]
