"""Direct sums of carriers, up to equivalence under the generators at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from semola_geo.representations.carriers import Carrier
from semola_geo.representations.intertwiners import intertwiner, misfit

__all__ = ["block_sum", "equivalence_classes", "sums_of"]

_EQUIVALENT = 1e-4


def block_sum(parts: Sequence[Tensor]) -> Tensor:
    """Direct sum of actions on ``(values, 1)``, ``[k, n + 1, n + 1]``."""
    linear = [
        torch.block_diag(*blocks)  # type: ignore[no-untyped-call]
        for blocks in zip(*(p[:, :-1, :-1] for p in parts), strict=True)
    ]
    shift = torch.cat([part[:, :-1, -1] for part in parts], dim=1)
    size = shift.shape[1]
    whole = torch.zeros(len(shift), size + 1, size + 1, dtype=torch.float64)
    whole[:, :size, :size] = torch.stack(linear)
    whole[:, :size, size] = shift
    return whole


def equivalence_classes(catalogue: Sequence[Carrier]) -> list[list[Carrier]]:
    """Group carriers on which the generators act equivalently."""
    classes: list[list[Carrier]] = []
    for carrier in catalogue:
        for group in classes:
            if group[0].dim == carrier.dim and _equivalent(group[0], carrier):
                group.append(carrier)
                break
        else:
            classes.append([carrier])
    return classes


def _equivalent(one: Carrier, other: Carrier) -> bool:
    change = intertwiner(one.matrices, other.matrices)
    return change is not None and misfit(one.matrices, other.matrices, change) < _EQUIVALENT


def sums_of(classes: Sequence[list[Carrier]], rank: int) -> Iterator[tuple[list[Carrier], ...]]:
    """Multisets of classes whose dimensions add up to ``rank``, large summands first."""
    ordered = sorted(classes, key=lambda group: -group[0].dim)

    def extend(start: int, left: int) -> Iterator[tuple[list[Carrier], ...]]:
        if left == 0:
            yield ()
        for place in range(start, len(ordered)):
            if ordered[place][0].dim <= left:
                for rest in extend(place, left - ordered[place][0].dim):
                    yield (ordered[place], *rest)

    return extend(0, rank)
