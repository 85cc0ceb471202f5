"""LorentzMPNN: exact under boosts, rotations and reflections, for any number of particles."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.datasets import Scattering
from semola_geo.datasets.scattering.phase_space import boosts, directions
from semola_geo.models import LorentzMPNN
from semola_geo.models.running_units import RunningUnits


def build(**options: Any) -> LorentzMPNN:
    torch.manual_seed(0)
    known: dict[str, Any] = {"representation": "scalar", "level": "graph", "output_shape": (2,)}
    return LorentzMPNN(**{**known, "hidden": 8, **options}).double()


def jets(
    sizes: tuple[int, ...] = (6, 1, 9), scale: float = 100.0, dtype: torch.dtype = torch.float64
) -> Batch:
    """Light particles with momenta over three powers of ten, and charges."""
    generator = torch.Generator().manual_seed(0)
    graphs = []
    for n in sizes:
        size = scale * 10 ** -(3 * torch.rand(n, 1, generator=generator, dtype=torch.float64))
        momentum = size * directions(n, generator)
        energy = (momentum.square().sum(1, keepdim=True) + 0.14**2).sqrt()
        charge = torch.randint(-1, 2, (n,), generator=generator).to(dtype)
        z = torch.randint(0, 3, (n,), generator=generator)
        graphs.append(Data(pos=torch.cat([energy, momentum], 1).to(dtype), charge=charge, z=z))
    return Batch.from_data_list(graphs)


def lorentz(rapidity: float, seed: int, improper: bool) -> Tensor:
    """Two boosts, a rotation between them, and a reflection of space or time."""
    generator = torch.Generator().manual_seed(seed)
    one, two = boosts(torch.full((2,), rapidity, dtype=torch.float64), directions(2, generator))
    turn = torch.eye(4, dtype=torch.float64)
    turn[1:, 1:] = torch.linalg.qr(torch.randn(3, 3, generator=generator, dtype=torch.float64)).Q
    if improper:
        turn[0, 0] = -1.0
    return one @ turn @ two


@settings(max_examples=25, deadline=None)
@given(
    rapidity=st.floats(0, 2),
    seed=st.integers(0, 1000),
    improper=st.booleans(),
    level=st.sampled_from(["graph", "node"]),
)
def test_invariance_is_exact(rapidity: float, seed: int, improper: bool, level: str) -> None:
    # Momenta are rounded when they are moved, which shifts products by their rounding error times
    # energies squared: at 100 and rapidity 2 energies reach 4,600, and outputs move by 2e-9.
    batch = jets(scale=10.0)
    model = build(level=level, node_inputs={"charge": ("scalar", ())})
    model(batch)  # learns its units
    model.eval()
    moved = batch.clone()
    moved.pos = batch.pos @ lorentz(rapidity, seed, improper).mT
    before = model(batch)
    assert before.std(0).min() > 1e-4
    assert torch.allclose(model(moved), before, atol=1e-10, rtol=0)


def test_a_dilation_is_seen() -> None:
    batch = jets()
    model = build()
    model(batch)
    moved = batch.clone()
    moved.pos = 1.5 * batch.pos
    assert (model.eval()(moved) - model(batch)).abs().max() > 1e-3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("level", ["graph", "node"])
def test_ragged_events_one_particle_and_nobody(dtype: torch.dtype, level: str) -> None:
    batch = jets((5, 1, 7), dtype=dtype)
    model = build(level=level).to(dtype).eval()
    with torch.no_grad():
        together = model(batch)
    assert together.dtype == dtype and bool(together.isfinite().all())
    alone = torch.cat([model(graph) for graph in batch.to_data_list()])
    assert torch.allclose(together, alone, atol=1e-4 if dtype == torch.float32 else 1e-12)
    with pytest.raises(ValueError, match="'pos' has no rows"):
        model(Data(pos=batch.pos[:0], z=batch.z[:0]))


def test_permutations_of_particles() -> None:
    graph = jets((7,)).get_example(0)
    order = torch.randperm(7)
    permuted = Data(pos=graph.pos[order], z=graph.z[order])
    assert torch.allclose(build().eval()(permuted), build().eval()(graph), atol=1e-12)


def test_many_powers_of_ten_stay_of_order_one() -> None:
    for scale in (1e-3, 1.0, 1e4):
        batch = jets((30, 30), scale=scale)
        model = build()
        model(batch)
        assert float(model.eval()(batch).detach().abs().max()) < 10


def test_gradients_are_finite_and_those_of_differences() -> None:
    batch = jets((3, 1), scale=1.0)
    batch.pos[0] = torch.tensor([1.0, 0.0, 0.0, 0.0])  # at rest
    model = build().eval()

    def of_momenta(pos: Tensor) -> Tensor:
        moved = copy.copy(batch)
        moved.pos = pos
        return model(moved)

    assert torch.autograd.gradcheck(of_momenta, batch.pos.clone().requires_grad_(), atol=1e-6)


def test_learns_the_amplitude() -> None:
    events = Scattering(count=300)
    train, test = (Batch.from_data_list(list(events[a:b])) for a, b in ((0, 220), (220, 300)))
    model = build(output_shape=(), hidden=24).float()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    mean, spread = train.amplitude.mean(), train.amplitude.std()
    for _ in range(100):
        loss = (model(train) - (train.amplitude - mean) / spread).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        error = model.eval()(test) * spread + mean - test.amplitude
    assert float(error.square().mean() / test.amplitude.var()) < 0.1


def test_units_accumulate_as_if_all_rows_came_at_once() -> None:
    rows = 5 + 3 * torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
    parts, whole = RunningUnits(2), RunningUnits(2)
    for part in rows.split([1, 17, 22]):
        parts(part)
    whole(rows)
    torch.testing.assert_close(parts.eval()(rows), whole.eval()(rows))
    out = whole(rows)
    torch.testing.assert_close(out.mean(0), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.std(0, correction=0), torch.ones(2))
    whole.reset_parameters()
    assert whole(rows).equal(rows)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dimension": 3}, "d = 3; use MPNN"),
        ({"representation": "vector"}, "the target is declared 'vector'"),
        ({"node_inputs": {"spin": ("vector", (4,))}}, "spin is declared 'vector'"),
        ({"unit": 0.0}, "unit must be a positive momentum"),
        ({"level": "edge"}, "'graph' or 'node'"),
    ],
)
def test_mistakes(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_suffixes_make_no_difference_to_a_lorentz_scalar() -> None:
    declared = {"charge": ("scalar@slot@odd", ())}
    assert build(representation="scalar@odd", node_inputs=declared) is not None


def test_fields_that_do_not_fit_are_named() -> None:
    graph = jets((4,)).get_example(0)
    model = build(node_inputs={"charge": ("scalar", ())})
    mistakes: list[tuple[dict[str, Any], str]] = [
        ({"z": None}, "'z', which is missing"),
        ({"z": graph.z + 100}, "the network knows 0 to 99"),
        ({"charge": torch.zeros(4, 2)}, r"'charge' has 2 number\(s\) per node"),
        ({"pos": graph.pos[:, :3]}, r"'pos' has 3 number\(s\) per node"),
    ]
    for change, message in mistakes:
        with pytest.raises(ValueError, match=message):
            model(Data(**{**graph.to_dict(), **change}))


def test_massless_particles_do_not_show_their_rounding() -> None:
    """In float32 p² of light is 1e-7 E², of either sign, and other than that in every frame."""
    generator = torch.Generator().manual_seed(1)
    size = 100 * torch.rand(40, 1, generator=generator, dtype=torch.float64)
    momenta = torch.cat([size, size * directions(40, generator)], 1)
    torch.manual_seed(0)
    model = LorentzMPNN(
        representation="scalar", level="graph", output_shape=(), hidden=8, species=False
    )
    data = Batch.from_data_list([Data(pos=rows) for rows in momenta.float().split(4)])
    for _ in range(3):
        model(data)
    model.eval()
    moved = data.clone()
    moved.pos = (momenta @ lorentz(1.0, 2, False).T).float()
    assert model(data).std() > 1e-2
    torch.testing.assert_close(model(moved), model(data), atol=1e-4, rtol=1e-3)
