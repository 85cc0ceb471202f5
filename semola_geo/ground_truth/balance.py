"""How much joint learning depends on the weights of its objective.

Every weight is multiplied by 1/10 and 10, one at a time, and a network learns a task together with
six generators of Aff(3) from a random start; the same is done to the loss of the SEMoLA paper.

    python -m semola_geo.ground_truth.balance docs/figures/loss_balancing.json

writes the measured numbers, and the figure beside them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch_geometric.data import Batch
from tqdm import tqdm

from semola_geo.comparison.store import write_json
from semola_geo.discovery.family import UNMOVED
from semola_geo.discovery.teachers import TeacherSettings, r2_on, train_teacher
from semola_geo.ground_truth.cell import task_named
from semola_geo.ground_truth.figures import save_figure
from semola_geo.ground_truth.figures.weights import draw_weights
from semola_geo.ground_truth.task import TARGET
from semola_geo.models.default import default_models
from semola_geo.training import Objective, SemolaPaperObjective, SymmetryRegularizedModule
from semola_geo.training.objective import ObjectiveLike
from semola_geo.transforms import LearnableSymmetryTransform, RandomSymmetryTransform, data_units

__all__ = ["DESCRIPTION", "FACTORS", "Choice", "choices", "learn", "main", "sweep"]

FACTORS = (0.1, 1.0, 10.0)
"""What weights are multiplied by."""

DESCRIPTION = "Angle to the true algebra and error on turned test data against each weight"
"""What a screen reader says about the figure."""

_DEFAULT = "default"
_TEST, _TEST_SEED = 1000, 10**6


@dataclass(frozen=True)
class Choice:
    """One choice of weights.

    Attributes:
        loss: ``"default"`` or ``"paper"``.
        weight: What was multiplied; ``"default"``: nothing.
        factor: By how much.
        objective: The objective.
    """

    loss: str
    weight: str
    factor: float
    objective: ObjectiveLike


def choices(factors: Sequence[float] = FACTORS) -> Iterator[Choice]:
    """Yield both objectives as they are, and with each weight multiplied by each factor.

    The share of unmoved graphs enters by its odds, 1 : 3, the ratio of the two terms it balances.
    The weight of the consistency term is 0 by default and has no multiples: the factor itself is
    its weight.

    >>> len(list(choices((1.0,))))
    3
    """
    ours, paper = Objective(unmoved=UNMOVED), SemolaPaperObjective()
    yield Choice(_DEFAULT, _DEFAULT, 1.0, ours)
    yield Choice("paper", _DEFAULT, 1.0, paper)
    for factor in factors:
        yield Choice(_DEFAULT, "equivariance", factor, Objective(equivariance=factor))
        if factor == 1.0:
            continue
        odds = factor * UNMOVED / (1.0 - UNMOVED)
        moved = {
            "augmented": Objective(augmented=factor, unmoved=UNMOVED),
            "extent": Objective(extent=factor * ours.extent, unmoved=UNMOVED),
            "unmoved": Objective(unmoved=odds / (1.0 + odds)),
        }
        theirs = {
            "augmented": SemolaPaperObjective(augmented=factor),
            "equivariance": SemolaPaperObjective(equivariance=factor),
            "nontriviality": SemolaPaperObjective(nontriviality=factor),
            "minimal norm": SemolaPaperObjective(minimal_norm=factor),
        }
        for name, objective in moved.items():
            yield Choice(_DEFAULT, name, factor, objective)
        for name, changed in theirs.items():
            yield Choice("paper", name, factor, changed)


def learn(
    objective: ObjectiveLike,
    seed: int,
    *,
    task: str = "se3_vector",
    group: str = "SE(3)",
    size: int = 500,
    steps: int = 1000,
    batch_size: int = 128,
) -> dict[str, float]:
    """Learn a task together with generators from a random start, and measure on fresh graphs.

    Args:
        objective: What is minimised.
        seed: Seed of data, network, generators and order.
        task: Name of a task of the suite.
        group: Group of the task, by whose random elements the test graphs are moved.
        size: Training graphs.
        steps: Optimiser steps.
        batch_size: Graphs a step.

    Returns:
        ``"angle"``, the largest principal angle to the true algebra in degrees; ``"test_error"``
        and ``"moved_test_error"``, root mean square errors in units of the target's deviation;
        ``"smallest_extent"`` and ``"largest_extent"``; ``"seconds"``.

    Raises:
        ValueError: For an unknown task.
    """
    began = time.process_time()
    chosen = task_named(task)
    graphs = chosen.data(size, 0.0, seed)
    scale, center = data_units([Batch.from_data_list(graphs)], "pos")
    transform = LearnableSymmetryTransform(
        chosen.fields,
        chosen.ambient,
        chosen.symmetry.dim,
        length_scale=scale,
        center=center,
        generator=torch.Generator().manual_seed(seed),
    )
    module = train_teacher(
        lambda start: default_models(graphs, chosen.fields, TARGET, seed=start)[0],
        graphs,
        TARGET,
        chosen.fields,
        # As discovery refines a candidate; only the objective differs between runs.
        TeacherSettings(steps, batch_size, lr=3e-3, progress=False),
        seed,
        transform=transform,
        objective=objective,
    )
    test = chosen.data(_TEST, 0.0, _TEST_SEED + seed)
    move = RandomSymmetryTransform(chosen.fields, group)
    source = torch.Generator().manual_seed(seed)
    moved = [move(graph, generator=source) for graph in test]
    extents = transform.extents.detach()
    return {
        "angle": max(chosen.symmetry.principal_angles(transform.algebra, scale)),
        "test_error": _error(module, test),
        "moved_test_error": _error(module, moved),
        "smallest_extent": float(extents.min()),
        "largest_extent": float(extents.max()),
        "seconds": time.process_time() - began,
    }


def _error(module: SymmetryRegularizedModule, graphs: Sequence[Any]) -> float:
    return float(max(1.0 - r2_on(module, graphs)[0], 0.0) ** 0.5)


def sweep(
    seeds: Sequence[int],
    factors: Sequence[float] = FACTORS,
    known: Sequence[Mapping[str, Any]] = (),
    **options: Any,
) -> Iterator[dict[str, Any]]:
    """Learn with every choice of weights and every seed.

    Args:
        seeds: Seeds.
        factors: What weights are multiplied by.
        known: Rows of runs that are not repeated.
        options: Of :func:`learn`.

    Yields:
        One row of plain values a run.
    """
    done = {_place(row) for row in known}
    for seed in seeds:
        for choice in choices(factors):
            row = {
                "loss": choice.loss,
                "weight": choice.weight,
                "factor": choice.factor,
                "seed": seed,
                "objective": choice.objective.configuration(),
            }
            if _place(row) not in done:
                yield {**row, **learn(choice.objective, seed, **options)}


def _place(row: Mapping[str, Any]) -> tuple[str, str, float, int]:
    return row["loss"], row["weight"], row["factor"], row["seed"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Sweep, write the numbers after every run, and draw the figure beside them.

    Runs that the file holds already, of the same steps and size, are not repeated.

    Args:
        arguments: Of the command line.
    """
    parser = argparse.ArgumentParser(prog="balance", description=__doc__.split("\n")[0])
    parser.add_argument("path", type=Path, help="JSON file to write")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3])
    parser.add_argument("--factors", type=float, nargs="+", default=list(FACTORS))
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--size", type=int, default=500)
    chosen = parser.parse_args(arguments)
    settings = {"steps": chosen.steps, "size": chosen.size}
    rows = _known(chosen.path, settings)
    for row in tqdm(sweep(chosen.seeds, chosen.factors, rows[:], **settings), unit="run"):
        rows.append(row)
        write_json(chosen.path, {"settings": settings, "runs": rows})
    drawn = chosen.path.with_suffix(".svg")
    save_figure(draw_weights, rows, drawn, DESCRIPTION)
    print(f"{chosen.path}\n{drawn}")


def _known(path: Path, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    content = json.loads(path.read_text())
    return list(content["runs"]) if content["settings"] == settings else []


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
