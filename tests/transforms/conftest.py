"""Ragged graphs with a field of every representation at every level."""

import pytest
import torch
from torch_geometric.data import Data

from semola_geo.representations import parse_representation

ANY_GROUP = ["scalar", "pseudoscalar", "vector", "covector", "ij", "ij=ji", "ijk"]
ORTHOGONAL_ONLY = ["1o", "0e+1e+2o"]


def declaration(dimension, orthogonal):
    names = ANY_GROUP + (["pseudovector"] if dimension == 3 else [])
    names += ORTHOGONAL_ONLY if dimension == 3 and orthogonal else []
    fields = {"pos": "point"}
    for number, name in enumerate(names):
        fields.update({f"{level}_{number}": name for level in ("node", "edge", "graph")})
    return fields


def build(dimension, orthogonal=False, sizes=((3, 2), (1, 0), (5, 5)), dtype=torch.float64, seed=0):
    """Return the declaration, and one ``Data`` for each (nodes, edges)."""
    generator = torch.Generator().manual_seed(seed)
    fields = declaration(dimension, orthogonal)
    graphs = []
    for nodes, edges in sizes:
        rows = {"node": nodes, "edge": edges, "graph": 1, "pos": nodes}
        edge_index = torch.randint(nodes, (2, edges), generator=generator)
        data = Data(edge_index=edge_index, z=torch.arange(nodes))
        for name, representation in fields.items():
            shape = parse_representation(representation).shape(dimension)
            rows_here = rows[name.split("_")[0]]
            data[name] = torch.randn(rows_here, *shape, generator=generator, dtype=dtype)
        graphs.append(data)
    return fields, graphs


@pytest.fixture
def ragged():
    return build


@pytest.fixture
def seeded():
    return lambda seed=0: torch.Generator().manual_seed(seed)
