"""Learn permutations that leave a pair of teachers alone, from many random starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from semola_geo.discovery.slot_response import SlotProbe
from semola_geo.groups import PermutationSubgroup
from semola_geo.groups.sinkhorn import best_assignment, straight_through

__all__ = ["Anchor", "learn_permutations"]

_FORBIDDEN = -1e4
_GRAPHS = 48
_RATE = 0.3
# A permutation goes on to the test where its relative violation is below this at its own graphs.
_PROMISING = 0.1
# Larger than any relative violation of a graph that looks like the data.
_UNTESTED = 1e3


@dataclass(frozen=True)
class Anchor:
    """What a permutation must do: hold some slots, and carry one slot to another."""

    source: int
    image: int
    held: tuple[int, ...] = ()


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
    masks = torch.stack([_mask(anchor, allowed) for anchor in feasible])
    masks = masks.repeat_interleave(starts, 0)
    noise = torch.randn(masks.shape, generator=generator)
    scores = noise.requires_grad_()
    optimizer = torch.optim.Adam([scores], lr=_RATE)
    best = torch.full((len(masks),), torch.inf)
    found = torch.arange(probe.num_slots).repeat(len(masks), 1)
    for _ in range(steps):
        chosen = torch.randperm(probe.graphs, generator=generator)[:_GRAPHS]
        images, matrices = straight_through(scores + _FORBIDDEN * ~masks)
        loss = probe.relative_violation(images, matrices, chosen)
        # Not backward(): the teachers' own parameters need no gradient.
        (scores.grad,) = torch.autograd.grad(loss.sum(), scores)
        optimizer.step()
        better = loss.detach() < best
        best = torch.where(better, loss.detach(), best)
        found = torch.where(better[:, None], images, found)
    # Losses of different steps saw different graphs: the final ranking sees the same.
    final = best_assignment(scores.detach() + _FORBIDDEN * ~masks)

    def rank(images: Tensor) -> Tensor:
        return probe.violations(images) + _UNTESTED * untested(images)

    promising = []
    swaps = _useful_swaps(known)
    for number in range(len(feasible)):
        rows = slice(number * starts, (number + 1) * starts)
        pool = torch.unique(torch.cat([found[rows], final[rows]]), dim=0)
        image, value = _polish(rank, pool, masks[number * starts], swaps)
        if value < _PROMISING:
            promising.append(tuple(image.tolist()))
    return list(dict.fromkeys(promising))


def _mask(anchor: Anchor, allowed: Tensor) -> Tensor:
    mask = allowed.clone()
    for source, image in [(anchor.source, anchor.image), *((slot, slot) for slot in anchor.held)]:
        mask[source] = mask[:, image] = False
        mask[source, image] = True
    return mask


def _polish(
    rank: Callable[[Tensor], Tensor], pool: Tensor, mask: Tensor, swaps: Tensor
) -> tuple[Tensor, float]:
    """Exchange two images of the best permutation as long as that lowers its rank."""
    values = rank(pool)
    image, value = pool[values.argmin()], float(values.min())
    while True:
        swapped = image.repeat(len(swaps), 1)
        rows = torch.arange(len(swaps))[:, None]
        swapped[rows, swaps] = image[swaps.flip(1)]
        slots = torch.arange(len(image))
        swapped = swapped[mask[slots, swapped].all(1)]
        if not len(swapped):
            return image, value
        values = rank(swapped)
        if not float(values.min()) < value:
            return image, value
        image, value = swapped[values.argmin()], float(values.min())


def _useful_swaps(known: PermutationSubgroup) -> Tensor:
    """Return pairs of slots ``[pairs, 2]`` whose exchange is no known element."""
    pairs = []
    for one, two in combinations(range(known.num_slots), 2):
        image = list(range(known.num_slots))
        image[one], image[two] = two, one
        if not known.contains(image):
            pairs.append((one, two))
    return torch.tensor(pairs).reshape(-1, 2)
