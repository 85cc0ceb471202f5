"""PyG transforms that move every field of a graph by one group element."""

from semola_geo.transforms.base import check_irreps, move_fields
from semola_geo.transforms.learnable import LearnableSymmetryTransform
from semola_geo.transforms.moves import Element, move_by
from semola_geo.transforms.named import named_transform
from semola_geo.transforms.permutation import (
    LearnablePermutationTransform,
    RandomPermutationTransform,
)
from semola_geo.transforms.product import ProductTransform
from semola_geo.transforms.random import RandomSymmetryTransform
from semola_geo.transforms.reach import reach
from semola_geo.transforms.replay import ReplayableTransform
from semola_geo.transforms.slots import SlotTransform, permute_slots
from semola_geo.transforms.time_reversal import TimeReversalTransform, check_odd, reverse_time
from semola_geo.transforms.units import data_units

__all__ = [
    "Element",
    "LearnablePermutationTransform",
    "LearnableSymmetryTransform",
    "ProductTransform",
    "RandomPermutationTransform",
    "RandomSymmetryTransform",
    "ReplayableTransform",
    "SlotTransform",
    "TimeReversalTransform",
    "check_irreps",
    "check_odd",
    "data_units",
    "move_by",
    "move_fields",
    "named_transform",
    "permute_slots",
    "reach",
    "reverse_time",
]
