"""Inputs of unknown representation: the space of hypotheses, and what is found in it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo import lie_derivative_spectrum
from semola_geo.algebra import LieAlgebra
from semola_geo.groups import parse_ambient, with_unknown_input

# The input is a velocity as an instrument shows it: turned, and stretched.
SHOWN = torch.tensor([[1.0, 0.4, 0.0], [-0.3, 1.5, 0.2], [0.1, 0.0, 0.7]], dtype=torch.float64)


def states(count: int = 300) -> Batch:
    g = torch.Generator().manual_seed(0)
    x, w = torch.randn(2, count, 1, 3, generator=g, dtype=torch.float64)
    stacked = torch.cat([x, w @ SHOWN.T], dim=-1)
    return Batch.from_data_list([Data(pos=row) for row in stacked])


def energy(batch: Batch) -> Tensor:
    """Of position and velocity, a function of their inner products."""
    x, shown = batch.pos.split(3, dim=1)
    w = shown @ torch.linalg.inv(SHOWN).T
    return (x * w).sum(1) + 0.3 * (x * x).sum(1) + torch.tanh((w * w).sum(1) / 2 - 1)


def test_how_the_input_transforms_is_found_with_the_group() -> None:
    fields = {"pos": "vector", "y": "scalar"}
    pairs, group = [(energy, energy)], with_unknown_input("GL(3)", 3)
    found = lie_derivative_spectrum(pairs, [states()], fields, "y", group)
    assert float(found.eigenvalues[2]) < 1e-12 < 1e-3 < float(found.eigenvalues[3])
    basis = found.generators()[:3]
    rotations = LieAlgebra(basis[:, :3, :3])
    assert max(LieAlgebra.from_name("so(3)").principal_angles(rotations)) < 1e-4
    for generator in basis:
        expected = SHOWN @ generator[:3, :3] @ torch.linalg.inv(SHOWN)
        torch.testing.assert_close(generator[3:, 3:], expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("ambient", ["GL(2)", "SO(3)", "SE(3)", "Aff(2)"])
def test_blocks_are_closed_and_orthonormal(ambient: str) -> None:
    group = with_unknown_input(ambient, 2)
    known = parse_ambient(ambient)
    assert len(group) == len(known) + 4
    flat = group.basis.flatten(1)
    torch.testing.assert_close(flat @ flat.T, torch.eye(len(group), dtype=torch.float64))
    assert LieAlgebra(group.basis, affine=group.affine).closure_defect() < 1e-12
    d = known.dimension
    assert not group.basis[:, :d, d : d + 2].any() and not group.basis[:, d : d + 2, :d].any()
    # Numbers are not shifted.
    assert not group.affine or not group.basis[:, d : d + 2, -1].any()


def test_mistakes() -> None:
    with pytest.raises(ValueError, match="at least one number per node, got width=0"):
        with_unknown_input("SO(3)", 0)
    with pytest.raises(ValueError, match="unknown ambient group 'SU"):
        with_unknown_input("SU(2)", 1)
