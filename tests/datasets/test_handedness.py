"""Handed targets transform as they are declared, exactly, under all of E(3)."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from semola_geo.datasets import QM9XTB
from semola_geo.datasets._orientation import haar_rotations
from semola_geo.datasets.handedness import ELECTRONEGATIVITY, HANDED, axial_moment, chirality
from semola_geo.representations import parse_representation

SEEDS = st.integers(0, 2**31)


def molecules(seed: int, count: int = 5) -> tuple[Tensor, Tensor, Tensor, int]:
    source = torch.Generator().manual_seed(seed)
    sizes = torch.randint(1, 12, (count,), generator=source)
    owner = torch.repeat_interleave(torch.arange(count), sizes)
    elements = torch.tensor(list(ELECTRONEGATIVITY))
    z = elements[torch.randint(len(elements), owner.shape, generator=source)]
    pos = 2 * torch.randn(len(owner), 3, generator=source, dtype=torch.float64)
    return pos, z, owner, count


@pytest.mark.parametrize("name", HANDED)
@given(seed=SEEDS, improper=st.booleans())
def test_targets_transform_as_declared(name: str, seed: int, improper: bool) -> None:
    pos, z, owner, count = molecules(seed)
    source = torch.Generator().manual_seed(seed)
    matrix = haar_rotations(1, source) * (-1 if improper else 1)
    shift = 5 * torch.randn(1, 3, generator=source, dtype=torch.float64)
    before = HANDED[name](pos, z, owner, count)
    after = HANDED[name](pos @ matrix[0].T + shift, z, owner, count)
    representation = parse_representation(QM9XTB.FIELDS[name])
    index = torch.zeros(len(before), dtype=torch.long)
    expected = representation.act(matrix, shift, before, index)
    torch.testing.assert_close(after, expected, rtol=1e-9, atol=1e-8)


@given(seed=SEEDS)
def test_a_reflection_tells_declarations_apart(seed: int) -> None:
    """A pseudovector keeps its sign under inversion, a pseudoscalar loses it."""
    pos, *rest = molecules(seed)
    torch.testing.assert_close(axial_moment(-pos, *rest), axial_moment(pos, *rest))
    torch.testing.assert_close(chirality(-pos, *rest), -chirality(pos, *rest))


@given(seed=SEEDS)
def test_they_are_the_sums_over_atoms_of_their_definition(seed: int) -> None:
    pos, z, owner, _ = molecules(seed, count=1)
    local = pos - pos.mean(0)
    nuclear = z.double()
    scale = torch.tensor([ELECTRONEGATIVITY[int(n)] for n in z], dtype=torch.float64)
    pairs = torch.linalg.cross(local[:, None], local[None])
    area = torch.einsum("i,j,ijc->c", nuclear, scale, pairs)
    torch.testing.assert_close(axial_moment(pos, z, owner, 1)[0], area, rtol=1e-9, atol=1e-8)
    torch.testing.assert_close(chirality(pos, z, owner, 1), local @ area, rtol=1e-9, atol=1e-8)


@given(seed=SEEDS)
def test_the_atoms_of_a_plane_have_no_hand(seed: int) -> None:
    pos, z, owner, count = molecules(seed)
    flat = pos * torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64)
    assert chirality(flat, z, owner, count).abs().max() < 1e-9
    assert axial_moment(flat, z, owner, count)[:, :2].abs().max() < 1e-9


def test_of_real_molecules_they_vary_and_have_no_preferred_hand() -> None:
    data = QM9XTB(("axial_moment", "chirality"), limit=1000)
    for values in (data.axial_moment, data.chirality):
        spread = values.std()
        assert spread > 1
        assert values.mean().abs() < 0.1 * spread
    assert (data.axial_moment.norm(dim=1) > 0.1).float().mean() > 0.9
    assert data[0].chirality.shape == data[0].z.shape
    assert data[0].axial_moment.shape == (1, 3)


def test_they_belong_to_the_geometry_that_is_served() -> None:
    rest, moved = (
        QM9XTB("chirality", geometry=geometry, limit=20, dtype=torch.float64)
        for geometry in ("equilibrium", "jittered")
    )
    assert not torch.allclose(rest.chirality, moved.chirality)
    for data in moved:
        owner = torch.zeros_like(data.z)
        torch.testing.assert_close(data.chirality, chirality(data.pos, data.z, owner, 1))


def test_an_unknown_element_is_named() -> None:
    with pytest.raises(ValueError, match=r"atomic number\(s\) 17;.* 1, 6, 7, 8, 9"):
        chirality(torch.zeros(2, 3), torch.tensor([1, 17]), torch.zeros(2, dtype=torch.long), 1)


def test_targets_of_atoms_cannot_be_shuffled() -> None:
    with pytest.raises(ValueError, match=r"graph-level targets: chirality belong"):
        QM9XTB("chirality", shuffle_targets=True)
