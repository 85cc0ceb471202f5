from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch_geometric.data import Batch

from semola_geo.training import Objective, SemolaPaperObjective, Views
from semola_geo.training.seeding import seeded_generator
from semola_geo.training.views import MovedViews, _staying, make_views
from semola_geo.transforms import LearnableSymmetryTransform, RandomSymmetryTransform


def views_of(transported=None, transform=None, **options) -> Views:
    def never():
        raise AssertionError("the consistency term was not asked for")

    moved = MovedViews(torch.full((2, 3), 3.0), torch.ones(2, 3), transported or never)
    return Views(torch.zeros(2, 3), torch.ones(2, 3), moved, transform, **options)


def test_terms_and_weights():
    views = views_of(transported=lambda: torch.zeros(2, 3))
    terms = Objective(augmented=0.5, equivariance=2.0, extent=0.1)(views)
    assert {k: float(v) for k, v in terms.items()} == {
        "prediction": 1.0,
        "augmented": 4.0,
        "equivariance": 9.0,
        "loss": 1 + 0.5 * 4 + 2 * 9,
    }


def test_consistency_costs_nothing_when_switched_off():
    assert "equivariance" not in Objective(equivariance=0)(views_of())


def test_extent_reward_only_for_learnable_extents(toy):
    fields = toy.FIELDS
    learnable = LearnableSymmetryTransform(fields, "SO(3)", extent=1.5)
    views = replace(views_of(transform=learnable), prediction=torch.full((2, 3), 0.5))
    terms = Objective(extent=0.1)(views)
    assert float(terms["extent"].detach()) == pytest.approx(1.5)
    assert float(terms["loss"].detach()) == pytest.approx(0.25 + 4 - 0.75 * 0.15)
    terms["loss"].backward()
    assert bool((learnable.law.raw_extents.grad < 0).all())
    known = RandomSymmetryTransform(fields, "SO(3)")
    assert "extent" not in Objective(extent=0.1)(views_of(transform=known))
    assert "extent" not in Objective(extent=0.0)(views_of(transform=learnable))


def test_extents_earn_nothing_for_a_model_that_predicts_the_mean(toy):
    learnable = LearnableSymmetryTransform(toy.FIELDS, "SO(3)", extent=1.5)
    Objective(extent=0.1)(views_of(transform=learnable))["loss"].backward()
    assert bool((learnable.law.raw_extents.grad == 0).all())
    Objective(extent=0.1, earned=False)(views_of(transform=learnable))["loss"].backward()
    assert bool((learnable.law.raw_extents.grad < 0).all())


def test_a_target_that_is_not_known_leaves_gradients_finite():
    prediction = torch.zeros(2, 3, requires_grad=True)
    target = torch.tensor([[1.0, 2.0, 3.0], [torch.nan] * 3])
    views = Views(prediction, target, labelled=torch.tensor([True, False]))
    views.supervised().backward()
    assert prediction.grad.isfinite().all() and (prediction.grad[1] == 0).all()


def test_unlabelled_rows_enter_the_consistency_term_only():
    labelled = torch.tensor([True, False])
    views = Views(
        torch.tensor([[0.0], [9.0]]),
        torch.tensor([[1.0], [0.0]]),
        MovedViews(
            torch.tensor([[2.0], [9.0]]), torch.tensor([[1.0], [0.0]]), lambda: torch.zeros(2, 1)
        ),
        labelled=labelled,
        counts=(1, 2),
    )
    terms = Objective(equivariance=1.0)(views)
    assert float(terms["prediction"]) == 1
    assert float(terms["augmented"]) == 1
    assert float(terms["equivariance"]) == (4 + 81) / 2
    without_counts = Objective(equivariance=1.0)(
        Views(views.prediction, views.target, views.moved, labelled=labelled)
    )
    assert without_counts.keys() == terms.keys()
    assert all(torch.equal(without_counts[name], terms[name]) for name in terms)


def test_batch_without_any_label_has_no_supervised_loss():
    views = Views(torch.ones(2, 3), torch.zeros(2, 3), labelled=torch.zeros(2, dtype=torch.bool))
    assert float(Objective()(views)["loss"]) == 0
    assert float(views.explained()) == 0


def test_no_plain_row_explains_nothing(toy):
    batch = Batch.from_data_list(toy.molecules(3))
    module = toy.make_module(objective=Objective(unmoved=0.25))
    module.fit_normalizer(batch)
    terms = {name: term.detach() for name, term in module.terms(batch, 0).items()}
    assert float(terms["prediction"]) == 0, "three graphs have their first plain row in step 1"
    assert torch.equal(terms["loss"], terms["augmented"]), "the extent earns nothing"
    views = Views(torch.zeros(0, 3), torch.zeros(0, 3))
    assert float(views.explained()) == float(views.supervised()) == 0


@pytest.mark.parametrize("objective", [Objective, SemolaPaperObjective])
def test_negative_weights_are_refused(objective):
    with pytest.raises(ValueError, match="'equivariance' must be >= 0, got -1"):
        objective(equivariance=-1)
    assert objective().configuration()["objective"] == objective.__name__


class FreeBasis(torch.nn.Module):
    """A basis as in the paper, without constraints."""

    def __init__(self, matrix: torch.Tensor) -> None:
        super().__init__()
        self.basis = torch.nn.Parameter(matrix)
        self.extents = torch.ones(len(matrix))


def test_paper_objective_has_five_terms():
    basis = FreeBasis(torch.tensor([[0.5, 0.0], [1.0, 1.0]]))
    terms = SemolaPaperObjective()(views_of(lambda: torch.zeros(2, 3), basis))
    assert sorted(terms) == [
        "augmented",
        "equivariance",
        "loss",
        "nontriviality",
        "orthogonality",
        "prediction",
    ]
    terms = {name: term.detach() for name, term in terms.items()}
    assert float(terms["nontriviality"]) == pytest.approx(0.25 / 2)
    assert float(terms["orthogonality"]) == pytest.approx(0.5)
    assert float(terms["loss"]) == pytest.approx(1 + 4 + 9 + 0.125 + 0.5)


def test_paper_regularisers_vanish_for_an_orthonormal_basis_of_unit_extent(toy):
    transform = LearnableSymmetryTransform(
        toy.FIELDS, "Aff(3)", 5, extent=1.0, generator=torch.Generator().manual_seed(0)
    )
    terms = SemolaPaperObjective()(views_of(lambda: torch.zeros(2, 3), transform))
    assert float(terms["nontriviality"]) == pytest.approx(0, abs=1e-12)
    assert float(terms["orthogonality"]) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_true_symmetry_of_an_equivariant_model_has_no_consistency_loss(toy, dtype):
    batch = Batch.from_data_list(toy.molecules(6))
    batch.pos, batch.dipole = batch.pos.to(dtype), batch.dipole.to(dtype)
    module = toy.make_module()
    units = module.fit_normalizer(batch)

    class Equivariant(torch.nn.Module):
        def forward(self, data):
            weight = (data.z - 2.0).to(dtype).unsqueeze(1)
            out = weight * data.pos * data.pos.norm(dim=1, keepdim=True)
            return out.new_zeros(data.num_graphs, 3).index_add(0, data.batch, out)

    def loss(group: str) -> float:
        transform = RandomSymmetryTransform(toy.FIELDS, group, extent=1.0)
        views = make_views(batch, Equivariant(), transform, units, seeded_generator(0, 1))
        return float(Objective(equivariance=1.0)(views)["equivariance"])

    assert loss("SO(3)") < (1e-10 if dtype == torch.float32 else 1e-26)
    assert loss("GL(3)") > 1e-2


def test_mixed_views_estimate_the_same_two_terms_in_one_pass() -> None:
    """Averaged over draws of the batch, one pass gives the two terms of the paired objective."""
    from torch_geometric.data import Batch, Data

    from semola_geo.training import TargetNormalizer
    from semola_geo.training.views import make_views
    from semola_geo.transforms import RandomSymmetryTransform

    generator = torch.Generator().manual_seed(0)
    graphs = [
        Data(pos=torch.randn(2, 3, generator=generator), y=torch.randn(1, 3, generator=generator))
        for _ in range(64)
    ]
    batch = Batch.from_data_list(graphs)
    calls = []

    class Model(torch.nn.Module):
        def forward(self, data: Batch) -> torch.Tensor:
            calls.append(data.num_graphs)
            return data.pos.reshape(-1, 2, 3).sum(1) * torch.tensor([1.0, 0.5, 0.0])

    units = TargetNormalizer("vector", "graph", name="y").fit(batch.y, batch)
    turn = RandomSymmetryTransform({"pos": "vector", "y": "vector"}, "SO(3)")
    views = make_views(batch, Model(), turn, units, torch.Generator().manual_seed(1), unmoved=0.25)
    assert calls == [64]
    assert views.moved is not None
    assert (len(views.prediction), len(views.moved.prediction)) == (16, 48)
    still = torch.arange(64) % 4 == 3
    assert torch.equal(views.target, units.normalize(batch.y, batch)[still])
    # Rotations keep lengths: the moved targets are the others, turned.
    lengths = units.normalize(batch.y, batch)[~still].norm(dim=1)
    assert torch.allclose(views.moved.target.norm(dim=1), lengths, atol=1e-5)
    assert not torch.allclose(views.moved.target, units.normalize(batch.y, batch)[~still])
    with pytest.raises(ValueError, match="unmoved=None"):
        views.moved.transported()


def test_mixed_views_exclude_the_consistency_term() -> None:
    with pytest.raises(ValueError, match="unmoved=None"):
        Objective(equivariance=1.0, unmoved=0.5)
    with pytest.raises(ValueError, match="unmoved must lie in"):
        Objective(unmoved=1.5)


@pytest.mark.parametrize("share", [0.25, 0.3, 1 / 3])
@pytest.mark.parametrize("graphs", [1, 2, 3])
def test_small_batches_get_their_share_over_time(graphs: int, share: float) -> None:
    steps = 3000 // graphs
    stays = torch.cat([_staying(graphs, share, step) for step in range(steps)])
    assert int(stays.sum()) == round(share * len(stays))


@pytest.mark.parametrize(("graphs", "share"), [(8, 0.25), (20, 0.25), (10, 0.3), (4, 0.5)])
def test_batches_with_a_whole_share_all_have_the_same_places(graphs: int, share: float) -> None:
    place = torch.arange(graphs)
    expected = ((place + 1) * share).floor() > (place * share).floor()
    assert all(torch.equal(_staying(graphs, share, step), expected) for step in (0, 1, 99_999))
