"""Recognise an action that was found in data: which representation of the catalogue is it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import torch
from torch import Tensor

from semola_geo.representations.carriers import Carrier, carriers
from semola_geo.representations.intertwiners import intertwiner, misfit
from semola_geo.representations.sums import block_sum, equivalence_classes, sums_of

__all__ = ["Recognition", "Span", "recognise", "state_misfit"]

# Actions of the catalogue differ by order one; teachers leave errors of a few per cent.
_TOLERANCE = 0.15
_SMALL = 1e-4
_MOST_CANDIDATES = 300
_LEAST_WEIGHT = 0.1


@dataclass(frozen=True)
class Span:
    """Where values of a field lie: ``values = embedding @ coordinates + mean``.

    Attributes:
        embedding: ``[q, r]``, float64.
        mean: ``[q]``.
    """

    embedding: Tensor
    mean: Tensor

    def into(self, basis: Tensor) -> Tensor | None:
        """The map to coordinates in a carrier if values are stored the way the carrier has them."""
        if len(basis) != len(self.mean):
            return None
        change = torch.eye(basis.shape[1] + 1, dtype=torch.float64)
        change[:-1, :-1] = basis.T @ self.embedding
        change[:-1, -1] = basis.T @ self.mean
        return change


@dataclass(frozen=True)
class Recognition:
    r"""A match of the catalogue.

    Attributes:
        summands: Names of the carriers whose direct sum was recognised.
        equivalents: Other carriers on which the generators act the same way; no connected group
            with these generators can tell them apart.
        representation: Text that declares the field, where values are stored the way it says.
        misfit: Largest deviation from the recognised action, in units of the actions.
        change: Affine map ``[n, q + 1]`` from values to those of the recognised carriers; ``None``
            where it is the identity.
        weight: Values are multiplied by :math:`|\det A|^{w/d}` on top.
    """

    summands: tuple[str, ...]
    equivalents: tuple[str, ...]
    representation: str | None
    misfit: float
    change: Tensor | None
    weight: float = 0.0


def recognise(
    actions: Tensor, linear: Tensor, translation: Tensor, span: Span, size: float = 1.0
) -> Recognition | None:
    """Match an action with direct sums of the catalogue, simplest first.

    Args:
        actions: Measured derivative of the action along each generator on ``(coordinates, 1)``,
            ``[k, r + 1, r + 1]``, float64; coordinates of unit variance, in the span of the values.
        linear: Linear parts of the generators, ``[k, d, d]``, of a closed algebra.
        translation: Translation parts, ``[k, d]``.
        span: What coordinates mean.
        size: Size of the generators; the unit where actions are smaller.

    Returns:
        ``None`` where nothing fits within 15 % of the size of the action.

    >>> spin = torch.tensor([[[0.0, -1.0], [1.0, 0.0]]], dtype=torch.float64)
    >>> span = Span(torch.eye(2).double(), torch.zeros(2).double())
    >>> shift = torch.zeros(1, 2).double()
    >>> found = recognise(torch.block_diag(spin[0], torch.zeros(1, 1).double())[None], spin, shift,
    ...                   span)
    >>> found.summands, found.equivalents, found.change is None
    (('vector',), ('covector', 'point'), True)
    """
    rank = actions.shape[-1] - 1
    catalogue = carriers(linear, translation)
    trivial = _match(actions, (catalogue[0],) * rank, span, size)
    if trivial is not None:
        still = [c.name for c in catalogue[1:] if float(c.matrices.abs().amax()) == 0.0]
        return replace(
            trivial,
            equivalents=("pseudoscalar", *still),
            representation=catalogue[0].representation,
        )
    classes = equivalence_classes(catalogue)
    candidates = list(islice(sums_of(classes, rank), _MOST_CANDIDATES))
    candidates.sort(key=len)
    for candidate in candidates:
        found = _match_class(actions, candidate, span, size)
        if found is not None:
            return found
    for candidate in candidates if _changes_volume(linear) else []:
        if all(group is candidate[0] for group in candidate):
            found = _match_weighted(actions, linear, candidate, span, size)
            if found is not None:
                return found
    return None


def state_misfit(
    actions: Tensor, matrices: Tensor, copies: int, span: Span, size: float = 1.0
) -> float:
    """Return how far an action is from a stated one, as the values are stored.

    Args:
        actions: Measured action on ``(coordinates, 1)``, ``[k, r + 1, r + 1]``.
        matrices: Stated action on ``(values, 1)`` of one channel, ``[k, n + 1, n + 1]``.
        copies: Number of channels.
        span: What coordinates mean.
        size: Size of the generators; the unit where actions are smaller.

    >>> spin = torch.block_diag(torch.tensor([[0.0, -1.0], [1.0, 0.0]]), torch.zeros(1, 1)).double()
    >>> span = Span(torch.eye(2).double(), torch.zeros(2).double())
    >>> state_misfit(spin[None], spin[None], 1, span)
    0.0
    """
    whole = block_sum([matrices] * copies)
    inverse = torch.linalg.pinv(span.embedding)
    moved = whole[:, :-1, :-1] @ span.embedding
    shift = whole[:, :-1, -1] + whole[:, :-1, :-1] @ span.mean
    theirs = torch.zeros_like(actions)
    theirs[:, :-1, :-1] = inverse @ moved
    theirs[:, :-1, -1] = shift @ inverse.T
    return misfit(actions, theirs, torch.eye(actions.shape[-1], dtype=torch.float64), size)


def _match_class(
    actions: Tensor, candidate: Sequence[list[Carrier]], span: Span, size: float
) -> Recognition | None:
    """Match a sum of classes; of equivalent carriers, the one as which values are stored."""
    first = tuple(group[0] for group in candidate)
    choices = [first]
    if all(group is candidate[0] for group in candidate):
        choices += [(carrier,) * len(candidate) for carrier in candidate[0][1:]]
    for choice in choices:
        found = _match(actions, choice, span, size, stored=True)
        if found is not None:
            break
    else:
        choice = first
        found = _match(actions, choice, span, size)
    if found is None:
        return None
    names = {carrier.name for carrier in choice}
    others = [c.name for group in candidate for c in group if c.name not in names]
    return replace(found, equivalents=tuple(dict.fromkeys(others)))


def _match_weighted(
    actions: Tensor, linear: Tensor, candidate: Sequence[list[Carrier]], span: Span, size: float
) -> Recognition | None:
    carrier = candidate[0][0]
    trace = linear.diagonal(dim1=1, dim2=2).mean(1)
    ours = actions.diagonal(dim1=1, dim2=2).sum(1) / (actions.shape[-1] - 1)
    theirs = carrier.matrices.diagonal(dim1=1, dim2=2).sum(1) / carrier.dim
    weight = float((trace * (ours - theirs)).sum() / trace.square().sum())
    if abs(weight) < _LEAST_WEIGHT:
        return None
    inverse = torch.linalg.pinv(span.embedding)
    unit = torch.zeros_like(actions[0])
    unit[:-1, :-1] = torch.eye(len(unit) - 1, dtype=torch.float64)
    unit[:-1, -1] = inverse @ span.mean
    found = _match(
        actions - weight * trace[:, None, None] * unit, (carrier,) * len(candidate), span, size
    )
    if found is None:
        return None
    return replace(found, representation=None, weight=weight)


def _match(
    actions: Tensor, choice: Sequence[Carrier], span: Span, size: float, stored: bool = False
) -> Recognition | None:
    matrices = block_sum([carrier.matrices for carrier in choice])
    basis: Tensor = torch.block_diag(*[c.basis for c in choice])  # type: ignore[no-untyped-call]
    identity = span.into(basis)
    names = tuple(carrier.name for carrier in choice)
    if identity is not None:
        deviation = misfit(actions, matrices, identity, size)
        if deviation < _TOLERANCE:
            texts = {carrier.representation for carrier in choice}
            text = texts.pop() if len(texts) == 1 else None
            return Recognition(names, (), text, deviation, None)
    if stored:
        return None
    change = intertwiner(actions, matrices, identity)
    if change is None:
        return None
    deviation = misfit(actions, matrices, change, size)
    if deviation >= _TOLERANCE:
        return None
    inverse = torch.linalg.pinv(span.embedding)
    values = basis @ change[:-1, :-1] @ inverse
    offset = basis @ change[:-1, -1] - values @ span.mean
    # Intertwiners are known up to a factor: take the one that changes sizes least.
    unit = values.norm() / values.shape[1] ** 0.5
    values, offset = values / unit, offset / unit
    return Recognition(names, (), None, deviation, torch.cat([values, offset[:, None]], dim=1))


def _changes_volume(linear: Tensor) -> bool:
    trace = linear.diagonal(dim1=1, dim2=2).mean(1)
    return float(trace.abs().max()) > _SMALL * float(linear.abs().amax())
