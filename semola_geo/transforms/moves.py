"""Moving data by an element of any kind."""

from __future__ import annotations

from torch_geometric.data import Data

from semola_geo.fields import Fields
from semola_geo.groups import GroupElement, ProductElement, SlotPermutation, TimeReversal
from semola_geo.transforms.base import move_fields
from semola_geo.transforms.slots import permute_slots
from semola_geo.transforms.time_reversal import reverse_time

__all__ = ["Element", "move_by"]

Element = GroupElement | SlotPermutation | TimeReversal | ProductElement
"""One element of a group per graph."""


def move_by(data: Data, fields: Fields, element: Element) -> Data:
    """Return a shallow copy of the data, moved by an element of any kind.

    Raises:
        TypeError: As :func:`permute_slots`.
        ValueError: As :func:`permute_slots`.

    >>> import torch
    >>> element = ProductElement(GroupElement(2 * torch.eye(2)[None]),
    ...                          SlotPermutation(torch.tensor([[1, 0]])))
    >>> move_by(Data(pos=torch.eye(2)), Fields({"pos": "point@slot"}, 2), element).pos
    tensor([[0., 2.],
            [2., 0.]])
    """
    if isinstance(element, ProductElement):
        for part in (element.continuous, element.permutation, element.reversal):
            if part is not None:
                data = move_by(data, fields, part)
        return data
    if isinstance(element, GroupElement):
        return move_fields(data, fields, element)
    if isinstance(element, TimeReversal):
        return reverse_time(data, fields, element)
    return permute_slots(data, fields, element)
