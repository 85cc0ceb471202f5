"""What permuting node slots costs, as a share of a training step.

256 graphs of 18 nodes, fields pos, z and dipole, one thread, timed in turn within one run; the
fastest calls count. The denominator is the training step of the default MPNN *without*
augmentation. The script exits with an error when the bound is missed.

    python tests/benchmarks/bench_permutation.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import torch
from timing import fastest, training_step
from torch_geometric.data import Batch, Data

from semola_geo import PermutationSubgroup
from semola_geo.transforms import LearnablePermutationTransform, RandomPermutationTransform

GRAPHS, NODES = 256, 18
LARGEST_SHARE = 0.05
FIELDS = {"pos": "point@slot", "z": "scalar@slot", "dipole": "vector"}


def molecules() -> Batch:
    """Random positions, species and dipoles."""
    generator = torch.Generator().manual_seed(0)
    graphs = [
        Data(
            pos=torch.randn(NODES, 3, generator=generator),
            z=torch.randint(1, 10, (NODES,), generator=generator),
            dipole=torch.randn(1, 3, generator=generator),
        )
        for _ in range(GRAPHS)
    ]
    return Batch.from_data_list(graphs)


def known_group(batch: Batch) -> Callable[[], object]:
    """Sample uniformly from S6 x S12 and act."""
    group = PermutationSubgroup.from_orbits([range(6), range(6, 18)], NODES)
    transform = RandomPermutationTransform(FIELDS, group)
    return lambda: transform(batch)


def learnable(batch: Batch) -> Callable[[], object]:
    """Sample words in two generators (S(n) needs no more), act, and pull a gradient back."""
    transform = LearnablePermutationTransform(FIELDS, NODES, 2)
    pull = torch.randn_like(batch.pos)

    def step() -> None:
        transform.zero_grad()
        transform(batch).pos.backward(pull)

    return step


def main() -> int:
    """Print the table; return 1 when the bound is missed."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    batch = molecules()
    calls = {
        "known group": known_group(batch),
        "learnable, forward + backward": learnable(batch),
        "training step of the MPNN": training_step(batch),
    }
    best = fastest(calls)
    training = best["training step of the MPNN"]
    for name, milliseconds in best.items():
        print(f"{name:32s}{milliseconds:9.2f} ms{milliseconds / training:9.2%}")
    print(f"{'largest share allowed':32s}{LARGEST_SHARE:21.0%}")
    return int(
        max(best["known group"], best["learnable, forward + backward"]) > LARGEST_SHARE * training
    )


if __name__ == "__main__":
    sys.exit(main())
