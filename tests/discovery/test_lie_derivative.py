from __future__ import annotations

import copy

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.discovery.lie_derivative import displacements, lie_derivative, output_probes
from semola_geo.fields import Fields, num_graphs
from semola_geo.groups import GroupElement, matrix_exponential, parse_ambient

STEP = 1e-4


def generic(shape, level):
    """A teacher without any symmetry, with outputs of a shape, on graphs or on nodes."""

    def teacher(batch):
        pos, vel = batch.pos, batch.vel
        size = 1
        for axis in shape:
            size *= axis
        weight = torch.linspace(-1, 1, 2 * pos.shape[1] * size, dtype=pos.dtype)
        weight = weight.reshape(2 * pos.shape[1], size)
        rows = torch.tanh(torch.cat([pos, vel], 1) @ weight + 0.2 * pos.square().sum(1, True))
        if level == "graph":
            rows = rows.new_zeros(batch.num_graphs, size).index_add(0, batch.batch, rows)
        return rows.reshape(-1, *shape)

    return teacher


def act(batch, fields, element):
    moved = copy.copy(batch)
    for name, representation in fields.items():
        moved[name] = element.act(batch[name], representation, batch.batch)
    return moved


@pytest.mark.parametrize("level", ["graph", "node"])
@pytest.mark.parametrize(
    ("representation", "shape"),
    [("scalar", ()), ("vector", (3,)), ("covector", (3,)), ("point", (3,)), ("pseudovector", (3,)),
     ("ij=ji", (3, 3))],
)  # fmt: skip
def test_columns_equal_finite_differences(batch_of, level, representation, shape):
    # Central differences of F(exp(hE) x) - rho(exp(hE)) F(x): error O(h^2) and rounding O(eps/h),
    # so 1e-6 relative at h = 1e-4.
    batch, group = batch_of(5, 3, vel=True), parse_ambient("Aff(3)")
    declared = Fields({"pos": "point", "vel": "covector", "y": representation}, 3)
    inputs = Fields({"pos": "point", "vel": "covector"}, 3)
    teacher = generic(shape, level)
    moved = displacements(batch, inputs, group.basis)
    found = lie_derivative(teacher, batch, declared, "y", moved, group.basis, probe_seed=3)
    plain = teacher(batch)
    graph_level = level == "graph"
    index = torch.arange(5) if graph_level else batch.batch
    probes = output_probes(plain, graph_level, torch.Generator().manual_seed(3))
    for direction in range(len(group)):
        sides = []
        for sign in (1, -1):
            matrix = matrix_exponential(sign * STEP * group.basis[direction])[None].expand(5, 4, 4)
            element = GroupElement(matrix.contiguous(), True)
            sides.append(
                teacher(act(batch, inputs, element)) - element.act(plain, declared["y"], index)
            )
        change = ((sides[0] - sides[1]) / (2 * STEP)).reshape(len(plain), -1)
        per_row = (probes * change).sum(2)
        expected = torch.zeros(len(probes), 5, dtype=torch.float64).index_add(1, index, per_row)
        torch.testing.assert_close(found.columns[..., direction], expected, rtol=1e-6, atol=1e-6)


def test_displacements_leave_out_what_is_invariant_and_flatten_channels():
    data = Data(pos=torch.randn(2, 3), cell=torch.randn(1, 3, 3), z=torch.tensor([1, 2]))
    fields = Fields({"pos": "point", "cell": "vector", "z": "scalar"}, 3)
    moved = displacements(data, fields, parse_ambient("SE(3)").basis)
    assert {name: tuple(v.shape) for name, v in moved.items()} == {
        "pos": (2, 6, 3),
        "cell": (1, 6, 9),
    }
    assert moved["pos"].dtype == torch.float64
    translations = parse_ambient("SE(3)").basis[:, :3, :3].flatten(1).norm(dim=1) == 0
    assert moved["cell"][:, translations].abs().max() == 0


def test_random_probes_have_unit_second_moment():
    # The mean of u u^T over signs is exactly 1 on the diagonal; off it, 1/sqrt(8 N) on average.
    probes = output_probes(torch.zeros(2000, 3), False, torch.Generator().manual_seed(0))
    second = torch.einsum("prw,prv->rwv", probes, probes)
    torch.testing.assert_close(second.diagonal(dim1=1, dim2=2), torch.ones(2000, 3).double())
    assert (second[:, 0, 1].mean()).abs() < 4 / (8 * 2000) ** 0.5


def test_one_node_per_graph_is_graph_level(batch_of):
    batch = batch_of(6, 1)
    fields = Fields({"pos": "point", "y": "vector"}, 3)
    basis = parse_ambient("SO(3)").basis
    moved = displacements(batch, Fields({"pos": "point"}, 3), basis)
    found = lie_derivative(lambda b: b.pos * 2, batch, fields, "y", moved, basis)
    assert found.columns.shape == (3, 6, 3)
    assert found.columns.abs().max() < 1e-12


def test_the_batch_is_left_alone(batch_of):
    batch = batch_of(3, 2)
    before = batch.pos.clone()
    fields = Fields({"pos": "point", "y": "scalar"}, 3)
    basis = parse_ambient("SO(3)").basis
    moved = displacements(batch, Fields({"pos": "point"}, 3), basis)
    lie_derivative(lambda b: b.pos.reshape(3, -1).sum(1), batch, fields, "y", moved, basis)
    assert torch.equal(batch.pos, before)
    assert not batch.pos.requires_grad
    assert "y" not in batch


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        (lambda b: torch.zeros(num_graphs(b), 3), "does not depend on pos"),
        (lambda b: b.pos[:2], "returned 2 rows"),
        (lambda b: b.pos.reshape(4, -1)[:, :2], "needs trailing axes"),
        (lambda b: b.pos.reshape(4, -1)[:, :3] * float("nan"), "NaN"),
    ],
)
def test_wrong_teachers_are_named(batch_of, teacher, message):
    batch = batch_of(4, 3)
    fields = Fields({"pos": "point", "y": "vector"}, 3)
    basis = parse_ambient("SO(3)").basis
    moved = displacements(batch, Fields({"pos": "point"}, 3), basis)
    with pytest.raises(ValueError, match=message):
        lie_derivative(teacher, batch, fields, "y", moved, basis)


def test_edge_vectors_move_and_belong_to_their_graph():
    graphs = []
    for edges in (2, 3):
        index = torch.randint(2, (2, edges), generator=torch.Generator().manual_seed(edges))
        arrow = torch.randn(edges, 3, dtype=torch.float64)
        graphs.append(Data(edge_index=index, arrow=arrow, num_nodes=2))
    batch = Batch.from_data_list(graphs)
    fields = Fields({"arrow": "vector", "y": "vector"}, 3)
    basis = parse_ambient("GL(3)").basis
    moved = displacements(batch, Fields({"arrow": "vector"}, 3), basis)

    def teacher(b):
        owner = b.batch[b.edge_index[0]]
        return b.arrow.new_zeros(2, 3).index_add(0, owner, b.arrow)

    found = lie_derivative(teacher, batch, fields, "y", moved, basis)
    assert found.columns.abs().max() < 1e-12
    assert found.output_motion.abs().max() > 0.1
