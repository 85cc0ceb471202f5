"""Transforms by permutations of node slots keep the contract of the others."""

import pytest
import torch
import torch_geometric.transforms as T
from torch_geometric.data import Batch, Data, HeteroData
from torch_geometric.loader import DataLoader

from semola_geo import PermutationSubgroup
from semola_geo.groups import SlotPermutation
from semola_geo.training import SymmetryRegularizedModule, fit
from semola_geo.training.loader import GraphLoader
from semola_geo.transforms import LearnablePermutationTransform, RandomPermutationTransform

FIELDS = {
    "pos": "point@slot",
    "charge": "scalar@slot",
    "z": "scalar@slot",
    "mass": "scalar",
    "edge_weight": "scalar",
    "dipole": "vector",
}
GROUP = PermutationSubgroup([[1, 2, 3, 0], [0, 3, 2, 1]])


def graph(seed=0, nodes=4):
    g = torch.Generator().manual_seed(seed)
    return Data(
        pos=torch.randn(nodes, 3, generator=g),
        charge=torch.randn(nodes, generator=g),
        z=torch.arange(nodes) + 10 * seed,
        mass=torch.randn(nodes, generator=g),
        edge_index=torch.tensor([[0, 1, 2, 3, 0], [1, 2, 3, 0, 2]]),
        edge_weight=torch.randn(5, generator=g),
        dipole=torch.randn(1, 3, generator=g),
        name=f"graph {seed}",
    )


def graphs(count=5):
    return [graph(seed) for seed in range(count)]


def make(kind, fields=FIELDS, **options):
    if kind == "random":
        return RandomPermutationTransform(fields, GROUP, **options)
    return LearnablePermutationTransform.from_group(GROUP, fields, **options)


def edges_by_labels(data):
    """Edges as (label of source, label of target, weight): independent of slots."""
    source, target = data.z[data.edge_index]
    return sorted(zip(source.tolist(), target.tolist(), data.edge_weight.tolist(), strict=True))


@pytest.mark.parametrize("kind", ["random", "learnable"])
def test_one_permutation_per_graph(kind, seeded):
    parts = graphs()
    batch = Batch.from_data_list(parts)
    before = batch.clone()
    transform = make(kind)
    moved, g = transform(batch, generator=seeded(), return_element=True)
    assert len(g) == 5 and len(g.images.unique(dim=0)) > 1
    for number, (old, new) in enumerate(zip(parts, moved.to_data_list(), strict=True)):
        images = g.images[number]
        assert GROUP.contains(images.tolist())
        for name in ("pos", "charge", "z"):
            assert torch.equal(new[name][images], old[name])
        for name in ("mass", "dipole", "edge_weight"):
            assert torch.equal(new[name], old[name])
        assert edges_by_labels(new) == edges_by_labels(old)
        alone = transform(old, element=g[number])
        for name in (*FIELDS, "edge_index"):
            assert torch.equal(alone[name], new[name]), name
        assert new.name == old.name
    again, back = transform(batch, element=g), transform.inverse(moved, g)
    for name in (*FIELDS, "edge_index"):
        assert torch.equal(again[name], moved[name])
        assert torch.equal(back[name], before[name])
        assert torch.equal(batch[name], before[name]), "the caller's data"
    assert type(moved) is type(batch) and torch.equal(moved.batch, batch.batch)


@pytest.mark.parametrize("kind", ["random", "learnable"])
def test_generators_decide(kind, seeded):
    batch, transform, state = Batch.from_data_list(graphs()), make(kind), torch.get_rng_state()
    first, again, other = (transform(batch, generator=seeded(s)).z for s in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_known_group_is_uniform(seeded):
    images = make("random").sample(8000, seeded()).images
    counts = images.unique(dim=0, return_counts=True)[1].double()
    assert len(counts) == 8
    # χ² with 7 degrees of freedom exceeds 24.3 with probability 0.001.
    assert float(((counts - 1000).square() / 1000).sum()) < 24.3


def test_all_permutations_by_name():
    transform = RandomPermutationTransform({"pos": "point@slot"}, "S(4)")
    assert transform.group.order == 24
    assert repr(transform) == (
        "RandomPermutationTransform(pos='point@slot', group='S4', num_slots=4)"
    )
    assert repr(LearnablePermutationTransform({"pos": "point@slot"}, 4)) == (
        "LearnablePermutationTransform(pos='point@slot', num_slots=4, num_generators=1)"
    )


def test_gradient_reaches_parameters_and_coordinates():
    batch = Batch.from_data_list(graphs())
    batch.pos.requires_grad_()
    transform = LearnablePermutationTransform(FIELDS, 4, 2)
    moved, g = transform(batch, return_element=True)
    weight = torch.randn_like(moved.pos)
    (moved.pos * weight).sum().backward()
    assert bool(transform.law.scores.grad.abs().sum() > 0)
    expected = weight.reshape(5, 4, 3).gather(1, g.images[..., None].expand(5, 4, 3))
    torch.testing.assert_close(batch.pos.grad, expected.flatten(0, 1))
    assert all(isinstance(value, torch.Tensor) for value in transform.state_dict().values())


def test_in_pipelines_and_workers():
    transform = LearnablePermutationTransform(FIELDS, 4)
    moved = T.Compose([transform, T.Center()])(graph())
    assert moved.pos.requires_grad

    class Few(torch.utils.data.Dataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            return transform(graph(index))

    for batch in DataLoader(Few(), batch_size=2, num_workers=1):
        assert not batch.pos.requires_grad and batch.num_graphs == 2


def test_training_with_a_permutation_transform():
    # y counts slots with unequal weights: only the exchange of the last two leaves it alone.
    g = torch.Generator().manual_seed(0)
    data = [Data(x=torch.randn(3, generator=g)) for _ in range(64)]
    for item in data:
        item.y = (item.x * torch.tensor([3.0, 1.0, 1.0])).sum()[None]
    fields = {"x": "scalar@slot", "y": "scalar"}
    group = PermutationSubgroup.from_orbits([[1, 2]], 3)

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.tensor([0.0, 1.0, -1.0]))

        def forward(self, batch):
            return batch.x.reshape(-1, 3) @ self.weight

    for transform in (
        RandomPermutationTransform(fields, group),
        LearnablePermutationTransform.from_group(group, fields),
    ):
        module = SymmetryRegularizedModule(
            Net(), transform, target="y", fields=fields, lr=0.1, max_steps=150
        )
        fit(module, GraphLoader(data, 32), progress=False, logger=None)
        weight = module.model.weight.detach()
        assert abs(float(weight[1] - weight[2])) < 0.1 * float(weight[0])
        assert transform.group == group


@pytest.mark.parametrize("kind", ["random", "learnable"])
@pytest.mark.parametrize(
    ("change", "fields", "error", "text"),
    [
        ({}, {"pos": "point"}, ValueError, "no field moves with its node"),
        ({}, {"pos": "pointy@slot"}, ValueError, "unknown representation"),
        ({"pos": torch.zeros(3, 3)}, None, ValueError, r"needs 4 rows in each graph.*has 3"),
        ({"pos": torch.full((4, 3), torch.nan)}, None, ValueError, "'pos' has 12 NaN"),
        ({"extra": torch.zeros(4)}, None, ValueError, "'extra' have no declared"),
        ({}, {**FIELDS, "edge_weight": "scalar@slot"}, ValueError, "has one row per edge"),
        ({}, {**FIELDS, "dipole": "vector@slot"}, ValueError, "needs 4 rows in each graph"),
        ({"angle_index": torch.zeros(3, 1).long()}, None, ValueError, "'angle_index' holds num"),
        ({"face": torch.zeros(3, 1).long()}, None, ValueError, "'face' holds numbers of nodes"),
        ({"adj_t": torch.eye(4).to_sparse()}, None, ValueError, "'adj_t' holds numbers"),
    ],
)
def test_data_that_are_refused(kind, change, fields, error, text):
    data = graph()
    if "pos" in change:
        data = Data(**change, charge=torch.zeros(len(change["pos"])))
        fields = {"pos": "point@slot", "charge": "scalar@slot"}
    else:
        data.update(change)
    with pytest.raises(error, match=text):
        make(kind, fields or FIELDS, strict="adj_t" not in change)(data)


def test_graphs_of_several_sizes_and_elements_that_are_refused():
    transform = make("random", {"pos": "point@slot"})
    batch = Batch.from_data_list([Data(pos=torch.zeros(n, 3)) for n in (4, 3, 5)])
    with pytest.raises(ValueError, match=r"graph 1 has 3; .* graphs of one size"):
        transform(batch)
    even = Batch.from_data_list([Data(pos=torch.zeros(4, 3))] * 2)
    for method in (lambda g: transform(even, element=g), lambda g: transform.inverse(even, g)):
        with pytest.raises(ValueError, match=r"3 permutation\(s\), but the data has 2 graph"):
            method(SlotPermutation.identity(3, 4))
        with pytest.raises(ValueError, match="permutes 5 slots, but the transform has 4"):
            method(SlotPermutation.identity(2, 5))
    with pytest.raises(TypeError, match="must be a SlotPermutation, got Tensor"):
        transform(even, element=torch.eye(4))
    with pytest.raises(TypeError, match="HeteroData"):
        transform(HeteroData())


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"group": "SO(3)"}, ValueError, "does not permute node slots"),
        ({"group": 5}, TypeError, "must be a PermutationSubgroup"),
        ({"group": "S(1)"}, ValueError, "at least two slots"),
    ],
)
def test_groups_that_are_refused(options, error, text):
    with pytest.raises(error, match=text):
        RandomPermutationTransform({"pos": "point@slot"}, **options)
    with pytest.raises(ValueError, match="trivial group has no generator"):
        LearnablePermutationTransform.from_group(PermutationSubgroup([], 3), {"x": "scalar@slot"})


def test_other_dimensions():
    data = Data(pos=torch.randn(4, 2))
    moved = RandomPermutationTransform({"pos": "point@slot"}, GROUP, dimension=2)(data)
    assert torch.equal(moved.pos.sort(0).values, data.pos.sort(0).values)
    with pytest.raises(ValueError, match="needs trailing axes"):
        RandomPermutationTransform({"pos": "point@slot"}, GROUP)(data)
