"""What all tests share: one thread, and no leftovers of Hydra between tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

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
