"""Targets in units in which their variance is one, without breaking their symmetry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.fields import num_graphs
from semola_geo.representations import Representation, parse_representation
from semola_geo.training.loss import Loss, SquaredError

__all__ = ["TargetNormalizer"]

# A spread this far below the magnitude of the values is rounding, not signal.
_RELATIVE_ZERO = 1e-6


class TargetNormalizer(nn.Module):
    r"""Affine change of units :math:`y \mapsto (y - b) / s` of a target.

    Only invariant shifts keep a strictly equivariant model equivariant. Hence scalars have a
    shift b: a least-squares reference per species (plus a constant) where the data carry species
    ``z``, as is customary for energies, the mean elsewhere. All other representations have b = 0
    and one scale per channel. The scale s is the standard deviation of what is left (scalars and
    points) or the root mean square per component (vectors, tensors, pseudoscalars). A target
    without variance has s = 1. Species that were not seen in :meth:`fit` have reference 0.
    What a model explains is told from :attr:`baseline`.

    Solved in float64; the buffers stay in float64 unless the module is cast.

    Args:
        representation: Representation of the target.
        level: ``"graph"`` or ``"node"``.
        name: Name of the target, for error messages.

    Raises:
        ValueError: If the level is another one.

    >>> batch = Data(pos=torch.zeros(4, 3), batch=torch.arange(4))
    >>> y = torch.tensor([1.0, 2.0, 3.0, 4.0])
    >>> normalizer = TargetNormalizer("scalar", "graph").fit(y, batch)
    >>> round(float(normalizer.scale), 3), float(normalizer.normalize(y, batch).sum())
    (1.118, 0.0)
    """

    scale: Tensor
    constant: Tensor
    species: Tensor
    mean: Tensor
    fitted: Tensor

    def __init__(
        self, representation: str | Representation, level: str = "graph", *, name: str = "target"
    ) -> None:
        super().__init__()
        if level not in ("graph", "node"):
            raise ValueError(f"level must be 'graph' or 'node', got {level!r}")
        self.representation = parse_representation(representation)
        self.level = level
        self.name = name
        self.register_buffer("scale", torch.ones((), dtype=torch.float64))
        self.register_buffer("constant", torch.zeros((), dtype=torch.float64))
        # Reference per species, [species, *channels]; no rows: not used.
        self.register_buffer("species", torch.zeros(0, dtype=torch.float64))
        # Of points only, [*channels, d]: no shift, but what knowing nothing predicts.
        self.register_buffer("mean", torch.zeros((), dtype=torch.float64))
        self.register_buffer("fitted", torch.tensor(False))

    @property
    def baseline(self) -> Tensor:
        """Best prediction without a look at the graph, in normalised units.

        The mean of the training targets: zero but for points, which lie about anywhere. Vectors and
        tensors are measured from zero, the only one that no group moves.
        """
        return self.mean / self.scale

    @property
    def loss(self) -> Loss:
        """How far predictions in these units are from targets: squared errors."""
        return SquaredError()

    @classmethod
    def for_field(cls, name: str, representation: str | Representation, batch: Data) -> Self:
        """Make a normalizer whose level is that of a field of the batch.

        Raises:
            ValueError: If the field has neither a row per graph nor one per node.
        """
        rows, graphs = batch[name].shape[0], num_graphs(batch)
        if rows not in (graphs, batch.num_nodes):
            raise ValueError(
                f"target {name!r} of shape {tuple(batch[name].shape)} has {rows} rows, but the "
                f"data have {graphs} graph(s) and {batch.num_nodes} nodes"
            )
        return cls(representation, "graph" if rows == graphs else "node", name=name)

    def fit(self, targets: Tensor, batch: Data) -> TargetNormalizer:
        """Learn shift and scale from training data.

        Args:
            targets: ``[rows, *channels, *trailing]`` in data units, rows = graphs or nodes.
            batch: The ``Batch`` they belong to (``z`` and ``batch`` are read).

        Raises:
            ValueError: For NaN or infinite targets, or a wrong number of rows.
        """
        self._check(targets)
        y = targets.detach().double()
        self.constant = y.new_zeros(())
        self.species = y.new_zeros(0)
        self.mean = y.new_zeros(())
        if self.representation.is_invariant:
            self._fit_shift(y, batch)
            residual = y - self._shift(batch, y)
        elif self.representation.name == "point":
            # A translation moves the mean: it measures the offset of the data, not their spread.
            self.mean = y.mean(dim=0)
            residual = y - self.mean
        else:
            residual = y
        axes = (0, *range(y.dim() - len(self.representation.shape(3)), y.dim()))
        spread = residual.square().mean(dim=axes, keepdim=True)[0].sqrt()
        magnitude = y.square().mean(dim=axes, keepdim=True)[0].sqrt()
        self.scale = torch.where(
            spread > _RELATIVE_ZERO * magnitude, spread, torch.ones_like(spread)
        )
        self.fitted.fill_(True)
        return self

    def _fit_shift(self, y: Tensor, batch: Data) -> None:
        self.constant = y.mean(dim=0)
        z = batch.get("z")
        if not isinstance(z, Tensor) or z.is_floating_point():
            return
        design = self._composition(batch, int(z.max()) + 1, len(y))
        # Centred in y: the minimum-norm solution then leaves to the species only what the mean
        # does not explain, as where all molecules have the same composition.
        flat = (y - self.constant).reshape(len(y), -1)
        design = torch.cat([design, design.new_ones(len(y), 1)], dim=1)
        solution = torch.linalg.lstsq(design.cpu(), flat.cpu(), driver="gelsd").solution.to(y)
        self.species = solution[:-1].reshape(-1, *y.shape[1:])
        self.constant = self.constant + solution[-1].reshape(y.shape[1:])

    def _composition(self, batch: Data, width: int, rows: int) -> Tensor:
        """Return how many atoms of each species every row has, ``[rows, width]``."""
        z: Tensor = batch.z.long().flatten()
        one_hot: Tensor = nn.functional.one_hot(z, width).double()
        if self.level == "node":
            return one_hot
        counts: Tensor = one_hot.new_zeros(rows, width)
        return counts.index_add(0, _graph_of_nodes(batch), one_hot)

    def _shift(self, batch: Data, y: Tensor) -> Tensor:
        """Return the shift of every row, in float64 (or what the buffers were cast to)."""
        if not len(self.species):
            return self.constant
        table = torch.cat([self.species, torch.zeros_like(self.species[:1])])
        z: Tensor = batch.z.long().flatten()
        per_node = table[z.clamp(max=len(self.species))]
        if self.level == "graph":
            rows: Tensor = per_node.new_zeros(len(y), *per_node.shape[1:])
            per_node = rows.index_add(0, _graph_of_nodes(batch), per_node)
        return self.constant + per_node

    def normalize(self, targets: Tensor, batch: Data) -> Tensor:
        """Change targets from data units to normalised units, in their own dtype."""
        # Subtract in the buffers' precision: total energies are thousands of times their spread.
        shifted = (targets - self._shift(batch, targets)) / self.scale
        return shifted.to(targets.dtype)

    def denormalize(self, predictions: Tensor, batch: Data) -> Tensor:
        """Change predictions from normalised units to data units, in their own dtype."""
        return (predictions * self.scale + self._shift(batch, predictions)).to(predictions.dtype)

    def transport(
        self, predictions: Tensor, act: Callable[[Tensor], Tensor], batch: Data, moved: Data
    ) -> Tensor:
        """Move predictions in normalised units: ρ(g)F(x).

        Args:
            predictions: F(x).
            act: Acts on values in data units.
            batch: x.
            moved: gx.
        """
        return self.normalize(act(self.denormalize(predictions, batch)), moved)

    def rescale(self, differences: Tensor) -> Tensor:
        """Change *differences* from normalised units to data units: no shift."""
        return (differences * self.scale).to(differences.dtype)

    def _check(self, targets: Tensor) -> None:
        if not bool(torch.isfinite(targets).all()):
            bad = int((~torch.isfinite(targets)).sum())
            raise ValueError(
                f"target {self.name!r} has {bad} NaN or infinite value(s) of {targets.numel()}; "
                "remove these graphs, or mark them with a boolean field 'labelled'"
            )

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *args: Any) -> None:
        # Checkpoints that are older than it have no mean.
        state.setdefault(prefix + "mean", self.mean)
        # The shapes of the buffers belong to the data: take them from the checkpoint.
        for name in ("scale", "constant", "species", "mean"):
            if prefix + name in state:
                setattr(self, name, torch.empty_like(state[prefix + name]))
        super()._load_from_state_dict(state, prefix, *args)

    def extra_repr(self) -> str:
        """Show what was declared."""
        return f"{self.name!r}, {str(self.representation)!r}, level={self.level!r}"


def _graph_of_nodes(batch: Data) -> Tensor:
    index = batch.get("batch")
    if isinstance(index, Tensor):
        return index
    return torch.zeros(batch.z.numel(), dtype=torch.long, device=batch.z.device)
