"""Permutations that carry the data to what looks like the data, found without any label."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from semola_geo.discovery.slots.anchor import FORBIDDEN, Anchor, improve, useful_swaps
from semola_geo.discovery.slots.support import SlotSupport
from semola_geo.groups import PermutationSubgroup
from semola_geo.groups.sinkhorn import best_assignment

__all__ = ["likely_permutations"]


def likely_permutations(
    support: SlotSupport,
    anchors: Sequence[Anchor],
    allowed: Tensor,
    known: PermutationSubgroup,
    limit: float,
    *,
    starts: int,
    generator: torch.Generator,
) -> list[tuple[int, ...]]:
    """Search for permutations that the data support, by descent of their unlikeliness.

    Of rigid things (the atoms of a molecule) nearly all permutations make something that the data
    never show. Where so few are left, it is these that teachers have to be asked about.

    Args:
        support: Knows how likely permuted graphs are.
        anchors: What to look for.
        allowed: Mask ``[n, n]`` of images that a slot may have.
        known: Elements found before.
        limit: Support above which nothing can be concluded.
        starts: Random starts of each anchor, beside the exchange of its two slots.
        generator: Source of randomness.

    Returns:
        At most one supported permutation per anchor, without repetition.
    """
    swaps = useful_swaps(known)
    found = []
    for anchor in anchors:
        mask = anchor.mask(allowed)
        if not bool(allowed[anchor.source, anchor.image]):
            continue
        noise = torch.randn(starts, *mask.shape, generator=generator)
        # Close to the identity, as far as the anchor lets them, and far from it.
        noise[0] = torch.eye(len(mask))
        pool = best_assignment(noise + FORBIDDEN * ~mask)
        ends = [improve(support.unlikeliness, start[None], mask, swaps) for start in pool]
        image, _ = min(ends, key=lambda end: end[1])
        if float(support.share(image[None])) <= limit:
            found.append(tuple(image.tolist()))
    return list(dict.fromkeys(found))
