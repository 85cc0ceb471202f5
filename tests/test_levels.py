"""Which graph a row belongs to, at every level and however the batch was made."""

import warnings

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.levels import num_graphs, num_nodes, row_graphs


def graph(nodes, edges, **fields):
    edge_index = torch.zeros(2, edges, dtype=torch.long)
    return Data(
        pos=torch.zeros(nodes, 3),
        edge_index=edge_index,
        edge_vector=torch.zeros(edges, 3),
        bond=torch.zeros(edges, 3),
        dipole=torch.zeros(1, 3),
        **fields,
    )


def expected_rows(counts):
    return [i for i, count in enumerate(counts) for _ in range(count)]


def without_slices(batch):
    """The same graphs as a plain ``Data``, as made by hand or by other loaders."""
    fields = batch.to_dict()
    return Data(**{name: value for name, value in fields.items() if name != "ptr"})


# The last four are ambiguous: edges = nodes, edges = nodes in total only, edges = graphs, one atom.
SIZES = [
    [(3, 2), (5, 4), (1, 0)],
    [(3, 3), (2, 2)],
    [(3, 1), (2, 4)],
    [(2, 2), (3, 0)],
    [(1, 0), (1, 0), (1, 0)],
]


@pytest.mark.parametrize("sizes", SIZES)
def test_levels_of_a_batch(sizes):
    batch = Batch.from_data_list([graph(*size) for size in sizes])
    assert num_graphs(batch) == len(sizes)
    nodes, edges = zip(*sizes, strict=True)
    assert row_graphs(batch, "pos").tolist() == expected_rows(nodes)
    assert row_graphs(batch, "edge_vector").tolist() == expected_rows(edges)
    assert row_graphs(batch, "bond").tolist() == expected_rows(edges)
    assert row_graphs(batch, "dipole").tolist() == list(range(len(sizes)))


@pytest.mark.parametrize("sizes", SIZES)
def test_levels_without_slices_follow_row_counts_and_names(sizes):
    batch = without_slices(Batch.from_data_list([graph(*size) for size in sizes]))
    assert num_graphs(batch) == len(sizes)
    nodes, edges = zip(*sizes, strict=True)
    assert row_graphs(batch, "pos").tolist() == expected_rows(nodes)
    assert row_graphs(batch, "edge_vector").tolist() == expected_rows(edges)
    assert row_graphs(batch, "dipole").tolist() == list(range(len(sizes)))


def test_fields_added_after_collation():
    batch = Batch.from_data_list([graph(3, 2), graph(2, 5)])
    batch.velocity = torch.zeros(5, 3)
    batch.moment = torch.zeros(2, 3)
    assert row_graphs(batch, "velocity").tolist() == [0, 0, 0, 1, 1]
    assert row_graphs(batch, "moment").tolist() == [0, 1]
    batch.dipole = torch.zeros(5, 3)  # another level than the stored slices say
    assert row_graphs(batch, "dipole").tolist() == [0, 0, 0, 1, 1]


def test_points_under_a_name_from_which_pyg_infers_no_nodes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = Data(q=torch.zeros(2, 3))
        assert num_nodes(data) is None
        assert row_graphs(data, "q").tolist() == [0, 0]
        batch = Batch.from_data_list([data, Data(q=torch.zeros(3, 3))])
        assert row_graphs(batch, "q").tolist() == [0, 0, 1, 1, 1]


@pytest.mark.parametrize("shape", [(3,), (4, 3), ()])
def test_rows_of_no_level(shape):
    data = Data(pos=torch.zeros(2, 3), moment=torch.zeros(shape))
    with pytest.raises(ValueError, match=r"'moment' of shape .* leading dimension of 1"):
        row_graphs(data, "moment")
