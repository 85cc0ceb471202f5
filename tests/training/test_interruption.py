"""A run that is killed and started again equals a run that was left alone, bit for bit."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping

from semola_geo.training.checkpoint import newest_checkpoint


class KillAtStep(Callback):
    """Die as from SIGKILL in the middle of an epoch."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


def in_child(function) -> int:
    """Run in a forked process (nothing has to be imported again) and return its exit code."""
    process = multiprocessing.get_context("fork").Process(target=function)
    process.start()
    process.join()
    return process.exitcode


def assert_same_state(actual: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert actual.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(actual[name], tensor), name


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_sigkill_and_resume_is_exact(toy, tmp_path, monkeypatch):
    expected, reference = toy.train(checkpoint_dir=tmp_path / "whole")
    folder = tmp_path / "killed"
    steps = sorted(random.Random(0).sample(range(7, 22), 2))
    for step in steps:
        code = in_child(lambda s=step: toy.train(checkpoint_dir=folder, callbacks=[KillAtStep(s)]))
        assert code == -signal.SIGKILL
        assert newest_checkpoint(folder)[1]["global_step"] == 5 * ((step - 1) // 5)

    # The third one dies while a checkpoint is being written.
    def die_before_rename() -> None:
        monkeypatch.setattr(os, "replace", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        toy.train(checkpoint_dir=folder, logger=None)

    before = newest_checkpoint(folder)[1]["global_step"]
    assert in_child(die_before_rename) == -signal.SIGKILL
    assert list(folder.glob(".*.tmp")), "the child should have died with a half-written file"
    assert newest_checkpoint(folder)[1]["global_step"] == before

    module, result = toy.train(checkpoint_dir=folder)
    assert result.resumed_from is not None
    assert result.steps == reference.steps == 24
    assert_same_state(module.state_dict(), expected.state_dict())
    assert torch.equal(module.transform.algebra.generators, expected.transform.algebra.generators)
    for row, reference_row in zip(result.history, reference.history, strict=True):
        del row["seconds"], reference_row["seconds"]
        assert row == reference_row
    assert result.best == reference.best
    best = [torch.load(r.best_checkpoint)["global_step"] for r in (result, reference)]
    assert best[0] == best[1]


def test_finished_run_is_not_trained_again(toy, tmp_path):
    module, first = toy.train(checkpoint_dir=tmp_path, steps=7)
    again, second = toy.train(checkpoint_dir=tmp_path, steps=7)
    assert first.steps == second.steps == 7
    assert second.metrics == first.metrics
    assert second.best_checkpoint == first.best_checkpoint
    assert_same_state(again.state_dict(), module.state_dict())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_early_stopping_survives_an_interruption(toy, tmp_path):
    class Worse(Callback):
        def on_validation_epoch_end(self, trainer, module):
            module.log("worse", float(trainer.global_step))

    def train(name: str, *callbacks: Callback):
        stop = EarlyStopping("worse", patience=2, check_on_train_epoch_end=False)
        extra = [Worse(), *callbacks]
        return toy.train(checkpoint_dir=tmp_path / name, early_stopping=stop, callbacks=extra)

    expected, reference = train("whole")
    assert in_child(lambda: train("killed", KillAtStep(12))) == -signal.SIGKILL
    for _ in range(2):  # the second call finds a run that is finished
        module, result = train("killed")
        assert result.steps == reference.steps == 15
        assert result.stopped_early
        assert_same_state(module.state_dict(), expected.state_dict())


@pytest.mark.slow
def test_five_kills_at_random_moments(toy, tmp_path):
    program = [sys.executable, toy.__file__]
    options = ["steps=400", "steps_per_epoch=7"]

    def start(name: str) -> subprocess.Popen:
        return subprocess.Popen(
            [*program, str(tmp_path / name), *options, f"checkpoint_dir={tmp_path / name}"],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    assert start("whole").wait() == 0
    generator = random.Random(os.getpid())
    kills = 0
    while kills < 5:
        process = start("killed")
        begin = newest_checkpoint(tmp_path / "killed")
        begin = -1 if begin is None else begin[1]["global_step"]
        while process.poll() is None:  # let it get somewhere, so that the run ends some day
            now = newest_checkpoint(tmp_path / "killed")
            if now is not None and now[1]["global_step"] > begin:
                break
            time.sleep(0.02)
        time.sleep(generator.uniform(0, 0.3))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        assert newest_checkpoint(tmp_path / "killed") is not None
    assert kills == 5, "the run ended before it could be killed five times"
    assert start("killed").wait() == 0
    whole, killed = (torch.load(Path(tmp_path / f"{name}.0")) for name in ("whole", "killed"))
    assert whole["steps"] == killed["steps"] == 400
    assert whole["metrics"] == killed["metrics"]
    assert_same_state(killed["state"], whole["state"])
