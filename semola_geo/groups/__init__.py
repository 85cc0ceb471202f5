"""Groups: hypothesis spaces, elements, and learnable distributions over elements."""

from semola_geo.groups.ambient import TIME, AmbientGroup, parse_ambient, parse_slots
from semola_geo.groups.distribution import LieDistribution
from semola_geo.groups.element import GroupElement
from semola_geo.groups.exponential import matrix_exponential
from semola_geo.groups.factors import AmbientFactors, product_name, split_ambient
from semola_geo.groups.haar import random_rotations
from semola_geo.groups.permutation import PermutationSubgroup
from semola_geo.groups.permutation_images import cycle_notation
from semola_geo.groups.permutation_law import PermutationLaw
from semola_geo.groups.point_group import PointGroup
from semola_geo.groups.product_element import ProductElement
from semola_geo.groups.reflection import coset_reflection, fixed_point, turns_everywhere
from semola_geo.groups.slot_element import SlotPermutation
from semola_geo.groups.time_reversal import TimeReversal
from semola_geo.groups.unknown_input import with_unknown_input

__all__ = [
    "TIME",
    "AmbientFactors",
    "AmbientGroup",
    "GroupElement",
    "LieDistribution",
    "PermutationLaw",
    "PermutationSubgroup",
    "PointGroup",
    "ProductElement",
    "SlotPermutation",
    "TimeReversal",
    "coset_reflection",
    "cycle_notation",
    "fixed_point",
    "matrix_exponential",
    "parse_ambient",
    "parse_slots",
    "product_name",
    "random_rotations",
    "split_ambient",
    "turns_everywhere",
    "with_unknown_input",
]
