"""``Digits``: handwritten digits as weighted points in the plane."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets._choice import check_choice
from semola_geo.datasets._max_angle import check_max_angle
from semola_geo.datasets._targets import check_targets
from semola_geo.datasets.split import cut

__all__ = ["Digits"]

_ORIENTATIONS = ("upright", "random", "restricted")
_DEFAULT_ANGLE = 45.0
_CLASSES, _BRIGHTEST, _MIDDLE = 10, 16.0, 3.5


class Digits(InMemoryDataset):  # type: ignore[misc]
    """1,797 handwritten digits of 8 × 8 pixels, each pixel that is not empty a point.

    Every ``Data`` holds ``pos`` [n, 2] (pixels from the middle of the image, y upwards),
    ``intensity`` [n] in (0, 1], and ``digit`` [1, 10], ten scalars of which one is 1, the indicator
    of its class. ``label`` [1] (long) is the class, ``image`` [1] (long) the number of the image.

    Upright digits are all in one pose: rotations are not supported by the data, and a 6 that is
    turned over is a 9. In random poses classes other than these are invariant.

    Args:
        targets: ``"digit"``.
        split: ``"train"`` (75 %), ``"val"`` (10 %), ``"test"`` (15 %) of a random order, ``"all"``
            / None.
        orientation: ``"upright"``, or turned about the middle: ``"random"`` by any angle,
            ``"restricted"`` by at most ``max_angle`` to either side, uniformly.
        test_orientation: That of the test digits where it differs; None: the same.
        max_angle: Degrees in [0, 180], 45 if not given; with ``"restricted"`` only.
        poses: How many times every image occurs, each time turned by an angle of its own. Copies of
            one image are no independent samples: keep them together wherever graphs are split
            (``cluster="image"`` of :func:`semola_geo.discover_symmetry`).
        seed: Of the order and the poses.
        dtype: Of floating-point fields.
        transform: Applied at every access, as in PyTorch Geometric.

    Raises:
        ImportError: If scikit-learn, which ships the images, is not installed.
        ValueError: For an unknown target, split or orientation, an angle out of range, less than
            one pose, or several where all digits of the data are upright.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository (1998), as in ``sklearn.datasets.load_digits``.

    >>> data = Digits(split="val")
    >>> len(data), data.fields
    (179, {'pos': 'point', 'intensity': 'scalar', 'digit': 'scalar'})
    """

    UNITS: ClassVar[dict[str, str]] = {"pos": "pixel"}
    CATEGORICAL: ClassVar[tuple[str, ...]] = ("digit",)

    def __init__(
        self,
        targets: str | Sequence[str] = ("digit",),
        split: Literal["train", "val", "test", "all"] | None = None,
        *,
        orientation: Literal["upright", "random", "restricted"] = "upright",
        test_orientation: Literal["upright", "random", "restricted"] | None = None,
        max_angle: float | None = None,
        poses: int = 1,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_targets(targets, ["digit"])
        shifted = test_orientation or orientation
        check_choice("orientation", orientation, _ORIENTATIONS)
        check_choice("test_orientation", shifted, _ORIENTATIONS)
        angle = check_max_angle(max_angle, _DEFAULT_ANGLE, orientation, test_orientation)
        _check_poses(poses, orientation)
        widest = {"upright": 0.0, "restricted": angle, "random": 180.0}
        images, labels = _load()
        begin, end = cut(len(images), split)
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(images), generator=generator)
        # Drawn for all images in their own order, so that a digit has its poses in every split.
        share = 2 * torch.rand(poses, len(images), generator=generator, dtype=torch.float64) - 1
        limit = torch.full_like(share, math.radians(widest[orientation]))
        limit[:, order[cut(len(images), "test")[0] :]] = math.radians(widest[shifted])
        turn = (limit * share)[:, order[begin:end]].T.flatten()
        chosen = order[begin:end].repeat_interleave(poses)
        data, self.slices = _points(images[chosen], labels[chosen], turn, dtype)
        data.image, self.slices["image"] = chosen, self.slices["label"]
        self._data = data

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the floating-point fields."""
        return {"pos": "point", "intensity": "scalar", "digit": "scalar"}


def _check_poses(poses: int, orientation: str) -> None:
    if poses < 1:
        raise ValueError(f"poses must be at least 1, got {poses}")
    if poses > 1 and orientation == "upright":
        raise ValueError(
            f"poses={poses} would repeat upright digits unchanged; choose "
            "orientation='random' or 'restricted', or poses=1"
        )


def _load() -> tuple[Tensor, Tensor]:
    """Return images ``[N, 8, 8]`` in [0, 1] and labels ``[N]``."""
    try:
        source = importlib.import_module("sklearn.datasets").load_digits()
    except ImportError as error:
        raise ImportError(
            f"the digits come with scikit-learn ({error}); install it with "
            "pip install 'semola_geo[points]'"
        ) from None
    images = torch.from_numpy(np.asarray(source.images, np.float64)) / _BRIGHTEST
    return images, torch.from_numpy(np.asarray(source.target, np.int64))


def _points(
    images: Tensor, labels: Tensor, turn: Tensor, dtype: torch.dtype
) -> tuple[Data, dict[str, Tensor]]:
    owner, row, column = images.nonzero(as_tuple=True)
    x, y = column - _MIDDLE, _MIDDLE - row
    c, s = turn.cos()[owner], turn.sin()[owner]
    count = len(images)
    graph = torch.arange(count + 1)
    node = torch.cat([graph.new_zeros(1), torch.bincount(owner, minlength=count).cumsum(0)])
    data = Data(
        pos=torch.stack([c * x - s * y, s * x + c * y], dim=1).to(dtype),
        intensity=images[owner, row, column].to(dtype),
        digit=torch.nn.functional.one_hot(labels, _CLASSES).to(dtype),
        label=labels,
    )
    return data, {"pos": node, "intensity": node, "digit": graph, "label": graph}
