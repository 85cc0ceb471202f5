"""Charges amid ligands: exact symmetry, no more than that, in the orientation of the seed."""

import pytest
import torch

from semola_geo import PointGroup
from semola_geo.datasets import CrystalField
from semola_geo.groups.orthogonal_grid import orthogonal_grid
from semola_geo.groups.point_group_closure import turn_between


@pytest.mark.parametrize("target", CrystalField.TARGETS)
@pytest.mark.parametrize("num_points", [1, 3])
def test_the_symmetry_is_exactly_what_is_said(target, num_points):
    task = CrystalField([target], size=16, num_points=num_points, seed=4)
    group = task.group(target)
    assert group.name == CrystalField.GROUPS[target]
    inputs = task.draw(2000, torch.Generator().manual_seed(1))
    plain = task.label(target, inputs)

    def changed(element):
        moved = task.label(target, {"pos": inputs["pos"] @ element.T})
        return float((moved - plain).square().mean() / plain.var())

    assert max(map(changed, group.elements)) < 1e-20
    # Whatever is 25° or more from all elements, shifts of nearly equal fields included.
    grid = orthogonal_grid(600)
    far = grid[turn_between(grid, group.elements).min(1).values > 0.44]
    assert min(map(changed, far)) > 0.02


@pytest.mark.parametrize(
    ("target", "larger"),
    [
        ("tetrahedron", "O_h"),
        ("square_pyramid", "D_4h"),
        ("twisted_prism", "D_3h"),
        ("twisted_prism", "D_3d"),
        ("twisted_prism", "D_6"),
        ("propeller", "D_3"),
        ("propeller", "C_3v"),
        ("propeller", "C_3h"),
        ("propeller", "S_6"),
    ],
)
def test_larger_groups_are_clearly_broken(target, larger):
    task = CrystalField([target], size=16)
    bigger = PointGroup.from_name(larger, task.orientation)
    inputs = task.draw(2000, torch.Generator().manual_seed(1))
    plain = task.label(target, inputs)
    outside = [e for e in bigger.elements if not task.group(target).contains(e)]
    assert outside
    for element in outside:
        moved = task.label(target, {"pos": inputs["pos"] @ element.T})
        assert float((moved - plain).square().mean() / plain.var()) > 0.02


def test_orientation_follows_the_seed_alone():
    one, two = (CrystalField(["propeller"], split, size=160, seed=3) for split in ("train", "test"))
    assert torch.equal(one.orientation, two.orientation)
    assert not torch.equal(one.orientation, CrystalField(["propeller"], size=16).orientation)
    assert len(two) == 20 and not torch.equal(one[0].pos, two[0].pos)
    assert one.fields == {"pos": "point", "propeller": "scalar"}


def test_graphs_of_several_points():
    task = CrystalField(["octahedron", "lopsided"], size=16, num_points=4)
    assert task[3].pos.shape == (4, 3) and task[3].num_nodes == 4
    assert task[3].octahedron.shape == (1,) == task[3].lopsided.shape


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"targets": ["cube"]}, "unknown target 'cube'; allowed: 'octahedron'"),
        ({"targets": ["octahedron"], "num_points": 0}, "num_points must be at least 1"),
    ],
)
def test_mistakes_are_named(arguments, text):
    with pytest.raises(ValueError, match=text):
        CrystalField(**arguments)
