"""Coordinates and node slots are moved together, and learned together."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Batch, Data

from semola_geo import PermutationSubgroup, SymmetryRegularizedModule
from semola_geo.groups import GroupElement, ProductElement
from semola_geo.training import ClosureProjection, GraphLoader, fit
from semola_geo.transforms import (
    LearnablePermutationTransform,
    LearnableSymmetryTransform,
    ProductTransform,
    RandomPermutationTransform,
    RandomSymmetryTransform,
    named_transform,
)

FIELDS = {
    "pos": "point@slot",
    "force": "covector@slot",
    "charge": "scalar@slot",
    "dipole": "vector",
    "bond": "vector",
    "energy": "scalar",
}
GROUP = PermutationSubgroup.from_orbits([[0, 1], [2, 3]], 4)


def graph(seed=0, nodes=4):
    g = torch.Generator().manual_seed(seed)
    edge_index = torch.tensor([[0, 1, 2, 3, 0], [1, 2, 3, 0, 2]]) % nodes
    pos = torch.randn(nodes, 3, generator=g, dtype=torch.float64)
    return Data(
        pos=pos,
        force=torch.randn(nodes, 3, generator=g, dtype=torch.float64),
        charge=torch.randn(nodes, generator=g, dtype=torch.float64),
        dipole=torch.randn(1, 3, generator=g, dtype=torch.float64),
        bond=pos[edge_index[0]] - pos[edge_index[1]],
        energy=torch.randn(1, generator=g, dtype=torch.float64),
        edge_index=edge_index,
    )


def make(learnable=True, group="Aff(3)", **options):
    if learnable:
        return ProductTransform(
            LearnableSymmetryTransform(FIELDS, group, **options),
            LearnablePermutationTransform.from_group(GROUP, FIELDS),
        )
    return ProductTransform(
        RandomSymmetryTransform(FIELDS, group, extent=0.5),
        RandomPermutationTransform(FIELDS, GROUP),
    )


@settings(max_examples=10, deadline=None)
@given(st.booleans(), st.sampled_from(["Aff(3)", "E(3)", "SO(3)"]), st.integers(0, 99))
def test_replay_inverse_and_composition(learnable, group, seed):
    batch = Batch.from_data_list([graph(seed), graph(seed + 1), graph(seed + 2)])
    before, transform = batch.clone(), make(learnable, group)
    source = torch.Generator().manual_seed(seed)
    moved, g = transform(batch, generator=source, return_element=True)
    h = transform.sample(3, source)
    again, back = transform(batch, element=g), transform.inverse(moved, g)
    twice, once = transform(moved, element=h), transform(batch, element=h @ g)
    for name in (*FIELDS, "edge_index"):
        assert torch.equal(again[name], moved[name]), name
        torch.testing.assert_close(back[name], before[name])
        torch.testing.assert_close(twice[name], once[name])
        assert torch.equal(batch[name], before[name]), "the caller's data"
    # Bonds are moved as the positions that their edges name now.
    source_end, target_end = moved.edge_index
    torch.testing.assert_close(moved.bond, moved.pos[source_end] - moved.pos[target_end])


@pytest.mark.parametrize("learnable", [True, False])
def test_one_pair_per_graph_and_the_seed(learnable, seeded):
    parts = [graph(seed) for seed in range(6)]
    transform, batch = make(learnable, "E(3)"), Batch.from_data_list(parts)
    moved, g = transform(batch, generator=seeded(), return_element=True)
    assert torch.equal(transform(batch, generator=seeded()).pos, moved.pos)
    assert len(g) == 6 and len(g.permutation.images.unique(dim=0)) > 1
    assert all(map(GROUP.contains, g.permutation.images.tolist()))
    for number, (old, new) in enumerate(zip(parts, moved.to_data_list(), strict=True)):
        matrix = g.continuous[number]
        expected = old.pos @ matrix.linear[0].T + matrix.translation
        torch.testing.assert_close(new.pos[g.permutation.images[number]], expected)


def test_gradient_reaches_both_parts_and_the_coordinates():
    batch = Batch.from_data_list([graph(seed) for seed in range(5)])
    batch.pos.requires_grad_()
    transform = make(group="Aff(3)", num_generators=4)
    moved = transform(batch)
    (moved.pos * torch.randn_like(moved.pos)).sum().backward()
    for name, parameter in transform.named_parameters():
        assert bool(parameter.grad.abs().sum() > 0), name
    assert bool(batch.pos.grad.abs().sum() > 0)


def test_what_training_and_reports_ask_for():
    transform = make(group="SE(3)")
    assert transform.name == "SE(3) x S(4)" and transform.group == GROUP
    assert transform.algebra.name == "se(3)" and transform.length_scale == 1.0
    assert transform.extents is not None and transform.basis.shape == (6, 6)
    known = make(learnable=False, group="SE(3)")
    assert (known.algebra, known.extents, known.basis) == (None, None, None)
    assert repr(known).endswith("energy='scalar', group='SE(3)', group='S2 x S2', num_slots=4)")
    other = make(group="SE(3)")
    other.load_state_dict(transform.state_dict())
    assert all(isinstance(value, torch.Tensor) for value in transform.state_dict().values())
    assert isinstance(other.sample(2)[0], ProductElement)


def test_both_parts_are_trained_and_the_algebra_stays_closed():
    # y turns with nothing but a rotation about z, and allows the exchange of slots 1 and 2 alone.
    g = torch.Generator().manual_seed(0)
    fields = {"pos": "point@slot", "y": "scalar"}
    data = [Data(pos=torch.randn(3, 3, generator=g)) for _ in range(64)]
    for item in data:
        item.y = (item.pos[:, :2].square().sum(1) - 2) @ torch.tensor([2.0, 1.0, 1.0])
        item.y = item.y[None]

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.tensor([0.0, 1.0, -1.0]))

        def forward(self, batch):
            return (batch.pos[:, :2].square().sum(1) - 2).reshape(-1, 3) @ self.weight

    transform = ProductTransform(
        LearnableSymmetryTransform(fields, "SO(3)", 1, generator=g),
        RandomPermutationTransform(fields, PermutationSubgroup.from_orbits([[1, 2]], 3)),
    )
    before = float(transform.basis.detach().abs().max())
    module = SymmetryRegularizedModule(
        Net(), transform, target="y", fields=fields, lr=0.1, basis_lr=0.1, max_steps=200
    )
    fit(module, GraphLoader(data, 32), progress=False, logger=None, callbacks=[ClosureProjection()])
    weight = module.model.weight.detach()
    assert abs(float(weight[1] - weight[2])) < 0.1 * float(weight[0])
    (turn,) = transform.algebra.generators
    assert before < 0.95, "the axis had to be learned"
    assert float(turn[0, 1].abs()) > 0.95 * float(turn.norm()) / 2**0.5


@pytest.mark.parametrize(
    ("continuous", "permutation", "error", "text"),
    [
        ("fields", None, ValueError, "'pos' is 'point' in the continuous part and 'point@slot'"),
        ("missing", None, ValueError, "'energy' is 'not declared' in the continuous part"),
        ("plane", None, ValueError, "d = 2 and d = 3; say dimension=2"),
        ("swapped", None, TypeError, "continuous must be a SymmetryTransform, got RandomPerm"),
        (None, "swapped", TypeError, "permutation must be a SlotTransform, got RandomSymmetry"),
    ],
)
def test_parts_that_do_not_fit(continuous, permutation, error, text):
    slots = RandomPermutationTransform({"pos": "point@slot", "energy": "scalar"}, "S(4)")
    fields = {"pos": "point@slot", "energy": "scalar"}
    parts = {
        None: RandomSymmetryTransform(fields, "SE(3)"),
        "fields": RandomSymmetryTransform({"pos": "point", "energy": "scalar"}, "SE(3)"),
        "missing": RandomSymmetryTransform({"pos": "point@slot"}, "SE(3)"),
        "plane": RandomSymmetryTransform(fields, "SE(2)"),
        "swapped": slots,
    }
    other = {None: slots, "swapped": parts[None]}[permutation]
    with pytest.raises(error, match=text):
        ProductTransform(parts[continuous], other)


def test_graphs_and_elements_that_are_refused():
    fields = {"pos": "point@slot"}
    transform = named_transform("E(3) x S(4)", fields, Data(pos=torch.randn(4, 3)))
    ragged = Batch.from_data_list([Data(pos=torch.randn(n, 3)) for n in (4, 3, 5)])
    with pytest.raises(ValueError, match=r"graph 1 has 3; .* graphs of one size"):
        transform(ragged)
    even = Batch.from_data_list([Data(pos=torch.randn(4, 3))] * 2)
    with pytest.raises(TypeError, match="must be a ProductElement, got GroupElement"):
        transform(even, element=GroupElement.identity(2, 3))
    for size, slots, text in ((3, 4, "3 group element"), (2, 5, "permutes 5 slots")):
        with pytest.raises(ValueError, match=text):
            transform(even, element=ProductElement.identity(size, 3, slots))


def test_named_groups():
    data, fields = Data(pos=torch.randn(4, 2)), {"pos": "point@slot"}
    kinds = {
        "E(2)": RandomSymmetryTransform,
        "S(4)": RandomPermutationTransform,
        "Aff(2) x S(4)": ProductTransform,
    }
    for name, kind in kinds.items():
        transform = named_transform(name, fields, data)
        assert isinstance(transform, kind) and transform.fields.dimension == 2
        assert transform(data).pos.shape == (4, 2)
