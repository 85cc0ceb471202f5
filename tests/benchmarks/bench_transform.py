"""What the learnable transform costs: as a share of a training step, and against PyG's rotations.

256 graphs of 18 atoms, fields pos and dipole, Aff(3), k = 6, one thread. All are timed in turn
within one run, and the fastest calls count: neighbours on a shared machine only ever add time.
The denominator is the training step of the default MPNN *without* augmentation. The script exits
with an error when a bound is missed.

    python tests/benchmarks/bench_transform.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import torch
from timing import fastest, training_step
from torch_geometric import transforms as T
from torch_geometric.data import Batch, Data

from semola_geo.transforms import LearnableSymmetryTransform

GRAPHS, ATOMS = 256, 18
LARGEST_SHARE, LEAST_SPEEDUP = 0.05, 8.0


def molecules() -> list[Data]:
    """Random positions, species and dipoles."""
    generator = torch.Generator().manual_seed(0)
    return [
        Data(
            pos=torch.randn(ATOMS, 3, generator=generator),
            z=torch.randint(1, 10, (ATOMS,), generator=generator),
            dipole=torch.randn(1, 3, generator=generator),
        )
        for _ in range(GRAPHS)
    ]


def transform_step(batch: Batch) -> Callable[[], object]:
    """Sample, exponentiate, act and pull a gradient back to the parameters."""
    transform = LearnableSymmetryTransform({"pos": "point", "dipole": "vector"}, "Aff(3)", 6)
    pos, dipole = torch.randn_like(batch.pos), torch.randn_like(batch.dipole)

    def step() -> None:
        transform.zero_grad()
        moved = transform(batch)
        torch.autograd.backward([moved.pos, moved.dipole], [pos, dipole])

    return step


def rotation_loop(graphs: list[Data]) -> Callable[[], object]:
    """PyG's rotations about three axes, graph by graph; they turn only ``pos``."""
    rotate = T.Compose([T.RandomRotate(180, axis=axis) for axis in range(3)])
    return lambda: [rotate(graph) for graph in graphs]


def main() -> int:
    """Print the table; return 1 when a bound is missed."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    graphs = molecules()
    batch = Batch.from_data_list(graphs)
    times = fastest(
        {
            "transform, forward + backward": transform_step(batch),
            "training step of the MPNN": training_step(batch),
            "loop of PyG RandomRotate": rotation_loop(graphs),
        }
    )
    for name, milliseconds in times.items():
        print(f"{name:32s}{milliseconds:9.2f} ms")
    transform, training, loop = times.values()
    share, speedup = transform / training, loop / transform
    print(f"{'share of a training step':32s}{share:9.1%}    (at most {LARGEST_SHARE:.0%})")
    print(f"{'faster than the loop':32s}{speedup:8.1f}×    (at least {LEAST_SPEEDUP:.0f}×)")
    return int(share > LARGEST_SHARE or speedup < LEAST_SPEEDUP)


if __name__ == "__main__":
    sys.exit(main())
