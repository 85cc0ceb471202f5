"""Two processes at batch size b train what one process trains at 2b."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
import torch


def train_in_two_processes(program: str, output: str, *options: str) -> list[dict]:
    """Run Lightning's ddp strategy (gloo, two CPU processes); return the state of both ranks."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, program, output, "devices=2", "strategy=ddp", *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [torch.load(f"{output}.{rank}") for rank in (0, 1)]


# Networks that keep running statistics, too: these are of the rows of both processes.
@pytest.mark.parametrize(
    ("network", "mixed"), [("cloud", False), ("cloud", True), ("units", False), ("slots", False)]
)
def test_two_processes_equal_one_at_twice_the_batch(toy, tmp_path, network, mixed):
    # Node-level targets of ragged graphs: the shares of the two processes have unequal numbers of
    # rows, so that a mean of the processes' means would not be the mean.
    options = ["level=node", "batch_size=4", "dropout=0", "steps=12", f"mixed={int(mixed)}"]
    options.append(f"network={network}")
    ranks = train_in_two_processes(toy.__file__, str(tmp_path / "ddp"), *options)
    module, result = toy.train(
        steps=12, batch_size=8, dropout=0.0, level="node", mixed=mixed, network=network
    )
    assert ranks[0]["steps"] == ranks[1]["steps"] == result.steps
    for name, tensor in module.state_dict().items():
        assert torch.equal(ranks[0]["state"][name], ranks[1]["state"][name]), name
        assert torch.allclose(ranks[0]["state"][name], tensor, atol=1e-5), name
    for name, value in result.metrics.items():
        assert ranks[0]["metrics"][name] == pytest.approx(value, abs=1e-5), name
