"""Processor time and memory of neighbour graphs on clouds of 1,000, 10,000 and 100,000 points.

Points are uniform in a cube, or crowded (normal, with widths that spread over three decades); the
radius holds 16 neighbours on average, k = 16. Each line is a process of its own, so that its peak
memory is its own: what it needs beyond the interpreter with torch loaded and the points made.

    python tests/benchmarks/bench_graphs.py
"""

from __future__ import annotations

import math
import resource
import subprocess
import sys
import time

SIZES = (1_000, 10_000, 100_000)
NEIGHBOURS = 16
# Linear memory: edges take 16 bytes each, chunks a constant.
MOST_MEMORY = 500.0


def memory() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(kind: str, shape: str, count: int) -> int:
    """Print one line; return 1 when too much memory was needed."""
    import torch

    from semola_geo.graphs import knn_graph, radius_graph

    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    if shape == "uniform":
        pos = torch.rand(count, 3, generator=generator)
    else:
        widths = 10.0 ** (-3 * torch.rand(count, 1, generator=generator))
        pos = torch.randn(count, 3, generator=generator) * widths
    radius = (NEIGHBOURS / count / (4 / 3 * math.pi)) ** (1 / 3)
    radius_graph(pos[:100], radius)
    before, start = memory(), time.process_time()
    edges = radius_graph(pos, radius) if kind == "radius" else knn_graph(pos, NEIGHBOURS)
    seconds, extra = time.process_time() - start, memory() - before
    print(f"{kind:8s}{shape:9s}{count:>9,}{edges.shape[1]:>12,}{seconds:9.2f} s{extra:8.0f} MB")
    return int(extra > MOST_MEMORY)


def main() -> int:
    """Measure everything; return 1 when a line needed too much memory."""
    print("graph   points      count       edges      time   memory")
    cases = [("radius", "uniform"), ("knn", "uniform"), ("knn", "crowded")]
    codes = [
        subprocess.run([sys.executable, __file__, kind, shape, str(count)], check=False).returncode
        for kind, shape in cases
        for count in SIZES
    ]
    return int(any(codes))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        sys.exit(measure(sys.argv[1], sys.argv[2], int(sys.argv[3])))
    sys.exit(main())
