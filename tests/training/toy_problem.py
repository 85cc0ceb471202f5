"""A tiny training run, as a library for the tests and as a program that can be killed.

python toy_problem.py OUTPUT [key=value ...]     trains and saves the final state to OUTPUT
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models import SlotDistances
from semola_geo.models.running_units import RunningUnits
from semola_geo.training import FitResult, GraphLoader, Objective, SymmetryRegularizedModule, fit
from semola_geo.transforms import LearnableSymmetryTransform

FIELDS = {"pos": "point", "dipole": "vector"}


def molecules(count: int, seed: int = 0, size: int | None = None) -> list[Data]:
    """Clouds with charges 1..3 whose dipole is a non-linear function of the positions.

    Ragged, unless a size is given.
    """
    g = torch.Generator().manual_seed(seed)
    graphs = []
    for _ in range(count):
        n = size or int(torch.randint(2, 6, (1,), generator=g))
        pos, z = torch.randn(n, 3, generator=g), torch.randint(1, 4, (n,), generator=g)
        weight = (z - 2.0).unsqueeze(1) * pos.norm(dim=1, keepdim=True)
        dipole = (weight * pos).sum(0, keepdim=True)
        graphs.append(Data(pos=pos, z=z, dipole=dipole))
    return graphs


class Cloud(nn.Module):
    """A network per atom, summed per graph (or not), with dropout."""

    def __init__(self, level: str = "graph", hidden: int = 16, dropout: float = 0.0) -> None:
        super().__init__()
        self.level = level
        self.layers = nn.Sequential(
            nn.Linear(4, hidden), nn.SiLU(), nn.Dropout(dropout), nn.Linear(hidden, 3)
        )

    def forward(self, data: Data) -> Tensor:
        species = data.z.unsqueeze(1).to(data.pos.dtype) - 2
        out = self.layers(torch.cat([data.pos, species], dim=1))
        if self.level == "node":
            return out
        batch = data.batch if "batch" in data else torch.zeros(len(out), dtype=torch.long)
        return out.new_zeros(int(batch[-1]) + 1, 3).index_add(0, batch, out)


def make_module(
    dropout: float = 0.2, level: str = "graph", network: str = "cloud", **options: Any
) -> SymmetryRegularizedModule:
    """A module with a learnable subgroup of Aff(3), the same at every call."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model: nn.Module = Cloud(level, dropout=dropout)
        if network == "units":
            model.layers.insert(0, RunningUnits(4))
        elif network == "slots":
            model = SlotDistances(
                representation="vector", level=level, output_shape=(3,), num_nodes=4
            )
    transform = LearnableSymmetryTransform(
        FIELDS, "Aff(3)", 4, generator=torch.Generator().manual_seed(1)
    )
    return SymmetryRegularizedModule(
        model, transform, target="dipole", fields=FIELDS, seed=7, **options
    )


def train(
    *,
    steps: int = 24,
    batch_size: int = 8,
    steps_per_epoch: int = 5,
    dropout: float = 0.2,
    level: str = "graph",
    mixed: bool = False,
    network: str = "cloud",
    **options: Any,
) -> tuple[SymmetryRegularizedModule, FitResult]:
    """Train; all further options go to ``fit``."""
    graphs = molecules(44, size=4 if network == "slots" else None)
    if level == "node":
        for graph in graphs:
            graph.dipole = graph.pos * graph.pos.norm(dim=1, keepdim=True)
    objective = Objective(unmoved=0.25 if mixed else None)
    module = make_module(dropout, level, network, objective=objective)
    train_loader = GraphLoader(graphs[:32], batch_size, 3, steps_per_epoch=steps_per_epoch)
    val_loader = GraphLoader(graphs[32:], 5, shuffle=False)
    options = {"progress": False, "accelerator": "cpu", "max_steps": steps, **options}
    return module, fit(module, train_loader, val_loader, **options)


def main(output: str, *arguments: str) -> None:
    """Train and save the final state, once per process."""
    options: dict[str, Any] = {}
    for argument in arguments:
        key, value = argument.split("=", 1)
        options[key] = int(value) if value.isdigit() else value
    if "dropout" in options:
        options["dropout"] = float(options["dropout"])
    module, result = train(**options)
    distributed = torch.distributed.is_initialized()
    rank = torch.distributed.get_rank() if distributed else 0
    state = {"state": module.state_dict(), "steps": result.steps, "metrics": result.metrics}
    torch.save(state, Path(output).with_suffix(f".{rank}"))


if __name__ == "__main__":
    main(*sys.argv[1:])
