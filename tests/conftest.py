"""What all tests share: one thread, no leftovers of Hydra between tests, and small files."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

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


@pytest.fixture(scope="session")
def published() -> ModuleType:
    """Writers of small files in published formats, loaded by path: the tests are no package."""
    path = Path(__file__).with_name("published_files.py")
    spec = importlib.util.spec_from_file_location("published_files", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def model_net_root(tmp_path_factory: pytest.TempPathFactory, published: ModuleType) -> Path:
    """Two training boxes and a test box of each category, as PyTorch Geometric's class has them."""
    folder = tmp_path_factory.mktemp("model_net")
    published.write_model_net(folder)
    return folder
