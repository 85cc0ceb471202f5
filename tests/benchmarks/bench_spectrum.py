"""What spectrum and verdict cost, given teachers: time beside their training, and memory.

Two pairs of default teachers learn a vector of the ground-truth suite; support, spectrum and
verdicts of all twelve directions of Aff(3) follow. Then the spectrum is taken on 1,000, 10,000 and
100,000 graphs that are made as they are asked for, each in a process of its own. The script exits
with an error when the first takes more than a tenth of the training, or the last more memory than
the first by a tenth.

    python tests/benchmarks/bench_spectrum.py
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import torch
from torch_geometric.data import Batch

from semola_geo import discover_symmetry, lie_derivative_spectrum
from semola_geo.comparison.metrics import peak_memory
from semola_geo.ground_truth import TASKS
from semola_geo.ground_truth.task import TARGET
from semola_geo.models.default import default_models

TASK = TASKS["se3_vector"]
TRAINED, BATCH = 2000, 500
COUNTS = (1_000, 10_000, 100_000)
LARGEST_SHARE, LARGEST_GROWTH = 0.1, 0.1
STAGES = ("support", "spectrum")


def share_of_training() -> float:
    """Discover once, and return the time of support and spectrum over that of the teachers."""
    report = discover_symmetry(
        TASK.data(TRAINED, 0.0, 0), TARGET, TASK.fields, TASK.ambient, refine=False, progress=False
    )
    laps = report.details["timing"]
    judging = sum(laps[stage] for stage in STAGES)
    share = float(judging / laps["teachers"])
    print(
        f"teachers {laps['teachers']:.1f} s, support and spectrum {judging:.2f} s: {share:.1%} "
        f"(at most {LARGEST_SHARE:.0%}); dimension {report.dimension} of {len(report.verdicts)}",
        flush=True,
    )
    return share


def stream(count: int) -> Iterator[Batch]:
    """Yield batches that nobody keeps."""
    for number in range(count // BATCH):
        yield Batch.from_data_list(TASK.data(BATCH, 0.0, number))


def measure(count: int) -> float:
    """Take the spectrum of an untrained pair on so many graphs; return the peak memory in MB."""
    torch.set_num_threads(1)
    few, fields = TASK.data(10, 0.0, 0), TASK.fields
    pair = [default_models(few, fields, TARGET, seed=seed)[0] for seed in (0, 1)]
    start = time.process_time()
    lie_derivative_spectrum(
        pair, stream(count), fields, TARGET, TASK.ambient, length_scale=1.0, center=torch.zeros(3)
    )
    seconds = time.process_time() - start
    peak = peak_memory()
    print(f"{count:>9,} graphs {seconds:8.1f} s {peak:8.0f} MB", flush=True)
    return peak


def main() -> int:
    """Measure both; return 1 when a bound is missed."""
    failed = share_of_training() > LARGEST_SHARE
    peaks = []
    for count in COUNTS:
        command = [sys.executable, __file__, str(count)]
        shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        print(shown, end="", flush=True)
        peaks.append(float(shown.split()[-2]))
    growth = peaks[-1] / peaks[0] - 1
    print(f"memory grows by {growth:.1%} (at most {LARGEST_GROWTH:.0%})")
    return int(failed or growth > LARGEST_GROWTH)


if __name__ == "__main__":
    if sys.argv[1:]:
        measure(int(sys.argv[1]))
    else:
        sys.exit(main())
