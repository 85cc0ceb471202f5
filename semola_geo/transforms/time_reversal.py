"""Augmentation with time reversal: odd fields change their sign, in some graphs."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch_geometric.data import Data

from semola_geo.fields import Fields, num_graphs, row_graphs
from semola_geo.groups import TIME, TimeReversal
from semola_geo.representations import Representation
from semola_geo.transforms.replay import ReplayableTransform

__all__ = ["TimeReversalTransform", "check_odd", "reverse_time"]


def reverse_time(data: Data, fields: Fields, element: TimeReversal) -> Data:
    """Return a shallow copy of the data in which odd fields have changed their sign.

    Args:
        data: A ``Data`` or ``Batch``.
        fields: Declared fields; those declared ``@odd`` change.
        element: Says for every graph whether time is reversed.

    Raises:
        TypeError: For an element of another kind.
        ValueError: For an element for another number of graphs.

    >>> fields = Fields({"pos": "point", "vel": "vector@odd"}, 2)
    >>> back = reverse_time(Data(pos=torch.ones(1, 2), vel=torch.ones(1, 2)), fields,
    ...                     TimeReversal.everywhere(1))
    >>> back.pos, back.vel
    (tensor([[1., 1.]]), tensor([[-1., -1.]]))
    """
    if not isinstance(element, TimeReversal):
        raise TypeError(f"element must be a TimeReversal, got {type(element).__name__}")
    if len(element) != num_graphs(data):
        raise ValueError(
            f"element holds {len(element)} reversal(s), but the data has {num_graphs(data)} "
            "graph(s)"
        )
    moved = copy.copy(data)
    for name, representation in fields.items():
        if representation.odd:
            values = data[name]
            local = element.to(values.device)
            moved[name] = local.act(values, representation, row_graphs(data, name))
    return moved


def check_odd(fields: Fields) -> None:
    """Refuse fields of which none is odd, so that reversing time would do nothing.

    Raises:
        ValueError: Saying how to declare one.
    """
    if not any(representation.odd for representation in fields.values()):
        raise ValueError(
            "time reversal changes no field: declare velocities, momenta and the like with "
            f"'@odd', such as 'vel': 'vector@odd'; declared: {fields.declaration()}"
        )


class TimeReversalTransform(ReplayableTransform[TimeReversal]):
    """Reverse time in a share of the graphs: every field declared ``@odd`` changes its sign.

    For targets that follow from the present state (energies, forces, accelerations, currents). A
    state some time later is none of these: reversed, it would be the state some time before.

    Args:
        fields: Name → representation of every field; ``"vector@odd"`` for a velocity.
        probability: Share of graphs in which time is reversed, in [0, 1].
        strict: Refuse data with undeclared floating-point fields.
        dimension: Dimension d of space, by which shapes are checked.

    Raises:
        ValueError: For an unknown representation, where no field is odd, or for a probability out
            of range.

    >>> fields = {"pos": "point", "vel": "vector@odd", "acceleration": "vector"}
    >>> TimeReversalTransform(fields, probability=1.0)
    TimeReversalTransform(pos='point', vel='vector@odd', acceleration='vector', probability=1.0)
    """

    share: torch.Tensor

    def __init__(
        self,
        fields: Mapping[str, str | Representation],
        probability: float = 0.5,
        strict: bool = True,
        *,
        dimension: int = 3,
    ) -> None:
        super().__init__(Fields(fields, dimension), strict)
        check_odd(self.fields)
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"probability must lie in [0, 1], got {probability}")
        # A buffer, so that a state dict says what a transform was made to sample.
        self.register_buffer("share", torch.tensor(probability, dtype=torch.float64))

    @property
    def name(self) -> str:
        """Name of the ambient group, ``"time"``."""
        return TIME

    @property
    def probability(self) -> float:
        """Share of graphs in which time is reversed."""
        return float(self.share)

    def sample(
        self,
        size: int,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
    ) -> TimeReversal:
        """Draw one independent element per graph.

        Args:
            size: Number of graphs.
            generator: Source of randomness; torch's default generator when ``None``.
            dtype: Plays no part: elements are booleans.
        """
        source = generator.device if generator is not None else torch.device("cpu")
        draw = torch.rand(size, generator=generator, dtype=torch.float64, device=source)
        return TimeReversal(draw.to(self.share.device) < self.share)

    def _act(self, data: Data, element: TimeReversal) -> Data:
        return reverse_time(data, self.fields, element)

    def _describe(self) -> str:
        return f"probability={self.probability}"
