"""The problem of discovering permutations: slots, fields and networks, checked."""

from __future__ import annotations

from itertools import combinations

import torch

from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.slots.response import SlotProbe
from semola_geo.discovery.support import as_batch
from semola_geo.discovery.unconstrained import ROUNDING, scrambled
from semola_geo.groups import SlotPermutation, cycle_notation
from semola_geo.transforms import permute_slots

__all__ = ["check_networks", "slot_fields"]

_GRAPHS = 32


def slot_fields(problem: Problem, num_slots: int) -> None:
    """Check that graphs have n slots, and that some input moves with its node.

    Raises:
        ValueError: If they have not, or no input is declared ``@slot``.
    """
    if not any(representation.slot for representation in problem.inputs.values()):
        raise ValueError(
            f"ambient S({num_slots}) permutes node slots, but no input moves with its node: "
            "declare those that do with '@slot', such as 'pos': 'point@slot'"
        )
    everything = as_batch([*problem.train, *problem.held_out])
    identity = SlotPermutation.identity(everything.num_graphs, num_slots)
    permute_slots(everything, problem.fields, identity)


def check_networks(problem: Problem, factory: NetworkFactory, num_slots: int) -> None:
    """Refuse networks that permutations cannot change, whatever they have learned.

    Message passing, or a sum over nodes, is symmetric by construction: its teachers would pass
    every test, and say nothing about the data. Weights are drawn at random here, untrained.

    Raises:
        ValueError: If exchanging two slots, or turning or reversing their order, leaves the answers
            of such a network as they are, up to rounding.
    """
    network = scrambled(factory(problem.seed), problem.seed)
    probe = SlotProbe(
        [(network, network)],
        problem.train[:_GRAPHS],
        problem.inputs,
        problem.fields[problem.target],
        num_slots,
    )
    with torch.no_grad():
        batch = probe.batch()
        if network(batch).shape != batch[problem.target].shape:
            return  # Training will tell this mistake.
    images = _plain_permutations(num_slots)
    moves = float(probe.effects.abs().max()) > 0
    blind = (probe.violations(torch.tensor(images)) < ROUNDING).nonzero().flatten().tolist()
    if moves and blind:
        raise ValueError(
            f"the model gives the same answers after {cycle_notation(images[blind[0]])} of the "
            f"nodes ({len(blind)} of {len(images)} permutations that were tried), whatever its "
            "weights: it would find this symmetry in any data. Use a network that can tell node "
            "slots apart, such as semola_geo.models.SlotMLP, or leave model=None"
        )


def _plain_permutations(slots: int) -> list[tuple[int, ...]]:
    """Exchanges of two slots, the turn of a ring by one slot, and its reversal."""
    images = []
    for one, two in combinations(range(slots), 2):
        image = list(range(slots))
        image[one], image[two] = two, one
        images.append(tuple(image))
    turn = (*range(1, slots), 0)
    return list(dict.fromkeys([*images, turn, tuple(reversed(range(slots)))]))
