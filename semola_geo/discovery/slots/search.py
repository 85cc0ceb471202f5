"""Learn permutations that leave a pair of teachers alone, from many random starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from semola_geo.discovery.slots.anchor import FORBIDDEN, Anchor, improve, useful_swaps
from semola_geo.discovery.slots.response import SlotProbe
from semola_geo.groups import PermutationSubgroup
from semola_geo.groups.sinkhorn import best_assignment, straight_through

__all__ = ["learn_permutations"]

_GRAPHS = 48
_RATE = 0.3
# A permutation goes on to the test where its relative violation is below this at its own graphs.
_PROMISING = 0.1
# Larger than any relative violation of a graph that looks like the data.
_UNTESTED = 1e3


def learn_permutations(
    probe: SlotProbe,
    untested: Callable[[Tensor], Tensor],
    anchors: Sequence[Anchor],
    allowed: Tensor,
    known: PermutationSubgroup,
    *,
    starts: int,
    steps: int,
    generator: torch.Generator,
) -> list[tuple[int, ...]]:
    """Minimise the relative violation over permutations by straight-through gradients.

    Every start is a random score matrix; its Sinkhorn relaxation carries the gradient, the
    Hungarian method makes the permutation that is judged. The best permutation of every anchor is
    then improved by exchanging two images as long as that helps. What the data never show ranks
    behind all they do: teachers may extrapolate well to it, and no test could confirm them.

    Args:
        probe: Graphs and one pair of teachers; others have to test the outcome.
        untested: Tells of image lists ``[elements, n]`` which ones leave the data, ``[elements]``.
        anchors: What to look for.
        allowed: Mask ``[n, n]`` of images that a slot may have.
        known: Elements found before: exchanges that belong to it improve nothing.
        starts: Random starts of each anchor.
        steps: Gradient steps of each start.
        generator: Source of randomness.

    Returns:
        At most one promising permutation per anchor, without repetition.
    """
    feasible = [anchor for anchor in anchors if bool(allowed[anchor.source, anchor.image])]
    if not feasible:
        return []
    masks = torch.stack([anchor.mask(allowed) for anchor in feasible])
    masks = masks.repeat_interleave(starts, 0)
    noise = torch.randn(masks.shape, generator=generator)
    scores = noise.requires_grad_()
    optimizer = torch.optim.Adam([scores], lr=_RATE)
    best = torch.full((len(masks),), torch.inf)
    found = torch.arange(probe.num_slots).repeat(len(masks), 1)
    for _ in range(steps):
        chosen = torch.randperm(probe.graphs, generator=generator)[:_GRAPHS]
        images, matrices = straight_through(scores + FORBIDDEN * ~masks)
        loss = probe.relative_violation(images, matrices, chosen)
        # Not backward(): the teachers' own parameters need no gradient.
        (scores.grad,) = torch.autograd.grad(loss.sum(), scores)
        optimizer.step()
        better = loss.detach() < best
        best = torch.where(better, loss.detach(), best)
        found = torch.where(better[:, None], images, found)
    # Losses of different steps saw different graphs: the final ranking sees the same.
    final = best_assignment(scores.detach() + FORBIDDEN * ~masks)

    def rank(images: Tensor) -> Tensor:
        return probe.violations(images) + _UNTESTED * untested(images)

    promising = []
    swaps = useful_swaps(known)
    for number in range(len(feasible)):
        rows = slice(number * starts, (number + 1) * starts)
        pool = torch.unique(torch.cat([found[rows], final[rows]]), dim=0)
        image, value = improve(rank, pool, masks[number * starts], swaps)
        if value < _PROMISING:
            promising.append(tuple(image.tolist()))
    return list(dict.fromkeys(promising))
