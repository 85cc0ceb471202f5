"""The Lightning module of joint learning: a model, a symmetry transform and an objective."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.optim import Optimizer
from torch_geometric.data import Batch

from semola_geo.algebra import LieAlgebra
from semola_geo.representations import Representation
from semola_geo.training.normalizer import TargetNormalizer
from semola_geo.training.objective import Objective, ObjectiveLike
from semola_geo.training.optimization import build_optimizer, clip_gradients, one_cycle
from semola_geo.training.options import check_module_options, module_configuration
from semola_geo.training.regression import RegressionModule
from semola_geo.training.seeding import seed_from, seeded_generator
from semola_geo.training.views import make_views
from semola_geo.transforms import ReplayableTransform

__all__ = ["SymmetryRegularizedModule"]


class SymmetryRegularizedModule(RegressionModule):
    """Train any PyG model together with the symmetry that augments its data.

    ``module(batch)`` and ``predict_step`` return predictions in data units, so that a trained
    module is a teacher for :func:`semola_geo.lie_derivative_spectrum` as it stands.

    All randomness of step s is a pure function of ``(seed, s)``. Under data-parallel training the
    elements of the *global* batch are drawn and rank r takes those numbered r, r + world, …, just
    as :class:`GraphLoader` deals out the graphs.

    Graphs may be marked as unlabelled by a boolean graph-level field ``labelled``; they enter the
    consistency term of the objective only, and no measured error. Their targets are never read and
    may be NaN.

    Args:
        model: Maps a batch to ``[B, ...]`` or ``[N, ...]`` in normalised units.
        transform: One of :mod:`semola_geo.transforms`, learnable or not, or ``None``.
        target: Name of the target field.
        fields: Name → representation; the target has to be among them.
        objective: What is minimised; ``None``: :class:`Objective` with its defaults.
        normalizer: Units of the target; ``None``: made by :meth:`fit_normalizer`, which
            :func:`fit` calls.
        lr: Peak learning rate of the model.
        basis_lr: Peak learning rate of the transform's parameters.
        weight_decay: Of the model only.
        max_steps: Length of the one-cycle schedule; ``None``: as :func:`fit` is told, or constant
            learning rates under a plain ``Trainer``.
        warmup: Share of the schedule in which the learning rates rise.
        gradient_clip: Largest gradient norm of the model, and of the transform; ``None``: off.
        seed: Seed of augmentation and dropout.
        reference: Algebra to which principal angles are logged (degrees).
        categorical: Whether the target indicates classes, as for :class:`RegressionModule`: the
            model then returns logits, what is minimised is cross-entropy, predictions are
            probabilities, and the best epoch is the one of the highest accuracy.

    Raises:
        ValueError: If the target is not declared in ``fields`` or not moved by the transform, an
            option is out of range, or ``normalizer`` is none of such a target.

    >>> module = SymmetryRegularizedModule(nn.Identity(), target="y", fields={"y": "scalar"})
    >>> module.configuration()["lr"]
    0.003
    """

    def __init__(
        self,
        model: nn.Module,
        transform: ReplayableTransform[Any] | None = None,
        *,
        target: str,
        fields: Mapping[str, str | Representation],
        objective: ObjectiveLike | None = None,
        normalizer: TargetNormalizer | None = None,
        lr: float = 3e-3,
        basis_lr: float = 1e-2,
        weight_decay: float = 1e-4,
        max_steps: int | None = None,
        warmup: float = 0.1,
        gradient_clip: float | None = 10.0,
        seed: int = 0,
        reference: LieAlgebra | None = None,
        categorical: bool = False,
    ) -> None:
        super().__init__(
            model, target=target, fields=fields, normalizer=normalizer, categorical=categorical
        )
        self.transform = transform
        self.objective: ObjectiveLike = Objective() if objective is None else objective
        self.lr, self.basis_lr, self.weight_decay = lr, basis_lr, weight_decay
        self.max_steps, self.warmup, self.gradient_clip = max_steps, warmup, gradient_clip
        self.seed, self.reference = seed, reference
        check_module_options(self)
        self._sums: dict[str, Tensor] = {}
        self._count = 0
        self._finite: Tensor | None = None

    def configuration(self) -> dict[str, Any]:
        """Return the options that decide the result, as plain values."""
        return module_configuration(self)

    def terms(self, batch: Batch, *counters: int) -> dict[str, Tensor]:
        """Compute the objective on one batch.

        Args:
            batch: Graphs with the target in data units.
            counters: The step, or any integers ≥ 0 that name this batch: the group elements are
                a pure function of the seed and of them.
        """
        generator = seeded_generator(self.seed, *counters)
        unmoved = getattr(self.objective, "unmoved", None)
        step = counters[0] if counters else 0
        views = make_views(batch, self.model, self.transform, self.units, generator, unmoved, step)
        return self.objective(views)

    def on_train_epoch_start(self) -> None:
        """Tell the loader which epoch begins."""
        # Counted from steps: Lightning's own numbers of epochs are off by one after a resumption
        # from a checkpoint that was written at the end of an epoch.
        trainer = self.trainer
        set_epoch = getattr(trainer.train_dataloader, "set_epoch", None)
        if set_epoch is not None:
            steps = math.ceil(trainer.num_training_batches / trainer.accumulate_grad_batches)
            set_epoch(self.global_step // steps)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the loss, and add the terms to the epoch's means."""
        step = self.global_step
        # Dropout draws from the global generators, which no checkpoint could restore exactly.
        dropout_seed = seed_from(self.seed, step, batch_idx, self.global_rank, 0)
        torch.default_generator.manual_seed(dropout_seed)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(dropout_seed)
        terms = self.terms(batch, step, batch_idx)
        for name, term in terms.items():
            value = term.detach()
            self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._count += 1
        return terms["loss"]

    def on_train_epoch_end(self) -> None:
        """Log the epoch's mean terms, the extents and the angle to the reference algebra.

        Raises:
            FloatingPointError: If a gradient of the epoch was not finite.
        """
        # Before the checkpoint of the epoch is written.
        finite, self._finite = self._finite, None
        if finite is not None:
            self._check_finite(finite)
        if not self._count:
            return  # Lightning repeats the end of the checkpointed epoch when it resumes
        means = {f"train/{name}": total / self._count for name, total in self._sums.items()}
        self.log_dict(means, sync_dist=self.trainer.world_size > 1)
        self._sums, self._count = {}, 0
        extents = getattr(self.transform, "extents", None)
        if isinstance(extents, Tensor):
            self.log_dict({f"extent/{i}": float(e) for i, e in enumerate(extents.detach())})
        algebra = getattr(self.transform, "algebra", None)
        if self.reference is not None and isinstance(algebra, LieAlgebra) and algebra.dim:
            length_scale = getattr(self.transform, "length_scale", 1.0)
            angles = algebra.principal_angles(self.reference, length_scale=length_scale)
            self.log("angle/largest", angles[-1])

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW with a group for the symmetry; one cycle if the number of steps is known."""
        optimizer = build_optimizer(
            self.model,
            self.transform,
            lr=self.lr,
            basis_lr=self.basis_lr,
            weight_decay=self.weight_decay,
        )
        if self.max_steps is None:
            return optimizer
        schedule = one_cycle(optimizer, self.max_steps, self.warmup)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip by ``gradient_clip``; stop where the gradient is no longer finite.

        On the CPU at once, elsewhere at the end of the epoch. A gradient scaler (16-bit precision)
        skips such steps itself.

        Raises:
            FloatingPointError: If it is not.
        """
        bound = self.gradient_clip if gradient_clip_val is None else gradient_clip_val
        # An infinite bound leaves gradients as they are.
        finite = torch.isfinite(clip_gradients(optimizer, math.inf if bound is None else bound))
        if getattr(self.trainer.precision_plugin, "scaler", None) is not None:
            return
        if finite.device.type == "cpu":
            self._check_finite(finite)
        else:
            # Asking a GPU for the value would stall it in every step.
            self._finite = finite if self._finite is None else self._finite & finite

    def _check_finite(self, finite: Tensor) -> None:
        if not bool(finite):
            raise FloatingPointError(
                f"the gradient is not finite at step {self.global_step} or, on a GPU, before it in "
                "this epoch; lower lr or basis_lr, or the transform's max_extent"
            )
