"""The cross-fitted test of finite elements, on residuals whose truth is known."""

import pytest
import torch

from semola_geo.discovery.finite import FiniteProducts, assess


def products(truth, error, pairs=3, graphs=400, outputs=2, modes=12, seed=0):
    """Residuals truth × signal + error of each teacher, smooth: few modes for many graphs."""
    g = torch.Generator().manual_seed(seed)
    elements = len(truth)
    draw = lambda *shape: torch.randn(*shape, generator=g, dtype=torch.float64)  # noqa: E731
    basis = draw(graphs, modes)
    signal = torch.tensor(truth)[None, :, None, None] * draw(1, elements, graphs, outputs)

    def residual():
        weight = draw(pairs, elements, modes, outputs) / modes**0.5
        return signal + error * basis @ weight

    scale = torch.full((pairs, elements, graphs), float(outputs), dtype=torch.float64)
    return FiniteProducts.of(residual(), residual(), scale)


def test_values_estimate_the_relative_violation():
    found = assess(products([0.0, 0.3, 1.0], 0.1, graphs=4000))
    assert found.values.tolist() == pytest.approx([0.0, 0.09, 1.0], abs=0.06)
    # The noise is half of |R1 − R2|², hence the error of one teacher.
    assert found.noise.tolist() == pytest.approx([0.01] * 3, rel=0.5)
    assert (found.intervals[:, 0] <= found.values).all()
    assert (found.values <= found.intervals[:, 1]).all()


@pytest.mark.parametrize("pairs", [1, 2, 3])
def test_a_single_teacher_would_be_biased_but_the_product_is_not(pairs):
    # True symmetries only: the mean over 60 elements is zero within its own standard error.
    found = assess(products([0.0] * 60, 0.5, pairs=pairs))
    assert abs(float(found.values.mean())) < 4 * float(found.values.std()) / 60**0.5
    assert float(found.noise.mean()) > 20 * abs(float(found.values.mean()))


def test_intervals_cover():
    # 95 % intervals miss λ = 0 in at most 12 of 100 elements with probability 0.999 if the spread
    # were known exactly; it is estimated, so that twice the rate is allowed for.
    found = assess(products([0.0] * 100, 0.4, seed=3))
    missed = (found.intervals[:, 0] > 0) | (found.intervals[:, 1] < 0)
    assert int(missed.sum()) <= 20


def test_teachers_that_know_nothing():
    one = products([0.0, 1.0], 0.3)
    found = assess(FiniteProducts(one.violation, one.noise, -one.scale))
    assert found.values.isnan().all() and found.intervals.isnan().all()


def test_order_of_the_pair_and_unit_do_not_matter():
    g = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 2, 3, 50, 4, generator=g, dtype=torch.float64)
    scale = torch.rand(2, 3, 50, generator=g, dtype=torch.float64)
    one = assess(FiniteProducts.of(first, second, scale))
    two = assess(FiniteProducts.of(7 * second, 7 * first, 49 * scale))
    torch.testing.assert_close(one.intervals, two.intervals)
    torch.testing.assert_close(one.noise, two.noise)
