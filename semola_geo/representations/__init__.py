"""Representations: how each named field of a data set changes under a group element."""

from semola_geo.representations.base import Representation
from semola_geo.representations.cartesian import Covector, Point, Pseudovector, Tensorial, Vector
from semola_geo.representations.irreps import IrrepsRepresentation
from semola_geo.representations.parse import parse_representation
from semola_geo.representations.scalar import Pseudoscalar, Scalar

__all__ = [
    "Covector",
    "IrrepsRepresentation",
    "Point",
    "Pseudoscalar",
    "Pseudovector",
    "Representation",
    "Scalar",
    "Tensorial",
    "Vector",
    "parse_representation",
]
