"""Analytic teachers on slots: an exact function plus an independent, smooth error each."""

import torch
from torch_geometric.data import Data

from semola_geo.discovery.slots.response import SlotProbe
from semola_geo.fields import Fields
from semola_geo.representations import parse_representation


def ring(x):
    """C_n: neighbours play different parts."""
    return (x.sin() * (x.roll(-1, 1).cos() - 0.5)).sum(1)


def mirror_ring(x):
    """D_n."""
    return (x.sin() * x.roll(-1, 1).sin()).sum(1)


def blocks(x):
    """S2 x S(n − 2)."""
    return x[:, :2].sin().sum(1) - x[:, 2:].tanh().sum(1) + x[:, :2].prod(1) * x[:, 2:].sum(1) / 4


def weighted(x):
    """No symmetry."""
    return (torch.linspace(0.3, 2.0, x.shape[1], dtype=x.dtype) * x.sin()).sum(1)


def nodewise(x):
    """Equivariant under D_n, one value per slot."""
    return x.sin() * (x.roll(1, 1) + x.roll(-1, 1)).cos()


def total(x):
    """S_n."""
    return x.sin().sum(1)


def nothing(x):
    """No signal at all."""
    return 0 * x.sum(1)


def noisy(function, slots, size, seed):
    g = torch.Generator().manual_seed(seed)
    inner = torch.randn(slots, 24, generator=g, dtype=torch.float64) / slots**0.5
    outer = size * torch.randn(24, generator=g, dtype=torch.float64)
    phase = 6.3 * torch.rand(24, generator=g, dtype=torch.float64)

    def teacher(batch):
        x = batch.x.double().reshape(-1, slots)
        values = function(x)
        error = (2 * x @ inner + phase).sin() @ outer / 24**0.5
        return (values + (error if values.dim() == 1 else error[:, None])).flatten()

    return teacher


def pairs_of(function, slots, size=0.1, count=3, seed=0):
    seeds = iter(range(100 * seed, 100 * seed + 2 * count))
    return [
        (noisy(function, slots, size, next(seeds)), noisy(function, slots, size, next(seeds)))
        for _ in range(count)
    ]


def readings(count, slots, seed=0):
    g = torch.Generator().manual_seed(seed)
    return [Data(x=torch.randn(slots, generator=g, dtype=torch.float64)) for _ in range(count)]


def probe_of(name, slots, target="scalar", graphs=400, **options):
    return SlotProbe(
        pairs_of(globals()[name], slots, **options),
        readings(graphs, slots),
        Fields({"x": "scalar@slot"}, 3),
        parse_representation(target),
        slots,
    )
