"""What all tests share: one thread, no leftovers of Hydra between tests, and files of ModelNet."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hydra.core.global_hydra import GlobalHydra

# Before any pool of threads starts: the tests run side by side, one thread each.
os.environ.setdefault("OMP_NUM_THREADS", "1")
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def fresh_hydra() -> Iterator[None]:
    """Forget the configuration of an earlier test."""
    GlobalHydra.instance().clear()
    yield
    GlobalHydra.instance().clear()


CATEGORIES = (
    *("bathtub", "bed", "chair", "desk", "dresser"),
    *("monitor", "night_stand", "sofa", "table", "toilet"),
)
SQUARES = ("4 0 1 3 2", "4 4 6 7 5", "4 0 4 5 1", "4 2 3 7 6", "4 0 2 6 4", "4 1 5 7 3")


def box(number: int) -> str:
    """A box of 1 × 2 × (3 + number), in squares, as an OFF file."""
    sides = (1.0, 2.0, 3.0 + number)
    corners = [" ".join(map(str, c)) for c in itertools.product(*((0.0, s) for s in sides))]
    return "\n".join(["OFF", "8 6 0", *corners, *SQUARES, ""])


@pytest.fixture(scope="session")
def model_net_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two training boxes and a test box of each category, as PyTorch Geometric's class has them."""
    folder = tmp_path_factory.mktemp("model_net")
    for number, category in enumerate(CATEGORIES):
        for part, count in (("train", 2), ("test", 1)):
            (folder / "raw" / category / part).mkdir(parents=True)
            for shape in range(count):
                path = folder / "raw" / category / part / f"{category}_{shape:04d}.off"
                path.write_text(box(number))
    return folder
