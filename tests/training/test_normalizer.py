from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Batch, Data

from semola_geo.training import TargetNormalizer


def molecules(count: int = 40, seed: int = 0, dtype: torch.dtype = torch.float32) -> Batch:
    g = torch.Generator().manual_seed(seed)
    reference = torch.zeros(10, dtype=torch.float64)
    reference[[1, 6, 8]] = torch.tensor([-13.6, -1030.0, -2040.0], dtype=torch.float64)
    graphs = []
    for _ in range(count):
        n = int(torch.randint(3, 9, (1,), generator=g))
        z = torch.tensor([1, 6, 8])[torch.randint(3, (n,), generator=g)]
        energy = reference[z].sum().view(1) + torch.randn(1, generator=g, dtype=torch.float64)
        graphs.append(
            Data(
                pos=torch.randn(n, 3, generator=g, dtype=dtype),
                z=z,
                energy=energy.to(dtype),
                dipole=5 + 3 * torch.randn(1, 3, generator=g, dtype=dtype),
                forces=7
                * torch.randn(n, 2, 3, generator=g, dtype=dtype)
                * torch.tensor([[1.0], [9]]),
                atomic=(reference[z] + 2 * torch.randn(n, generator=g, dtype=torch.float64)).to(
                    dtype
                ),
            )
        )
    return Batch.from_data_list(graphs)


def test_energy_reference_per_species_leaves_the_residual():
    batch = molecules(400, dtype=torch.float64)
    normalizer = TargetNormalizer("scalar", "graph").fit(batch.energy, batch)
    assert float(normalizer.scale) == pytest.approx(1.0, abs=0.1)
    difference = normalizer.species[6] - normalizer.species[1]
    assert float(difference) == pytest.approx(-1030 + 13.6, abs=0.2)
    y = normalizer.normalize(batch.energy, batch)
    assert float(y.mean()) == pytest.approx(0, abs=1e-9)
    assert float(y.std(correction=0)) == pytest.approx(1)


def test_node_scalars_have_a_mean_per_species():
    batch = molecules(200)
    normalizer = TargetNormalizer("scalar", "node").fit(batch.atomic, batch)
    y = normalizer.normalize(batch.atomic, batch)
    for species in (1, 6, 8):
        assert float(y[batch.z == species].mean()) == pytest.approx(0, abs=1e-3)
    assert float(normalizer.scale) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("representation", ["vector", "covector", "pseudovector"])
def test_vectors_have_one_scale_per_channel_and_no_shift(representation):
    batch = molecules(200)
    normalizer = TargetNormalizer(representation, "node").fit(batch.forces, batch)
    assert normalizer.scale.shape == (2, 1)
    y = normalizer.normalize(batch.forces, batch)
    assert y.square().mean(dim=(0, 2)) == pytest.approx(torch.ones(2), abs=1e-5)
    zero = torch.zeros_like(batch.forces)
    assert torch.equal(normalizer.normalize(zero, batch), zero)


def test_scale_of_a_vector_is_invariant_under_rotation():
    batch = molecules()
    rotation = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(1)))[0]
    scales = [
        TargetNormalizer("vector").fit(y, batch).scale
        for y in (batch.dipole, batch.dipole @ rotation.T)
    ]
    assert torch.allclose(*scales)


def test_points_are_measured_by_their_spread():
    batch = Data(pos=torch.zeros(2, 3))
    y = torch.tensor([[99.0, 0, 0], [101.0, 0, 0]])
    normalizer = TargetNormalizer("point", "node").fit(y, batch)
    assert float(normalizer.scale) == pytest.approx(3**-0.5)
    assert torch.equal(normalizer.denormalize(torch.zeros(2, 3), batch), torch.zeros(2, 3))


def test_baseline_is_the_mean_of_points_and_nothing_elsewhere():
    batch = molecules(200)
    y = torch.randn(200, 2, 3) * torch.tensor([[1.0], [4.0]]) + 10
    points, vectors = (TargetNormalizer(kind).fit(y, batch) for kind in ("point", "vector"))
    rest = points.normalize(y, batch) - points.baseline
    assert rest.mean(0).abs().max() < 1e-5
    assert rest.square().mean(dim=(0, 2)) == pytest.approx(torch.ones(2), abs=1e-5)
    assert not vectors.baseline.any()
    assert not TargetNormalizer("scalar").fit(batch.energy, batch).baseline.any()


def test_checkpoints_that_are_older_than_the_mean_keep_the_one_that_was_fitted():
    batch = molecules()
    fitted, other = (TargetNormalizer("point").fit(y, batch) for y in (batch.dipole, batch.pos))
    state = {name: value for name, value in fitted.state_dict().items() if name != "mean"}
    mean = other.mean.clone()
    other.load_state_dict(state)
    assert torch.equal(other.scale, fitted.scale) and torch.equal(other.mean, mean)
    other.load_state_dict(fitted.state_dict())
    assert torch.equal(other.mean, fitted.mean)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 100), name=st.sampled_from(["energy", "dipole", "forces", "atomic"]))
def test_round_trip(dtype, seed, name):
    batch = molecules(12, seed, dtype)
    representation = "vector" if name in ("dipole", "forces") else "scalar"
    level = "node" if name in ("forces", "atomic") else "graph"
    normalizer = TargetNormalizer(representation, level).fit(batch[name], batch)
    y = normalizer.normalize(batch[name], batch)
    assert y.dtype == dtype
    tolerance = 1e-6 if dtype == torch.float32 else 1e-12
    assert torch.allclose(normalizer.denormalize(y, batch), batch[name], rtol=tolerance, atol=1e-5)
    assert normalizer.denormalize(y, batch).dtype == dtype


def test_float32_energies_keep_the_digits_they_have():
    batch = molecules(50)
    normalizer = TargetNormalizer("scalar").fit(batch.energy, batch)
    exact = normalizer.normalize(batch.energy.double(), batch)
    assert torch.allclose(normalizer.normalize(batch.energy, batch).double(), exact, atol=1e-6)


def test_differentiable_both_ways():
    batch = molecules()
    normalizer = TargetNormalizer("vector").fit(batch.dipole, batch)
    y = batch.dipole.clone().requires_grad_()
    normalizer.denormalize(2 * normalizer.normalize(y, batch), batch).sum().backward()
    assert torch.allclose(y.grad, torch.full_like(y, 2))


@pytest.mark.parametrize("value", [0.0, 3.0, 1e-30, -7e8])
def test_constant_target_has_scale_one(value):
    batch = Data(pos=torch.zeros(4, 3), batch=torch.arange(4))
    normalizer = TargetNormalizer("scalar").fit(torch.full((4,), value), batch)
    assert float(normalizer.scale) == 1
    assert torch.equal(normalizer.normalize(torch.full((4,), value), batch), torch.zeros(4))


def test_tiny_units_are_no_zero_variance():
    batch = Data(pos=torch.zeros(2, 3), batch=torch.arange(2))
    normalizer = TargetNormalizer("vector").fit(torch.tensor([[1e-30, 0, 0], [0, 1e-30, 0]]), batch)
    assert float(normalizer.scale) == pytest.approx(3**-0.5 * 1e-30, rel=1e-4)


def test_one_composition_falls_back_to_the_mean():
    graphs = [
        Data(pos=torch.zeros(2, 3), z=torch.tensor([1, 6]), y=torch.tensor([float(i)]))
        for i in range(4)
    ]
    batch = Batch.from_data_list(graphs)
    normalizer = TargetNormalizer("scalar").fit(batch.y, batch)
    assert normalizer.normalize(batch.y, batch).mean() == pytest.approx(0, abs=1e-6)
    assert float(normalizer.scale) == pytest.approx(1.25**0.5)


def test_unseen_species_have_no_reference():
    batch = molecules()
    normalizer = TargetNormalizer("scalar").fit(batch.energy, batch)
    heavy = Data(z=torch.tensor([92]), pos=torch.zeros(1, 3))
    assert float(normalizer.denormalize(torch.zeros(1), heavy)) == pytest.approx(
        float(normalizer.constant)
    )


def test_state_dict_brings_its_shapes():
    batch = molecules()
    fitted = TargetNormalizer("scalar").fit(batch.energy, batch)
    fresh = TargetNormalizer("scalar")
    fresh.load_state_dict(fitted.state_dict())
    assert torch.equal(fresh.normalize(batch.energy, batch), fitted.normalize(batch.energy, batch))
    assert bool(fresh.fitted)


def test_nan_names_the_target():
    batch = molecules()
    batch.dipole[3, 1] = float("nan")
    with pytest.raises(ValueError, match="target 'dipole' has 1 NaN or infinite"):
        TargetNormalizer("vector", name="dipole").fit(batch.dipole, batch)
    with pytest.raises(ValueError, match="level must be 'graph' or 'node', got 'edge'"):
        TargetNormalizer("vector", "edge")
