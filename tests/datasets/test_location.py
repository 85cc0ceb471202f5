from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from semola_geo.datasets import QM9XTB
from semola_geo.datasets._location import CHECKSUM_FILE, locate, verify


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    source = locate("qm9_xtb", "qm9_xtb.npz").parent
    for name in ("qm9_xtb.npz", CHECKSUM_FILE):
        shutil.copy(source / name, tmp_path / name)
    return tmp_path


def test_shipped_file_has_its_checksum() -> None:
    verify(locate("qm9_xtb", "qm9_xtb.npz"))


def test_root_points_elsewhere(copied: Path) -> None:
    assert len(QM9XTB(split="val", root=copied)) == 400
    assert len(QM9XTB(split="val", root=str(copied))) == 400


def test_one_changed_byte_is_noticed(copied: Path) -> None:
    path = copied / "qm9_xtb.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    expected = (copied / CHECKSUM_FILE).read_text().split()[0]
    with pytest.raises(
        ValueError, match=f"expected sha256 {expected}, found [0-9a-f]{{64}}"
    ) as info:
        QM9XTB(root=copied)
    assert str(path) in str(info.value)
    assert "build.py" in str(info.value)


def test_missing_file_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"datasets/qm9_xtb/build\.py") as info:
        QM9XTB(root=tmp_path)
    assert str(tmp_path) in str(info.value)


def test_default_search_names_both_places() -> None:
    with pytest.raises(FileNotFoundError) as info:
        locate("no_such_set", "x.npz")
    assert "_data" in str(info.value)
    assert str(Path("datasets") / "no_such_set") in str(info.value)


@pytest.mark.parametrize("sums", [None, "", "0" * 64 + "  other.npz\n"])
def test_file_without_a_checksum_is_refused(copied: Path, sums: str | None) -> None:
    (copied / CHECKSUM_FILE).unlink()
    if sums is not None:
        (copied / CHECKSUM_FILE).write_text(sums)
    with pytest.raises(FileNotFoundError, match=CHECKSUM_FILE):
        QM9XTB(root=copied)


def test_binary_marker_of_sha256sum_is_understood(copied: Path) -> None:
    sums = copied / CHECKSUM_FILE
    sums.write_text(sums.read_text().replace("  ", " *"))
    verify(copied / "qm9_xtb.npz")
