from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def toy() -> ModuleType:
    """The toy problem, loaded by path: the tests are no package."""
    path = Path(__file__).with_name("toy_problem.py")
    spec = importlib.util.spec_from_file_location("toy_problem", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
