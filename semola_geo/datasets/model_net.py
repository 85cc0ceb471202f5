"""``ModelNet``: point clouds of furniture and other objects, by category."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import torch
import torch_geometric.datasets
from torch import Tensor
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets._choice import check_choice
from semola_geo.datasets._max_angle import check_max_angle
from semola_geo.datasets._model_net_folder import check_folder, list_categories
from semola_geo.datasets._orientation import haar_rotations, restricted_rotations
from semola_geo.datasets._pose import DEFAULT_MAX_ANGLE
from semola_geo.datasets._pyg import from_pyg
from semola_geo.datasets._surface import sample_surface
from semola_geo.datasets._targets import check_targets
from semola_geo.datasets.split import PUBLISHED, published_rows

__all__ = ["ModelNet"]

_VALIDATION = 0.1
_ORIENTATIONS = ("aligned", "vertical", "restricted", "random")


class ModelNet(InMemoryDataset):  # type: ignore[misc]
    """ModelNet10 or ModelNet40 through PyTorch Geometric's class, as points on surfaces.

    Every ``Data`` holds ``pos`` [points, 3], centred and scaled into the unit sphere, ``normal``
    [points, 3], unit normals of the faces, ``category`` [1, 10 or 40], scalars of which one is 1,
    the indicator of its class, and ``label`` [1] (long), the class. A normal is declared a
    covector, the gradient of a function that is constant on the surface; which of both sides it
    points to follows the order of corners in the file, where meshes are not consistent.

    Aligned shapes stand in one pose, z upwards: rotations are not supported by such data.

    Args:
        root: Folder of PyTorch Geometric's class.
        split: ``"train"`` (nine tenths of the published training shapes), ``"val"`` (the others) or
            ``"test"`` (the published test shapes).
        name: ``"10"`` or ``"40"``.
        targets: ``"category"``.
        points: Number of points per shape, drawn uniformly from the surface.
        download: Let PyTorch Geometric fetch missing files from the network.
        orientation: ``"aligned"``, ``"vertical"`` (turned about z), ``"restricted"`` (turned by at
            most ``max_angle`` about any axis) or ``"random"`` (uniform on SO(3)).
        test_orientation: That of the test shapes where it differs; None: the same.
        max_angle: Degrees in [0, 180], 30 if not given; with ``"restricted"`` only.
        limit: Keep the first ``limit`` shapes of the split in a random order.
        seed: Of the validation part, the points and the poses. Points repeat for one processed
            folder: PyTorch Geometric reads files in the order that the file system lists them.
        dtype: Of floating-point fields.
        transform: Applied at every access, as in PyTorch Geometric.

    Attributes:
        categories: Names of the classes.

    Raises:
        ValueError: For an option out of range, or a folder or file that is malformed, such as a
            mesh without area; names file, line and field.
        FileNotFoundError: If files are missing.

    Source: Wu et al., 3D ShapeNets: A Deep Representation for Volumetric Shapes (arXiv 1406.5670).

    >>> ModelNet("nowhere", name="20")
    Traceback (most recent call last):
    ValueError: name='20' is unknown; choose '10' or '40'
    """

    UNITS: ClassVar[dict[str, str]] = {"pos": "radius"}
    CATEGORICAL: ClassVar[tuple[str, ...]] = ("category",)

    def __init__(
        self,
        root: str | Path,
        split: Literal["train", "val", "test"] = "train",
        *,
        name: str = "10",
        targets: str | Sequence[str] = ("category",),
        points: int = 1024,
        download: bool = False,
        orientation: Literal["aligned", "vertical", "restricted", "random"] = "aligned",
        test_orientation: Literal["aligned", "vertical", "restricted", "random"] | None = None,
        max_angle: float | None = None,
        limit: int | None = None,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_targets(targets, ["category"])
        check_choice("split", split, PUBLISHED)
        if str(name) not in ("10", "40"):
            raise ValueError(f"name={name!r} is unknown; choose '10' or '40'")
        shifted = test_orientation or orientation
        check_choice("orientation", orientation, _ORIENTATIONS)
        check_choice("test_orientation", shifted, _ORIENTATIONS)
        widest = check_max_angle(max_angle, DEFAULT_MAX_ANGLE, orientation, test_orientation)
        for option, number in (("points", points), ("limit", limit)):
            if number is not None and number < 1:
                raise ValueError(f"{option} must be at least 1, got {number}")
        train = split != "test"
        cls = torch_geometric.datasets.ModelNet
        source = from_pyg(cls, root, download, name=str(name), train=train, check=_check)
        self.categories = list_categories(source.raw_dir)
        rows = published_rows(len(source), split, _VALIDATION, seed)
        order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
        pose = (orientation if train else shifted, widest)
        # A generator per shape, so that it keeps its points and its pose whatever else is read.
        graphs = [
            _cloud(source[row], points, pose, _generator(seed, row, train), self.categories, dtype)
            for row in rows[order][:limit].tolist()
        ]
        self._data, self.slices = self.collate(graphs)

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the floating-point fields."""
        return {"pos": "point", "normal": "covector", "category": "scalar"}


def _check(source: Any) -> None:
    check_folder(source.raw_dir, source.name)


def _generator(seed: int, row: int, train: bool) -> torch.Generator:
    return torch.Generator().manual_seed((1_000_003 * seed + row) * 2 + train)


def _cloud(
    mesh: Data,
    points: int,
    pose: tuple[str, float],
    generator: torch.Generator,
    categories: Sequence[str],
    dtype: torch.dtype,
) -> Data:
    label = mesh.y.flatten().long()
    try:
        pos, normal = sample_surface(mesh.pos, mesh.face, points, generator)
    except ValueError as error:
        raise ValueError(f"a shape of category {categories[int(label)]!r}: {error}") from None
    pos = pos - pos.mean(0)
    # A single point is its own centre, and stays there.
    pos = pos / pos.norm(dim=1).max().clamp_min(torch.finfo(pos.dtype).tiny)
    turn = _rotation(*pose, generator)
    return Data(
        pos=(pos @ turn.T).to(dtype),
        normal=(normal @ turn.T).to(dtype),  # A⁻ᵀ = A for a rotation.
        category=torch.nn.functional.one_hot(label, len(categories)).to(dtype),
        label=label,
    )


def _rotation(pose: str, max_angle: float, generator: torch.Generator) -> Tensor:
    if pose == "random":
        return haar_rotations(1, generator)[0]
    if pose == "restricted":
        return restricted_rotations(1, max_angle, generator)[0]
    turn = torch.eye(3, dtype=torch.float64)
    if pose == "vertical":
        angle = 2 * math.pi * torch.rand((), generator=generator, dtype=torch.float64)
        c, s = angle.cos(), angle.sin()
        turn[:2, :2] = torch.stack([torch.stack([c, -s]), torch.stack([s, c])])
    return turn
