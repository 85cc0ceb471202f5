"""Scattering events: kinematics, the amplitude by another way, and the symmetry of the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch_geometric.loader import DataLoader

from semola_geo.algebra import LieAlgebra
from semola_geo.datasets import Scattering
from semola_geo.datasets.scattering import muon_pair_amplitude
from semola_geo.datasets.scattering.amplitude import minkowski_product
from semola_geo.discovery.support import as_batch, tangent_support
from semola_geo.fields import Fields
from semola_geo.groups import parse_ambient

DOUBLE: dict[str, Any] = {"dtype": torch.float64}
FRAMES = ("random", "centre_of_mass", "beam_axis")
ELECTRON, MUON = 0.00051099895, 0.1056583755
SIGNATURE = np.diag([1.0, -1, -1, -1])


def momenta(data: Scattering) -> Tensor:
    return torch.as_tensor(data._data.pos).reshape(len(data), 4, 4)


def gamma_matrices() -> np.ndarray:
    """Dirac's matrices with an upper index ``[4, 4, 4]``, in Dirac's representation."""
    sigma = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    gamma = np.zeros((4, 4, 4), complex)
    gamma[0] = np.diag([1, 1, -1, -1])
    gamma[1:, :2, 2:], gamma[1:, 2:, :2] = sigma, -sigma
    return gamma


def trace_formula(event: np.ndarray, m: float, M: float) -> float:
    """The amplitude from traces over products of Dirac's matrices, in units of e⁴."""
    gamma = gamma_matrices()
    lowered = np.einsum("mn,nab->mab", SIGNATURE, gamma)
    p1, p2, k1, k2 = np.einsum("im,mab->iab", event, lowered)
    one = np.eye(4)
    muons = np.einsum("ab,mbc,cd,nda->mn", k1 + M * one, gamma, k2 - M * one, gamma, optimize=True)
    electrons = np.einsum(
        "ab,mbc,cd,nda->mn", p2 - m * one, lowered, p1 + m * one, lowered, optimize=True
    )
    total = event[0] + event[1]
    s = total @ SIGNATURE @ total
    value = np.sum(muons * electrons) / (4 * s**2)
    assert abs(value.imag) < 1e-12
    return float(value.real)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("electron", [ELECTRON, 0.08])
def test_momentum_is_conserved_and_particles_are_on_shell(frame: Any, electron: float) -> None:
    p = momenta(Scattering(count=300, frame=frame, electron_mass=electron, **DOUBLE))
    assert (p[:, :2].sum(1) - p[:, 2:].sum(1)).abs().max() < 1e-12
    squared = torch.tensor([electron, electron, MUON, MUON], dtype=torch.float64) ** 2
    assert (minkowski_product(p, p) - squared).abs().max() < 1e-12
    assert p[..., 0].min() > 0


@pytest.mark.parametrize("electron", [0.0, ELECTRON, 0.08])
def test_amplitude_agrees_with_traces_of_gamma_matrices(electron: float) -> None:
    data = Scattering(count=30, electron_mass=electron, **DOUBLE)
    expected = [trace_formula(p.numpy(), electron, MUON) for p in momenta(data)]
    np.testing.assert_allclose(data._data.amplitude.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("electron", [0.0, 0.08])
def test_amplitude_agrees_with_the_textbook_in_the_centre_of_mass_frame(electron: float) -> None:
    """1 + a + b + (1 − a)(1 − b) cos²θ with a = 4M²/s, b = 4m²/s."""
    data = Scattering(count=200, frame="centre_of_mass", electron_mass=electron, **DOUBLE)
    p = momenta(data)
    s = (2 * p[:, 0, 0]) ** 2
    cosine = torch.cosine_similarity(p[:, 0, 1:], p[:, 2, 1:], dim=1)
    a, b = 4 * MUON**2 / s, 4 * electron**2 / s
    torch.testing.assert_close(
        data._data.amplitude, 1 + a + b + (1 - a) * (1 - b) * cosine**2, rtol=1e-12, atol=0
    )


def test_events_are_the_same_in_every_frame() -> None:
    amplitudes, invariants = [], []
    for frame in ("random", "centre_of_mass"):
        data = Scattering(count=100, frame=frame, **DOUBLE)  # type: ignore[arg-type]
        p = momenta(data)
        amplitudes.append(data._data.amplitude)
        invariants.append(minkowski_product(p[:, :, None], p[:, None]))
    torch.testing.assert_close(*amplitudes, rtol=1e-12, atol=0)
    torch.testing.assert_close(*invariants, rtol=0, atol=1e-12)
    still = momenta(Scattering(count=100, frame="beam_axis", **DOUBLE))
    assert still[:, :2, 1:3].abs().max() == 0
    assert still[:, :2].sum(1)[:, 1:].abs().max() < 1e-15


def test_directions_are_uniform() -> None:
    """The mean of N uniform cosines has variance 1/(3N), that of their squares 4/(45N)."""
    p = momenta(Scattering(count=4000, frame="centre_of_mass", **DOUBLE))
    for pair in (p[:, 0, 1:], p[:, 2, 1:]):
        unit = pair / pair.norm(dim=1, keepdim=True)
        assert unit.mean(0).abs().max() < 5 * (1 / (3 * len(p))) ** 0.5
        assert (unit.square().mean(0) - 1 / 3).abs().max() < 5 * (4 / (45 * len(p))) ** 0.5


def test_rapidity_is_at_most_what_was_asked_for() -> None:
    total = momenta(Scattering(count=500, max_rapidity=0.4, **DOUBLE))[:, :2].sum(1)
    rapidity = torch.atanh(total[:, 1:].norm(dim=1) / total[:, 0])
    assert 0.35 < rapidity.max() <= 0.4 + 1e-12


@pytest.mark.parametrize(("frame", "supported"), [("random", 6), ("centre_of_mass", 3)])
def test_data_move_along_the_group_of_their_frame(frame: Any, supported: int) -> None:
    """The first three generators of so(1,3) are rotations, the others boosts."""
    events = as_batch(list(Scattering(count=1500, frame=frame, **DOUBLE)))
    group = parse_ambient("GL(4)")
    support = tangent_support(
        events, Fields({"pos": "vector"}, 4), group.basis, torch.Generator().manual_seed(0)
    )
    coordinates = group.coordinates(LieAlgebra.from_name("so(1,3)"))
    share = support.share(coordinates.T / coordinates.norm(dim=1))
    # Mass shells and the conservation of momentum are equations of degree two.
    assert share[:supported].max() < 1e-9
    assert (share[supported:] > 0.3).all()


def test_splits_seeds_and_batches() -> None:
    everything = Scattering(count=40)
    parts = [Scattering(split=split, count=40) for split in ("train", "val", "test")]  # type: ignore[arg-type]
    assert [len(part) for part in parts] == [30, 4, 6]
    assert torch.cat([part._data.pos for part in parts]).equal(everything._data.pos)
    assert everything._data.pos.equal(Scattering(count=40)._data.pos)
    assert not everything._data.pos.equal(Scattering(count=40, seed=1)._data.pos)
    batch = next(iter(DataLoader(everything, batch_size=7)))
    assert (batch.pos.shape, batch.amplitude.shape) == ((28, 4), (7,))
    assert batch.pos.dtype == torch.float32
    assert batch.z.tolist() == 7 * [0, 1, 2, 3]
    exact = momenta(Scattering(count=40, **DOUBLE))[3]
    assert everything[3].amplitude == muon_pair_amplitude(exact, ELECTRON, MUON).float()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": "energy"}, "target 'energy' is unknown"),
        ({"split": "dev"}, "split='dev' is unknown"),
        ({"count": 5}, "at least 10; got 5"),
        ({"frame": "lab"}, "frame='lab' is unknown; choose one of random"),
        ({"max_rapidity": -1.0}, r"max_rapidity must lie in \[0, 10\]"),
        ({"muon_mass": -1.0}, "muon_mass is a mass in GeV"),
        ({"energies": (0.2, 0.5)}, "above the threshold of 0.2113"),
        ({"energies": (0.5, 0.3)}, "energies is a range"),
        ({"energies": (0.5,)}, "energies is a range"),
    ],
)
def test_mistakes_are_explained(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scattering(**options)
