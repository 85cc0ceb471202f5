"""The output's action is found together with the generators, by analytic teachers."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Data

from semola_geo import discover_symmetry, lie_derivative_spectrum
from semola_geo.discovery import Thresholds
from semola_geo.discovery.output.finding import find_output
from semola_geo.representations import affine_matrices, parse_representation

MIX = torch.tensor(
    [[0.8, 0.5, -0.2, 0.3], [-0.4, 1.0, 0.6, 0.1], [0.3, -0.5, 0.9, 0.7], [0.2, 0.1, -0.6, 1.2]],
    dtype=torch.float64,
)


def moments(pos):
    local = pos - pos.mean(1, keepdim=True)
    weight = torch.cos(local.square().sum(2, keepdim=True))
    slots = torch.linspace(-1, 1, pos.shape[1], dtype=pos.dtype)[:, None]
    return local, weight, (weight * local).sum(1), (slots * local).sum(1)


def scalar(pos):
    return moments(pos)[1].sum((1, 2))[:, None] + moments(pos)[2].square().sum(1, keepdim=True)


def vector(pos):
    return moments(pos)[2] + moments(pos)[3]


def pseudovector(pos):
    return torch.linalg.cross(moments(pos)[2], moments(pos)[3])


def tensor(pos):
    local, weight, *_ = moments(pos)
    return torch.einsum("bni,bnj->bij", weight * local, local)


def mixed(pos):
    """Energy and dipole, in a basis of outputs that shows neither."""
    return torch.cat([vector(pos), scalar(pos)], dim=1) @ MIX.T


def nothing(pos):
    g = torch.Generator().manual_seed(1)
    return torch.sin(pos.flatten(1) @ torch.randn(12, 3, generator=g, dtype=torch.float64))


def wavy(function, teacher, seed, size):
    """The function with a smooth error of its own, of relative size ``size``."""
    g = torch.Generator().manual_seed(seed)
    frequency = 0.5 * torch.randn(12, 150, generator=g, dtype=torch.float64)
    phase = 6.3 * torch.rand(150, generator=g, dtype=torch.float64)

    def dense(pos):
        values = function(pos)
        weight = torch.randn(150, values[0].numel(), generator=g, dtype=torch.float64) / 150**0.5
        error = torch.cos(pos.flatten(1) @ frequency + phase) @ weights.setdefault("w", weight)
        return values + size * values.detach().std() * error.reshape(values.shape)

    weights: dict[str, torch.Tensor] = {}
    return teacher.dense(dense, "pos")


def measure(function, teacher, batch, size=0.05, ambient="SE(3)", pairs=2, **options):
    trained = [
        (wavy(function, teacher, 2 * i, size), wavy(function, teacher, 2 * i + 1, size))
        for i in range(pairs)
    ]
    return lie_derivative_spectrum(
        trained, [batch], {"pos": "point"}, "y", ambient, output="unknown", **options
    )


@pytest.mark.parametrize(
    ("function", "truth", "stored"),
    [
        (scalar, "scalar", True),
        (vector, "vector", True),
        (pseudovector, "pseudovector", True),
        (tensor, "ij=ji", True),
        (mixed, None, False),
    ],
)
def test_dimension_and_action_are_right(batch_of, teacher, function, truth, stored):
    found = measure(function, teacher, batch_of(160), ambient="Aff(3)" if stored else "SE(3)")
    assert found.dimension == 6
    assert found.algebra.name == "se(3)"
    finding = find_output(found.output, found.algebra, found)
    linear = found.algebra.linear_parts
    size = finding.matrices.shape[-1] - 1
    if stored:
        shift = torch.zeros(6, 3, dtype=torch.float64)
        expected = affine_matrices(parse_representation(truth), linear, shift)[:, :-1, :-1]
    else:
        expected = torch.zeros(6, 4, 4, dtype=torch.float64)
        expected[:, :3, :3] = linear
        expected = MIX @ expected @ torch.linalg.inv(MIX)
    if function is tensor:
        # Only symmetric matrices occur, so that the action is known on these alone.
        assert finding.rank == 6
        keep = torch.eye(9).double().reshape(9, 3, 3)
        expected = expected @ ((keep + keep.transpose(1, 2)) / 2).flatten(1)
    error = (finding.matrices[:, :size, :size] - expected).flatten(1).norm(dim=1).max()
    norm = max(expected.flatten(1).norm(dim=1).max(), linear.flatten(1).norm(dim=1).max())
    assert error <= 0.05 * norm
    assert finding.defect < 0.05
    match = finding.recognition
    assert match.misfit < 0.1
    assert (match.change is None) == stored
    if function is mixed:
        assert sorted(match.summands) == ["scalar", "vector"]
        assert finding.representation is None
    elif function is pseudovector:
        # The connected group cannot tell, and the report must say so.
        assert "pseudovector" in (*match.summands, *match.equivalents)
        assert "vector" in (*match.summands, *match.equivalents)
    else:
        assert finding.representation == truth


def test_exact_teachers_give_what_the_declared_output_gives(batch_of, teacher):
    batch = batch_of(40)
    exact = teacher.dense(vector, "pos")
    fields = {"pos": "point", "y": "vector"}
    free = measure(vector, teacher, batch, size=0.0)
    known = lie_derivative_spectrum((exact, exact), [batch], fields, "y", "SE(3)")
    torch.testing.assert_close(free.forms[0].scale, known.forms[0].scale)
    torch.testing.assert_close(free.eigenvalues, known.eigenvalues, atol=1e-9, rtol=0)


def test_errors_of_teachers_do_not_dilute_the_action(batch_of, teacher):
    # A single teacher with itself would shrink R by 1 / (1 + s²) for errors of relative size s = 1.
    found = measure(vector, teacher, batch_of(300), size=1.0, ambient="SO(3)", pairs=6)
    spins = found.ambient.basis
    slope = (found.output.matrices[:, :, :3] * spins).sum() / spins.square().sum()
    assert 0.8 < float(slope) < 1.2


def test_a_free_action_makes_no_symmetry(batch_of, teacher):
    found = measure(nothing, teacher, batch_of(100), ambient="GL(3)")
    assert found.dimension == 0
    assert found.eigenvalues.min() > 0.02
    assert find_output(found.output, found.algebra, found) is None


def test_a_free_action_explains_no_violation_away(batch_of, teacher):
    # Translations included. Nothing is left over for R, so leaving it open must not lower λ.
    batch = batch_of(160)
    free = measure(nothing, teacher, batch, ambient="Aff(3)")
    trained = [(wavy(nothing, teacher, 2 * i, 0.05), wavy(nothing, teacher, 2 * i + 1, 0.05))
               for i in range(2)]  # fmt: skip
    fields = {"pos": "point", "y": "scalar"}
    known = lie_derivative_spectrum(trained, [batch], fields, "y", "Aff(3)")
    assert (free.eigenvalues > 0.95 * known.eigenvalues).all()
    assert known.dimension == free.dimension == 0


def test_pure_noise_stays_undecided(batch_of, teacher):
    def silent(pos):
        return 1e-12 * vector(pos)

    found = measure(silent, teacher, batch_of(60), size=1e12, ambient="GL(3)")
    assert found.dimension == 0


def test_a_declaration_is_compared_with_what_was_found(batch_of, teacher):
    found = measure(vector, teacher, batch_of(60), size=0.0, ambient="SO(3)")
    right, wrong = (
        find_output(found.output, found.algebra, found, parse_representation(text))
        for text in ("vector", "scalar")
    )
    assert right.declared_misfit < 1e-6
    assert wrong.declared_misfit > 0.5


def test_outputs_that_are_too_wide_are_refused(batch_of):
    wide = lambda batch: batch.pos.new_ones(batch.num_graphs, 17) * batch.pos.sum()  # noqa: E731
    with pytest.raises(ValueError, match="17 components"):
        lie_derivative_spectrum(
            (wide, wide), [batch_of(3)], {"pos": "point"}, "y", "SO(3)", output="unknown"
        )


def test_a_small_network_learns_what_the_target_is(teacher):
    g = torch.Generator().manual_seed(0)
    positions = torch.randn(240, 1, 2, generator=g)
    graphs = [Data(pos=pos, y=pos * pos.square().sum().mul(-0.3).exp()) for pos in positions]
    report = discover_symmetry(
        graphs,
        "y",
        {"pos": "point"},
        "SO(2)",
        lambda: teacher.SlotNet(2, 2, (2,)),
        output="unknown",
        splits=1,
        steps=250,
        refine_steps=40,
        progress=False,
        # So short a training leaves errors of several per cent.
        thresholds=Thresholds(symmetry=0.1, broken=0.5),
    )
    output = report.to_dict()["output"]
    assert report.dimension == 1
    assert output["representation"] == "vector"
    assert "The y transforms as a vector" in str(report)
    matrix = torch.tensor(output["matrices"][0])[:2, :2]
    assert (matrix - report.algebra.generators[0].to(matrix)).norm() < 0.2 * matrix.norm()
    assert report.details["evidence"]
