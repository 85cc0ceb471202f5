"""Two particles become two others: momenta in the centre-of-mass frame, and other frames."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["boosts", "directions", "two_to_two"]


def directions(count: int, generator: torch.Generator) -> Tensor:
    """Return unit vectors ``[count, 3]`` (float64), uniform on the sphere.

    >>> directions(2, torch.Generator().manual_seed(0)).norm(dim=1).round(decimals=6)
    tensor([1., 1.], dtype=torch.float64)
    """
    gauss = torch.randn(count, 3, generator=generator, dtype=torch.float64)
    return torch.nn.functional.normalize(gauss, dim=1)


def two_to_two(
    energy: Tensor, masses: tuple[float, float], incoming: Tensor, outgoing: Tensor
) -> Tensor:
    """Return four-momenta in the centre-of-mass frame.

    Args:
        energy: Total energies √s ``[N]``.
        masses: Mass of both incoming and of both outgoing particles, below √s / 2.
        incoming: Directions ``[N, 3]`` of the first incoming particle.
        outgoing: Directions ``[N, 3]`` of the first outgoing particle.

    Returns:
        ``[N, 4, 4]``: two incoming, two outgoing particles, each (E, p) with positive energy.

    >>> x, z = torch.eye(3)[:1], torch.eye(3)[2:]
    >>> two_to_two(torch.tensor([10.0]), (3.0, 4.0), z, x)[0, 2].tolist()
    [5.0, 3.0, 0.0, 0.0]
    """
    half = energy[:, None] / 2
    pairs = []
    for mass, direction in zip(masses, (incoming, outgoing), strict=True):
        momentum = ((half - mass) * (half + mass)).sqrt() * direction
        pairs += [torch.cat([half, sign * momentum], dim=1) for sign in (1, -1)]
    return torch.stack(pairs, dim=1)


def boosts(rapidity: Tensor, direction: Tensor) -> Tensor:
    """Return pure boosts ``[N, 4, 4]`` that take a body at rest to rapidities ``[N]``.

    Args:
        rapidity: η, with velocity tanh η.
        direction: Unit vectors ``[N, 3]``.

    >>> boosts(torch.tensor([0.0]), torch.eye(3)[:1])[0].equal(torch.eye(4))
    True
    """
    c, s = rapidity.cosh()[:, None, None], rapidity.sinh()[:, None, None]
    n = direction[:, :, None]
    space = torch.eye(3).to(direction) + (c - 1) * n * n.mT
    return torch.cat([torch.cat([c, s * n.mT], 2), torch.cat([s * n, space], 2)], 1)
