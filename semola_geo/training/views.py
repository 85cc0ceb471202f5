"""The views of one training step: predictions on a batch and on its moved copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import torch
import torch.distributed as distributed
from torch import Tensor, nn
from torch_geometric.data import Batch

from semola_geo.fields import num_graphs, row_graphs
from semola_geo.processes import process_share
from semola_geo.training.labels import hide_unlabelled, labelled_rows
from semola_geo.training.loss import Loss, SquaredError
from semola_geo.training.normalizer import TargetNormalizer
from semola_geo.transforms import Element, ReplayableTransform

__all__ = ["MovedViews", "Views", "make_views"]


@dataclass(frozen=True)
class MovedViews:
    """What a step knows about the moved graphs gx.

    Attributes:
        prediction: F(gx), ``[rows, ...]``.
        target: ρ(g)y, ``[rows, ...]``.
        transported: Computes ρ(g)F(x), only when an objective asks for it.
        counts: As for :class:`Views`.
    """

    prediction: Tensor
    target: Tensor
    transported: Callable[[], Tensor]
    counts: tuple[float, float] | None = None


@dataclass(frozen=True)
class Views:
    """What one training step offers to an objective, in normalised target units.

    Attributes:
        prediction: F(x), ``[rows, ...]``.
        target: y, ``[rows, ...]``.
        moved: The same for moved graphs; ``None`` without a transform.
        transform: The transform, for terms on its basis and extents.
        labelled: Mask ``[rows]`` of rows whose target is known; ``None``: all.
        loss: What errors and differences mean; squares by default.
        counts: Numbers of (labelled, all) rows that a mean is taken over; under data-parallel
            training the mean over processes, so that ragged shares weigh as in one process.
    """

    prediction: Tensor
    target: Tensor
    moved: MovedViews | None = None
    transform: nn.Module | None = None
    labelled: Tensor | None = None
    counts: tuple[float, float] | None = None
    loss: Loss = field(default_factory=SquaredError)

    def supervised(self) -> Tensor:
        """Mean error on plain graphs, over the labelled rows: squares per component by default."""
        return self._error(self.prediction, self.target, self.counts)

    def augmented(self) -> Tensor:
        """The same on moved graphs."""
        moved = self._moved()
        return self._error(moved.prediction, moved.target, moved.counts)

    def inconsistency(self) -> Tensor:
        """Mean distance of F(gx) from ρ(g)F(x), over all rows, labelled or not."""
        moved = self._moved()
        squares = self.loss.divergence(moved.prediction, moved.transported())
        return _mean(squares, None if moved.counts is None else moved.counts[1])

    def explained(self) -> Tensor:
        """Share of what plain targets vary by that the model explains, in [0, 1], no gradient.

        The mean over processes under data-parallel training, so that all see the same. Nothing is
        explained where no row is plain and labelled: the error of no row is zero, too.
        """
        if not self._known():
            return self.prediction.new_zeros(())
        error = self.supervised().detach()
        world = process_share()[1]
        if world > 1:
            error = error.clone()
            distributed.all_reduce(error)
            error = error / world
        return (1.0 - error).clamp(0.0, 1.0)

    def _known(self) -> float:
        """Number of plain labelled rows, the same in all processes."""
        if self.counts is not None:
            return self.counts[0]
        return len(self.prediction) if self.labelled is None else int(self.labelled.sum())

    def _moved(self) -> MovedViews:
        if self.moved is None:
            raise ValueError("there are no moved views: these are of training without a transform")
        return self.moved

    def _error(
        self, prediction: Tensor, target: Tensor, counts: tuple[float, float] | None
    ) -> Tensor:
        if self.labelled is not None:
            # Before the error is taken: an unknown target may be NaN, and so would its gradient.
            prediction, target = prediction[self.labelled], target[self.labelled]
        squares = self.loss.error(prediction, target)
        return _mean(squares, None if counts is None else counts[0])


def _mean(squares: Tensor, rows: float | None) -> Tensor:
    if rows is None:
        rows = squares.shape[0]
    # A batch without a label gives 0, not 0/0.
    return squares.sum() / max(rows * (squares[0].numel() if len(squares) else 1), 1)


def make_views(
    batch: Batch,
    model: nn.Module,
    transform: ReplayableTransform[Any] | None,
    units: TargetNormalizer,
    generator: torch.Generator,
    unmoved: float | None = None,
    step: int = 0,
) -> Views:
    """Move a batch by fresh group elements and predict on both.

    Args:
        batch: Graphs with the target ``units.name`` in data units. A boolean graph-level field
            ``labelled`` marks graphs whose target counts; that of the others may be anything.
        model: Predicts in normalised units.
        transform: Samples and acts; ``None``: no moved view.
        units: Units of the target.
        generator: Source of the group elements.
        unmoved: Share of graphs that stay as they are while the others move, in one forward pass;
            ``None``: every graph enters both ways.
        step: Number of the batch, with which the places of those graphs move on.

    Raises:
        ValueError: If the model's output has another shape than the target.
    """
    batch = hide_unlabelled(batch, units.name)
    if transform is not None and unmoved is not None:
        return _mixed_views(batch, model, transform, units, generator, unmoved, step)
    target = units.normalize(batch[units.name], batch)
    prediction = model(batch)
    _check_shape(prediction, target, units.name)
    labelled = labelled_rows(batch, units.name)
    known = len(target) if labelled is None else int(labelled.sum())
    counts = _mean_counts(known, len(target), target.device)
    if transform is None:
        return Views(prediction, target, labelled=labelled, counts=counts, loss=units.loss)
    element = _draw(transform, num_graphs(batch), generator)
    moved = transform(batch, element=element)

    def transported() -> Tensor:
        local = element.to(prediction.device).to(prediction.dtype)
        index = row_graphs(batch, units.name)
        return units.transport(
            prediction,
            lambda values: local.act(values, units.representation, index),
            batch,
            moved,
        )

    moved_target = units.normalize(moved[units.name], moved)
    return Views(
        prediction,
        target,
        moved=MovedViews(model(moved), moved_target, transported, counts),
        transform=transform,
        labelled=labelled,
        counts=counts,
        loss=units.loss,
    )


def _draw(transform: ReplayableTransform[Any], graphs: int, generator: torch.Generator) -> Element:
    """Draw the elements of the global batch and keep this process's own.

    W processes then see what one process sees.
    """
    rank, world = process_share()
    element: Element = transform.sample(graphs * world, generator)
    return element if world == 1 else element[torch.arange(rank, len(element), world)]


def _mixed_views(
    batch: Batch,
    model: nn.Module,
    transform: ReplayableTransform[Any],
    units: TargetNormalizer,
    generator: torch.Generator,
    unmoved: float,
    step: int,
) -> Views:
    """Predict once on a batch in which some graphs are moved and the others are not."""
    graphs = num_graphs(batch)
    stays = _staying(graphs, unmoved, step)
    element = _draw(transform, graphs, generator)
    moved = transform(batch, element=element.hold(stays))
    prediction, target = model(moved), units.normalize(moved[units.name], moved)
    _check_shape(prediction, target, units.name)
    labelled = labelled_rows(batch, units.name)
    known = torch.ones(len(target), dtype=torch.bool) if labelled is None else labelled
    still = stays.to(target.device)[row_graphs(batch, units.name)]
    known = known.to(target.device)

    def no_pairs() -> Tensor:
        raise ValueError("the consistency term needs both views of a graph: set unmoved=None")

    plain, others = known & still, known & ~still
    sizes = [int(rows.sum()) for rows in (plain, others)]
    counts = [_mean_counts(size, size, target.device) for size in sizes]
    return Views(
        prediction[plain],
        target[plain],
        moved=MovedViews(prediction[others], target[others], no_pairs, counts[1]),
        transform=transform,
        counts=counts[0],
        loss=units.loss,
    )


def _staying(graphs: int, share: float, step: int) -> Tensor:
    """Return which graphs of this process stay as they are, ``[graphs]``."""
    rank, world = process_share()
    # Spread evenly over the global batch, by place: which graphs come there is random already.
    # Where batches hold no whole number of them the pattern goes on in the next one, lest small
    # batches never get their share; as a fraction, since rounding would add up over the steps.
    exact = Fraction(share).limit_denominator(10**6)
    start = step * graphs * world % exact.denominator
    place = start + torch.arange(graphs) * world + rank
    count = [number * exact.numerator // exact.denominator for number in (place, place + 1)]
    return count[1] > count[0]


def _check_shape(prediction: Tensor, target: Tensor, name: str) -> None:
    if prediction.shape != target.shape:
        raise ValueError(
            f"the model returns shape {tuple(prediction.shape)}, but target {name!r} has "
            f"shape {tuple(target.shape)}; give the model the output shape and level of the target"
        )


def _mean_counts(known: int, rows: int, device: torch.device) -> tuple[float, float] | None:
    """Average numbers of rows over processes, whose gradients will be averaged too."""
    world = process_share()[1]
    if world == 1:
        return None
    counts = torch.tensor([known, rows], dtype=torch.float64, device=device)
    distributed.all_reduce(counts)
    known_mean, rows_mean = (counts / world).tolist()
    return known_mean, rows_mean
