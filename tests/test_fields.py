"""Declarations of fields, and what is refused."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, Data, HeteroData, TemporalData

from semola_geo.fields import Fields


def molecule(nodes=2, **fields):
    return Data(pos=torch.zeros(nodes, 3), **fields)


def test_mapping():
    fields = Fields({"pos": "point", "a": "0e+1o", "b": "ij=ji"}, 3)
    assert list(fields) == ["pos", "a", "b"] and len(fields) == 3
    assert "a" in fields and "c" not in fields
    assert repr(fields) == "Fields(pos='point', a='1x0e+1x1o', b='ij=ji')"
    assert Fields(fields, 3).declaration() == fields.declaration()
    assert Fields(fields.declaration(), 3).declaration() == fields.declaration()
    for other in (copy.deepcopy(fields), pickle.loads(pickle.dumps(fields))):
        assert dict(other) == dict(fields) and other.dimension == 3
    with pytest.raises(KeyError, match="'c' is not declared; declared: pos, a, b"):
        fields["c"]


@pytest.mark.parametrize(
    ("declaration", "error", "text"),
    [
        ({}, ValueError, "fields is empty"),
        ("pos", TypeError, "must map names"),
        (["pos"], TypeError, "must map names"),
        ({("atom", "pos"): "point"}, TypeError, "HeteroData"),
        ({"pos": "points"}, ValueError, "field 'pos': unknown representation 'points'"),
        ({"pos": 1}, TypeError, "field 'pos': a representation is a string"),
        ({"m": "pseudovector"}, ValueError, "field 'm': .*d = 3 only"),
        ({"m": "1o"}, ValueError, "field 'm': .*d = 3 only"),
        ({"refractive_index": "scalar"}, ValueError, "'refractive_index' needs another name"),
        ({"batch_force": "vector"}, ValueError, "'batch_force' needs another name"),
        ({"face": "vector"}, ValueError, "'face' needs another name"),
    ],
)
def test_declarations_that_are_refused(declaration, error, text):
    with pytest.raises(error, match=text):
        Fields(declaration, 2)


def test_pyg_would_change_the_names_that_are_refused():
    """The reason for the refusal: were it gone, so should be the refusal."""
    shifted = Batch.from_data_list([molecule(batch_force=torch.ones(2, 3))] * 2).batch_force
    joined = Batch.from_data_list([molecule(refractive_index=torch.ones(1, 1))] * 2)
    assert not torch.equal(shifted, torch.ones(4, 3))
    assert joined.refractive_index.shape == (1, 2)


@pytest.mark.parametrize(
    ("data", "error", "text"),
    [
        (molecule(), ValueError, "'dipole' is missing from the data, which has pos"),
        (molecule(dipole=None), ValueError, "'dipole' is missing"),
        (molecule(dipole=[0.0, 0.0, 0.0]), TypeError, "'dipole' must be a tensor, got list"),
        (molecule(dipole=torch.zeros(3)), ValueError, r"'dipole' has shape \(3,\).*leading axis"),
        (molecule(dipole=torch.zeros(1, 2)), ValueError, r"'dipole' has shape \(1, 2\)"),
        (molecule(dipole=torch.tensor(0.0)), ValueError, r"'dipole' has shape \(\)"),
        (molecule(dipole=torch.zeros(1, 3).long()), TypeError, "'dipole' has dtype torch.int64"),
        (molecule(dipole=torch.zeros(1, 3).cfloat()), TypeError, "'dipole' has dtype"),
        (molecule(dipole=torch.full((1, 3), torch.nan)), ValueError, "'dipole' has 3 NaN"),
        (molecule(dipole=torch.tensor([[0, 0, torch.inf]])), ValueError, "'dipole' has 1 NaN"),
        (molecule(0, dipole=torch.zeros(1, 3)), ValueError, "graph without nodes"),
        (molecule(dipole=torch.zeros(1, 3), v=torch.zeros(2)), ValueError, "field.*'v' have no"),
        (HeteroData(), TypeError, "HeteroData is not supported"),
        (TemporalData(), TypeError, "expected a torch_geometric Data or Batch, got TemporalData"),
        ([molecule()], TypeError, "expected a torch_geometric Data or Batch, got list"),
        (torch.zeros(2, 3), TypeError, "got Tensor"),
    ],
)
def test_data_that_are_refused(data, error, text):
    with pytest.raises(error, match=text):
        Fields({"pos": "point", "dipole": "vector"}, 3).validate(data)


def test_integer_coordinates_are_refused():
    with pytest.raises(TypeError, match=r"'pos' has dtype torch\.int64"):
        Fields({"pos": "point"}, 3).validate(Data(pos=torch.zeros(2, 3).long()))


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(2),
        torch.zeros(2).cfloat(),
        [torch.zeros(2), torch.zeros(3)],
        [np.zeros(2, complex)],
    ],
    ids=["array", "complex", "list", "list of arrays"],
)
def test_floating_data_that_are_no_float_tensor_are_undeclared_too(values):
    fields = Fields({"pos": "point"}, 3)
    with pytest.raises(ValueError, match=r"floating-point field.*'v' have no declared"):
        fields.validate(molecule(v=values))
    fields.validate(molecule(v=values), strict=False)
    fields.validate(molecule(names=["a", "b"], counts=np.arange(2), empty=[]))


@pytest.mark.parametrize(
    ("batch", "error", "text"),
    [
        (torch.zeros(4), TypeError, "batch must be a tensor of dtype torch.int64, got torch.float"),
        (torch.zeros(4).bool(), TypeError, "got torch.bool"),
        ([0, 0, 1, 1], TypeError, "got list"),
        (torch.zeros(4, 1).long(), ValueError, r"one entry per node, got shape \(4, 1\)"),
        (torch.tensor(0), ValueError, r"one entry per node, got shape \(\)"),
        (torch.tensor([0, 0, 1]), ValueError, "batch has 3 entries for 4 nodes"),
        (torch.tensor([], dtype=torch.long), ValueError, "batch has 0 entries for 4 nodes"),
        (torch.tensor([0, 0, -1, 1]), ValueError, "batch numbers graphs from 0, got -1"),
        (None, ValueError, "does not say how many graphs"),
    ],
)
def test_what_numbers_no_graphs_is_refused(batch, error, text):
    made = [Batch(pos=torch.zeros(4, 3), batch=batch)]
    if batch is not None:
        made.append(molecule(4, batch=batch))
    for data in made:
        with pytest.raises(error, match=text):
            Fields({"pos": "point"}, 3).validate(data)


@pytest.mark.parametrize("by_hand", [False, True])
def test_graph_without_nodes_in_a_batch(by_hand):
    batch = Batch.from_data_list([molecule(), molecule(0), molecule(3)])
    if by_hand:
        batch = Data(pos=batch.pos, batch=batch.batch)
    with pytest.raises(ValueError, match=r"graph\(s\) \[1\] of the batch have no nodes"):
        Fields({"pos": "point"}, 3).validate(batch)


def test_what_passes():
    fields = Fields({"pos": "point", "energy": "scalar", "z": "scalar", "cell": "vector"}, 3)
    data = molecule(
        energy=torch.zeros(1), z=torch.ones(2).long(), cell=torch.zeros(1, 3, 3), name="water"
    )
    fields.validate(data)
    fields.validate(Batch.from_data_list([data, data]))
    fields.validate(molecule(1, energy=torch.zeros(1), z=torch.ones(1), cell=data.cell))
    data.velocity = torch.zeros(2, 3)
    fields.validate(data, strict=False)
    Fields({"pos": "point"}, 3).validate(Data(pos=torch.zeros(2, 7, 3)))
