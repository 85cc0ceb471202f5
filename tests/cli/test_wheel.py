"""The wheel holds what an installed package needs and a clone keeps at the top level."""

import zipfile
from pathlib import Path

import pytest

import semola_geo

ROOT = Path(semola_geo.__file__).resolve().parents[1]

hatchling = pytest.importorskip("hatchling.builders.wheel")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("not a source tree")
    folder = tmp_path_factory.mktemp("wheel")
    builder = hatchling.WheelBuilder(str(ROOT))
    (path,) = builder.build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_every_configuration_is_in_the_wheel(names: set[str]) -> None:
    configs = ROOT / "configs"
    for path in configs.rglob("*.yaml"):
        assert f"semola_geo/configs/{path.relative_to(configs).as_posix()}" in names


def test_the_embedded_data_are_in_the_wheel_with_their_checksum(names: set[str]) -> None:
    for data in ("qm9_xtb", "md_xtb"):
        for name in (f"{data}.npz", "SHA256SUMS"):
            assert f"semola_geo/datasets/_data/{data}/{name}" in names
    assert "semola_geo/datasets/_data/qm9_xtb/qm9_xtb_field.npz" in names


def test_types_are_declared_and_nothing_else_is_installed(names: set[str]) -> None:
    assert "semola_geo/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"semola_geo"}
