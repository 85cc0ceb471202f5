"""Build ``md_xtb.npz``: ethanol and malonaldehyde in motion at 500 K, on the GFN2-xTB surface.

    pip install 'semola_geo[build-data]'
    OMP_NUM_THREADS=1 python datasets/md_xtb/build.py               # writes file and SHA256SUMS
    OMP_NUM_THREADS=1 python datasets/md_xtb/build.py --seconds 300 # a slice; run it again to go on
    OMP_NUM_THREADS=1 python datasets/md_xtb/build.py --check 20    # recomputes 20 frames of each

Nothing is lost when it is stopped: the same command takes up the trajectories where they are.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads a molecule are slower than one

import argparse
import hashlib
import importlib.metadata
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE_NAME = "md_xtb.npz"
BLOCK = 100  # frames that go to the same split
VAL_BLOCKS, TEST_BLOCKS = (5, 14), (2, 9, 17)
GUARD = 10  # frames at either end of these blocks that no split serves
TRAIN, VAL, TEST, NOBODY = range(4)
SAVED_EVERY = 50  # frames
DRIFT = 2.0  # ps without thermostat, to show what the time step does

#: largest |recomputed − shipped| that --check accepts, in the shipped units
TOLERANCES = {"energy": 1e-4, "forces": 1e-3, "dipole": 1e-4}  # eV, eV/Å, e·Å


def split_of_frames(frames: int) -> NDArray[np.int8]:
    """Assign blocks in time to splits; near their ends, frames belong to nobody.

    Test frames thus lie at least ``GUARD`` frames from the next training frame.
    """
    split = np.full(frames, TRAIN, dtype=np.int8)
    for code, blocks in ((VAL, VAL_BLOCKS), (TEST, TEST_BLOCKS)):
        for block in blocks:
            split[block * BLOCK : (block + 1) * BLOCK] = NOBODY
            split[block * BLOCK + GUARD : (block + 1) * BLOCK - GUARD] = code
    return split


def simulate(name: str, args: argparse.Namespace, deadline: float) -> Any:
    """Take up or start a trajectory; return it when it is complete, else None."""
    from md_trajectory import MOLECULES, Protocol, Trajectory

    protocol = Protocol(frames=args.frames)
    partial = args.out / f"md_xtb.{name}.partial.npz"
    trajectory = Trajectory(MOLECULES[name], protocol, args.seed, partial)
    for count in trajectory.frames():
        stopped = time.monotonic() > deadline
        if stopped or count % SAVED_EVERY == 0:
            trajectory.save()
        if stopped:
            break
    done = len(trajectory.pos) >= trajectory.length
    if done:
        trajectory.save()
    print(f"{name}: {len(trajectory.pos)} of {trajectory.length} frames", flush=True)
    return trajectory if done else None


def label(name: str, trajectory: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Label the frames of a trajectory, and describe it."""
    from md_labels import label_frame
    from md_trajectory import MOLECULES, energy_drift

    protocol = trajectory.protocol
    numbers = trajectory.atoms.get_atomic_numbers()
    # Labels belong to the coordinates as shipped, so these are rounded first.
    pos = np.array(trajectory.pos[protocol.burn_in :]).astype(np.float32)
    labels = [label_frame(numbers, frame.astype(np.float64)) for frame in pos]
    slope, spread = energy_drift(trajectory.atoms, protocol.step, DRIFT)
    temperature = np.array(trajectory.temperature[protocol.burn_in :])
    described = {
        "smiles": MOLECULES[name].smiles,
        "mean_temperature": float(temperature.mean()),
        "temperature_sd": float(temperature.std()),
        "nve_slope_mev_per_ps_atom": slope,
        "nve_spread_mev_per_atom": spread,
    }
    arrays = {
        f"{name}_z": numbers.astype(np.uint8),
        f"{name}_pos": pos,
        f"{name}_energy": np.array([float(entry["energy"]) for entry in labels]),
    }
    for field in ("forces", "dipole"):
        stacked = np.stack([entry[field] for entry in labels])
        arrays[f"{name}_{field}"] = stacked.astype(np.float32)
    return arrays, described


def build(args: argparse.Namespace) -> int:
    """Simulate, label, write the archive and its checksum; exit status 2: to be continued."""
    from md_trajectory import MOLECULES, Protocol

    args.out.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + args.seconds
    trajectories = {name: simulate(name, args, deadline) for name in MOLECULES}
    if None in trajectories.values():
        print("stopped in time; run the same command again to go on")
        return 2
    arrays: dict[str, Any] = {"split": split_of_frames(args.frames)}
    described = {}
    for name, trajectory in trajectories.items():
        columns, described[name] = label(name, trajectory)
        arrays |= columns
        print(name, json.dumps(described[name]))
    meta = {
        "seed": args.seed,
        "method": "GFN2-xTB",
        "protocol": asdict(Protocol(frames=args.frames)),
        "molecules": described,
        "versions": {name: importlib.metadata.version(name) for name in ("tblite", "ase", "rdkit")},
    }
    arrays["meta"] = np.array(json.dumps(meta, sort_keys=True).encode())
    path = args.out / FILE_NAME
    np.savez_compressed(path, **arrays)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (args.out / "SHA256SUMS").write_text(f"{digest}  {FILE_NAME}\n")
    print(f"{path}: {path.stat().st_size / 2**20:.2f} MiB, sha256 {digest}")
    for trajectory in trajectories.values():
        trajectory.partial.unlink()
    return 0


def check(args: argparse.Namespace) -> bool:
    """Recompute the labels of random frames and compare them with the shipped ones."""
    from md_labels import label_frame
    from md_trajectory import MOLECULES

    with np.load(args.out / FILE_NAME) as archive:
        shipped = {name: archive[name] for name in archive.files}
    frames = len(shipped["split"])
    good = np.array_equal(shipped["split"], split_of_frames(frames))
    if not good:
        print("split: DIFFERS from the blocks of this builder")
    rng = np.random.default_rng(args.check_seed)
    for name in MOLECULES:
        worst = dict.fromkeys(TOLERANCES, 0.0)
        for frame in rng.choice(frames, size=min(args.check, frames), replace=False):
            pos = shipped[f"{name}_pos"][frame].astype(np.float64)
            for field, value in label_frame(shipped[f"{name}_z"], pos).items():
                error = np.abs(value - shipped[f"{name}_{field}"][frame]).max()
                worst[field] = max(worst[field], float(error))
        for field, tolerance in TOLERANCES.items():
            fine = worst[field] <= tolerance
            good = good and fine
            verdict = "ok" if fine else "DIFFERS"
            print(
                f"{name:14s} {field:7s} worst {worst[field]:.1e}  "
                f"tolerance {tolerance:.0e}  {verdict}"
            )
    return good


def main(argv: list[str] | None = None) -> int:
    """Parse the command line; exit status 1 when --check finds a difference, 2 when stopped."""
    parser = argparse.ArgumentParser(description="Build or check the md_xtb data file.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--frames", type=int, default=2000, help="frames of each molecule")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this long")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--check", type=int, metavar="N", help="recompute N frames of each")
    parser.add_argument("--check-seed", type=int, default=0)
    args = parser.parse_args(argv)
    if args.check is None:
        return build(args)
    return 0 if check(args) else 1


if __name__ == "__main__":
    sys.exit(main())
