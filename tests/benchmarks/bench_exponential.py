"""Time `matrix_exponential` against ``torch.matrix_exp`` on one thread.

Both are timed alternately within one run, and the ratio of their fastest calls is what counts:
neighbours on a shared machine only ever add time. The last column is the ratio that is asked for;
the script exits with an error when a row misses it.

    python tests/benchmarks/bench_exponential.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor

from semola_geo.groups.exponential import matrix_exponential

# (dtype, matrices, size, least ratio asked for)
CASES = [
    (torch.float32, 64, 4, None),
    (torch.float32, 256, 3, 1.0),
    (torch.float32, 256, 4, 1.0),
    (torch.float32, 256, 5, None),
    (torch.float32, 4096, 3, 1.5),
    (torch.float32, 4096, 4, 1.5),
    (torch.float32, 4096, 5, None),
    (torch.float64, 256, 4, 1.0),
    (torch.float64, 4096, 4, 1.5),
]
REPEATS = 25


def sample(count: int, size: int, dtype: torch.dtype) -> Tensor:
    """Draw ``[count, size, size]`` with Frobenius norms uniform on [0.5, 5]."""
    generator = torch.Generator().manual_seed(0)
    matrices = torch.randn(count, size, size, generator=generator, dtype=dtype)
    norms = 0.5 + 4.5 * torch.rand(count, 1, 1, generator=generator, dtype=dtype)
    return matrices * norms / torch.linalg.matrix_norm(matrices, keepdim=True)


def seconds(function: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float, float]:
    """Return the fewest seconds of both, called alternately, and their ratio."""
    for _ in range(3):
        ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(REPEATS)]
    best_ours, best_theirs = (min(column) for column in zip(*pairs, strict=True))
    return best_ours, best_theirs, best_theirs / best_ours


def main() -> int:
    """Print the table; return the number of rows that miss their ratio."""
    torch.set_num_threads(1)
    print("matrix_exponential against torch.matrix_exp, one thread, norms 0.5 to 5")
    print(f"{'dtype':8} {'batch':>6} {'n':>2}  {'pass':17} {'ours ms':>8} {'torch ms':>9}", end="")
    print(f" {'ratio':>7} {'asked':>6}")
    missed = 0
    for dtype, count, size, asked in CASES:
        matrices = sample(count, size, dtype)
        leaf, cotangent = matrices.clone().requires_grad_(), torch.randn_like(matrices)

        def both(
            exp: Callable[[Tensor], Tensor], x: Tensor = leaf, g: Tensor = cotangent
        ) -> object:
            return torch.autograd.grad(exp(x), x, g)

        rows = {
            "forward": (
                compare(
                    lambda x=matrices: matrix_exponential(x), lambda x=matrices: torch.matrix_exp(x)
                ),
                None,
            ),
            "forward+backward": (
                compare(lambda f=both: f(matrix_exponential), lambda f=both: f(torch.matrix_exp)),
                asked,
            ),
        }
        for name, ((ours, theirs, ratio), least) in rows.items():
            verdict = "" if least is None else f"≥ {least:.1f}" + (" !" if ratio < least else "")
            missed += bool(least and ratio < least)
            print(f"{str(dtype)[6:]:8} {count:6} {size:2}  {name:17} {1e3 * ours:8.2f}", end="")
            print(f" {1e3 * theirs:9.2f} {ratio:6.2f}× {verdict:>6}")
    return missed


if __name__ == "__main__":
    sys.exit(main())
