from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from semola_geo.training import GraphLoader, SymmetryRegularizedModule, TargetNormalizer, fit
from semola_geo.training.accuracy import Accuracy, correct_rows

NAN = float("nan")
EYE = torch.eye(3)


def test_shares_add_up_over_batches_of_different_size():
    accuracy = Accuracy()
    accuracy.update(torch.tensor([[0.5, 0.3, 0.2]]), EYE[:1])  # 0 is 0.
    accuracy.update(torch.tensor([[0.5, 0.3, 0.2], [1.0, 2.0, 3.0], [-3.0, -2.0, -1.0]]), EYE)
    # 0 is 0, 1 is not 2, 2 is 2: three of four, and not the mean of 1 and 2/3.
    assert float(accuracy.compute()) == 0.75
    accuracy.reset()
    accuracy.update(-EYE, EYE)
    assert float(accuracy.compute()) == 0.0


@pytest.mark.parametrize("place", [0, 1])
def test_an_output_that_is_no_number_is_wrong_wherever_it_stands(place):
    prediction = torch.tensor([[0.9, 0.1, 0.0]])
    assert correct_rows(prediction, EYE[:1]).tolist() == [True]
    prediction[0, place] = NAN
    assert correct_rows(prediction, EYE[:1]).tolist() == [False]


def test_data_of_a_single_class_are_fine():
    target = EYE[[1, 1, 1, 1]]
    prediction = torch.tensor([[0.0, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]])
    assert float(correct_rows(prediction, target).double().mean()) == 0.75
    # Indicators that never change have no spread: their unit stays 1.
    batch = Batch.from_data_list([Data(pos=torch.zeros(1, 3), y=row[None]) for row in target])
    units = TargetNormalizer("scalar").fit(batch.y, batch)
    assert units.denormalize(units.normalize(batch.y, batch), batch).equal(target)


@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (torch.zeros(3, 2), EYE, r"shape \(3, 2\) and the target \(3, 3\)"),
        (torch.zeros(3), torch.ones(3), r"at least two classes, got \(3,\)"),
        (torch.zeros(3, 1), torch.ones(3, 1), r"at least two classes, got \(3, 1\)"),
        (torch.zeros(1, 3), torch.tensor([[1.0, 1, 0]]), r"0 at all others, got \[1.0, 1.0, 0.0\]"),
        (torch.zeros(1, 3), torch.zeros(1, 3), r"1 at one class"),
        (torch.zeros(1, 3), torch.tensor([[0.5, 0.5, 0]]), r"1 at one class"),
        (torch.zeros(1, 3), torch.tensor([[NAN, 1, 0]]), r"1 at one class"),
    ],
)
def test_what_indicates_no_class_is_named(prediction, target, message):
    with pytest.raises(ValueError, match=message):
        correct_rows(prediction, target)


def signs(count: int, seed: int, edge: float = 0.9) -> list[Data]:
    """Is x small (nine of ten), or large (one of ten)?"""
    x = torch.rand(count, generator=torch.Generator().manual_seed(seed))
    kind = (x > edge).long()
    return [Data(pos=v.view(1, 1), kind=EYE[k, :2][None]) for v, k in zip(x, kind, strict=True)]


class Line(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(1, 16), nn.SiLU(), nn.Linear(16, 2))

    def forward(self, data: Data) -> Tensor:
        return self.layers(data.pos)


def classifier(**options):
    fields = {"pos": "scalar", "kind": "scalar"}
    return SymmetryRegularizedModule(Line(), target="kind", fields=fields, lr=3e-2, **options)


def test_classes_are_told_apart_in_data_units():
    """Equal logits stand for the frequencies of the classes, not for equal chances."""
    graphs = signs(200, 0)
    module = classifier(categorical=True)
    batch = Batch.from_data_list(graphs)
    module.fit_normalizer(batch)
    nn.init.zeros_(module.model.layers[2].weight)
    # The frequencies, and a little towards the rare class: 0.88 and 0.12, say.
    module.model.layers[2].bias.data = torch.tensor([-0.1, 0.1])
    module.validation_step(batch, 0)
    share = float((batch.kind[:, 0] == 1).double().mean())
    assert share > 0.8
    assert float(module.validation_metrics.compute()["accuracy"]) == pytest.approx(share)


def test_the_best_epoch_is_that_of_the_highest_accuracy(tmp_path):
    module = classifier(categorical=True)
    held_out = GraphLoader(signs(200, 1, edge=0.5), 100, shuffle=False)
    loaders = GraphLoader(signs(64, 0, edge=0.5), 16), held_out
    result = fit(module, *loaders, max_steps=120, checkpoint_dir=tmp_path, progress=False)
    accuracies = [row["val/accuracy"] for row in result.history]
    assert max(accuracies) > min(accuracies)
    assert result.best == max(accuracies)
    kept = torch.load(result.best_checkpoint, weights_only=False)
    first = next(row for row in result.history if row["val/accuracy"] == max(accuracies))
    assert kept["global_step"] == first["step"]
    assert module.configuration()["categorical"] is True


def test_targets_of_any_other_kind_have_no_accuracy(tmp_path):
    module = classifier()
    loaders = GraphLoader(signs(64, 0), 16), GraphLoader(signs(20, 1), 20, shuffle=False)
    result = fit(module, *loaders, max_steps=8, progress=False)
    assert result.best == min(row["val/mae"] for row in result.history)
    assert "val/accuracy" not in result.metrics
