"""Generated tasks on slots: exact symmetry, no more than that, and repeatable."""

import pytest
import torch
from torch_geometric.data import Batch

from semola_geo import PermutationSubgroup
from semola_geo.datasets import LabelledBodies, SensorRing, SpeciesMixture

TASKS = [
    (SensorRing, "chiral", "C8"),
    (SensorRing, "achiral", "D8"),
    (SensorRing, "distinct", "trivial"),
    (LabelledBodies, "energy", "S2 x S3"),
    (LabelledBodies, "force", "S2 x S3"),
    (SpeciesMixture, "mixture", "S8 x S8 x S16"),
]


def moved(values, image):
    """Move slots: the entry of slot i goes to slot image[i]."""
    result = torch.empty_like(values)
    result[:, image] = values
    return result


@pytest.mark.parametrize(("kind", "target", "name"), TASKS)
def test_the_symmetry_is_exactly_what_is_said(kind, target, name):
    task = kind([target], size=16)
    group = kind.symmetry(target)
    assert group.name == name and group.num_slots == kind.NUM_SLOTS
    inputs = task.draw(50, torch.Generator().manual_seed(1))
    plain = task.label(target, inputs)
    per_node = kind.TARGETS[target].endswith("@slot")
    everything = PermutationSubgroup.from_orbits([range(kind.NUM_SLOTS)], kind.NUM_SLOTS)
    generator = torch.Generator().manual_seed(2)
    images = [*group.sample(20, generator), *everything.sample(60, generator)]
    images += [torch.tensor(image) for image in everything.generators]
    for image in images:
        after = task.label(target, {n: moved(v, image) for n, v in inputs.items()})
        expected = moved(plain, image) if per_node else plain
        error = float((after - expected).square().mean() / plain.var())
        if group.contains(image.tolist()):
            assert error < 1e-20
        else:
            assert error > 1e-3


def test_forces_are_minus_the_gradient_of_the_energy():
    task = LabelledBodies(["energy"], size=16)
    inputs = task.draw(5, torch.Generator().manual_seed(0))
    inputs["pos"].requires_grad_()
    (gradient,) = torch.autograd.grad(task.label("energy", inputs).sum(), inputs["pos"])
    torch.testing.assert_close(task.label("force", inputs).detach(), -gradient)


@pytest.mark.parametrize(("kind", "target", "name"), TASKS)
def test_graphs_splits_and_seeds(kind, target, name):
    train, val, test = (kind([target], split, size=64) for split in ("train", "val", "test"))
    assert (len(train), len(val), len(test)) == (64, 8, 8)
    graph, field = train[3], next(iter(kind.INPUTS))
    assert graph.num_nodes == kind.NUM_SLOTS and graph[field].dtype == torch.float32
    batch = Batch.from_data_list([train[i] for i in range(4)])
    assert len(batch[field]) == 4 * kind.NUM_SLOTS
    rows = kind.NUM_SLOTS if kind.TARGETS[target].endswith("@slot") else 1
    assert len(batch[target]) == 4 * rows
    inputs = {field: batch[field].double().unflatten(0, (4, kind.NUM_SLOTS))}
    expected = train.label(target, inputs).float()
    torch.testing.assert_close(batch[target], expected.flatten(0, 1) if rows > 1 else expected)
    again, other = kind([target], size=64), kind([target], size=64, seed=1)
    assert torch.equal(again[3][target], graph[target])
    assert not torch.equal(other[3][target], graph[target])
    assert not torch.equal(val[3][target], graph[target])
    assert set(train.fields) == {field, target}


def test_shuffled_targets_keep_nothing_in_place():
    plain = SensorRing(["achiral"], size=64)
    shuffled = SensorRing(["achiral"], size=64, shuffle_targets=True)
    one = torch.cat([graph.achiral for graph in plain])
    two = torch.cat([graph.achiral for graph in shuffled])
    assert bool((one != two).all())
    torch.testing.assert_close(one.sort().values, two.sort().values)
    assert torch.equal(plain[5].x, shuffled[5].x)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"targets": ["left"]}, "unknown target 'left'; allowed: 'chiral'"),
        ({"targets": []}, "it is empty; allowed"),
        ({"targets": ["chiral"], "split": "all"}, "unknown split 'all'"),
        ({"targets": ["chiral"], "size": 8}, "at least 16 graphs"),
    ],
)
def test_mistakes_are_named(arguments, text):
    with pytest.raises(ValueError, match=text):
        SensorRing(**arguments)
