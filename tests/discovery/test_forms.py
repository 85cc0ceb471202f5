from __future__ import annotations

import torch
from torch_geometric.data import Batch

from semola_geo.discovery.forms import ViolationForms, combine
from semola_geo.discovery.lie_derivative import displacements, lie_derivative
from semola_geo.fields import Fields
from semola_geo.groups import parse_ambient

FIELDS = Fields({"pos": "point", "y": "scalar"}, 2)
INPUTS = Fields({"pos": "point"}, 2)


def forms_of(first, second, *batches, ambient="GL(2)"):
    basis = parse_ambient(ambient).basis
    forms = ViolationForms.zeros(len(basis))
    for number, batch in enumerate(batches):
        moved = displacements(batch, INPUTS, basis)
        pair = [
            lie_derivative(t, batch, FIELDS, "y", moved, basis, number) for t in (first, second)
        ]
        forms.update(*pair, moved)
    return forms


def test_forms_do_not_depend_on_how_graphs_are_batched(clouds, batch_of, teacher):
    whole = forms_of(teacher.so, teacher.se, batch_of(12, 3, 2))
    parts = clouds(12, 3, 2)
    halves = forms_of(
        teacher.so, teacher.se, Batch.from_data_list(parts[:5]), Batch.from_data_list(parts[5:])
    )
    assert whole.graphs == halves.graphs == 12
    for name in ("violation", "scale", "noise", "single", "motion", "slopes"):
        torch.testing.assert_close(getattr(whole, name), getattr(halves, name))


def test_a_teacher_with_itself_has_no_noise_and_full_agreement(batch_of, teacher):
    forms = forms_of(teacher.so, teacher.so, batch_of(12, 3, 2))
    assert forms.noise.abs().max() == 0
    torch.testing.assert_close(forms.violation, forms.single)
    assert abs(forms.agreement() - 1) < 1e-12


def test_forms_are_symmetric_and_identity_relates_them(batch_of, teacher):
    # (C1 - C2)^T (C1 - C2) / 2 = (C1^T C1 + C2^T C2) / 2 - (C1^T C2 + C2^T C1) / 2.
    forms = forms_of(teacher.so, teacher.se, batch_of(12, 3, 2))
    torch.testing.assert_close(forms.noise, forms.single - forms.violation)
    for form in (forms.violation, forms.scale, forms.noise, forms.motion):
        torch.testing.assert_close(form, form.T)


def waves(seed, count=200):
    """Features cos(w x + b) of the summed coordinates and random weights: errors of a model."""
    g = torch.Generator().manual_seed(seed)
    frequency = torch.randn(count, 2, generator=g, dtype=torch.float64)
    phase = 6.3 * torch.rand(count, generator=g, dtype=torch.float64)
    return frequency, phase


def test_independent_errors_cancel_in_the_cross_product_only(batch_of):
    # F = |x|^2 is so(2)-invariant. Errors e_i = a_i . phi(x) with independent a_i ~ N(0, I):
    # along the rotation C_i = a_i . L phi, so that over the draws of a, with the Gram matrix G of
    # L phi over the data, <C1 C2> has mean 0 and variance tr G^2, while the average of <C1 C1>
    # and <C2 C2> has mean tr G and variance tr G^2. Bounds: five standard deviations.
    batch = batch_of(400, 1, 2, offset=0.0)
    frequency, phase = waves(0, 1000)
    frequency = 4 * frequency
    scale = 0.3 / len(phase) ** 0.5

    def noisy(seed):
        weight = scale * torch.randn(
            len(phase), generator=torch.Generator().manual_seed(seed), dtype=torch.float64
        )
        return lambda b: b.pos.square().sum(1) + torch.cos(b.pos @ frequency.T + phase) @ weight

    forms = forms_of(noisy(1), noisy(2), batch, ambient="SO(2)")
    turn = parse_ambient("SO(2)").basis[0]
    along = -torch.sin(batch.pos @ frequency.T + phase) * (batch.pos @ turn.T @ frequency.T) * scale
    gram = along.T @ along / len(along)
    bias, spread = float(gram.trace()), float((gram @ gram).trace().sqrt())
    assert bias > 5 * spread, "the toy has too few features to tell the two apart"
    assert abs(float(forms.violation) / forms.graphs) < 5 * spread
    assert abs(float(forms.single) / forms.graphs - bias) < 5 * spread


def test_pure_noise_has_no_agreement(batch_of):
    # Independent gradients over K features agree by chance to O(1/sqrt(effective K)): below 0.1.
    batch = batch_of(300, 1, 2, offset=0.0)
    frequency, phase = waves(3, 3000)

    def noise(seed):
        weight = torch.randn(
            len(phase), generator=torch.Generator().manual_seed(seed), dtype=torch.float64
        )
        return lambda b: torch.cos(b.pos @ (6 * frequency).T + phase) @ weight

    assert abs(forms_of(noise(1), noise(2), batch).agreement()) < 0.15


def test_joined_forms_come_from_the_family_that_is_trusted(batch_of, teacher):
    first = forms_of(teacher.so, teacher.so, batch_of(12, 3, 2))
    second = forms_of(teacher.se, teacher.se, batch_of(12, 3, 2))
    g = torch.Generator().manual_seed(0)
    frame = torch.linalg.qr(torch.randn(4, 4, generator=g, dtype=torch.float64)).Q
    joined = combine(first, second, frame, torch.tensor([[0, 1, 1, 1], [1, 0, 1, 1]]))
    for name in ("violation", "scale", "noise", "single"):
        one, two, both = (frame.T @ getattr(f, name) @ frame for f in (first, second, joined))
        torch.testing.assert_close(both[0, 0], two[0, 0])
        torch.testing.assert_close(both[1, 1], one[1, 1])
        torch.testing.assert_close(both[1, 2:], one[1, 2:])
        torch.testing.assert_close(both[0, 2:], two[0, 2:])
        torch.testing.assert_close(both[2:, 2:], (one + two)[2:, 2:] / 2)
        assert abs(float(both[0, 1])) < 1e-9 * float(both.abs().max() + 1e-300) + 1e-12
    alone = combine(first, second, frame, torch.tensor([[1, 1, 1, 1], [0, 0, 0, 0]]))
    torch.testing.assert_close(alone.violation, first.violation)
