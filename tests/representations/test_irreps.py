"""Irreps agree with e3nn, and are smooth where e3nn is not."""

import pytest
import torch
from e3nn import o3

from semola_geo.groups import GroupElement, random_rotations
from semola_geo.representations import parse_representation


@pytest.mark.parametrize("irreps", ["0e+0o", "1o+1e", "2x2e+2o", "3o+3e+1o", "5o+4e"])
@pytest.mark.parametrize("improper", [False, True])
def test_agrees_with_e3nn(irreps, improper):
    rotation = random_rotations(20, 3, torch.Generator().manual_seed(0))
    matrix = -rotation if improper else rotation
    reference = o3.Irreps(irreps).D_from_matrix(matrix)
    x = torch.linspace(-1, 1, 20 * o3.Irreps(irreps).dim, dtype=torch.float64).reshape(20, -1)
    moved = GroupElement(matrix).act(x, parse_representation(irreps))
    # e3nn goes through angles, with constants of single precision.
    expected = torch.einsum("bij,bj->bi", reference, x)
    torch.testing.assert_close(moved, expected, atol=2e-5, rtol=0)


def test_spherical_harmonics_transform_as_declared():
    rotation = random_rotations(10, 3, torch.Generator().manual_seed(1))
    points = random_rotations(10, 3, torch.Generator().manual_seed(2))[:, 0]
    irreps = o3.Irreps.spherical_harmonics(4)
    representation = parse_representation(str(irreps))
    for g in (GroupElement(rotation), GroupElement(-rotation)):
        turned = torch.einsum("bij,bj->bi", g.linear, points)
        harmonics = [o3.spherical_harmonics(irreps, x, normalize=True) for x in (points, turned)]
        torch.testing.assert_close(g.act(harmonics[0], representation), harmonics[1])


def test_only_three_dimensions():
    with pytest.raises(ValueError, match="d = 3 only, got d = 2"):
        parse_representation("1o").shape(2)
