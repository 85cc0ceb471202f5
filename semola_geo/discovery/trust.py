"""How far teachers are believed."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Trust"]


@dataclass(frozen=True)
class Trust:
    """How far teachers are believed, from what they predict of held-out labels.

    Attributes:
        reliable: Whether they have surely learned something; nothing is concluded otherwise.
        unexplained: Share of the variance of held-out labels that they leave unexplained, by which
            a violation that they see may be their own.
    """

    reliable: bool = True
    unexplained: float = 0.0

    def given(self, agreement: float, least: float) -> Trust:
        """Return what is left of it where independent teachers agree this much.

        Args:
            agreement: Correlation of what independent teachers say.
            least: The agreement from which they are believed.

        >>> Trust(unexplained=0.2).given(agreement=0.05, least=0.1)
        Trust(reliable=False, unexplained=0.2)
        """
        return replace(self, reliable=self.reliable and agreement > least)
