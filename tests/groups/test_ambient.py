"""Ambient groups: bases, names and errors."""

import pytest
import torch

from semola_geo.algebra import LieAlgebra
from semola_geo.groups import matrix_exponential, parse_ambient
from semola_geo.groups.ambient import embed

SIZES = {
    "SO": lambda d: d * (d - 1) // 2,
    "O": lambda d: d * (d - 1) // 2,
    "SE": lambda d: d * (d + 1) // 2,
    "E": lambda d: d * (d + 1) // 2,
    "T": lambda d: d,
    "GL": lambda d: d * d,
    "SL": lambda d: d * d - 1,
    "Sim": lambda d: d * (d + 1) // 2 + 1,
    "Aff": lambda d: d * (d + 1),
}
NAMES = [(f"{kind}({d})", d, size(d)) for kind, size in SIZES.items() for d in (2, 3, 4)]
NAMES += [("SO(1,1)", 2, 1), ("SO(1,3)", 4, 6), ("Poincare(1,2)", 3, 6), ("Poincare(1,3)", 4, 10)]


@pytest.mark.parametrize(("name", "d", "size"), NAMES)
def test_basis_is_orthonormal_and_closed(name, d, size):
    ambient = parse_ambient(name)
    assert (ambient.name, ambient.dimension, len(ambient)) == (name, d, size)
    flat = ambient.basis.flatten(1)
    torch.testing.assert_close(flat @ flat.T, torch.eye(size, dtype=torch.float64))
    assert LieAlgebra(ambient.basis, affine=ambient.affine).closure_defect() < 1e-12
    assert ambient.basis.shape[-1] == d + ambient.affine
    assert repr(ambient) == f"AmbientGroup({name!r}, dim={size})"
    assert parse_ambient(ambient) is ambient


@pytest.mark.parametrize(("name", "d", "size"), NAMES)
def test_elements_have_the_properties_of_the_group(name, d, size):
    ambient = parse_ambient(name)
    weights = torch.linspace(-0.6, 0.7, 2 * size, dtype=torch.float64).reshape(2, size)
    linear = matrix_exponential(ambient.combine(weights))[:, :d, :d]
    eye = torch.eye(d, dtype=torch.float64).expand(2, d, d)
    if ambient.orthogonal:
        torch.testing.assert_close(linear @ linear.mT, eye)
    if name.startswith("SL"):
        torch.testing.assert_close(torch.linalg.det(linear), eye[:, 0, 0])
    if "(1," in name:
        metric = torch.diag(torch.tensor([1.0] + [-1.0] * (d - 1), dtype=torch.float64))
        torch.testing.assert_close(linear.mT @ metric @ linear, metric.expand(2, d, d))
    if name.startswith("Sim"):
        scale = torch.linalg.det(linear).abs() ** (2 / d)
        torch.testing.assert_close(linear @ linear.mT, eye * scale[:, None, None])


@pytest.mark.parametrize(("name", "d", "size"), NAMES)
def test_coordinates_invert_combine(name, d, size):
    ambient = parse_ambient(name)
    weights = torch.eye(size, dtype=torch.float64).flip(0)
    algebra = LieAlgebra(ambient.combine(weights), affine=ambient.affine)
    torch.testing.assert_close(ambient.coordinates(algebra), weights)


def test_what_lies_outside_is_refused():
    with pytest.raises(ValueError, match=r"outside the algebra of ambient group SO\(3\)"):
        parse_ambient("SO(3)").coordinates(LieAlgebra.from_name("gl(3)"))
    with pytest.raises(ValueError, match="affine algebra in d = 3 does not fit a linear group"):
        parse_ambient("GL(3)").coordinates(LieAlgebra.from_name("se(3)"))
    with pytest.raises(ValueError, match="linear algebra in d = 2 does not fit an affine"):
        embed(LieAlgebra.from_name("so(2)"), True, 3)


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("SU(2)", ValueError, r"unknown ambient group 'SU\(2\)'; allowed: SO\(d\)"),
        ("SO(1)", ValueError, "unknown ambient group"),
        ("so(3)", ValueError, "unknown ambient group"),
        ("", ValueError, "unknown ambient group"),
        ("S(5)", ValueError, "permutations of node slots are discrete and have no algebra"),
        ("E(3) x S(5)", ValueError, "a product is no group of matrices"),
        (3, TypeError, "ambient is the name of a group, got int"),
    ],
)
def test_names_that_are_refused(name, error, text):
    with pytest.raises(error, match=text):
        parse_ambient(name)
