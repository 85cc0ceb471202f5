from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from semola_geo.training.checkpoint import (
    AtomicCheckpointIO,
    check_fingerprint,
    load_checkpoint,
    newest_checkpoint,
)


def content(step: int) -> dict:
    return {"state_dict": {"w": torch.ones(3)}, "global_step": step}


def test_failed_write_keeps_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "last.ckpt"
    AtomicCheckpointIO().save_checkpoint(content(1), path)

    def disk_full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="no space"):
        AtomicCheckpointIO().save_checkpoint(content(2), path)
    assert load_checkpoint(path)["global_step"] == 1
    assert [p.name for p in path.parent.iterdir()] == ["last.ckpt"]


def test_newest_valid_checkpoint_is_found(tmp_path):
    assert newest_checkpoint(tmp_path / "missing") is None
    for name, step in [("last", 7), ("best", 5), ("old", 3)]:
        AtomicCheckpointIO().save_checkpoint(content(step), tmp_path / f"{name}.ckpt")
    assert newest_checkpoint(tmp_path)[0].name == "last.ckpt"
    whole = (tmp_path / "last.ckpt").read_bytes()
    for damaged in (b"", b"garbage", whole[: len(whole) // 2]):
        (tmp_path / "last.ckpt").write_bytes(damaged)
        assert newest_checkpoint(tmp_path)[0].name == "best.ckpt"
    torch.save({"something": "else"}, tmp_path / "last.ckpt")
    assert newest_checkpoint(tmp_path)[1]["global_step"] == 5


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "executed",))

    torch.save({**content(1), "evil": Evil()}, tmp_path / "last.ckpt")
    assert newest_checkpoint(tmp_path) is None
    assert not (tmp_path / "executed").exists()


def test_fingerprint_names_all_differences():
    key = "semola_geo_configuration"
    stored = {key: {"lr": 0.1, "seed": 0, "gone": 1}}
    check_fingerprint(stored, dict(stored[key]), Path("x.ckpt"))
    with pytest.raises(
        ValueError, match=r"x.ckpt .* lr was 0.1, now 0.2; gone was 1, now None; new was None"
    ):
        check_fingerprint(stored, {"lr": 0.2, "seed": 0, "new": 2}, Path("x.ckpt"))
    with pytest.raises(ValueError, match="has no configuration of semola_geo"):
        check_fingerprint({}, {}, Path("x.ckpt"))


def test_checkpoints_that_are_older_than_classes_are_of_squared_errors():
    stored = {"semola_geo_configuration": {"lr": 0.1}}
    numbers = {"lr": 0.1, "categorical": False, "loss": "squared error"}
    check_fingerprint(stored, numbers, Path("x.ckpt"))
    # Between the two, classes were trained by squared errors as well.
    between = {"semola_geo_configuration": {"lr": 0.1, "categorical": False}}
    check_fingerprint(between, numbers, Path("x.ckpt"))
    classes = {"lr": 0.1, "categorical": True, "loss": "cross-entropy"}
    between["semola_geo_configuration"]["categorical"] = True
    with pytest.raises(ValueError, match="other options: loss was 'squared error', now 'cross-e"):
        check_fingerprint(between, classes, Path("x.ckpt"))


def test_checkpoints_that_are_older_than_a_checksum_are_not_compared_by_it():
    now = {"lr": 0.1, "early_stopping": 5, "input_checksum": {"pos": 1}}
    check_fingerprint({"semola_geo_configuration": {"lr": 0.1}}, now, Path("x.ckpt"))
    other = {"semola_geo_configuration": {**now, "input_checksum": {"pos": 1, "z": 2}}}
    with pytest.raises(ValueError, match=r"other options: input_checksum\.z was 2, now None"):
        check_fingerprint(other, now, Path("x.ckpt"))
