"""Equivariance error against distance from the identity."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.fields import Fields
from semola_geo.groups import GroupElement, matrix_exponential
from semola_geo.training import SymmetryRegularizedModule
from semola_geo.transforms import move_by

__all__ = ["DISTANCES", "equivariance_curve"]

DISTANCES = (0.1, 0.3, 0.6, 1.0, 1.5, 2.2, 3.0)


def equivariance_curve(
    module: SymmetryRegularizedModule,
    batch: Batch,
    fields: Fields,
    generators: Tensor,
    seed: int = 0,
) -> list[float]:
    r"""Measure :math:`\|F(gx) - \rho(g)F(x)\|` for :math:`g = \exp(s\,v)` and growing s.

    Args:
        module: Trained module.
        batch: Held-out graphs.
        fields: Declared fields, the target among them.
        generators: Generators ``[k, n, n]`` of the algebra in the data's units, of unit length in
            normalised units; v is a random unit combination for every graph.
        seed: Seed of the directions.

    Returns:
        One error per distance in :data:`DISTANCES`, in units of the target's deviation.
    """
    generator = torch.Generator().manual_seed(seed)
    graphs = batch.num_graphs
    weights = torch.randn(graphs, len(generators), generator=generator, dtype=torch.float64)
    weights = torch.nn.functional.normalize(weights, dim=1)
    directions = (weights @ generators.flatten(1)).reshape(graphs, *generators.shape[1:])
    affine = generators.shape[-1] == fields.dimension + 1
    target = module.target
    inputs = Fields({name: rep for name, rep in fields.items() if name != target}, fields.dimension)
    errors = []
    with torch.no_grad():
        plain = module(batch)
        index = (
            torch.arange(graphs, device=plain.device)
            if plain.shape[0] == graphs
            else batch.batch.to(plain.device)
        )
        for distance in DISTANCES:
            element = GroupElement(matrix_exponential(distance * directions), affine)
            local = element.to(plain.dtype)
            moved = move_by(batch, inputs, local)
            expected = local.act(plain, fields[target], index)
            difference = (module(moved) - expected) / module.units.scale.to(plain.dtype)
            errors.append(float(difference.square().mean().sqrt()))
    return errors
