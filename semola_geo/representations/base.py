"""What a representation is: how the values of a field change under a group element."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

__all__ = ["Representation"]


class Representation(ABC):
    r"""How a field changes under :math:`g = (A, t)` and under a generator :math:`(X, \tau)`.

    A representation acts on the *trailing* axes of a field; the axes between the first (rows:
    nodes, edges or graphs) and the trailing ones are channels.

    Attributes:
        name: Canonical text, without suffixes.
        slot: Whether a permutation of node slots also moves the rows of the field (``@slot``).
        odd: Whether the field changes its sign under time reversal, as velocities do (``@odd``).
        orthogonal_only: Whether the representation is defined for orthogonal :math:`A` only.
        is_invariant: Whether every element acts as the identity.
    """

    name: str
    slot: bool = False
    odd: bool = False
    orthogonal_only: bool = False
    is_invariant: bool = False

    @abstractmethod
    def shape(self, dimension: int) -> tuple[int, ...]:
        """Trailing axes the representation acts on, ``()`` for scalars.

        Raises:
            ValueError: If the representation does not exist in this dimension.
        """

    @abstractmethod
    def act(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Apply the action of a group element.

        Args:
            linear: Linear parts ``[B, d, d]``.
            translation: Translation parts ``[B, d]``.
            values: Field ``[rows, *channels, *shape(d)]``.
            index: Graph of every row ``[rows]``; ``None`` when row ``b`` belongs to graph ``b``.
        """

    @abstractmethod
    def derivative(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        r"""Apply the derivative of the action, :math:`\frac{d}{ds} \rho(e^{sX}) x` at 0.

        Args:
            linear: Linear parts :math:`X` of the generators, ``[B, d, d]``.
            translation: Translation parts :math:`\tau`, ``[B, d]``.
            values: Field ``[rows, *channels, *shape(d)]``.
            index: Graph of every row, as in :meth:`act`.
        """

    def __str__(self) -> str:
        return self.name + "@slot" * self.slot + "@odd" * self.odd

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Representation) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))
