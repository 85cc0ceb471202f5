"""Every representation: homomorphism, derivative, rows, channels, precision."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from semola_geo.groups import GroupElement, matrix_exponential, random_rotations
from semola_geo.representations import parse_representation

CARTESIAN = ["scalar", "pseudoscalar", "point", "vector", "covector", "ij", "ij=ji", "ijk"]
SPATIAL = ["pseudovector"]
IRREPS = ["0e", "0o", "1o", "1e", "2e", "0e+1o+2e", "2x1o+0o+3x2o+3e"]
CASES = [(name, d) for d in (2, 3, 4) for name in CARTESIAN]
CASES += [(name, 3) for name in SPATIAL + IRREPS]
SETTINGS = settings(deadline=None, max_examples=5)
SEEDS = st.integers(0, 2**31 - 1)


def draw_element(name, d, size, generator):
    """Elements with a translation; orthogonal for irreps; improper in about half the cases."""
    if parse_representation(name).orthogonal_only:
        linear = random_rotations(size, d, generator)
    else:
        noise = torch.randn(size, d, d, generator=generator, dtype=torch.float64)
        linear = matrix_exponential(0.4 * noise)
    flip = torch.rand(size, generator=generator) < 0.5
    linear = torch.where(flip[:, None, None], -linear if d % 2 else linear.flip(-1), linear)
    shift = torch.randn(size, d, 1, generator=generator, dtype=torch.float64)
    row = torch.eye(d + 1, dtype=torch.float64)[-1:].expand(size, 1, -1)
    return GroupElement(torch.cat([torch.cat([linear, shift], -1), row], 1), affine=True)


def draw_values(name, d, rows, generator, channels=()):
    shape = (rows, *channels, *parse_representation(name).shape(d))
    return torch.randn(shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("name", "d"), CASES)
@SETTINGS
@given(seed=SEEDS)
def test_action_is_a_homomorphism(name, d, seed):
    generator = torch.Generator().manual_seed(seed)
    representation = parse_representation(name)
    g, h = (draw_element(name, d, 4, generator) for _ in range(2))
    x = draw_values(name, d, 4, generator)
    composed = (g @ h).act(x, representation)
    torch.testing.assert_close(g.act(h.act(x, representation), representation), composed)
    torch.testing.assert_close((~g).act(g.act(x, representation), representation), x)
    identity = GroupElement.identity(4, d, affine=True).to(torch.float64)
    torch.testing.assert_close(identity.act(x, representation), x)


@pytest.mark.parametrize(("name", "d"), CASES)
@SETTINGS
@given(seed=SEEDS)
def test_derivative_matches_finite_differences(name, d, seed):
    generator = torch.Generator().manual_seed(seed)
    representation = parse_representation(name)
    linear = torch.randn(3, d, d, generator=generator, dtype=torch.float64)
    if representation.orthogonal_only:
        linear = linear - linear.mT
    shift = torch.randn(3, d, 1, generator=generator, dtype=torch.float64)
    lie = torch.nn.functional.pad(torch.cat([linear, shift], -1), (0, 0, 0, 1))
    x = draw_values(name, d, 3, generator)

    def moved(step):
        return GroupElement(matrix_exponential(step * lie), affine=True).act(x, representation)

    step = 1e-5
    numeric = (moved(step) - moved(-step)) / (2 * step)
    exact = representation.derivative(linear, shift[..., 0], x)
    torch.testing.assert_close(exact, numeric, atol=1e-7, rtol=1e-7)


@pytest.mark.parametrize(("name", "d"), CASES)
def test_rows_follow_their_graph_and_channels_are_independent(name, d):
    generator = torch.Generator().manual_seed(1)
    representation = parse_representation(name)
    g = draw_element(name, d, 3, generator)
    index = torch.tensor([2, 0, 0, 1])
    x = draw_values(name, d, 4, generator, channels=(2, 3))
    moved = g.act(x, representation, index)
    for row, graph in enumerate(index.tolist()):
        for a in range(2):
            for b in range(3):
                alone = g[graph].act(x[row, a, b][None], representation)
                torch.testing.assert_close(moved[row, a, b], alone[0])
    generators = torch.randn(3, d, d, generator=generator, dtype=torch.float64)
    generators = generators - generators.mT
    along = representation.derivative(generators, g.translation, x, index)
    alone = representation.derivative(generators[[2]], g.translation[[2]], x[:1])
    torch.testing.assert_close(along[:1], alone)


@pytest.mark.parametrize(("name", "d"), CASES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_of_the_values_is_kept_and_no_rows_are_fine(name, d, dtype):
    generator = torch.Generator().manual_seed(2)
    representation = parse_representation(name)
    g = draw_element(name, d, 2, generator)
    x = draw_values(name, d, 2, generator)
    moved = g.act(x.to(dtype), representation)
    assert moved.dtype == dtype
    tolerance = 1e-5 if dtype == torch.float32 else 1e-13
    torch.testing.assert_close(
        moved.double(), g.act(x, representation), atol=tolerance, rtol=tolerance
    )
    nothing = torch.empty(0, dtype=torch.long)
    for channels in ((), (2,)):
        empty = draw_values(name, d, 0, generator, channels).to(dtype)
        assert g.act(empty, representation, nothing).shape == empty.shape
        assert (
            representation.derivative(g.linear, g.translation, empty, nothing).shape == empty.shape
        )


@pytest.mark.parametrize(("name", "d"), CASES)
def test_gradient_is_finite_and_exact_at_the_identity(name, d):
    generator = torch.Generator().manual_seed(3)
    representation = parse_representation(name)
    algebra = torch.randn(2, d, d, generator=generator, dtype=torch.float64)
    algebra = algebra - algebra.mT
    x = draw_values(name, d, 2, generator)
    probe = torch.randn(x.shape, generator=generator, dtype=torch.float64)
    step = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    g = GroupElement(matrix_exponential(step[:, None, None] * algebra))
    moved = g.act(x, representation)
    if moved.requires_grad:
        (moved * probe).sum().backward()
    exact = representation.derivative(algebra, torch.zeros(2, d, dtype=torch.float64), x) * probe
    found = torch.zeros(2, dtype=torch.float64) if step.grad is None else step.grad
    torch.testing.assert_close(found, exact.reshape(2, -1).sum(1))


def test_symmetric_tensors_stay_symmetric():
    generator = torch.Generator().manual_seed(4)
    x = draw_values("ij=ji", 3, 5, generator)
    g = draw_element("ij=ji", 3, 5, generator)
    moved = g.act(x + x.mT, parse_representation("ij=ji"))
    torch.testing.assert_close(moved, moved.mT)


def test_pairings_that_define_the_representations():
    generator = torch.Generator().manual_seed(5)
    g = draw_element("vector", 3, 6, generator)
    vector, covector, pseudovector = map(
        parse_representation, ("vector", "covector", "pseudovector")
    )
    a, b = (draw_values("vector", 3, 6, generator) for _ in range(2))
    work = (g.act(a, covector) * g.act(b, vector)).sum(-1)
    torch.testing.assert_close(work, (a * b).sum(-1))
    cross = torch.linalg.cross(g.act(a, vector), g.act(b, vector))
    torch.testing.assert_close(cross, g.act(torch.linalg.cross(a, b), pseudovector))
    linear = GroupElement(g.linear)
    flow = linear.act(torch.linalg.cross(a, b), pseudovector)
    torch.testing.assert_close(flow, cross)


def test_cell_rows_are_vectors():
    generator = torch.Generator().manual_seed(6)
    g = draw_element("vector", 3, 2, generator)
    cell = torch.randn(2, 3, 3, generator=generator, dtype=torch.float64)
    moved = g.act(cell, parse_representation("vector"))
    torch.testing.assert_close(moved, cell @ g.linear.mT)


def test_size_mismatch_without_index_is_refused():
    g = GroupElement.identity(2, 3)
    for name in ("vector", "pseudoscalar", "1o"):
        representation = parse_representation(name)
        values = torch.zeros(3, *representation.shape(3))
        with pytest.raises(ValueError, match="2 group element"):
            g.act(values, representation)
