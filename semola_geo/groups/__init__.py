"""Groups: hypothesis spaces, elements, and learnable distributions over elements."""

from semola_geo.groups.ambient import AmbientGroup, parse_ambient
from semola_geo.groups.distribution import LieDistribution
from semola_geo.groups.element import GroupElement
from semola_geo.groups.exponential import matrix_exponential
from semola_geo.groups.haar import random_rotations

__all__ = [
    "AmbientGroup",
    "GroupElement",
    "LieDistribution",
    "matrix_exponential",
    "parse_ambient",
    "random_rotations",
]
