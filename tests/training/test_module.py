from __future__ import annotations

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch import nn
from torch_geometric.data import Batch, Data

from semola_geo.algebra import LieAlgebra
from semola_geo.training import (
    GraphDataModule,
    GraphLoader,
    Objective,
    SymmetryRegularizedModule,
    TargetNormalizer,
)
from semola_geo.training.optimization import build_optimizer, one_cycle_factor
from semola_geo.transforms import LearnableSymmetryTransform, RandomSymmetryTransform


def test_forward_and_predict_step_are_in_data_units(toy):
    batch = Batch.from_data_list(toy.molecules(5))
    module = toy.make_module().eval()
    module.fit_normalizer(batch)
    expected = module.model(batch) * module.normalizer.scale
    assert torch.allclose(module(batch).double(), expected, atol=1e-6)
    assert torch.equal(module.predict_step(batch), module(batch))


def test_module_is_a_differentiable_teacher(toy):
    batch = Batch.from_data_list(toy.molecules(5))
    module = toy.make_module().eval()
    module.fit_normalizer(batch)
    batch.pos.requires_grad_()
    (gradient,) = torch.autograd.grad(module(batch).sum(), batch.pos)
    assert bool((gradient != 0).any())


def test_gradient_reaches_model_basis_and_extents(toy):
    batch = Batch.from_data_list(toy.molecules(8))
    module = toy.make_module()
    module.fit_normalizer(batch)
    module.terms(batch, 0)["loss"].backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert bool(parameter.grad.abs().sum() > 0), name


def test_randomness_is_a_function_of_seed_and_step(toy):
    batch = Batch.from_data_list(toy.molecules(8))
    module = toy.make_module(dropout=0.0)
    module.fit_normalizer(batch)
    torch.manual_seed(1)
    first = module.terms(batch, 5)["augmented"]
    torch.manual_seed(2)
    assert torch.equal(first, module.terms(batch, 5)["augmented"])
    assert not torch.equal(first, module.terms(batch, 6)["augmented"])
    module.seed += 1
    assert not torch.equal(first, module.terms(batch, 5)["augmented"])


@pytest.mark.parametrize("transform", [None, "SO(3)"])
def test_without_transform_and_with_a_known_group(toy, transform):
    batch = Batch.from_data_list(toy.molecules(8))
    known = None if transform is None else RandomSymmetryTransform(toy.FIELDS, transform)
    module = SymmetryRegularizedModule(toy.Cloud(), known, target="dipole", fields=toy.FIELDS)
    module.fit_normalizer(batch)
    expected = {"loss", "prediction"} if known is None else {"augmented", "loss", "prediction"}
    assert module.terms(batch, 0).keys() == expected


def test_learns_units_from_labelled_graphs_only(toy):
    graphs = toy.molecules(20)
    for number, graph in enumerate(graphs):
        graph.labelled = torch.tensor([number % 2 == 0])
        if number % 2:
            graph.dipole = torch.full((1, 3), 1e6)
    module = toy.make_module()
    module.fit_normalizer(Batch.from_data_list(graphs))
    assert float(module.normalizer.scale) < 100
    batch = Batch.from_data_list(graphs)
    assert float(module.terms(batch, 0)["prediction"].detach()) < 100


def test_two_parameter_groups_and_no_decay_of_the_basis(toy):
    module = toy.make_module(lr=1e-3, basis_lr=5e-2, weight_decay=0.3)
    model, basis = build_optimizer(
        module.model, module.transform, lr=1e-3, basis_lr=5e-2, weight_decay=0.3
    ).param_groups
    assert (model["lr"], basis["lr"]) == (1e-3, 5e-2)
    assert (model["weight_decay"], basis["weight_decay"]) == (0.3, 0.0)
    assert {id(p) for p in basis["params"]} == {id(p) for p in module.transform.parameters()}


def test_one_cycle_rises_then_falls():
    factors = [one_cycle_factor(step, 200) for step in range(201)]
    assert max(range(201), key=factors.__getitem__) == 20
    assert factors[0] == pytest.approx(0.04)
    assert factors[-1] == pytest.approx(0, abs=1e-12)
    assert all(0 <= f <= 1 for f in factors)


def test_trains_under_a_plain_trainer_with_the_data_module(toy, tmp_path):
    graphs = toy.molecules(40)
    data = GraphDataModule(graphs[:24], graphs[24:32], graphs[32:], batch_size=8)
    module = toy.make_module(reference=LieAlgebra.from_name("so(3)"), lr=1e-2)
    module.fit_normalizer(data.train_dataloader().full_batch())
    trainer = L.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(module, datamodule=data)
    logged = trainer.callback_metrics
    assert {"train/loss", "train/augmented", "val/mae", "val/r2", "extent/3"} <= set(logged)
    assert 0 <= float(logged["angle/largest"]) <= 90
    (tested,) = trainer.test(module, datamodule=data, verbose=False)
    module.eval()
    held_out = Batch.from_data_list(graphs[32:])
    with torch.no_grad():
        error = module(held_out) - held_out.dipole
    assert tested["test/mae"] == pytest.approx(float(error.abs().mean()), abs=1e-5)
    y = module.normalizer.normalize(held_out.dipole, held_out)
    residual = error / module.normalizer.scale
    r2 = 1 - residual.square().sum() / (y - y.mean()).square().sum()
    assert tested["test/r2"] == pytest.approx(float(r2), abs=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "energy"}, "target 'energy' is not declared in fields: pos, dipole"),
        ({"lr": 0.0}, "lr must be positive, got 0.0"),
        ({"max_steps": 0}, "max_steps must be positive, got 0"),
        ({"weight_decay": -1.0}, "weight_decay must be >= 0"),
        ({"warmup": 1.0}, r"warmup is a share of the steps in \[0, 1\), got 1.0"),
        ({"seed": -1}, "seed must be >= 0"),
    ],
)
def test_bad_options_are_named(toy, options, message):
    with pytest.raises(ValueError, match=message):
        SymmetryRegularizedModule(
            toy.Cloud(), None, **{"target": "dipole", "fields": toy.FIELDS, **options}
        )


def test_transform_has_to_move_the_target_alike(toy):
    options = {"target": "dipole", "fields": toy.FIELDS}
    with pytest.raises(ValueError, match="does not move the target 'dipole', only pos"):
        SymmetryRegularizedModule(
            nn.Identity(), RandomSymmetryTransform({"pos": "point"}), **options
        )
    other = LearnableSymmetryTransform({"pos": "point", "dipole": "covector"}, "SO(3)")
    with pytest.raises(ValueError, match="'vector' in fields, but 'covector' in the transform"):
        SymmetryRegularizedModule(nn.Identity(), other, **options)


def test_says_what_is_missing_or_has_the_wrong_shape(toy):
    batch = Batch.from_data_list(toy.molecules(3))
    module = toy.make_module()
    with pytest.raises(ValueError, match="units of the target are unknown"):
        module(batch)
    module.fit_normalizer(batch)
    module.model = toy.Cloud("node")
    with pytest.raises(
        ValueError, match=r"the model returns shape \(\d+, 3\), but target 'dipole'"
    ):
        module.terms(batch, 0)


def test_scalar_node_target_of_another_level(toy):
    graphs = toy.molecules(4)
    for graph in graphs:
        graph.charge = graph.z.float()
    module = SymmetryRegularizedModule(nn.Identity(), target="charge", fields={"charge": "scalar"})
    normalizer = module.fit_normalizer(GraphLoader(graphs, 2).full_batch())
    assert isinstance(normalizer, TargetNormalizer)
    assert normalizer.level == "node"
    with pytest.raises(ValueError, match="has 2 rows, but the data have 1 graph"):
        TargetNormalizer.for_field("y", "scalar", Data(pos=torch.zeros(3, 3), y=torch.zeros(2)))


@pytest.mark.parametrize("clip", [10.0, None])
def test_diverged_training_stops_with_advice(toy, clip):
    module, loader = toy.make_module(gradient_clip=clip), GraphLoader(toy.molecules(8), 4)
    module.fit_normalizer(loader.full_batch())
    (optimizer,) = [build_optimizer(module.model, None, lr=1, basis_lr=1, weight_decay=0)]
    for parameter in module.model.parameters():
        parameter.grad = torch.full_like(parameter, float("nan"))
    trainer = L.Trainer(accelerator="cpu", logger=False, barebones=True)
    module.trainer = trainer
    with pytest.raises(FloatingPointError, match=r"not finite at step 0 .*; lower lr"):
        module.configure_gradient_clipping(optimizer)


def test_without_a_bound_gradients_stay_as_they_are(toy):
    module, batch = toy.make_module(gradient_clip=None), Batch.from_data_list(toy.molecules(8))
    module.fit_normalizer(batch)
    module.trainer = L.Trainer(accelerator="cpu", logger=False, barebones=True)
    optimizer = build_optimizer(module.model, module.transform, lr=1, basis_lr=1, weight_decay=0)
    (1e3 * module.terms(batch, 0)["loss"]).backward()
    before = [parameter.grad.clone() for parameter in module.parameters()]
    module.configure_gradient_clipping(optimizer)
    after = [parameter.grad for parameter in module.parameters()]
    assert all(torch.equal(*pair) for pair in zip(before, after, strict=True))


def test_a_device_is_not_waited_for_in_a_step(toy):
    module = toy.make_module()
    module.trainer = L.Trainer(accelerator="cpu", logger=False, barebones=True)
    # A tensor without values, which would refuse to tell one.
    layer = nn.Linear(2, 1, device="meta")
    for parameter in layer.parameters():
        parameter.grad = torch.empty_like(parameter)
    optimizer = torch.optim.SGD(layer.parameters())
    for _ in range(2):
        module.configure_gradient_clipping(optimizer)
    assert module._finite.device.type == "meta"


def test_what_a_gpu_found_is_asked_before_the_checkpoint_is_written(toy, tmp_path):
    class Diverged(Callback):
        def on_train_batch_end(self, trainer, module, *_):
            module._finite = torch.tensor(trainer.global_step != 3)

    options = {"callbacks": [Diverged()], "checkpoint_dir": tmp_path}
    with pytest.raises(FloatingPointError, match=r"at step 3 or, on a GPU, before it"):
        toy.train(steps=6, steps_per_epoch=3, **options)
    assert not list(tmp_path.glob("*.ckpt"))


def test_objective_is_configured(toy):
    module = toy.make_module(objective=Objective(equivariance=0.5))
    assert module.configuration()["equivariance"] == 0.5
