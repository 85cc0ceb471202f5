from __future__ import annotations

import math
from fractions import Fraction

import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from semola_geo.groups import scaling_squaring
from semola_geo.groups.exponential import matrix_exponential

SIZES = (1, 2, 3, 4, 5)
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-11}
NORMS = torch.tensor([0.0, 1e-8, 1e-3, 0.3, 1.0, 2.5, 5.0, 10.0], dtype=torch.float64)


def of_norm(matrices: Tensor, norms: Tensor = NORMS) -> Tensor:
    length = torch.linalg.matrix_norm(matrices).clamp(min=1e-30)
    return matrices * (norms / length)[:, None, None]


def random_matrices(size: int, count: int = len(NORMS), seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, size, size, generator=generator, dtype=torch.float64)


def affine(size: int, translation: float) -> Tensor:
    matrices = of_norm(random_matrices(size))
    matrices[:, -1] = 0
    matrices[:, :-1, -1] = translation
    return matrices


FAMILIES = {
    "random": lambda n: of_norm(random_matrices(n)),
    "skew": lambda n: of_norm(random_matrices(n) - random_matrices(n).mT),
    "symmetric": lambda n: of_norm(random_matrices(n) + random_matrices(n).mT),
    "negative multiple of 1": lambda n: -of_norm(torch.eye(n).double().expand(len(NORMS), n, n)),
    "nilpotent": lambda n: of_norm(random_matrices(n).triu(1)),
    "defective": lambda n: of_norm(torch.ones(len(NORMS), n, n).double().triu().tril(1)),
    "affine": lambda n: affine(n, 1.0),
    "affine, far": lambda n: affine(n, 200.0),
}


def relative_error(value: Tensor, reference: Tensor) -> float:
    difference = torch.linalg.matrix_norm(value.detach().double() - reference)
    return float((difference / torch.linalg.matrix_norm(reference)).max())


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("family", FAMILIES)
def test_agrees_with_scipy_in_a_batch_of_mixed_norms(
    family: str, size: int, dtype: torch.dtype
) -> None:
    matrices = FAMILIES[family](size).to(dtype)
    reference = torch.from_numpy(scipy.linalg.expm(matrices.double().numpy()))
    value = matrix_exponential(matrices)
    assert value.dtype == dtype
    assert value.shape == matrices.shape
    assert relative_error(value, reference) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("count", [3, 3000])  # both ways of forming a product
def test_value_and_gradient_agree_with_torch(count: int, dtype: torch.dtype) -> None:
    norms = torch.rand(count, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    matrices = of_norm(random_matrices(4, count), 5 * norms).to(dtype)
    cotangent = random_matrices(4, count, seed=2)
    ours, reference = matrices.requires_grad_(), matrices.detach().double().requires_grad_()
    value, expected = matrix_exponential(ours), torch.matrix_exp(reference)
    (gradient,) = torch.autograd.grad(value, ours, cotangent.to(dtype))
    (expected_gradient,) = torch.autograd.grad(expected, reference, cotangent)
    assert relative_error(value, expected.detach()) < TOLERANCE[dtype]
    assert relative_error(gradient, expected_gradient) < TOLERANCE[dtype]


def test_polynomial_is_the_taylor_polynomial() -> None:
    # A shift matrix raised to the k-th power has ones on its k-th diagonal only: it reads off
    # the coefficients of whatever polynomial is evaluated at it.
    shift = torch.diag_embed(torch.ones(8, dtype=torch.float64), 1)[..., None]
    value, _ = scaling_squaring.taylor(shift, scaling_squaring.product(shift, shift))
    expected = [float(Fraction(1, math.factorial(k))) for k in range(9)]
    torch.testing.assert_close(value[0, :, 0].tolist(), expected, rtol=1e-12, atol=1e-17)


@given(
    seed=st.integers(0, 2**31),
    size=st.integers(1, 5),
    norm=st.floats(0, 8),
)
@settings(deadline=None, max_examples=25)
def test_identities_of_the_exponential(seed: int, size: int, norm: float) -> None:
    A = of_norm(random_matrices(size, 4, seed), torch.full((4,), norm, dtype=torch.float64))
    exp = matrix_exponential(A)
    scale = torch.linalg.matrix_norm(exp) * torch.linalg.matrix_norm(matrix_exponential(-A))
    identity = torch.eye(size, dtype=torch.float64).expand(4, size, size)
    residual = torch.linalg.matrix_norm(exp @ matrix_exponential(-A) - identity)
    assert (residual <= 1e-12 * scale).all()
    assert relative_error(matrix_exponential(A.mT), exp.mT) < 1e-11
    assert relative_error(exp @ exp, matrix_exponential(2 * A)) < 1e-11
    trace = A.diagonal(dim1=-2, dim2=-1).sum(-1)
    volume = torch.linalg.matrix_norm(exp) ** size
    assert ((torch.linalg.det(exp) - trace.exp()).abs() <= 1e-11 * volume).all()


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_rotations_are_orthogonal(dtype: torch.dtype) -> None:
    rotations = matrix_exponential(FAMILIES["skew"](3).to(dtype))
    identity = torch.eye(3, dtype=dtype).expand_as(rotations)
    error = 4e-6 if dtype == torch.float32 else 1e-13
    torch.testing.assert_close(rotations @ rotations.mT, identity, rtol=0, atol=error)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("count", [len(NORMS), 3000])
def test_affine_block_and_exact_last_row(count: int, dtype: torch.dtype) -> None:
    matrices = affine(4, 7.0).repeat(-(-count // len(NORMS)), 1, 1)[:count].to(dtype)
    value = matrix_exponential(matrices)
    assert torch.equal(value[:, -1], torch.eye(4, dtype=dtype)[-1].expand(count, 4))
    linear = matrix_exponential(matrices[:, :3, :3])
    assert relative_error(value[:, :3, :3], linear.double()) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_pure_translation_is_exact_however_long(dtype: torch.dtype) -> None:
    matrices = torch.zeros(2, 4, 4, dtype=dtype)
    matrices[:, :3, 3] = torch.tensor([[1e-9, 3.0, 1e8], [0.1, -2e3, 1e12]], dtype=dtype)
    assert torch.equal(matrix_exponential(matrices), torch.eye(4, dtype=dtype) + matrices)


def test_neighbours_in_the_batch_do_not_matter() -> None:
    small = of_norm(random_matrices(3, 1), torch.tensor([1e-6], dtype=torch.float64)).float()
    alone = matrix_exponential(small)
    beside = matrix_exponential(torch.cat([small, 30 * torch.eye(3)[None]]))[:1]
    torch.testing.assert_close(beside, alone, rtol=1e-7, atol=0)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_derivatives_to_second_order(size: int) -> None:
    matrices = of_norm(
        random_matrices(size, 4), torch.tensor([0.0, 1e-3, 0.7, 3.0], dtype=torch.float64)
    )
    matrices[1] = torch.eye(size)
    matrices.requires_grad_()
    assert gradcheck(matrix_exponential, matrices, check_forward_ad=True)
    assert gradgradcheck(matrix_exponential, matrices)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_gradient_at_zero_is_the_cotangent_and_finite_at_the_identity(dtype: torch.dtype) -> None:
    matrices = torch.stack([torch.zeros(4, 4), torch.eye(4)]).to(dtype).requires_grad_()
    cotangent = random_matrices(4, 2).to(dtype)
    (gradient,) = torch.autograd.grad(matrix_exponential(matrices), matrices, cotangent)
    assert torch.equal(gradient[0], cotangent[0])
    torch.testing.assert_close(gradient[1], math.e * cotangent[1])


def test_second_backward_after_the_graph_is_freed_is_refused() -> None:
    matrices = random_matrices(3, 2).requires_grad_()
    total = matrix_exponential(matrices).sum()
    total.backward()
    with pytest.raises(RuntimeError, match="second time"):
        total.backward()


@pytest.mark.parametrize("poison", [math.nan, math.inf, -math.inf, 1e30])
def test_a_poisoned_matrix_gives_nan_for_itself_alone(poison: float) -> None:
    matrices = of_norm(random_matrices(4), NORMS).float()
    clean = matrix_exponential(matrices)
    matrices[3, 0, 0] = poison
    matrices.requires_grad_()
    value = matrix_exponential(matrices)
    (gradient,) = torch.autograd.grad(value.sum(), matrices)
    others = torch.arange(len(NORMS)) != 3
    for result in (value, gradient):
        assert result[3].isnan().all()
        assert result[others].isfinite().all()
    torch.testing.assert_close(value[others], clean[others])


@pytest.mark.parametrize(
    "shape", [(0, 3, 3), (2, 0, 4, 4), (3, 3), (2, 3, 2, 2), (0, 0), (2, 20, 20)]
)
def test_shapes_with_gradient(shape: tuple[int, ...]) -> None:
    matrices = (0.1 * torch.ones(shape, dtype=torch.float64)).requires_grad_()
    value = matrix_exponential(matrices)
    assert value.shape == shape
    torch.testing.assert_close(value, torch.matrix_exp(matrices), rtol=1e-12, atol=1e-12)
    value.sum().backward()
    assert matrices.grad is not None
    assert matrices.grad.shape == shape


def test_non_contiguous_input_is_left_alone() -> None:
    matrices = random_matrices(3, 5).mT
    before = matrices.clone()
    assert relative_error(matrix_exponential(matrices), torch.matrix_exp(before)) < 1e-11
    assert torch.equal(matrices, before)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_scaling_factors_are_exact_powers_of_two(dtype: torch.dtype) -> None:
    norms = 2.0 ** torch.arange(-20, 31, dtype=torch.float64)
    squared = (norms**2).to(dtype)[None, None]
    factor = scaling_squaring.choose_scaling(squared).factor
    assert (torch.frexp(factor).mantissa == 0.5).all()


@pytest.mark.parametrize(
    "dtype", [torch.int64, torch.bool, torch.float16, torch.bfloat16, torch.complex64]
)
def test_other_dtypes_are_refused(dtype: torch.dtype) -> None:
    with pytest.raises(TypeError, match="float32 or float64"):
        matrix_exponential(torch.zeros(2, 3, 3, dtype=dtype))


def test_other_objects_are_refused() -> None:
    with pytest.raises(TypeError, match="got list"):
        matrix_exponential([[0.0]])  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (4, 2, 3)])
def test_shapes_that_are_not_square_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\[\.\.\., n, n\]"):
        matrix_exponential(torch.zeros(shape))
