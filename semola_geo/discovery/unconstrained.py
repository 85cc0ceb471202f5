"""A network that is symmetric by construction is no witness: it would find that in any data."""

from __future__ import annotations

import torch
from torch import nn

from semola_geo.discovery.answers import Answers
from semola_geo.discovery.eigen import solve_supported
from semola_geo.discovery.measure import unknown_output_forms, violation_forms
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.spectrum import to_data_units
from semola_geo.discovery.support import as_batch
from semola_geo.groups import TimeReversal
from semola_geo.training import GraphLoader

__all__ = ["ROUNDING", "check_directions", "check_time", "scrambled"]

_GRAPHS = 32
# A linear network is unmoved along directions that its weights choose; several share none of these.
_DRAWS = 4
# Relative violation of rounding errors; that of a network which can tell is of order one.
ROUNDING = 1e-6
_INSTEAD = (
    "whatever its weights: it would find this symmetry in any data. Use a network that is not "
    "constrained, such as semola_geo.models.MPNN, or leave model=None"
)


def check_directions(problem: Problem, factory: NetworkFactory) -> None:
    """Refuse networks that directions of the ambient group cannot change.

    Args:
        problem: The data.
        factory: Makes the network; its weights are drawn at random here, untrained.

    Raises:
        ValueError: If such networks are equivariant along a direction, up to rounding.
    """
    pairs = [(network, network) for network in _draws(problem, factory)]
    if not pairs:
        return
    loader = GraphLoader(problem.train[:_GRAPHS], _GRAPHS, shuffle=False)
    common = (pairs, loader, problem.fields, problem.inputs, problem.target)
    if problem.settings.output == "unknown":
        forms = unknown_output_forms(*common, problem.generators)[0]
    else:
        forms = violation_forms(*common, problem.generators, weigh=False)
    found = solve_supported(forms, None, limit=0.5)
    blind = found.directions[:, found.values.abs() < ROUNDING]
    if blind.shape[1]:
        algebra = to_data_units(blind.T, problem.group, problem.length_scale, problem.center)
        raise ValueError(
            f"the model is equivariant along {blind.shape[1]} of {len(problem.group)} directions "
            f"of ambient {problem.group.name!r} ({algebra.name}) {_INSTEAD}, or ask for a group "
            "without these directions"
        )


def check_time(problem: Problem, factory: NetworkFactory) -> None:
    """Refuse networks whose answers time reversal cannot change; arguments as above.

    Raises:
        ValueError: If such networks are equivariant under it, as those are that read no odd input.
    """
    change = size = 0.0
    batch, target = as_batch(problem.train[:_GRAPHS]), problem.fields[problem.target]
    for network in _draws(problem, factory):
        answers = Answers([(network, network)], batch, problem.inputs, target)
        still = answers.still(network)
        moved = answers.moved(network, TimeReversal.everywhere(answers.graphs))
        change += float((moved - still).square().sum())
        size += float(still.square().sum() + moved.square().sum())
    if size > 0 and change < ROUNDING * size:
        odd = ", ".join(repr(name) for name, rep in problem.inputs.items() if rep.odd)
        raise ValueError(
            f"the model answers the same when odd inputs ({odd}) change their sign {_INSTEAD}"
        )


def scrambled(network: nn.Module, seed: int) -> nn.Module:
    """Add noise to all weights: some networks start at a constant."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in network.parameters():
        noise = torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)
        parameter.data += 0.1 * noise
    return network.eval()


def _draws(problem: Problem, factory: NetworkFactory) -> list[nn.Module]:
    """Scrambled networks; none where their answers have another shape: training will tell."""
    networks = [scrambled(factory(seed), seed) for seed in range(_DRAWS)]
    batch = as_batch(problem.train[:_GRAPHS])
    with torch.no_grad():
        fits = networks[0](batch).shape == batch[problem.target].shape
    return networks if fits else []
