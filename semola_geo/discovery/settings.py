"""How much work a discovery does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn
from torch_geometric.data import Data

from semola_geo.discovery.declaration import OUTPUTS
from semola_geo.discovery.teachers import TeacherSettings
from semola_geo.models import SlotMLP

__all__ = ["DiscoverySettings", "teacher_settings"]

_COUNTS = ("splits", "spectrum_graphs", "attempts", "elements", "starts", "search_steps")


@dataclass(frozen=True)
class DiscoverySettings:
    """Options of :func:`semola_geo.discover_symmetry`; ``None``: chosen by the network.

    Attributes:
        output: ``"known"``: the target transforms as declared; ``"unknown"``: how it transforms is
            found together with the symmetries (continuous groups, at most 16 components).
        splits: Random splits into halves, each with its pair of teachers; at least two for
            intervals that rest on a measured spread.
        steps: Training steps of each teacher.
        refine: Whether to refine the candidate jointly and collect predictive evidence.
        refine_steps: Steps of the joint refinement, and of the plain model it is compared with.
        weight_decay: Decoupled weight decay of all networks; ``None``: chosen by the network.
        holdout: Share of graphs that only judge.
        cluster: Name of an integer attribute of every graph; graphs where it is the same (frames of
            one trajectory, conformers of one molecule, poses of one image) are no independent
            samples, and never on both sides of a split; ``None``: all graphs are independent.
        spectrum_graphs: Most graphs at which teachers are differentiated.
        attempts: Candidates to refine before giving up.
        batch_size: Graphs a step.
        elements: Elements of O(3) among which finite symmetries are looked for, where the ambient
            group is O(3) and nothing continuous was found; about one every 17° by default.
        starts: Random starts of each search for a permutation (``ambient="S(n)"``).
        search_steps: Gradient steps of each start.
        single_model: Whether to report what the same teachers say one by one (LieGG, LieSD); see
            :mod:`semola_geo.discovery.single_model`.
        progress: Show progress bars.

    Raises:
        ValueError: If an option is out of range.
    """

    output: str = "known"
    splits: int = 2
    steps: int | None = None
    refine: bool = True
    refine_steps: int | None = None
    weight_decay: float | None = None
    holdout: float = 0.2
    cluster: str | None = None
    spectrum_graphs: int = 1000
    attempts: int = 2
    batch_size: int | None = None
    elements: int = 4000
    starts: int = 4
    search_steps: int = 40
    single_model: bool = False
    progress: bool = True

    def __post_init__(self) -> None:
        if self.output not in OUTPUTS:
            allowed = ", ".join(map(repr, OUTPUTS))
            raise ValueError(f"output must be one of {allowed}, got {self.output!r}")
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0.0 < self.holdout < 0.9:
            raise ValueError(f"holdout must lie in (0, 0.9), got {self.holdout}")
        if self.weight_decay is not None and not self.weight_decay >= 0.0:
            raise ValueError(f"weight_decay must not be negative, got {self.weight_decay}")
        for name in ("steps", "refine_steps", "batch_size"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1 or None, got {value}")


def teacher_settings(
    network: nn.Module,
    graphs: Sequence[Data],
    settings: DiscoverySettings,
    refine: bool = False,
    patience: int = 1,
) -> TeacherSettings:
    """Return how to train a network of this kind on these graphs.

    Args:
        network: The network.
        graphs: Training graphs.
        settings: Options; those that are ``None`` are chosen here.
        refine: For the joint refinement rather than for a teacher.
        patience: Factor on the number of steps that is chosen here.
    """
    slotted = isinstance(network, SlotMLP)
    default = (2000 if slotted else 600) * patience
    if refine:
        steps = settings.refine_steps or (default if slotted else 2 * default)
    else:
        steps = settings.steps or default
    size = settings.batch_size or (128 if slotted else 64)
    decay = 1e-1 if slotted else 1e-2
    return TeacherSettings(
        steps=steps,
        batch_size=max(1, min(size, len(graphs) // 2)),
        # This and the decay were chosen by R² on the generated tasks.
        lr=1e-2 if slotted else 5e-3,
        weight_decay=decay if settings.weight_decay is None else settings.weight_decay,
        progress=settings.progress,
    )
