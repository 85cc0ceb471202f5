"""What a trained model is measured by, beyond its loss."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from semola_geo.comparison.score import MEAN_ABSOLUTE_ERROR, Score
from semola_geo.fields import row_graphs
from semola_geo.transforms import ReplayableTransform

__all__ = ["mean_score", "moved_score", "num_parameters", "peak_memory", "throughput"]

Predictor = Callable[[Data], Tensor]


def mean_score(
    predict: Predictor,
    batches: Iterable[Data],
    target: str,
    score: Score = MEAN_ABSOLUTE_ERROR,
) -> float:
    """Return how good predictions of test data are.

    Args:
        predict: Trained model; ``predict(batch)`` has the shape of ``batch[target]``.
        batches: Mini-batches of test data.
        target: Name of the target.
        score: How that is measured.

    Raises:
        ValueError: If a prediction has another shape than the target, or there is no data.

    >>> data = Data(pos=torch.zeros(1, 3), dipole=torch.ones(1, 3))
    >>> mean_score(lambda batch: torch.zeros(1, 3), [data], "dipole")
    1.0
    """
    total, count = 0.0, 0
    with torch.no_grad():
        for batch in batches:
            values = _values(score, predict(batch), batch, target)
            total += float(values.sum(dtype=torch.float64))
            count += values.numel()
    if not count:
        raise ValueError("there is no test data to measure an error on")
    return score.scale * total / count


def moved_score(
    predict: Predictor,
    batches: Sequence[Data],
    target: str,
    mover: ReplayableTransform[Any],
    score: Score = MEAN_ABSOLUTE_ERROR,
    *,
    scale: float = 1.0,
    samples: int = 3,
    seed: int = 0,
) -> tuple[float, float]:
    r"""Return the score on test data that a known group moved, and the equivariance error.

    The equivariance error is the root mean square of :math:`F(gx) - \rho(g)F(x)` per component,
    divided by ``scale``. With the scale of the normalised target it is 0 for an equivariant model
    and about 1 for one that ignores the group.

    Args:
        predict: Trained model.
        batches: Mini-batches of test data.
        target: Name of the target.
        mover: Samples the group; declares the fields, the target among them.
        score: How good predictions are measured to be.
        scale: Unit of the equivariance error, in the target's unit.
        samples: Elements per graph to average over.
        seed: Seed of the elements.

    Raises:
        ValueError: If there is no test data.

    >>> from semola_geo.transforms import RandomSymmetryTransform
    >>> turn = RandomSymmetryTransform({"pos": "point", "dipole": "vector"}, "SO(3)")
    >>> data = Data(pos=torch.eye(3), dipole=torch.ones(1, 3))
    >>> error, violation = moved_score(
    ...     lambda batch: batch.pos.sum(0, keepdim=True), [data], "dipole", turn)
    >>> error < 1e-6, violation < 1e-6
    (True, True)
    """
    generator = torch.Generator().manual_seed(seed)
    total, count, violation, components = 0.0, 0, 0.0, 0
    with torch.no_grad():
        for batch in batches:
            prediction = predict(batch).double()
            index = row_graphs(batch, target)
            for _ in range(samples):
                moved, element = mover(batch, generator=generator, return_element=True)
                answer = predict(moved)
                values = _values(score, answer, moved, target)
                total += float(values.sum(dtype=torch.float64))
                count += values.numel()
                expected = element.act(prediction, mover.fields[target], index)
                violation += float((answer.double() - expected).square().sum())
                components += answer.numel()
    if not count:
        raise ValueError("there is no test data to measure an error on")
    return score.scale * total / count, (violation / components) ** 0.5 / scale


def throughput(predict: Predictor, batch: Batch, *, seconds: float = 1.0) -> float:
    """Return the number of graphs a second that inference processes.

    The fastest pass counts: whatever else the machine does can only slow a pass down, and the
    median of a few passes was seen to differ threefold between copies of one network.

    Args:
        predict: Trained model.
        batch: One mini-batch; the same for all models that are compared.
        seconds: How long to repeat passes; at least three are timed.
    """
    passes: list[float] = []
    with torch.no_grad():
        for _ in range(2):
            predict(batch)
        while len(passes) < 3 or sum(passes) < seconds:
            start = time.perf_counter()
            predict(batch)
            passes.append(time.perf_counter() - start)
    return float(batch.num_graphs) / min(passes)


def num_parameters(model: nn.Module) -> int:
    """Return the number of trainable parameters.

    >>> num_parameters(nn.Linear(3, 2))
    8
    """
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def peak_memory() -> float:
    """Return the peak resident memory of this process, in MB (10⁶ bytes).

    >>> peak_memory() > 10
    True
    """
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _values(score: Score, prediction: Tensor, batch: Data, target: str) -> Tensor:
    wanted = batch[target]
    if prediction.shape != wanted.shape:
        raise ValueError(
            f"the model returned shape {tuple(prediction.shape)} for target {target!r} of shape "
            f"{tuple(wanted.shape)}; both must agree"
        )
    return score.values(prediction, wanted)
