"""Ask held-out labels about violations of which teachers are no sufficient witnesses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.clusters import sample_sums
from semola_geo.discovery.corroboration import Corroboration, drift, smoothed, stretch
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.teachers import Pair, per_graph
from semola_geo.discovery.verdict import Thresholds, Verdict, judge_confirmed
from semola_geo.training import GraphLoader

__all__ = ["ask_labels", "corroborate"]


def ask_labels(
    problem: Problem, pairs: Sequence[Pair], spectrum: Spectrum, limits: Thresholds
) -> Spectrum:
    """Judge undecided directions again whose violation may be an error of the teachers.

    Labels are asked about directions that are violated by more than ε if teachers are believed.
    Where they bear that out, nothing is allowed for an error that teachers share, and the violation
    is judged by its interval alone.

    Args:
        problem: The data.
        pairs: Plain teachers, the same that the spectrum is from.
        spectrum: Directions and verdicts so far.
        limits: Bounds of the verdicts.
    """
    doubtful = [
        index
        for index, verdict in enumerate(spectrum.verdicts)
        if verdict is Verdict.UNDECIDED and float(spectrum.intervals[index, 0]) > limits.symmetry
    ]
    if not doubtful:
        return spectrum
    directions = spectrum.generators()[doubtful]
    answers = dict(zip(doubtful, corroborate(problem, pairs, directions), strict=True))
    confirmed = torch.zeros(len(spectrum.verdicts), dtype=torch.bool)
    confirmed[[index for index, answer in answers.items() if answer.confirmed]] = True
    verdicts = judge_confirmed(spectrum.intervals, spectrum.verdicts, confirmed, limits)
    return replace(spectrum, verdicts=verdicts, corroborations=answers)


def corroborate(problem: Problem, pairs: Sequence[Pair], directions: Tensor) -> list[Corroboration]:
    """Ask held-out labels about directions, where data come in all poses alike.

    Args:
        problem: The data.
        pairs: Teachers on disjoint halves, which were not moved along the directions.
        directions: Generators ``[k, n, n]`` in the data's units, of unit length in normalised ones.
    """
    graphs = problem.held_out
    moved = [
        max(pair)
        for pair in zip(
            drift([*problem.train, *graphs], problem.inputs, directions),
            stretch(problem.fields[problem.target], directions, problem.group.dimension),
            strict=True,
        )
    ]
    alike = [index for index, value in enumerate(moved) if value < Corroboration.ALIKE]
    answers = [Corroboration(math.nan, math.nan, value) for value in moved]
    if not alike:
        return answers
    loader = GraphLoader(graphs, 256, shuffle=False)
    products = [_products(problem, pairs, batch, directions[alike]) for batch in loader]
    for index, values in zip(alike, torch.cat(products, dim=2), strict=True):
        borne, seen = sample_sums(values, graphs, problem.settings.cluster)
        answers[index] = Corroboration.of(borne, seen, moved[index], len(alike))
    return answers


def _products(problem: Problem, pairs: Sequence[Pair], batch: Batch, directions: Tensor) -> Tensor:
    """Mean over pairs of what labels bear out, and of what both teachers see, per graph.

    Returns:
        ``[k, 2, graphs]``.
    """
    label, target = batch[problem.target].to(torch.float64), problem.fields[problem.target]
    total = torch.zeros(len(directions), 2, batch.num_graphs, dtype=torch.float64)
    for pair in pairs:
        with torch.no_grad():
            plain = [teacher(batch).to("cpu", torch.float64) for teacher in pair]
        for index, direction in enumerate(directions):
            common = (batch, problem.inputs, target, direction)
            one, two = (smoothed(f, *common, said) for f, said in zip(pair, plain, strict=True))
            first, second = plain[0] - one, plain[1] - two
            borne = ((label - two) * first + (label - one) * second) / 2
            total[index, 0] += per_graph(borne, batch)
            total[index, 1] += per_graph(first * second, batch)
    return total / len(pairs)
