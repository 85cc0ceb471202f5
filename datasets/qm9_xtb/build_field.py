"""Build ``qm9_xtb_field.npz``: dipoles of the molecules of qm9_xtb in a uniform field along z.

    pip install 'semola_geo[build-data]'
    OMP_NUM_THREADS=1 python datasets/qm9_xtb/build_field.py             # file and SHA256SUMS
    OMP_NUM_THREADS=1 python datasets/qm9_xtb/build_field.py --check 40  # recomputes 40 molecules

Reads the geometries of ``qm9_xtb.npz``. Every molecule has one orientation, drawn uniformly with a
seed and stored: in a field, labels belong to an orientation.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads a molecule are slower than one

import argparse
import importlib.metadata
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import archives
import command
import numpy as np
import torch
from numpy.typing import NDArray

from semola_geo.datasets._orientation import quaternion_rotations

FIELDS = (0.005, 0.01, 0.02, 0.04)  # Eh / (e a0)
SOURCE, FILE_NAME = "qm9_xtb.npz", "qm9_xtb_field.npz"
TOLERANCE = 1e-4  # e·Å: largest |rebuilt − shipped| that --check accepts

Array = NDArray[np.float64]


def label(numbers: NDArray[Any], pos: NDArray[Any], quaternion: NDArray[Any]) -> Array:
    """Dipoles [fields, 3] (e·Å) of a molecule turned by a quaternion about its centroid."""
    from xtb_labels import dipoles_in_fields

    centred = pos.astype(np.float64) - pos.astype(np.float64).mean(0)
    (rotation,) = quaternion_rotations(torch.from_numpy(quaternion)[None].double()).numpy()
    return dipoles_in_fields(numbers, centred @ rotation.T, FIELDS)


def label_all(
    shipped: dict[str, Any], quaternions: NDArray[Any], rows: NDArray[Any], processes: int
) -> Array:
    """Label the molecules ``rows``, in their order: [rows, fields, 3]."""
    ends = [slice(*shipped["ptr"][row : row + 2]) for row in rows]
    numbers, pos = ([shipped[name][atoms] for atoms in ends] for name in ("z", "pos"))
    turns = [quaternions[row] for row in rows]
    if processes == 1:
        return np.stack([label(*molecule) for molecule in zip(numbers, pos, turns, strict=True)])
    with ProcessPoolExecutor(processes) as pool:
        return np.stack(list(pool.map(label, numbers, pos, turns, chunksize=20)))


def build(args: argparse.Namespace) -> None:
    """Label all molecules, write the archive and its checksum."""
    shipped = archives.load(args.out / SOURCE)
    count = len(shipped["idx"])
    # A normalised Gaussian quaternion is uniform on SO(3) (Shoemake, Graphics Gems III, 1992).
    drawn = np.random.default_rng(args.seed).normal(size=(count, 4))
    quaternions = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    dipoles = label_all(shipped, quaternions, np.arange(count), args.processes)
    failures = np.isnan(dipoles).any(2).sum(0).tolist()
    meta = {
        "seed": args.seed,
        "scf_failures": failures,  # per strength; NaN in the file
        "method": "GFN2-xTB",
        "tblite": importlib.metadata.version("tblite"),
    }
    arrays = {
        "idx": shipped["idx"],
        "field": np.array(FIELDS),
        "quaternion": quaternions,
        "dipole": dipoles.astype(np.float32),
        "meta": np.array(json.dumps(meta, sort_keys=True).encode()),
    }
    archives.save(args.out / FILE_NAME, arrays, count)
    print(f"SCF failures at {FIELDS} a.u.: {failures}")


def check(args: argparse.Namespace) -> bool:
    """Recompute ``args.check`` random molecules and compare them with the shipped file."""
    shipped, stored = (archives.load(args.out / name) for name in (SOURCE, FILE_NAME))
    count = len(stored["idx"])
    if not np.array_equal(shipped["idx"], stored["idx"]):
        raise SystemExit(f"{SOURCE} and {FILE_NAME} hold other molecules: rebuild the latter")
    picks = np.random.default_rng(args.check_seed).choice(
        count, size=min(args.check, count), replace=False
    )
    fresh = label_all(shipped, stored["quaternion"], picks, args.processes)
    if not np.array_equal(np.isnan(fresh), np.isnan(stored["dipole"][picks])):
        raise SystemExit("other SCFs converge than when the file was built")
    worst = float(np.nanmax(np.abs(fresh - stored["dipole"][picks])))
    verdict = "ok" if worst <= TOLERANCE else "DIFFERS"
    print(f"dipole in a field: worst {worst:.1e}  tolerance {TOLERANCE:.0e}  {verdict}")
    return worst <= TOLERANCE


def main(argv: list[str] | None = None) -> int:
    """Parse the command line; exit status 1 when --check finds a difference."""
    parser = command.parser("Build or check dipoles of qm9_xtb in a field.")
    return command.run(parser, argv, build, check)


if __name__ == "__main__":
    sys.exit(main())
