from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Data, HeteroData
from torch_geometric.loader import DataLoader

from semola_geo import lie_derivative_spectrum
from semola_geo.discovery import Verdict

POINTS = {"pos": "point", "y": "scalar"}


def measure(teacher, batch, fields=POINTS, ambient="Aff(3)", **options):
    return lie_derivative_spectrum((teacher, teacher), [batch], fields, "y", ambient, **options)


def noisy(function, seed, size, count=150, nodes=4):
    """A teacher with an error of its own: random waves of the coordinates."""
    g = torch.Generator().manual_seed(seed)
    frequency = torch.randn(3 * nodes, count, generator=g, dtype=torch.float64) * 0.5
    phase = 6.3 * torch.rand(count, generator=g, dtype=torch.float64)
    weight = size * torch.randn(count, generator=g, dtype=torch.float64) / count**0.5

    def teacher(batch):
        flat = batch.pos.reshape(batch.num_graphs, -1)
        return function(batch) + torch.cos(flat @ frequency + phase) @ weight

    return teacher


def test_cross_fitting_lowers_the_null_eigenvalues(batch_of, teacher):
    # Errors of relative size s in the derivative bias a single model's lambda upwards by the noise
    # quotient (mean of C^T C of the error, here around 0.1 to 0.3); in the cross product this mean
    # is zero, and its fluctuation is smaller by the root of the number of independent errors.
    batch = batch_of(300)
    found = lie_derivative_spectrum(
        (noisy(teacher.so, 1, 1.5), noisy(teacher.so, 2, 1.5)), [batch], POINTS, "y", "SO(3)"
    )
    form = found.forms[0]
    single = form.single.diagonal() / form.scale.diagonal()
    cross = form.violation.diagonal() / form.scale.diagonal()
    noise = form.noise.diagonal() / form.scale.diagonal()
    torch.testing.assert_close(single - cross, noise)
    assert single.min() > 0.03
    assert cross.abs().max() < 0.35 * single.min()


def test_pure_noise_is_never_a_symmetry(batch_of):
    batch = batch_of(100)
    silent = lambda b: 0.0  # noqa: E731
    pairs = [(noisy(silent, 2 * i + 5, 1.0), noisy(silent, 2 * i + 6, 1.0)) for i in range(2)]
    found = lie_derivative_spectrum(pairs, [batch], POINTS, "y", "Aff(3)")
    assert found.dimension == 0
    assert set(found.verdicts) == {Verdict.UNDECIDED}
    assert abs(found.agreement) < 0.1


def test_several_pairs_measure_their_spread_and_one_pair_assumes_it(batch_of, teacher):
    batch = batch_of(60)
    pairs = [(noisy(teacher.so, i, 0.5), noisy(teacher.so, 50 + i, 0.5)) for i in range(4)]
    one = lie_derivative_spectrum(pairs[0], [batch], POINTS, "y", "GL(3)")
    four = lie_derivative_spectrum(pairs, [batch], POINTS, "y", "GL(3)")
    again = lie_derivative_spectrum(pairs[:1], [batch], POINTS, "y", "GL(3)")
    assert torch.equal(one.intervals, again.intervals)
    for found, count in ((one, 1), (four, 4)):
        assert len(found.forms) == count
        assert (found.intervals[:, 0] <= found.eigenvalues).all()
        assert (found.intervals[:, 1] >= found.eigenvalues).all()
        assert (found.intervals.diff(dim=1) > 0).all()
    # Errors times errors, and signal times errors, at a correlation of one half.
    unit = one.noise * (one.noise + 2 * one.eigenvalues.clamp_min(0.0))
    torch.testing.assert_close(one.intervals.diff(dim=1)[:, 0], 2 * 1.96 * 0.5 * unit.sqrt())


def test_any_iterable_of_data_will_do(clouds, teacher):
    graphs = clouds(20)
    pair = (teacher.so, teacher.so)
    loader = DataLoader(graphs, batch_size=7)
    first = lie_derivative_spectrum(pair, loader, POINTS, "y", "Aff(3)")
    second = lie_derivative_spectrum(pair, graphs, POINTS, "y", "Aff(3)")
    torch.testing.assert_close(first.eigenvalues, second.eigenvalues)


def test_labels_are_not_read(clouds, teacher):
    graphs = clouds(10)
    for graph in graphs:
        graph.y = torch.full((1,), float("nan"))
    pair = (teacher.so, teacher.so)
    assert lie_derivative_spectrum(pair, graphs, POINTS, "y", "SO(3)").dimension == 3


def test_single_precision_data(batch_of, teacher):
    batch = batch_of(dtype=torch.float32)
    found = measure(teacher.so, batch, ambient="GL(3)")
    assert found.dimension == 3
    assert found.eigenvalues.dtype == torch.float64
    assert found.eigenvalues[:3].abs().max() < 1e-6


@pytest.mark.parametrize("teachers", [[], [abs], [abs, abs, abs], [(abs, abs, abs)], [(abs,)]])
def test_teachers_come_in_pairs(batch_of, teachers):
    with pytest.raises(ValueError, match="pair"):
        lie_derivative_spectrum(teachers, [batch_of(3)], POINTS, "y", "SO(3)")


def test_wrong_inputs_are_named(batch_of, teacher):
    pair, batch = (teacher.so, teacher.so), batch_of(3)
    with pytest.raises(ValueError, match="'dipole' is not among"):
        lie_derivative_spectrum(pair, [batch], POINTS, "dipole", "SO(3)")
    with pytest.raises(ValueError, match="output must be one of 'known', 'unknown'"):
        lie_derivative_spectrum(pair, [batch], POINTS, "y", "SO(3)", output="guess")
    with pytest.raises(ValueError, match="empty"):
        lie_derivative_spectrum(pair, [], POINTS, "y", "SO(3)")
    with pytest.raises(ValueError, match="no declared input field moves"):
        lie_derivative_spectrum(pair, [batch], {"pos": "scalar", "y": "scalar"}, "y", "SO(3)")
    with pytest.raises(ValueError, match="'vel' is missing"):
        lie_derivative_spectrum(pair, [batch], {**POINTS, "vel": "vector"}, "y", "SO(3)")
    broken = batch.clone()
    broken.pos[0, 0] = float("nan")
    with pytest.raises(ValueError, match="NaN"):
        lie_derivative_spectrum(pair, [broken], POINTS, "y", "SO(3)")
    hetero = HeteroData()
    hetero["atom"].pos = torch.zeros(2, 3)
    with pytest.raises(TypeError, match="HeteroData"):
        lie_derivative_spectrum(pair, [hetero], POINTS, "y", "SO(3)")
    with pytest.raises(ValueError, match="orthogonal ambient"):
        lie_derivative_spectrum(
            (teacher.dipole,) * 2, [batch], {"pos": "point", "y": "1o"}, "y", "Aff(3)"
        )


def test_the_target_is_no_input(batch_of, teacher):
    with pytest.raises(ValueError, match="only the target 'pos' is declared"):
        lie_derivative_spectrum((teacher.so,) * 2, [batch_of(3)], {"pos": "point"}, "pos", "SO(3)")


def test_irreps_target_under_rotations(batch_of, teacher):
    # e3nn orders l = 1 as (x, y, z), so "1o" is a vector.
    found = measure(teacher.dipole, batch_of(), {"pos": "point", "y": "1o"}, "SE(3)")
    assert found.dimension == 6


def test_a_collated_data_is_not_collated_again(batch_of, teacher):
    batch = batch_of(10, 1)
    plain = Data(pos=batch.pos, batch=batch.batch)
    found = lie_derivative_spectrum(
        (lambda b: b.pos.square().sum(1),) * 2, [plain], POINTS, "y", "SO(3)"
    )
    assert found.dimension == 3
