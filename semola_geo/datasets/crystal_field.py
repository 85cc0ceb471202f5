"""``CrystalField``: points in the field of ligands that stand around the origin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.datasets._generated_task import GeneratedTask
from semola_geo.groups import PointGroup, random_rotations

__all__ = ["CrystalField"]

_WIDTH, _SPREAD = 0.45, 0.75
_REPULSION = 0.3
_SEEDS = 7_368_787  # Of orientations, apart from those of the graphs.


class CrystalField(GeneratedTask):
    r"""Energy of charges in the field of ligands in fixed places, in an orientation drawn once.

    Every graph holds ``num_points`` positions ``pos``, normal with standard deviation 0.75 about
    the origin; ligands stand about 1.1 from it. The energy is
    :math:`\sum_i \sum_a q_a \exp(-|x_i - c_a|^2 / 2 \cdot 0.45^2)`, and for more points than one
    :math:`\sum_{i<j} 0.3 / (0.3 + |x_i - x_j|^2)` besides, which every isometry leaves alone. Which
    rotations and reflections about the origin are symmetries depends on the ligands alone:

    - ``"octahedron"``: six alike: O_h, order 48.
    - ``"tetrahedron"``: four alike: T_d, order 24.
    - ``"square_pyramid"``: four alike and an apex: C_4v, order 8.
    - ``"twisted_prism"``: six alike, halfway between prism and antiprism, as in a
      tris-chelate: D_3, order 6.
    - ``"propeller"``: two unlike sets of three, twisted against each other: C_3, order 3.
    - ``"lopsided"``: three unlike ones at unlike angles: no symmetry.

    Args:
        targets: Names out of :attr:`TARGETS`.
        split: ``"train"``, ``"val"`` or ``"test"``.
        num_points: Points of every graph.
        size: Graphs of the training split; the others have an eighth of that.
        seed: Seed of the orientation and of the graphs.
        shuffle_targets: Hand every graph the targets of another one: data with no answer.
        transform: As for any PyG data set.

    Raises:
        ValueError: For an unknown target or split, fewer than 16 graphs, or no points.

    >>> field = CrystalField(["tetrahedron"], size=16)
    >>> field[0].pos.shape, field[0].tetrahedron.shape, field.group("tetrahedron").name
    (torch.Size([1, 3]), torch.Size([1]), 'T_d')
    """

    INPUTS: ClassVar[dict[str, str]] = {"pos": "point"}
    GROUPS: ClassVar[dict[str, str]] = {
        "octahedron": "O_h",
        "tetrahedron": "T_d",
        "square_pyramid": "C_4v",
        "twisted_prism": "D_3",
        "propeller": "C_3",
        "lopsided": "C_1",
    }
    TARGETS: ClassVar[dict[str, str]] = dict.fromkeys(GROUPS, "scalar")
    # Ligands of one kind each: a place out of the orbit, and their charge.
    _LIGANDS: ClassVar[dict[str, list[tuple[tuple[float, float, float], float]]]] = {
        "octahedron": [((0.0, 0.0, 1.1), 1.0)],
        "tetrahedron": [((0.64, 0.64, 0.64), 1.0)],
        "square_pyramid": [((1.1, 0.0, -0.25), 1.0), ((0.0, 0.0, 1.1), -1.0)],
        "twisted_prism": [((0.87, 0.23, 0.65), 1.0)],
        "propeller": [((0.95, 0.0, 0.55), 1.0), ((0.73, 0.61, -0.55), -1.0)],
        "lopsided": [
            ((1.1, 0.0, 0.0), 1.0),
            ((-0.5, 0.95, 0.0), 1.2),
            ((0.6, -0.25, 0.85), -1.0),
        ],
    }

    def __init__(
        self,
        targets: Sequence[str],
        split: str = "train",
        *,
        num_points: int = 1,
        size: int = 6000,
        seed: int = 0,
        shuffle_targets: bool = False,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        if num_points < 1:
            raise ValueError(f"num_points must be at least 1, got {num_points}")
        self.num_points = num_points
        generator = torch.Generator().manual_seed(_SEEDS + seed)
        self.orientation = random_rotations(1, 3, generator)[0]
        super().__init__(
            targets,
            split,
            size=size,
            seed=seed,
            shuffle_targets=shuffle_targets,
            transform=transform,
        )

    def group(self, target: str) -> PointGroup:
        """Return the exact symmetry group of a target, in the orientation of these data."""
        return PointGroup.from_name(self.GROUPS[target], self.orientation)

    def ligands(self, target: str) -> tuple[Tensor, Tensor]:
        """Return places ``[n, 3]`` and charges ``[n]`` of the ligands."""
        elements = self.group(target).elements
        places, charges = [], []
        for place, charge in self._LIGANDS[target]:
            seed = self.orientation @ torch.tensor(place, dtype=torch.float64)
            orbit: list[Tensor] = []
            for site in elements @ seed:
                if all(float((site - other).norm()) > 1e-6 for other in orbit):
                    orbit.append(site)
            places += orbit
            charges += [charge] * len(orbit)
        return torch.stack(places), torch.tensor(charges, dtype=torch.float64)

    def draw(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw the positions."""
        shape = (count, self.num_points, 3)
        return {"pos": _SPREAD * torch.randn(shape, generator=generator, dtype=torch.float64)}

    def label(self, target: str, inputs: dict[str, Tensor]) -> Tensor:
        """Return the energies, ``[count]``."""
        places, charges = self.ligands(target)
        pos = inputs["pos"]
        squared = (pos[:, :, None] - places).square().sum(-1)
        energy = (charges * torch.exp(-squared / (2 * _WIDTH**2))).sum((1, 2))
        one, two = torch.triu_indices(self.num_points, self.num_points, 1)
        apart = (pos[:, one] - pos[:, two]).square().sum(-1)
        return energy + (_REPULSION / (_REPULSION + apart)).sum(1)
