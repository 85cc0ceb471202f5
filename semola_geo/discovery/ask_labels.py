"""Ask held-out labels about violations of which teachers are no sufficient witnesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.clusters import cluster_sums
from semola_geo.discovery.corroboration import Corroboration, drift, smoothed
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.teachers import Pair, per_graph
from semola_geo.discovery.verdict import Thresholds, Verdict, judge_confirmed
from semola_geo.fields import Fields
from semola_geo.training import GraphLoader
from semola_geo.training.labels import labelled_graphs

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
    generators = spectrum.generators()
    answers = {
        index: corroborate(problem, pairs, generators[index], len(doubtful)) for index in doubtful
    }
    confirmed = torch.zeros(len(spectrum.verdicts), dtype=torch.bool)
    confirmed[[index for index, answer in answers.items() if answer.confirmed]] = True
    verdicts = judge_confirmed(spectrum.intervals, spectrum.verdicts, confirmed, limits)
    return replace(spectrum, verdicts=verdicts, corroborations=answers)


def corroborate(
    problem: Problem, pairs: Sequence[Pair], direction: Tensor, comparisons: int = 1
) -> Corroboration:
    """Ask held-out labels about one direction.

    Args:
        problem: The data.
        pairs: Teachers on disjoint halves, which were not moved along the direction.
        direction: Generator ``[n, n]`` in the data's units, of unit length in normalised ones.
        comparisons: How many directions are asked about in all (Bonferroni).
    """
    graphs, target = problem.held_out, problem.target
    parts, known = [], []
    for batch in GraphLoader(graphs, 256, shuffle=False):
        mask = labelled_graphs(batch)
        known.append(torch.ones(batch.num_graphs).bool() if mask is None else mask)
        products = [_products(pair, batch, problem.fields, target, direction) for pair in pairs]
        parts.append(torch.stack(products).mean(0))
    sums = cluster_sums(torch.cat(parts, dim=1), torch.cat(known), graphs, problem.settings.cluster)
    moved = drift([*problem.train, *graphs], problem.inputs, direction)
    return Corroboration.of(sums[0], sums[1], moved, comparisons)


def _products(pair: Pair, batch: Batch, declared: Fields, target: str, direction: Tensor) -> Tensor:
    """Per graph: what labels bear out, and what both teachers see, ``[2, graphs]``."""
    (one, one_mean), (two, two_mean) = (
        smoothed(teacher, batch, declared, target, direction) for teacher in pair
    )
    label = batch[target].to(torch.float64)
    first, second = one - one_mean, two - two_mean
    borne = ((label - two_mean) * first + (label - one_mean) * second) / 2
    return torch.stack([per_graph(borne, batch), per_graph(first * second, batch)])
