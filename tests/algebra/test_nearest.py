from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra

NAMES = ["so(2)", "so(3)", "se(3)", "so(1,3)", "so(2) ⋉ t(3)", "so(2) + t(1)", "sim(3)", "sl(3)"]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NAMES)
def test_noise_of_five_degrees_is_reduced(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra], name: str, seed: int
) -> None:
    truth = LieAlgebra.from_name(name)
    noisy = tilted(truth, 5.0, seed)
    clean = noisy.nearest_subalgebra()
    assert clean.dim == truth.dim
    assert clean.affine == truth.affine
    assert clean.closure_defect() < 1e-12
    # every line is closed, so nothing can be learned about so(2)
    least_gain = 0.0 if truth.dim == 1 else 0.1
    assert truth.principal_angles(clean)[-1] <= 5.0 - least_gain + 1e-9


@pytest.mark.parametrize("name", ["so(3)", "gl(2)", "se(3)"])
def test_hidden_coordinates(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra],
    change: Callable[..., Tensor],
    name: str,
) -> None:
    standard = LieAlgebra.from_name(name, dimension=3)
    truth = standard.conjugate(change(5, 3, standard.affine))
    clean = tilted(truth, 5.0, 1).nearest_subalgebra()
    assert clean.closure_defect() < 1e-12
    assert truth.principal_angles(clean)[-1] < 4.9


def test_errors_along_the_family_of_conjugates_are_kept() -> None:
    about_point = LieAlgebra.from_name("so(3)").rescale(1.0, torch.tensor([0.1, -0.2, 0.05]))
    torch.testing.assert_close(about_point.nearest_subalgebra().generators, about_point.generators)


def test_generators_stay_recognisable(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra],
) -> None:
    noisy = tilted(LieAlgebra.from_name("se(3)"), 3.0, 0)
    moved = noisy.nearest_subalgebra().generators - noisy.generators
    assert torch.linalg.matrix_norm(moved).max() < 0.06


def test_ambient_algebra_is_respected() -> None:
    ambient = LieAlgebra.from_name("sim(3)")
    mixing = torch.eye(7, dtype=torch.float64)[[0, 1, 2, 4, 5, 6]]
    mixing[2, 3] = 0.05  # some dilation in a rotation
    span = LieAlgebra(torch.einsum("ij,jab->iab", mixing, ambient.generators))
    clean = span.nearest_subalgebra(ambient=ambient)
    assert ambient.contains(clean)
    assert clean.is_same_span(LieAlgebra.from_name("se(3)"))
    with pytest.raises(ValueError, match="does not lie in the given ambient"):
        span.nearest_subalgebra(ambient=LieAlgebra.from_name("se(3)"))
    with pytest.raises(ValueError, match="matrices of size 3"):
        span.nearest_subalgebra(ambient=LieAlgebra.from_name("gl(3)"))


def test_nothing_near(normal: Callable[..., Tensor]) -> None:
    random = LieAlgebra(normal(3, 5, 3, 3))
    with pytest.raises(ValueError, match="max_angle=5"):
        random.nearest_subalgebra(max_angle=5.0)
