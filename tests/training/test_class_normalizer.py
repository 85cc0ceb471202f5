from __future__ import annotations

import pytest
import torch
from torch import nn
from torch_geometric.data import Batch, Data

from semola_geo.training import (
    ClassNormalizer,
    GraphLoader,
    Objective,
    SymmetryRegularizedModule,
    TargetNormalizer,
    fit,
)
from semola_geo.training.metrics import RegressionMetrics
from semola_geo.transforms import RandomSymmetryTransform

FIELDS = {"pos": "point", "kind": "scalar"}
EMPTY = Data(pos=torch.zeros(0, 2))


def fitted(rows: list[int], classes: int = 3) -> ClassNormalizer:
    return ClassNormalizer("scalar").fit(torch.eye(classes)[rows], EMPTY)


def test_zero_logits_are_the_smoothed_frequencies():
    units = fitted([0, 0, 0, 1])
    probabilities = units.denormalize(torch.zeros(1, 3), EMPTY)
    assert torch.allclose(probabilities, torch.tensor([[4.0, 2.0, 1.0]]) / 7)


def test_a_single_class_is_finite():
    units = fitted([1, 1, 1])
    assert float(units.entropy) > 0 and bool((units.scale == 1).all())
    error = units.loss.error(torch.zeros(1, 3), torch.eye(3)[1:2])
    assert bool(error.isfinite().all())


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (torch.tensor([[0.25, 0.75]]), r"'kind' has to be 1 at one class .* got \[0.25, 0.75\]"),
        (torch.tensor([[1.0, 0.0], [1.0, 1.0]]), r"0 at all others, got \[1.0, 1.0\]"),
        (torch.zeros(4), r"'kind' has to have shape .* got \(4,\)"),
        (torch.ones(4, 1), r"at least two classes, got \(4, 1\)"),
        (torch.tensor([[torch.nan, 1.0]]), "NaN or infinite"),
    ],
)
def test_what_is_no_indicator_is_named(targets, message):
    with pytest.raises(ValueError, match=message):
        ClassNormalizer("scalar", name="kind").fit(targets, EMPTY)


@pytest.mark.parametrize("representation", ["vector", "pseudoscalar", "scalar@odd"])
def test_classes_are_scalars(representation):
    with pytest.raises(ValueError, match=f"'{representation}', but indicators"):
        ClassNormalizer(representation)


def test_a_fresh_one_takes_what_was_learned_from_a_checkpoint():
    units, fresh = fitted([0, 0, 0, 1]), ClassNormalizer("scalar")
    fresh.load_state_dict(units.state_dict())
    logits, y = torch.tensor([[0.5, -1.0, 2.0]]), torch.eye(3)[:1]
    assert fresh.denormalize(logits, EMPTY).equal(units.denormalize(logits, EMPTY))
    assert fresh.loss.error(logits, y).equal(units.loss.error(logits, y))


class Net(nn.Module):
    """Three outputs from the only point."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 3))

    def forward(self, data: Data) -> torch.Tensor:
        return self.layers(data.pos)


def rings(count: int = 300) -> list[Data]:
    """The class is the distance from the origin, 1, 2 or 3; all points lie along one direction."""
    kinds = torch.randint(3, (count,), generator=torch.Generator().manual_seed(0))
    return [
        Data(pos=torch.tensor([[1.0 + int(kind), 0.0]]), kind=torch.eye(3)[kind][None])
        for kind in kinds
    ]


def module(transform=None, **options) -> SymmetryRegularizedModule:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Net()
    return SymmetryRegularizedModule(
        network, transform, target="kind", fields=FIELDS, categorical=True, **options
    )


def test_turned_classes_are_learned_in_any_pose():
    graphs = rings()
    turn = RandomSymmetryTransform(FIELDS, "SO(2)")
    trained = module(turn, lr=2e-2)
    loader = GraphLoader(graphs, 64)
    result = fit(trained, loader, GraphLoader(graphs, 64), max_steps=150, progress=False)
    # Fitting is what is tested here, not generalisation: the same graphs come back.
    assert result.best is not None and result.best > 0.95
    assert result.metrics["val/cross_entropy"] < 0.2
    moved = turn(Batch.from_data_list(graphs), generator=torch.Generator().manual_seed(1))
    right = trained(moved).argmax(1) == moved.kind.argmax(1)
    assert float(right.float().mean()) > 0.9
    assert torch.allclose(trained(moved).sum(1), torch.ones(len(graphs)))


def test_all_terms_reach_the_model():
    batch = Batch.from_data_list(rings(20))
    turned = RandomSymmetryTransform(FIELDS, "SO(2)")
    classifier = module(turned, objective=Objective(equivariance=1.0))
    classifier.fit_normalizer(batch)
    terms = classifier.terms(batch, 0)
    assert {"prediction", "augmented", "equivariance"} <= terms.keys()
    for name in ("prediction", "augmented", "equivariance"):
        (gradient,) = torch.autograd.grad(
            terms[name], classifier.model.layers[0].weight, retain_graph=True
        )
        assert bool(gradient.isfinite().all()) and bool(gradient.abs().sum() > 0), name


@pytest.mark.parametrize("unmoved", [None, 0.5])
def test_views_of_every_kind_are_compared_by_cross_entropy(unmoved):
    batch = Batch.from_data_list(rings(20))
    turned = RandomSymmetryTransform(FIELDS, "SO(2)")
    classifier = module(turned, objective=Objective(unmoved=unmoved))
    for parameter in classifier.model.parameters():
        nn.init.zeros_(parameter)
    units = classifier.fit_normalizer(batch)
    terms = classifier.terms(batch, 0)
    # Half of the graphs are in either term, or all are in both.
    found = (terms["prediction"] + terms["augmented"]) / 2
    expected = -(batch.kind * units.constant).sum(1).mean() / units.entropy
    assert float(found.detach()) == pytest.approx(float(expected), rel=1e-5)


def test_units_of_another_kind_are_refused():
    with pytest.raises(ValueError, match="categorical=True does not go with a TargetNormalizer"):
        module(normalizer=TargetNormalizer("scalar"))
    units = ClassNormalizer("scalar")
    with pytest.raises(ValueError, match="categorical=False does not go with a ClassNormalizer"):
        SymmetryRegularizedModule(Net(), target="kind", fields=FIELDS, normalizer=units)
    assert module(normalizer=units).normalizer is units


def test_the_loss_is_part_of_the_fingerprint():
    plain = SymmetryRegularizedModule(Net(), target="kind", fields=FIELDS)
    assert plain.configuration()["loss"] == "squared error"
    assert module().configuration()["loss"] == "cross-entropy"


def test_validation_compares_probabilities_with_indicators():
    graphs = rings(20)
    batch = Batch.from_data_list(graphs)
    classifier = module()
    classifier.fit_normalizer(batch)
    classifier.validation_step(batch, 0)
    values = classifier.validation_metrics.compute()
    p = classifier(batch).detach()
    assert float(values["mae"]) == pytest.approx(float((p - batch.kind).abs().mean()), rel=1e-5)
    assert float(values["mse"]) == pytest.approx(float((p - batch.kind).square().mean()), rel=1e-5)
    right = -p[batch.kind == 1].log().mean()
    assert float(values["cross_entropy"]) == pytest.approx(float(right), rel=1e-5)


def test_metrics_over_ragged_batches_and_with_nan():
    metrics = RegressionMetrics(categorical=True)
    metrics.update(torch.tensor([[0.5, 0.5], [0.25, 0.75]]), torch.tensor([[0.0, 1], [0, 1]]))
    metrics.update(torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]]))
    values = metrics.compute()
    assert float(values["accuracy"]) == pytest.approx(2 / 3)
    expected = (torch.tensor(2.0).log() + torch.tensor(4 / 3).log()) / 3
    assert float(values["cross_entropy"]) == pytest.approx(float(expected), rel=1e-5)
    metrics.update(torch.tensor([[torch.nan, 0.0]]), torch.tensor([[1.0, 0.0]]))
    values = metrics.compute()
    assert float(values["accuracy"]) == 0.5
    assert bool(values["cross_entropy"].isnan())
    metrics.reset()
    metrics.update(torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 0.0]]))
    assert 80 < float(metrics.compute()["cross_entropy"]) < 90
