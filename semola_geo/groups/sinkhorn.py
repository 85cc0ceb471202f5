"""Permutations that gradients can reach: Sinkhorn relaxation and the Hungarian method."""

from __future__ import annotations

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

__all__ = ["best_assignment", "sinkhorn", "straight_through"]


def sinkhorn(scores: Tensor, iterations: int = 10) -> Tensor:
    """Return the doubly stochastic matrices that rows and columns of exp(scores) scale to.

    After Mena et al. (arXiv 1802.08665), in the logarithm.

    Args:
        scores: ``[..., n, n]``; −∞ forbids an entry.
        iterations: Alternating normalisations of rows and columns.

    >>> sinkhorn(torch.zeros(2, 2))
    tensor([[0.5000, 0.5000],
            [0.5000, 0.5000]])
    """
    log = scores
    for _ in range(iterations):
        log = log - log.logsumexp(dim=-1, keepdim=True)
        log = log - log.logsumexp(dim=-2, keepdim=True)
    return log.exp()


def best_assignment(scores: Tensor) -> Tensor:
    """Return the permutations of greatest total score: slot i goes to ``images[..., i]``.

    Args:
        scores: ``[..., n, n]``, row i holds the scores of slot i for every place.

    Returns:
        ``[..., n]`` long, by the Hungarian method on the CPU.

    >>> best_assignment(torch.tensor([[0.0, 2.0], [1.0, 2.5]]))
    tensor([1, 0])
    """
    size = scores.shape[-1]
    matrices = scores.detach().to("cpu", torch.float64).reshape(-1, size, size)
    images = [
        torch.from_numpy(linear_sum_assignment(matrix.numpy(), maximize=True)[1])
        for matrix in matrices
    ]
    return torch.stack(images).reshape(scores.shape[:-1]).to(scores.device)


def straight_through(scores: Tensor, iterations: int = 10) -> tuple[Tensor, Tensor]:
    """Return hard permutations whose gradient is that of the Sinkhorn relaxation.

    Args:
        scores: ``[..., n, n]``, row i holds the scores of slot i for every place.
        iterations: As for :func:`sinkhorn`.

    Returns:
        Image lists ``[..., n]`` and exact 0/1 matrices ``[..., n, n]`` that move columns of slot
        values: ``matrix[..., images[i], i] = 1``.

    >>> images, matrix = straight_through(torch.eye(3).roll(1, 1))
    >>> images, (matrix @ torch.tensor([0.0, 1.0, 2.0])).tolist()
    (tensor([1, 2, 0]), [2.0, 0.0, 1.0])
    """
    soft = sinkhorn(scores, iterations)
    images = best_assignment(scores)
    hard = torch.nn.functional.one_hot(images, scores.shape[-1]).to(soft)
    return images, (hard + (soft - soft.detach())).mT
