"""A transform for a group by its name, that samples where the data are."""

from __future__ import annotations

from collections.abc import Mapping

from torch_geometric.data import Data

from semola_geo.fields import space_dimension
from semola_geo.groups import AmbientGroup, split_ambient
from semola_geo.representations import Representation, parse_representation
from semola_geo.transforms.base import SymmetryTransform
from semola_geo.transforms.permutation import RandomPermutationTransform
from semola_geo.transforms.product import ProductTransform
from semola_geo.transforms.random import RandomSymmetryTransform
from semola_geo.transforms.slots import SlotTransform
from semola_geo.transforms.time_reversal import TimeReversalTransform
from semola_geo.transforms.units import data_units

__all__ = ["named_transform"]


def named_transform(
    group: str | AmbientGroup,
    fields: Mapping[str, str | Representation],
    data: Data,
    extent: float = 0.5,
) -> SymmetryTransform | SlotTransform | TimeReversalTransform | ProductTransform:
    """Return a random transform for a group: rotations and permutations are uniform.

    Translations are as wide as the data, and rotations turn about their centroid. Time is reversed
    in every other graph, on average.

    Args:
        group: ``"E(3)"``, ``"S(5)"``, ``"E(3) x S(5)"``, ``"E(3) x time"`` …; see
            :func:`semola_geo.groups.split_ambient`.
        fields: Name → representation of what is moved.
        data: Data to go by.
        extent: Range of the coefficients of generators, for groups without a uniform law.

    Raises:
        ValueError: For an unknown group, permutations where no field is declared ``@slot``, or
            time reversal where none is declared ``@odd``.

    >>> import torch
    >>> data = Data(pos=torch.randn(4, 3))
    >>> named_transform("SO(3) x S(4)", {"pos": "point@slot"}, data)
    ProductTransform(pos='point@slot', group='SO(3)', group='S4', num_slots=4)
    """
    ambient, slots, time = split_ambient(group)
    dimension = space_dimension(fields, data) if ambient is None else ambient.dimension
    continuous = None if ambient is None else _continuous(ambient, fields, data, extent)
    permutation, reversal = None, None
    if slots is not None:
        permutation = RandomPermutationTransform(fields, f"S({slots})", dimension=dimension)
    if time:
        reversal = TimeReversalTransform(fields, dimension=dimension)
    given = [part for part in (continuous, permutation, reversal) if part is not None]
    if len(given) == 1:
        return given[0]
    return ProductTransform(continuous, permutation, reversal)


def _continuous(
    ambient: AmbientGroup,
    fields: Mapping[str, str | Representation],
    data: Data,
    extent: float,
) -> RandomSymmetryTransform:
    coefficients = None if ambient.orthogonal else extent
    points = [name for name, text in fields.items() if parse_representation(text).name == "point"]
    coincide = [bool((data[name] == data[name][:1]).all()) for name in points]
    if not ambient.affine or not points or coincide[0]:
        return RandomSymmetryTransform(fields, ambient, extent=coefficients)
    scale, center = data_units([data], points[0])
    return RandomSymmetryTransform(
        fields,
        ambient,
        translation=scale if coefficients is None else None,
        extent=coefficients,
        length_scale=scale,
        center=center,
    )
