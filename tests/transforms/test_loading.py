"""Transforms where PyG puts them: Compose, data sets, loaders and their worker processes."""

import pytest
import torch
import torch_geometric.transforms as T
from torch_geometric.data import Data, InMemoryDataset
from torch_geometric.data.datapipes import DatasetAdapter
from torch_geometric.loader import DataLoader

from semola_geo.transforms import LearnableSymmetryTransform, RandomSymmetryTransform

FIELDS = {"pos": "point", "dipole": "vector"}
SHAPE = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 3.0], [1.0, 1.0, 1.0]])


class Molecules(InMemoryDataset):
    def __init__(self, size, transform=None):
        super().__init__(None, transform)
        graphs = [
            Data(pos=SHAPE[: 2 + i % 3].clone(), dipole=torch.ones(1, 3), number=torch.tensor([i]))
            for i in range(size)
        ]
        self.data, self.slices = self.collate(graphs)


def dipole_length(batch):
    return batch.dipole.norm(dim=1)


def test_transform_of_a_data_set_leaves_the_storage_alone():
    transform = RandomSymmetryTransform(FIELDS, "SO(3)")
    dataset = Molecules(4, transform)
    first, second = dataset[0].pos, dataset[0].pos
    assert not torch.allclose(first, second)
    dataset.transform = None
    assert torch.equal(dataset[0].pos, SHAPE[:2]) and torch.equal(dataset[3].pos, SHAPE[:2])


def test_compose_in_either_order():
    transform = RandomSymmetryTransform(FIELDS, "SE(3)", translation=5.0, strict=False)
    data = Molecules(1)[0]
    moved = T.Compose([transform, T.Center()])(data)
    torch.testing.assert_close(moved.pos.mean(0), torch.zeros(3), atol=1e-5, rtol=0)
    moved = T.Compose([T.Center(), T.Distance(), transform])(
        Data(pos=data.pos, dipole=data.dipole, edge_index=torch.tensor([[0, 1], [1, 0]]))
    )
    assert moved.edge_attr.shape == (2, 1) and not torch.allclose(moved.dipole, data.dipole)


@pytest.mark.parametrize("name", ["learnable_symmetry", "random_symmetry"])
def test_registered_as_functional_transforms(name):
    pipe = getattr(DatasetAdapter(Molecules(3)), name)(FIELDS, "E(3)")
    moved = list(pipe)
    assert [data.number.item() for data in moved] == [0, 1, 2]
    assert not torch.allclose(moved[0].pos, SHAPE[:2])


def test_gradient_without_workers():
    transform = LearnableSymmetryTransform(FIELDS, "Aff(3)", 4)
    batch = next(iter(DataLoader(Molecules(6, transform), batch_size=6)))
    batch.pos.square().sum().backward()
    assert bool(transform.law.raw_basis.grad.abs().sum() > 0)


def test_workers_send_detached_graphs_that_follow_the_current_parameters():
    transform = LearnableSymmetryTransform(FIELDS, "GL(3)", 9).share_memory()
    dataset = Molecules(8, transform)
    loader = DataLoader(dataset, batch_size=4, num_workers=2, persistent_workers=True)

    def spread():
        batches = list(loader)
        assert [batch.number.tolist() for batch in batches] == [[0, 1, 2, 3], [4, 5, 6, 7]]
        assert not any(batch.pos.requires_grad or batch.dipole.requires_grad for batch in batches)
        dipoles = torch.cat([batch.dipole for batch in batches])
        assert len(dipoles.unique(dim=0)) == 8  # workers draw different elements
        lengths = torch.cat([dipole_length(batch) for batch in batches])
        return float((lengths - 3**0.5).abs().max())

    wide = spread()
    transform.law.set_extents(torch.full((9,), 1e-4))
    assert wide > 0.1 and spread() < 1e-3


def test_workers_return_elements_and_coordinates_that_required_gradient():
    transform = LearnableSymmetryTransform(FIELDS, "SE(3)", 6)

    def attach(data):
        data.pos = data.pos.clone().requires_grad_()
        moved, data.element = transform(data, return_element=True)
        moved.matrix = data.element.matrix
        return moved

    batch = next(iter(DataLoader(Molecules(2, attach), batch_size=2, num_workers=1)))
    assert not batch.pos.requires_grad and batch.matrix.shape == (2, 4, 4)
    expected = torch.einsum("bij,bj->bi", batch.matrix[:, :3, :3], torch.ones(2, 3).double())
    torch.testing.assert_close(batch.dipole, expected.float())
