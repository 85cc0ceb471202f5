"""``MNISTSuperpixels``: handwritten digits as 75 patches of brightness."""

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
from semola_geo.datasets._pyg import from_pyg
from semola_geo.datasets._superpixels_file import check_superpixels
from semola_geo.datasets._targets import check_targets
from semola_geo.datasets.split import PUBLISHED, published_rows

__all__ = ["MNISTSuperpixels"]

_CLASSES, _MIDDLE = 10, 13.5
_VALIDATION = 1 / 12  # 5,000 of 60,000.
_ORIENTATIONS = ("upright", "random", "restricted")
_DEFAULT_ANGLE = 45.0


class MNISTSuperpixels(InMemoryDataset):  # type: ignore[misc]
    """70,000 digits of MNIST, each cut into 75 patches, through PyTorch Geometric's class.

    Every ``Data`` holds ``pos`` [75, 2] (pixels from the middle of the image, axes as in the file),
    ``intensity`` [75], ``digit`` [1, 10], ten scalars of which one is 1, the indicator of its
    class, ``label`` [1] (long), the class, and ``edge_index``, patches that touch.

    Args:
        root: Folder of PyTorch Geometric's class.
        split: ``"train"`` (55,000), ``"val"`` (5,000, drawn from the training file) or ``"test"``
            (10,000, the published ones).
        targets: ``"digit"``.
        download: Let PyTorch Geometric fetch missing files from the network.
        orientation: ``"upright"``, or turned about the middle: ``"random"`` by any angle,
            ``"restricted"`` by at most ``max_angle`` to either side, uniformly.
        test_orientation: That of the test digits where it differs; None: the same.
        max_angle: Degrees in [0, 180], 45 if not given; with ``"restricted"`` only.
        limit: Keep the first ``limit`` digits of the split (training digits are in random order).
        seed: Of the validation part and the poses.
        dtype: Of floating-point fields.
        transform: Applied at every access, as in PyTorch Geometric.

    Raises:
        ValueError: For an option out of range, or a malformed file; names record and field.
        FileNotFoundError: If files are missing.

    Source: Monti et al., Geometric Deep Learning on Graphs and Manifolds Using Mixture Model CNNs
    (arXiv 1611.08402).

    >>> MNISTSuperpixels("nowhere", "dev")
    Traceback (most recent call last):
    ValueError: split='dev' is unknown; choose one of train, val, test
    """

    UNITS: ClassVar[dict[str, str]] = {"pos": "pixel"}
    CATEGORICAL: ClassVar[tuple[str, ...]] = ("digit",)

    def __init__(
        self,
        root: str | Path,
        split: Literal["train", "val", "test"] = "train",
        *,
        targets: str | Sequence[str] = ("digit",),
        download: bool = False,
        orientation: Literal["upright", "random", "restricted"] = "upright",
        test_orientation: Literal["upright", "random", "restricted"] | None = None,
        max_angle: float | None = None,
        limit: int | None = None,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_targets(targets, ["digit"])
        shifted = test_orientation or orientation
        check_choice("split", split, PUBLISHED)
        check_choice("orientation", orientation, _ORIENTATIONS)
        check_choice("test_orientation", shifted, _ORIENTATIONS)
        widest = check_max_angle(max_angle, _DEFAULT_ANGLE, orientation, test_orientation)
        if limit is not None and limit < 1:
            raise ValueError(f"limit counts digits, at least 1, or None; got {limit!r}")
        train = split != "test"
        cls = torch_geometric.datasets.MNISTSuperpixels
        source = from_pyg(cls, root, download, train=train, check=_check)
        rows = published_rows(len(source), split, _VALIDATION, seed)[:limit]
        # Drawn for the whole file in its order, so that a digit keeps its pose.
        generator = torch.Generator().manual_seed(seed if train else seed + 1)
        share = torch.rand(len(source), generator=generator, dtype=torch.float64)
        angle = _angles(share, orientation if train else shifted, widest)
        graphs = [_digit(source[int(row)], angle[row], dtype) for row in rows]
        self._data, self.slices = self.collate(graphs)

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the floating-point fields."""
        return {"pos": "point", "intensity": "scalar", "digit": "scalar"}


def _angles(share: Tensor, orientation: str, widest: float) -> Tensor:
    """Return angles for numbers that are uniform in [0, 1)."""
    if orientation == "upright":
        return torch.zeros_like(share)
    if orientation == "random":
        return 2 * math.pi * share
    return math.radians(widest) * (2 * share - 1)


def _check(source: Any) -> None:
    check_superpixels(source.raw_paths[0])


def _digit(source: Data, angle: Tensor, dtype: torch.dtype) -> Data:
    c, s = angle.cos(), angle.sin()
    rotation = torch.stack([torch.stack([c, -s]), torch.stack([s, c])])
    label = source.y.flatten().long()
    return Data(
        pos=((source.pos.double() - _MIDDLE) @ rotation.T).to(dtype),
        intensity=source.x.flatten().to(dtype),
        digit=torch.nn.functional.one_hot(label, _CLASSES).to(dtype),
        label=label,
        edge_index=source.edge_index,
    )
