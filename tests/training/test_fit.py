from __future__ import annotations

import csv
import logging
import warnings

import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch import nn

from semola_geo.training import GraphLoader, calibrate_steps, fit


def test_result_and_files(toy, tmp_path):
    threads = torch.get_num_threads()
    torch.manual_seed(5)
    expected_draw = torch.rand(3)
    torch.manual_seed(5)
    module, result = toy.train(checkpoint_dir=tmp_path, steps=12)
    assert torch.equal(torch.rand(3), expected_draw), "fit must not disturb the caller's generator"
    assert torch.get_num_threads() == threads
    assert result.steps == 12
    assert not result.stopped_early
    assert not module.training
    assert result.seconds > 0
    assert result.cpu_seconds > 0
    assert [row["step"] for row in result.history] == [5, 10, 12]
    assert result.best == min(row["val/mae"] for row in result.history)
    assert result.metrics["val/mae"] == result.history[-1]["val/mae"]
    assert result.last_checkpoint == tmp_path / "last.ckpt"
    assert result.best_checkpoint == tmp_path / "best.ckpt"
    with (tmp_path / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["val/mae"]) for row in rows] == [row["val/mae"] for row in result.history]


def test_learning_reduces_the_error(toy):
    _, result = toy.train(steps=150, steps_per_epoch=50, dropout=0.0)
    assert result.history[-1]["train/prediction"] < 0.8 * result.history[0]["train/prediction"]


def test_nothing_is_written_without_a_folder(toy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, result = toy.train(steps=6)
    assert result.last_checkpoint is None
    assert list(tmp_path.iterdir()) == []


def test_is_silent(toy, tmp_path, capfd):
    level = logging.getLogger("lightning.pytorch").level
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        toy.train(steps=6, checkpoint_dir=tmp_path)
        toy.train(steps=6, checkpoint_dir=tmp_path)
    assert [str(w.message) for w in caught] == []
    assert capfd.readouterr().err == ""
    assert logging.getLogger("lightning.pytorch").level == level


def test_without_resume_a_run_starts_afresh(toy, tmp_path):
    first, _ = toy.train(checkpoint_dir=tmp_path, steps=6)
    second, result = toy.train(checkpoint_dir=tmp_path, steps=6, resume=False)
    assert result.resumed_from is None
    assert result.steps == 6
    assert all(
        torch.equal(a, b)
        for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


def test_other_options_are_refused_by_name(toy, tmp_path):
    toy.train(checkpoint_dir=tmp_path, steps=6)
    with pytest.raises(
        ValueError, match="global_batch_size was 8, now 4; steps_per_epoch was 5, now 3"
    ):
        toy.train(checkpoint_dir=tmp_path, steps=6, batch_size=4, steps_per_epoch=3)
    with pytest.raises(ValueError, match="max_steps was 6, now 7"):
        toy.train(checkpoint_dir=tmp_path, steps=7)
    with pytest.raises(ValueError, match=r": model_options.layers.2.p was 0.2, now 0.5\. Use"):
        toy.train(checkpoint_dir=tmp_path, steps=6, dropout=0.5)


def test_callbacks_can_take_part_in_the_fingerprint(toy, tmp_path):
    class Shrink(Callback):
        def __init__(self, factor: float) -> None:
            self.factor = factor

        def configuration(self) -> dict[str, float]:
            return {"factor": self.factor}

    toy.train(checkpoint_dir=tmp_path, steps=6, callbacks=[Shrink(0.9)])
    with pytest.raises(ValueError, match=r"Shrink.factor was 0.9, now 0.8"):
        toy.train(checkpoint_dir=tmp_path, steps=6, callbacks=[Shrink(0.8)])


def test_other_data_are_refused(toy, tmp_path):
    def run(seed: int) -> None:
        loader = GraphLoader(toy.molecules(8, seed), 4)
        options = {"progress": False, "accelerator": "cpu", "checkpoint_dir": tmp_path}
        fit(toy.make_module(), loader, max_steps=2, **options)

    run(0)
    with pytest.raises(ValueError, match="target_checksum was"):
        run(1)


def test_other_inputs_are_refused_by_name(toy, tmp_path):
    def run(shift: float, charge: int = 0) -> None:
        graphs = toy.molecules(8)
        for graph in graphs:
            graph.pos = graph.pos + shift
            graph.z = graph.z + charge
        options = {"progress": False, "accelerator": "cpu", "checkpoint_dir": tmp_path}
        fit(toy.make_module(), GraphLoader(graphs, 4), max_steps=2, **options)

    run(0.0)
    run(0.0)
    with pytest.raises(ValueError, match=r"options: input_checksum.pos was \d+, now \d+\. Use"):
        run(1.0)
    with pytest.raises(ValueError, match=r"options: input_checksum.z was \d+, now \d+\. Use"):
        run(0.0, 1)


def test_another_patience_is_refused(toy, tmp_path):
    toy.train(checkpoint_dir=tmp_path, steps=6, early_stopping=3)
    with pytest.raises(ValueError, match=r"options: early_stopping was 3, now 4\. Use"):
        toy.train(checkpoint_dir=tmp_path, steps=6, early_stopping=4)


def test_validation_is_optional_and_early_stopping_needs_it(toy, tmp_path):
    loader = GraphLoader(toy.molecules(8), 4)
    options = {"progress": False, "accelerator": "cpu", "max_steps": 3}
    result = fit(toy.make_module(), loader, checkpoint_dir=tmp_path, **options)
    assert result.best is None
    assert result.best_checkpoint is None
    assert result.last_checkpoint == tmp_path / "last.ckpt"
    with pytest.raises(ValueError, match="early_stopping needs val_loader"):
        fit(toy.make_module(), loader, early_stopping=1, **options)


def test_patience_ends_a_run_that_gets_no_better(toy):
    loader = GraphLoader(toy.molecules(8), 4)
    module = toy.make_module(lr=1e-12, basis_lr=1e-12)
    result = fit(
        module, loader, loader, max_steps=100, early_stopping=2, progress=False, accelerator="cpu"
    )
    assert result.stopped_early
    assert result.steps < 20


@pytest.mark.parametrize(
    ("module_steps", "options", "message"),
    [
        (None, {}, "needs a budget: give max_steps or max_seconds"),
        (None, {"max_steps": 1, "max_seconds": 1}, "either max_steps or max_seconds, not both"),
        (None, {"max_steps": 0}, "max_steps must be at least 1, got 0"),
        (5, {"max_steps": 6}, "max_steps=5, but fit was given 6"),
        (None, {"max_seconds": 0}, "max_seconds must be positive, got 0"),
        (None, {"max_steps": 1, "logger": "wandb"}, "logger must be 'csv', 'tensorboard'"),
        (None, {"max_seconds": 1, "devices": 2}, "max_seconds is measured in one process"),
    ],
)
def test_bad_budgets_are_named(toy, module_steps, options, message):
    loader = GraphLoader(toy.molecules(8), 4)
    with pytest.raises(ValueError, match=message):
        fit(toy.make_module(max_steps=module_steps), loader, progress=False, **options)


def test_seconds_become_steps_and_stay_when_resumed(toy, tmp_path):
    loader = GraphLoader(toy.molecules(16), 8, steps_per_epoch=20)
    options = {"progress": False, "accelerator": "cpu", "checkpoint_dir": tmp_path}
    first = fit(toy.make_module(), loader, max_seconds=1.0, **options)
    assert first.steps >= 2
    second = fit(toy.make_module(), loader, max_seconds=1.0, **options)
    assert second.steps == first.steps


def test_calibration_leaves_the_module_alone(toy):
    loader = GraphLoader(toy.molecules(16), 8)
    module = toy.make_module()
    module.fit_normalizer(loader.full_batch())
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    assert calibrate_steps(module, loader, 100.0, trial_seconds=0.05) > 100
    assert all(torch.equal(module.state_dict()[name], before[name]) for name in before)


def test_nan_targets_are_named_before_training(toy):
    graphs = toy.molecules(8)
    graphs[3].dipole[0, 1] = float("nan")
    with pytest.raises(ValueError, match="target 'dipole' has 1 NaN"):
        fit(toy.make_module(), GraphLoader(graphs, 4), max_steps=1, progress=False)


def test_plain_pyg_loader_works_too(toy):
    from torch_geometric.loader import DataLoader

    loader = DataLoader(toy.molecules(8), batch_size=4)
    result = fit(toy.make_module(), loader, max_steps=3, progress=False, accelerator="cpu")
    assert result.steps == 3


def test_batch_normalisation_state_is_kept(toy, tmp_path):
    module = toy.make_module()
    module.model.layers.insert(1, nn.BatchNorm1d(16))
    loader = GraphLoader(toy.molecules(8), 4)
    options = {"progress": False, "accelerator": "cpu", "checkpoint_dir": tmp_path}
    result = fit(module, loader, max_steps=4, **options)
    stored = torch.load(result.last_checkpoint)["state_dict"]
    assert torch.equal(stored["model.layers.1.running_mean"], module.model.layers[1].running_mean)
