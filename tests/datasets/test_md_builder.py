"""The builder of md_xtb: resumed dynamics, and labels that can be recomputed."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from semola_geo.datasets import MDXTB
from semola_geo.datasets._location import locate


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("tblite.interface")
    pytest.importorskip("ase")
    folder = locate("md_xtb", "build.py").parent
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return folder


@pytest.fixture
def builder(folder: Path) -> ModuleType:
    spec = spec_from_file_location("md_xtb_build", folder / "build.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_stopped_trajectory_goes_on_bit_for_bit(folder: Path, tmp_path: Path) -> None:
    md = import_module("md_trajectory")
    protocol = md.Protocol(frames=3, burn_in=1, stride=5)
    ethanol = md.MOLECULES["ethanol"]
    whole = md.Trajectory(ethanol, protocol, 0, tmp_path / "whole.npz")
    assert list(whole.frames()) == [1, 2, 3, 4]
    stopped = md.Trajectory(ethanol, protocol, 0, tmp_path / "stopped.npz")
    for count in stopped.frames():
        if count == 2:
            stopped.save()
            break
    taken_up = md.Trajectory(ethanol, protocol, 0, tmp_path / "stopped.npz")
    assert list(taken_up.frames()) == [3, 4]
    assert np.array_equal(whole.pos, taken_up.pos)
    other = md.Trajectory(ethanol, protocol, 1, tmp_path / "other.npz")
    assert list(other.frames()) and not np.allclose(whole.pos, other.pos, atol=1e-3)


def test_shipped_labels_are_recomputed_and_changed_ones_found(
    folder: Path, builder: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert builder.main(["--check", "2"]) == 0
    with np.load(folder / "md_xtb.npz") as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["ethanol_dipole"] = arrays["ethanol_dipole"] + np.float32(0.01)
    np.savez(tmp_path / "md_xtb.npz", **arrays)
    assert builder.main(["--check", "2", "--out", str(tmp_path)]) == 1
    assert "DIFFERS" in capsys.readouterr().out


def test_a_small_build_is_stopped_and_finished(
    builder: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = import_module("md_trajectory").Protocol
    short = {"burn_in": 1, "stride": 2}
    monkeypatch.setattr("md_trajectory.Protocol", lambda frames: protocol(frames, **short))
    monkeypatch.setattr(builder, "DRIFT", 0.02)
    common = ["--frames", "40", "--out", str(tmp_path)]
    monkeypatch.setattr(builder, "VAL_BLOCKS", (1,))
    monkeypatch.setattr(builder, "TEST_BLOCKS", (3,))
    monkeypatch.setattr(builder, "BLOCK", 8)
    monkeypatch.setattr(builder, "GUARD", 1)
    assert builder.main([*common, "--seconds", "0"]) == 2
    assert not (tmp_path / "md_xtb.npz").exists()
    assert builder.main(common) == 0
    assert not list(tmp_path.glob("*.partial.npz"))
    sizes = [len(MDXTB("malonaldehyde", split=s, root=tmp_path)) for s in ("train", "val", "test")]
    assert sizes == [24, 6, 6]
    assert builder.main([*common, "--check", "2"]) == 0
