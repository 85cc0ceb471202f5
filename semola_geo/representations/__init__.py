"""Representations: how each named field of a data set changes under a group element."""

from semola_geo.representations.base import Representation
from semola_geo.representations.carriers import Carrier, affine_matrices, carriers
from semola_geo.representations.cartesian import Covector, Point, Pseudovector, Tensorial, Vector
from semola_geo.representations.irreps import IrrepsRepresentation
from semola_geo.representations.parse import parse_representation
from semola_geo.representations.recognise import Recognition, Span, recognise, state_misfit
from semola_geo.representations.scalar import Pseudoscalar, Scalar

__all__ = [
    "Carrier",
    "Covector",
    "IrrepsRepresentation",
    "Point",
    "Pseudoscalar",
    "Pseudovector",
    "Recognition",
    "Representation",
    "Scalar",
    "Span",
    "Tensorial",
    "Vector",
    "affine_matrices",
    "carriers",
    "parse_representation",
    "recognise",
    "state_misfit",
]
