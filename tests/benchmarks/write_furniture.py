"""Furniture in the format of ModelNet10, to try experiment=model_net where it cannot be fetched.

Ten kinds of objects are put together from boxes of random proportions and written as OFF files into
the folders that PyTorch Geometric's class reads. It stands in for the real data in measurements of
what runs and what is found, not of how accurate classifiers are.

    python tests/benchmarks/write_furniture.py FOLDER [TRAIN [TEST]]
    semola-discover experiment=model_net data.root=FOLDER data.orientation=random
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np

TRAIN, TEST = 60, 20  # Shapes of each kind
Box = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
Uniform = Callable[[float, float], float]
CORNERS = np.array(list(product((0, 1), repeat=3)))
SQUARES = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
)
FACES = np.concatenate([SQUARES[:, [0, 1, 2]], SQUARES[:, [0, 2, 3]]])


def legs(w: float, d: float, h: float, t: float) -> list[Box]:
    """Four legs under a plate of width w and depth d."""
    ends = [((0.0, t), (w - t, w)), ((0.0, t), (d - t, d))]
    return [(x, y, (0.0, h)) for x, y in product(*ends)]


def furniture(kind: str, u: Uniform) -> list[Box]:
    """Return the boxes (ranges of x, y, z) of one object; z points upwards, y to the back."""
    w, d, t = u(0.8, 1.6), u(0.6, 1.0), u(0.04, 0.1)
    if kind == "bathtub":
        h, w = u(0.4, 0.6), w + 0.5
        rim = [((0, w), (0, t), (0, h)), ((0, w), (d - t, d), (0, h))]
        return [
            ((0, w), (0, d), (0, t)),
            *rim,
            ((0, t), (0, d), (0, h)),
            ((w - t, w), (0, d), (0, h)),
        ]
    if kind == "bed":
        d = u(1.8, 2.2)
        return [((0, w), (0, d), (0.2, u(0.35, 0.6))), ((0, w), (d, d + t), (0, u(0.7, 1.2)))]
    if kind == "chair":
        w, h = u(0.4, 0.6), u(0.4, 0.5)
        seat: list[Box] = [((0, w), (0, w), (h, h + t)), ((0, w), (w - t, w), (h, h + u(0.4, 0.7)))]
        return seat + legs(w, w, h, t)
    if kind == "desk":
        h, side = u(0.65, 0.8), u(0.3, 0.4)
        return [
            ((0, w), (0, d), (h, h + t)),
            ((0, side), (0, d), (0, h)),
            ((w - t, w), (0, d), (0, h)),
        ]
    if kind == "dresser":
        return [((0, w), (0, u(0.4, 0.5)), (0, u(0.8, 1.2)))]
    if kind == "monitor":
        w, h = u(0.5, 0.8), u(0.3, 0.5)
        foot: list[Box] = [((0.3 * w, 0.7 * w), (-0.15, 0.15), (0, 0.02))]
        return [
            *foot,
            ((0.45 * w, 0.55 * w), (0, t), (0, 0.15)),
            ((0, w), (-t, 0), (0.12, 0.12 + h)),
        ]
    if kind == "night_stand":
        w, h = u(0.4, 0.5), u(0.45, 0.6)
        return [((0, w), (0, w), (h / 2, h)), *legs(w, w, h / 2, t)]
    if kind == "sofa":
        w, h = w + 0.6, u(0.35, 0.45)
        arms: list[Box] = [((x, x + 0.2), (0, d), (0, h + 0.2)) for x in (-0.2, w)]
        return [((0, w), (0, d), (0.1, h)), ((0, w), (d - 0.2, d), (h, h + u(0.3, 0.5))), *arms]
    if kind == "table":
        h = u(0.65, 0.8)
        return [((0, w), (0, d), (h, h + t)), *legs(w, d, h, t)]
    w = u(0.35, 0.4)  # A toilet: bowl and cistern
    return [((0, w), (0, 0.5), (0, u(0.38, 0.45))), ((0, w), (0.5, 0.68), (0.35, u(0.75, 0.9)))]


def off(boxes: list[Box]) -> str:
    """Return the text of an OFF file."""
    ranges = np.array(boxes, float)
    low, high = ranges[..., 0][:, None], ranges[..., 1][:, None]
    vertices = (low + CORNERS * (high - low)).reshape(-1, 3)
    faces = (FACES + len(CORNERS) * np.arange(len(boxes))[:, None, None]).reshape(-1, 3)
    lines = ["OFF", f"{len(vertices)} {len(faces)} 0"]
    lines += [" ".join(f"{x:.5f}" for x in row) for row in vertices]
    lines += ["3 " + " ".join(map(str, row)) for row in faces]
    return "\n".join(lines) + "\n"


def main(folder: Path, train: int = TRAIN, test: int = TEST) -> None:
    """Write all shapes."""
    generator = np.random.default_rng(0)
    kinds = ("bathtub", "bed", "chair", "desk", "dresser", "monitor")
    for kind in (*kinds, "night_stand", "sofa", "table", "toilet"):
        for part, count in (("train", train), ("test", test)):
            place = folder / "raw" / kind / part
            place.mkdir(parents=True, exist_ok=True)
            for number in range(count):
                text = off(furniture(kind, generator.uniform))
                (place / f"{kind}_{number:04d}.off").write_text(text)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
